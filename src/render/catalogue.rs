//! The failure catalogue and the steps of connecting, to read: `checks list --coverage`, `explain ROW`
//! and `explain STEP`.

use super::explain::{explanation, section};
use super::sheet::{BOLD, Sheet, styled};
use super::text::{Width, plain};
use super::word;
use crate::check::{CheckSet, Row, StagePage};

/// Every row with the checks that decide it, or why none can; a count before them.
pub fn coverage(rows: &[Row], width: Width, in_ascii: bool) -> String {
    let mut sheet = Sheet::new(width);
    let accounted = rows.iter().filter(|row| row.is_accounted_for()).count();
    let by_checks = rows.iter().filter(|row| !row.checks.is_empty()).count();
    sheet.line(&format!(
        "{accounted} of {} rows accounted for: {by_checks} by checks, {} that nobody can decide",
        rows.len(),
        accounted.saturating_sub(by_checks),
    ));
    for row in rows {
        sheet.blank();
        sheet.line(&format!("{} {}", styled(&row.id, BOLD), plain(&row.title)));
        if !row.checks.is_empty() {
            sheet.text(&row.checks.join(", "));
        }
        if let Some(reason) = &row.not_covered {
            sheet.note(&format!("not covered: {reason}"));
        }
        if !row.is_accounted_for() {
            sheet.note("not covered, and nobody says why");
        }
    }
    sheet.finish(in_ascii)
}

/// One row: the pages of its checks, the first in full.
pub fn row_page(row: &Row, set: &CheckSet, width: Width, in_ascii: bool, detail: bool) -> String {
    let mut sheet = Sheet::new(width);
    sheet.line(&format!(
        "{}   {}",
        styled(&row.id, BOLD),
        plain(&row.title)
    ));
    match (&row.not_covered, row.checks.split_first()) {
        (Some(reason), _) => section(
            &mut sheet,
            "Not",
            &format!("No check decides this: {reason}."),
        ),
        (None, Some((_, [])) | None) => {}
        (None, Some(_)) => {
            sheet.blank();
            sheet.label("Checks");
            row.checks.iter().for_each(|code| sheet.text(code));
        }
    }
    let mut page = sheet.finish(in_ascii);
    let explained = row.checks.iter().filter_map(|code| set.explain(code).ok());
    for it in explained {
        page.push('\n');
        page.push_str(&explanation(&it, width, in_ascii, detail));
    }
    page
}

/// A step of connecting: what happens, and what can stop a link there.
pub fn stage_page(page: &StagePage, width: Width, in_ascii: bool) -> String {
    let mut sheet = Sheet::new(width);
    sheet.line(&format!(
        "{}   a step of connecting",
        styled(&word(&page.stage), BOLD)
    ));
    section(&mut sheet, "What", page.says);
    for (index, (code, title)) in page.checks.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Checks");
        }
        sheet.text(&format!("{code}: {title}"));
    }
    sheet.blank();
    sheet.label("Next");
    sheet.text("See which of them fails, or read about one:");
    sheet.command("crosscheck diagnose --local https://LOCAL:9200");
    if let Some((code, _)) = page.checks.first() {
        sheet.command(&format!("crosscheck explain {code}"));
    }
    sheet.finish(in_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_and_say_what_decides_them() {
        let checks = CheckSet::embedded();
        let rows = checks.coverage();
        let text = coverage(&rows, Width(80), false);
        assert!(text.contains(" of 239 rows accounted for"), "{text}");
        let row = checks.row("KEY-003").unwrap();
        let page = row_page(&row, &checks, Width(80), false, false);
        assert!(page.contains("Key invalidated"), "{page}");
        assert!(page.contains("keys/invalidated"), "{page}");
        let left = rows.iter().find(|row| row.not_covered.is_some()).unwrap();
        let page = row_page(left, &checks, Width(80), false, false);
        assert!(page.contains("No check decides this"), "{page}");
    }

    #[test]
    fn a_step_names_what_stops_a_link_there() {
        let checks = CheckSet::embedded();
        let page = checks.stage("Authentication").unwrap();
        let text = stage_page(&page, Width(80), false);
        assert!(text.contains("keys/expired: "), "{text}");
        assert!(!text.contains("tls/name-mismatch"), "{text}");
    }
}
