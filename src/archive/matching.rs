//! Which cluster a link leads to, among those whose files were given.

use std::collections::BTreeSet;

use crate::evidence::{
    Cluster, DeclaredRemote, ElasticsearchResource, Evidence, Fact, Link, Side, path,
};

/// Finds the remote cluster of every link that has none yet.
pub(super) fn match_remotes(evidence: &mut Evidence) {
    let open: Vec<String> = evidence
        .links
        .iter()
        .filter(|(_, link)| link.remote.is_unknown())
        .map(|(key, _)| key.clone())
        .collect();
    let alone = evidence.links.len() == 1;
    for key in open {
        let found = remote_of(evidence, &evidence.links[&key], alone);
        let at = path(["links", &key, "remote"]);
        match found {
            Ok(remote) => {
                if let Some(link) = evidence.links.get_mut(&key) {
                    link.remote = Fact::Known(remote.clone());
                }
                let has_links = evidence
                    .links
                    .values()
                    .any(|it| it.local.known() == Some(&remote));
                if let Some(cluster) = evidence.clusters.get_mut(&remote)
                    && !has_links
                {
                    cluster.side = Fact::Known(Side::Remote);
                }
                evidence.gaps.retain(|it| it.path != at);
            }
            Err(Some(reason)) => {
                for gap in evidence.gaps.iter_mut().filter(|it| it.path == at) {
                    gap.reason.clone_from(&reason);
                }
            }
            Err(None) => {}
        }
    }
}

/// The key of the remote cluster, or why it is not known, where more can be said than that no other
/// cluster is there.
fn remote_of(evidence: &Evidence, link: &Link, alone: bool) -> Result<String, Option<String>> {
    let local = link.local.known();
    let mut others: Vec<(&String, &Cluster)> = evidence
        .clusters
        .iter()
        .filter(|(key, _)| Some(*key) != local)
        .collect();
    if others.is_empty() {
        return Err(None);
    }
    let alias = link.alias.known();
    let told = local
        .and_then(|local| evidence.clusters.get(local)?.remote_stats.known())
        .and_then(|stats| stats.get(alias?)?.uuid.known());
    if let Some(told) = told {
        let same = others.iter().find(|(_, it)| it.uuid.known() == Some(told));
        return same.map(|(key, _)| (*key).clone()).ok_or_else(|| {
            Some(format!(
                "the link leads to the cluster with UUID {told}, and no file is of that one"
            ))
        });
    }
    let declared = local
        .zip(alias)
        .and_then(|(local, alias)| declared(evidence.clusters.get(local)?, alias));
    if let Some(declared) = declared {
        let is = |cluster: &Cluster| resource(cluster).map(|it| is_named(it, declared));
        if let Some((key, _)) = others.iter().find(|(_, it)| is(it) == Some(true)) {
            return Ok((*key).clone());
        }
        others.retain(|(_, it)| is(it).is_none());
        if others.is_empty() {
            return Err(Some(format!(
                "the operator of {}/{} is to connect it to {}/{}, and no file is of that one",
                declared.by.namespace, declared.by.name, declared.to.namespace, declared.to.name
            )));
        }
    }
    let one = |found: Vec<&(&String, &Cluster)>| match found.as_slice() {
        [(key, _)] => Some((*key).clone()),
        _ => None,
    };
    let listens = others
        .iter()
        .filter(|(_, it)| leads_there(evidence, link, it))
        .collect();
    let named = others
        .iter()
        .filter(|(_, it)| alias.is_some() && it.name.known() == alias)
        .collect();
    let only = if alone && others.len() == 1 {
        one(others.iter().collect())
    } else {
        None
    };
    one(listens).or_else(|| one(named)).or(only).ok_or_else(|| {
        Some(
            "several links or clusters were given, and nothing shows which cluster this one leads to"
                .into(),
        )
    })
}

/// A remote that a resource of Kubernetes declares.
#[derive(Clone, Copy)]
struct Declared<'a> {
    by: &'a ElasticsearchResource,
    to: &'a DeclaredRemote,
}

fn declared<'a>(local: &'a Cluster, alias: &str) -> Option<Declared<'a>> {
    let by = resource(local)?;
    let to = by.remote_clusters.iter().find(|it| it.alias == alias)?;
    Some(Declared { by, to })
}

fn resource(cluster: &Cluster) -> Option<&ElasticsearchResource> {
    cluster.kubernetes.known()?.as_ref()
}

/// Whether it is the resource that is declared: of that name, and in no other Kubernetes.
fn is_named(resource: &ElasticsearchResource, declared: Declared<'_>) -> bool {
    let Declared { by, to } = declared;
    let ids = by.kubernetes_id.known().zip(resource.kubernetes_id.known());
    resource.namespace == to.namespace
        && resource.name == to.name
        && ids.is_none_or(|(one, other)| one == other)
}

/// Whether an address of the link is one that the cluster's nodes listen on, the host of its URL, or one
/// of the Services that lead to it.
fn leads_there(evidence: &Evidence, link: &Link, cluster: &Cluster) -> bool {
    let own = listening(cluster);
    let url = cluster.url.known().and_then(|it| url::Url::parse(it).ok());
    let host = url.as_ref().and_then(|it| it.host_str());
    link.endpoints
        .iter()
        .filter_map(|key| evidence.endpoints.get(key))
        .any(|endpoint| {
            let attempts = endpoint.attempts.known().into_iter().flatten();
            own.contains(&endpoint.address)
                || serves(cluster, &endpoint.host)
                || host == Some(&endpoint.host)
                || attempts.into_iter().any(|it| own.contains(&it.address))
        })
}

/// Whether a Service of Kubernetes gives the cluster this host: by an address outside, or by the name
/// that it has inside (`<service>.<namespace>`, `….svc`, `….svc.cluster.local`).
fn serves(cluster: &Cluster, host: &str) -> bool {
    let Some(resource) = resource(cluster) else {
        return false;
    };
    let mut services = resource.services.known().into_iter().flatten();
    services.any(|service| {
        let name = format!("{}.{}", service.name, resource.namespace);
        let rest = host.strip_prefix(&name);
        service.addresses.iter().any(|it| it == host)
            || rest.is_some_and(|it| it.is_empty() || it == ".svc" || it.starts_with(".svc."))
    })
}

fn listening(cluster: &Cluster) -> BTreeSet<String> {
    let nodes = cluster.nodes.known().into_iter().flatten();
    nodes
        .flat_map(|(_, node)| {
            let server = node.remote_cluster_server.known().and_then(Option::as_ref);
            let server = server.into_iter().flat_map(|it| {
                it.bound_addresses
                    .iter()
                    .chain(std::iter::once(&it.publish_address))
            });
            let transport = node.transport_publish_address.known();
            transport
                .into_iter()
                .chain(server)
                .filter(|it| !is_anywhere(it))
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Loopback and wildcard addresses are every machine's.
fn is_anywhere(address: &str) -> bool {
    address
        .parse::<std::net::SocketAddr>()
        .is_ok_and(|it| it.ip().is_unspecified())
}
