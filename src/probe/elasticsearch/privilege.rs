//! What a question costs: the privileges without which a cluster does not answer it.
//!
//! The one table of privileges. The least roles that `crosscheck privileges` prints are made of it, and
//! the gaps name from it what the caller lacks, so that the two cannot differ.

use std::fmt;

use super::Question;

/// A privilege of a role on the cluster that is asked.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Privilege {
    /// In `cluster`.
    Cluster(&'static str),
    /// In `indices`, on indices of the cluster that is asked.
    Index(&'static str),
    /// In `remote_cluster`, for the alias.
    RemoteCluster(&'static str),
    /// In `remote_indices`, for the alias and the indices that are wanted on the remote cluster.
    RemoteIndex(&'static str),
}

impl Privilege {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match *self {
            Self::Cluster(name)
            | Self::Index(name)
            | Self::RemoteCluster(name)
            | Self::RemoteIndex(name) => name,
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster(name) => write!(f, "the cluster privilege `{name}`"),
            Self::Index(name) => write!(f, "the index privilege `{name}`"),
            Self::RemoteCluster(name) => {
                write!(f, "the privilege `{name}` in remote_cluster for the alias")
            }
            Self::RemoteIndex(name) => {
                write!(f, "the privilege `{name}` in remote_indices for the alias")
            }
        }
    }
}

/// Major and minor version of a cluster.
pub type Line = (u32, u32);

/// The one action of `GET /_ccr/auto_follow`. No named privilege grants it but `manage_ccr`, which also
/// grants to change the patterns (measured on 9.4.3); roles take names of actions as well.
const READ_AUTO_FOLLOW: &str = "cluster:admin/xpack/ccr/auto_follow_pattern/get";

/// The one action of `GET /_license/feature_usage`. Unlike what surrounds it, `monitor` does not grant it,
/// only `manage` does (measured on 9.4.3).
const READ_FEATURE_USAGE: &str = "cluster:admin/xpack/license/feature_usage";

/// First version in which roles know `remote_cluster` with `monitor_stats`.
const REMOTE_STATS_SINCE: Line = (8, 17);

impl Question {
    /// The least privileges that its answer needs; none where every caller is answered. Of a version
    /// that is not known, those that every version takes.
    pub fn privileges(&self, version: Option<Line>) -> Vec<Privilege> {
        use Privilege::{Cluster, Index, RemoteCluster, RemoteIndex};
        match self {
            Self::ApiKey { .. } => vec![Cluster("read_security")],
            Self::AutoFollow => vec![Cluster(READ_AUTO_FOLLOW)],
            Self::FeatureUsage => vec![Cluster(READ_FEATURE_USAGE)],
            Self::Leader { .. } => vec![Index("view_index_metadata")],
            Self::RemoteStats if version.is_some_and(|it| it >= REMOTE_STATS_SINCE) => {
                vec![Cluster("monitor"), RemoteCluster("monitor_stats")]
            }
            Self::Certificates
            | Self::ClusterSettings
            | Self::FollowInfo
            | Self::FollowStats(_)
            | Self::License
            | Self::Nodes { .. }
            | Self::RemoteInfo(_)
            | Self::RemoteStats
            | Self::Root => vec![Cluster("monitor")],
            // With `manage` alone these versions answer, and do not reload (elasticsearch#111543).
            Self::ReloadSecureSettings
                if version.is_none_or(|it| ((8, 13)..(8, 16)).contains(&it)) =>
            {
                vec![Cluster("manage"), Cluster("manage_security")]
            }
            Self::ReloadSecureSettings => vec![Cluster("manage")],
            Self::Resolve { .. } | Self::ResolveIndex { .. } | Self::Search { .. } => {
                vec![RemoteIndex("read")]
            }
            // Who asks may always ask about himself; a control plane has roles of its own.
            Self::Caller
            | Self::Cloud(_)
            | Self::Credential { .. }
            | Self::OwnKey { .. }
            | Self::Privileges => Vec::new(),
        }
    }
}
