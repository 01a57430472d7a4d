//! Settings, node roles and privileges.

use anyhow::Result;
use serde_json::json;

use super::{Case, broken};
use crate::{
    pair::{ALIAS, Pair, clear_remotes, connect},
    tool::Ask,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "settings alias not configured",
            not_configured,
            &["settings/alias-not-configured"],
        )
        .proof(&["no such remote cluster"]),
        broken(
            "settings address with scheme",
            with_scheme,
            &["settings/address-is-url"],
        )
        .proof(&["unknown host [https://localhost]"]),
        broken(
            "settings bad server name",
            bad_server_name,
            &["tls/server-name-illegal"],
        )
        .proof(&["Contains non-LDH ASCII characters"]),
        broken(
            "nodes without the client role",
            without_role,
            &["nodes/client-role-missing"],
        )
        .proof(&["does not have the"]),
        broken(
            "privileges no remote indices",
            |pair| Ok(Ask::of(pair).user("stranger")),
            &["privileges/no-remote-indices"],
        )
        .proof(&["because no remote indices privileges apply"]),
    ]
}

fn not_configured(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    Ok(Ask::of(pair))
}

fn with_scheme(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    let address = format!("https://{}", pair.address());
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair))
}

fn bad_server_name(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    let address = pair.address();
    let server_name = format!("https://{address}");
    pair.connect(&json!({ "proxy_address": address, "server_name": server_name }))?;
    Ok(Ask::of(pair))
}

fn without_role(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    let local = pair.odd()?;
    clear_remotes(local)?;
    connect(local, ALIAS, &json!({ "proxy_address": address }))?;
    let url = local.url();
    let mut ask = Ask::of(pair);
    ask.local = url;
    Ok(ask)
}
