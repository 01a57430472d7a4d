//! Which link leads to the remote cluster that the reader named.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Cluster, Endpoint, Link};

use super::Part;
use super::link::Maker;

/// Key of the remote cluster, or why and how it is not known: reason and remedy.
pub(super) fn remote(
    maker: &Maker<'_>,
    link: &Link,
    clusters: &BTreeMap<String, Cluster>,
    endpoints: &BTreeMap<String, Endpoint>,
) -> Result<String, (String, String)> {
    let Some(remote) = maker.remote else {
        if maker.is_of_files() {
            return Err((
                "the files hold nothing that shows itself as the remote cluster".into(),
                "give its diagnostics as well, as in crosscheck analyze LOCAL.zip REMOTE.zip"
                    .into(),
            ));
        }
        if let Some(key) = &maker.managed[1]
            && (maker.alone || leads_to_deployment(link, &clusters[key]))
        {
            return Ok(key.clone());
        }
        return Err((
            "the remote cluster's URL was not given".into(),
            "--remote URL with --remote-user NAME, or --remote-api-key-file FILE".into(),
        ));
    };
    let told = maker
        .local
        .and_then(|local| clusters.get(&local.key)?.remote_stats.known())
        .and_then(|stats| stats.get(link.alias.known()?)?.uuid.known());
    if let (Some(told), Some(uuid)) = (told, remote.setup.root.uuid.known()) {
        return if told == uuid {
            Ok(remote.key.clone())
        } else {
            Err((
                format!(
                    "the link leads to the cluster with UUID {told}; --remote is another one, {} \
                     with UUID {uuid}",
                    remote.key
                ),
                "give the URL of the cluster that the link leads to with --remote".into(),
            ))
        };
    }
    if maker.alone || leads_there(link, remote, endpoints) {
        return Ok(remote.key.clone());
    }
    Err((
        format!(
            "several links are looked at, and nothing shows that this one leads to {}",
            remote.key
        ),
        "name the link that leads to --remote, such as crosscheck diagnose ALIAS".into(),
    ))
}

/// Whether an address of the link is an endpoint of the deployment.
fn leads_to_deployment(link: &Link, cluster: &Cluster) -> bool {
    let deployment = cluster.deployment.known().and_then(Option::as_ref);
    let hosts = deployment.map_or(&[][..], |it| &it.endpoints);
    let addresses = link.endpoints.iter();
    addresses
        .filter_map(|it| it.rsplit_once(':'))
        .any(|(host, _)| hosts.iter().any(|it| it == host))
}

/// Whether an address of the link is one that the remote cluster's nodes listen on, or the host of
/// its URL.
fn leads_there(link: &Link, remote: &Part<'_>, endpoints: &BTreeMap<String, Endpoint>) -> bool {
    let own = listening(remote);
    let url = remote.target.map(|it| &it.url);
    let host = url.and_then(|it| it.host_str()).unwrap_or_default();
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    link.endpoints
        .iter()
        .filter_map(|key| endpoints.get(key))
        .any(|endpoint| {
            let attempts = endpoint.attempts.known().into_iter().flatten();
            own.contains(&endpoint.address)
                || !loopback && !host.is_empty() && endpoint.host == host
                || attempts.into_iter().any(|it| own.contains(&it.address))
        })
}

fn listening(remote: &Part<'_>) -> BTreeSet<String> {
    let nodes = remote.setup.nodes.iter().flatten().map(|(_, node)| node);
    nodes
        .flat_map(|node| {
            let server = node.remote_cluster_server.known().and_then(Option::as_ref);
            let server = server.into_iter().flat_map(|it| {
                it.bound_addresses
                    .iter()
                    .chain(std::iter::once(&it.publish_address))
            });
            node.transport_publish_address
                .known()
                .into_iter()
                .chain(server)
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect()
}
