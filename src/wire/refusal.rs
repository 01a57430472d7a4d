//! Why a remote cluster server refused a call with a key: the texts of `ApiKeyService`,
//! `CrossClusterAccessAuthenticationService` and `CrossClusterAccessServerTransportFilter`.

use super::exception::Exception;

/// A refusal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The kind.
    pub kind: RefusalKind,
    /// The node's words that tell it, the innermost text where none is known. They may hold what was
    /// sent.
    pub words: String,
}

/// The kinds of refusal, the most telling first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RefusalKind {
    /// No key has that id.
    UnknownKey,
    /// The secret is not that of the key.
    WrongSecret,
    /// The key was invalidated.
    Invalidated,
    /// The key has expired.
    Expired,
    /// It is no cross-cluster API key.
    WrongType,
    /// It is no API key at all: cut, not encoded, damaged.
    Malformed,
    /// The key is bound to a certificate that the call did not show, or not rightly.
    NeedsIdentity,
    /// The remote cluster's licence does not permit it. It is looked at before the key.
    Licence,
    /// Some node of the remote cluster is too old.
    TooOld,
    /// The API-key service is off there.
    ServiceDisabled,
    /// No credential arrived.
    Missing,
    /// It is the transport port, not the remote cluster server.
    TransportPort,
    /// The key is good and may not do this.
    Forbidden,
    /// The node could not look: too busy, or its security index is not available.
    Unavailable,
    /// It refuses the key and does not say why.
    Unexplained,
    /// Any other error.
    Other,
}

/// Texts that tell the kind.
const TEXTS: &[(&str, RefusalKind)] = &[
    ("unable to find apikey with id ", RefusalKind::UnknownKey),
    (
        "invalid credentials for API key [",
        RefusalKind::WrongSecret,
    ),
    ("] has been invalidated", RefusalKind::Invalidated),
    ("api key is expired", RefusalKind::Expired),
    (
        "authentication expected API key type of [cross_cluster]",
        RefusalKind::WrongType,
    ),
    ("] not an api key", RefusalKind::WrongType),
    (
        "value must be a valid API key credential",
        RefusalKind::Malformed,
    ),
    (
        "requires certificate identity matching [",
        RefusalKind::NeedsIdentity,
    ),
    (
        "does not match API Key certificate identity pattern [",
        RefusalKind::NeedsIdentity,
    ),
    (
        "cross cluster api key signature",
        RefusalKind::NeedsIdentity,
    ),
    (
        "non-compliant for [advanced-remote-cluster-security]",
        RefusalKind::Licence,
    ),
    (
        "or higher to support cross cluster requests through the dedicated remote cluster",
        RefusalKind::TooOld,
    ),
    ("No handler for action [", RefusalKind::TooOld),
    ("api keys are not enabled", RefusalKind::ServiceDisabled),
    (
        "require transport header [_cross_cluster_access_",
        RefusalKind::Missing,
    ),
    (
        "missing authentication credentials for action [",
        RefusalKind::TransportPort,
    ),
    (
        "requires channel profile to be [_remote_cluster], but got [",
        RefusalKind::TransportPort,
    ),
    ("is unauthorized for ", RefusalKind::Forbidden),
    ("server is too busy to respond", RefusalKind::Unavailable),
    ("encountered a failure", RefusalKind::Unavailable),
    ("Data too large", RefusalKind::Unavailable),
    ("unable to authenticate user [", RefusalKind::Unexplained),
    (
        "error attempting to authenticate request",
        RefusalKind::Unexplained,
    ),
    (
        "failed to authenticate cross cluster credentials",
        RefusalKind::Unexplained,
    ),
];

impl Refusal {
    /// Reads a refusal out of the exceptions of one answer. The reason may stand in any message, or in
    /// the metadata behind the stack trace.
    pub fn of(levels: &[Exception]) -> Self {
        let texts = || {
            let messages = levels.iter().filter_map(|it| it.message.as_ref());
            let metadata = levels.iter().flat_map(|it| &it.metadata);
            messages.chain(metadata)
        };
        let known = texts().filter_map(|text| Some((kind(text)?, text)));
        // The outermost message only names node, address and action.
        let innermost = || levels.iter().rev().find_map(|it| it.message.clone());
        match known.min_by_key(|(kind, _)| *kind) {
            Some((kind, text)) => Self {
                kind,
                // A malformed key is told best by the innermost cause.
                words: Some(text.clone())
                    .filter(|_| kind != RefusalKind::Malformed)
                    .or_else(innermost)
                    .unwrap_or_default(),
            },
            None => Self {
                kind: RefusalKind::Other,
                words: innermost().unwrap_or_default(),
            },
        }
    }

    /// Whether another answer to the same request would tell no more.
    pub fn is_telling(&self) -> bool {
        self.kind < RefusalKind::Unavailable
    }

    /// The more telling of two answers to one request.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.kind < self.kind { other } else { self }
    }
}

fn kind(text: &str) -> Option<RefusalKind> {
    let mut known = TEXTS.iter();
    known
        .find(|(part, _)| text.contains(part))
        .map(|(_, kind)| *kind)
}
