//! Credentials that never reach the nodes.

use anyhow::Result;
use serde_json::json;

use super::{Case, broken, invalidate, with_key};
use crate::{
    pair::{ALIAS, ENTRY, Pair, clear_remotes, connect, search_logs},
    tool::Ask,
};

const NOT_LOADED: &[&str] = &["keystore/credential-not-loaded"];
const NO_CREDENTIALS: &[&str] = &["no cluster_credentials"];

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "keystore missing",
            |pair| without_entry(pair, None),
            &["keystore/credential-absent"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore never reloaded",
            never_reloaded,
            &["keystore/credential-not-reloaded"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore changed and not reloaded",
            changed_not_reloaded,
            &["keystore/credential-stale"],
        )
        .proof(&["has been invalidated", "unable to authenticate user"])
        .also_locally(&["keys/invalidated", "keys/refused"]),
        broken(
            "keystore other alias",
            |pair| without_entry(pair, Some("cluster.remote.wasp.credentials")),
            &["keystore/credential-under-other-name"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore other case",
            |pair| without_entry(pair, Some("cluster.remote.Bee.credentials")),
            &["keystore/credential-under-other-name"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore missing with transport TLS",
            missing_with_tls,
            &[
                "keystore/credential-not-loaded",
                "keystore/credential-absent",
            ],
        )
        .proof(NO_CREDENTIALS),
    ]
}

fn without_entry(pair: &mut Pair, other: Option<&str>) -> Result<Ask> {
    pair.clear_remotes()?;
    let value = pair.key.encoded.clone().into_bytes();
    pair.store_all(
        other
            .map(|name| (name.to_owned(), value))
            .into_iter()
            .collect(),
    )?;
    pair.reload()?;
    let address = pair.address();
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

fn never_reloaded(pair: &mut Pair) -> Result<Ask> {
    without_entry(pair, None)?;
    let value = pair.key.encoded.clone();
    pair.store(ENTRY, value.as_bytes())?;
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

fn changed_not_reloaded(pair: &mut Pair) -> Result<Ask> {
    let old = pair.create_key(&search_logs())?;
    with_key(pair, &old.encoded)?;
    pair.until_connected(ALIAS)?;
    let new = pair.create_key(&search_logs())?;
    pair.store(ENTRY, new.encoded.as_bytes())?;
    invalidate(pair, &old)?;
    Ok(Ask::of(pair)
        .credential(new.encoded.as_bytes())
        .keystore_list(pair.keystore_list()))
}

fn missing_with_tls(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    let local = spare.d.url();
    let mut ask = Ask::of(pair);
    ask.local = local;
    Ok(ask)
}
