//! The rows of the matrix: how a link is broken, what the nodes then say, and what the tool must say.

#[path = "cases/addresses.rs"]
mod addresses;
#[path = "cases/healthy.rs"]
mod healthy;
#[path = "cases/keys.rs"]
mod keys;
#[path = "cases/keystore.rs"]
mod keystore;
#[path = "cases/licences.rs"]
mod licences;
#[path = "cases/mutual.rs"]
mod mutual;
#[path = "cases/search.rs"]
mod search;
#[path = "cases/settings.rs"]
mod settings;
#[path = "cases/trust.rs"]
mod trust;

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    pair::{ENTRY, Key, Pair},
    tool::Ask,
};

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Changes the clusters of a healthy pair.
    pub(crate) inject: fn(&mut Pair) -> Result<Ask>,
    /// At least one of these texts is in the nodes' own answers; empty if they have nothing to say.
    pub(crate) proof: &'static [&'static str],
    /// Codes of which one must be the root cause; empty for a healthy link.
    pub(crate) causes: &'static [&'static str],
    /// Codes that are right as well where nothing but the local cluster's URL is known.
    pub(crate) also_locally: &'static [&'static str],
    /// Codes that must be among the failures, be it those of a link that works, if everything is given.
    pub(crate) mentions: &'static [&'static str],
    /// True if the clusters cannot be healed afterwards.
    pub(crate) spoils: bool,
}

/// The row of two versions that cannot talk.
pub(crate) const OTHER_VERSION: Case = broken(
    "with another version",
    no_change,
    &["versions/wire-incompatible"],
)
.proof(&["connection reset", "Unable to open any proxy connections"])
.also_locally(&["versions/endpoint-incompatible"]);

/// Every row, those last that leave clusters behind which cannot be healed.
pub(crate) fn all() -> Vec<Case> {
    [
        keys::cases(),
        keystore::cases(),
        addresses::cases(),
        trust::cases(),
        mutual::cases(),
        settings::cases(),
        search::cases(),
        healthy::cases(),
        licences::cases(),
    ]
    .concat()
}

const fn broken(
    name: &'static str,
    inject: fn(&mut Pair) -> Result<Ask>,
    causes: &'static [&'static str],
) -> Case {
    Case {
        name,
        inject,
        proof: &[],
        causes,
        also_locally: &[],
        mentions: &[],
        spoils: false,
    }
}

const fn sound(name: &'static str, inject: fn(&mut Pair) -> Result<Ask>) -> Case {
    broken(name, inject, &[]).proof(&["\"connected\":true"])
}

impl Case {
    const fn proof(mut self, texts: &'static [&'static str]) -> Self {
        self.proof = texts;
        self
    }

    const fn also_locally(mut self, codes: &'static [&'static str]) -> Self {
        self.also_locally = codes;
        self
    }

    const fn mentioning(mut self, codes: &'static [&'static str]) -> Self {
        self.mentions = codes;
        self
    }

    const fn spoiling(mut self) -> Self {
        self.spoils = true;
        self
    }
}

/// Connects with a credential that is both stored and given to the tool.
fn with_key(pair: &mut Pair, credential: &str) -> Result<Ask> {
    pair.use_credential(credential.as_bytes())?;
    Ok(Ask::of(pair).credential(credential.as_bytes()))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every injection")]
fn no_change(pair: &mut Pair) -> Result<Ask> {
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

pub(crate) fn invalidate(pair: &Pair, key: &Key) -> Result<()> {
    let body = json!({ "ids": [key.id] });
    pair.b
        .must("DELETE", "/_security/api_key", Some(&body))
        .map(drop)
}

pub(crate) fn encode(id: &str, secret: &str) -> String {
    BASE64_STANDARD.encode(format!("{id}:{secret}"))
}

/// Connects the local cluster of one version to the remote cluster of another.
pub(crate) fn other_version(local: &mut Pair, remote: &mut Pair) -> Result<Ask> {
    let key = remote.key.encoded.clone();
    local.clear_remotes()?;
    local.store(ENTRY, key.as_bytes())?;
    local.reload()?;
    let address = remote.address();
    local.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::about(&local.a, &remote.b, &key))
}
