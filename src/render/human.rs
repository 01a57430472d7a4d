//! To read: the verdict, its cause with the reason and the fix, other causes, the checks by area,
//! and what could not be found out. Made for 80 columns, no colour, and a ticket.

use std::io;

use super::sheet::{BAD, CARE, GOOD, MARGIN, Sheet, styled};
use super::text::{Width, columns, plain};
use super::unknown::open;
use super::{Page, Render, areas, endpoints};
use crate::evidence::{Mode, Model, Purpose};
use crate::report::{Finding, Kind, LinkSummary, Outcome, Severity, Verdict};

mod cause;
mod rest;
#[cfg(test)]
mod tests;

use cause::{cause, same_elsewhere, warnings};
use rest::{calls, everything, unknowns, vantage};

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
        verdicts(page, &mut sheet, self.detail);
        if self.detail != Detail::Verdict {
            if page.evidence.purpose == Purpose::Probe {
                endpoints::write(page.evidence, &mut sheet);
            }
            let blocks = blocks(page);
            let several = blocks.len() > 1;
            for block in &blocks {
                if several && let Some(link) = block.link {
                    sheet.blank();
                    let width = Some(sheet.width());
                    sheet.line(&verdict_line(page, link, width, None));
                }
                block.write(page, &mut sheet, self.detail);
            }
            vantage(page, &mut sheet);
            if self.detail == Detail::Full {
                calls(page, &mut sheet);
            }
        }
        out.write_all(sheet.finish(self.ascii).as_bytes())
    }
}

/// One line for each link.
fn verdicts(page: &Page<'_>, sheet: &mut Sheet, detail: Detail) {
    let links = &page.report.links;
    if links.is_empty() {
        let word = verdict_word(page.report.verdict);
        sheet.line(&format!("no link was found   {word}"));
        return;
    }
    let widths = Widths::of(links);
    // A program that reads the verdicts alone wants one line for each link.
    let width = (detail != Detail::Verdict).then_some(sheet.width());
    for link in links {
        let line = verdict_line(page, link, width, (links.len() > 1).then_some(&widths));
        sheet.line(&line);
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
    page: &Page<'_>,
    link: &LinkSummary,
    width: Option<usize>,
    widths: Option<&Widths>,
) -> String {
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
    let code = headline(page, link);
    let Some(width) = width else {
        return format!("{head}   {word}{code}");
    };
    let fits = |start: usize, rest: &str| {
        start + columns(verdict_text(link.verdict)) + columns(rest) <= width
    };
    let beside = columns(&head) + 3;
    let words = root_cause(page, link).map(|it| format!(": {}", in_short(&plain(&it.message))));
    let words = words.filter(|it| widths.is_none() && fits(MARGIN, it));
    match words {
        Some(words) if fits(beside, &words) => format!("{head}   {word}{words}"),
        Some(words) => format!("{head}\n{}{word}{words}", " ".repeat(MARGIN)),
        None if fits(beside, &code) => format!("{head}   {word}{code}"),
        None => format!("{head}\n{}{word}{code}", " ".repeat(MARGIN)),
    }
}

/// What a message says first: all before the details that follow a colon or semicolon, or its first
/// sentence.
fn in_short(message: &str) -> &str {
    let end = [": ", "; ", ". "]
        .iter()
        .filter_map(|it| message.find(it))
        .min();
    let first = end.map_or(message, |it| &message[..it]);
    first.trim_end_matches(['.', ':', ';'])
}

fn root_cause<'a>(page: &Page<'a>, link: &LinkSummary) -> Option<&'a Finding> {
    let code = link.root_cause.as_ref()?;
    of_link(page, link)
        .into_iter()
        .find(|it| it.code == *code && stands_alone(it))
}

fn clusters(link: &LinkSummary) -> String {
    let one = |name: &Option<String>, version: &Option<String>| match (name, version) {
        (Some(name), Some(version)) => Some(plain(&format!("{name} {version}"))),
        (Some(one), None) | (None, Some(one)) => Some(plain(one)),
        (None, None) => None,
    };
    let local = one(&link.local, &link.local_version);
    let remote = one(&link.remote, &link.remote_version);
    match (local, remote) {
        (None, None) => String::new(),
        (local, remote) => format!(
            "{} → {}",
            local.as_deref().unwrap_or("?"),
            remote.as_deref().unwrap_or("?")
        ),
    }
}

fn connection(link: &LinkSummary) -> String {
    let model = link.model.map(|it| match it {
        Model::ApiKey => "api-key",
        Model::Certificate => "certificate",
    });
    let mode = link.mode.map(|it| match it {
        Mode::Proxy => "proxy",
        Mode::Sniff => "sniff",
    });
    let known: Vec<&str> = model.into_iter().chain(mode).collect();
    known.join(", ")
}

fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "READY",
        Verdict::AtRisk => "AT RISK",
        Verdict::Unknown => "UNKNOWN",
        Verdict::Blocked => "BLOCKED",
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
fn headline(page: &Page<'_>, link: &LinkSummary) -> String {
    let findings = of_link(page, link);
    match link.verdict {
        Verdict::Ready => String::new(),
        Verdict::Blocked => link
            .root_cause
            .as_ref()
            .map_or_else(String::new, |code| format!(": {code}")),
        Verdict::AtRisk => {
            let codes: Vec<&str> = findings
                .iter()
                .filter(|it| stands_alone(it) && it.severity != Severity::Info)
                .map(|it| it.code.as_str())
                .collect();
            match codes.as_slice() {
                [] => String::new(),
                [only] => format!(": {only}"),
                [first, others @ ..] => format!(": {first} and {} more", others.len()),
            }
        }
        Verdict::Unknown => ": no cause found".to_owned(),
    }
}

/// A failure that is not the consequence of another.
fn stands_alone(finding: &Finding) -> bool {
    finding.outcome == Outcome::Fail && finding.explained_by.is_none()
}

/// What is told together: a link, or what belongs to none.
struct Block<'a> {
    link: Option<&'a LinkSummary>,
    findings: Vec<&'a Finding>,
}

fn blocks<'a>(page: &Page<'a>) -> Vec<Block<'a>> {
    if page.report.links.is_empty() {
        return vec![Block {
            link: None,
            findings: page.report.findings.iter().collect(),
        }];
    }
    page.report
        .links
        .iter()
        .map(|link| Block {
            link: Some(link),
            findings: of_link(page, link),
        })
        .collect()
}

/// Findings about the link, its endpoints and its clusters.
fn of_link<'a>(page: &Page<'a>, link: &LinkSummary) -> Vec<&'a Finding> {
    let seen = page.evidence.links.get(&link.alias);
    let uses = |cluster: &String| {
        seen.is_none_or(|it| {
            it.local.known() == Some(cluster) || it.remote.known() == Some(cluster)
        })
    };
    page.report
        .findings
        .iter()
        .filter(|it| match (&it.subject.link, &it.subject.cluster) {
            (Some(alias), _) => *alias == link.alias,
            (None, Some(cluster)) => uses(cluster),
            (None, None) => true,
        })
        .collect()
}

impl Block<'_> {
    fn write(&self, page: &Page<'_>, sheet: &mut Sheet, detail: Detail) {
        let root = self.link.and_then(|it| root_cause(page, it));
        let environment = self.link.and_then(|it| it.environment);
        if let Some(root) = root {
            sheet.blank();
            cause("Cause", root, environment, sheet, detail);
        }
        let others: Vec<&&Finding> = self
            .findings
            .iter()
            .filter(|it| stands_alone(it))
            .filter(|it| !root.is_some_and(|root| std::ptr::eq(root, **it)))
            .collect();
        same_elsewhere(root, &others, sheet);
        let of_root = |it: &Finding| root.is_some_and(|root| root.code == it.code);
        for other in others
            .iter()
            .filter(|it| it.kind == Kind::Cause && !of_root(it))
        {
            sheet.blank();
            cause("Also", other, environment, sheet, detail);
        }
        for symptom in others.iter().filter(|it| it.kind == Kind::Symptom) {
            sheet.blank();
            cause("Seen", symptom, environment, sheet, detail);
        }
        let advised = root.is_none() || detail == Detail::Full;
        warnings(&others, environment, sheet, advised, detail);
        self.broken(sheet);
        sheet.blank();
        for line in areas::table(&self.findings) {
            sheet.line(&format!("        {line}"));
        }
        unknowns(&open(&self.findings, &page.report.gaps), sheet, detail);
        if detail == Detail::Full {
            everything(&self.findings, sheet);
        }
    }

    fn broken(&self, sheet: &mut Sheet) {
        let broken = self
            .findings
            .iter()
            .filter(|it| it.outcome == Outcome::Broken);
        for (index, finding) in broken.enumerate() {
            if index == 0 {
                sheet.blank();
                sheet.label("Broken");
            }
            sheet.text(&format!("check {}: {}", finding.code, finding.message));
        }
    }
}

fn subject(finding: &Finding) -> String {
    let subject = &finding.subject;
    let first = subject.endpoint.as_ref().or(subject.cluster.as_ref());
    first.or(subject.link.as_ref()).cloned().unwrap_or_default()
}

fn distinct(texts: &[String]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for text in texts {
        if !out.contains(&text.as_str()) {
            out.push(text);
        }
    }
    out
}
