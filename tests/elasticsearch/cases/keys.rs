//! Credentials that the remote cluster refuses, or that reach too little.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::{Case, broken, encode, invalidate, with_key};
use crate::{
    pair::{Pair, search_logs},
    tool::Ask,
};

const REFUSED: &[&str] = &["keys/refused"];
/// What is left to say where `skip_unavailable` hides what the remote cluster read.
const MALFORMED_KEY: &[&str] = &["keys/malformed", "keys/refused"];
const MALFORMED: &[&str] = &["error attempting to authenticate request"];

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "keys unknown id",
            |pair| {
                with_key(
                    pair,
                    &encode("AAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"),
                )
            },
            &["keys/unknown-key"],
        )
        .proof(&[
            "unable to find apikey with id",
            "unable to authenticate user",
        ])
        .also_locally(REFUSED),
        broken("keys invalidated", invalidated, &["keys/invalidated"])
            .proof(&["has been invalidated", "unable to authenticate user"])
            .also_locally(REFUSED),
        broken("keys expired", expired, &["keys/expired"])
            .proof(&["api key is expired", "unable to authenticate user"])
            .also_locally(REFUSED),
        broken("keys wrong secret", wrong_secret, &["keys/wrong-secret"])
            .proof(&[
                "invalid credentials for API key",
                "unable to authenticate user",
            ])
            .also_locally(REFUSED),
        broken("keys of the REST type", rest_type, &["keys/wrong-type"])
            .proof(&["authentication expected API key type of"])
            .also_locally(REFUSED),
        broken(
            "keys raw secret",
            |pair| {
                let key = pair.key.secret.clone();
                with_key(pair, &key)
            },
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(MALFORMED_KEY),
        broken(
            "keys id and secret not encoded",
            not_encoded,
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(MALFORMED_KEY),
        broken(
            "keys JSON pasted",
            |pair| {
                let key = pair.key.answer.to_string();
                with_key(pair, &key)
            },
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(MALFORMED_KEY),
        broken(
            "keys trailing newline",
            |pair| {
                let key = format!("{}\n", pair.key.encoded);
                with_key(pair, &key)
            },
            // A file ends in a newline rightly: only the node's answer, if it shows, tells that the keystore must not.
            // 8.16 hides even that it refuses the key.
            &[
                "keys/damaged",
                "keys/malformed",
                "keystore/credential-doubtful",
            ],
        )
        .proof(MALFORMED)
        .also_locally(MALFORMED_KEY),
        broken(
            "keys without search",
            without_search,
            &["keys/no-search-access"],
        )
        .proof(&["towards remote cluster is unauthorized"])
        .also_locally(&["keys/index-not-granted", "privileges/refused-by-remote"]),
        broken(
            "keys for another index",
            other_index,
            &["keys/index-not-granted"],
        )
        .proof(&["towards remote cluster is unauthorized"])
        .also_locally(&["privileges/refused-by-remote"]),
    ]
}

fn invalidated(pair: &mut Pair) -> Result<Ask> {
    let key = pair.create_key(&search_logs())?;
    invalidate(pair, &key)?;
    with_key(pair, &key.encoded)
}

fn expired(pair: &mut Pair) -> Result<Ask> {
    let mut body = search_logs();
    body["expiration"] = json!("1s");
    let key = pair.create_key(&body)?;
    std::thread::sleep(Duration::from_millis(1500));
    with_key(pair, &key.encoded)
}

fn wrong_secret(pair: &mut Pair) -> Result<Ask> {
    let credential = encode(&pair.key.id, "BBBBBBBBBBBBBBBBBBBBBB");
    with_key(pair, &credential)
}

fn rest_type(pair: &mut Pair) -> Result<Ask> {
    let key = pair.create_key(&json!({ "name": "rest" }))?;
    with_key(pair, &key.encoded)
}

fn not_encoded(pair: &mut Pair) -> Result<Ask> {
    let credential = format!("{}:{}", pair.key.id, pair.key.secret);
    with_key(pair, &credential)
}

fn without_search(pair: &mut Pair) -> Result<Ask> {
    let body = json!({ "name": "cross", "access": { "replication": [{ "names": ["logs*"] }] } });
    let key = pair.create_key(&body)?;
    with_key(pair, &key.encoded)
}

fn other_index(pair: &mut Pair) -> Result<Ask> {
    let body = json!({ "name": "cross", "access": { "search": [{ "names": ["metrics*"] }] } });
    let key = pair.create_key(&body)?;
    Ok(with_key(pair, &key.encoded)?.always_index("logs"))
}
