//! `_resolve/cluster` and `_search` through a link.

use serde_json::Value;

use crate::evidence::{ErrorLevel, ErrorSource, Fact, IndexAnswer, Resolve, SearchAnswer};

use super::errors::{capped, error_levels, summary};
use super::question::expression;
use super::values::{at, boolean, text};
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
    Some(SearchAnswer {
        expression: expression(alias, indices),
        status: answer.status(),
        cluster_status: answer
            .body()
            .and_then(|body| text(body, &["_clusters", "details", alias, "status"])),
    })
}

/// Every message of the search's errors: of the call, and of this cluster's part in it.
pub(in super::super) fn search_errors(answer: &Answer, alias: &str) -> Vec<ErrorLevel> {
    let Some(body) = answer.body() else {
        return Vec::new();
    };
    let mut levels = Vec::new();
    let whole = at(body, &["error"]);
    let part = at(body, &["_clusters", "details", alias, "failures"]);
    for error in whole.into_iter().chain(part) {
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
}
