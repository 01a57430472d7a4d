//! The table of calls: all that this program ever asks of a cluster's HTTP API.
//!
//! Every row reads. The one exception makes nodes re-read their keystore, and is asked only where
//! the reader allows it.

use std::fmt::Write;

use super::super::cloud::Call;

/// One call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// `GET /_security/api_key?id=…` on the remote cluster.
    ApiKey {
        /// Id of the key.
        id: String,
    },
    /// `GET /_ccr/auto_follow`.
    AutoFollow,
    /// `GET /_security/_authenticate` as the reader.
    Caller,
    /// `GET /_ssl/certificates`.
    Certificates,
    /// A call to the control plane of Elastic Cloud or Elastic Cloud Enterprise.
    Cloud(Call),
    /// `GET /_cluster/settings`.
    ClusterSettings,
    /// `GET /_security/_authenticate` on the remote cluster with the credential itself.
    Credential {
        /// Alias whose credential it is; `None` for that of every link.
        alias: Option<String>,
    },
    /// `GET /_license/feature_usage`.
    FeatureUsage,
    /// `GET /_all/_ccr/info`.
    FollowInfo,
    /// `GET /_ccr/stats`; a second time where a follower is behind.
    FollowStats(Moment),
    /// `GET /<index>/_settings` of an index of the remote cluster that is followed.
    Leader {
        /// Its name.
        index: String,
    },
    /// `GET /_license`.
    License,
    /// `GET /_nodes/…`.
    Nodes {
        /// Whether the remote cluster server is asked for; before 8.10 that is a wrong call.
        server: bool,
    },
    /// `GET /_security/api_key?id=…` on the local cluster, for the key that this program asks with. It may
    /// always be asked; `_security/user/_privileges` refuses keys that have roles of their own.
    OwnKey {
        /// Id of the key.
        id: String,
    },
    /// `GET /_security/user/_privileges`.
    Privileges,
    /// `POST /_nodes/reload_secure_settings`, without a password.
    ReloadSecureSettings,
    /// `GET /_remote/info`.
    RemoteInfo(Moment),
    /// `GET /_cluster/stats?include_remotes=true`.
    RemoteStats,
    /// `GET /_resolve/cluster/<alias>:*`: reconnects, and tells.
    Resolve {
        /// The alias.
        alias: String,
    },
    /// `GET /_resolve/cluster/<alias>:<index>`.
    ResolveIndex {
        /// The alias.
        alias: String,
        /// The pattern.
        index: String,
    },
    /// `GET /`.
    Root,
    /// `GET /<alias>:<indices>/_search` of size 0.
    Search {
        /// The alias.
        alias: String,
        /// The patterns; empty for every index.
        indices: Vec<String>,
    },
}

/// When a question is asked that is asked twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// `_remote/info`: after the reconnect that `_resolve/cluster` provokes. `_ccr/stats`: about a
    /// second after the first time.
    After,
    /// The first time.
    Before,
}

impl Question {
    /// HTTP method.
    pub fn method(&self) -> &'static str {
        match self {
            Self::ReloadSecureSettings => "POST",
            _ => "GET",
        }
    }

    /// Path and query, percent-encoded, below the prefix of the cluster's URL.
    pub fn path(&self) -> String {
        match self {
            Self::ApiKey { id } | Self::OwnKey { id } => {
                format!("/_security/api_key?id={}", encoded(id))
            }
            Self::AutoFollow => "/_ccr/auto_follow".into(),
            Self::Caller | Self::Credential { .. } => "/_security/_authenticate".into(),
            Self::Certificates => "/_ssl/certificates".into(),
            Self::Cloud(call) => call.path(),
            Self::ClusterSettings => {
                "/_cluster/settings?flat_settings=true&include_defaults=false".into()
            }
            Self::FeatureUsage => "/_license/feature_usage".into(),
            Self::FollowInfo => "/_all/_ccr/info".into(),
            Self::FollowStats(_) => "/_ccr/stats".into(),
            Self::Leader { index } => format!(
                "/{}/_settings?flat_settings=true&expand_wildcards=all",
                encoded(index)
            ),
            Self::License => "/_license".into(),
            Self::Nodes { server } => nodes_path(*server),
            Self::Privileges => "/_security/user/_privileges".into(),
            Self::ReloadSecureSettings => "/_nodes/reload_secure_settings".into(),
            Self::RemoteInfo(_) => "/_remote/info".into(),
            Self::RemoteStats => {
                "/_cluster/stats?include_remotes=true&filter_path=ccs.clusters".into()
            }
            Self::Resolve { alias } => format!("/_resolve/cluster/{}:*", encoded(alias)),
            Self::ResolveIndex { alias, index } => {
                format!("/_resolve/cluster/{}:{}", encoded(alias), encoded(index))
            }
            Self::Root => "/".into(),
            Self::Search { alias, indices } => format!(
                "/{}/_search?size=0&ccs_minimize_roundtrips=true",
                encoded(&expression(alias, indices))
            ),
        }
    }

    /// Method and path, such as `GET /_license`.
    pub fn call(&self) -> String {
        format!("{} {}", self.method(), self.path())
    }

    /// A name for a file with its answer; it names nobody.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::ApiKey { .. } => "api_key",
            Self::AutoFollow => "ccr_auto_follow",
            Self::Caller => "authenticate",
            Self::Certificates => "ssl_certificates",
            Self::Cloud(_) => "control_plane",
            Self::ClusterSettings => "cluster_settings",
            Self::Credential { .. } => "authenticate_credential",
            Self::FeatureUsage => "license_feature_usage",
            Self::FollowInfo => "ccr_info",
            Self::FollowStats(_) => "ccr_stats",
            Self::Leader { .. } => "leader_settings",
            Self::License => "license",
            Self::Nodes { .. } => "nodes",
            Self::OwnKey { .. } => "own_api_key",
            Self::Privileges => "user_privileges",
            Self::ReloadSecureSettings => "reload_secure_settings",
            Self::RemoteInfo(_) => "remote_info",
            Self::RemoteStats => "cluster_stats_remotes",
            Self::Resolve { .. } => "resolve_cluster",
            Self::ResolveIndex { .. } => "resolve_index",
            Self::Root => "root",
            Self::Search { .. } => "search",
        }
    }

    /// What it is asked for.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::ApiKey { .. } => "what the remote cluster knows of the cross-cluster API key",
            Self::AutoFollow => "the patterns by which indices are followed automatically",
            Self::Caller => "who this program is to the cluster",
            Self::Certificates => "which certificates the nodes load and trust",
            Self::Cloud(call) => call.purpose(),
            Self::ClusterSettings => "the settings of the remotes and of the IP filters",
            Self::Credential { .. } => {
                "whether the remote cluster accepts id and secret of the credential"
            }
            Self::FeatureUsage => "which licensed features were used",
            Self::FollowInfo => "which indices follow, and which are paused",
            Self::FollowStats(Moment::Before) => "how replication goes",
            Self::FollowStats(Moment::After) => {
                "whether a follower that is behind catches up (only where one is)"
            }
            Self::Leader { .. } => "whether the index can be followed",
            Self::License => "the licence",
            Self::Nodes { .. } => "versions, roles, addresses and files' settings of the nodes",
            Self::OwnKey { .. } => {
                "what the API key of this program may do (only where it asks with one)"
            }
            Self::Privileges => "what this program's user may do",
            Self::ReloadSecureSettings => {
                "makes the nodes re-read their keystore (only with --reload-secure-settings)"
            }
            Self::RemoteInfo(Moment::Before) => "the state of the remotes as it was found",
            Self::RemoteInfo(Moment::After) => "the state of the remotes after reconnecting",
            Self::RemoteStats => "versions and identity of the remote clusters",
            Self::Resolve { .. } => "reconnects the remote and tells why it cannot",
            Self::ResolveIndex { .. } => "whether the index is there and may be read",
            Self::Root => "name, identity and version",
            Self::Search { .. } => "one search of size 0 through the link",
        }
    }

    /// Whether it makes the local cluster dial the remote one, and so may wait for it.
    pub fn provokes(&self) -> bool {
        matches!(
            self,
            Self::Resolve { .. } | Self::ResolveIndex { .. } | Self::Search { .. }
        )
    }

    /// What of a cluster's evidence it fills.
    pub fn fills(&self) -> &'static [&'static str] {
        match self {
            Self::ApiKey { .. } => &["api_keys"],
            Self::Caller => &["caller"],
            Self::Certificates => &["certificates"],
            Self::ClusterSettings => &["settings"],
            Self::FeatureUsage => &["features_used"],
            Self::License => &["license"],
            Self::Leader { .. } => &["leaders"],
            Self::Nodes { .. } => &["nodes"],
            Self::OwnKey { .. } | Self::Privileges => &["privileges"],
            Self::ReloadSecureSettings => &["reload", "keystore"],
            Self::RemoteStats => &["remote_stats"],
            Self::AutoFollow | Self::FollowInfo => &["followed_remotes"],
            Self::Cloud(_)
            | Self::Credential { .. }
            | Self::FollowStats(_)
            | Self::RemoteInfo(_)
            | Self::Resolve { .. }
            | Self::ResolveIndex { .. }
            | Self::Root
            | Self::Search { .. } => &[],
        }
    }
}

/// What a search through the link asks for, such as `bee:logs*,bee:metrics`.
pub(crate) fn expression(alias: &str, indices: &[String]) -> String {
    if indices.is_empty() {
        return format!("{alias}:*");
    }
    let parts: Vec<String> = indices.iter().map(|it| format!("{alias}:{it}")).collect();
    parts.join(",")
}

fn nodes_path(server: bool) -> String {
    const PARTS: [&str; 15] = [
        "name",
        "version",
        "roles",
        "attributes",
        "settings.cluster",
        "settings.http",
        "settings.network",
        "settings.node",
        "settings.remote_cluster*",
        "settings.search",
        "settings.transport",
        "settings.xpack.security",
        "transport.publish_address",
        "http.publish_address",
        "jvm.start_time_in_millis",
    ];
    let mut path = String::from("/_nodes/settings,transport,http,jvm");
    if server {
        path.push_str(",remote_cluster_server");
    }
    path.push_str("?filter_path=");
    for part in PARTS {
        let _ = write!(path, "nodes.*.{part},");
    }
    path.push_str("nodes.*.remote_cluster_server");
    path
}

/// Percent-encodes all but RFC 3986's unreserved characters and those that Elasticsearch's own
/// examples leave alone.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~*:,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_and_indices_cannot_leave_their_place_in_the_path() {
        let resolve = Question::ResolveIndex {
            alias: "a/../b".into(),
            index: "<logs-{now/d}>?x".into(),
        };
        assert_eq!(
            resolve.path(),
            "/_resolve/cluster/a%2F..%2Fb:%3Clogs-%7Bnow%2Fd%7D%3E%3Fx"
        );
        let search = Question::Search {
            alias: "bee".into(),
            indices: vec!["logs*".into(), "metrics".into()],
        };
        assert_eq!(
            search.path(),
            "/bee:logs*,bee:metrics/_search?size=0&ccs_minimize_roundtrips=true"
        );
    }
}
