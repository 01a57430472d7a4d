//! The groups of nodes of a resource.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::NodeSet;

/// Beginnings of the settings that are kept.
const KEPT: [&str; 8] = [
    "cluster.remote.",
    "network.",
    "node.attr.",
    "node.roles",
    "remote_cluster",
    "transport.",
    "xpack.security.remote_cluster_",
    "xpack.security.transport.",
];

/// Settings within settings.
const DEPTH: usize = 32;

pub(super) fn node_sets(spec: &Value) -> Vec<NodeSet> {
    let sets = spec["nodeSets"].as_array().into_iter().flatten();
    sets.map(|set| {
        let mut settings = BTreeMap::new();
        flatten(&set["config"], String::new(), &mut settings, DEPTH);
        settings.retain(|name, _| KEPT.iter().any(|it| name.starts_with(it)));
        NodeSet {
            name: super::text(&set["name"]).unwrap_or_default(),
            count: set["count"].as_u64().unwrap_or(0),
            roles: settings.remove("node.roles").map(|roles| {
                let roles = roles.split(',').filter(|it| !it.is_empty());
                roles.map(str::to_owned).collect()
            }),
            settings,
        }
    })
    .collect()
}

/// Writes nested and dotted settings alike.
fn flatten(value: &Value, name: String, settings: &mut BTreeMap<String, String>, depth: usize) {
    match value {
        Value::Object(map) if depth > 0 => {
            for (key, value) in map {
                let name = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                flatten(value, name, settings, depth - 1);
            }
        }
        Value::Array(list) => {
            let values: Vec<String> = list.iter().map(scalar).collect();
            settings.insert(name, values.join(","));
        }
        Value::Null | Value::Object(_) => {}
        scalar_value => {
            settings.insert(name, scalar(scalar_value));
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether the nodes of a group carry a label of the operator for a role
/// (`elasticsearch.k8s.elastic.co/node-<role>`).
pub(super) fn has_role(set: &NodeSet, role: &str) -> bool {
    match &set.roles {
        // Only who votes without being elected says so.
        None => role != "voting_only",
        Some(roles) => roles.iter().any(|it| it == role),
    }
}
