//! `GET /_remote/info`: the past of the node that answered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::{Mode, RemoteInfo};

use super::values::{at, boolean, count, text, texts};

/// One alias of `GET /_remote/info`.
#[derive(Clone, Debug)]
pub(in super::super) struct RemoteEntry {
    /// Its state.
    pub(in super::super) info: RemoteInfo,
    /// `proxy_address`, in proxy mode.
    pub(in super::super) proxy_address: Option<String>,
    /// `server_name`, in proxy mode and where one is set.
    pub(in super::super) server_name: Option<String>,
    /// `seeds`, in sniff mode.
    pub(in super::super) seeds: Vec<String>,
}

/// The aliases of the answer. An entry that cannot be read is left out.
pub(in super::super) fn remote_info(body: &Value) -> BTreeMap<String, RemoteEntry> {
    body.as_object()
        .into_iter()
        .flatten()
        .filter_map(|(alias, it)| Some((alias.clone(), entry(it)?)))
        .collect()
}

fn entry(it: &Value) -> Option<RemoteEntry> {
    // Before 7.7 there was no mode: everything was sniffed.
    let mode = match text(it, &["mode"]).as_deref() {
        Some("proxy") => Mode::Proxy,
        _ => Mode::Sniff,
    };
    let (connections, most) = match mode {
        Mode::Proxy => (
            "num_proxy_sockets_connected",
            "max_proxy_socket_connections",
        ),
        Mode::Sniff => ("num_nodes_connected", "max_connections_per_cluster"),
    };
    Some(RemoteEntry {
        info: RemoteInfo {
            connected: boolean(it, &["connected"])?,
            mode,
            connections: count(it, &[connections]).unwrap_or_default(),
            max_connections: count(it, &[most]).unwrap_or_default(),
            skip_unavailable: boolean(it, &["skip_unavailable"])?,
            credentials: at(it, &["cluster_credentials"]).is_some(),
        },
        proxy_address: text(it, &["proxy_address"]),
        server_name: text(it, &["server_name"]).filter(|it| !it.is_empty()),
        seeds: texts(it, &["seeds"]).unwrap_or_default(),
    })
}
