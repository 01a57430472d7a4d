//! The calls that a remote cluster server answers: its handshake, which without credentials also tells
//! which port of a node it is, and the list of its nodes (`RemoteClusterService`,
//! `RemoteClusterNodesAction`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::authentication::KeyAuthentication;
use super::exception::Exception;
use super::frame::{Frame, Request};
use super::node::{Node, read_release};
use super::primitive::{Reader, Truncated, Writer};
use super::refusal::Refusal;

const HANDSHAKE: &str = "cluster:internal/remote_cluster/handshake";
const NODES: &str = "cluster:internal/remote_cluster/nodes";

/// Headers of a call with a key (`CrossClusterAccessHeaders`, `CrossClusterAccessSubjectInfo`).
const CREDENTIALS: &str = "_cross_cluster_access_credentials";
const SUBJECT_INFO: &str = "_cross_cluster_access_subject_info";

/// The newest transport version (9.4) whose layouts are known here. Newer nodes are spoken to in this
/// one, which they understand as that of an older node.
const NEWEST: u32 = 9_348_999;

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

/// What a remote cluster server answers to a call with a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyAnswer {
    /// It accepts the key.
    Accepted(Box<Accepted>),
    /// It refuses the call.
    Refused(Refusal),
    /// The answer is none of those known.
    Unreadable,
}

/// A remote cluster that accepted a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accepted {
    /// Its name; `None` where the answer has another layout than those known.
    pub cluster: Option<String>,
    /// The node that answered, likewise.
    pub node: Option<Node>,
    /// What it says of the key; `None` where that cannot be read.
    pub key: Option<KeyAuthentication>,
}

/// Who is said to call: the user `_system` of a node, as real nodes do for their own handshakes.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The encoded key, which must be Base64.
    pub key: &'a str,
    /// Name of the node: it stands in the remote cluster's audit log.
    pub node: &'a str,
}

/// Encodes the handshake without credentials. `version` is the transport version id that the node told:
/// it accepts no other major version.
pub fn port_question(request_id: i64, version: u32) -> Vec<u8> {
    call(request_id, version, HANDSHAKE, &[], &[0])
}

/// Encodes the handshake with a key.
pub fn key_question(request_id: i64, version: u32, caller: Caller<'_>) -> Vec<u8> {
    call_with_key(request_id, version, HANDSHAKE, caller, &[0])
}

/// Encodes the question for the nodes that have a remote cluster server, and where.
pub fn nodes_question(request_id: i64, version: u32, caller: Caller<'_>) -> Vec<u8> {
    // No parent task, and only those nodes.
    call_with_key(request_id, version, NODES, caller, &[0, 1])
}

/// Decodes the answer to [`port_question`]. A remote cluster server answers twice with one id, in
/// either order and in two shapes; both say the same, so the first one is enough.
pub fn decode_port_answer(frame: Frame<'_>) -> PortAnswer {
    let status = frame.header.status;
    let Ok(content) = frame.content() else {
        return PortAnswer::Unknown;
    };
    if !status.is_response() {
        return PortAnswer::Unknown;
    }
    if !status.is_error() {
        // Security is off: only the profile of the remote cluster server answers this call.
        return PortAnswer::RemoteClusterServer;
    }
    let Ok(chain) = Exception::decode(&content) else {
        return PortAnswer::Unknown;
    };
    let says = |text: &str| {
        let mut messages = chain.iter().filter_map(|e| e.message.as_deref());
        messages.any(|message| message.contains(text))
    };
    // With a basic licence one of the two answers is about that: no other port asks for it.
    if says("require transport header [_cross_cluster_access_credentials]")
        || says("non-compliant for [advanced-remote-cluster-security]")
    {
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

/// Decodes the answer to [`key_question`]. A refusal comes in up to two frames with one id, in either
/// order; see [`Refusal::or`].
pub fn decode_key_answer(frame: Frame<'_>) -> KeyAnswer {
    let status = frame.header.status;
    let Ok(content) = frame.content() else {
        return KeyAnswer::Unreadable;
    };
    if !status.is_response() || status.is_handshake() {
        return KeyAnswer::Unreadable;
    }
    if status.is_error() {
        return match Exception::decode(&content) {
            Ok(levels) => KeyAnswer::Refused(Refusal::of(&levels)),
            Err(_) => KeyAnswer::Unreadable,
        };
    }
    let version = frame.header.version;
    let identity = in_either_layout(version, |three| decode_identity(&content, version, three));
    let (node, cluster) = identity.ok().unzip();
    KeyAnswer::Accepted(Box::new(Accepted {
        cluster,
        node,
        key: KeyAuthentication::of(&frame),
    }))
}

/// Decodes the answer to [`nodes_question`].
pub fn decode_nodes(frame: Frame<'_>) -> Result<Vec<Node>, Truncated> {
    let status = frame.header.status;
    if !status.is_response() || status.is_handshake() || status.is_error() {
        return Err(Truncated);
    }
    let content = frame.content()?;
    let version = frame.header.version;
    in_either_layout(version, |three| {
        let mut reader = Reader::new(&content);
        let count = reader.count()?;
        let nodes = (0..count)
            .map(|_| Node::read(&mut reader, version, three))
            .collect::<Result<Vec<_>, _>>()?;
        at_end(&reader).map(|()| nodes)
    })
}

/// The answering node, with its release set to what the answer says of that first, and the cluster's
/// name.
fn decode_identity(content: &[u8], version: u32, three: bool) -> Result<(Node, String), Truncated> {
    let mut reader = Reader::new(content);
    let release = read_release(&mut reader)?;
    reader.skip_string()?; // hash of the build
    let node = Node::read(&mut reader, version, three)?;
    let cluster = reader.string()?;
    at_end(&reader)?;
    Ok((Node { release, ..node }, cluster))
}

/// Which layout it is follows from the version; a version between two releases may have the other one,
/// in which case the first one does not come out even.
fn in_either_layout<T>(
    version: u32,
    decode: impl Fn(bool) -> Result<T, Truncated>,
) -> Result<T, Truncated> {
    let three = Node::names_three(version);
    decode(three).or_else(|_| decode(!three))
}

fn at_end(reader: &Reader<'_>) -> Result<(), Truncated> {
    if reader.is_empty() {
        Ok(())
    } else {
        Err(Truncated)
    }
}

fn call_with_key(
    request_id: i64,
    version: u32,
    action: &str,
    caller: Caller<'_>,
    body: &[u8],
) -> Vec<u8> {
    let version = version.min(NEWEST);
    let credentials = format!("ApiKey {}", caller.key);
    let subject = subject_info(version, caller.node);
    let headers = [
        (CREDENTIALS, credentials.as_str()),
        (SUBJECT_INFO, subject.as_str()),
    ];
    call(request_id, version, action, &headers, body)
}

fn call(
    request_id: i64,
    version: u32,
    action: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let request = Request {
        id: request_id,
        handshake: false,
        version,
        action,
        headers,
        body,
    };
    request.encode()
}

/// The internal user `_system` of a node, attached to its own request, with no roles of its own.
fn subject_info(version: u32, node: &str) -> String {
    const REALM: &str = "__attach";
    const INTERNAL: u32 = 4;
    let mut info = Writer::default();
    info.v_int(version)
        .bytes(&[1]) // internal user
        .ascii("_system")
        .ascii(node)
        .ascii(REALM)
        .ascii(REALM)
        .bytes(&[0, 0]) // no domain, no realm looked up
        .v_int(INTERNAL)
        .bytes(&[0, 0]); // no metadata, no role descriptors
    STANDARD.encode(info.into_bytes())
}

#[cfg(test)]
mod tests;
