//! Elasticsearch's server logs: every known text of a fault in them, in one pass and bounded memory.
//!
//! Read are plain and JSON logs of all versions, also gzipped, in UTF-8 or UTF-16, also where a
//! container engine wraps each line. A stack trace belongs to the event before it.

use std::io::{self, Read};

use jiff::Timestamp;

use crate::check::Signatures;
use crate::evidence::Sighting;

mod decode;
mod event;
mod files;
mod place;
mod tally;

pub use files::{LogError, Logs, read};
pub use place::attach;

use event::Event;
use tally::Tally;

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// Longest event. What is longer is taken for several: a line may be without end.
const LONGEST_EVENT: usize = 1 << 20;

/// What one log says.
#[derive(Debug, Default)]
pub struct Scan {
    /// What was found, in the order of the first event of each.
    pub sightings: Vec<Sighting>,
    /// Lines that were read.
    pub lines: u64,
    /// Bytes that were read, decompressed.
    pub bytes: u64,
    /// Time of the last event, whatever it says; `None` where none has a time.
    pub last: Option<Timestamp>,
    /// Why the log could not be read to its end.
    pub problem: Option<io::Error>,
}

/// Searches one log. `file` names it in the sightings. An error of the reader ends the search and is
/// told in [`Scan::problem`], beside what was found before it.
pub fn scan(reader: impl Read, file: &str, signatures: &Signatures) -> Scan {
    let mut scan = Scan::default();
    let mut tally = Tally::new(file, signatures);
    match decode::decode(reader) {
        Ok(mut reader) => {
            if let Err(error) = pass(&mut reader, signatures, &mut tally, &mut scan) {
                scan.problem = Some(error);
            }
        }
        Err(error) => scan.problem = Some(error),
    }
    scan.sightings = tally.sightings();
    scan
}

/// One pass over the log: blocks of whole events are searched for the needles of all signatures, and
/// only the events around what is found are looked at.
fn pass(
    reader: &mut dyn Read,
    signatures: &Signatures,
    tally: &mut Tally<'_>,
    scan: &mut Scan,
) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK + LONGEST_EVENT];
    let mut filled = 0;
    loop {
        let (read, ended) = fill(reader, &mut buffer[filled..]);
        filled += read;
        scan.bytes += read as u64;
        let at_end = !matches!(ended, Ok(false));
        let complete = if at_end {
            filled
        } else {
            event::last_start(&buffer[..filled], LONGEST_EVENT)
        };
        search(&buffer[..complete], signatures, tally, scan);
        if at_end {
            if buffer[..complete].last().is_some_and(|last| *last != b'\n') {
                scan.lines += 1;
            }
            scan.last = event::last_time(&buffer[..complete]).or(scan.last);
            return ended.map(|_| ());
        }
        buffer.copy_within(complete..filled, 0);
        filled -= complete;
    }
}

/// Fills a buffer; says how much came, and whether the reader is at its end or failed.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, io::Result<bool>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => return (filled, Ok(true)),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(false))
}

/// Searches whole events.
fn search(block: &[u8], signatures: &Signatures, tally: &mut Tally<'_>, scan: &mut Scan) {
    let mut counted = 0;
    let mut position = 0;
    while let Some(hit) = signatures.find(block, position) {
        let range = event::around(block, hit - 1, position);
        scan.lines += newlines(&block[counted..range.start]);
        counted = range.start;
        let raw = &block[range.clone()];
        let candidates = signatures.candidates(raw);
        tally.add(&Event::of(raw), &candidates, scan.lines + 1);
        // The needle may reach beyond the event; the next one begins behind it all the same.
        position = range.end;
    }
    scan.lines += newlines(&block[counted..]);
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests;
