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

/// The table, line by line: passed, error, warning, advice, does not apply, not enough evidence.
pub(super) fn table(findings: &[&Finding]) -> Vec<String> {
    let mut areas: Vec<&str> = findings.iter().map(|it| it.area.as_str()).collect();
    areas.sort_by_key(|area| {
        let place = ORDER.iter().position(|it| it == area);
        (place.unwrap_or(ORDER.len()), *area)
    });
    areas.dedup();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    for area in areas {
        let count = |sign: &str| {
            let count = findings
                .iter()
                .filter(|it| it.area == area && mark(it).0 == sign)
                .count();
            if count == 0 {
                String::new()
            } else {
                format!("{count} {sign}")
            }
        };
        table.add_row([
            area.to_owned(),
            count("✔"),
            count("✘"),
            count("!"),
            count("i"),
            count("–"),
            count("?"),
        ]);
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
