//! What comes back: the link works, and the remote cluster has no hits to give, or not all.

use anyhow::Result;
use serde_json::json;

use super::{Case, broken, sound};
use crate::{pair::Pair, tool::Ask};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "results index missing",
            |pair| Ok(Ask::of(pair).always_index("logs-nope")),
            &["search/index-missing"],
        )
        .proof(&["no such index [logs-nope]"]),
        broken(
            "results index missing beside one that exists",
            |pair| Ok(Ask::of(pair).always_index("logs,bee:logs-nope")),
            &["search/index-missing"],
        )
        .proof(&["no such index [logs-nope]"]),
        broken("results index closed", closed, &["search/index-closed"])
            .proof(&["index_closed_exception"]),
        broken(
            "results every shard lost",
            |pair| lost(pair, "logs-lost"),
            &["search/all-shards-failed"],
        )
        .proof(&["no_shard_available_action_exception"]),
        broken(
            "results every shard lost, the others left out",
            |pair| lost(pair, "logs*,bee:-logs"),
            &["search/all-shards-failed"],
        )
        .proof(&["no_shard_available_action_exception"]),
        sound("healthy with one shard lost", |pair| lost(pair, "logs*"))
            .proof(&["\"status\":\"partial\""])
            .mentioning(&["search/partial-results"]),
        sound("healthy with a pattern that matches nothing", |pair| {
            Ok(Ask::of(pair).always_index("logs-nope*"))
        })
        .mentioning(&["search/nothing-matches"]),
    ]
}

fn closed(pair: &mut Pair) -> Result<Ask> {
    let body = json!({ "settings": { "number_of_replicas": 0 } });
    pair.b.must("PUT", "/logs-closed", Some(&body))?;
    pair.b.must("POST", "/logs-closed/_close", None)?;
    Ok(Ask::of(pair).always_index("logs-closed"))
}

/// An index whose only shard no node may hold.
fn lost(pair: &mut Pair, index: &'static str) -> Result<Ask> {
    let body = json!({ "settings": {
        "number_of_replicas": 0,
        "index.routing.allocation.require.box": "nowhere",
    } });
    let path = "/logs-lost?wait_for_active_shards=0&timeout=1s";
    pair.b.must("PUT", path, Some(&body))?;
    Ok(Ask::of(pair).always_index(index))
}
