//! Errors of Elasticsearch: the decisive words mostly stand deep inside.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::evidence::{ErrorLevel, ErrorSource};
use crate::scrub;

use super::values::text;

/// Most characters that are kept of a text from outside.
const MAX_TEXT: usize = 2_000;

/// Most levels that are kept of one error.
const MAX_LEVELS: usize = 64;

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 32;

/// Every message in an error, outermost first: the exception itself, its causes, what was
/// suppressed, what failed on shards and what `root_cause` adds. In proxy mode the cause of a failed
/// connection stands in `suppressed` alone.
///
/// The reasons of refused credentials (`additional_unsuccessful_credentials`) are levels of their
/// own without a type.
pub(in super::super) fn error_levels(error: &Value, source: ErrorSource) -> Vec<ErrorLevel> {
    let mut levels = Vec::new();
    collect(error, source, 0, &mut levels);
    levels
}

fn collect(error: &Value, source: ErrorSource, depth: usize, levels: &mut Vec<ErrorLevel>) {
    if depth > MAX_DEPTH || levels.len() >= MAX_LEVELS {
        return;
    }
    match error {
        Value::String(reason) => push(source, String::new(), reason.clone(), levels),
        Value::Array(list) => {
            for item in list {
                collect(item, source, depth + 1, levels);
            }
        }
        Value::Object(_) => {
            let kind = text(error, &["type"]).unwrap_or_default();
            match error.get("reason") {
                // A failed shard wraps the exception in its `reason`.
                Some(inner @ Value::Object(_)) => collect(inner, source, depth + 1, levels),
                reason => {
                    let reason = reason.and_then(Value::as_str).unwrap_or_default();
                    if !(kind.is_empty() && reason.is_empty()) {
                        push(source, kind, reason.to_owned(), levels);
                    }
                }
            }
            if let Some(refused) = text(error, &["additional_unsuccessful_credentials"]) {
                push(source, String::new(), refused, levels);
            }
            for key in ["caused_by", "suppressed", "failed_shards", "root_cause"] {
                if let Some(inner) = error.get(key) {
                    collect(inner, source, depth + 1, levels);
                }
            }
        }
        _ => {}
    }
}

fn push(source: ErrorSource, kind: String, reason: String, levels: &mut Vec<ErrorLevel>) {
    let level = ErrorLevel {
        source,
        kind,
        reason: capped(reason),
    };
    if levels.len() < MAX_LEVELS && !levels.contains(&level) {
        levels.push(level);
    }
}

/// A text no longer than [`MAX_TEXT`].
pub(super) fn capped(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some(_) => scrub::beginning(&text, MAX_TEXT),
        None => text,
    }
}

/// Type and reason of an error, in one line.
pub(super) fn summary(error: &Value) -> Option<String> {
    if let Some(text) = error.as_str() {
        return Some(capped(text.to_owned()));
    }
    let reason = text(error, &["reason"]);
    let kind = text(error, &["type"]);
    let line = match (kind, reason) {
        (Some(kind), Some(reason)) => format!("{kind}: {reason}"),
        (kind, reason) => reason.or(kind)?,
    };
    Some(capped(line))
}

/// Type and reason of an error and of each of its causes, outermost first, in one line.
pub(super) fn chain(error: &Value) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut level = Some(error);
    for _ in 0..MAX_DEPTH {
        let Some(error) = level else { break };
        words.extend(summary(error).filter(|it| !words.contains(it)));
        level = error.get("caused_by");
    }
    capped(words.join("; caused by "))
}

/// Privileges that an error says would have granted the action: `cluster` or `index`, and their
/// names.
pub(super) fn granting_privileges(reason: &str) -> Option<(&str, Vec<&str>)> {
    static GRANTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"this action is granted by the (cluster|index) privileges \[([^\]]+)\]")
            .expect("a constant pattern")
    });
    let found = GRANTED.captures(reason)?;
    let (_, [kind, names]) = found.extract();
    Some((kind, names.split(',').map(str::trim).collect()))
}

/// Ids of API keys that errors name, each once. In the general text the "user" is the key's id.
pub(in super::super) fn key_ids<'a>(
    levels: impl IntoIterator<Item = &'a ErrorLevel>,
) -> Vec<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:apikey with id |API key id \[|[aA][pP][iI] key \[|id:\[|unable to authenticate user \[)([A-Za-z0-9_-]{20})(?:\]|\b)",
        )
        .expect("a constant pattern")
    });
    let mut ids = Vec::new();
    for level in levels {
        for found in NAMED.captures_iter(&level.reason) {
            let (_, [id]) = found.extract();
            if !ids.iter().any(|it| it == id) {
                ids.push(id.to_owned());
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_cause_in_suppressed_and_refused_credentials() {
        // Shape: 9.4.3, key_malformed and port_closed with skip_unavailable false.
        let error = json!({
            "root_cause": [{"type": "no_seed_node_left_exception", "reason": "Unable to open"}],
            "type": "no_seed_node_left_exception", "reason": "Unable to open",
            "additional_unsuccessful_credentials": "API key: api key is expired",
            "suppressed": [{"type": "connect_transport_exception", "reason": "[][127.0.0.1:1] connect_exception",
                "caused_by": {"type": "connect_exception", "reason": "Connection refused"}}],
        });
        let levels = error_levels(&error, ErrorSource::Search);
        let reasons: Vec<&str> = levels.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "Unable to open",
                "API key: api key is expired",
                "[][127.0.0.1:1] connect_exception",
                "Connection refused"
            ]
        );
    }

    #[test]
    fn survives_endless_nesting() {
        let mut error = json!({"type": "x", "reason": "y"});
        for n in 0..120 {
            error = json!({"type": "x", "reason": n.to_string(), "caused_by": error});
        }
        assert!(error_levels(&error, ErrorSource::Search).len() <= MAX_LEVELS);
    }

    #[test]
    fn names_the_keys_of_every_text() {
        let level = |reason: &str| ErrorLevel {
            source: ErrorSource::Resolve,
            kind: String::new(),
            reason: reason.into(),
        };
        // Texts: lab findings §4.
        let levels = [
            level("unable to find apikey with id aaaaaaaaaaaaaaaaaaa1"),
            level("api key [aaaaaaaaaaaaaaaaaaa2] has been invalidated"),
            level("unable to authenticate user [aaaaaaaaaaaaaaaaaaa3] for action [x]"),
            level("type of [cross_cluster], but API key [aaaaaaaaaaaaaaaaaaa4] has type [rest]"),
            level("authenticated by API key id [aaaaaaaaaaaaaaaaaaa5] of user [elastic]"),
            level("API key (type:[cross_cluster], id:[aaaaaaaaaaaaaaaaaaa6]) requires"),
            level("action [y] is unauthorized for user [elastic]"),
        ];
        let ids = key_ids(&levels);
        assert_eq!(ids.len(), 6, "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("aaaaaaaaaaaaaaaaaaa")));
    }
}
