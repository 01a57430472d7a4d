//! Links with nothing wrong, in every shape.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Case, invalidate, no_change, sound, with_key};
use crate::{
    keystore::Entries,
    pair::{ALIAS, ENTRY, Pair, clear_remotes, connect, search_logs, until_connected},
    peers::{Peer, closed_port},
    tool::Ask,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        sound("healthy with default settings", no_change),
        sound("healthy with skip_unavailable", |pair| skipping(pair, true)),
        sound("healthy without skip_unavailable", |pair| {
            skipping(pair, false)
        }),
        sound("healthy in sniff mode", sniffing),
        sound("healthy by address", by_address),
        sound("healthy with a server name of no meaning", odd_server_name),
        sound("healthy after rotating the key", rotated),
        sound("healthy with a dead remote beside it", dead_neighbour),
        sound("healthy for the least privileged user", |pair| {
            Ok(Ask::of(pair).user("reader"))
        }),
        sound("healthy for a user that only watches", |pair| {
            Ok(Ask::of(pair).user("watcher"))
        }),
        sound("healthy just after an interruption", interrupted),
        sound("healthy with a key of long validity", long_validity),
        sound(
            "healthy certificate model in plain text",
            plain_certificate_model,
        ),
        sound(
            "healthy certificate model with mutual TLS",
            certificate_model,
        ),
    ]
}

fn skipping(pair: &mut Pair, skip: bool) -> Result<Ask> {
    let address = pair.address();
    linked(
        pair,
        &json!({ "proxy_address": address, "skip_unavailable": skip }),
    )
}

fn sniffing(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    linked(pair, &json!({ "mode": "sniff", "seeds": [address] }))
}

fn by_address(pair: &mut Pair) -> Result<Ask> {
    let address = format!("127.0.0.1:{}", pair.b.remote);
    linked(pair, &json!({ "proxy_address": address }))
}

/// Host name or server name: one of them in the certificate is enough.
fn odd_server_name(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    linked(
        pair,
        &json!({ "proxy_address": address, "server_name": "other.example.org" }),
    )
}

fn linked(pair: &mut Pair, settings: &Value) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(settings)?;
    pair.until_connected(ALIAS)?;
    Ok(Ask::of(pair))
}

fn rotated(pair: &mut Pair) -> Result<Ask> {
    let old = pair.create_key(&search_logs())?;
    with_key(pair, &old.encoded)?;
    pair.until_connected(ALIAS)?;
    let new = pair.create_key(&search_logs())?;
    pair.store(ENTRY, new.encoded.as_bytes())?;
    pair.reload()?;
    invalidate(pair, &old)?;
    Ok(Ask::of(pair)
        .credential(new.encoded.as_bytes())
        .keystore_list(pair.keystore_list()))
}

fn dead_neighbour(pair: &mut Pair) -> Result<Ask> {
    let port = closed_port()?;
    connect(
        &pair.a,
        "wasp",
        &json!({ "proxy_address": format!("localhost:{port}") }),
    )?;
    Ok(Ask::of(pair))
}

/// Nobody reconnects on his own: the state that is found says "not connected" of a healthy link.
fn interrupted(pair: &mut Pair) -> Result<Ask> {
    let relay = Peer::relay(pair.b.remote)?;
    let port = relay.port;
    linked(
        pair,
        &json!({ "proxy_address": format!("localhost:{port}") }),
    )?;
    drop(relay);
    std::thread::sleep(Duration::from_millis(500));
    let relay = Peer::relay_at(port, pair.b.remote)?;
    Ok(Ask::of(pair).keeping(relay))
}

fn long_validity(pair: &mut Pair) -> Result<Ask> {
    let mut body = search_logs();
    body["expiration"] = json!("3650d");
    let key = pair.create_key(&body)?;
    let ask = with_key(pair, &key.encoded)?;
    pair.until_connected(ALIAS)?;
    Ok(ask)
}

fn plain_certificate_model(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.store_all(Entries::new())?;
    pair.reload()?;
    let address = format!("localhost:{}", pair.b.transport);
    Ok(linked(pair, &json!({ "proxy_address": address }))?.without_credential())
}

fn certificate_model(pair: &mut Pair) -> Result<Ask> {
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    let address = format!("localhost:{}", spare.c.transport);
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    until_connected(&spare.d, ALIAS)?;
    Ok(Ask::about(&spare.d, &spare.c, "").without_credential())
}
