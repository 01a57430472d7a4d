//! Whom do the nodes trust? Followed from the presented chains, without I/O.

use super::Evidence;

/// Fills [`Attempt::trust`](super::Attempt::trust) of every attempt, once clusters, links and
/// endpoints are known.
pub fn derive_trust(evidence: &mut Evidence) {
    let _ = evidence;
}
