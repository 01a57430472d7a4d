//! The way to an address: whether it carries large packets, how long it takes, whether it forgets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TlsOutcome;

/// A TLS handshake with another server name than the endpoint's: it tells a router that picks its
/// backend by the name from other things that close or show a strange certificate.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NameTrial {
    /// Name that was sent; `null` where none was.
    pub server_name: Option<String>,
    /// The outcome.
    pub outcome: TlsOutcome,
    /// Subject of the certificate that was presented; `null` where none was.
    pub subject: Option<String>,
    /// SHA-256 of it, lower-case hexadecimal; `null` where none was.
    pub sha256: Option<String>,
}

/// Whether more than a packet's worth of bytes arrives in one piece. Connecting and short exchanges
/// fit in packets that every path carries; a path that drops full-size packets and the ICMP message
/// that says so (RFC 2923 §2.1) lets them pass and nothing else.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LargeRecord {
    /// The peer's large answers are lost: TLS got no answer, and it did with segments of 536 bytes.
    LostInward,
    /// Our large requests are lost: short ones are answered, one of 3,072 bytes is not.
    LostOutward,
    /// They arrive.
    Passed,
}

/// What became of a connection that nobody used for a while (`--idle`).
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Idle {
    /// How it ended.
    pub outcome: IdleOutcome,
    /// Seconds for which nothing was sent: until the connection ended, else until it was tried.
    pub seconds: f64,
}

/// The kinds of end of an idle connection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdleOutcome {
    /// It still works.
    Alive,
    /// It was closed (FIN) meanwhile.
    Closed,
    /// It was forgotten without a word: what was sent afterwards got no answer.
    Forgotten,
    /// It was reset, meanwhile or when it was used again.
    Reset,
}
