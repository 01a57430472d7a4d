use super::*;
use crate::wire::RefusalKind;
use crate::wire::tests::{FRAMES, each_bit_flip, each_truncation, frame_of, unhex};

/// The samples documented for a node of 8.14.
const C1: &str = "45530000003e000000000000000200\
                  0083c6610000002c000029636c75737465723a696e7465726e616c2f72656d6f74655f636c75\
                  737465722f68616e647368616b6500";
const KEY: &str = "YWdaWEpvY0JtQTJiZUpmcTJ5S3U6QWJDZEVmR2hJaktsTW5PcFFyU3RVdg==";
const CALLER: Caller<'_> = Caller {
    key: KEY,
    node: "rcprobe",
};

#[test]
fn the_question_is_the_one_documented() {
    assert_eq!(port_question(2, 8_636_001), unhex(C1));
}

#[test]
fn a_question_with_a_key_is_the_one_documented() {
    let bytes = key_question(2, 8_636_001, CALLER);
    assert_eq!(bytes.len(), 266);
    let mut expected = unhex("455300000104000000000000000200 0083c661 000000f2 02");
    let mut text = |text: &str| {
        expected.push(u8::try_from(text.len()).unwrap());
        expected.extend_from_slice(text.as_bytes());
    };
    text(CREDENTIALS);
    text(&format!("ApiKey {KEY}"));
    text(SUBJECT_INFO);
    text("4YyPBAEHX3N5c3RlbQdyY3Byb2JlCF9fYXR0YWNoCF9fYXR0YWNoAAAEAAA=");
    expected.push(0);
    expected.push(0x29);
    expected.extend_from_slice(HANDSHAKE.as_bytes());
    expected.push(0);
    assert_eq!(bytes, expected);
}

#[test]
fn subject_info_differs_by_version_alone() {
    for (version, front) in [(8_840_002, "wsabBAEH"), (9_250_003, "08m0BAEH")] {
        let info = subject_info(version, "rcprobe");
        assert!(info.starts_with(front) && info.ends_with("AAA="), "{info}");
    }
}

#[test]
fn the_question_for_nodes_is_the_one_documented_with_headers() {
    // Without headers it takes 65 bytes.
    let headers = key_question(2, 8_636_001, CALLER).len() - unhex(C1).len();
    let bytes = nodes_question(3, 8_636_001, CALLER);
    assert_eq!(bytes.len(), 65 + headers);
    assert_eq!(
        bytes[bytes.len() - NODES.len() - 2..],
        *[NODES.as_bytes(), &[0, 1]].concat()
    );
}

#[test]
fn newer_nodes_are_spoken_to_in_the_newest_layout_known() {
    let bytes = key_question(2, 10_001_000, CALLER);
    let frame = Frame::decode(&bytes).unwrap();
    assert_eq!(frame.header.version, NEWEST);
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
fn a_basic_licence_does_not_hide_the_port() {
    for version in ["8.14.1", "8.16.3", "8.19.13", "9.4.3"] {
        let bytes = frame_of(version, "missing-licence");
        let frame = Frame::decode(bytes).unwrap();
        assert_eq!(decode_port_answer(frame), PortAnswer::RemoteClusterServer);
    }
}

#[test]
fn a_node_that_does_not_know_the_call_has_no_remote_cluster_server() {
    let bytes = unhex(include_str!(
        "../../../tests/frames/unknown-action-9.4.3.hex"
    ));
    let frame = Frame::decode(&bytes).unwrap();
    assert_eq!(decode_port_answer(frame), PortAnswer::Transport);
}

fn answer(bytes: &[u8]) -> KeyAnswer {
    let frame = Frame::decode(bytes).unwrap();
    assert_eq!(frame.header.request_id, 2);
    decode_key_answer(frame)
}

#[test]
fn accepted_keys_tell_themselves_and_the_cluster() {
    for (version, name, bytes) in FRAMES {
        let restricted = name.starts_with("accepted-restricted");
        if !name.starts_with("accepted") {
            continue;
        }
        let KeyAnswer::Accepted(accepted) = answer(bytes) else {
            panic!("{version} {name}");
        };
        assert!(accepted.cluster.is_some(), "{version} {name}");
        let node = accepted.node.unwrap();
        assert_eq!(node.release, *version, "{name}");
        assert!(node.address.ip().is_loopback());
        assert!(node.roles.contains(&"master".to_owned()));
        let key = accepted.key.unwrap();
        assert_eq!(key.id.len(), 20);
        assert_eq!(key.owner, "elastic");
        assert_eq!(key.kind.as_deref(), Some("cross_cluster"));
        assert_eq!(key.document_or_field_security, restricted, "{version}");
        if restricted {
            assert_eq!(key.name.as_deref(), Some("restricted"));
            assert_eq!(key.search, ["logs*"]);
            assert_eq!(key.replication, [""; 0]);
        } else {
            assert_eq!(key.name.as_deref(), Some("cross"));
            assert_eq!(key.search, ["logs*", "metrics-*"]);
            assert_eq!(key.replication, ["logs-copy*"]);
        }
    }
}

#[test]
fn the_list_of_nodes_names_their_remote_cluster_servers() {
    for (version, name, bytes) in FRAMES {
        if *name != "nodes" {
            continue;
        }
        let nodes = decode_nodes(Frame::decode(bytes).unwrap()).unwrap();
        let [node] = &nodes[..] else {
            panic!("{version}: {nodes:?}");
        };
        assert_eq!(node.release, *version);
        let KeyAnswer::Accepted(accepted) = answer(frame_of(version, "accepted")) else {
            panic!("{version}");
        };
        assert_eq!(node.name, accepted.node.as_ref().unwrap().name);
    }
}

#[test]
fn refusals_are_told_apart() {
    for (version, name, bytes) in FRAMES {
        let expected = match name.trim_end_matches("-2") {
            "unknown-key" => RefusalKind::UnknownKey,
            "wrong-secret" => RefusalKind::WrongSecret,
            "invalidated" => RefusalKind::Invalidated,
            "expired" => RefusalKind::Expired,
            "wrong-type" => RefusalKind::WrongType,
            "malformed" => RefusalKind::Malformed,
            "needs-identity" => RefusalKind::NeedsIdentity,
            "licence" | "missing-licence" => RefusalKind::Licence,
            _ => continue,
        };
        let KeyAnswer::Refused(refusal) = answer(bytes) else {
            panic!("{version} {name}");
        };
        assert_eq!(
            refusal.kind, expected,
            "{version} {name}: {}",
            refusal.words
        );
        assert!(refusal.is_telling());
    }
    let missing = unhex(crate::wire::tests::PORT_ANSWERS[0].1);
    assert!(matches!(
        answer(&missing),
        KeyAnswer::Refused(refusal) if refusal.kind == RefusalKind::Missing
    ));
    let transport = unhex(crate::wire::tests::PORT_ANSWERS[2].1);
    assert!(matches!(
        answer(&transport),
        KeyAnswer::Refused(refusal) if refusal.kind == RefusalKind::TransportPort
    ));
}

#[test]
fn damage_is_survived() {
    for (_, _, bytes) in FRAMES {
        each_truncation(bytes, |part| assert!(Frame::decode(part).is_err()));
    }
    // Each bit of the longer ones would take minutes; the fuzz targets do that.
    let refused = frame_of("9.4.3", "invalidated");
    let (front, end) = (&refused[..400], &refused[refused.len() - 300..]);
    let refused = [front, end].concat();
    for bytes in [frame_of("8.14.1", "accepted-restricted"), &refused] {
        each_bit_flip(bytes, |damaged| {
            if let Ok(frame) = Frame::decode(damaged) {
                let _ = decode_key_answer(frame);
            }
        });
    }
    each_bit_flip(frame_of("8.14.1", "nodes"), |damaged| {
        let _ = Frame::decode(damaged).map(decode_nodes);
    });
}
