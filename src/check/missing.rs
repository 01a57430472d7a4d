//! What is missing for an answer, in words: the gaps of the evidence say why and what closes them.

use std::collections::HashSet;

use crate::evidence::Gap;

/// Most paths that a message names.
const NAMED: usize = 3;

/// The message of a check that could not be answered.
pub(crate) fn message(missing: &[String], gaps: &[Gap]) -> String {
    let named = missing
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut message = format!("Not known: {named}{more}.");
    let mut quoted: Vec<&Gap> = Vec::new();
    for gap in missing.iter().filter_map(|path| nearest(path, gaps)) {
        let said = |other: &&&Gap| other.reason == gap.reason && other.remedy == gap.remedy;
        if quoted.iter().find(said).is_none() {
            quoted.push(gap);
        }
    }
    for gap in quoted {
        for part in [&gap.reason, &gap.remedy] {
            let part = part.trim();
            if !part.is_empty() {
                message.push(' ');
                message.push_str(part);
                if !part.ends_with(['.', '!', '?']) {
                    message.push('.');
                }
            }
        }
    }
    message
}

/// The gaps without repetitions, in their order.
pub(crate) fn distinct<'a>(gaps: impl Iterator<Item = &'a Gap>) -> Vec<Gap> {
    let mut seen = HashSet::new();
    gaps.filter(|gap| seen.insert(*gap)).cloned().collect()
}

/// The gap with the longest path that the missing one lies in; else the first one that lies in it.
fn nearest<'a>(missing: &str, gaps: &'a [Gap]) -> Option<&'a Gap> {
    let around = gaps.iter().filter(|gap| lies_in(missing, &gap.path));
    let nearest = around.max_by_key(|gap| gap.path.len());
    nearest.or_else(|| gaps.iter().find(|gap| lies_in(&gap.path, missing)))
}

/// Whether a path is another one or below it.
fn lies_in(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(path: &str, reason: &str) -> Gap {
        Gap {
            path: path.to_owned(),
            probe: "GET /".to_owned(),
            reason: reason.to_owned(),
            remedy: "give a user with `monitor`".to_owned(),
        }
    }

    #[test]
    fn the_nearest_gap_is_quoted_once() {
        let gaps = [
            gap("clusters.b", "not asked"),
            gap("clusters.b.license", "403"),
            gap("clusters.bb", "other"),
        ];
        let missing = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        let paths = missing(&["clusters.b.license.type", "clusters.b.license.status"]);
        assert_eq!(
            message(&paths, &gaps),
            "Not known: clusters.b.license.type, clusters.b.license.status. 403. give a user with \
             `monitor`."
        );
        assert!(message(&missing(&["clusters.b.version"]), &gaps).contains("not asked"));
        assert_eq!(
            message(&missing(&["links.bee.info"]), &gaps),
            "Not known: links.bee.info."
        );
    }
}
