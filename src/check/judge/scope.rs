//! What a probe is about. It asks no cluster, so that most of what a link depends on is not its
//! matter: checks that need it are left out of its report, and so are gaps that no option of it closes.

use crate::evidence::{Gap, Purpose};
use crate::report::{Finding, Outcome};

/// The fact of a link that the reader of a probe can supply. What `--server-ca` adds is missed at the
/// endpoint, as its trust.
const SUPPLIED: &str = ".credential";

/// Whether a finding belongs into the report.
pub(super) fn holds_finding(purpose: Purpose, finding: &Finding) -> bool {
    purpose != Purpose::Probe
        || match finding.outcome {
            Outcome::Broken | Outcome::Fail | Outcome::Pass => true,
            Outcome::Skip => false,
            Outcome::Unknown => finding.missing.iter().any(|it| is_of_probe(it)),
        }
}

/// Whether a gap belongs into the report.
pub(super) fn holds_gap(purpose: Purpose, gap: &Gap) -> bool {
    purpose != Purpose::Probe || is_of_probe(&gap.path)
}

/// Whether a probe could fill this place of the document: the endpoints, and what its options say of
/// the link.
fn is_of_probe(place: &str) -> bool {
    place.starts_with("endpoints") || (place.starts_with("links") && place.ends_with(SUPPLIED))
}
