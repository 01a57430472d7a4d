//! Services that lead to the nodes of a resource.

use serde_json::{Map, Value};

use super::nodes::has_role;
use super::{operator_label, text};
use crate::config::plan::ResourceName;
use crate::evidence::{NodeSet, Service, ServicePort};

/// Prefix of the labels that tell roles.
const ROLE: &str = "elasticsearch.k8s.elastic.co/node-";
const STATEFUL_SET: &str = "elasticsearch.k8s.elastic.co/statefulset-name";

/// The Service, if it leads to nodes of the resource.
pub(super) fn service(object: &Value, name: &ResourceName, sets: &[NodeSet]) -> Option<Service> {
    let spec = &object["spec"];
    let selector = spec["selector"].as_object().filter(|it| !it.is_empty())?;
    // One that selects by labels of one's own is taken for one to the nodes only by the cluster's name.
    let about = |(key, value): (&String, &Value)| operator_label(key, value, name);
    if selector.iter().any(|it| about(it) == Some(false))
        || !selector.contains_key("elasticsearch.k8s.elastic.co/cluster-name")
            && !selector.contains_key(STATEFUL_SET)
    {
        return None;
    }
    let node_sets: Vec<String> = sets
        .iter()
        .filter(|it| selects(selector, name, it))
        .map(|it| it.name.clone())
        .collect();
    if node_sets.is_empty() && !sets.is_empty() {
        return None;
    }
    let balancer = object
        .pointer("/status/loadBalancer/ingress")
        .and_then(Value::as_array);
    let balancer = balancer
        .into_iter()
        .flatten()
        .filter_map(|it| text(&it["hostname"]).or_else(|| text(&it["ip"])));
    let external = spec["externalIPs"].as_array().into_iter().flatten();
    let ports = spec["ports"].as_array().into_iter().flatten();
    Some(Service {
        name: text(&object["metadata"]["name"])?,
        kind: text(&spec["type"]).unwrap_or_else(|| "ClusterIP".into()),
        addresses: balancer.chain(external.filter_map(text)).collect(),
        node_sets,
        ports: ports.filter_map(port).collect(),
    })
}

fn selects(selector: &Map<String, Value>, name: &ResourceName, set: &NodeSet) -> bool {
    selector.iter().all(|(key, value)| {
        if key == STATEFUL_SET {
            return *value == format!("{}-es-{}", name.name, set.name);
        }
        match key.strip_prefix(ROLE) {
            Some(role) => has_role(set, role) == (value == "true"),
            None => operator_label(key, value, name).unwrap_or(true),
        }
    })
}

fn port(port: &Value) -> Option<ServicePort> {
    let number = u16::try_from(port["port"].as_u64()?).ok()?;
    let target = &port["targetPort"];
    Some(ServicePort {
        name: text(&port["name"]),
        port: number,
        target: match target {
            Value::Number(target) => target.as_u64().and_then(|it| u16::try_from(it).ok()),
            Value::String(name) => container_port(name),
            _ => Some(number),
        },
    })
}

/// The port of a pod of the operator by its name (`getDefaultContainerPorts`).
pub(super) fn container_port(name: &str) -> Option<u16> {
    match name {
        "http" | "https" => Some(9200),
        "transport" => Some(9300),
        number => number.parse().ok(),
    }
}
