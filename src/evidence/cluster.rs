//! What a cluster's HTTP APIs told about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Deployment, ElasticsearchResource, Environment, Fact, LeaderIndex, LoadedCertificate};

/// One cluster, local or remote.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Cluster {
    /// Which part it plays in this run.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub side: Fact<Side>,
    /// Base URL that was asked, without user or password.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub url: Fact<String>,
    /// How asking went.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub access: Fact<ApiAccess>,
    /// `cluster_name` of `GET /`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub name: Fact<String>,
    /// `cluster_uuid` of `GET /`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub uuid: Fact<String>,
    /// `version.number` of the node that answered.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub version: Fact<String>,
    /// `version.build_flavor`: `default`, `oss`, `serverless`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub build_flavor: Fact<String>,
    /// Oldest version whose nodes it can talk to (`version.minimum_wire_compatibility_version`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub minimum_wire_compatibility_version: Fact<String>,
    /// Where it runs, as far as its answers show (host names, node settings).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub environment: Fact<Environment>,
    /// Its deployment, as the control plane tells it; `null` where the control plane knows none by the
    /// id that was given, and where nothing shows that a control plane manages the cluster.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub deployment: Fact<Option<Deployment>>,
    /// Its resource of Elastic Cloud on Kubernetes; `null` where Kubernetes has none of the name that was
    /// given, and where nothing shows that the operator runs the cluster.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub kubernetes: Fact<Option<ElasticsearchResource>>,
    /// The licence; `null` where the cluster has none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub license: Fact<Option<License>>,
    /// Names of the features in `GET /_license/feature_usage`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub features_used: Fact<Vec<String>>,
    /// The nodes, by name.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub nodes: Fact<BTreeMap<String, Node>>,
    /// Persistent and transient cluster settings that concern remotes and security, flat
    /// (`cluster.remote.bee.mode`); transient beats persistent. Lists are written `a,b`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub settings: Fact<BTreeMap<String, String>>,
    /// Aliases that are configured: keys of `_remote/info` and of the settings, in order.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub aliases: Fact<Vec<String>>,
    /// What its nodes load as certificates, own and trusted.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub certificates: Fact<Vec<LoadedCertificate>>,
    /// Cross-cluster API keys that were asked for, by id; `null` where the cluster knows no such key.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub api_keys: Fact<BTreeMap<String, Option<ApiKey>>>,
    /// Names of the entries in the keystore of every node that was looked at: from
    /// `--keystore-list`, or common to all nodes in the answer to a reload.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub keystore: Fact<Vec<String>>,
    /// Per node, what re-reading the keystore gave, where it was allowed.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub reload: Fact<BTreeMap<String, Reload>>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub caller: Fact<Caller>,
    /// What the caller may do (`GET /_security/user/_privileges`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub privileges: Fact<Privileges>,
    /// `ccs.clusters` of `GET /_cluster/stats?include_remotes=true`, by alias. Never evidence of a
    /// broken link: 8.16 calls every API-key remote unavailable.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub remote_stats: Fact<BTreeMap<String, RemoteStats>>,
    /// Aliases that followers and auto-follow patterns name, in order, whether they are configured or
    /// not.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub followed_remotes: Fact<Vec<String>>,
    /// Indices that were asked for because they are or will be followed, by name; `null` where the
    /// cluster says that there is no such index. Patterns are not among them.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub leaders: Fact<BTreeMap<String, Option<LeaderIndex>>>,
}

/// The part that a cluster plays.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// It queries or follows.
    Local,
    /// It is queried or followed.
    Remote,
}

impl Side {
    /// As it is written in the document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
    }
}

/// How asking a cluster's HTTP API went, as a whole.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ApiAccess {
    /// How the first contact ended.
    pub contact: Contact,
    /// The failure in words, `null` where Elasticsearch answered.
    pub detail: Option<String>,
}

/// How the first contact with an HTTP API ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contact {
    /// Elasticsearch answered and knows the caller.
    Answered,
    /// The host name does not resolve.
    NameUnresolved,
    /// Something else answered (HTML, another product, no `X-elastic-product`).
    NotElasticsearch,
    /// Refused, reset or unreachable.
    NotReached,
    /// The server's certificate is not trusted, or not TLS at all.
    TlsFailed,
    /// Nothing came before the deadline.
    TimedOut,
    /// 401: the user, password or API key given to the tool is not accepted.
    Unauthenticated,
}

/// A licence (`GET /_license`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct License {
    /// `basic`, `standard`, `gold`, `platinum`, `enterprise`, `trial`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `active`, `expired`, `invalid`.
    pub status: String,
    /// When it ends; `null` for one that does not (basic).
    #[schemars(with = "Option<String>")]
    pub expiry: Option<Timestamp>,
}

/// A node (`GET /_nodes`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Node {
    /// Node id.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub id: Fact<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub version: Fact<String>,
    /// Its roles, such as `remote_cluster_client`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub roles: Fact<Vec<String>>,
    /// Node attributes (`node.attr.*`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub attributes: Fact<BTreeMap<String, String>>,
    /// Its `elasticsearch.yml` settings that concern remotes, transport, TLS and security, flat.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub settings: Fact<BTreeMap<String, String>>,
    /// Publish address of the transport port, `ip:port`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transport_publish_address: Fact<String>,
    /// Publish address of the HTTP port, `ip:port`; `null` where HTTP is off.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub http_publish_address: Fact<Option<String>>,
    /// The remote cluster server; `null` where it is off on this node.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub remote_cluster_server: Fact<Option<RemoteClusterServer>>,
    /// When its JVM started.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub started_at: Fact<Timestamp>,
}

/// Addresses of a remote cluster server (`_nodes/remote_cluster_server`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RemoteClusterServer {
    /// Addresses that it listens on, `ip:port`.
    pub bound_addresses: Vec<String>,
    /// Address that sniffing peers are told, `ip:port`.
    pub publish_address: String,
}

/// A cross-cluster (or other) API key as its cluster knows it (`GET /_security/api_key`).
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct ApiKey {
    /// Its name.
    pub name: String,
    /// `cross_cluster` or `rest`; unknown before 8.8.
    #[serde(rename = "type", default, skip_serializing_if = "Fact::is_unknown")]
    pub kind: Fact<String>,
    /// Whether it was invalidated.
    pub invalidated: bool,
    /// When it was invalidated; `null` where it was not.
    #[schemars(with = "Option<String>")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub invalidated_at: Fact<Option<Timestamp>>,
    /// When it was made.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub created_at: Fact<Timestamp>,
    /// When it expires; `null` where it does not.
    #[schemars(with = "Option<String>")]
    pub expiration: Option<Timestamp>,
    /// Owner.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub username: Fact<String>,
    /// Index patterns that it may search; empty for none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub search: Fact<Vec<String>>,
    /// Index patterns that it may replicate; empty for none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub replication: Fact<Vec<String>>,
    /// Whether its search part restricts documents or fields.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub document_or_field_security: Fact<bool>,
    /// Pattern that the caller's signing certificate must match (9.3 and later); `null` for none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub certificate_identity: Fact<Option<String>>,
}

/// What re-reading the keystore gave on one node.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Reload {
    /// The failure, its reason and what was suppressed in it; `null` where it went well.
    pub exception: Option<String>,
    /// Names of the entries, from 9.3 on.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub secure_setting_names: Fact<Vec<String>>,
    /// When the keystore file was last written, from 9.3 on.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub keystore_last_modified: Fact<Timestamp>,
}

/// Who asked (`GET /_security/_authenticate`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Caller {
    /// User name.
    pub username: String,
    /// Roles.
    pub roles: Vec<String>,
    /// `realm`, `api_key`, `token`, `anonymous`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub authentication_type: Fact<String>,
}

/// What the caller may do. Of an API key with roles of its own, what these grant: its owner's roles may
/// narrow it further.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Privileges {
    /// Cluster privileges.
    pub cluster: Vec<String>,
    /// Patterns of the cluster's own indices on which the caller has any privilege; empty for none.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub indices: Fact<Vec<String>>,
    /// Privileges on indices of remotes; empty for none.
    pub remote_indices: Vec<RemoteIndices>,
}

/// One entry of `remote_indices`.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RemoteIndices {
    /// Alias patterns.
    pub clusters: Vec<String>,
    /// Index patterns.
    pub names: Vec<String>,
    /// Index privileges.
    pub privileges: Vec<String>,
}

/// One remote in `_cluster/stats?include_remotes=true`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RemoteStats {
    /// `green`, `yellow`, `red` or `unavailable`.
    pub status: String,
    /// UUID of the remote cluster; unknown where unavailable.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub uuid: Fact<String>,
    /// Versions of its nodes; unknown where unavailable.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub versions: Fact<Vec<String>>,
}
