//! Bytes ⇄ types: Elasticsearch transport frames. No I/O, bounded allocation.
//!
//! Written from what nodes say on ports 9300 and 9443. A frame that was received is decoded and
//! dropped, never kept or shown: error answers echo the headers of the request, credentials included.

mod authentication;
mod compression;
mod exception;
mod frame;
mod handshake;
mod node;
mod primitive;
mod refusal;
mod remote;
mod version;

pub use authentication::KeyAuthentication;
pub use exception::Exception;
pub use frame::{FIXED_HEADER, Frame, FrameError, Header, MAX_FRAME, PREFIX, Status, frame_length};
pub use handshake::{Hello, HelloForm, decode_hello, hello};
pub use node::Node;
pub use primitive::Truncated;
pub use refusal::{Refusal, RefusalKind};
pub use remote::{
    Accepted, Caller, KeyAnswer, PortAnswer, decode_key_answer, decode_nodes, decode_port_answer,
    key_question, nodes_question, port_question,
};
pub use version::{FIRST_WITH_RELEASE, release_line};

#[cfg(test)]
mod tests {
    use super::PortAnswer;

    /// Answers of real nodes (see `tests/frames/README.md`): name, bytes, what they tell.
    pub(super) const PORT_ANSWERS: &[(&str, &str, PortAnswer)] = &[
        (
            "remote cluster server of 8.14.1",
            include_str!("../tests/frames/c1-remote-cluster-server-8.14.1.hex"),
            PortAnswer::RemoteClusterServer,
        ),
        (
            "remote cluster server of 9.4.3",
            include_str!("../tests/frames/c1-remote-cluster-server-9.4.3.hex"),
            PortAnswer::RemoteClusterServer,
        ),
        (
            "transport port of 8.14.1",
            include_str!("../tests/frames/c1-transport-8.14.1.hex"),
            PortAnswer::Transport,
        ),
        (
            "transport port of 9.4.3",
            include_str!("../tests/frames/c1-transport-9.4.3.hex"),
            PortAnswer::Transport,
        ),
    ];

    /// More answers of real nodes: version, name, bytes.
    pub(super) const FRAMES: &[(&str, &str, &[u8])] = &[
        (
            "8.14.1",
            "accepted-deflate",
            include_bytes!("../tests/frames/8.14.1/accepted-deflate.bin"),
        ),
        (
            "8.14.1",
            "accepted-lz4",
            include_bytes!("../tests/frames/8.14.1/accepted-lz4.bin"),
        ),
        (
            "8.14.1",
            "accepted-restricted",
            include_bytes!("../tests/frames/8.14.1/accepted-restricted.bin"),
        ),
        (
            "8.14.1",
            "accepted",
            include_bytes!("../tests/frames/8.14.1/accepted.bin"),
        ),
        (
            "8.14.1",
            "expired-2",
            include_bytes!("../tests/frames/8.14.1/expired-2.bin"),
        ),
        (
            "8.14.1",
            "expired",
            include_bytes!("../tests/frames/8.14.1/expired.bin"),
        ),
        (
            "8.14.1",
            "invalidated-2",
            include_bytes!("../tests/frames/8.14.1/invalidated-2.bin"),
        ),
        (
            "8.14.1",
            "invalidated",
            include_bytes!("../tests/frames/8.14.1/invalidated.bin"),
        ),
        (
            "8.14.1",
            "licence",
            include_bytes!("../tests/frames/8.14.1/licence.bin"),
        ),
        (
            "8.14.1",
            "malformed-2",
            include_bytes!("../tests/frames/8.14.1/malformed-2.bin"),
        ),
        (
            "8.14.1",
            "malformed",
            include_bytes!("../tests/frames/8.14.1/malformed.bin"),
        ),
        (
            "8.14.1",
            "missing-licence",
            include_bytes!("../tests/frames/8.14.1/missing-licence.bin"),
        ),
        (
            "8.14.1",
            "nodes",
            include_bytes!("../tests/frames/8.14.1/nodes.bin"),
        ),
        (
            "8.14.1",
            "unknown-key",
            include_bytes!("../tests/frames/8.14.1/unknown-key.bin"),
        ),
        (
            "8.14.1",
            "wrong-secret-2",
            include_bytes!("../tests/frames/8.14.1/wrong-secret-2.bin"),
        ),
        (
            "8.14.1",
            "wrong-secret",
            include_bytes!("../tests/frames/8.14.1/wrong-secret.bin"),
        ),
        (
            "8.14.1",
            "wrong-type-2",
            include_bytes!("../tests/frames/8.14.1/wrong-type-2.bin"),
        ),
        (
            "8.14.1",
            "wrong-type",
            include_bytes!("../tests/frames/8.14.1/wrong-type.bin"),
        ),
        (
            "8.16.3",
            "accepted-deflate",
            include_bytes!("../tests/frames/8.16.3/accepted-deflate.bin"),
        ),
        (
            "8.16.3",
            "accepted-lz4",
            include_bytes!("../tests/frames/8.16.3/accepted-lz4.bin"),
        ),
        (
            "8.16.3",
            "accepted-restricted",
            include_bytes!("../tests/frames/8.16.3/accepted-restricted.bin"),
        ),
        (
            "8.16.3",
            "accepted",
            include_bytes!("../tests/frames/8.16.3/accepted.bin"),
        ),
        (
            "8.16.3",
            "expired-2",
            include_bytes!("../tests/frames/8.16.3/expired-2.bin"),
        ),
        (
            "8.16.3",
            "expired",
            include_bytes!("../tests/frames/8.16.3/expired.bin"),
        ),
        (
            "8.16.3",
            "invalidated-2",
            include_bytes!("../tests/frames/8.16.3/invalidated-2.bin"),
        ),
        (
            "8.16.3",
            "invalidated",
            include_bytes!("../tests/frames/8.16.3/invalidated.bin"),
        ),
        (
            "8.16.3",
            "licence",
            include_bytes!("../tests/frames/8.16.3/licence.bin"),
        ),
        (
            "8.16.3",
            "malformed-2",
            include_bytes!("../tests/frames/8.16.3/malformed-2.bin"),
        ),
        (
            "8.16.3",
            "malformed",
            include_bytes!("../tests/frames/8.16.3/malformed.bin"),
        ),
        (
            "8.16.3",
            "missing-licence",
            include_bytes!("../tests/frames/8.16.3/missing-licence.bin"),
        ),
        (
            "8.16.3",
            "nodes",
            include_bytes!("../tests/frames/8.16.3/nodes.bin"),
        ),
        (
            "8.16.3",
            "unknown-key",
            include_bytes!("../tests/frames/8.16.3/unknown-key.bin"),
        ),
        (
            "8.16.3",
            "wrong-secret-2",
            include_bytes!("../tests/frames/8.16.3/wrong-secret-2.bin"),
        ),
        (
            "8.16.3",
            "wrong-secret",
            include_bytes!("../tests/frames/8.16.3/wrong-secret.bin"),
        ),
        (
            "8.16.3",
            "wrong-type",
            include_bytes!("../tests/frames/8.16.3/wrong-type.bin"),
        ),
        (
            "8.19.13",
            "accepted-deflate",
            include_bytes!("../tests/frames/8.19.13/accepted-deflate.bin"),
        ),
        (
            "8.19.13",
            "accepted-lz4",
            include_bytes!("../tests/frames/8.19.13/accepted-lz4.bin"),
        ),
        (
            "8.19.13",
            "accepted-restricted",
            include_bytes!("../tests/frames/8.19.13/accepted-restricted.bin"),
        ),
        (
            "8.19.13",
            "accepted",
            include_bytes!("../tests/frames/8.19.13/accepted.bin"),
        ),
        (
            "8.19.13",
            "expired",
            include_bytes!("../tests/frames/8.19.13/expired.bin"),
        ),
        (
            "8.19.13",
            "invalidated",
            include_bytes!("../tests/frames/8.19.13/invalidated.bin"),
        ),
        (
            "8.19.13",
            "licence",
            include_bytes!("../tests/frames/8.19.13/licence.bin"),
        ),
        (
            "8.19.13",
            "malformed-2",
            include_bytes!("../tests/frames/8.19.13/malformed-2.bin"),
        ),
        (
            "8.19.13",
            "malformed",
            include_bytes!("../tests/frames/8.19.13/malformed.bin"),
        ),
        (
            "8.19.13",
            "missing-licence",
            include_bytes!("../tests/frames/8.19.13/missing-licence.bin"),
        ),
        (
            "8.19.13",
            "nodes",
            include_bytes!("../tests/frames/8.19.13/nodes.bin"),
        ),
        (
            "8.19.13",
            "unknown-key",
            include_bytes!("../tests/frames/8.19.13/unknown-key.bin"),
        ),
        (
            "8.19.13",
            "wrong-secret-2",
            include_bytes!("../tests/frames/8.19.13/wrong-secret-2.bin"),
        ),
        (
            "8.19.13",
            "wrong-secret",
            include_bytes!("../tests/frames/8.19.13/wrong-secret.bin"),
        ),
        (
            "8.19.13",
            "wrong-type-2",
            include_bytes!("../tests/frames/8.19.13/wrong-type-2.bin"),
        ),
        (
            "8.19.13",
            "wrong-type",
            include_bytes!("../tests/frames/8.19.13/wrong-type.bin"),
        ),
        (
            "9.4.3",
            "accepted-deflate",
            include_bytes!("../tests/frames/9.4.3/accepted-deflate.bin"),
        ),
        (
            "9.4.3",
            "accepted-lz4",
            include_bytes!("../tests/frames/9.4.3/accepted-lz4.bin"),
        ),
        (
            "9.4.3",
            "accepted-restricted",
            include_bytes!("../tests/frames/9.4.3/accepted-restricted.bin"),
        ),
        (
            "9.4.3",
            "accepted",
            include_bytes!("../tests/frames/9.4.3/accepted.bin"),
        ),
        (
            "9.4.3",
            "expired",
            include_bytes!("../tests/frames/9.4.3/expired.bin"),
        ),
        (
            "9.4.3",
            "invalidated",
            include_bytes!("../tests/frames/9.4.3/invalidated.bin"),
        ),
        (
            "9.4.3",
            "licence",
            include_bytes!("../tests/frames/9.4.3/licence.bin"),
        ),
        (
            "9.4.3",
            "malformed-2",
            include_bytes!("../tests/frames/9.4.3/malformed-2.bin"),
        ),
        (
            "9.4.3",
            "malformed",
            include_bytes!("../tests/frames/9.4.3/malformed.bin"),
        ),
        (
            "9.4.3",
            "missing-licence",
            include_bytes!("../tests/frames/9.4.3/missing-licence.bin"),
        ),
        (
            "9.4.3",
            "needs-identity-2",
            include_bytes!("../tests/frames/9.4.3/needs-identity-2.bin"),
        ),
        (
            "9.4.3",
            "needs-identity",
            include_bytes!("../tests/frames/9.4.3/needs-identity.bin"),
        ),
        (
            "9.4.3",
            "nodes",
            include_bytes!("../tests/frames/9.4.3/nodes.bin"),
        ),
        (
            "9.4.3",
            "unknown-key-2",
            include_bytes!("../tests/frames/9.4.3/unknown-key-2.bin"),
        ),
        (
            "9.4.3",
            "unknown-key",
            include_bytes!("../tests/frames/9.4.3/unknown-key.bin"),
        ),
        (
            "9.4.3",
            "wrong-secret-2",
            include_bytes!("../tests/frames/9.4.3/wrong-secret-2.bin"),
        ),
        (
            "9.4.3",
            "wrong-secret",
            include_bytes!("../tests/frames/9.4.3/wrong-secret.bin"),
        ),
        (
            "9.4.3",
            "wrong-type",
            include_bytes!("../tests/frames/9.4.3/wrong-type.bin"),
        ),
    ];

    pub(super) fn frame_of(version: &str, name: &str) -> &'static [u8] {
        let mut frames = FRAMES.iter();
        let found = frames.find(|it| it.0 == version && it.1 == name);
        found
            .unwrap_or_else(|| panic!("no frame {name} of {version}"))
            .2
    }

    pub(super) fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        digits
            .chunks(2)
            .map(|pair| {
                let pair = std::str::from_utf8(pair).unwrap();
                u8::from_str_radix(pair, 16).unwrap()
            })
            .collect()
    }

    pub(super) fn each_truncation(bytes: &[u8], mut check: impl FnMut(&[u8])) {
        for end in 0..bytes.len() {
            check(&bytes[..end]);
        }
    }

    pub(super) fn each_bit_flip(bytes: &[u8], mut check: impl FnMut(&[u8])) {
        let mut damaged = bytes.to_vec();
        for index in 0..bytes.len() {
            for bit in 0..8 {
                damaged[index] ^= 1 << bit;
                check(&damaged);
                damaged[index] ^= 1 << bit;
            }
        }
    }
}
