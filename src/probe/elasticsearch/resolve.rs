//! `_resolve/cluster` and `_search` through a link.

use serde_json::Value;

use crate::evidence::{ErrorLevel, ErrorSource, Fact, IndexAnswer, Resolve, SearchAnswer, Shards};

use super::errors::{capped, error_levels, summary};
use super::question::expression;
use super::values::{at, boolean, count, text};
use super::{Answer, Question};

/// Reads `GET /_resolve/cluster/<alias>:*`, with every message of its errors. `None` where no reply
/// came that says anything: not even that nothing came in time.
pub(in super::super) fn resolve(
    answer: &Answer,
    alias: &str,
) -> Option<(Resolve, Vec<ErrorLevel>)> {
    if answer.interrupted() {
        return None;
    }
    let entry = answer.json().and_then(|body| body.get(alias));
    let (error, levels) = failure(answer, entry, ErrorSource::Resolve);
    let resolve = Resolve {
        status: answer.status(),
        connected: entry.and_then(|it| boolean(it, &["connected"])).into(),
        error,
        matching_indices: entry
            .and_then(|it| boolean(it, &["matching_indices"]))
            .into(),
        version: entry.and_then(|it| text(it, &["version", "number"])).into(),
        took_ms: answer.took_ms,
    };
    Some((resolve, levels))
}

/// Reads `GET /_resolve/cluster/<alias>:<index>`.
pub(in super::super) fn index_answer(answer: &Answer) -> Option<(IndexAnswer, Vec<ErrorLevel>)> {
    let Question::ResolveIndex { alias, index } = &answer.question else {
        return None;
    };
    answer.status()?;
    let entry = answer.json().and_then(|body| body.get(alias));
    let (error, levels) = failure(answer, entry, ErrorSource::Index);
    let answer = IndexAnswer {
        index: index.clone(),
        error,
        matching_indices: entry
            .and_then(|it| boolean(it, &["matching_indices"]))
            .into(),
    };
    Some((answer, levels))
}

/// The error of an entry or of the whole call.
fn failure(
    answer: &Answer,
    entry: Option<&Value>,
    source: ErrorSource,
) -> (Option<String>, Vec<ErrorLevel>) {
    let whole = || {
        answer
            .body()
            .filter(|_| answer.status() != Some(200))
            .and_then(|body| at(body, &["error"]))
    };
    match entry.and_then(|it| at(it, &["error"])).or_else(whole) {
        Some(error) => (summary(error), error_levels(error, source)),
        None => match &answer.outcome {
            Err(failure) => (Some(capped(failure.to_string())), Vec::new()),
            Ok(_) => (None, Vec::new()),
        },
    }
}

/// Reads the search.
pub(in super::super) fn search_answer(answer: &Answer) -> Option<SearchAnswer> {
    let Question::Search { alias, indices } = &answer.question else {
        return None;
    };
    if answer.interrupted() {
        return None;
    }
    let body = answer.body();
    let part = body.and_then(|it| part(it, alias));
    Some(SearchAnswer {
        expression: expression(alias, indices),
        status: answer.status(),
        cluster_status: body.and_then(|it| text(it, &["_clusters", "details", alias, "status"])),
        timed_out: part.and_then(|it| boolean(it, &["timed_out"])),
        shards: part.and_then(shards),
        took_ms: Fact::Known(answer.took_ms),
    })
}

/// What the answer says of this cluster's part. Before 8.10 it says nothing of single clusters, and the
/// whole is that part: no other cluster was asked.
fn part<'a>(body: &'a Value, alias: &str) -> Option<&'a Value> {
    match at(body, &["_clusters", "details"]) {
        Some(details) => details.get(alias),
        None => Some(body),
    }
}

fn shards(part: &Value) -> Option<Shards> {
    Some(Shards {
        total: count(part, &["_shards", "total"])?,
        failed: count(part, &["_shards", "failed"])?,
    })
}

/// Every message of the search's errors: of the call, of this cluster's part in it, and of its shards.
pub(in super::super) fn search_errors(answer: &Answer, alias: &str) -> Vec<ErrorLevel> {
    let Some(body) = answer.body() else {
        return Vec::new();
    };
    let mut levels = Vec::new();
    let whole = at(body, &["error"]);
    let part = at(body, &["_clusters", "details", alias, "failures"]);
    let shards = at(body, &["_shards", "failures"]);
    for error in whole.into_iter().chain(part).chain(shards) {
        for level in error_levels(error, ErrorSource::Search) {
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
    }
    levels
}

/// Whether the answer to `_resolve/cluster/<alias>:*` shows a link that works.
pub(super) fn works(resolve: &Resolve) -> bool {
    resolve.connected == Fact::Known(true) && resolve.error.is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Body, Reply};
    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            question: Question::Resolve {
                alias: "bee".into(),
            },
            node: None,
            outcome: Ok(Reply {
                status,
                product: true,
                location: None,
                body: Body::Json(body),
            }),
            took_ms: 7,
        }
    }

    #[test]
    fn an_error_beside_connected_true_is_no_working_link() {
        // 8.14.1, key_expired.
        let body = json!({"bee": {"connected": true, "skip_unavailable": true,
            "error": "unable to authenticate user [x] for action [y]"}});
        let (resolve, levels) = resolve(&answer(200, body), "bee").unwrap();
        assert!(!works(&resolve));
        assert_eq!(levels.len(), 1);
        assert_eq!(levels[0].source, ErrorSource::Resolve);
    }

    #[test]
    fn a_refused_call_gives_its_causes() {
        // 8.14.1, role_missing.
        let body = json!({"error": {"type": "security_exception", "reason": "unauthorized",
            "caused_by": {"type": "illegal_argument_exception",
                "reason": "node [a-node] does not have the remote cluster client role enabled"}},
            "status": 403});
        let (resolve, levels) = resolve(&answer(403, body), "bee").unwrap();
        assert_eq!(resolve.status, Some(403));
        assert!(resolve.connected.is_unknown());
        assert_eq!(levels.len(), 2);
    }

    fn searched(body: Value) -> Answer {
        Answer {
            question: Question::Search {
                alias: "bee".into(),
                indices: vec!["logs".into()],
            },
            ..answer(200, body)
        }
    }

    #[test]
    fn shards_are_counted_for_the_remote_alone() {
        // 8.16.3, partial_results (lab findings §7).
        let answer = searched(json!({"timed_out": false,
            "_shards": {"total": 3, "successful": 2, "skipped": 0, "failed": 1},
            "_clusters": {"total": 1, "partial": 1, "details": {"bee": {"status": "partial",
                "timed_out": true, "_shards": {"total": 2, "successful": 1, "failed": 1},
                "failures": [{"shard": 0, "index": "bee:logs",
                    "reason": {"type": "illegal_state_exception", "reason": "boom"}}]}}}}));
        let found = search_answer(&answer).unwrap();
        assert_eq!(
            found.shards,
            Some(Shards {
                total: 2,
                failed: 1
            })
        );
        assert_eq!(found.timed_out, Some(true));
        assert_eq!(search_errors(&answer, "bee").len(), 1);
    }

    #[test]
    fn without_a_word_on_clusters_the_whole_answer_is_the_remotes() {
        // Shape of 8.9 and earlier: no `details`.
        let answer = searched(json!({"timed_out": false,
            "_shards": {"total": 2, "failed": 1, "failures": [{"shard": 0, "index": "bee:logs",
                "reason": {"type": "illegal_state_exception", "reason": "boom"}}]},
            "_clusters": {"total": 1, "successful": 1, "skipped": 0}}));
        let found = search_answer(&answer).unwrap();
        assert_eq!(found.timed_out, Some(false));
        assert_eq!(found.shards.map(|it| it.failed), Some(1));
        assert_eq!(search_errors(&answer, "bee")[0].reason, "boom");
    }

    #[test]
    fn of_a_remote_that_was_left_out_no_shards_are_known() {
        let answer = searched(
            json!({"timed_out": false, "_shards": {"total": 0, "failed": 0},
            "_clusters": {"total": 1, "skipped": 1, "details": {"bee": {"status": "skipped"}}}}),
        );
        let found = search_answer(&answer).unwrap();
        assert_eq!((found.shards, found.timed_out), (None, None));
    }
}
