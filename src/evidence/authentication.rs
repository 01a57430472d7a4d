//! How a remote cluster server took the API key, asked over the wire as a node asks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attempt, Fact};

/// The answer to the remote cluster handshake with the given API key
/// (`cluster:internal/remote_cluster/handshake`).
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Authentication {
    /// The outcome.
    pub outcome: AuthenticationOutcome,
    /// The remote cluster's words, without anything of the key's secret; `null` where it accepted the
    /// key or said nothing.
    pub detail: Option<String>,
    /// Id of the key that was presented.
    pub key_id: String,
    /// Whether the peer's certificate was verified before the key was sent: by `--server-ca` or, where
    /// that was not given, by this machine's roots. Where `false`, nothing proves who received it.
    pub peer_verified: bool,
    /// What the remote cluster says of the key that it accepted.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub key: Fact<AcceptedKey>,
    /// Exact release of the node that answered, where it accepted the key.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub release: Fact<String>,
    /// Name of the remote cluster, where it accepted the key.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cluster_name: Fact<String>,
    /// Name of the node that answered, where it accepted the key.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub node_name: Fact<String>,
    /// The nodes that have a remote cluster server, and where: what a local cluster in sniff mode dials
    /// (`cluster:internal/remote_cluster/nodes`). Asked where the key was accepted.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub nodes: Fact<Vec<PublishedNode>>,
    /// Milliseconds from the question to the answer.
    pub took_ms: f64,
}

/// The kinds of answer to a key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationOutcome {
    /// The key is good, and everything below it: network, TLS, port, licence of the remote cluster.
    Accepted,
    /// The peer closed or reset the connection without an answer.
    Closed,
    /// The key has expired.
    Expired,
    /// The key is good and may not do this.
    Forbidden,
    /// The key was invalidated.
    Invalidated,
    /// The licence of the remote cluster does not permit it. It is looked at before the key.
    Licence,
    /// What arrived is no encoded key.
    Malformed,
    /// No credential arrived there.
    Missing,
    /// The key is bound to a certificate, with which this program cannot sign as a node does: whether a
    /// node's signature satisfies it is not known.
    NeedsIdentity,
    /// Any other error.
    Other,
    /// It refused the key, or could not look at it, and did not say why.
    Refused,
    /// API keys are switched off there.
    ServiceDisabled,
    /// Nothing came in time.
    TimedOut,
    /// Some node of the remote cluster is older than 8.10.
    TooOld,
    /// It is the transport port after all.
    TransportPort,
    /// The remote cluster was too busy, or its security index is not available.
    Unavailable,
    /// No key has that id.
    UnknownKey,
    /// The secret is not that of the key.
    WrongSecret,
    /// It is not a cross-cluster API key.
    WrongType,
}

/// A key as the remote cluster that accepted it describes it. Its expiration is not among that.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AcceptedKey {
    /// Its id.
    pub id: String,
    /// Its name; `null` where not told.
    pub name: Option<String>,
    /// Its type, such as `cross_cluster`; `null` where not told.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The user of the remote cluster that made it.
    pub owner: String,
    /// Index patterns that it may search; empty for none.
    pub search: Vec<String>,
    /// Index patterns that it may replicate; empty for none.
    pub replication: Vec<String>,
    /// Whether search is narrowed to some documents or fields.
    pub document_or_field_security: bool,
}

/// A node that has a remote cluster server.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PublishedNode {
    /// Its name.
    pub name: String,
    /// The `ip:port` that it publishes, IPv6 in brackets.
    pub address: String,
    /// Names of its roles.
    pub roles: Vec<String>,
    /// Its release.
    pub release: String,
}

/// Why a key that was given was not sent to an address that behaves like a remote cluster server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// The peer did not prove that it holds the private key of its certificate.
    KeyNotProven,
    /// What was given is no encoded key.
    NotEncoded,
    /// A second connection met another certificate, which nothing verifies.
    OtherCertificate,
    /// The certificate is not issued by a CA in `--server-ca`.
    UntrustedChain,
    /// There is no `--server-ca`, this machine's roots do not verify the certificate, and the address was
    /// not typed together with the key.
    Unverified,
    /// A CA in `--server-ca` issued the certificate, but for other names.
    WrongName,
}

/// The answer that counts for a link: that of the first of its addresses, in the order in which nodes use
/// them, that was asked with the link's key.
pub fn answer_to_key<'a>(
    attempts: impl IntoIterator<Item = &'a Attempt>,
    key_id: &str,
) -> Fact<Authentication> {
    let answers = attempts
        .into_iter()
        .filter_map(|it| it.authentication.known());
    let mut answers = answers.filter(|it| it.key_id == key_id);
    answers.next().cloned().into()
}
