//! What stands in `manifest.json`: what the bundle holds, how it came about, and what was taken out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Purpose, Side};

/// The value of [`Manifest::schema`] that this version writes.
pub const SCHEMA: &str = "crosscheck/bundle/v1";

/// `manifest.json` of a bundle (`schemas/bundle-v1.json`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Manifest {
    /// Always [`SCHEMA`] in this version.
    pub schema: String,
    /// The version of crosscheck that wrote it.
    pub version: String,
    /// When collecting ended.
    #[schemars(with = "String")]
    pub created_at: Timestamp,
    /// What the run was for.
    pub purpose: Purpose,
    /// The schema of each document in it, by file name: `evidence.json` is
    /// `crosscheck/evidence/v1`.
    pub schemas: BTreeMap<String, String>,
    /// Every call that was made to a cluster's HTTP API, with what came of it.
    pub calls: Vec<AskedCall>,
    /// What was taken out.
    pub redaction: Redaction,
    /// Every other file in it, by name.
    pub files: Vec<PackedFile>,
}

/// One call and what came of it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AskedCall {
    /// The cluster that was asked.
    pub side: Side,
    /// Name of the node that was asked by itself; `null` for whichever answered.
    pub node: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What came of it.
    pub outcome: CallOutcome,
    /// HTTP status; `null` where no answer came.
    pub status: Option<u16>,
    /// Why no answer came; `null` where one did.
    pub failure: Option<String>,
    /// File in the bundle that holds the answer; `null` where no answer came.
    pub file: Option<String>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallOutcome {
    /// The cluster answered.
    Answered,
    /// The cluster refused: the caller is not known (401) or lacks a privilege (403).
    Refused,
    /// The cluster answered with another error.
    Failed,
    /// No answer came.
    Unanswered,
}

/// A file in the bundle.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PackedFile {
    /// Its name, with `/` between folders.
    pub name: String,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub sha256: String,
}

/// What was taken out of the bundle. Secrets always are.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Redaction {
    /// Whether identifiers were replaced.
    pub mode: RedactionMode,
    /// First digits of the SHA-256 of the key: bundles with the same one have the same tokens.
    /// `null` where nothing was replaced.
    pub key_id: Option<String>,
    /// What was replaced, by kind.
    pub replaced: BTreeMap<String, Replaced>,
    /// Codes of findings that differ from those of the run itself because of what was replaced;
    /// mostly none.
    pub changed_findings: Vec<String>,
}

/// Whether identifiers were replaced.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedactionMode {
    /// Names, addresses and identities stand as they were (`--no-redact`).
    None,
    /// Each is replaced by a token, the same one everywhere.
    Tokens,
}

/// How much of one kind was replaced.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Replaced {
    /// How many different ones.
    pub distinct: u64,
    /// In how many places.
    pub places: u64,
}

impl Manifest {
    /// The JSON Schema of the manifest, as published in `schemas/bundle-v1.json`.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Manifest).to_value()
    }
}
