//! Which links a run looks at, and what is dialled for each.

use std::collections::BTreeSet;

use crate::config::plan::{LinkIntent, Plan};
use crate::evidence::{EndpointSource, Mode, Model, Node, Purpose};

use super::elasticsearch::Setup;
use super::endpoint::Target;

/// Most publish addresses that are dialled for a sniffing link.
const MAX_PUBLISHED: usize = 16;

/// A link that the run looks at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Sketch {
    /// Its key in the document.
    pub(super) key: String,
    /// Its alias, if it has one.
    pub(super) alias: Option<String>,
    /// Whether it is only planned.
    pub(super) planned: bool,
    /// The one endpoint that it is about, where each of those that were typed is looked at for
    /// itself.
    pub(super) endpoint: Option<String>,
}

/// The links of the run: those asked for, else all that are configured; in a preflight without
/// alias the planned one. Files may tell of links that the cluster is to have (`declared`) and has not.
pub(super) fn sketches(plan: &Plan, local: Option<&Setup>, declared: Vec<String>) -> Vec<Sketch> {
    let sketch = |alias: &String| Sketch {
        key: alias.clone(),
        alias: Some(alias.clone()),
        planned: plan.purpose == Purpose::Preflight
            && local.and_then(|it| it.configured(alias)) != Some(true),
        endpoint: None,
    };
    if plan.purpose == Purpose::Probe {
        return probed(plan);
    }
    if !plan.aliases.is_empty() {
        return plan.aliases.iter().map(sketch).collect();
    }
    let mut aliases: Vec<String> = plan
        .intents
        .iter()
        .filter_map(|it| it.alias.clone())
        .collect();
    if matches!(plan.purpose, Purpose::Analyze | Purpose::Diagnose) {
        aliases.extend(local.and_then(Setup::aliases).into_iter().flatten());
    }
    if plan.purpose == Purpose::Analyze {
        aliases.extend(declared);
    }
    aliases.sort();
    aliases.dedup();
    let mut sketches: Vec<Sketch> = aliases.iter().map(sketch).collect();
    if sketches.is_empty() {
        sketches.extend(nameless(plan));
    }
    sketches
}

/// One link for each endpoint: they have nothing to do with each other.
fn probed(plan: &Plan) -> Vec<Sketch> {
    let typed = plan.intents.iter().flat_map(|it| &it.endpoints);
    let addresses: BTreeSet<&String> = typed.collect();
    let sketch = |address: &String| Sketch {
        key: address.clone(),
        alias: None,
        planned: false,
        endpoint: Some(address.clone()),
    };
    addresses.into_iter().map(sketch).collect()
}

/// The link without an alias, by its first endpoint.
fn nameless(plan: &Plan) -> Option<Sketch> {
    let address = plan.intents.iter().flat_map(|it| &it.endpoints).next();
    let key = match address {
        Some(address) => address.clone(),
        None if plan.purpose == Purpose::Preflight => "planned".into(),
        None => return None,
    };
    Some(Sketch {
        key,
        alias: None,
        planned: plan.purpose == Purpose::Preflight,
        endpoint: None,
    })
}

/// What the reader typed for a link.
pub(super) fn typed(intent: Option<&LinkIntent>) -> Vec<Target> {
    let Some(intent) = intent else {
        return Vec::new();
    };
    let target = |address: &String| Target {
        address: address.clone(),
        source: EndpointSource::Typed,
        server_name: intent.server_name.clone(),
    };
    intent.endpoints.iter().map(target).collect()
}

/// What the settings of an alias name. Only a proxy is sent a server name.
pub(super) fn configured(local: &Setup, alias: &str) -> Vec<Target> {
    let name = local.server_name(alias).into_known().flatten();
    local
        .addresses(alias)
        .into_iter()
        .map(|(address, source)| Target {
            address,
            source,
            server_name: name
                .clone()
                .filter(|_| source == EndpointSource::ProxyAddress),
        })
        .collect()
}

/// What a sniffing link is told to dial by the remote cluster: the publish addresses of the nodes
/// that it would choose, on the port that its model needs.
pub(super) fn published(remote: &Setup, model: Option<Model>) -> Vec<Target> {
    let nodes = remote.nodes.iter().flatten().map(|(_, node)| node);
    nodes
        .filter(|it| may_be_gateway(it))
        .filter_map(|node| match model {
            Some(Model::Certificate) => node.transport_publish_address.known().cloned(),
            _ => node
                .remote_cluster_server
                .known()?
                .as_ref()
                .map(|it| it.publish_address.clone()),
        })
        .take(MAX_PUBLISHED)
        .map(|address| Target {
            address,
            source: EndpointSource::Publish,
            server_name: None,
        })
        .collect()
}

/// `SniffConnectionStrategy` leaves out dedicated masters.
fn may_be_gateway(node: &Node) -> bool {
    node.roles
        .known()
        .is_none_or(|roles| roles.iter().any(|it| it != "master") || roles.is_empty())
}

/// Security model of a link as far as it is known before it is used.
pub(super) fn model(
    local: Option<&Setup>,
    alias: Option<&str>,
    intent: Option<&LinkIntent>,
) -> Option<Model> {
    let entry = alias.and_then(|alias| local?.before.as_ref()?.get(alias));
    match entry {
        Some(entry) if entry.info.credentials => Some(Model::ApiKey),
        Some(_) => Some(Model::Certificate),
        None => intended_model(intent),
    }
}

/// Security model that the reader means to use.
pub(super) fn intended_model(intent: Option<&LinkIntent>) -> Option<Model> {
    let intent = intent?;
    intent
        .model
        .or_else(|| intent.credential.is_some().then_some(Model::ApiKey))
}

/// Connection mode, in use or planned.
pub(super) fn mode(
    local: Option<&Setup>,
    alias: Option<&str>,
    intent: Option<&LinkIntent>,
) -> Option<Mode> {
    let used = alias.and_then(|alias| local?.mode(alias).into_known());
    used.or_else(|| intent?.mode)
}

/// The publish addresses to dial for a link, if any: for one that sniffs, and for a planned one for
/// which nothing else is known to dial.
pub(super) fn published_for(
    sketch: &Sketch,
    local: Option<&Setup>,
    remote: Option<&Setup>,
    intent: Option<&LinkIntent>,
) -> Vec<Target> {
    let Some(remote) = remote else {
        return Vec::new();
    };
    let alias = sketch.alias.as_deref();
    let sniffs = mode(local, alias, intent) == Some(Mode::Sniff);
    let nothing_else = sketch.planned && typed(intent).is_empty();
    if sniffs || nothing_else {
        published(remote, model(local, alias, intent))
    } else {
        Vec::new()
    }
}
