//! Events in log files.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// Events of one log file that say the same of the same things.
///
/// How old an event is, is judged by [`super::Evidence::collected_at`]: who reads old logs sets that
/// to when they end.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Sighting {
    /// Code of the check whose `[[log]]` table matched.
    pub signature: String,
    /// The `text` of that table.
    pub pattern: String,
    /// Key of the cluster that wrote the log, where it is known.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cluster: Fact<String>,
    /// Name of that cluster, as the log tells it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cluster_name: Fact<String>,
    /// UUID of that cluster, as the log tells it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cluster_uuid: Fact<String>,
    /// Name of the node that wrote the log, as the log tells it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub node: Fact<String>,
    /// Alias of the remote that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub alias: Fact<String>,
    /// Address that the event names, such as `b.example.org:9443` or `b.example.org/10.0.2.21:9443`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub address: Fact<String>,
    /// Host that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub host: Fact<String>,
    /// Id of the API key that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub key: Fact<String>,
    /// User that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub user: Fact<String>,
    /// Subject of the certificate that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub subject: Fact<String>,
    /// Issuer of that certificate.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub issuer: Fact<String>,
    /// TLS context that the event names, such as `xpack.security.remote_cluster_client.ssl`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub context: Fact<String>,
    /// Index that the event names.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub index: Fact<String>,
    /// Time of the first of them. A plain log does not tell its time zone: then read as UTC.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(with = "Fact<String>")]
    pub first: Fact<Timestamp>,
    /// Time of the last of them.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(with = "Fact<String>")]
    pub last: Fact<Timestamp>,
    /// How many there are.
    pub count: u64,
    /// The file, as the reader named it, followed by the name within an archive.
    pub file: String,
    /// Line of the first of them, from 1.
    pub line: u64,
    /// Text of the first of them: its message and what the signature matched, without secrets, at
    /// most 600 characters.
    pub text: String,
}
