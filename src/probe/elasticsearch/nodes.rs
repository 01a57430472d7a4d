//! `GET /_nodes`: versions, roles, addresses and the settings of files.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::{Fact, Node, RemoteClusterServer};

use super::settings::flat;
use super::values::{at, millis, text, texts};

/// The nodes by name; nodes that share one get their id behind it. `server` says whether the remote
/// cluster server was asked for: only then does its absence mean that it is off.
pub(in super::super) fn nodes(body: &Value, server: bool) -> BTreeMap<String, Node> {
    let mut found = BTreeMap::new();
    for (id, entry) in entries(body) {
        let name = text(entry, &["name"]).unwrap_or_else(|| id.clone());
        let name = if found.contains_key(&name) {
            format!("{name} ({id})")
        } else {
            name
        };
        found.insert(name, node(id, entry, server));
    }
    found
}

/// The HTTP address of each node, as `host:port`: the name where the node publishes one, else the
/// IP address. A certificate is mostly made for the name.
pub(super) fn http_hosts(body: &Value) -> BTreeMap<String, String> {
    entries(body)
        .filter_map(|(id, entry)| {
            let name = text(entry, &["name"]).unwrap_or_else(|| id.clone());
            let published = text(entry, &["http", "publish_address"])?;
            let host = match published.split_once('/') {
                Some((host, address)) if !host.is_empty() => {
                    let (_, port) = address.rsplit_once(':')?;
                    format!("{host}:{port}")
                }
                _ => socket(&published),
            };
            Some((name, host))
        })
        .collect()
}

fn entries(body: &Value) -> impl Iterator<Item = (&String, &Value)> {
    body.get("nodes")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn node(id: &str, entry: &Value, server: bool) -> Node {
    let address = |key| text(entry, &[key, "publish_address"]).map(|it| socket(&it));
    // Answers of other callers than this program have no HTTP or transport part.
    let complete = at(entry, &["transport"]).is_some();
    Node {
        id: Fact::Known(id.to_owned()),
        version: text(entry, &["version"]).into(),
        roles: texts(entry, &["roles"]).into(),
        attributes: attributes(entry),
        settings: at(entry, &["settings"]).map(flat).into(),
        transport_publish_address: address("transport").into(),
        http_publish_address: match address("http") {
            Some(address) => Fact::Known(Some(address)),
            None if complete => Fact::Known(None),
            None => Fact::Unknown,
        },
        remote_cluster_server: match at(entry, &["remote_cluster_server"]) {
            Some(server) => Fact::Known(remote_cluster_server(server)),
            None if server => Fact::Known(None),
            None => Fact::Unknown,
        },
        started_at: millis(entry, &["jvm", "start_time_in_millis"]).into(),
    }
}

fn attributes(entry: &Value) -> Fact<BTreeMap<String, String>> {
    at(entry, &["attributes"])
        .and_then(Value::as_object)
        .map(|map| {
            map.iter()
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect()
        })
        .into()
}

fn remote_cluster_server(server: &Value) -> Option<RemoteClusterServer> {
    Some(RemoteClusterServer {
        bound_addresses: texts(server, &["bound_address"])
            .unwrap_or_default()
            .iter()
            .map(|it| socket(it))
            .collect(),
        publish_address: socket(&text(server, &["publish_address"])?),
    })
}

/// `ip:port` of an address that may be written `name/ip:port`.
fn socket(address: &str) -> String {
    match address.rsplit_once('/') {
        Some((_, socket)) => socket.to_owned(),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_that_was_not_asked_for_is_unknown() {
        let body = json!({"nodes": {"x": {
            "name": "n", "version": "8.9.0",
            "http": {"publish_address": "es.example.org/10.0.0.5:9200"},
            "transport": {"publish_address": "[fd00::5]:9300"},
        }}});
        let asked = &nodes(&body, true)["n"];
        assert_eq!(asked.remote_cluster_server, Fact::Known(None));
        assert_eq!(
            asked.http_publish_address,
            Fact::Known(Some("10.0.0.5:9200".into()))
        );
        assert!(nodes(&body, false)["n"].remote_cluster_server.is_unknown());
        assert_eq!(http_hosts(&body)["n"], "es.example.org:9200");
    }
}
