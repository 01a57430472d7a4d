//! How much is read of what a stranger sent.

use std::cell::Cell;
use std::io::{self, Read};

/// Bytes that every input may become, however small it is.
const FREE: u64 = 64 << 20;

/// Times that an input may grow beyond that. Logs that repeat one line shrink to a hundredth; the
/// most that deflate can do is a thousandth, and only bombs do.
const GROWTH: u64 = 200;

/// Archives within archives.
pub(super) const DEPTH: usize = 4;

/// Entries of one archive or folder.
pub(super) const ENTRIES: usize = 500_000;

/// Bytes of an archive within an archive that has to be held in memory.
pub(super) const NESTED: u64 = 32 << 20;

/// Bytes of one JSON document. The nodes of a thousand-node cluster have 40 MB.
pub(super) const DOCUMENT: u64 = 64 << 20;

/// Bytes that may be unpacked of one input.
#[derive(Debug)]
pub(super) struct Allowance {
    left: Cell<u64>,
}

impl Allowance {
    /// For an input of so many bytes.
    pub(super) fn of(length: u64) -> Self {
        Self {
            left: Cell::new(FREE.saturating_add(length.saturating_mul(GROWTH))),
        }
    }

    /// A reader whose bytes count.
    pub(super) fn meter<R: Read>(&self, reader: R) -> Metered<'_, R> {
        Metered {
            reader,
            allowance: self,
        }
    }
}

/// A reader whose bytes count against an allowance.
pub(super) struct Metered<'a, R> {
    reader: R,
    allowance: &'a Allowance,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let left = self.allowance.left.get();
        let Some(rest) = left.checked_sub(read as u64) else {
            return Err(io::Error::other(Excess));
        };
        self.allowance.left.set(rest);
        Ok(read)
    }
}

/// An archive unpacks to more than any honest one does.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {GROWTH} times its size, as only archive bombs do")]
pub(super) struct Excess;

/// Whether an error is [`Excess`].
pub(super) fn is_excess(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<Excess>())
}

/// A document is larger than any that is read.
#[derive(Debug, thiserror::Error)]
#[error("it is larger than {} MiB, the most that is read of one document", .0 >> 20)]
pub(super) struct TooLarge(pub(super) u64);

/// A reader that fails where a document does not end in time.
pub(super) struct Capped<R> {
    reader: R,
    limit: u64,
    left: u64,
}

impl<R: Read> Capped<R> {
    pub(super) fn new(reader: R, limit: u64) -> Self {
        Self {
            reader,
            limit,
            left: limit,
        }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(TooLarge(self.limit)))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_too_much_is_told_apart() {
        let allowance = Allowance::of(1000);
        let most = FREE + 1000 * GROWTH;
        let mut fine = allowance.meter(io::repeat(0).take(most));
        assert_eq!(io::copy(&mut fine, &mut io::sink()).unwrap(), most);
        let error = allowance
            .meter(io::repeat(0))
            .read(&mut [0; 1])
            .unwrap_err();
        assert!(is_excess(&error), "{error}");
        assert!(Capped::new(io::repeat(0), 10).read(&mut [0; 11]).is_err());
    }
}
