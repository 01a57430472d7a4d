//! Where a cluster runs, as far as its answers show.

use crate::evidence::{Environment, Fact, Node};

use super::super::elasticsearch::Setup;
use super::Part;

/// Cloud's and ECE's nodes carry an instance configuration, ECK's a Kubernetes node name or the
/// operator's pod names. What shows neither stays unknown: nothing marks nodes of one's own.
pub(super) fn environment(part: &Part<'_>) -> Fact<Environment> {
    let url = part.target.map(|it| &it.url);
    let host = url.and_then(|it| it.host_str()).unwrap_or_default();
    if CLOUD_DOMAINS.iter().any(|it| host.ends_with(it)) {
        return Fact::Known(Environment::Ech);
    }
    let setup = &part.setup;
    if any(setup, |_, node| {
        has_attribute(node, "instance_configuration")
    }) {
        // On both the cluster is named by 32 hexadecimal digits; ECH's attributes name a region
        // with its provider, ECE's a zone of the installation.
        return if any(setup, |_, node| {
            attribute(node, "region").is_some_and(|it| it == "ece-region" || it == "unknown-region")
        }) {
            Fact::Known(Environment::Ece)
        } else if any(setup, |_, node| attribute(node, "region").is_some()) {
            Fact::Known(Environment::Ech)
        } else {
            Fact::Unknown
        };
    }
    if any(setup, |name, node| {
        has_attribute(node, "k8s_node_name") || name.contains("-es-")
    }) {
        return Fact::Known(Environment::Eck);
    }
    Fact::Unknown
}

/// Domains of Elastic Cloud Hosted.
const CLOUD_DOMAINS: [&str; 4] = [
    ".elastic-cloud.com",
    ".found.io",
    ".cloud.es.io",
    ".elastic.cloud",
];

fn any(setup: &Setup, mut holds: impl FnMut(&str, &Node) -> bool) -> bool {
    setup
        .nodes
        .iter()
        .flatten()
        .any(|(name, node)| holds(name, node))
}

fn has_attribute(node: &Node, name: &str) -> bool {
    attribute(node, name).is_some()
}

fn attribute<'a>(node: &'a Node, name: &str) -> Option<&'a String> {
    node.attributes.known()?.get(name)
}
