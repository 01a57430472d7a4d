//! The TCP handshake, which every node answers without asking who calls (`TransportHandshaker`).

use super::frame::{Frame, Request};
use super::primitive::{Reader, Truncated, Writer};

/// The version that is claimed: above every real one, so that each node answers with its own.
const CLAIMED_VERSION: u32 = 99_000_099;
/// The release that goes with it.
const CLAIMED_RELEASE: &str = "99.0.0";

const ACTION: &str = "internal:tcp/handshake";

/// The two forms of the handshake in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HelloForm {
    /// v7170099: understood by 7.17 to 9.x.
    V7,
    /// v8800000: understood from 8.18 on; its answer also tells the exact release.
    V8,
}

/// What a node says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    /// Its transport version id.
    pub transport_version: u32,
    /// Its exact release, where the form has it.
    pub release: Option<String>,
}

impl HelloForm {
    const fn id(self) -> u32 {
        match self {
            Self::V7 => 7_170_099,
            Self::V8 => 8_800_000,
        }
    }
}

/// Encodes a handshake request.
pub fn hello(form: HelloForm, request_id: i64) -> Vec<u8> {
    let mut content = Writer::default();
    content.v_int(CLAIMED_VERSION);
    if form == HelloForm::V8 {
        content.ascii(CLAIMED_RELEASE);
    }
    let mut body = Writer::default();
    body.bytes(&[0]) // no parent task
        .bytes_reference(&content.into_bytes());
    let request = Request {
        id: request_id,
        handshake: true,
        version: form.id(),
        action: ACTION,
        headers: &[],
        body: &body.into_bytes(),
    };
    request.encode()
}

/// Decodes the answer to a handshake request.
pub fn decode_hello(frame: Frame<'_>) -> Result<Hello, Truncated> {
    let header = frame.header;
    let status = header.status;
    if !status.is_response()
        || !status.is_handshake()
        || status.is_error()
        || status.is_compressed()
    {
        return Err(Truncated);
    }
    let mut reader = Reader::new(frame.body);
    let transport_version = reader.v_int()?;
    let release = if header.version == HelloForm::V8.id() {
        Some(reader.string()?)
    } else {
        None
    };
    if !reader.is_empty() {
        return Err(Truncated);
    }
    Ok(Hello {
        transport_version,
        release,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::{each_bit_flip, each_truncation, unhex};

    /// The recommended probe, as a real 8.14.1 and 9.4.3 answered it.
    const A2: &str = "455300000031000000000000000108006d68330000001a00000016696e7465726e616c3a7463\
                      702f68616e647368616b650004a3be9a2f";
    const A3: &str = "4553000000370000000000000001080086470000000019000016696e7465726e616c3a746370\
                      2f68616e647368616b65000ba3be9a2f0639392e302e30";

    #[test]
    fn requests_are_those_documented() {
        assert_eq!(hello(HelloForm::V7, 1), unhex(A2));
        assert_eq!(hello(HelloForm::V8, 1), unhex(A3));
    }

    #[test]
    fn answers_of_real_nodes() {
        for (hex, transport_version, release) in [
            // 8.14.1, 7.17.17 and 9.4.3 to A2; 9.3.0 and 9.4.3 to A3.
            (
                "455300000017000000000000000109006d6833000000020000e18c8f04",
                8_636_001,
                None,
            ),
            (
                "455300000017000000000000000109006d6833000000020000d7ddb503",
                7_171_799,
                None,
            ),
            (
                "455300000017000000000000000109006d6833000000020000a7c7ba04",
                9_348_007,
                None,
            ),
            (
                "45530000001d00000000000000010900864700000000020000d3c9b40405392e332e30",
                9_250_003,
                Some("9.3.0"),
            ),
            (
                "45530000001d00000000000000010900864700000000020000a7c7ba0405392e342e33",
                9_348_007,
                Some("9.4.3"),
            ),
        ] {
            let bytes = unhex(hex);
            let frame = Frame::decode(&bytes).unwrap();
            assert_eq!(frame.header.request_id, 1);
            let hello = decode_hello(frame).unwrap();
            assert_eq!(hello.transport_version, transport_version);
            assert_eq!(hello.release.as_deref(), release);
            each_truncation(&bytes, |part| {
                assert!(Frame::decode(part).is_err());
            });
            each_bit_flip(&bytes, |damaged| {
                let _ = Frame::decode(damaged).map(decode_hello);
            });
        }
    }

    #[test]
    fn an_error_is_no_hello() {
        let mut bytes = unhex("455300000017000000000000000109006d6833000000020000e18c8f04");
        bytes[14] = 0x03;
        assert!(decode_hello(Frame::decode(&bytes).unwrap()).is_err());
    }
}
