//! What came back for a question.

use serde_json::Value;

use crate::evidence::Contact;

use super::super::Stopped;
use super::Question;

/// What came back for a question, whatever it was.
#[derive(Debug)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// Name of the node that was asked by itself, if one was.
    pub node: Option<String>,
    /// The reply, or why there is none.
    pub outcome: Result<Reply, Failure>,
    /// Milliseconds until the reply was read or given up.
    pub took_ms: u64,
}

/// A reply of some HTTP server.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Whether the header `X-elastic-product: Elasticsearch` came (7.14 and later).
    pub product: bool,
    /// Header `Location`, where one came.
    pub location: Option<String>,
    /// The body.
    pub body: Body,
}

/// The body of a reply.
#[derive(Debug)]
pub enum Body {
    /// It is JSON.
    Json(Value),
    /// It is something else; its first characters, made printable.
    Text(String),
}

/// Why no reply was read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The connection or its TLS failed.
    #[error("{detail}")]
    Connection {
        /// How contact failed.
        contact: Contact,
        /// In words.
        detail: String,
    },
    /// The body did not end within what is read.
    #[error("the answer is larger than {} MiB and was given up", limit >> 20)]
    TooLarge {
        /// Bytes that are read at most.
        limit: usize,
    },
    /// The files that were read hold no answer that can be used.
    #[error("{reason}")]
    NotInFiles {
        /// Why not: not collected, cut off, no JSON.
        reason: String,
    },
    /// Time was up, or the run was interrupted.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Answer {
    /// HTTP status, where a reply came.
    pub fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(|reply| reply.status)
    }

    /// The JSON of a reply, whatever its status.
    pub fn body(&self) -> Option<&Value> {
        match &self.outcome {
            Ok(Reply {
                body: Body::Json(value),
                ..
            }) => Some(value),
            _ => None,
        }
    }

    /// The JSON of a reply with status 200.
    pub fn json(&self) -> Option<&Value> {
        self.body().filter(|_| self.status() == Some(200))
    }

    /// Whether the run was interrupted before the reply.
    pub fn interrupted(&self) -> bool {
        matches!(self.outcome, Err(Failure::Stopped(Stopped::Interrupted)))
    }
}
