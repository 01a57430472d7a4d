//! The table of checks by area.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::sheet::mark;
use crate::report::Finding;

/// The areas in the order of connecting; others follow by name.
const ORDER: &[&str] = &[
    "versions",
    "keys",
    "aliases",
    "keystore",
    "trust",
    "network-security",
    "tls",
    "settings",
    "connection",
    "ports",
    "nodes",
    "licence",
    "privileges",
];

/// How many findings of an area have which mark.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The area.
    pub(super) area: &'a str,
    /// Counts by [`MARKS`].
    pub(super) counts: [usize; 6],
}

/// Passed, error, warning, advice, does not apply, not enough evidence.
pub(super) const MARKS: [&str; 6] = ["✔", "✘", "!", "i", "–", "?"];

/// The areas that have findings, in the order of connecting.
pub(super) fn rows<'a>(findings: &[&'a Finding]) -> Vec<Row<'a>> {
    let mut areas: Vec<&str> = findings.iter().map(|it| it.area.as_str()).collect();
    areas.sort_by_key(|area| {
        let place = ORDER.iter().position(|it| it == area);
        (place.unwrap_or(ORDER.len()), *area)
    });
    areas.dedup();
    let count = |area: &str, sign: &str| {
        let of_area = findings.iter().filter(|it| it.area == area);
        of_area.filter(|it| mark(it).0 == sign).count()
    };
    let rows = areas.into_iter().map(|area| Row {
        area,
        counts: MARKS.map(|sign| count(area, sign)),
    });
    rows.collect()
}

/// The table, line by line.
pub(super) fn table(findings: &[&Finding]) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    for row in rows(findings) {
        let counts = row.counts.iter().zip(MARKS);
        let cells = counts.map(|(count, sign)| match count {
            0 => String::new(),
            count => format!("{count} {sign}"),
        });
        table.add_row(std::iter::once(row.area.to_owned()).chain(cells));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 3));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}
