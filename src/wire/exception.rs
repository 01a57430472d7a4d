//! Exceptions in error answers, as far as their messages (`StreamInput.readException`).

use super::primitive::{Reader, Truncated};

/// Most levels of causes that are followed.
const MAX_DEPTH: usize = 32;

/// One level of an exception and its causes.
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
}

impl Exception {
    /// Decodes the messages of an exception and its causes, outermost first. A cause stands before
    /// any stack trace, so the bytes after the innermost message are not needed.
    pub fn decode(body: &[u8]) -> Result<Vec<Self>, Truncated> {
        let mut reader = Reader::new(body);
        let mut chain = Vec::new();
        while chain.len() < MAX_DEPTH && reader.boolean()? {
            let family = reader.v_int()?;
            let class = (family == 0).then(|| reader.v_int()).transpose()?;
            let message = match family {
                0 | 4..=12 | 14..=17 => reader.optional_string()?,
                18 => {
                    reader.boolean()?;
                    reader.optional_string()?
                }
                _ => None,
            };
            chain.push(Self {
                family,
                class,
                message,
            });
            // Only these write their cause next; after all others the stack trace begins.
            if !matches!(family, 0 | 6 | 7 | 9 | 14 | 15 | 17) {
                break;
            }
        }
        Ok(chain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::{each_bit_flip, each_truncation};

    fn text(message: &str) -> Vec<u8> {
        let mut bytes = vec![1, u8::try_from(message.len()).unwrap()];
        bytes.extend_from_slice(message.as_bytes());
        bytes
    }

    fn sample() -> Vec<u8> {
        let mut bytes = vec![1, 0, 0x67];
        bytes.extend(text("[n1][10.0.0.1:9443][x]"));
        bytes.extend([1, 0, 4]);
        bytes.extend(text("failed to extract credentials from headers"));
        bytes.extend([1, 6]);
        bytes.extend(text("Cross cluster requests"));
        bytes.extend([0, 0, 0]);
        bytes
    }

    #[test]
    fn a_chain_is_read_to_its_innermost_message() {
        let chain = Exception::decode(&sample()).unwrap();
        let seen: Vec<_> = chain
            .iter()
            .map(|e| (e.family, e.class, e.message.as_deref().unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                (0, Some(103), "[n1][10.0.0.1:9443][x]"),
                (0, Some(4), "failed to extract credentials from headers"),
                (6, None, "Cross cluster requests"),
            ]
        );
    }

    #[test]
    fn damage_is_survived() {
        each_truncation(&sample(), |part| drop(Exception::decode(part)));
        each_bit_flip(&sample(), |damaged| drop(Exception::decode(damaged)));
        // An endless chain of causes.
        let endless = [1, 6, 0].repeat(10_000);
        assert_eq!(Exception::decode(&endless).unwrap().len(), MAX_DEPTH);
    }
}
