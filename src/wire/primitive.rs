//! The encodings that everything else is made of (`StreamInput` and `StreamOutput`).

/// Bytes end before the value does, or are no such value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("frame ends early or is malformed")]
pub struct Truncated;

/// Reads values from the front of a slice. Nothing is allocated before its bytes are known to be
/// there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Truncated> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Truncated> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    pub(super) fn boolean(&mut self) -> Result<bool, Truncated> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Truncated),
        }
    }

    pub(super) fn int(&mut self) -> Result<i32, Truncated> {
        let bytes = self.bytes(4)?;
        Ok(i32::from_be_bytes(bytes.try_into().expect("four bytes")))
    }

    pub(super) fn long(&mut self) -> Result<i64, Truncated> {
        let bytes = self.bytes(8)?;
        Ok(i64::from_be_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// Unsigned LEB128 of 32 bits, at most five bytes.
    pub(super) fn v_int(&mut self) -> Result<u32, Truncated> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            if shift == 28 && byte > 0x0f {
                return Err(Truncated);
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Truncated)
    }

    /// A count of things that take at least one byte each, so that no count can ask for more memory
    /// than its frame has bytes.
    pub(super) fn count(&mut self) -> Result<usize, Truncated> {
        let count = usize::try_from(self.v_int()?).map_err(|_| Truncated)?;
        if count > self.0.len() {
            return Err(Truncated);
        }
        Ok(count)
    }

    /// A count of UTF-16 units, then each unit in one to three bytes.
    pub(super) fn string(&mut self) -> Result<String, Truncated> {
        let count = self.count()?;
        let mut units = Vec::with_capacity(count);
        for _ in 0..count {
            let first = self.byte()?;
            units.push(match first >> 4 {
                0..=7 => u16::from(first),
                12 | 13 => u16::from(first & 0x1f) << 6 | self.continuation()?,
                14 => {
                    u16::from(first & 0x0f) << 12
                        | self.continuation()? << 6
                        | self.continuation()?
                }
                _ => return Err(Truncated),
            });
        }
        Ok(String::from_utf16_lossy(&units))
    }

    /// Passes over a string.
    pub(super) fn skip_string(&mut self) -> Result<(), Truncated> {
        for _ in 0..self.count()? {
            match self.byte()? >> 4 {
                0..=7 => {}
                12 | 13 => _ = self.bytes(1)?,
                14 => _ = self.bytes(2)?,
                _ => return Err(Truncated),
            }
        }
        Ok(())
    }

    /// A count of bytes, then the bytes.
    pub(super) fn bytes_reference(&mut self) -> Result<&'a [u8], Truncated> {
        let count = self.count()?;
        self.bytes(count)
    }

    fn continuation(&mut self) -> Result<u16, Truncated> {
        self.byte().map(|byte| u16::from(byte & 0x3f))
    }

    pub(super) fn optional_string(&mut self) -> Result<Option<String>, Truncated> {
        if self.boolean()? {
            self.string().map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn v_int(&mut self, mut value: u32) -> &mut Self {
        while value > 0x7f {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push((value & 0x7f) as u8);
        self
    }

    /// A string; only ASCII is ever sent, so units and bytes are the same.
    pub(super) fn ascii(&mut self, text: &str) -> &mut Self {
        debug_assert!(text.is_ascii(), "only ASCII is sent");
        let count = u32::try_from(text.len()).expect("short constant text");
        self.v_int(count).bytes(text.as_bytes())
    }

    /// A byte count, then the bytes.
    pub(super) fn bytes_reference(&mut self, bytes: &[u8]) -> &mut Self {
        let count = u32::try_from(bytes.len()).expect("short body");
        self.v_int(count).bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers() {
        for (value, hex) in [
            (0, "00"),
            (7_170_099, "b3d0b503"),
            (8_636_001, "e18c8f04"),
            (9_250_003, "d3c9b404"),
            (99_000_099, "a3be9a2f"),
        ] {
            let bytes = crate::wire::tests::unhex(hex);
            let mut writer = Writer::default();
            writer.v_int(value);
            assert_eq!(writer.into_bytes(), bytes);
            assert_eq!(Reader::new(&bytes).v_int(), Ok(value));
        }
    }

    #[test]
    fn strings_count_utf16_units() {
        // "é", then U+1F600 as two surrogates of three bytes each.
        let bytes = crate::wire::tests::unhex("03c3a9eda0bdedb880");
        assert_eq!(Reader::new(&bytes).string().as_deref(), Ok("é😀"));
    }

    proptest! {
        #[test]
        fn numbers_round_trip(value: u32) {
            let mut writer = Writer::default();
            writer.v_int(value);
            prop_assert_eq!(Reader::new(&writer.into_bytes()).v_int(), Ok(value));
        }

        #[test]
        fn texts_round_trip(text in "[ -~]{0,300}", rest: Vec<u8>) {
            let mut writer = Writer::default();
            writer.ascii(&text).bytes(&rest);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.string(), Ok(text));
            prop_assert_eq!(reader.bytes(rest.len()), Ok(&rest[..]));
        }

        #[test]
        fn no_bytes_break_a_reader(bytes: Vec<u8>) {
            let _ = Reader::new(&bytes).string();
            let _ = Reader::new(&bytes).optional_string();
            let _ = Reader::new(&bytes).v_int();
            let read = Reader::new(&bytes).string().map(drop);
            prop_assert_eq!(Reader::new(&bytes).skip_string(), read);
        }
    }
}
