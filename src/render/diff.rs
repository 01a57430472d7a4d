//! What changed between two runs, to read.

use super::sheet::{BAD, BOLD, CARE, GOOD, Sheet, mark, styled};
use super::story::{subject, verdict_text};
use super::text::{Width, plain};
use crate::report::{Diff, Finding, LinkSummary};

/// The page of a comparison.
pub fn difference(diff: &Diff, width: Width, in_ascii: bool) -> String {
    let mut sheet = Sheet::new(width);
    let mut aliases: Vec<&String> = diff
        .before
        .iter()
        .chain(&diff.after)
        .map(|it| &it.alias)
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    if aliases.is_empty() {
        sheet.line("no link was found in either run");
    }
    for alias in aliases {
        let was = verdict(&diff.before, alias);
        let is = verdict(&diff.after, alias);
        let change = if was == is {
            format!("still {}", styled(is, BOLD))
        } else {
            format!("{was} → {}", styled(is, BOLD))
        };
        sheet.line(&format!("{}   {change}", plain(alias)));
    }
    group(&mut sheet, "New", "", &diff.new);
    group(&mut sheet, "Gone", "", &diff.gone);
    group(
        &mut sheet,
        "Unclear",
        "The later run lacks the evidence to tell whether these are gone:",
        &diff.unclear,
    );
    group(&mut sheet, "Same", "", &diff.unchanged);
    let all = [&diff.new, &diff.gone, &diff.unclear, &diff.unchanged];
    if all.iter().all(|it| it.is_empty()) {
        sheet.blank();
        sheet.text("Nothing failed in either run.");
    }
    sheet.finish(in_ascii)
}

fn verdict(links: &[LinkSummary], alias: &str) -> &'static str {
    let link = links.iter().find(|it| it.alias == alias);
    link.map_or("not there", |it| verdict_text(it.verdict))
}

fn group(sheet: &mut Sheet, label: &str, words: &str, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    sheet.blank();
    sheet.label(label);
    if !words.is_empty() {
        sheet.text(words);
    }
    for finding in findings {
        let (sign, style) = match label {
            "Gone" => ("✔", GOOD),
            "Unclear" => ("?", CARE),
            "New" => ("✘", BAD),
            _ => mark(finding),
        };
        let whose = subject(finding);
        sheet.marked(
            sign,
            style,
            &format!("{} [{whose}]  {}", finding.code, finding.message),
        );
    }
}
