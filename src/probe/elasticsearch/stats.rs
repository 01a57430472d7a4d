//! `GET /_cluster/stats?include_remotes=true`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::RemoteStats;

use super::values::{at, text, texts};

/// The remotes by alias; none where the answer has none.
pub(in super::super) fn remote_stats(body: &Value) -> BTreeMap<String, RemoteStats> {
    at(body, &["ccs", "clusters"])
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(alias, it)| {
            let stats = RemoteStats {
                status: text(it, &["status"])?,
                uuid: text(it, &["cluster_uuid"])
                    .filter(|it| it != "unavailable")
                    .into(),
                versions: texts(it, &["version"]).filter(|it| !it.is_empty()).into(),
            };
            Some((alias.clone(), stats))
        })
        .collect()
}
