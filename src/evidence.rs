//! The evidence document: what was observed, and no opinion about it.
//!
//! One rule runs through every type: a field that is *absent* from the document is *unknown* and has
//! a [`Gap`] that says why and how to close it; `null`, `[]` and `{}` mean *known to be none*. See
//! [`Fact`]. The document alone reproduces the report: `collected_at` is the judge's clock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod authentication;
mod certificate;
mod cluster;
mod credential;
mod deployment;
mod endpoint;
mod fact;
mod host;
mod kubernetes;
mod link;
mod name;
mod path;
mod pkix;
mod replication;
mod sighting;
mod trust;

pub use authentication::{
    AcceptedKey, Authentication, AuthenticationOutcome, PublishedNode, Withheld, answer_to_key,
};
pub use certificate::{Certificate, CertificateError, LoadedCertificate, name_from_der};
pub use cluster::{
    ApiAccess, ApiKey, Caller, Cluster, Contact, License, Node, Privileges, Reload,
    RemoteClusterServer, RemoteIndices, RemoteStats, Side,
};
pub use credential::{Credential, CredentialForm, RestAnswer};
pub use deployment::{
    Deployment, KeystoreEntry, ManagedRemote, NetworkPolicy, NetworkRule, Sibling, TrustKind,
    TrustedCertificate, TrustedEnvironment,
};
pub use endpoint::{
    Anchors, Attempt, Endpoint, EndpointSource, HttpAnswer, Idle, IdleOutcome, LargeRecord,
    Listener, ListenerKind, NameTrial, NodeTrust, Plaintext, PlaintextOutcome, PortKind,
    Resolution, ResolutionOutcome, Tcp, TcpOutcome, Tls, TlsOutcome, Transport, TransportOutcome,
    TrustOutcome,
};
pub use fact::Fact;
pub use host::names_host;
pub use kubernetes::{
    DeclaredRemote, ElasticsearchResource, IssuedKey, NodeSet, PodPolicy, PortRange, ResourceEvent,
    SecureSettings, Service, ServicePort, TrafficRule,
};
pub use link::{
    ErrorLevel, ErrorSource, IndexAnswer, Link, Mode, Model, NodeView, RemoteInfo, Resolve,
    SearchAnswer, Shards, Use,
};
pub use name::same_name;
pub use path::{owner, path};
pub use pkix::{Refusal, RefusalReason};
pub use replication::{AutoFollowError, AutoFollowPattern, Follower, Lag, LeaderIndex};
pub use sighting::Sighting;
pub use trust::derive_trust;
use trust::same_serial;

/// The value of [`Evidence::schema`] that this version writes; a reader accepts every `v1`.
pub const SCHEMA: &str = "crosscheck/evidence/v1";

/// Everything that one run observed.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Evidence {
    /// Always [`SCHEMA`] in this version.
    pub schema: String,
    /// The version of crosscheck that collected it.
    pub version: String,
    /// When collecting ended; the judge's clock ("now" in checks).
    #[schemars(with = "String")]
    pub collected_at: Timestamp,
    /// What the run was for.
    pub purpose: Purpose,
    /// Where the reader's local cluster runs, if the reader said so (`--environment`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub environment: Fact<Environment>,
    /// The machine that looked.
    pub vantage: Vantage,
    /// The clusters, by name; by `local` or `remote` where the name is not known, and with a suffix
    /// where two share one name.
    #[serde(default)]
    pub clusters: BTreeMap<String, Cluster>,
    /// The links, by alias; a link without an alias (`probe`) by its endpoint.
    #[serde(default)]
    pub links: BTreeMap<String, Link>,
    /// The endpoints, by `host:port`, followed by `#server_name` where one is sent that differs.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The files that it was read from; none for a run that asked and dialled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Events found in log files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// Every call that was made to a cluster's HTTP API, in the order of the answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// What could not be found out, why, and what would close it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// What a run was for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Files are read that another tool or another person collected.
    Analyze,
    /// A link exists and is looked at.
    Diagnose,
    /// A link is planned; that its alias is not configured yet is no fault.
    Preflight,
    /// One endpoint, without its clusters.
    Probe,
}

/// Where a cluster runs, as far as fixes differ by it.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Elastic Cloud Enterprise.
    Ece,
    /// Elastic Cloud Hosted.
    Ech,
    /// Elastic Cloud on Kubernetes.
    Eck,
    /// The reader's own nodes.
    SelfManaged,
}

/// The machine that a probe ran from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Vantage {
    /// Host name of that machine.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub host: Fact<String>,
    /// IP addresses of its interfaces, without loopback.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub addresses: Fact<Vec<String>>,
    /// Whether that machine is a node of the local cluster: one of its addresses is the publish
    /// address of a local node. Only then does what it sees of the network prove what nodes see.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub is_local_node: Fact<bool>,
}

/// Files that were read.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Source {
    /// The file or folder, and the place within it.
    pub file: String,
    /// What collected it, such as `esdiag-0.15.0`.
    pub tool: String,
    /// Key of the cluster that it shows in [`Evidence::clusters`].
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cluster: Fact<String>,
    /// When it was collected.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub collected_at: Fact<Timestamp>,
}

/// One call to a cluster's HTTP API, without its body.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Call {
    /// Key of the cluster in [`Evidence::clusters`].
    pub cluster: String,
    /// Name of the node that was asked, where a particular one was.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub node: Fact<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// HTTP status; `null` where no answer came.
    pub status: Option<u16>,
    /// Milliseconds until the answer was read or the call given up.
    pub took_ms: u64,
}

/// Something that could not be found out.
#[derive(Clone, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
pub struct Gap {
    /// Path in this document that stays absent, such as `clusters.b.license`; everything below it is
    /// unknown too.
    pub path: String,
    /// What would have filled it, such as `GET /_license`.
    pub probe: String,
    /// Why it did not, such as `403 action [..] is unauthorized for user [..]`.
    pub reason: String,
    /// What the reader can do to close it; names the missing privilege or the option.
    pub remedy: String,
}

impl Evidence {
    /// The JSON Schema of the document, as published in `schemas/evidence-v1.json`.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Evidence).to_value()
    }
}
