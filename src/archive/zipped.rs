//! Zip archives, one entry at a time.

use std::io::{self, Read, Seek};

use zip::CompressionMethod;
use zip::read::ZipReadOptions;
use zip::read::{Config, read_zipfile_from_stream};
use zip::result::ZipError;
// The one reader whose memory does not grow with the number of entries.
use zip::unstable::read::ZipIterable;

use super::bounds::{Allowance, ENTRIES, is_excess};
use super::container::{self, LINK, Sink, damaged, stream, too_many};
use super::place::Place;

/// Goes through the entries. Of an archive without its directory, which stands at its end, those that
/// can be found from the beginning.
pub(super) fn read<R: Read + Seek>(
    place: &Place,
    reader: &mut R,
    allowance: &Allowance,
    depth: usize,
    sink: &mut dyn Sink,
) {
    match ZipIterable::try_new(&mut *reader, Config::default()) {
        Ok(archive) => listed(place, archive, allowance, depth, sink),
        Err(error) => {
            let what = format!(
                "its directory cannot be read ({error}): it is cut off or damaged; what was found \
                 before was used"
            );
            sink.problem(place, what, "copy or download it again");
            if reader.rewind().is_ok() {
                unlisted(place, reader, allowance, depth, sink);
            }
        }
    }
}

fn listed<R: Read + Seek>(
    place: &Place,
    mut archive: ZipIterable<R>,
    allowance: &Allowance,
    depth: usize,
    sink: &mut dyn Sink,
) {
    let entries = match archive.files() {
        Ok(entries) => entries,
        Err(error) => return damaged(place, &in_io(error), sink),
    };
    let (mut seen, mut encrypted) = (0, 0_usize);
    while let Some(next) = entries.next() {
        seen += 1;
        if seen > ENTRIES {
            sink.problem(
                place,
                too_many(),
                "unpack it, and give the folders that matter",
            );
            break;
        }
        let entry = match next {
            Ok(entry) => entry,
            Err(error) => {
                damaged(place, &in_io(error), sink);
                break;
            }
        };
        if entry.is_dir() {
            continue;
        }
        let Some(at) = container::entry(place, entry.name_raw(), sink) else {
            continue;
        };
        if !sink.wants(&at) {
            continue;
        }
        if entry.is_symlink() {
            sink.problem(&at, LINK.into(), "give the file that it leads to");
            continue;
        }
        if entry.encrypted() {
            encrypted += 1;
            continue;
        }
        let method = entry.compression();
        let opened = entry.with_reader(entries.reader_mut(), ZipReadOptions::new());
        let result = opened
            .map_err(|it| not_opened(it, method))
            .and_then(|file| stream(&at, &mut allowance.meter(file), allowance, depth, sink));
        if let Err(error) = result {
            damaged(&at, &error, sink);
            if is_excess(&error) {
                break;
            }
        }
    }
    if encrypted > 0 {
        let what = format!("{encrypted} of its files are encrypted");
        sink.problem(
            place,
            what,
            "unpack it with its password, and give the folder",
        );
    }
}

fn unlisted<R: Read>(
    place: &Place,
    reader: &mut R,
    allowance: &Allowance,
    depth: usize,
    sink: &mut dyn Sink,
) {
    for _ in 0..ENTRIES {
        // The damage has been told already.
        let Ok(Some(mut file)) = read_zipfile_from_stream(reader) else {
            return;
        };
        let Some(at) = container::entry(place, file.name_raw(), sink) else {
            continue;
        };
        if !file.is_dir()
            && sink.wants(&at)
            && let Err(error) = stream(&at, &mut allowance.meter(&mut file), allowance, depth, sink)
        {
            damaged(&at, &error, sink);
            if is_excess(&error) {
                return;
            }
        }
    }
}

fn not_opened(error: ZipError, method: CompressionMethod) -> io::Error {
    match error {
        ZipError::CompressionMethodNotSupported(_) => {
            io::Error::other(format!("compressed by {method}, which is not read"))
        }
        other => in_io(other),
    }
}

fn in_io(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
