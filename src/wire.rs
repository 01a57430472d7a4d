//! Bytes ⇄ types: Elasticsearch transport frames. No I/O, bounded allocation.
//!
//! Written from what nodes say on ports 9300 and 9443. A frame that was received is decoded and
//! dropped, never kept or shown: error answers echo the headers of the request, credentials included.

mod exception;
mod frame;
mod handshake;
mod primitive;
mod remote;
mod version;

pub use exception::Exception;
pub use frame::{FIXED_HEADER, Frame, FrameError, Header, MAX_FRAME, PREFIX, Status, frame_length};
pub use handshake::{Hello, HelloForm, decode_hello, hello};
pub use primitive::Truncated;
pub use remote::{PortAnswer, decode_port_answer, port_question};
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
