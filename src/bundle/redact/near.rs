//! Aliases that are alike stay alike: that `bee` is configured and `bea` stored is a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::cipher::Cipher;
use super::words;
use crate::check::is_near;

/// The tokens of those aliases that would lose their likeness. A group of them is enciphered by one
/// table of letters, which keeps every difference between them; nothing else has that table.
pub(super) fn tokens(aliases: &BTreeSet<&str>, cipher: &Cipher) -> BTreeMap<String, String> {
    let mut changed = BTreeMap::new();
    for group in groups(aliases) {
        let own = |alias: &str| cipher.name(alias, words::is_kept);
        let stays = group.iter().all(|one| {
            group
                .iter()
                .all(|other| is_near(one, other) == is_near(&own(one), &own(other)))
        });
        if let Some(first) = group.first()
            && !stays
        {
            let of = |alias: &str| cipher.by_one_table(alias, first);
            changed.extend(group.iter().map(|it| ((*it).to_owned(), of(it))));
        }
    }
    changed
}

/// Those that are alike, directly or by others between them.
fn groups<'a>(aliases: &BTreeSet<&'a str>) -> Vec<Vec<&'a str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for alias in aliases {
        let is_like = |group: &Vec<&str>| group.iter().any(|it| is_near(alias, it));
        let (like, other): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_like);
        groups = other;
        let mut merged: Vec<&str> = like.concat();
        merged.push(alias);
        groups.push(merged);
    }
    groups.retain(|it| it.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_kept_and_not_made() {
        let cipher = Cipher::new(b"key");
        let aliases = BTreeSet::from([
            "prod_fra", "prid_fra", "pord_fra", "bee", "bea", "bae", "Bee", "another", "log-1",
        ]);
        let changed = tokens(&aliases, &cipher);
        let of = |alias: &str| {
            let own = || cipher.name(alias, words::is_kept);
            changed.get(alias).cloned().unwrap_or_else(own)
        };
        for one in &aliases {
            for other in &aliases {
                assert_eq!(
                    is_near(one, other),
                    is_near(&of(one), &of(other)),
                    "{one} {other}: {} {}",
                    of(one),
                    of(other)
                );
                assert_eq!(one == other, of(one) == of(other), "{one} {other}");
            }
        }
        assert!(!changed.contains_key("another"));
    }
}
