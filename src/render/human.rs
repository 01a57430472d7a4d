//! To read: the verdict, its cause with the reason and the fix, other causes, the checks by area,
//! and what could not be found out. Made for 80 columns, no colour, and a ticket.

use std::io;

use super::sheet::{BAD, CARE, GOOD, MARGIN, Sheet, styled};
use super::story::{Story, clusters, connection, in_short, stories, verdict_text};
use super::text::{Width, columns, plain};
use super::unknown::open;
use super::{Page, Render, areas};
use crate::evidence::Purpose;
use crate::report::{LinkSummary, Verdict};

mod cause;
mod probe;
mod rest;
#[cfg(test)]
mod tests;

use cause::{cause, same_elsewhere, warnings};
use rest::{broken, calls, compared, everything, sources, unknowns, vantage};

/// The form to read.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    /// Columns of a line.
    pub width: Width,
    /// How much is shown.
    pub detail: Detail,
    /// Whether only ASCII can be shown.
    pub ascii: bool,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Detail {
    /// The verdicts alone.
    Verdict,
    /// What a reader needs to repair the link.
    Usual,
    /// Every finding with what it read, and every call.
    Full,
}

impl Render for Human {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut sheet = Sheet::new(self.width);
        let stories = stories(page);
        let several = stories.len() > 1;
        let is_probe = page.evidence.purpose == Purpose::Probe;
        if self.detail == Detail::Verdict || !(is_probe && several) {
            verdicts(page, &stories, &mut sheet, self.detail);
        }
        if self.detail != Detail::Verdict {
            if is_probe {
                probe::write(page, &stories, &mut sheet, self.detail);
            } else {
                for story in &stories {
                    if several && story.link.is_some() {
                        sheet.blank();
                        let width = Some(sheet.width());
                        sheet.line(&verdict_line(story, page, width, None));
                    }
                    tell(story, page, &mut sheet, self.detail);
                }
            }
            compared(page, &mut sheet);
            sources(page, &mut sheet, self.detail);
            vantage(page, &mut sheet);
            if self.detail == Detail::Full {
                calls(page, &mut sheet);
            }
        }
        out.write_all(sheet.finish(self.ascii).as_bytes())
    }
}

/// One line for each link.
fn verdicts(page: &Page<'_>, stories: &[Story<'_>], sheet: &mut Sheet, detail: Detail) {
    let links = &page.report.links;
    if links.is_empty() {
        let word = verdict_word(page.report.verdict);
        sheet.line(&format!("no link was found   {word}"));
        let gap = page.report.gaps.iter().find(|it| it.path == "links");
        if let Some(gap) = gap.filter(|_| detail != Detail::Verdict) {
            sheet.note(&format!("{}: {}", gap.reason, gap.remedy));
        }
        return;
    }
    let widths = Widths::of(links);
    // A program that reads the verdicts alone wants one line for each link.
    let width = (detail != Detail::Verdict).then_some(sheet.width());
    for story in stories {
        let widths = (links.len() > 1).then_some(&widths);
        sheet.line(&verdict_line(story, page, width, widths));
    }
    if links.len() > 1 && detail != Detail::Verdict {
        sheet.blank();
    }
}

/// Columns of the parts of several verdict lines.
struct Widths {
    alias: usize,
    clusters: usize,
    connection: usize,
}

impl Widths {
    fn of(links: &[LinkSummary]) -> Self {
        let widest = |part: fn(&LinkSummary) -> String| {
            links.iter().map(|it| columns(&part(it))).max().unwrap_or(0)
        };
        Self {
            alias: widest(|it| plain(&it.alias)),
            clusters: widest(clusters),
            connection: widest(connection),
        }
    }
}

/// `bee   a 9.4.3 → b 9.4.3   api-key, proxy   BLOCKED: the cross-cluster API key has expired`. It
/// says why in words where they fit, on a second line if need be, and by the code in a list of
/// links or where no width is given, for a program.
fn verdict_line(
    story: &Story<'_>,
    page: &Page<'_>,
    width: Option<usize>,
    widths: Option<&Widths>,
) -> String {
    let Some(link) = story.link else {
        return String::new();
    };
    let pad = |text: String, width: Option<usize>| {
        let gap = width.map_or(0, |it| it.saturating_sub(columns(&text)));
        text + &" ".repeat(gap)
    };
    let parts = [
        pad(plain(&link.alias), widths.map(|it| it.alias)),
        pad(clusters(link), widths.map(|it| it.clusters)),
        pad(connection(link), widths.map(|it| it.connection)),
    ];
    let head: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    let head = head.join("   ");
    let word = verdict_word(link.verdict);
    let code = headline(story, page);
    let Some(width) = width else {
        return format!("{head}   {word}{code}");
    };
    let fits = |start: usize, rest: &str| {
        start + columns(verdict_text(link.verdict)) + columns(rest) <= width
    };
    let beside = columns(&head) + 3;
    let words = story
        .root()
        .map(|it| format!(": {}", in_short(&plain(&it.message))));
    let words = words.filter(|it| widths.is_none() && fits(MARGIN, it));
    match words {
        Some(words) if fits(beside, &words) => format!("{head}   {word}{words}"),
        Some(words) => format!("{head}\n{}{word}{words}", " ".repeat(MARGIN)),
        None if fits(beside, &code) => format!("{head}   {word}{code}"),
        None => format!("{head}\n{}{word}{code}", " ".repeat(MARGIN)),
    }
}

fn verdict_word(verdict: Verdict) -> String {
    let style = match verdict {
        Verdict::Ready => GOOD,
        Verdict::AtRisk | Verdict::Unknown => CARE,
        Verdict::Blocked => BAD,
    };
    styled(verdict_text(verdict), style)
}

/// What follows the verdict's word.
fn headline(story: &Story<'_>, page: &Page<'_>) -> String {
    let Some(link) = story.link else {
        return String::new();
    };
    match link.verdict {
        Verdict::Ready => String::new(),
        Verdict::Blocked => link
            .root_cause
            .as_ref()
            .map_or_else(String::new, |code| format!(": {code}")),
        Verdict::AtRisk => match story.at_risk().as_slice() {
            [] => String::new(),
            [only] => format!(": {only}"),
            [first, others @ ..] => format!(": {first} and {} more", others.len()),
        },
        // A probe sees no link that fails: there may be nothing to find a cause of.
        Verdict::Unknown if page.evidence.purpose == Purpose::Probe => match story.open() {
            Some(code) => format!(": {code} could not be checked"),
            None => ": no cause found".to_owned(),
        },
        Verdict::Unknown => ": no cause found".to_owned(),
    }
}

fn tell(story: &Story<'_>, page: &Page<'_>, sheet: &mut Sheet, detail: Detail) {
    let root = story.root();
    let environment = story.environment();
    if let Some(root) = root {
        sheet.blank();
        cause("Cause", root, environment, sheet, detail);
        same_elsewhere(&story.elsewhere(), sheet);
    }
    for other in story.causes() {
        sheet.blank();
        cause("Also", other, environment, sheet, detail);
    }
    for symptom in story.symptoms() {
        sheet.blank();
        cause("Seen", symptom, environment, sheet, detail);
    }
    let advised = root.is_none() || detail == Detail::Full;
    warnings(&story.warnings(), environment, sheet, advised, detail);
    broken(&story.broken(), sheet);
    sheet.blank();
    for line in areas::table(&story.findings) {
        sheet.line(&format!("        {line}"));
    }
    unknowns(&open(&story.findings, &page.report.gaps), sheet, detail);
    if detail == Detail::Full {
        everything(&story.findings, sheet);
    }
}
