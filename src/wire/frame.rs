//! One frame: marker, length, header, body (`TcpHeader`, `InboundDecoder`).

use super::primitive::{Reader, Truncated, Writer};

/// Bytes before the part that the length counts: marker and length itself.
pub const PREFIX: usize = 6;

/// Bytes of the header of fixed size, prefix included (7.6 and later).
pub const FIXED_HEADER: usize = 23;

/// Longest frame that is read. An error answer with its stack traces takes some 5,000 bytes.
pub const MAX_FRAME: usize = 64 * 1024;

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

/// The header of a frame, without the maps in it.
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
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its header.
    pub header: Header,
    /// Its body.
    pub body: &'a [u8],
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
        // Skipped unread: an error answer carries the headers of the request here.
        reader.bytes(variable)?;
        let body = &frame[FIXED_HEADER - PREFIX + variable..];
        Ok(Self {
            header: Header {
                request_id,
                status: Status(status),
                version,
            },
            body,
        })
    }
}

/// Encodes a request without headers of its own.
pub(super) fn request(
    request_id: i64,
    handshake: bool,
    version: u32,
    action: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut variable = Writer::default();
    variable.bytes(&[0, 0]);
    if version < WITHOUT_FEATURES {
        variable.bytes(&[0]);
    }
    variable.ascii(action);
    let variable = variable.into_bytes();
    let int = |count: usize| u32::try_from(count).expect("short request").to_be_bytes();
    let mut frame = Writer::default();
    frame
        .bytes(b"ES")
        .bytes(&int(FIXED_HEADER - PREFIX + variable.len() + body.len()))
        .bytes(&request_id.to_be_bytes())
        .bytes(&[if handshake { HANDSHAKE } else { 0 }])
        .bytes(&version.to_be_bytes())
        .bytes(&int(variable.len()))
        .bytes(&variable)
        .bytes(body);
    frame.into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Exception, decode_hello, decode_port_answer};

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
        let mut bytes = request(1, false, 9_000_000, "x", &[0]);
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
            let mut bytes = request(request_id, handshake, version, &action, &body);
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
        fn no_bytes_break_a_decoder(rest: Vec<u8>, length in 0..300u32) {
            let mut bytes = b"ES".to_vec();
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(&rest);
            if let Ok(frame) = Frame::decode(&bytes) {
                let _ = decode_hello(frame);
                let _ = decode_port_answer(frame);
                let _ = Exception::decode(frame.body);
            }
        }
    }
}
