//! Folders, archives and compressed files, told by what they hold and not by their names.

use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::bounds::{Allowance, DEPTH, ENTRIES, NESTED, is_excess};
use super::place::{Place, entry_name};
use super::{tarball, zipped};

/// Folders within folders.
const FOLDERS: usize = 24;

/// Bytes that tell what a file is: a header of tar is one block.
const HEAD: usize = 512;

/// Who gets what is found.
pub(super) trait Sink {
    /// Whether a file within a folder or archive is worth opening.
    fn wants(&self, place: &Place) -> bool;
    /// A file that is no archive. An error is one of reading, never of what it holds.
    fn file(&mut self, place: &Place, reader: &mut dyn Read) -> io::Result<()>;
    /// Something that could not be read; the rest is.
    fn problem(&mut self, place: &Place, what: String, remedy: &str);
    /// A file whose bytes could not be read to their end.
    fn lost(&mut self, place: &Place, error: &io::Error);
    /// An input of which nothing could be read.
    fn refuse(&mut self, place: &Place, what: String, remedy: &str);
}

/// Goes through a file, a folder or an archive.
pub(super) fn walk(path: &Path, sink: &mut dyn Sink) {
    let place = Place::of(path);
    let opened = fs::metadata(path).and_then(|it| {
        if it.is_dir() {
            return Ok(None);
        }
        Ok(Some((File::open(path)?, it)))
    });
    match opened {
        Err(error) => sink.refuse(
            &place,
            format!("cannot be read: {error}"),
            "check the path and its permissions",
        ),
        Ok(None) => folder(path, &place, sink),
        Ok(Some((file, metadata))) => {
            opened_file(&place, file, metadata.is_file(), metadata.len(), sink);
        }
    }
}

/// Every file below a folder, in order of their names. Links are not followed.
fn folder(path: &Path, place: &Place, sink: &mut dyn Sink) {
    let mut open = vec![(path.to_path_buf(), String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, inner, depth)) = open.pop() {
        let at = if inner.is_empty() {
            place.clone()
        } else {
            place.entry(&inner)
        };
        let mut entries: Vec<_> = match fs::read_dir(&folder) {
            Ok(entries) => entries.filter_map(Result::ok).take(ENTRIES).collect(),
            Err(error) => {
                sink.problem(
                    &at,
                    format!("cannot be read: {error}"),
                    "check its permissions",
                );
                continue;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            seen += 1;
            if seen > ENTRIES {
                sink.problem(&at, too_many(), "give the folders that matter");
                return;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let inner = if inner.is_empty() {
                name
            } else {
                format!("{inner}/{name}")
            };
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let at = place.entry(&inner);
            if kind.is_dir() && depth < FOLDERS {
                open.push((entry.path(), inner, depth + 1));
            } else if kind.is_file() && sink.wants(&at) {
                match File::open(entry.path()).and_then(|it| Ok((it.metadata()?, it))) {
                    Ok((metadata, file)) => opened_file(&at, file, true, metadata.len(), sink),
                    Err(error) => sink.problem(
                        &at,
                        format!("cannot be read: {error}"),
                        "check its permissions",
                    ),
                }
            } else if kind.is_symlink() && sink.wants(&at) {
                sink.problem(&at, LINK.into(), "give the file that it leads to");
            }
        }
    }
}

pub(super) const LINK: &str = "it is a link, and links are not followed";

pub(super) fn too_many() -> String {
    format!("it has more than {ENTRIES} entries; the rest was not read")
}

fn opened_file(place: &Place, mut file: File, seekable: bool, length: u64, sink: &mut dyn Sink) {
    let allowance = Allowance::of(length);
    let result = (|| {
        let head = head(&mut file)?;
        if seekable && Kind::of(&head) == Kind::Zip {
            zipped::read(place, &mut BufReader::new(file), &allowance, 0, sink);
            return Ok(());
        }
        stream(
            place,
            &mut Cursor::new(head).chain(file),
            &allowance,
            0,
            sink,
        )
    })();
    if let Err(error) = result {
        damaged(place, &error, sink);
    }
}

/// A file or an entry: an archive is gone through, anything else is handed on.
pub(super) fn stream(
    place: &Place,
    reader: &mut dyn Read,
    allowance: &Allowance,
    depth: usize,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let head = head(reader)?;
    let kind = Kind::of(&head);
    let mut reader = Cursor::new(head).chain(reader);
    if depth >= DEPTH && matches!(kind, Kind::Zip | Kind::Gzip | Kind::Tar) {
        let what = format!("it lies {DEPTH} archives deep, and none deeper is read");
        sink.problem(place, what, "unpack it, and give the folder");
        return Ok(());
    }
    match kind {
        Kind::Zip => {
            let mut bytes = Vec::new();
            reader.by_ref().take(NESTED + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > NESTED {
                let what = format!(
                    "it is an archive of more than {} MiB within another one",
                    NESTED >> 20
                );
                sink.problem(place, what, "unpack the outer one, and give the folder");
                return Ok(());
            }
            zipped::read(place, &mut Cursor::new(bytes), allowance, depth + 1, sink);
            Ok(())
        }
        Kind::Gzip => {
            let inner = MultiGzDecoder::new(BufReader::new(reader));
            stream(
                place,
                &mut allowance.meter(inner),
                allowance,
                depth + 1,
                sink,
            )
        }
        Kind::Tar => tarball::read(place, &mut reader, allowance, depth + 1, sink),
        Kind::Foreign(name) => {
            let what = format!("it is compressed with {name}, which is not read");
            sink.problem(place, what, "unpack it, and give what was in it");
            Ok(())
        }
        Kind::Plain => sink.file(place, &mut reader),
    }
}

/// Tells that an archive or file could be read up to some point only.
pub(super) fn damaged(place: &Place, error: &io::Error, sink: &mut dyn Sink) {
    let (what, remedy) = if is_excess(error) {
        (
            error.to_string(),
            "ask for an archive of the original files",
        )
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        (
            "it is cut off; what lies before was used".to_owned(),
            "copy or download it again",
        )
    } else {
        (
            format!("it is damaged ({error}); what lies before was used"),
            "copy or download it again",
        )
    };
    sink.lost(place, error);
    sink.problem(place, what, remedy);
}

/// The place of an entry; `None` with a problem told where its name leads out of the archive.
pub(super) fn entry(place: &Place, raw: &[u8], sink: &mut dyn Sink) -> Option<Place> {
    let Some(name) = entry_name(raw) else {
        let name: String = String::from_utf8_lossy(raw).chars().take(200).collect();
        sink.problem(
            &place.entry(&name),
            "its name leads out of the archive; it was passed over".to_owned(),
            "ask how this archive was made: no diagnostic tool writes such names",
        );
        return None;
    };
    (!name.is_empty()).then(|| place.entry(&name))
}

fn head(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    reader.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// What the first bytes show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Foreign(&'static str),
    Gzip,
    Plain,
    Tar,
    Zip,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        const FOREIGN: [(&[u8], &str); 5] = [
            (b"\x28\xb5\x2f\xfd", "zstd"),
            (b"\xfd7zXZ\0", "xz"),
            (b"BZh", "bzip2"),
            (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
            (b"Rar!\x1a\x07", "RAR"),
        ];
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Self::Zip;
        }
        if head.starts_with(b"\x1f\x8b\x08") {
            return Self::Gzip;
        }
        if is_tar(head) {
            return Self::Tar;
        }
        FOREIGN
            .iter()
            .find(|(magic, _)| head.starts_with(magic))
            .map_or(Self::Plain, |(_, name)| Self::Foreign(name))
    }
}

/// Old archives have no magic; the checksum of a header tells every one.
fn is_tar(head: &[u8]) -> bool {
    if head.len() < HEAD {
        return false;
    }
    let sum: u64 = head
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            // The checksum itself counts as spaces.
            if (148..156).contains(&at) {
                u64::from(b' ')
            } else {
                u64::from(*byte)
            }
        })
        .sum();
    let digits = String::from_utf8_lossy(&head[148..156]);
    let digits = digits.trim_matches([' ', '\0']);
    u64::from_str_radix(digits, 8).is_ok_and(|it| it == sum)
}
