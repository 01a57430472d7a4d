//! The machine that looks, and whether it is a node of the local cluster.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use crate::evidence::{Fact, Node, Vantage};

/// Host name and addresses of this machine.
pub(super) fn observe() -> Vantage {
    Vantage {
        host: host_name().into(),
        addresses: addresses().into(),
        is_local_node: Fact::Unknown,
    }
}

/// Linux tells it in a file. Elsewhere it stays unknown: nothing is decided by it.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|it| !it.is_empty())
}

fn addresses() -> Option<Vec<String>> {
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()
        .ok()?
        .iter()
        .map(if_addrs::Interface::ip)
        .filter(|it| !it.is_loopback())
        .collect();
    addresses.sort();
    addresses.dedup();
    Some(addresses.iter().map(IpAddr::to_string).collect())
}

/// Whether this machine is one of the nodes: one of its addresses is published by a node, or a node
/// publishes a loopback address and is asked over one. Unknown where nothing is known of the nodes.
pub(super) fn is_local_node(
    vantage: &Vantage,
    nodes: Option<&BTreeMap<String, Node>>,
    url: Option<&Url>,
) -> Fact<bool> {
    let (Some(own), Some(nodes)) = (vantage.addresses.known(), nodes) else {
        return Fact::Unknown;
    };
    let published: Vec<IpAddr> = nodes.values().flat_map(published).collect();
    if published.is_empty() {
        return Fact::Unknown;
    }
    let asked_here = url.is_some_and(is_loopback);
    Fact::Known(
        published.iter().any(|address| {
            own.contains(&address.to_string()) || address.is_loopback() && asked_here
        }),
    )
}

fn published(node: &Node) -> impl Iterator<Item = IpAddr> {
    let transport = node.transport_publish_address.known();
    let http = node.http_publish_address.known().and_then(Option::as_ref);
    transport
        .into_iter()
        .chain(http)
        .filter_map(|it| it.parse::<SocketAddr>().ok())
        .map(|it| it.ip())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(own: &str, published: &str, url: &str) -> Fact<bool> {
        let vantage = Vantage {
            addresses: Fact::Known(vec![own.into()]),
            ..Vantage::default()
        };
        let node = Node {
            transport_publish_address: Fact::Known(published.into()),
            ..Node::default()
        };
        let nodes = BTreeMap::from([("n".to_owned(), node)]);
        is_local_node(&vantage, Some(&nodes), Some(&url.parse().unwrap()))
    }

    #[test]
    fn a_node_is_known_by_its_publish_address() {
        let known = Fact::Known;
        assert_eq!(
            judge("10.0.0.5", "10.0.0.5:9300", "https://es"),
            known(true)
        );
        assert_eq!(
            judge("10.0.0.6", "10.0.0.5:9300", "https://es"),
            known(false)
        );
        assert_eq!(
            judge("10.0.0.6", "127.0.0.1:9300", "http://localhost:9200"),
            known(true)
        );
        assert_eq!(
            judge("10.0.0.6", "[::1]:9300", "http://[::1]:9200"),
            known(true)
        );
        // Asked over a tunnel, or from a machine that is none of the nodes.
        assert_eq!(
            judge("10.0.0.6", "127.0.0.1:9300", "https://es"),
            known(false)
        );
        assert_eq!(
            is_local_node(&Vantage::default(), None, None),
            Fact::Unknown
        );
    }
}
