//! Which port of a node is it? Asked by a call without credentials: the refusal tells
//! (`CrossClusterAccessAuthenticationService`, `RemoteClusterService`).

use super::exception::Exception;
use super::frame::{Frame, request};

const ACTION: &str = "cluster:internal/remote_cluster/handshake";

/// Number of `ActionNotFoundTransportException`.
const ACTION_NOT_FOUND: u32 = 101;

/// What the refusal of a call without credentials tells of the port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortAnswer {
    /// The remote cluster server: it wants a cross-cluster credential.
    RemoteClusterServer,
    /// The transport port: it wants a node's or user's authentication, or does not know the call.
    Transport,
    /// The answer is none of those known.
    Unknown,
}

/// Encodes the call. `version` is the transport version id that the node told: it accepts no other
/// major version.
pub fn port_question(request_id: i64, version: u32) -> Vec<u8> {
    request(request_id, false, version, ACTION, &[0])
}

/// Decodes the answer. A remote cluster server answers twice with one id, in either order and in two
/// shapes; both say the same, so the first one is enough.
pub fn decode_port_answer(frame: Frame<'_>) -> PortAnswer {
    let status = frame.header.status;
    if !status.is_response() || status.is_compressed() {
        return PortAnswer::Unknown;
    }
    if !status.is_error() {
        // Security is off: only the profile of the remote cluster server answers this call.
        return PortAnswer::RemoteClusterServer;
    }
    let Ok(chain) = Exception::decode(frame.body) else {
        return PortAnswer::Unknown;
    };
    let says = |text: &str| {
        let mut messages = chain.iter().filter_map(|e| e.message.as_deref());
        messages.any(|message| message.contains(text))
    };
    if says("require transport header [_cross_cluster_access_credentials]") {
        PortAnswer::RemoteClusterServer
    } else if says("missing authentication credentials for action [")
        || says("is unauthorized for user [")
        || says("requires channel profile to be [_remote_cluster], but got [")
        || chain.iter().any(|e| e.class == Some(ACTION_NOT_FOUND))
    {
        PortAnswer::Transport
    } else {
        PortAnswer::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::{each_bit_flip, each_truncation, unhex};

    /// The sample documented for a node of 8.14.
    const C1: &str = "45530000003e000000000000000200\
                      0083c6610000002c000029636c75737465723a696e7465726e616c2f72656d6f74655f636c75\
                      737465722f68616e647368616b6500";

    #[test]
    fn the_question_is_the_one_documented() {
        assert_eq!(port_question(2, 8_636_001), unhex(C1));
    }

    #[test]
    fn a_question_to_7_17_has_a_list_of_features() {
        let old = port_question(2, 7_171_799);
        assert_eq!(old.len(), port_question(2, 8_636_001).len() + 1);
        assert_eq!(old[23..26], [0, 0, 0]);
        assert_eq!(old[26], 0x29);
    }

    #[test]
    fn recorded_answers_tell_the_port() {
        for (name, hex, expected) in crate::wire::tests::PORT_ANSWERS {
            let bytes = unhex(hex);
            let frame = Frame::decode(&bytes).unwrap();
            assert_eq!(frame.header.request_id, 2, "{name}");
            assert!(frame.header.status.is_error(), "{name}");
            assert_eq!(decode_port_answer(frame), *expected, "{name}");
        }
    }

    #[test]
    fn a_node_that_does_not_know_the_call_has_no_remote_cluster_server() {
        let bytes = unhex(include_str!("../../tests/frames/unknown-action-9.4.3.hex"));
        let frame = Frame::decode(&bytes).unwrap();
        assert_eq!(decode_port_answer(frame), PortAnswer::Transport);
    }

    #[test]
    fn damage_is_survived() {
        let (_, hex, _) = crate::wire::tests::PORT_ANSWERS[0];
        let bytes = unhex(hex);
        each_truncation(&bytes, |part| assert!(Frame::decode(part).is_err()));
        each_bit_flip(&bytes, |damaged| {
            let _ = Frame::decode(damaged).map(decode_port_answer);
        });
    }
}
