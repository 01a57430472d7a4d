//! Cross-cluster replication as the follower's cluster tells it, and the indices that are followed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// One follower index of a link (`GET /_all/_ccr/info`, `GET /_ccr/stats`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Follower {
    /// Its name.
    pub index: String,
    /// Name of the index on the remote cluster that it follows.
    pub leader_index: String,
    /// Whether somebody paused it (`POST /<index>/_ccr/pause_follow`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub paused: Fact<bool>,
    /// Whether its tasks run: it has shards in the statistics.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub running: Fact<bool>,
    /// The exception that stopped a shard for good, its causes included; `null` where none did.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub fatal_exception: Fact<Option<String>>,
    /// What reading from the leader meets and retries, each text once, its causes included.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub read_exceptions: Fact<Vec<String>>,
    /// Attempts of the read that was retried most.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub retries: Fact<u64>,
    /// How far it is behind at the first look.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub lag: Fact<Lag>,
    /// The same about a second later; asked only where the first look saw it behind.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub lag_later: Fact<Lag>,
}

/// How far a follower is behind its leader, over all its shards.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Lag {
    /// Operations that the leader has and the follower has not, as far as the follower knows: sum of
    /// `leader_global_checkpoint` less `follower_global_checkpoint`.
    pub operations: u64,
    /// Operations written since the follower's tasks began.
    pub written: u64,
    /// Milliseconds since a shard last heard from the leader (`time_since_last_read_millis`), of the
    /// shard that waits longest; `null` where one never did. A healthy one hears at least once a minute.
    pub since_last_read_ms: Option<u64>,
}

/// One auto-follow pattern of a link (`GET /_ccr/auto_follow`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AutoFollowPattern {
    /// Its name.
    pub name: String,
    /// Whether it is in force; `false` where somebody paused it.
    pub active: bool,
    /// Patterns of the indices on the remote cluster.
    pub leader_patterns: Vec<String>,
    /// Patterns of those that are left out.
    pub excluded_patterns: Vec<String>,
    /// How followers are named, such as `{{leader_index}}-copy`; `null` for the leader's own name.
    pub follow_pattern: Option<String>,
    /// What went wrong with it lately (`recent_auto_follow_errors`), newest first.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub errors: Fact<Vec<AutoFollowError>>,
    /// Milliseconds since the local cluster last looked for new indices of the remote
    /// (`auto_followed_clusters`); `null` where it never did. It waits at most a minute.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub since_last_check_ms: Fact<Option<u64>>,
}

/// One entry of `recent_auto_follow_errors`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AutoFollowError {
    /// The index that could not be followed; `null` where looking for new ones failed.
    pub leader_index: Option<String>,
    /// When.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The exception, its causes included.
    pub error: String,
}

/// An index of the remote cluster that is or would be followed (`GET /<index>/_settings`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LeaderIndex {
    /// `index.soft_deletes.enabled`; true where it is not set (7.0 and later).
    pub soft_deletes: bool,
    /// Whether it is mounted from a snapshot (`index.store.type: snapshot`).
    pub searchable_snapshot: bool,
}
