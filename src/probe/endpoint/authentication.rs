//! Trying the API key at a remote cluster server, as a node does: on a connection of its own, because the
//! refusal of the call without credentials ends the first one.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::tap::Tap;
use super::transport::Conversation;
use super::verdict::{self, Proof};
use super::wait::{Ended, millis_since, wait};
use super::{Dial, Key, tcp, tls};
use crate::evidence::{
    AcceptedKey, Attempt, Authentication, AuthenticationOutcome, Fact, PublishedNode, Tls, Withheld,
};
use crate::probe::credential::{self, EncodedKey};
use crate::scrub;
use crate::wire::{self, Frame, Hello, KeyAnswer, Refusal, RefusalKind};

/// Longest wait for the answer to the key, and for the list of nodes.
const LIMIT: Duration = Duration::from_secs(10);

/// Longest wait for the second answer to one request, which may tell more than the first one.
const SECOND_LIMIT: Duration = Duration::from_secs(2);

const KEY_ID: i64 = 4;
const NODES_ID: i64 = 5;

/// Name of the node that is said to ask: it stands in the remote cluster's audit log.
const NODE_NAME: &str = "crosscheck";

/// Most nodes and patterns that are kept.
const MAX_ENTRIES: usize = 1_000;

/// A connection on which the key can be tried.
pub(super) struct Ready<'a> {
    key: Key<'a>,
    conversation: Conversation<TlsStream<Tap<TcpStream>>>,
    tls: Tls,
    proof: Proof,
}

/// What became of the key.
#[derive(Debug)]
pub(super) enum Tried {
    Answered(Box<Authentication>),
    Withheld(Withheld),
}

impl Tried {
    /// Writes it into the attempt.
    pub(super) fn record(self, attempt: &mut Attempt) {
        match self {
            Self::Answered(answer) => attempt.authentication = Fact::Known(*answer),
            Self::Withheld(reason) => attempt.key_withheld = Some(reason),
        }
    }
}

/// Connects once more, where there is a key to try. Nothing is sent yet.
pub(super) async fn prepare<'a>(dial: &Dial<'a>) -> Option<Ready<'a>> {
    let key = dial.identity.key?;
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let handshake = tls::handshake(stream?, dial).await?;
    let proof = verdict::proof(&handshake.chain, dial).await;
    Some(Ready {
        key,
        conversation: Conversation::new(handshake.stream?),
        tls: handshake.tls,
        proof,
    })
}

impl Ready<'_> {
    /// Tries the key at a peer that said hello and behaved like a remote cluster server over a connection
    /// with this TLS. `None` where the run ended first.
    pub(super) async fn try_key(
        mut self,
        hello: &Hello,
        first: &Tls,
        dial: &Dial<'_>,
    ) -> Option<Tried> {
        let Some(key) = credential::encoded_key(self.key.credential) else {
            return Some(Tried::Withheld(Withheld::NotEncoded));
        };
        let peer_verified = match self.permission(first, dial.identity.server_ca.is_some()) {
            Ok(verified) => verified,
            Err(reason) => return Some(Tried::Withheld(reason)),
        };
        let started = Instant::now();
        let answer = self.ask(&key, hello, dial).await?;
        let mut authentication = Authentication {
            outcome: AuthenticationOutcome::Other,
            detail: None,
            key_id: clean(&key.id),
            peer_verified,
            key: Fact::Unknown,
            release: Fact::Unknown,
            cluster_name: Fact::Unknown,
            node_name: Fact::Unknown,
            nodes: Fact::Unknown,
            took_ms: millis_since(started),
        };
        match answer {
            Answer::Accepted(accepted) => {
                authentication.outcome = AuthenticationOutcome::Accepted;
                authentication.take(*accepted);
                authentication.nodes = self.nodes(&key, hello, dial).await.into();
            }
            Answer::Refused(refusal) => {
                authentication.outcome = outcome(refusal.kind);
                let words = credential::without(&key.text, clean(&refusal.words));
                authentication.detail = Some(words).filter(|it| !it.is_empty());
            }
            Answer::Nothing(outcome) => authentication.outcome = outcome,
        }
        Some(Tried::Answered(Box::new(authentication)))
    }

    /// Whether the key may be sent, and if so, whether it is proven who gets it.
    fn permission(&self, first: &Tls, anchors_given: bool) -> Result<bool, Withheld> {
        let leaf = |tls: &Tls| Some(tls.chain.known()?.first()?.sha256.clone());
        match (self.proof, self.tls.key_proven) {
            (_, Fact::Known(false)) => Err(Withheld::KeyNotProven),
            (Proof::Verified, Fact::Known(true)) => Ok(true),
            (Proof::Untrusted, _) => Err(Withheld::UntrustedChain),
            (Proof::WrongName, _) => Err(Withheld::WrongName),
            (Proof::Verified, Fact::Unknown) if anchors_given => Err(Withheld::KeyNotProven),
            _ if !self.key.typed_for_address => Err(Withheld::Unverified),
            _ if leaf(first) != leaf(&self.tls) => Err(Withheld::OtherCertificate),
            _ => Ok(false),
        }
    }

    /// Asks with the key. A refusal may come in two frames, of which either may hold the reason.
    async fn ask(&mut self, key: &EncodedKey, hello: &Hello, dial: &Dial<'_>) -> Option<Answer> {
        let caller = wire::Caller {
            key: key.text.expose_secret(),
            node: NODE_NAME,
        };
        let request = wire::key_question(KEY_ID, hello.transport_version, caller);
        let mut refused: Option<Refusal> = None;
        let nothing = |refused: Option<Refusal>, outcome| {
            Some(refused.map_or(Answer::Nothing(outcome), Answer::Refused))
        };
        if !matches!(
            wait(dial.deadline, LIMIT, self.conversation.send(&request)).await,
            Ok(Ok(()))
        ) {
            return nothing(None, AuthenticationOutcome::Closed);
        }
        loop {
            let limit = if refused.is_none() {
                LIMIT
            } else {
                SECOND_LIMIT
            };
            let bytes = match wait(dial.deadline, limit, self.conversation.frame()).await {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(_)) => return nothing(refused, AuthenticationOutcome::Closed),
                Err(Ended::Silent) => return nothing(refused, AuthenticationOutcome::TimedOut),
                Err(Ended::CutShort) => return refused.map(Answer::Refused),
            };
            let Some(frame) = answer_to(KEY_ID, &bytes) else {
                continue;
            };
            match wire::decode_key_answer(frame) {
                KeyAnswer::Accepted(accepted) => return Some(Answer::Accepted(accepted)),
                KeyAnswer::Unreadable => {
                    return nothing(refused, AuthenticationOutcome::Other);
                }
                KeyAnswer::Refused(refusal) => {
                    let refusal = match refused {
                        Some(before) => before.or(refusal),
                        None => refusal,
                    };
                    if refusal.is_telling() {
                        return Some(Answer::Refused(refusal));
                    }
                    refused = Some(refusal);
                }
            }
        }
    }

    /// Asks which nodes have a remote cluster server.
    async fn nodes(
        &mut self,
        key: &EncodedKey,
        hello: &Hello,
        dial: &Dial<'_>,
    ) -> Option<Vec<PublishedNode>> {
        let caller = wire::Caller {
            key: key.text.expose_secret(),
            node: NODE_NAME,
        };
        let request = wire::nodes_question(NODES_ID, hello.transport_version, caller);
        let asked = async {
            self.conversation.send(&request).await.ok()?;
            loop {
                let bytes = self.conversation.frame().await.ok()?;
                if let Some(frame) = answer_to(NODES_ID, &bytes) {
                    return wire::decode_nodes(frame).ok();
                }
            }
        };
        let nodes = wait(dial.deadline, LIMIT, asked).await.ok()??;
        let nodes = nodes.into_iter().take(MAX_ENTRIES);
        Some(
            nodes
                .map(|node| PublishedNode {
                    name: clean(&node.name),
                    address: node.address.to_string(),
                    roles: clean_all(&node.roles),
                    release: node.release,
                })
                .collect(),
        )
    }
}

/// How the node took the question.
enum Answer {
    Accepted(Box<wire::Accepted>),
    Refused(Refusal),
    Nothing(AuthenticationOutcome),
}

impl Authentication {
    fn take(&mut self, accepted: wire::Accepted) {
        self.cluster_name = accepted.cluster.map(|it| clean(&it)).into();
        if let Some(node) = accepted.node {
            self.node_name = Fact::Known(clean(&node.name));
            self.release = Fact::Known(node.release);
        }
        self.key = accepted
            .key
            .map(|key| AcceptedKey {
                id: clean(&key.id),
                name: key.name.map(|it| clean(&it)),
                kind: key.kind.map(|it| clean(&it)),
                owner: clean(&key.owner),
                search: clean_all(&key.search),
                replication: clean_all(&key.replication),
                document_or_field_security: key.document_or_field_security,
            })
            .into();
    }
}

fn answer_to(id: i64, bytes: &[u8]) -> Option<Frame<'_>> {
    let frame = Frame::decode(bytes).ok()?;
    (frame.header.request_id == id).then_some(frame)
}

fn outcome(kind: RefusalKind) -> AuthenticationOutcome {
    match kind {
        RefusalKind::UnknownKey => AuthenticationOutcome::UnknownKey,
        RefusalKind::WrongSecret => AuthenticationOutcome::WrongSecret,
        RefusalKind::Invalidated => AuthenticationOutcome::Invalidated,
        RefusalKind::Expired => AuthenticationOutcome::Expired,
        RefusalKind::WrongType => AuthenticationOutcome::WrongType,
        RefusalKind::Malformed => AuthenticationOutcome::Malformed,
        RefusalKind::NeedsIdentity => AuthenticationOutcome::NeedsIdentity,
        RefusalKind::Licence => AuthenticationOutcome::Licence,
        RefusalKind::TooOld => AuthenticationOutcome::TooOld,
        RefusalKind::ServiceDisabled => AuthenticationOutcome::ServiceDisabled,
        RefusalKind::Missing => AuthenticationOutcome::Missing,
        RefusalKind::TransportPort => AuthenticationOutcome::TransportPort,
        RefusalKind::Forbidden => AuthenticationOutcome::Forbidden,
        RefusalKind::Unavailable => AuthenticationOutcome::Unavailable,
        RefusalKind::Unexplained => AuthenticationOutcome::Refused,
        RefusalKind::Other => AuthenticationOutcome::Other,
    }
}

fn clean_all(texts: &[String]) -> Vec<String> {
    texts.iter().take(MAX_ENTRIES).map(|it| clean(it)).collect()
}

/// A stranger's text, at most 400 characters, without what could move a terminal's cursor.
fn clean(text: &str) -> String {
    scrub::beginning(text, 400).replace(char::is_control, ".")
}
