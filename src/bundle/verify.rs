//! Proving that nothing survived in a finished bundle, for whoever sends or receives it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::map::Map;
use super::search::{self, Search, Survivor};
use super::{Manifest, SCHEMA, key_id, sha256};

/// Most that is read of one file in a bundle, and of all together.
const LARGEST: u64 = 512 << 20;

/// Most files of a bundle.
const MOST_FILES: usize = 10_000;

/// What a look at a bundle brought out.
#[derive(Debug, Default)]
pub struct Verified {
    /// The manifest.
    pub manifest: Option<Manifest>,
    /// How many files were searched.
    pub files: usize,
    /// How many identifiers of the map were searched for.
    pub identifiers: usize,
    /// How many of them are ordinary words, which cannot be told from the words around them.
    pub ordinary: usize,
    /// What is wrong with the files themselves.
    pub damage: Vec<String>,
    /// What should not be there.
    pub survivors: Vec<Survivor>,
}

/// Why a file cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is no zip.
    #[error("it is no bundle: {0}")]
    NoZip(#[from] zip::result::ZipError),
    /// It has no manifest of this kind.
    #[error("it is no bundle of crosscheck: {0}")]
    NoBundle(String),
    /// The map was written with another bundle: that none of its identifiers is found proves nothing.
    #[error(
        "--map is the map of another bundle: its key is not the one that this bundle's tokens were \
         made with. Give the map that was written with it"
    )]
    OtherMap,
}

impl Verified {
    /// Whether all is well.
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.survivors.is_empty()
    }
}

/// Compares every file with the manifest, and searches it for secrets by their shape and for every
/// identifier of the map.
pub fn verify(bundle: impl Read + Seek, map: Option<&Map>) -> Result<Verified, VerifyError> {
    let mut archive = ZipArchive::new(bundle)?;
    let mut verified = Verified::default();
    let files = read(&mut archive, &mut verified);
    let manifest = files
        .get("manifest.json")
        .ok_or_else(|| VerifyError::NoBundle("there is no manifest.json in it".into()))?;
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(|error| {
        VerifyError::NoBundle(format!(
            "manifest.json cannot be read, at line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if manifest.schema != SCHEMA {
        return Err(VerifyError::NoBundle(format!(
            "its schema is {:?}, not {SCHEMA}",
            manifest.schema
        )));
    }
    let key = map.and_then(Map::key);
    if let (Some(made_with), Some(key)) = (&manifest.redaction.key_id, key)
        && *made_with != key_id(&key)
    {
        return Err(VerifyError::OtherMap);
    }
    compare(&manifest, &files, &mut verified.damage);
    let tokens = map.iter().flat_map(|map| &map.tokens);
    let (ordinary, tokens): (Vec<_>, Vec<_>) = tokens.partition(|(_, entry)| entry.ordinary);
    let wanted = tokens
        .into_iter()
        .map(|(text, entry)| (text.clone(), format!("a {}", entry.kind)));
    let search = Search::new(wanted);
    verified.identifiers = search.searched();
    verified.ordinary = search.ordinary() + ordinary.len();
    for (name, bytes) in &files {
        verified.survivors.extend(search::secrets(name, bytes));
        verified.survivors.extend(search.identifiers(name, bytes));
        let in_name = search.identifiers("its name", name.as_bytes());
        verified.survivors.extend(in_name);
    }
    verified.files = files.len();
    verified.manifest = Some(manifest);
    Ok(verified)
}

fn read(
    archive: &mut ZipArchive<impl Read + Seek>,
    verified: &mut Verified,
) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left = LARGEST;
    if archive.len() > MOST_FILES {
        verified.damage.push(format!(
            "it holds {} files; no bundle has more than {MOST_FILES}",
            archive.len()
        ));
    }
    for index in 0..archive.len().min(MOST_FILES) {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                verified
                    .damage
                    .push(format!("entry {}: {error}", index + 1));
                continue;
            }
        };
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let mut bytes = Vec::new();
        match entry.by_ref().take(left + 1).read_to_end(&mut bytes) {
            Ok(count) if count as u64 > left => {
                verified
                    .damage
                    .push(format!("{name}: it is larger than {LARGEST} bytes"));
                break;
            }
            Ok(count) => left -= count as u64,
            Err(error) => verified.damage.push(format!(
                "{name}: damaged after byte {}: {error}",
                bytes.len()
            )),
        }
        if files.insert(name.clone(), bytes).is_some() {
            verified.damage.push(format!("{name}: it is there twice"));
        }
    }
    files
}

fn compare(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>, damage: &mut Vec<String>) {
    let mut listed = BTreeSet::from(["manifest.json"]);
    for it in &manifest.files {
        listed.insert(&it.name);
        match files.get(&it.name) {
            None => damage.push(format!("{}: it is listed and missing", it.name)),
            Some(bytes) if sha256(bytes) != it.sha256 => damage.push(format!(
                "{}: it was changed: its SHA-256 is not that of the manifest",
                it.name
            )),
            Some(_) => {}
        }
    }
    let unlisted = files.keys().filter(|it| !listed.contains(it.as_str()));
    damage.extend(unlisted.map(|it| format!("{it}: the manifest does not list it")));
}
