//! A node's half of the transport protocol, as far as a caller without a connection of its own gets:
//! ping, the TCP handshake, the remote cluster handshake and the list of nodes. The answers are recorded
//! ones.
//!
//! It shares no code with [`crate::wire`], which reads these bytes: a mistake made twice would not be
//! seen.

use std::io;

use serde::Deserialize;

use super::answers::AnswerFile;
use super::placeholders::Placeholders;

/// What a node's remote cluster server says, from a file `wire-<version>.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireFile {
    #[expect(dead_code, reason = "for the reader of the file")]
    recordings: Vec<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    changed: Option<String>,
    handshake: Handshake,
    without_credential: Vec<Vec<Thrown>>,
    with_credential: String,
    nodes: String,
}

#[derive(Debug, Deserialize)]
struct Handshake {
    #[serde(rename = "7170099")]
    v7: String,
    /// Absent before 8.18, which closes the connection.
    #[serde(rename = "8800000")]
    v8: Option<String>,
}

/// One level of a serialised exception.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thrown {
    /// Family, `StreamInput#readException`: 0 Elasticsearch's own, 6 illegal argument.
    key: u8,
    /// Id of the class in family 0.
    class: Option<u8>,
    message: String,
    /// Why, as it stands behind the stack trace of a security exception.
    metadata: Option<String>,
}

/// A node's answers, ready to send.
#[derive(Debug)]
pub(super) struct NodeWire {
    v7: Vec<u8>,
    v8: Option<Vec<u8>>,
    version: [u8; 4],
    without_credential: Vec<Vec<u8>>,
    with_credential: WithCredential,
}

#[derive(Debug)]
enum WithCredential {
    Accepted { handshake: Vec<u8>, nodes: Vec<u8> },
    Refused(Vec<u8>),
}

/// What to send back.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Reply {
    pub(super) bytes: Vec<u8>,
    pub(super) close: bool,
}

/// Bytes of a frame in front of what its length counts: the marker `ES` and the length.
pub(super) const PREFIX: usize = 6;
/// Largest frame that is read: `remote_cluster.max_request_header_size`.
pub(super) const MAX_FRAME: usize = 64 * 1024;

const PING: [u8; PREFIX] = [0x45, 0x53, 0xff, 0xff, 0xff, 0xff];
const REQUEST_ID: std::ops::Range<usize> = 6..14;
const VERSION: std::ops::Range<usize> = 15..19;
const HANDSHAKE_REQUEST: u8 = 0x08;
const ERROR_RESPONSE: u8 = 0x03;
const V7: [u8; 4] = 7_170_099_u32.to_be_bytes();
const V8: [u8; 4] = 8_800_000_u32.to_be_bytes();
const NOT_HTTP: &[u8] = b"This is not an HTTP port";
const HTTP_VERBS: [&[u8]; 8] = [
    b"GET", b"POST", b"PUT", b"HEAD", b"DELETE", b"OPTION", b"PATCH", b"TRACE",
];

impl NodeWire {
    /// The answers of a version, with what a fault changes in the answer to the credential.
    pub(super) fn new(
        file: &str,
        fault: Option<&AnswerFile>,
        placeholders: &Placeholders,
    ) -> io::Result<Self> {
        let file: WireFile = serde_json::from_str(file).map_err(io::Error::other)?;
        let refusal = fault.and_then(|it| it.with_credential.as_deref());
        let accepted = fault.and_then(|it| it.accepted.as_deref());
        let handshake = hexadecimal(accepted.unwrap_or(&file.with_credential))?;
        let version = handshake
            .get(VERSION)
            .and_then(|it| it.try_into().ok())
            .ok_or_else(|| io::Error::other("recorded frame without header"))?;
        let frame = |levels: &[Thrown]| error_frame(levels, version, placeholders);
        Ok(Self {
            v7: hexadecimal(&file.handshake.v7)?,
            v8: file.handshake.v8.as_deref().map(hexadecimal).transpose()?,
            version,
            without_credential: file.without_credential.iter().map(|it| frame(it)).collect(),
            with_credential: match refusal {
                Some(levels) => WithCredential::Refused(frame(levels)),
                None => WithCredential::Accepted {
                    handshake,
                    nodes: published(hexadecimal(&file.nodes)?, placeholders),
                },
            },
        })
    }

    /// How many bytes follow the prefix; `Err` holds the last words where it is no frame.
    pub(super) fn length(prefix: [u8; PREFIX]) -> Result<usize, Reply> {
        if prefix == PING {
            return Ok(0);
        }
        if HTTP_VERBS.iter().any(|verb| prefix.starts_with(verb)) {
            return Err(Reply::last(NOT_HTTP.to_vec()));
        }
        let [b'E', b'S', length @ ..] = prefix else {
            return Err(Reply::last(Vec::new()));
        };
        match usize::try_from(i32::from_be_bytes(length)) {
            Ok(length) if (1..=MAX_FRAME).contains(&length) => Ok(length),
            _ => Err(Reply::last(Vec::new())),
        }
    }

    /// The answer to a whole frame.
    pub(super) fn reply(&self, frame: &[u8]) -> Reply {
        if frame == PING {
            return Reply::more(PING.to_vec());
        }
        let (Some(id), Some(version)) = (frame.get(REQUEST_ID), frame.get(VERSION)) else {
            return Reply::last(Vec::new());
        };
        let answering = |recorded: &[u8]| {
            let mut answer = recorded.to_vec();
            if let Some(place) = answer.get_mut(REQUEST_ID) {
                place.copy_from_slice(id);
            }
            answer
        };
        if frame.get(14) == Some(&HANDSHAKE_REQUEST) {
            return match (&self.v8, version) {
                (_, it) if it == V7 => Reply::more(answering(&self.v7)),
                (Some(v8), it) if it == V8 => Reply::more(answering(v8)),
                _ => Reply::last(Vec::new()),
            };
        }
        let says = |text: &[u8]| frame.windows(text.len()).any(|it| it == text);
        let lists = says(b"cluster:internal/remote_cluster/nodes");
        let known = lists || says(b"cluster:internal/remote_cluster/handshake");
        if version != self.version || !known {
            return Reply::last(Vec::new());
        }
        if !says(b"_cross_cluster_access_credentials") {
            // A node answers twice, and the second answer closes the connection.
            let frames = self.without_credential.iter().flat_map(|it| answering(it));
            return Reply::last(frames.collect());
        }
        match &self.with_credential {
            WithCredential::Accepted { nodes, .. } if lists => Reply::more(answering(nodes)),
            WithCredential::Accepted { handshake, .. } => Reply::more(answering(handshake)),
            WithCredential::Refused(answer) => Reply::last(answering(answer)),
        }
    }
}

impl Reply {
    fn more(bytes: Vec<u8>) -> Self {
        let close = false;
        Self { bytes, close }
    }

    fn last(bytes: Vec<u8>) -> Self {
        let close = true;
        Self { bytes, close }
    }
}

fn error_frame(levels: &[Thrown], version: [u8; 4], placeholders: &Placeholders) -> Vec<u8> {
    let mut content = vec![ERROR_RESPONSE];
    content.extend(version);
    content.extend([0, 0, 0, 2, 0, 0]); // variable header: no request and no response headers
    exception(levels, placeholders, &mut content);
    let mut frame = b"ES".to_vec();
    let length = u32::try_from(content.len() + 8).unwrap_or(u32::MAX);
    frame.extend(length.to_be_bytes());
    frame.extend([0; 8]); // the request id comes with the request
    frame.extend(content);
    frame
}

/// `StreamOutput#writeException`: message and cause come before the stack trace.
fn exception(levels: &[Thrown], placeholders: &Placeholders, out: &mut Vec<u8>) {
    let Some((outer, causes)) = levels.split_first() else {
        out.push(0);
        return;
    };
    out.extend([1, outer.key]);
    out.extend(outer.class);
    out.push(1);
    string(&placeholders.fill_text(&outer.message), out);
    exception(causes, placeholders, out);
    out.push(1); // stack trace of one element
    string("org.elasticsearch.transport.InboundHandler", out);
    out.push(1);
    string("InboundHandler.java", out);
    string("handleRequest", out);
    out.extend([100, 0]); // its line; nothing suppressed
    match outer.class {
        // No headers, no metadata.
        Some(103) => out.extend([0; 2]),
        Some(_) => {
            out.push(0);
            match &outer.metadata {
                Some(reason) => {
                    out.push(1);
                    string("es.additional_unsuccessful_credentials", out);
                    out.push(1);
                    string(reason, out);
                }
                None => out.push(0),
            }
            string("UNAUTHORIZED", out);
        }
        None => {}
    }
}

/// The list of nodes with the simulated port in the published address, which is the recorded node's
/// `127.0.0.1` as bytes, then as text, then its port.
fn published(mut nodes: Vec<u8>, placeholders: &Placeholders) -> Vec<u8> {
    const ADDRESS: &[u8] = b"\x04\x7f\x00\x00\x01\x09127.0.0.1";
    let port = placeholders.fill_text("${server.port}");
    let port = port.parse::<u32>().unwrap_or(0).to_be_bytes();
    let place = nodes.windows(ADDRESS.len()).position(|it| it == ADDRESS);
    let place = place.map(|it| it + ADDRESS.len());
    if let Some(place) = place.and_then(|it| nodes.get_mut(it..it + port.len())) {
        place.copy_from_slice(&port);
    }
    nodes
}

fn string(text: &str, out: &mut Vec<u8>) {
    let mut length = text.len(); // all of it is ASCII, where UTF-16 units and bytes are as many
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7f).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or(0));
    out.extend(text.bytes());
}

fn hexadecimal(text: &str) -> io::Result<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|it| it.to_digit(16).and_then(|it| u8::try_from(it).ok()))
        .collect();
    let digits = digits.ok_or_else(|| io::Error::other("recorded bytes are not hexadecimal"))?;
    Ok(digits
        .chunks(2)
        .map(|it| it.iter().fold(0, |sum, digit| sum << 4 | digit))
        .collect())
}
