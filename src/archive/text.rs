//! Text in whatever encoding somebody's editor or shell wrote it, as UTF-8. PowerShell's `>` writes
//! UTF-16.

use std::io::{self, Read};

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// A reader of UTF-8, whatever the bytes below are: UTF-16 by its byte order mark or its zeros, a mark
/// of UTF-8 left out, and a byte that is no UTF-8 taken for Latin-1.
pub(super) struct Utf8<R> {
    reader: R,
    encoding: Option<Encoding>,
    /// Bytes read and not decoded yet.
    raw: Vec<u8>,
    ended: bool,
    /// Decoded text and how much of it was handed out.
    text: Vec<u8>,
    given: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encoding {
    Utf8,
    Utf16(Order),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Big,
    Little,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            encoding: None,
            raw: Vec::new(),
            ended: false,
            text: Vec::new(),
            given: 0,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !(self.ended && self.raw.is_empty()) {
            let before = self.raw.len();
            self.raw.resize(before + CHUNK, 0);
            let read = self.reader.read(&mut self.raw[before..])?;
            self.raw.truncate(before + read);
            self.ended = read == 0;
            if self.raw.len() < 4 && !self.ended {
                continue;
            }
            let encoding = match self.encoding {
                Some(encoding) => encoding,
                None => self.sniff(),
            };
            match encoding {
                Encoding::Utf8 => self.take_utf8(),
                Encoding::Utf16(order) => self.take_utf16(order),
            }
        }
        Ok(())
    }

    /// Takes the mark at the front away.
    fn sniff(&mut self) -> Encoding {
        let (encoding, mark) = match self.raw.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16(Order::Little), 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16(Order::Big), 2),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (Encoding::Utf16(Order::Little), 0),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => (Encoding::Utf16(Order::Big), 0),
            _ => (Encoding::Utf8, 0),
        };
        self.raw.drain(..mark);
        self.encoding = Some(encoding);
        encoding
    }

    fn take_utf8(&mut self) {
        let mut rest = self.raw.as_slice();
        let left = loop {
            match std::str::from_utf8(rest) {
                Ok(_) => {
                    self.text.extend_from_slice(rest);
                    break 0;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.text.extend_from_slice(valid);
                    // A character that the next bytes may complete.
                    if error.error_len().is_none() && !self.ended {
                        break after.len();
                    }
                    let length = error.error_len().unwrap_or(after.len());
                    let (wrong, after) = after.split_at(length);
                    for byte in wrong {
                        push(&mut self.text, char::from(*byte));
                    }
                    rest = after;
                }
            }
        };
        let taken = self.raw.len() - left;
        self.raw.drain(..taken);
    }

    fn take_utf16(&mut self, order: Order) {
        let mut whole = self.raw.len() / 2;
        let unit = |pair: &[u8]| match order {
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let is_high = |it: u16| (0xd800..0xdc00).contains(&it);
        // A pair that the next bytes may complete.
        if !self.ended && whole > 0 && is_high(unit(&self.raw[whole * 2 - 2..])) {
            whole -= 1;
        }
        let units = self.raw[..whole * 2].chunks_exact(2).map(unit);
        for character in char::decode_utf16(units) {
            push(
                &mut self.text,
                character.unwrap_or(char::REPLACEMENT_CHARACTER),
            );
        }
        self.raw.drain(..whole * 2);
        if self.ended {
            self.raw.clear();
        }
    }
}

fn push(text: &mut Vec<u8>, character: char) {
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let ready = &self.text[self.given..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(bytes: &[u8], step: usize) -> String {
        let mut text = String::new();
        Utf8::new(Slow(bytes, step))
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn every_encoding_becomes_utf_8() {
        let text = "{\"name\": \"Kölle 🦀\"}\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", little.as_slice()].concat(),
            [b"\xfe\xff", big.as_slice()].concat(),
            little,
            big,
        ] {
            for step in [1, 3, 1000] {
                assert_eq!(read(&bytes, step), text, "{bytes:?}");
            }
        }
        assert_eq!(read(b"K\xf6lle", 1), "Kölle");
        assert_eq!(read(b"K\xc3", 1), "KÃ");
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes: Vec<u8>, step in 1..9_usize) {
            read(&bytes, step);
        }
    }
}
