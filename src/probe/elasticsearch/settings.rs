//! Settings: flat, only those that matter for remotes, and never a secret.

use std::collections::BTreeMap;

use serde_json::Value;

use super::values::strings;

/// Settings that evidence keeps begin with one of these.
const KEPT: [&str; 11] = [
    "cluster.name",
    "cluster.remote.",
    "http.",
    "network.",
    "node.",
    "remote_cluster.",
    "remote_cluster_client.",
    "remote_cluster_server.",
    "search.check_ccs_compatibility",
    "transport.",
    "xpack.security.",
];

/// Settings of one alias in `cluster.remote.<alias>.*`. What is not of this list is no alias:
/// `cluster.remote.node.attr`, `cluster.remote.signing.*`.
const OF_AN_ALIAS: [&str; 13] = [
    "credentials",
    "mode",
    "node_connections",
    "proxy",
    "proxy_address",
    "proxy_socket_connections",
    "seeds",
    "server_name",
    "skip_unavailable",
    "transport.compress",
    "transport.compression_scheme",
    "transport.ping_schedule",
    "signing.",
];

/// Persistent and transient settings of `GET /_cluster/settings?flat_settings=true`; transient ones
/// win.
pub(super) fn cluster_settings(body: &Value) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for kind in ["persistent", "transient"] {
        if let Some(part) = body.get(kind) {
            settings.extend(flat(part));
        }
    }
    settings
}

/// The kept settings of a nested or flat object, flat; lists are written `a,b`.
pub(super) fn flat(value: &Value) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    flatten(String::new(), value, 0, &mut settings);
    settings.retain(|key, _| kept(key));
    settings
}

fn flatten(key: String, value: &Value, depth: usize, settings: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Object(map) => {
            if depth < 32 {
                for (name, inner) in map {
                    let key = if key.is_empty() {
                        name.clone()
                    } else {
                        format!("{key}.{name}")
                    };
                    flatten(key, inner, depth + 1, settings);
                }
            }
            return;
        }
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Array(list) => strings(list).join(","),
        other => other.to_string(),
    };
    settings.insert(key, text);
}

fn kept(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    let secret = ["password", "passphrase", "secret", "credentials"]
        .iter()
        .any(|word| last.contains(word));
    !secret && KEPT.iter().any(|prefix| key.starts_with(prefix))
}

/// Settings by alias, without the prefix `cluster.remote.<alias>.`.
pub(super) fn alias_settings(
    settings: &BTreeMap<String, String>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut aliases: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (key, value) in settings {
        let Some((alias, setting)) = key
            .strip_prefix("cluster.remote.")
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        let known = OF_AN_ALIAS
            .iter()
            .any(|it| setting == *it || (it.ends_with('.') && setting.starts_with(it)));
        if known {
            aliases
                .entry(alias.to_owned())
                .or_default()
                .insert(setting.to_owned(), value.clone());
        }
    }
    aliases
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn transient_wins_and_what_is_no_alias_is_left_out() {
        let settings = cluster_settings(&json!({
            "persistent": {
                "cluster.remote.bee.mode": "proxy",
                "cluster.remote.bee.seeds": ["a:1", "b:2"],
                "cluster.remote.node.attr": "gateway",
                "cluster.remote.signing.certificate_authorities": "ca.crt",
                "indices.recovery.max_bytes_per_sec": "1mb",
            },
            "transient": {"cluster.remote.bee.mode": "sniff"},
        }));
        assert!(!settings.contains_key("indices.recovery.max_bytes_per_sec"));
        let aliases = alias_settings(&settings);
        assert_eq!(aliases.keys().collect::<Vec<_>>(), ["bee"]);
        assert_eq!(aliases["bee"]["mode"], "sniff");
        assert_eq!(aliases["bee"]["seeds"], "a:1,b:2");
    }

    #[test]
    fn nested_settings_become_flat_and_secrets_stay_out() {
        let settings = flat(&json!({
            "xpack": {"security": {
                "transport": {"ssl": {"enabled": "true", "keystore": {"password": "geheim"}}},
                "authc": {"api_key": {"enabled": "false"}},
            }},
            "path": {"data": "/x"},
        }));
        let expected = [
            ("xpack.security.authc.api_key.enabled", "false"),
            ("xpack.security.transport.ssl.enabled", "true"),
        ];
        let found: Vec<_> = settings
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}
