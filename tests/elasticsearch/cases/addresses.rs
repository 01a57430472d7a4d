//! Dead addresses, wrong ports, foreign services.

use anyhow::Result;
use serde_json::json;

use super::{Case, broken};
use crate::{
    pair::{ENTRY, Key, Pair, create_key, search_logs},
    peers::{Peer, closed_port},
    tool::Ask,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "network refused",
            |pair| dialling(pair, closed_port()?),
            &["connection/refused"],
        )
        .proof(&["Connection refused"]),
        broken(
            "network unknown host",
            unknown_host,
            &["connection/name-not-found", "connection/name-lookup-failed"],
        )
        .proof(&["unknown host [no-such-host.invalid]"]),
        broken(
            "network silent after accept",
            |pair| foreign(pair, Peer::silent()?),
            &["connection/silent"],
        )
        .proof(&["connect_timeout["]),
        broken(
            "ports HTTP port",
            |pair| dialling(pair, pair.b.http),
            &["ports/http-port"],
        )
        .proof(&["not an SSL/TLS record: 485454502f"]),
        broken(
            "ports plain transport port",
            |pair| dialling(pair, pair.b.transport),
            &["ports/transport-port", "ports/plain-port"],
        )
        .proof(&[
            "Connection closed while SSL/TLS handshake was in progress",
            "closed_channel_exception",
        ]),
        broken(
            "ports mutual TLS transport port",
            mutual_tls_port,
            &["ports/transport-port"],
        )
        .proof(&[
            "bad_certificate",
            "certificate_required",
            "handshake failed because connection reset",
        ]),
        broken(
            "ports another service",
            |pair| foreign(pair, Peer::ssh()?),
            &["ports/other-service"],
        )
        .proof(&["not an SSL/TLS record: 5353482d"]),
        broken(
            "ports remote cluster server disabled",
            server_disabled,
            &["ports/server-disabled"],
        )
        .proof(&["Connection refused"])
        .also_locally(&["connection/refused"]),
        broken(
            "results skipped behind 200",
            skipped,
            &["connection/refused"],
        )
        .proof(&["Connection refused"])
        .mentioning(&["search/failures-hidden"]),
    ]
}

fn dialling(pair: &mut Pair, port: u16) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(&json!({ "proxy_address": format!("localhost:{port}") }))?;
    Ok(Ask::of(pair))
}

fn foreign(pair: &mut Pair, peer: Peer) -> Result<Ask> {
    Ok(dialling(pair, peer.port)?.keeping(peer))
}

fn unknown_host(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(&json!({ "proxy_address": "no-such-host.invalid:9443" }))?;
    Ok(Ask::of(pair))
}

fn mutual_tls_port(pair: &mut Pair) -> Result<Ask> {
    let remote = &pair.spare()?.c;
    let (url, port) = (remote.url(), remote.transport);
    let key = create_key(remote, &search_logs())?;
    towards(pair, port, url, &key)
}

fn server_disabled(pair: &mut Pair) -> Result<Ask> {
    let remote = &pair.spare()?.d;
    let (url, port) = (remote.url(), remote.remote);
    let key = create_key(remote, &search_logs())?;
    towards(pair, port, url, &key)
}

/// From `a` to a port of another remote cluster, with a key of that cluster.
fn towards(pair: &mut Pair, port: u16, remote: String, key: &Key) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.store(ENTRY, key.encoded.as_bytes())?;
    pair.reload()?;
    let mut ask = dialling(pair, port)?.credential(key.encoded.as_bytes());
    ask.remote = remote;
    Ok(ask)
}

fn skipped(pair: &mut Pair) -> Result<Ask> {
    let port = closed_port()?;
    pair.clear_remotes()?;
    pair.connect(
        &json!({ "proxy_address": format!("localhost:{port}"), "skip_unavailable": true }),
    )?;
    Ok(Ask::of(pair))
}
