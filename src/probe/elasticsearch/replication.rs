//! Cross-cluster replication: `GET /_ccr/stats`, `GET /_all/_ccr/info`, `GET /_ccr/auto_follow`, and
//! the settings of the indices that are followed.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::evidence::{AutoFollowError, AutoFollowPattern, Fact, Follower, Lag, LeaderIndex};

use super::errors::chain;
use super::values::{at, boolean, count, millis, text, texts};
use super::{Answer, Moment, Question};

/// Most distinct texts that are kept of one follower or pattern.
const MAX_TEXTS: usize = 16;

/// Replication of one alias.
#[derive(Debug, Default)]
pub(in super::super) struct Replication {
    /// Its followers, by name.
    pub(in super::super) followers: Fact<Vec<Follower>>,
    /// Its auto-follow patterns, by name.
    pub(in super::super) patterns: Fact<Vec<AutoFollowPattern>>,
}

/// What the answers tell of replication over an alias.
///
/// A cluster without the feature (`no handler found`, 400), and one whose licence does not permit it
/// (403, `non-compliant for [ccr]`), replicates nothing.
pub(in super::super) fn replication<A: Borrow<Answer>>(answers: &[A], alias: &str) -> Replication {
    let told = Told::of(answers);
    Replication {
        followers: told.followers(alias),
        patterns: told.patterns(alias),
    }
}

/// Every alias that a follower or a pattern names, in order.
pub(in super::super) fn followed_remotes<A: Borrow<Answer>>(answers: &[A]) -> Fact<Vec<String>> {
    let told = Told::of(answers);
    let (Some(info), Some(patterns)) = (told.info, told.auto_follow) else {
        return Fact::Unknown;
    };
    let followers = info.entries("follower_indices");
    let of_followers = followers.filter_map(|it| text(it, &["remote_cluster"]));
    let patterns = patterns.entries("patterns");
    let of_patterns = patterns.filter_map(|it| text(it, &["pattern", "remote_cluster"]));
    let all: BTreeSet<String> = of_followers.chain(of_patterns).collect();
    Fact::Known(all.into_iter().collect())
}

/// Whether some follower is behind by these statistics.
pub(super) fn is_behind(stats: &Answer) -> bool {
    let shards = stats.json().map(|body| shards(body).collect::<Vec<_>>());
    shards.is_some_and(|it| lag(it.into_iter()).is_some_and(|it| it.operations > 0))
}

/// One index of the remote cluster; `null` where the cluster says that there is none.
pub(in super::super) fn leader(answer: &Answer, index: &str) -> Fact<Option<LeaderIndex>> {
    if answer.status() == Some(404) {
        return Fact::Known(None);
    }
    let Some(settings) = answer
        .json()
        .and_then(|body| at(body, &[index, "settings"]))
    else {
        return Fact::Unknown;
    };
    Fact::Known(Some(LeaderIndex {
        soft_deletes: boolean(settings, &["index.soft_deletes.enabled"]).unwrap_or(true),
        searchable_snapshot: text(settings, &["index.store.type"]).as_deref() == Some("snapshot"),
    }))
}

/// The answers about replication; `None` for one that did not come.
struct Told<'a> {
    info: Option<Body<'a>>,
    stats: Option<Body<'a>>,
    stats_later: Option<Body<'a>>,
    auto_follow: Option<Body<'a>>,
}

/// A body; `Nothing` where the cluster has no replication at all.
#[derive(Clone, Copy)]
enum Body<'a> {
    Json(&'a Value),
    Nothing,
}

impl<'a> Body<'a> {
    fn of(answer: &'a Answer) -> Option<Self> {
        if let Some(body) = answer.json() {
            return Some(Self::Json(body));
        }
        let error = answer.body()?.to_string();
        let absent = answer.status() == Some(400) && error.contains("no handler found");
        let forbidden = error.contains("non-compliant for [ccr]");
        (absent || forbidden).then_some(Self::Nothing)
    }

    fn entries(self, key: &str) -> impl Iterator<Item = &'a Value> {
        let list = match self {
            Self::Json(body) => at(body, &[key]).and_then(Value::as_array),
            Self::Nothing => None,
        };
        list.into_iter().flatten()
    }

    fn shards(self) -> impl Iterator<Item = &'a Value> {
        match self {
            Self::Json(body) => Some(shards(body)),
            Self::Nothing => None,
        }
        .into_iter()
        .flatten()
    }

    fn shards_of(self, index: &str) -> impl Iterator<Item = &'a Value> {
        self.shards()
            .filter(move |it| text(it, &["follower_index"]).as_deref() == Some(index))
    }

    /// `auto_follow_stats`, where there are any.
    fn auto_follow(self) -> Option<&'a Value> {
        match self {
            Self::Json(body) => at(body, &["auto_follow_stats"]),
            Self::Nothing => None,
        }
    }
}

impl<'a> Told<'a> {
    fn of<A: Borrow<Answer>>(answers: &'a [A]) -> Self {
        let last = |question: &Question| {
            let mut all = answers.iter().rev().map(Borrow::borrow);
            all.find(|it: &&Answer| it.question == *question)
                .and_then(Body::of)
        };
        Self {
            info: last(&Question::FollowInfo),
            stats: last(&Question::FollowStats(Moment::Before)),
            stats_later: last(&Question::FollowStats(Moment::After)),
            auto_follow: last(&Question::AutoFollow),
        }
    }

    fn followers(&self, alias: &str) -> Fact<Vec<Follower>> {
        let Some(info) = self.info else {
            return Fact::Unknown;
        };
        let mine = info
            .entries("follower_indices")
            .filter(|it| text(it, &["remote_cluster"]).as_deref() == Some(alias));
        let mut followers: Vec<Follower> = mine.filter_map(|it| self.follower(it)).collect();
        followers.sort_by(|a, b| a.index.cmp(&b.index));
        Fact::Known(followers)
    }

    fn follower(&self, info: &Value) -> Option<Follower> {
        let index = text(info, &["follower_index"])?;
        let mut follower = Follower {
            leader_index: text(info, &["leader_index"])?,
            paused: text(info, &["status"]).map(|it| it == "paused").into(),
            running: Fact::Unknown,
            fatal_exception: Fact::Unknown,
            read_exceptions: Fact::Unknown,
            retries: Fact::Unknown,
            lag: Fact::Unknown,
            lag_later: self
                .stats_later
                .and_then(|it| lag(it.shards_of(&index)))
                .into(),
            index,
        };
        if let Some(stats) = self.stats {
            let shards: Vec<&Value> = stats.shards_of(&follower.index).collect();
            add_stats(&mut follower, &shards);
        }
        Some(follower)
    }

    fn patterns(&self, alias: &str) -> Fact<Vec<AutoFollowPattern>> {
        let Some(auto_follow) = self.auto_follow else {
            return Fact::Unknown;
        };
        let mine = auto_follow
            .entries("patterns")
            .filter(|it| text(it, &["pattern", "remote_cluster"]).as_deref() == Some(alias));
        let patterns = mine.filter_map(|it| {
            let name = text(it, &["name"])?;
            let list = |key| texts(it, &["pattern", key]).unwrap_or_default();
            Some(AutoFollowPattern {
                active: boolean(it, &["pattern", "active"]).unwrap_or(true),
                leader_patterns: list("leader_index_patterns"),
                excluded_patterns: list("leader_index_exclusion_patterns"),
                follow_pattern: text(it, &["pattern", "follow_index_pattern"]),
                errors: self.stats.map(|it| pattern_errors(it, &name)).into(),
                since_last_check_ms: self.stats.map(|it| since_last_check(it, alias)).into(),
                name,
            })
        });
        Fact::Known(patterns.collect())
    }
}

fn add_stats(follower: &mut Follower, shards: &[&Value]) {
    follower.running = Fact::Known(!shards.is_empty());
    if shards.is_empty() {
        return;
    }
    let each = || shards.iter().copied();
    let fatal = each().find_map(|it| at(it, &["fatal_exception"]));
    follower.fatal_exception = Fact::Known(fatal.map(chain));
    let reads = || {
        each()
            .filter_map(|it| at(it, &["read_exceptions"])?.as_array())
            .flatten()
    };
    let mut exceptions: Vec<String> = Vec::new();
    for exception in reads().filter_map(|it| at(it, &["exception"])).map(chain) {
        if exceptions.len() < MAX_TEXTS && !exceptions.contains(&exception) {
            exceptions.push(exception);
        }
    }
    follower.read_exceptions = Fact::Known(exceptions);
    let retries = reads().filter_map(|it| count(it, &["retries"])).max();
    follower.retries = Fact::Known(retries.unwrap_or(0));
    follower.lag = lag(each()).into();
}

/// Every shard in the statistics.
fn shards(body: &Value) -> impl Iterator<Item = &Value> {
    let indices = at(body, &["follow_stats", "indices"]).and_then(Value::as_array);
    let shards = |it| at(it, &["shards"]).and_then(Value::as_array);
    indices.into_iter().flatten().filter_map(shards).flatten()
}

/// Lag over some shards; `None` where there are none.
fn lag<'a>(shards: impl Iterator<Item = &'a Value>) -> Option<Lag> {
    let mut lag: Option<Lag> = None;
    for shard in shards {
        let number = |key| at(shard, &[key]).and_then(Value::as_i64).unwrap_or(-1);
        // -1 stands for "no operation yet" in all of these.
        let behind = number("leader_global_checkpoint") - number("follower_global_checkpoint");
        let read = u64::try_from(number("time_since_last_read_millis")).ok();
        let sum = lag.get_or_insert(Lag {
            operations: 0,
            written: 0,
            since_last_read_ms: Some(0),
        });
        sum.operations += u64::try_from(behind).unwrap_or(0);
        sum.written += count(shard, &["operations_written"]).unwrap_or(0);
        sum.since_last_read_ms = sum.since_last_read_ms.zip(read).map(|(a, b)| a.max(b));
    }
    lag
}

/// Errors of one pattern. `leader_index` holds `pattern:index`, or the pattern alone where the
/// remote's indices could not be listed.
fn pattern_errors(stats: Body<'_>, name: &str) -> Vec<AutoFollowError> {
    let errors = stats
        .auto_follow()
        .and_then(|it| at(it, &["recent_auto_follow_errors"])?.as_array());
    let mine = errors.into_iter().flatten().filter_map(|it| {
        let place = text(it, &["leader_index"])?;
        let index = match place.strip_prefix(name)? {
            "" => None,
            rest => Some(rest.strip_prefix(':')?.to_owned()),
        };
        Some(AutoFollowError {
            leader_index: index,
            at: millis(it, &["timestamp"]),
            error: chain(at(it, &["auto_follow_exception"])?),
        })
    });
    let mut errors: Vec<AutoFollowError> = mine.collect();
    errors.sort_by_key(|it| std::cmp::Reverse(it.at));
    errors.truncate(MAX_TEXTS);
    errors
}

fn since_last_check(stats: Body<'_>, alias: &str) -> Option<u64> {
    let clusters = at(stats.auto_follow()?, &["auto_followed_clusters"])?.as_array()?;
    let mine = clusters
        .iter()
        .find(|it| text(it, &["cluster_name"]).as_deref() == Some(alias))?;
    count(mine, &["time_since_last_check_millis"])
}

/// Names of the leaders of all followers over these aliases, in order.
pub(in super::super) fn leader_names<A: Borrow<Answer>>(
    answers: &[A],
    aliases: &[&str],
) -> Vec<String> {
    let told = Told::of(answers);
    let followers = aliases
        .iter()
        .filter_map(|it| told.followers(it).into_known());
    let names: BTreeSet<String> = followers.flatten().map(|it| it.leader_index).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Reply;
    use super::*;

    fn answer(question: Question, status: u16, body: Value) -> Answer {
        Answer {
            question,
            node: None,
            outcome: Ok(Reply {
                status,
                product: true,
                location: None,
                body: super::super::Body::Json(body),
            }),
            took_ms: 1,
        }
    }

    /// Shape: `ccr.follow_info` and `ccr.stats` of the Elasticsearch API specification.
    fn answers() -> Vec<Answer> {
        let shard = |id: u64, behind: i64| {
            json!({
                "remote_cluster": "bee", "leader_index": "logs", "follower_index": "logs-copy",
                "shard_id": id, "leader_global_checkpoint": 1024,
                "follower_global_checkpoint": 1024 - behind, "operations_written": 800,
                "time_since_last_read_millis": 8 * (id + 1),
                "read_exceptions": [{"from_seq_no": 1, "retries": 7 * id, "exception": {
                    "type": "exception", "reason": "x",
                    "caused_by": {"type": "connect_transport_exception", "reason": "y"},
                }}],
            })
        };
        let info = json!({"follower_indices": [
            {"follower_index": "logs-copy", "remote_cluster": "bee", "leader_index": "logs",
             "status": "active", "parameters": {}},
            {"follower_index": "still", "remote_cluster": "bee", "leader_index": "x", "status": "paused"},
            {"follower_index": "other", "remote_cluster": "cee", "leader_index": "y", "status": "active"},
        ]});
        let stats = json!({
            "auto_follow_stats": {
                "recent_auto_follow_errors": [
                    {"leader_index": "metrics:metrics-1", "timestamp": 1_700_000_000_000_u64,
                     "auto_follow_exception": {"type": "exception", "reason": "older"}},
                    {"leader_index": "metrics", "timestamp": 1_700_000_001_000_u64,
                     "auto_follow_exception": {"type": "exception", "reason": "newer"}},
                    {"leader_index": "metrics-all:z", "timestamp": 1,
                     "auto_follow_exception": {"type": "exception", "reason": "of another pattern"}},
                ],
                "auto_followed_clusters": [{"cluster_name": "bee", "time_since_last_check_millis": 12}],
            },
            "follow_stats": {"indices": [{"index": "logs-copy", "shards": [shard(0, 20), shard(1, 3)]}]},
        });
        let patterns = json!({"patterns": [{"name": "metrics", "pattern": {
            "active": false, "remote_cluster": "bee", "leader_index_patterns": ["metrics-*"],
            "leader_index_exclusion_patterns": [], "follow_index_pattern": "{{leader_index}}-copy",
        }}]});
        vec![
            answer(Question::FollowInfo, 200, info),
            answer(Question::FollowStats(Moment::Before), 200, stats),
            answer(Question::AutoFollow, 200, patterns),
        ]
    }

    #[test]
    fn a_follower_is_made_of_all_its_shards() {
        let answers = answers();
        let followers = replication(&answers, "bee").followers.into_known().unwrap();
        let [copy, still] = &followers[..] else {
            panic!("{followers:?}")
        };
        assert_eq!(
            copy.lag
                .known()
                .map(|it| (it.operations, it.written, it.since_last_read_ms)),
            Some((23, 1600, Some(16)))
        );
        assert_eq!(copy.retries, Fact::Known(7));
        assert_eq!(copy.fatal_exception, Fact::Known(None));
        assert_eq!(
            copy.read_exceptions,
            Fact::Known(vec![
                "exception: x; caused by connect_transport_exception: y".to_owned()
            ])
        );
        assert_eq!(still.paused, Fact::Known(true));
        assert_eq!(still.running, Fact::Known(false));
        assert!(is_behind(&answers[1]));
        assert_eq!(leader_names(&answers, &["bee"]), ["logs", "x"]);
        assert_eq!(
            followed_remotes(&answers),
            Fact::Known(vec!["bee".to_owned(), "cee".to_owned()])
        );
    }

    #[test]
    fn a_pattern_has_its_own_errors_newest_first() {
        let patterns = replication(&answers(), "bee")
            .patterns
            .into_known()
            .unwrap();
        let errors = patterns[0].errors.known().unwrap();
        let errors: Vec<_> = errors
            .iter()
            .map(|it| (it.leader_index.as_deref(), it.error.as_str()))
            .collect();
        assert_eq!(
            errors,
            [
                (None, "exception: newer"),
                (Some("metrics-1"), "exception: older")
            ]
        );
        assert!(!patterns[0].active);
        assert_eq!(patterns[0].since_last_check_ms, Fact::Known(Some(12)));
    }

    #[test]
    fn a_cluster_that_cannot_replicate_has_no_followers_and_a_forbidden_answer_tells_nothing() {
        // Text: a node without the feature (lab findings §1), and `LicenseUtils`.
        let absent =
            json!({"error": "no handler found for uri [/_all/_ccr/info] and method [GET]"});
        let unlicensed = json!({"error": {"type": "security_exception",
            "reason": "current license is non-compliant for [ccr]"}, "status": 403});
        let forbidden = json!({"error": {"type": "security_exception",
            "reason": "action [cluster:monitor/ccr/follow_info] is unauthorized for user [x]"}});
        let seen = |status, body: &Value| {
            let answers = [answer(Question::FollowInfo, status, body.clone())];
            replication(&answers, "bee").followers
        };
        assert_eq!(seen(400, &absent), Fact::Known(Vec::new()));
        assert_eq!(seen(403, &unlicensed), Fact::Known(Vec::new()));
        assert_eq!(seen(403, &forbidden), Fact::Unknown);
    }

    #[test]
    fn a_leader_is_read_from_its_settings() {
        let asked = |status, body| {
            answer(
                Question::Leader {
                    index: "logs".into(),
                },
                status,
                body,
            )
        };
        let body = json!({"logs": {"settings": {
            "index.soft_deletes.enabled": "false", "index.store.type": "snapshot"}}});
        let found = leader(&asked(200, body), "logs")
            .into_known()
            .flatten()
            .unwrap();
        assert!(!found.soft_deletes && found.searchable_snapshot);
        assert_eq!(leader(&asked(404, json!({})), "logs"), Fact::Known(None));
        assert_eq!(leader(&asked(403, json!({})), "logs"), Fact::Unknown);
        // An alias is answered under the name of its index.
        let body = json!({"logs-000001": {"settings": {}}});
        assert_eq!(leader(&asked(200, body), "logs"), Fact::Unknown);
    }
}
