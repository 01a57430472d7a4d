//! What could not be found out, and how to close it: checks without evidence, by the gap that they
//! have in common.

use crate::evidence::Gap;
use crate::report::{Finding, Outcome};

/// Checks that lack the same evidence.
#[derive(Debug)]
pub(super) struct Open<'a> {
    /// What would close it; `None` where the document does not say.
    pub(super) gap: Option<&'a Gap>,
    /// The checks.
    pub(super) findings: Vec<&'a Finding>,
}

/// Groups the checks without evidence that no cause explains; those that lack most in common first.
pub(super) fn open<'a>(findings: &[&'a Finding], gaps: &'a [Gap]) -> Vec<Open<'a>> {
    let mut groups: Vec<Open<'a>> = Vec::new();
    let unknown = findings
        .iter()
        .filter(|it| it.outcome == Outcome::Unknown && it.explained_by.is_none());
    for finding in unknown {
        let gap = finding.missing.iter().find_map(|path| of_path(path, gaps));
        let same = |group: &&mut Open<'a>| match (group.gap, gap) {
            (Some(a), Some(b)) => a.remedy == b.remedy && is_alike(&a.reason, &b.reason),
            (None, None) => true,
            _ => false,
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Open {
                gap,
                findings: vec![finding],
            }),
        }
    }
    groups.sort_by_key(|group| (group.gap.is_none(), std::cmp::Reverse(group.findings.len())));
    groups
}

/// Whether two reasons are one to a reader. A missing privilege is refused in other words for each call;
/// one role closes them all.
fn is_alike(a: &str, b: &str) -> bool {
    a == b || [a, b].iter().all(|it| it.starts_with("403 "))
}

/// The gap that makes a path unknown: the one with the longest path above it.
fn of_path<'a>(path: &str, gaps: &'a [Gap]) -> Option<&'a Gap> {
    gaps.iter()
        .filter(|gap| {
            path.strip_prefix(gap.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
        .max_by_key(|gap| gap.path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_privilege_is_one_thing_to_do() {
        let nodes = "403 security_exception: action [cluster:monitor/nodes/info] is unauthorized";
        let license =
            "403 security_exception: action [cluster:monitor/xpack/license/get] is unauthorized";
        assert!(is_alike(nodes, license));
        assert!(!is_alike(nodes, "timed out"));
        assert!(!is_alike("not asked", "timed out"));
    }

    #[test]
    fn the_nearest_gap_above_a_path_explains_it() {
        let gap = |path: &str| Gap {
            path: path.to_owned(),
            probe: String::new(),
            reason: String::new(),
            remedy: String::new(),
        };
        let gaps = [
            gap("clusters.b"),
            gap("clusters.b.license"),
            gap("clusters.bee"),
        ];
        let found = |path: &str| of_path(path, &gaps).map(|it| it.path.as_str());
        assert_eq!(found("clusters.b.license.type"), Some("clusters.b.license"));
        assert_eq!(found("clusters.b.nodes[\"n.1\"]"), Some("clusters.b"));
        assert_eq!(found("clusters.beetle"), None);
    }
}
