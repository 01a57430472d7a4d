//! Whose answer a JSON document is, by what it holds.

use serde_json::{Map, Value};

use super::keep::Keep::{self, All, Only};
use crate::probe::elasticsearch::{Moment, Question};

/// What is kept of any document: all that some reader of answers looks at.
pub(super) const WANTED: Keep = Only(&[
    // Manifests.
    ("collectionDate", All),
    ("diagType", All),
    ("diagVersion", All),
    ("diagnostic", All),
    ("diagnosticInputs", All),
    ("includedDiagnostics", All),
    ("mode", All),
    ("product", All),
    ("Product Version", All),
    ("requested_apis", Only(&[("*", Only(&[("status", All)]))])),
    ("timestamp", All),
    ("type", All),
    // Answers.
    ("_clusters", All),
    ("_shards", Only(&[("failures", All), ("total", All)])),
    ("api_key", All),
    ("api_keys", All),
    ("auto_follow_stats", All),
    ("authentication_type", All),
    ("ccs", Only(&[("clusters", All)])),
    ("cluster", All),
    ("cluster_name", All),
    ("cluster_uuid", All),
    ("encoded", All),
    ("error", All),
    ("features", All),
    ("follow_stats", All),
    ("follower_indices", All),
    ("indices", All),
    ("kind", All),
    ("license", All),
    ("name", All),
    ("nodes", Only(&[("versions", All), ("*", NODE)])),
    ("num_reduce_phases", All),
    ("patterns", All),
    ("persistent", All),
    ("remote_cluster", All),
    ("remote_indices", All),
    ("roles", All),
    ("schema", All),
    ("status", All),
    ("tagline", All),
    ("took", All),
    ("transient", All),
    ("username", All),
    ("version", All),
    // Certificates are a list.
    ("expiry", All),
    ("has_private_key", All),
    ("issuer", All),
    ("path", All),
    ("serial_number", All),
    ("subject_dn", All),
    // Answers by alias.
    (
        "*",
        Only(&[
            ("cluster_credentials", All),
            ("connected", All),
            ("error", All),
            ("initial_connect_timeout", All),
            ("matching_indices", All),
            ("max_connections_per_cluster", All),
            ("max_proxy_socket_connections", All),
            ("mode", All),
            ("num_nodes_connected", All),
            ("num_proxy_sockets_connected", All),
            ("proxy_address", All),
            ("seeds", All),
            ("server_name", All),
            ("skip_unavailable", All),
            ("version", All),
        ]),
    ),
]);

const NODE: Keep = Only(&[
    ("attributes", All),
    ("http", Only(&[("publish_address", All)])),
    ("jvm", Only(&[("start_time_in_millis", All)])),
    ("keystore_digest", All),
    ("keystore_last_modified_time", All),
    ("name", All),
    ("os", Only(&[])),
    ("reload_exception", All),
    ("remote_cluster_server", All),
    ("roles", All),
    ("secure_setting_names", All),
    ("settings", All),
    ("transport", Only(&[("publish_address", All)])),
    ("version", All),
]);

/// The questions that a document answers, in the order of asking; none where it is no known answer.
/// `hint` is the file's name or the request that was saved with it.
pub(super) fn questions(value: &Value, hint: &str) -> Vec<Question> {
    match value {
        Value::Array(list) => {
            let certificate =
                |it: &Value| it.get("subject_dn").is_some() && it.get("serial_number").is_some();
            if list.first().is_some_and(certificate) {
                vec![Question::Certificates]
            } else {
                Vec::new()
            }
        }
        Value::Object(map) => of_object(map, hint),
        _ => Vec::new(),
    }
}

/// Whether it is the answer that made an API key: it holds the secret.
pub(super) fn made_a_key(value: &Value) -> bool {
    value.get("encoded").is_some_and(Value::is_string)
        && (value.get("api_key").is_some() || value.get("name").is_some())
}

fn of_object(map: &Map<String, Value>, hint: &str) -> Vec<Question> {
    let has = |key: &str| map.contains_key(key);
    let object = |key: &str| map.get(key).and_then(Value::as_object);
    let list = |key: &str| map.get(key).and_then(Value::as_array);
    if object("version").is_some_and(|it| it.contains_key("number")) && has("cluster_name")
        || has("tagline")
    {
        return vec![Question::Root];
    }
    if let Some(clusters) = object("_clusters") {
        let details = clusters.get("details").and_then(Value::as_object);
        let aliases = details
            .into_iter()
            .flatten()
            .map(|(alias, _)| alias.clone());
        return aliases
            .filter(|alias| alias != "(local)")
            .map(|alias| Question::Search {
                alias,
                indices: Vec::new(),
            })
            .collect();
    }
    if has("persistent") && has("transient") {
        return vec![Question::ClusterSettings];
    }
    if object("ccs").is_some() || has("cluster_uuid") && has("indices") {
        return vec![Question::RemoteStats];
    }
    if let Some(nodes) = object("nodes") {
        return of_nodes(nodes);
    }
    if list("follower_indices").is_some() {
        return vec![Question::FollowInfo];
    }
    if object("auto_follow_stats").is_some() && object("follow_stats").is_some() {
        return vec![Question::FollowStats(Moment::Before)];
    }
    if list("patterns").is_some() {
        return vec![Question::AutoFollow];
    }
    if object("license").is_some() {
        return vec![Question::License];
    }
    if list("features").is_some() {
        return vec![Question::FeatureUsage];
    }
    if has("username") && has("roles") && has("authentication_type") {
        return vec![Question::Caller];
    }
    if list("cluster").is_some() && list("indices").is_some() {
        return vec![Question::Privileges];
    }
    if let Some(keys) = list("api_keys") {
        return keys
            .iter()
            .filter_map(|it| it.get("id")?.as_str())
            .map(|id| Question::ApiKey { id: id.to_owned() })
            .collect();
    }
    by_alias(map, hint)
}

fn of_nodes(nodes: &Map<String, Value>) -> Vec<Question> {
    let nodes = || nodes.values().filter_map(Value::as_object);
    if nodes().any(|it| it.contains_key("version") || it.contains_key("settings")) {
        // A whole answer has every part, and so the remote cluster server where it is on.
        let server = nodes().all(|it| it.contains_key("os") && it.contains_key("transport"));
        return vec![Question::Nodes { server }];
    }
    let reload = |it: &Map<String, Value>| {
        it.contains_key("secure_setting_names") || it.contains_key("reload_exception")
    };
    if nodes().any(reload) {
        return vec![Question::ReloadSecureSettings];
    }
    Vec::new()
}

/// `_remote/info` and `_resolve/cluster` answer with one entry an alias.
fn by_alias(map: &Map<String, Value>, hint: &str) -> Vec<Question> {
    let hinted = hint.contains("remote") && hint.contains("info");
    if map.is_empty() {
        let question = Question::RemoteInfo(Moment::Before);
        return if hinted { vec![question] } else { Vec::new() };
    }
    let entries: Vec<_> = map
        .iter()
        .filter_map(|(alias, it)| Some((alias, it.as_object()?)))
        .collect();
    if entries.is_empty() || entries.len() < map.len() {
        return Vec::new();
    }
    let told = |key: &str| entries.iter().any(|(_, it)| it.contains_key(key));
    if told("connected") && (told("mode") || told("seeds") || told("num_nodes_connected")) {
        return vec![Question::RemoteInfo(Moment::Before)];
    }
    if entries.iter().all(|(_, it)| it.contains_key("connected")) && told("skip_unavailable") {
        return entries
            .iter()
            .filter(|(alias, _)| *alias != "(local)")
            .map(|(alias, _)| Question::Resolve {
                alias: (*alias).clone(),
            })
            .collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_known_by_their_shape() {
        let resolve = Question::Resolve {
            alias: "bee".into(),
        };
        let search = Question::Search {
            alias: "bee".into(),
            indices: Vec::new(),
        };
        let info = Question::RemoteInfo(Moment::Before);
        for (value, question) in [
            (
                json!({"cluster_name": "a", "version": {"number": "9.4.3"}, "tagline": "You Know, for Search"}),
                Question::Root,
            ),
            (
                json!({"bee": {"connected": true, "mode": "proxy", "skip_unavailable": true}}),
                info.clone(),
            ),
            // 6.8 had no mode.
            (
                json!({"bee": {"connected": true, "seeds": [], "num_nodes_connected": 1}}),
                info.clone(),
            ),
            (
                json!({"bee": {"connected": false, "skip_unavailable": true, "error": "x"}}),
                resolve,
            ),
            (
                json!({"took": 1, "_clusters": {"details": {"(local)": {}, "bee": {}}}, "_shards": {}}),
                search,
            ),
            (
                json!({"persistent": {}, "transient": {}, "defaults": {}}),
                Question::ClusterSettings,
            ),
            (
                json!({"nodes": {"x": {"name": "n", "version": "9.4.3", "os": {}, "transport": {}}}}),
                Question::Nodes { server: true },
            ),
            (
                json!({"nodes": {"x": {"name": "n", "secure_setting_names": []}}}),
                Question::ReloadSecureSettings,
            ),
            (json!({"follower_indices": []}), Question::FollowInfo),
            (json!({"patterns": []}), Question::AutoFollow),
            (
                json!({"auto_follow_stats": {}, "follow_stats": {"indices": []}}),
                Question::FollowStats(Moment::Before),
            ),
            (
                json!([{"path": "a", "subject_dn": "CN=a", "serial_number": "1"}]),
                Question::Certificates,
            ),
            (
                json!({"username": "u", "roles": [], "authentication_type": "realm"}),
                Question::Caller,
            ),
            (
                json!({"cluster_uuid": "u", "cluster_name": "a", "indices": {}, "nodes": {"versions": []}}),
                Question::RemoteStats,
            ),
        ] {
            assert_eq!(questions(&value, "x.json"), [question], "{value}");
        }
        assert_eq!(questions(&json!({}), "remote_cluster_info.json"), [info]);
        for value in [
            json!({}),
            json!([]),
            json!({"items": {"connected": 1}, "x": 1}),
            json!(1),
        ] {
            assert!(questions(&value, "x.json").is_empty(), "{value}");
        }
    }
}
