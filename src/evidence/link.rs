//! A link: one alias on one local cluster, leading to one remote cluster.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AutoFollowPattern, Certificate, Credential, Fact, Follower};

/// One link, existing or planned.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Link {
    /// The alias, as in `cluster.remote.<alias>`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub alias: Fact<String>,
    /// Key of the local cluster in the document.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub local: Fact<String>,
    /// Key of the remote cluster in the document.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub remote: Fact<String>,
    /// Whether it is only planned: then that it is not configured or stored yet is no fault.
    #[serde(default)]
    pub planned: bool,
    /// Whether the local cluster has an address for the alias.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub configured: Fact<bool>,
    /// The security model that the reader means to use (`--model`, or because a credential was
    /// given).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub intended_model: Fact<Model>,
    /// The security model in use on the nodes that answered: `api-key` exactly where a credential is
    /// loaded for the alias. For a planned link the intended one.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub model: Fact<Model>,
    /// Whether the nodes that answered have a credential for the alias loaded (`cluster_credentials`
    /// in `_remote/info`). Says nothing about its value.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub credential_loaded: Fact<bool>,
    /// The connection mode in use, or planned.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub mode: Fact<Mode>,
    /// Whether its nodes sign what they send with the API key (strong identity, 9.3 and later). No API shows
    /// the settings `cluster.remote.<alias>.signing.*`: version, files and the remote cluster's words tell.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub signs: Fact<bool>,
    /// `proxy_address` as written; `null` where none is set.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub proxy_address: Fact<Option<String>>,
    /// `server_name` as written; `null` where none is set.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub server_name: Fact<Option<String>>,
    /// `seeds` as written; empty where none are set.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub seeds: Fact<Vec<String>>,
    /// `skip_unavailable` in effect.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub skip_unavailable: Fact<bool>,
    /// The alias's cluster settings as written, without the prefix `cluster.remote.<alias>.`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub settings: Fact<BTreeMap<String, String>>,
    /// The alias's settings in `elasticsearch.yml`, by node name, without the prefix.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub file_settings: Fact<BTreeMap<String, BTreeMap<String, String>>>,
    /// `_remote/info` of the answering node before anything was provoked; `null` where the alias is
    /// not in it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub info_before: Fact<Option<RemoteInfo>>,
    /// The same after `_resolve/cluster` provoked a reconnect. Judge this one.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub info: Fact<Option<RemoteInfo>>,
    /// `_remote/info` of each local node that could be asked by itself, by node name, after the
    /// provocation.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub nodes: Fact<BTreeMap<String, NodeView>>,
    /// `GET /_resolve/cluster/<alias>:*`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub resolve: Fact<Resolve>,
    /// `GET /_resolve/cluster/<alias>:<index>` for each `--index` pattern.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub index_answers: Fact<Vec<IndexAnswer>>,
    /// One search of size 0 through the link.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub search: Fact<SearchAnswer>,
    /// Every message in every error that the local cluster gave about this link, outermost first,
    /// causes and suppressed ones included. Empty: the link was used and no error came. Unknown:
    /// it was not used.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub errors: Fact<Vec<ErrorLevel>>,
    /// The followers that follow over this link, by name; empty where the local cluster cannot
    /// replicate at all.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub followers: Fact<Vec<Follower>>,
    /// The auto-follow patterns of this link, by name.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub auto_follow: Fact<Vec<AutoFollowPattern>>,
    /// Whether the link is used or meant for replication: the reader says so, or something follows
    /// over it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub replicates: Fact<bool>,
    /// The credential that the reader means to use or believes to be stored; `null` where the reader
    /// said that there is none (certificate model).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub credential: Fact<Option<Credential>>,
    /// The certificates in `--server-ca`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub server_ca: Fact<Vec<Certificate>>,
    /// What the link is for.
    #[serde(default)]
    pub uses: Vec<Use>,
    /// Index patterns that will be searched or followed; empty where the reader did not say.
    #[serde(default)]
    pub indices: Vec<String>,
    /// How long certificates are to stay valid, in seconds (`--expiry-horizon`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub expiry_horizon_s: Fact<u64>,
    /// Keys of its endpoints in the document, in the order of the settings.
    #[serde(default)]
    pub endpoints: Vec<String>,
}

/// How the two clusters authenticate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Cross-cluster API key against the remote cluster server.
    ApiKey,
    /// Mutual TLS on the transport port; deprecated.
    Certificate,
}

/// How the local cluster finds the remote's nodes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// All through one address.
    Proxy,
    /// By asking seeds for the nodes' publish addresses.
    Sniff,
}

/// What a link is for.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Cross-cluster replication.
    Replication,
    /// Cross-cluster search.
    Search,
}

/// One alias in `GET /_remote/info`: the past of the node that answered.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RemoteInfo {
    /// Whether that node has at least one connection now. `false` alone proves nothing.
    pub connected: bool,
    /// Mode in use.
    pub mode: Mode,
    /// Sockets (proxy) or nodes (sniff) connected.
    pub connections: u64,
    /// Most that it would open.
    pub max_connections: u64,
    /// `skip_unavailable` in effect.
    pub skip_unavailable: bool,
    /// Whether a credential is loaded.
    pub credentials: bool,
}

/// What one local node said.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct NodeView {
    /// Its entry for the alias; `null` where it has none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub info: Fact<Option<RemoteInfo>>,
    /// Its refusal, such as `node [x] does not have the [remote_cluster_client] role`; `null` where
    /// it answered.
    pub error: Option<String>,
}

/// `GET /_resolve/cluster/<alias>:*`: it reconnects, and tells.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Resolve {
    /// HTTP status; `null` where no answer came before the deadline.
    pub status: Option<u16>,
    /// `connected` of the alias. Means nothing where `error` is there.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub connected: Fact<bool>,
    /// `error` of the alias, or the reason of a failed call; `null` for none.
    pub error: Option<String>,
    /// `matching_indices` of the alias.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub matching_indices: Fact<bool>,
    /// Version of the remote, where it answered.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub version: Fact<String>,
    /// Milliseconds that it took.
    pub took_ms: u64,
}

/// `GET /_resolve/cluster/<alias>:<index>` for one pattern.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct IndexAnswer {
    /// The pattern.
    pub index: String,
    /// The error; `null` for none.
    pub error: Option<String>,
    /// Whether any index of the remote matches, as far as the caller may see.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub matching_indices: Fact<bool>,
}

/// One search of size 0 through the link.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SearchAnswer {
    /// What was searched, such as `bee:logs`.
    pub expression: String,
    /// HTTP status; `null` where no answer came before the deadline.
    pub status: Option<u16>,
    /// `_clusters.details.<alias>.status`: `successful`, `partial`, `skipped`, `failed`; `null` where
    /// the answer has none.
    pub cluster_status: Option<String>,
    /// Whether the remote cluster ended it before every shard had answered (`timed_out`); `null` where
    /// the answer does not say.
    pub timed_out: Option<bool>,
    /// The remote cluster's shards that were asked; `null` where the answer does not say, as where the
    /// remote was left out.
    pub shards: Option<Shards>,
    /// Milliseconds until the answer was there, or the wait for it was over.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub took_ms: Fact<u64>,
}

/// Shards that a search asked (`_shards`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Shards {
    /// All of them.
    pub total: u64,
    /// Those that gave an error instead of hits.
    pub failed: u64,
}

/// One level of an error that the local cluster gave.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ErrorLevel {
    /// Which call it came from.
    pub source: ErrorSource,
    /// Elasticsearch's name of the exception in snake case; empty where only text came.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its message, at most 2,000 characters; empty where there is none.
    pub reason: String,
}

/// Which call an error came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorSource {
    /// `_resolve/cluster/<alias>:<index>`.
    Index,
    /// `_remote/info`.
    Info,
    /// `_resolve/cluster/<alias>:*`.
    Resolve,
    /// `_search`.
    Search,
}
