//! The query parameter `filter_path` and the metrics in the path of `GET /_nodes/…`, as far as
//! crosscheck uses them.

use serde_json::{Map, Value};

/// Keeps what one of the comma-separated patterns matches: names joined by dots, `*` for any part of
/// a name. `None` where nothing is left.
pub(super) fn filter_path(value: &Value, patterns: &str) -> Value {
    let patterns: Vec<Vec<&str>> = patterns
        .split(',')
        .map(|it| it.split('.').collect())
        .collect();
    let patterns: Vec<&[&str]> = patterns.iter().map(Vec::as_slice).collect();
    keep(value, &patterns).unwrap_or_else(|| Value::Object(Map::new()))
}

/// Leaves out the sections of every node that were not asked for.
pub(super) fn node_sections(nodes: &mut Value, metrics: &str) {
    let metrics: Vec<&str> = metrics.split(',').collect();
    let Some(nodes) = nodes.get_mut("nodes").and_then(Value::as_object_mut) else {
        return;
    };
    for node in nodes.values_mut().filter_map(Value::as_object_mut) {
        for section in [
            "settings",
            "transport",
            "http",
            "remote_cluster_server",
            "jvm",
        ] {
            if !metrics.contains(&section) {
                node.remove(section);
            }
        }
    }
}

fn keep(value: &Value, patterns: &[&[&str]]) -> Option<Value> {
    if patterns.iter().any(|it| it.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Value::Object(map) => {
            let kept: Map<String, Value> = map
                .iter()
                .filter_map(|(name, value)| {
                    let below: Vec<&[&str]> = patterns
                        .iter()
                        .filter_map(|it| it.split_first())
                        .filter(|(first, _)| matches(first, name))
                        .map(|(_, rest)| rest)
                        .collect();
                    if below.is_empty() {
                        return None;
                    }
                    Some((name.clone(), keep(value, &below)?))
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(list) => {
            let kept: Vec<Value> = list.iter().filter_map(|it| keep(it, patterns)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => None,
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_what_is_asked_for() {
        let nodes = json!({"nodes": {"id": {"name": "n", "jvm": {"start": 1, "pid": 2}}}, "x": 1});
        assert_eq!(
            filter_path(&nodes, "nodes.*.name,nodes.*.jvm.st*"),
            json!({"nodes": {"id": {"name": "n", "jvm": {"start": 1}}}})
        );
        assert_eq!(filter_path(&nodes, "y"), json!({}));
    }
}
