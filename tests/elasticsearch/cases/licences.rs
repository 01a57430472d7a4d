//! Licences. A trial cannot be had twice, so these clusters are given up afterwards.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Case, broken};
use crate::{
    keystore::Entries,
    node::Node,
    pair::{ALIAS, ENTRY, Pair, clear_remotes, connect, until_connected},
    probes,
    tool::Ask,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "licence basic on the local cluster",
            basic_local,
            &["licence/local-insufficient"],
        )
        .proof(&["current license is non-compliant"]),
        broken(
            "licence basic on the remote cluster",
            basic_remote,
            &["licence/remote-insufficient"],
        )
        .proof(&["current license is non-compliant"])
        .also_locally(&["licence/non-compliant"])
        .spoiling(),
    ]
}

fn basic_local(pair: &mut Pair) -> Result<Ask> {
    let (address, key) = (pair.address(), pair.key.encoded.clone());
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    spare
        .d
        .write_keystore(&Entries::from([(ENTRY.to_owned(), key.into_bytes())]))?;
    spare
        .d
        .must("POST", "/_nodes/reload_secure_settings", Some(&json!({})))?;
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    until_connected(&spare.d, ALIAS)?;
    start_basic(&spare.d)?;
    let url = spare.d.url();
    let mut ask = Ask::of(pair);
    ask.local = url;
    // A trial cannot be had twice: the nodes go when the question is answered.
    let spare = pair
        .take_spare()
        .context("the spare nodes were just used")?;
    Ok(ask.keeping(spare))
}

fn basic_remote(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    start_basic(&pair.b)?;
    probes::basic_licence(pair).context("asked by `probe`")?;
    let address = pair.address();
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair))
}

fn start_basic(node: &Node) -> Result<Value> {
    node.must("POST", "/_license/start_basic?acknowledge=true", None)
}
