//! One frame: marker, length, header, body (`TcpHeader`, `InboundDecoder`).

use std::borrow::Cow;

use super::compression;
use super::primitive::{Reader, Truncated, Writer};

/// Bytes before the part that the length counts: marker and length itself.
pub const PREFIX: usize = 6;

/// Bytes of the header of fixed size, prefix included (7.6 and later).
pub const FIXED_HEADER: usize = 23;

/// Longest frame that is read. An error answer with its stack traces takes 3 to 15 kB, an entry of
/// the list of nodes some 400 bytes.
pub const MAX_FRAME: usize = 256 * 1024;

/// Status bit of an answer.
const RESPONSE: u8 = 1;
/// Status bit of an answer that holds an exception.
const ERROR: u8 = 1 << 1;
/// Status bit of a compressed body.
const COMPRESSED: u8 = 1 << 2;
/// Status bit of the TCP handshake.
const HANDSHAKE: u8 = 1 << 3;

/// First transport version whose requests carry no list of features.
const WITHOUT_FEATURES: u32 = 8_000_099;

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// More bytes are needed.
    #[error("frame is not complete")]
    Incomplete,
    /// It does not begin with `ES`.
    #[error("not a frame of the Elasticsearch transport protocol")]
    Foreign,
    /// Its length is negative, zero or above [`MAX_FRAME`].
    #[error("frame announces a length of {0} bytes, outside of what is read")]
    Length(i32),
    /// Its header does not fit in it.
    #[error("frame header is malformed")]
    Header,
}

impl From<Truncated> for FrameError {
    fn from(_: Truncated) -> Self {
        Self::Header
    }
}

/// What kind of message a frame holds (`TransportStatus`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Status(u8);

impl Status {
    /// Whether it is an answer.
    pub fn is_response(self) -> bool {
        self.0 & RESPONSE != 0
    }

    /// Whether its body is an exception.
    pub fn is_error(self) -> bool {
        self.0 & ERROR != 0
    }

    /// Whether its body is compressed.
    pub fn is_compressed(self) -> bool {
        self.0 & COMPRESSED != 0
    }

    /// Whether it belongs to the TCP handshake.
    pub fn is_handshake(self) -> bool {
        self.0 & HANDSHAKE != 0
    }
}

/// The header of a frame, without the maps and names in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// Chosen by who asked, echoed in the answer.
    pub request_id: i64,
    /// What kind of message it is.
    pub status: Status,
    /// Transport version, or the form of a handshake.
    pub version: u32,
}

/// A frame whose body can be decoded.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Its header.
    pub header: Header,
    /// Its body as it came; see [`Frame::content`].
    pub body: &'a [u8],
    /// Its headers, which may hold a credential.
    variable: &'a [u8],
}

/// A request that is to be encoded.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) id: i64,
    pub(super) handshake: bool,
    pub(super) version: u32,
    pub(super) action: &'a str,
    /// Names and values, which may hold a credential.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// Length of the whole frame that these bytes begin with.
pub fn frame_length(bytes: &[u8]) -> Result<usize, FrameError> {
    let marker = &bytes[..bytes.len().min(2)];
    if !b"ES".starts_with(marker) {
        return Err(FrameError::Foreign);
    }
    let mut reader = Reader::new(bytes);
    let _marker = reader.bytes(2).map_err(|_| FrameError::Incomplete)?;
    let announced = reader.int().map_err(|_| FrameError::Incomplete)?;
    let length = usize::try_from(announced).map_err(|_| FrameError::Length(announced))?;
    if length == 0 || length > MAX_FRAME - PREFIX {
        return Err(FrameError::Length(announced));
    }
    Ok(PREFIX + length)
}

impl<'a> Frame<'a> {
    /// Decodes the frame at the front of these bytes.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let length = frame_length(bytes)?;
        let frame = bytes.get(PREFIX..length).ok_or(FrameError::Incomplete)?;
        let mut reader = Reader::new(frame);
        let request_id = reader.long()?;
        let status = reader.byte()?;
        let version = u32::try_from(reader.int()?).map_err(|_| FrameError::Header)?;
        let variable = usize::try_from(reader.int()?).map_err(|_| FrameError::Header)?;
        let variable = reader.bytes(variable)?;
        let body = &frame[FIXED_HEADER - PREFIX + variable.len()..];
        Ok(Self {
            header: Header {
                request_id,
                status: Status(status),
                version,
            },
            body,
            variable,
        })
    }

    /// The body, decompressed where it is compressed: at most [`MAX_FRAME`] bytes of it.
    pub fn content(&self) -> Result<Cow<'a, [u8]>, Truncated> {
        if self.header.status.is_compressed() {
            compression::decompress(self.body, MAX_FRAME).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(self.body))
        }
    }

    /// The value of one of the headers that stand first. An answer carries those of its thread there
    /// (`ThreadContext`): what the server adds, and in an error what the request had, credentials
    /// included.
    pub(super) fn thread_header(&self, name: &str) -> Result<Option<String>, Truncated> {
        let mut reader = Reader::new(self.variable);
        let count = reader.count()?;
        for _ in 0..count {
            if reader.string()? == name {
                return reader.string().map(Some);
            }
            reader.skip_string()?;
        }
        Ok(None)
    }
}

impl std::fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Request<'_> {
    /// The bytes of the frame.
    pub(super) fn encode(&self) -> Vec<u8> {
        let int = |count: usize| u32::try_from(count).expect("short request").to_be_bytes();
        let mut variable = Writer::default();
        variable.v_int(u32::try_from(self.headers.len()).expect("few headers"));
        for (name, value) in self.headers {
            variable.ascii(name).ascii(value);
        }
        variable.bytes(&[0]); // no response headers
        if self.version < WITHOUT_FEATURES {
            variable.bytes(&[0]);
        }
        variable.ascii(self.action);
        let variable = variable.into_bytes();
        let mut frame = Writer::default();
        frame
            .bytes(b"ES")
            .bytes(&int(FIXED_HEADER - PREFIX
                + variable.len()
                + self.body.len()))
            .bytes(&self.id.to_be_bytes())
            .bytes(&[if self.handshake { HANDSHAKE } else { 0 }])
            .bytes(&self.version.to_be_bytes())
            .bytes(&int(variable.len()))
            .bytes(&variable)
            .bytes(self.body);
        frame.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{
        Exception, decode_hello, decode_key_answer, decode_nodes, decode_port_answer,
    };

    fn plain(id: i64, handshake: bool, version: u32, action: &str, body: &[u8]) -> Vec<u8> {
        let headers = &[];
        Request {
            id,
            handshake,
            version,
            action,
            headers,
            body,
        }
        .encode()
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(frame_length(b""), Err(FrameError::Incomplete));
        assert_eq!(frame_length(b"E"), Err(FrameError::Incomplete));
        assert_eq!(frame_length(b"HT"), Err(FrameError::Foreign));
        assert_eq!(frame_length(b"EX"), Err(FrameError::Foreign));
        assert_eq!(
            frame_length(b"ES\xff\xff\xff\xff"),
            Err(FrameError::Length(-1))
        );
        assert_eq!(
            frame_length(b"ES\x7f\xff\xff\xff"),
            Err(FrameError::Length(i32::MAX))
        );
        assert_eq!(frame_length(b"ES\0\0\0\0"), Err(FrameError::Length(0)));
    }

    #[test]
    fn a_header_longer_than_its_frame_is_refused() {
        let mut bytes = plain(1, false, 9_000_000, "x", &[0]);
        bytes[19..23].copy_from_slice(&1_000_000u32.to_be_bytes());
        assert_eq!(Frame::decode(&bytes).unwrap_err(), FrameError::Header);
    }

    proptest! {
        #[test]
        fn requests_are_read_back(
            request_id: i64,
            version in 0..=i32::MAX.cast_unsigned(),
            handshake: bool,
            action in "[a-z:/]{1,60}",
            body: Vec<u8>,
        ) {
            let mut bytes = plain(request_id, handshake, version, &action, &body);
            let whole = bytes.len();
            bytes.extend([0xff; 3]);
            prop_assert_eq!(frame_length(&bytes), Ok(whole));
            let frame = Frame::decode(&bytes).unwrap();
            prop_assert_eq!(frame.body, &body[..]);
            prop_assert_eq!(frame.header.request_id, request_id);
            prop_assert_eq!(frame.header.version, version);
            prop_assert_eq!(frame.header.status.is_handshake(), handshake);
            prop_assert!(!frame.header.status.is_response());
        }

        #[test]
        fn headers_are_read_back(
            headers in prop::collection::btree_map("[a-z_]{1,40}", "[ -~]{0,200}", 0..6),
            version in 7_000_000..9_999_999_u32,
        ) {
            let pairs: Vec<_> = headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let request = Request {
                id: 7,
                handshake: false,
                version,
                action: "x",
                headers: &pairs,
                body: b"body",
            };
            let bytes = request.encode();
            let frame = Frame::decode(&bytes).unwrap();
            prop_assert_eq!(&*frame.content().unwrap(), b"body");
            for (name, value) in &headers {
                prop_assert_eq!(frame.thread_header(name), Ok(Some(value.clone())));
            }
            prop_assert_eq!(frame.thread_header("ABSENT"), Ok(None));
        }

        #[test]
        fn no_bytes_break_a_decoder(rest: Vec<u8>, length in 0..300u32) {
            let mut bytes = b"ES".to_vec();
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(&rest);
            if let Ok(frame) = Frame::decode(&bytes) {
                let _ = frame.thread_header("x");
                let _ = decode_hello(frame);
                let _ = decode_port_answer(frame);
                let _ = decode_key_answer(frame);
                let _ = decode_nodes(frame);
                let _ = Exception::decode(frame.body);
            }
        }
    }
}
