//! Mutual TLS and IP filters: the certificate model between the spare nodes, and the node of odd settings.

use anyhow::Result;
use serde_json::json;

use super::{Case, broken, sound};
use crate::{
    certificates::Flaw,
    node::Node,
    pair::{ALIAS, ENTRY, Pair, clear_remotes, connect, create_key, search_logs, until_connected},
    tool::Ask,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "certificate model client certificate expired",
            |pair| between(pair, [Flaw::Expired, Flaw::None]),
            &["tls/client-certificate-expired"],
        )
        .proof(&["handshake failed because connection reset"]),
        broken(
            "certificate model client authority unknown",
            |pair| between(pair, [Flaw::UnknownIssuer, Flaw::None]),
            &["tls/client-ca-not-accepted"],
        )
        .proof(&["handshake failed because connection reset"]),
        broken(
            "certificate model server authority unknown",
            |pair| between(pair, [Flaw::None, Flaw::UnknownIssuer]),
            &["tls/issuer-not-trusted"],
        )
        .proof(&["unable to find valid certification path"]),
        broken(
            "certificate model server certificate expired",
            |pair| between(pair, [Flaw::None, Flaw::Expired]),
            &["tls/expired"],
        )
        .proof(&["certificate_expired_exception"]),
        sound("healthy certificate model without names to check", |pair| {
            let ask = between(pair, [Flaw::OtherName, Flaw::OtherName])?;
            until_connected(&pair.spare()?.d, ALIAS)?;
            Ok(ask)
        }),
        sound(
            "healthy certificate model without client certificates",
            |pair| {
                let remote = pair.odd()?;
                let (url, port) = (remote.url(), remote.transport);
                let local = &pair.spare()?.d;
                dial(local, port)?;
                until_connected(local, ALIAS)?;
                let mut ask = Ask::about(local, local, "").without_credential();
                ask.remote = url;
                Ok(ask)
            },
        ),
        broken(
            "tls client certificate demanded",
            |pair| towards_odd(pair, |odd| odd.remote),
            &["tls/client-certificate-demanded"],
        )
        // Which of the two ports it is that demands one only the remote cluster can tell.
        .also_locally(&["ports/transport-port"])
        .proof(&["handshake failed because connection reset"]),
        broken(
            "ports transport port without client certificates",
            |pair| towards_odd(pair, |odd| odd.transport),
            &["ports/transport-port"],
        )
        .proof(&["missing authentication credentials"]),
        broken(
            "ports IP filter",
            |pair| {
                pair.filter_at_odd(Some("127.0.0.1"))?;
                towards_odd(pair, |odd| odd.remote)
            },
            &["ports/ip-filter"],
        )
        .also_locally(&["connection/closed-at-once"])
        .proof(&["Connection closed while SSL/TLS handshake was in progress"]),
    ]
}

/// From d to c in the certificate model, with flaws in the certificates of d and c.
fn between(pair: &mut Pair, flaws: [Flaw; 2]) -> Result<Ask> {
    let local = &pair.spare()?.d;
    clear_remotes(local)?;
    pair.serve_between(flaws)?;
    let spare = pair.spare()?;
    dial(&spare.d, spare.c.transport)?;
    Ok(Ask::about(&spare.d, &spare.c, "").without_credential())
}

/// From a to a port of the node of odd settings, with a key of that cluster.
fn towards_odd(pair: &mut Pair, port: fn(&Node) -> u16) -> Result<Ask> {
    let odd = pair.odd()?;
    let (url, port) = (odd.url(), port(odd));
    let key = create_key(odd, &search_logs())?;
    pair.clear_remotes()?;
    pair.store(ENTRY, key.encoded.as_bytes())?;
    pair.reload()?;
    dial(&pair.a, port)?;
    let mut ask = Ask::of(pair).credential(key.encoded.as_bytes());
    ask.remote = url;
    Ok(ask)
}

fn dial(local: &Node, port: u16) -> Result<()> {
    clear_remotes(local)?;
    let address = format!("localhost:{port}");
    connect(local, ALIAS, &json!({ "proxy_address": address }))
}
