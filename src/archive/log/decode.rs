//! From the bytes of a file to UTF-8: gzip and UTF-16 are undone, whatever the file is called.

use std::io::{self, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// The text of a file. What is no UTF-8 stays as it is.
pub(super) fn decode<'r>(reader: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let (head, reader) = peek(reader)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        // A rotated log may hold several members, one after another.
        let (head, reader) = peek(MultiGzDecoder::new(reader))?;
        return Ok(decode_text(&head, reader));
    }
    Ok(decode_text(&head, reader))
}

fn decode_text<'r>(head: &[u8], mut reader: impl Read + 'r) -> Box<dyn Read + 'r> {
    match head {
        [0xef, 0xbb, 0xbf, ..] => {
            let mut mark = [0; 3];
            let _ = reader.read_exact(&mut mark);
            Box::new(reader)
        }
        [0xff, 0xfe, ..] => Box::new(Utf16::new(reader, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Box::new(Utf16::new(reader, u16::from_be_bytes)),
        _ => Box::new(reader),
    }
}

/// The first bytes, and a reader of all of them.
fn peek<'r>(mut reader: impl Read + 'r) -> io::Result<(Vec<u8>, impl Read + 'r)> {
    let mut head = Vec::new();
    reader.by_ref().take(3).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// UTF-16 as UTF-8.
struct Utf16<R> {
    units: BufReader<R>,
    unit: fn([u8; 2]) -> u16,
    /// A unit that waits for its other half.
    high: Option<u16>,
    ready: Cursor<Vec<u8>>,
}

impl<R: Read> Utf16<R> {
    fn new(reader: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self {
            units: BufReader::new(reader),
            unit,
            high: None,
            ready: Cursor::default(),
        }
    }

    fn next_unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        match self.units.read_exact(&mut bytes) {
            Ok(()) => Ok(Some((self.unit)(bytes))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const UNITS: usize = 4096;
        if self.ready.position() == self.ready.get_ref().len() as u64 {
            let mut units: Vec<u16> = self.high.take().into_iter().collect();
            while units.len() < UNITS {
                match self.next_unit()? {
                    // The mark that says which byte comes first is no text.
                    Some(0xfeff) => {}
                    Some(unit) => units.push(unit),
                    None => break,
                }
            }
            if units.len() == UNITS && units.last().is_some_and(|it| (0xd800..0xdc00).contains(it))
            {
                self.high = units.pop();
            }
            let text =
                char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER));
            self.ready = Cursor::new(text.collect::<String>().into_bytes());
        }
        self.ready.read(buffer)
    }
}
