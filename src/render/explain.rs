//! What a check means, to read: `explain CODE`.

use super::sheet::{BOLD, DIM, Sheet, styled};
use super::text::{Width, plain};
use super::word;
use crate::check::Explanation;
use crate::report::Fix;

/// The page of one check. With `detail`, how it decides as well.
pub fn explanation(it: &Explanation, width: Width, in_ascii: bool, detail: bool) -> String {
    let mut sheet = Sheet::new(width);
    sheet.line(&format!(
        "{}   {}, {}, {}",
        styled(&plain(&it.code), BOLD),
        word(&it.severity),
        word(&it.kind),
        word(&it.stage)
    ));
    section(&mut sheet, "Healthy", &it.title);
    section(&mut sheet, "Failing", &it.message);
    let afar = it.certainty_from_afar.map_or_else(String::new, |afar| {
        format!(
            ", {} seen from a machine that is no node of the local cluster",
            word(&afar)
        )
    });
    sheet.note(&format!("certainty: {}{afar}", word(&it.certainty)));
    section(&mut sheet, "Why", &it.why);
    for (index, fix) in it.fixes.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Fix");
        }
        write_fix(fix, &mut sheet);
    }
    related(&mut sheet, "After", &it.explained_by, "it follows from");
    related(&mut sheet, "Before", &it.explains, "it explains");
    if detail {
        decision(&mut sheet, it);
    }
    if !it.links.is_empty() {
        sheet.blank();
        sheet.label("Docs");
        it.links.iter().for_each(|link| sheet.text(link));
    }
    sheet.finish(in_ascii)
}

fn section(sheet: &mut Sheet, label: &str, text: &str) {
    if !text.is_empty() {
        sheet.blank();
        sheet.label(label);
        sheet.text(text);
    }
}

fn write_fix(fix: &Fix, sheet: &mut Sheet) {
    let names = super::environments(&fix.environments);
    if names.is_empty() {
        sheet.text(&fix.text);
    } else {
        sheet.text(&format!("{} ({})", fix.text, names.join(", ")));
    }
    fix.commands.iter().for_each(|it| sheet.command(it));
}

fn related(sheet: &mut Sheet, label: &str, checks: &[(String, String)], says: &str) {
    for (index, (code, _)) in checks.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label(label);
        }
        sheet.text(&format!("{says} {code}"));
    }
}

/// How it decides: the expressions, what they read, the rows of the catalogue.
fn decision(sheet: &mut Sheet, it: &Explanation) {
    sheet.blank();
    sheet.label("Decides");
    if let Some(when) = &it.when {
        sheet.text(&format!("applies when {}", one_line(when)));
    }
    if let Some(ok) = &it.ok {
        sheet.text(&format!("is well when {}", one_line(ok)));
    }
    for text in &it.texts {
        sheet.indented(&format!("is told by “{text}”"), 0, DIM);
    }
    for path in &it.reads {
        sheet.indented(&format!("reads {path}"), 0, DIM);
    }
    if !it.covers.is_empty() {
        sheet.note(&format!("covers {}", it.covers.join(", ")));
    }
    if !it.aliases.is_empty() {
        sheet.note(&format!("was called {}", it.aliases.join(", ")));
    }
}

fn one_line(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}
