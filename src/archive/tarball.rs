//! Tar archives, as a stream.

use std::io::{self, Read};

use tar::{Archive, Entry, EntryType};

use super::bounds::{Allowance, ENTRIES, is_excess};
use super::container::{self, LINK, Sink, stream, too_many};
use super::place::Place;

/// Bytes of a name that is longer than its header has room for.
const NAME: u64 = 64 << 10;

/// Goes through the entries.
pub(super) fn read(
    place: &Place,
    reader: &mut dyn Read,
    allowance: &Allowance,
    depth: usize,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut archive = Archive::new(reader);
    let mut long_name = None;
    let mut seen = 0;
    // Long names are read here, where they are bounded.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry.map_err(of_header)?;
        seen += 1;
        if seen > ENTRIES {
            sink.problem(
                place,
                too_many(),
                "unpack it, and give the folders that matter",
            );
            break;
        }
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut name = bounded(&mut entry)?;
                name.truncate(name.iter().position(|it| *it == 0).unwrap_or(name.len()));
                long_name = Some(name);
                continue;
            }
            EntryType::XHeader => {
                long_name = pax_path(&bounded(&mut entry)?).or(long_name);
                continue;
            }
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Symlink | EntryType::Link => {
                let name = long_name
                    .take()
                    .unwrap_or_else(|| entry.path_bytes().into_owned());
                if let Some(at) = container::entry(place, &name, sink)
                    && sink.wants(&at)
                {
                    sink.problem(&at, LINK.into(), "give the file that it leads to");
                }
                continue;
            }
            _ => {
                long_name = None;
                continue;
            }
        }
        let name = long_name
            .take()
            .unwrap_or_else(|| entry.path_bytes().into_owned());
        if let Some(at) = container::entry(place, &name, sink)
            && sink.wants(&at)
        {
            stream(&at, &mut entry, allowance, depth, sink)?;
        }
    }
    Ok(())
}

/// The library quotes what it found in place of a header, which may be anything.
fn of_header(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::Other && !is_excess(&error) {
        return io::Error::other("what should be the header of its next file is none");
    }
    error
}

fn bounded<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(NAME).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `path` of a pax header: lines of `LENGTH KEY=VALUE` (POSIX.1-2001).
fn pax_path(header: &[u8]) -> Option<Vec<u8>> {
    let mut rest = header;
    while !rest.is_empty() {
        let space = rest.iter().position(|it| *it == b' ')?;
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(path.strip_suffix(b"\n").unwrap_or(path).to_vec());
        }
        rest = rest.get(length..).filter(|_| length > 0)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_place_of_a_header_is_not_quoted() {
        let mut damaged = vec![b'x'; 1024];
        damaged[..6].copy_from_slice(b"geheim");
        let error = Archive::new(damaged.as_slice())
            .entries()
            .unwrap()
            .raw(true)
            .find_map(Result::err)
            .unwrap();
        assert!(error.to_string().contains("geheim"), "{error}");
        let told = of_header(error).to_string();
        assert!(
            !told.contains("geheim") && told.contains("header"),
            "{told}"
        );
    }

    #[test]
    fn a_long_name_is_found() {
        assert_eq!(
            pax_path(b"20 mtime=1700000000\n12 path=a/b\n").as_deref(),
            Some(&b"a/b"[..])
        );
        for broken in [&b"0 path=x"[..], b"9999 path=x\n", b"x", b"3 a\n"] {
            assert_eq!(pax_path(broken), None);
        }
    }
}
