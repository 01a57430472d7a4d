//! The failure catalogue: every known way in which a link breaks or misleads, and which check decides
//! it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::CheckSet;
use super::item::Check;

/// The rows, and why no check decides some of them.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let rows: Table<Entry> = toml::from_str(include_str!("../../checks/catalogue.toml"))
        .expect("the file is part of the binary, and a test reads it");
    let left: Table<NotCovered> = toml::from_str(include_str!("../../checks/not-covered.toml"))
        .expect("the file is part of the binary, and a test reads it");
    Catalogue {
        rows: rows.row,
        left: left.row,
    }
});

struct Catalogue {
    rows: Vec<Entry>,
    left: Vec<NotCovered>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table<R> {
    row: Vec<R>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotCovered {
    id: String,
    reason: String,
}

/// A row of the catalogue, and what the checks of a set make of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Row {
    /// Such as `KEY-003`.
    pub id: String,
    /// The fault in words.
    pub title: String,
    /// Codes of the checks that decide it, in their order.
    pub checks: Vec<String>,
    /// Why no check decides it.
    pub not_covered: Option<String>,
}

impl Row {
    /// Whether a check decides it, or the reason is given why none could.
    pub fn is_accounted_for(&self) -> bool {
        !self.checks.is_empty() || self.not_covered.is_some()
    }
}

impl CheckSet {
    /// Every row of the catalogue, in its order, with the checks of this set that decide it.
    pub fn coverage(&self) -> Vec<Row> {
        let rows = CATALOGUE.rows.iter();
        rows.map(|entry| self.row_of(entry)).collect()
    }

    /// The row of an id such as `KEY-003`, in any case.
    pub fn row(&self, id: &str) -> Option<Row> {
        let id = id.trim();
        let mut rows = CATALOGUE.rows.iter();
        let entry = rows.find(|entry| entry.id.eq_ignore_ascii_case(id))?;
        Some(self.row_of(entry))
    }

    /// What is wrong with the account: rows of nobody, reasons for rows that a check decides, ids
    /// that no row has. One line each.
    pub fn unaccounted(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for row in self.coverage() {
            match (&row.not_covered, row.checks.first()) {
                (None, None) => wrong.push(format!(
                    "{} ({}): no check covers it, and not-covered.toml gives no reason",
                    row.id, row.title
                )),
                (Some(_), Some(code)) => wrong.push(format!(
                    "{}: not-covered.toml gives a reason, but {code} covers it",
                    row.id
                )),
                _ => {}
            }
        }
        for check in self.checks() {
            for id in covered(check).filter(|id| !is_row(id)) {
                wrong.push(format!("{}: the catalogue has no row {id}", check.code));
            }
        }
        for left in CATALOGUE.left.iter().filter(|left| !is_row(&left.id)) {
            wrong.push(format!(
                "not-covered.toml: the catalogue has no row {}",
                left.id
            ));
        }
        wrong
    }

    fn row_of(&self, entry: &Entry) -> Row {
        let deciding = self
            .checks()
            .filter(|check| covered(check).any(|id| id == entry.id));
        let mut left = CATALOGUE.left.iter();
        Row {
            id: entry.id.clone(),
            title: entry.title.clone(),
            checks: deciding.map(|check| check.code.clone()).collect(),
            not_covered: left
                .find(|left| left.id == entry.id)
                .map(|left| left.reason.clone()),
        }
    }
}

/// Whether the catalogue has a row of this id.
pub(crate) fn is_row(id: &str) -> bool {
    CATALOGUE.rows.iter().any(|entry| entry.id == id)
}

/// The ids of all rows.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    CATALOGUE.rows.iter().map(|entry| entry.id.as_str())
}

/// The rows that a check or one of its texts decides.
fn covered(check: &Check) -> impl Iterator<Item = &str> {
    let of_texts = check.file.log.iter().flat_map(|log| &log.covers);
    let all = check.file.covers.iter().chain(of_texts);
    all.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_there_once() {
        let all = ids();
        let distinct: BTreeSet<&str> = ids().collect();
        assert_eq!(all.count(), distinct.len());
        assert_eq!(distinct.len(), 239);
    }

    #[test]
    fn rows_are_found_by_their_ids() {
        let checks = CheckSet::embedded();
        let row = checks.row(" key-003 ").unwrap();
        assert_eq!(row.title, "Key invalidated");
        assert!(row.checks.iter().any(|code| code == "keys/invalidated"));
        assert!(row.is_accounted_for());
        assert_eq!(checks.row("KEY-999"), None);
    }
}
