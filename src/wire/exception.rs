//! Exceptions in error answers (`StreamInput.readException`), decoded to their end: why a key was
//! refused stands behind the stack trace.

use super::primitive::{Reader, Truncated};

/// Deepest nesting of causes and suppressed exceptions that is followed.
const MAX_DEPTH: usize = 32;

/// Most exceptions that are kept of one answer.
const MAX_LEVELS: usize = 64;

/// One exception of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exception {
    /// Kind of exception as the protocol numbers them: 0 for those of Elasticsearch, 6 for
    /// `IllegalArgumentException`, 9 `SecurityException`, 14 `IllegalStateException`, 17
    /// `IOException`.
    pub family: u32,
    /// Number of the Elasticsearch exception, where the family is 0: 4 for
    /// `ElasticsearchSecurityException`, 101 `ActionNotFoundTransportException`, 103
    /// `RemoteTransportException`.
    pub class: Option<u32>,
    /// Its message, where it has one.
    pub message: Option<String>,
    /// The values of its metadata (`ElasticsearchException.getMetadata`), such as that of
    /// `es.additional_unsuccessful_credentials`, in any order.
    pub metadata: Vec<String>,
}

impl Exception {
    /// Decodes an exception, its causes (outermost first) and then what it suppressed. What stands
    /// behind something unreadable, such as the fields of a class that is not known here, is left
    /// out: an error only where not even the first message can be read.
    pub fn decode(body: &[u8]) -> Result<Vec<Self>, Truncated> {
        let mut decoder = Decoder {
            reader: Reader::new(body),
            levels: Vec::new(),
        };
        match decoder.exception(0) {
            Err(error) if decoder.levels.is_empty() => Err(error),
            _ => Ok(decoder.levels),
        }
    }
}

struct Decoder<'a> {
    reader: Reader<'a>,
    levels: Vec<Exception>,
}

impl Decoder<'_> {
    fn exception(&mut self, depth: usize) -> Result<(), Truncated> {
        if !self.reader.boolean()? {
            return Ok(());
        }
        if depth == MAX_DEPTH || self.levels.len() == MAX_LEVELS {
            return Err(Truncated);
        }
        let family = self.reader.v_int()?;
        let class = (family == 0).then(|| self.reader.v_int()).transpose()?;
        let message = self.message(family)?;
        let index = self.levels.len();
        self.levels.push(Exception {
            family,
            class,
            message,
            metadata: Vec::new(),
        });
        if matches!(family, 0 | 6 | 7 | 9 | 14 | 15 | 17) {
            self.exception(depth + 1)?;
        } else if !matches!(family, 4..=18) {
            return Err(Truncated);
        }
        self.stack(depth)?;
        if let Some(class) = class {
            self.map(|_| {})?;
            let mut metadata = Vec::new();
            let read = self.map(|value| metadata.push(value));
            self.levels[index].metadata = metadata;
            read?;
            self.fields(class)?;
        }
        Ok(())
    }

    fn message(&mut self, family: u32) -> Result<Option<String>, Truncated> {
        match family {
            0 | 4..=12 | 14..=17 => self.reader.optional_string(),
            // FileSystemException: which one, file, other file, reason.
            13 => {
                self.reader.v_int()?;
                let file = self.reader.optional_string()?;
                let _other = self.reader.optional_string()?;
                let reason = self.reader.optional_string()?;
                Ok(reason.or(file))
            }
            // EsRejectedExecutionException: whether the executor was shut down.
            18 => {
                self.reader.boolean()?;
                self.reader.optional_string()
            }
            _ => Ok(None),
        }
    }

    /// The stack trace, and what was suppressed.
    fn stack(&mut self, depth: usize) -> Result<(), Truncated> {
        for _ in 0..self.reader.count()? {
            self.reader.skip_string()?; // class
            if self.reader.boolean()? {
                self.reader.skip_string()?; // file
            }
            self.reader.skip_string()?; // method
            self.reader.v_int()?; // line
        }
        for _ in 0..self.reader.count()? {
            self.exception(depth + 1)?;
        }
        Ok(())
    }

    /// A map of lists of strings: the headers or the metadata.
    fn map(&mut self, mut each: impl FnMut(String)) -> Result<(), Truncated> {
        for _ in 0..self.reader.count()? {
            self.reader.skip_string()?;
            for _ in 0..self.reader.count()? {
                each(self.reader.string()?);
            }
        }
        Ok(())
    }

    /// The fields that a class writes behind what all have.
    fn fields(&mut self, class: u32) -> Result<(), Truncated> {
        match class {
            // ElasticsearchSecurityException, NotSerializableExceptionWrapper,
            // ElasticsearchStatusException: the HTTP status by its name.
            4 | 62 | 145 => self.reader.skip_string(),
            // ElasticsearchException itself, TransportException, and from 8.1 on Action-, SendRequest-,
            // ReceiveTimeout- and RemoteTransportException.
            20 | 34 | 58 | 68 | 83 | 103 => Ok(()),
            // ActionNotFoundTransportException: the action.
            101 => self.reader.optional_string().map(drop),
            _ => Err(Truncated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::{each_bit_flip, each_truncation};

    fn text(message: &str) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(message.len()).unwrap()];
        bytes.extend_from_slice(message.as_bytes());
        bytes
    }

    /// The documented example: three levels, their stack traces empty.
    fn sample() -> Vec<u8> {
        [
            &[1, 0, 0x67, 1][..],
            &text("[n1][10.0.0.1:9443][x]"),
            &[1, 0, 4, 1],
            &text("failed to extract credentials from headers"),
            &[1, 6, 1],
            &text("Cross cluster requests"),
            &[0, 0, 0],
            // One element of a stack trace, one suppressed, a header, metadata, status.
            &[1],
            &text("Class"),
            &[0],
            &text("method"),
            &[0xfe, 0xff, 0xff, 0xff, 0x0f, 1],
            &[1, 14, 1],
            &text("it was suppressed"),
            &[0, 0, 0],
            &[1],
            &text("es.header"),
            &[1],
            &text("value"),
            &[1],
            &text("es.additional_unsuccessful_credentials"),
            &[1],
            &text("API key: api key is expired"),
            &text("UNAUTHORIZED"),
            // The outermost: stack, suppressed, headers, metadata.
            &[0, 0, 0, 0],
        ]
        .concat()
    }

    #[test]
    fn an_answer_is_read_to_its_end() {
        let bytes = sample();
        let mut decoder = Decoder {
            reader: Reader::new(&bytes),
            levels: Vec::new(),
        };
        assert_eq!(decoder.exception(0), Ok(()));
        assert!(decoder.reader.is_empty());
        let seen: Vec<_> = decoder
            .levels
            .iter()
            .map(|e| (e.family, e.class, e.message.as_deref().unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                (0, Some(103), "[n1][10.0.0.1:9443][x]"),
                (0, Some(4), "failed to extract credentials from headers"),
                (6, None, "Cross cluster requests"),
                (14, None, "it was suppressed"),
            ]
        );
        assert_eq!(decoder.levels[1].metadata, ["API key: api key is expired"]);
    }

    #[test]
    fn recorded_answers_are_read_to_their_end() {
        for (version, name, bytes) in crate::wire::tests::FRAMES {
            let frame = crate::wire::Frame::decode(bytes).unwrap();
            if !frame.header.status.is_error() {
                continue;
            }
            let mut decoder = Decoder {
                reader: Reader::new(frame.body),
                levels: Vec::new(),
            };
            assert_eq!(decoder.exception(0), Ok(()), "{version} {name}");
            assert!(decoder.reader.is_empty(), "{version} {name}");
        }
    }

    #[test]
    fn what_can_be_read_is_kept() {
        let bytes = sample();
        each_truncation(&bytes, |part| {
            if let Ok(levels) = Exception::decode(part) {
                assert!((1..=4).contains(&levels.len()) || part[0] == 0);
            }
        });
        // A class whose fields are not known, as a cause: all messages, no metadata behind it.
        let mut unknown = bytes.clone();
        let position = unknown
            .windows(4)
            .position(|it| it == [1, 0, 4, 1])
            .unwrap();
        unknown[position + 2] = 99;
        let levels = Exception::decode(&unknown).unwrap();
        assert_eq!(levels.len(), 4);
        assert_eq!(levels[1].metadata.len(), 1);
    }

    #[test]
    fn damage_is_survived() {
        each_truncation(&sample(), |part| drop(Exception::decode(part)));
        each_bit_flip(&sample(), |damaged| drop(Exception::decode(damaged)));
        // An endless chain of causes.
        let endless = [1, 6, 0].repeat(10_000);
        assert_eq!(Exception::decode(&endless).unwrap().len(), MAX_DEPTH);
        // Very many suppressed ones.
        let mut many = vec![1, 6, 0, 0, 0, 0xff, 0x7f];
        many.extend([1, 6, 0, 0, 0, 0].repeat(16_383));
        assert_eq!(Exception::decode(&many).unwrap().len(), MAX_LEVELS);
    }
}
