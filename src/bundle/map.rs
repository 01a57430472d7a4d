//! The map: the key and what each token stands for. It stays with whoever made the bundle.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// The value of `schema` in a map.
const SCHEMA: &str = "crosscheck/map/v1";

/// Most that is read of a map.
const LARGEST: u64 = 256 << 20;

/// Length of the key in bytes.
pub(super) const KEY_LENGTH: usize = 32;

/// The key and what each token stands for.
#[derive(Debug)]
pub struct Map {
    /// The key, Base64.
    key: SecretString,
    /// The token of each identifier.
    pub(super) tokens: BTreeMap<String, MapEntry>,
}

/// What became of an identifier.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MapEntry {
    /// What it is, such as `host`.
    pub kind: String,
    /// What stands in its place.
    pub token: String,
    /// Whether it is also a word that may be met without meaning it, so that it cannot be searched
    /// for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordinary: bool,
}

/// Why a file is no map.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// It is something else.
    #[error("{0} is no map of crosscheck: {1}")]
    NoMap(String, String),
}

#[derive(Deserialize, Serialize)]
struct Document {
    schema: String,
    note: String,
    key: String,
    tokens: BTreeMap<String, MapEntry>,
}

impl Map {
    /// A map of a key, still empty.
    pub(super) fn of(key: &[u8]) -> Self {
        Self {
            key: STANDARD.encode(key).into(),
            tokens: BTreeMap::new(),
        }
    }

    /// Reads a map that an earlier bundle left.
    pub fn read(path: &Path) -> Result<Self, MapError> {
        let name = path.display().to_string();
        let unreadable = |error| MapError::Unreadable(name.clone(), error);
        let mut text = Vec::new();
        let file = fs::File::open(path).map_err(unreadable)?;
        file.take(LARGEST)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        let no_map = |why: String| MapError::NoMap(name.clone(), why);
        let document: Document = serde_json::from_slice(&text).map_err(|error| {
            // The words of the error hold no part of the file, only its place.
            no_map(format!("line {}, column {}", error.line(), error.column()))
        })?;
        if document.schema != SCHEMA {
            return Err(no_map(format!("its schema is not {SCHEMA}")));
        }
        let map = Self {
            key: document.key.into(),
            tokens: document.tokens,
        };
        match map.key() {
            Some(_) => Ok(map),
            None => Err(no_map("its key is damaged".into())),
        }
    }

    /// The key.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        let key = STANDARD.decode(self.key.expose_secret()).ok()?;
        (key.len() == KEY_LENGTH).then_some(key)
    }

    /// What is written to the file. Whoever has it can lead every token back.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = Document {
            schema: SCHEMA.to_owned(),
            note: "Keep this file to yourself: it leads every token of the bundle back. Another \
                   bundle with the same --map has the same tokens."
                .to_owned(),
            key: self.key.expose_secret().to_owned(),
            tokens: self.tokens.clone(),
        };
        super::json(&document)
    }
}
