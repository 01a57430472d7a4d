//! Network policies about the nodes of a resource.

use serde_json::{Map, Value};

use super::services::container_port;
use super::{namespace, operator_label, text};
use crate::config::plan::ResourceName;
use crate::evidence::{Fact, PodPolicy, PortRange, TrafficRule};

/// Label that Kubernetes gives to every namespace.
const NAMESPACE: &str = "kubernetes.io/metadata.name";

/// The policy, unless it is surely about other pods.
pub(super) fn policy(object: &Value, name: &ResourceName) -> Option<PodPolicy> {
    let spec = &object["spec"];
    let applies = matches(&spec["podSelector"], name);
    if applies == Some(false) {
        return None;
    }
    let types = spec["policyTypes"].as_array();
    let typed = |kind: &str| types.is_some_and(|it| it.iter().any(|it| it == kind));
    let ingress = types.is_none() || typed("Ingress");
    let egress = typed("Egress") || types.is_none() && spec["egress"].is_array();
    let own = namespace(object);
    Some(PodPolicy {
        name: text(&object["metadata"]["name"])?,
        applies: applies.into(),
        ingress: ingress.then(|| rules(&spec["ingress"], "from", own)),
        egress: egress.then(|| rules(&spec["egress"], "to", own)),
    })
}

/// Whether a selector matches the nodes; `None` where it asks for what is not the operator's.
fn matches(selector: &Value, name: &ResourceName) -> Option<bool> {
    if has_expressions(selector) {
        return None;
    }
    let mut sure = Some(true);
    for (key, value) in labels(selector) {
        match operator_label(key, value, name) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => sure = None,
        }
    }
    sure
}

fn rules(rules: &Value, peers: &str, own: &str) -> Vec<TrafficRule> {
    let rules = rules.as_array().into_iter().flatten();
    rules
        .map(|rule| TrafficRule {
            ports: ports(&rule["ports"]),
            namespaces: match rule[peers].as_array() {
                Some(peers) if !peers.is_empty() => of_peers(peers, own),
                _ => Fact::Known(None),
            },
        })
        .collect()
}

fn ports(ports: &Value) -> Option<Vec<PortRange>> {
    let ports = ports.as_array().filter(|it| !it.is_empty())?;
    let tcp = |it: &&Value| it["protocol"].as_str().is_none_or(|it| it == "TCP");
    let range = |port: &Value| {
        let number = |it: &Value| it.as_u64().and_then(|it| u16::try_from(it).ok());
        let from = match &port["port"] {
            // Without a port all are meant.
            Value::Null => {
                return Some(PortRange {
                    from: 0,
                    to: u16::MAX,
                });
            }
            Value::String(name) => container_port(name)?,
            other => number(other)?,
        };
        let to = number(&port["endPort"]).unwrap_or(from);
        Some(PortRange { from, to })
    };
    Some(ports.iter().filter(tcp).filter_map(range).collect())
}

/// The namespaces of all peers; unknown as soon as those of one are.
fn of_peers(peers: &[Value], own: &str) -> Fact<Option<Vec<String>>> {
    let mut namespaces = Vec::new();
    let mut sure = true;
    for peer in peers {
        match of_peer(peer, own) {
            // One that permits all permits whatever the others say.
            Some(Peer::All) => return Fact::Known(None),
            Some(Peer::In(more)) => namespaces.extend(more),
            None => sure = false,
        }
    }
    if sure {
        Fact::Known(Some(namespaces))
    } else {
        Fact::Unknown
    }
}

/// Whose Elasticsearch nodes a peer means.
enum Peer {
    /// Those of all namespaces.
    All,
    /// Those of some namespaces.
    In(Vec<String>),
}

/// Reads a peer; `None` where it selects by what was not seen.
fn of_peer(peer: &Value, own: &str) -> Option<Peer> {
    if let Some(block) = peer.get("ipBlock") {
        let all = matches!(block["cidr"].as_str(), Some("0.0.0.0/0" | "::/0"))
            && block["except"].as_array().is_none_or(Vec::is_empty);
        return all.then_some(Peer::All);
    }
    if let Some(pods) = peer.get("podSelector") {
        let elasticsearch = |(key, value): (&String, &Value)| {
            key == "common.k8s.elastic.co/type" && value == "elasticsearch"
        };
        if has_expressions(pods) || !labels(pods).all(elasticsearch) {
            return None;
        }
    }
    let Some(selector) = peer.get("namespaceSelector").filter(|it| it.is_object()) else {
        return Some(Peer::In(vec![own.to_owned()]));
    };
    let mut named: Option<Vec<String>> = None;
    for (key, value) in labels(selector) {
        named = Some(vec![text(value).filter(|_| key == NAMESPACE)?]);
    }
    let expressions = selector["matchExpressions"].as_array();
    for expression in expressions.into_iter().flatten() {
        let is_list = expression["key"] == NAMESPACE && expression["operator"] == "In";
        let values = expression["values"].as_array().filter(|_| is_list)?;
        let values: Vec<String> = values.iter().filter_map(text).collect();
        named = Some(match named {
            None => values,
            Some(named) => named.into_iter().filter(|it| values.contains(it)).collect(),
        });
    }
    Some(named.map_or(Peer::All, Peer::In))
}

fn has_expressions(selector: &Value) -> bool {
    selector["matchExpressions"]
        .as_array()
        .is_some_and(|it| !it.is_empty())
}

fn labels(selector: &Value) -> impl Iterator<Item = (&String, &Value)> {
    selector["matchLabels"]
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
}
