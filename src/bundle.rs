//! Bundles: one zip with everything that a run saw, to be sent to somebody who has no access to
//! either cluster.
//!
//! `manifest.json` says what is in it; `evidence.json` alone reproduces the report; `report.json` and
//! `report.txt` are that report; `answers/local/` and `answers/remote/` hold what the clusters'
//! HTTP APIs answered. Secrets never stand in it; names, addresses and identities are replaced by
//! tokens unless the reader wants them. [`pack`] searches what it made before it gives it out.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use serde::Serialize;

mod manifest;
mod map;
mod pack;
mod redact;
mod search;
mod verify;

pub use manifest::{
    AskedCall, CallOutcome, Manifest, PackedFile, Redaction, RedactionMode, Replaced, SCHEMA,
};
pub use map::{Map, MapEntry, MapError};
pub use pack::{Contents, PackError, Packed, Tokens, pack};
pub use search::Survivor;
pub use verify::{Verified, VerifyError, verify};

/// SHA-256 in lower-case hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    let sum = digest::digest(&digest::SHA256, bytes);
    sum.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a manifest tells of the key: enough to know it again, and nothing to find it by.
fn key_id(key: &[u8]) -> String {
    sha256(key)[..16].to_owned()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .expect("documents leave unknown facts out, and their keys are texts");
    bytes.push(b'\n');
    bytes
}
