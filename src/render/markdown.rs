//! For a ticket: GitHub Flavored Markdown that fits into an issue, with what matters on top and the
//! rest folded.

use std::fmt::Write as _;
use std::io;

use super::areas::{MARKS, rows};
use super::sheet::mark;
use super::story::{
    Story, clusters, connection, distinct, fixes_for, in_short, stories, subject, verdict_text,
};
use super::text::clip;
use super::unknown::{Open, open};
use super::{Page, Render, environments, word};
use crate::report::{Certainty, Finding, Outcome, Verdict};

mod escape;

use escape::code;
pub(super) use escape::{block, prose};

/// Most bytes of the whole text: Jira takes 32,767 characters, GitHub 65,536.
const MOST: usize = 32_000;

/// Most characters of one text of a finding.
const MOST_TEXT: usize = 2_000;

/// Most characters of a line in a list or table.
const MOST_LINE: usize = 300;

/// The form for tickets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Markdown;

impl Render for Markdown {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let stories = stories(page);
        let mut ticket = Ticket::default();
        ticket.add(&overview(page, &stories));
        for story in &stories {
            tell(story, page, stories.len() > 1, &mut ticket);
        }
        for story in &stories {
            ticket.add(&everything(story, stories.len() > 1));
        }
        ticket.add(&calls(page));
        out.write_all(ticket.finish(page).as_bytes())
    }
}

/// A text that is never longer than a ticket may be.
#[derive(Debug, Default)]
struct Ticket {
    text: String,
    left_out: usize,
}

impl Ticket {
    /// Adds a section where there is still room for it.
    fn add(&mut self, section: &str) {
        if section.is_empty() {
            return;
        }
        if self.text.len() + section.len() > MOST {
            self.left_out += 1;
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(section);
    }

    fn finish(mut self, page: &Page<'_>) -> String {
        if self.left_out > 0 {
            let _ = write!(
                self.text,
                "\n*Left out, so that it fits into a ticket: {}. The JSON and HTML reports have \
                 everything.*\n",
                match self.left_out {
                    1 => "one section".to_owned(),
                    count => format!("{count} sections"),
                }
            );
        }
        let evidence = page.evidence;
        let from = evidence.vantage.host.known();
        let _ = write!(
            self.text,
            "\n<sub>crosscheck {}, {}{}</sub>\n",
            prose(&page.report.version),
            evidence.collected_at.strftime("%F %R UTC"),
            from.map_or_else(String::new, |host| format!(
                ", seen from {}",
                code(&clip(host, MOST_LINE))
            ))
        );
        self.text
    }
}

/// The verdict as a heading; of several links in a table.
fn overview(page: &Page<'_>, stories: &[Story<'_>]) -> String {
    let [story] = stories else {
        let mut text = format!(
            "## {}: {} links\n\n| Link | Clusters | Connection | Verdict |\n|---|---|---|---|\n",
            verdict_text(page.report.verdict),
            stories.len()
        );
        for story in stories {
            let Some(link) = story.link else { continue };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                code(&clip(&link.alias, MOST_LINE)),
                prose(&clip(&clusters(link), MOST_LINE)),
                connection(link),
                verdict(story, link.verdict)
            );
        }
        return text;
    };
    let Some(link) = story.link else {
        return format!(
            "## No link was found: {}\n",
            verdict_text(page.report.verdict)
        );
    };
    let about: Vec<String> = [prose(&clip(&clusters(link), MOST_LINE)), connection(link)]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    format!(
        "## {}: {}\n\n{}\n",
        code(&clip(&link.alias, MOST_LINE)),
        verdict(story, link.verdict),
        about.join(" · ")
    )
}

/// `BLOCKED: the key has expired`.
fn verdict(story: &Story<'_>, verdict: Verdict) -> String {
    let word = verdict_text(verdict);
    match (verdict, story.root()) {
        (Verdict::Blocked, Some(root)) => {
            let message = clip(in_short(&root.message), MOST_LINE);
            format!("{word}: {}", prose(&message))
        }
        (Verdict::AtRisk, _) => {
            let codes: Vec<String> = distinct(&story.at_risk())
                .into_iter()
                .take(3)
                .map(code)
                .collect();
            format!("{word}: {}", codes.join(", "))
        }
        (Verdict::Unknown, _) => format!("{word}: no cause found"),
        (Verdict::Ready | Verdict::Blocked, _) => word.to_owned(),
    }
}

fn tell(story: &Story<'_>, page: &Page<'_>, several: bool, ticket: &mut Ticket) {
    let is_fine = story.root().is_none() && story.causes().is_empty();
    let is_fine = is_fine && story.symptoms().is_empty() && story.warnings().is_empty();
    if several {
        let Some(link) = story.link else { return };
        if is_fine && link.verdict == Verdict::Ready {
            return;
        }
        ticket.add(&format!(
            "## {}: {}\n",
            code(&clip(&link.alias, MOST_LINE)),
            verdict_text(link.verdict)
        ));
    }
    if let Some(root) = story.root() {
        let mut text = cause("Cause", root, story);
        for other in story.elsewhere() {
            let message = clip(&other.message, MOST_LINE);
            let _ = writeln!(
                text,
                "\nAlso at {}: {}",
                code(&clip(subject(other), MOST_LINE)),
                prose(&message)
            );
        }
        ticket.add(&text);
    }
    for other in story.causes() {
        ticket.add(&cause("Also a cause", other, story));
    }
    for symptom in story.symptoms() {
        ticket.add(&cause("Seen", symptom, story));
    }
    ticket.add(&warnings(story));
    ticket.add(&areas(story));
    ticket.add(&unknowns(&open(&story.findings, &page.report.gaps)));
}

/// A failure with its reason and what to do.
fn cause(label: &str, finding: &Finding, story: &Story<'_>) -> String {
    let mut text = format!(
        "### {label}\n\n{}\n\n{} · {}",
        prose(&clip(&finding.message, MOST_TEXT)),
        code(&finding.code),
        match finding.certainty {
            Certainty::Proof => "proof",
            Certainty::Strong => "strong evidence",
            Certainty::Hint => "a hint only",
        }
    );
    if let Some(endpoint) = &finding.subject.endpoint {
        let _ = write!(text, " · at {}", code(&clip(endpoint, MOST_LINE)));
    }
    let explained = distinct(&finding.explains);
    if !explained.is_empty() {
        let codes: Vec<String> = explained.into_iter().map(code).collect();
        let _ = write!(text, " · explains {}", codes.join(", "));
    }
    text.push('\n');
    if !finding.why.is_empty() {
        let why = prose(&clip(&finding.why, MOST_TEXT));
        let _ = write!(text, "\n**Why:** {why}\n");
    }
    fixes(finding, story, &mut text);
    text
}

fn fixes(finding: &Finding, story: &Story<'_>, text: &mut String) {
    let environment = story.environment();
    let (shown, elsewhere) = fixes_for(&finding.fixes, environment);
    let several = shown.len() > 1;
    for (index, fix) in shown.into_iter().enumerate() {
        text.push_str(if index == 0 { "\n**Fix:** " } else { "\n" });
        text.push_str(&prose(&clip(&fix.text, MOST_TEXT)));
        let names = environments(&fix.environments);
        if (environment.is_none() || several) && !names.is_empty() {
            let _ = write!(text, " *({})*", names.join(", "));
        }
        text.push('\n');
        if !fix.commands.is_empty() {
            let commands = fix.commands.join("\n");
            let _ = write!(text, "\n{}", block(&clip(&commands, MOST_TEXT), "sh"));
        }
    }
    if !elsewhere.is_empty() {
        let _ = write!(
            text,
            "\nIt is another fix on {}: {}\n",
            environments(&elsewhere).join(", "),
            code(&format!("crosscheck explain {}", finding.code))
        );
    }
    for link in finding.links.iter().take(1) {
        // Only what a check file says, and only where it is an address.
        if url::Url::parse(link).is_ok_and(|it| matches!(it.scheme(), "http" | "https")) {
            let _ = write!(
                text,
                "\nDocumentation: <{}>\n",
                link.replace(['<', '>'], "")
            );
        }
    }
}

fn warnings(story: &Story<'_>) -> String {
    let mut text = String::new();
    for finding in story.warnings() {
        if text.is_empty() {
            text.push_str("### Also\n\n");
        }
        let message = clip(&finding.message, MOST_LINE);
        let _ = writeln!(
            text,
            "- {} {} ({})",
            word(&finding.severity),
            prose(&message),
            code(&finding.code)
        );
    }
    for finding in story.broken() {
        let message = clip(&finding.message, MOST_LINE);
        let _ = writeln!(
            text,
            "- broken check {}: {}",
            code(&finding.code),
            prose(&message)
        );
    }
    text
}

fn areas(story: &Story<'_>) -> String {
    let mut text = format!("| Area | {} |\n|---|", MARKS.join(" | "));
    text.push_str(&"--:|".repeat(MARKS.len()));
    text.push('\n');
    for row in rows(&story.findings) {
        let counts = row.counts.map(|count| match count {
            0 => String::new(),
            count => count.to_string(),
        });
        let _ = writeln!(text, "| {} | {} |", prose(row.area), counts.join(" | "));
    }
    text.push_str(
        "\n✔ passed · ✘ error · ! warning · i advice · – does not apply · ? not enough evidence\n",
    );
    text
}

fn unknowns(groups: &[Open<'_>]) -> String {
    let count: usize = groups.iter().map(|it| it.findings.len()).sum();
    if count == 0 {
        return String::new();
    }
    let mut text = format!("### Unknown ({count})\n\n");
    for group in groups {
        let codes: Vec<&str> = group.findings.iter().map(|it| it.code.as_str()).collect();
        let codes: Vec<String> = distinct(&codes).into_iter().map(code).collect();
        let shown = codes.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let more = match codes.len().saturating_sub(5) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match group.gap {
            Some(gap) => {
                let _ = writeln!(
                    text,
                    "- {} ({}: {}) — {shown}{more}",
                    prose(&clip(&gap.remedy, MOST_LINE)),
                    prose(&clip(&gap.probe, MOST_LINE)),
                    prose(&clip(&gap.reason, MOST_LINE))
                );
            }
            None => {
                let _ = writeln!(text, "- nobody looked at what {shown}{more} need");
            }
        }
    }
    text
}

/// Every check of a link, folded.
fn everything(story: &Story<'_>, several: bool) -> String {
    let of = match story.link {
        Some(link) if several => format!(" of {}", html(&clip(&link.alias, MOST_LINE))),
        _ => String::new(),
    };
    let mut text = format!(
        "<details><summary>All {} checks{of}</summary>\n\n| | Check | About | Says |\n|---|---|---|---|\n",
        story.findings.len()
    );
    for finding in &story.findings {
        let says = match finding.outcome {
            Outcome::Pass | Outcome::Skip => &finding.title,
            Outcome::Broken | Outcome::Fail | Outcome::Unknown => &finding.message,
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            mark(finding).0,
            code(&finding.code),
            code(&clip(subject(finding), MOST_LINE)),
            prose(&clip(says, MOST_LINE))
        );
    }
    text.push_str("\n</details>\n");
    text
}

/// Every call that the run made, folded.
fn calls(page: &Page<'_>) -> String {
    let calls = &page.evidence.calls;
    if calls.is_empty() {
        return String::new();
    }
    let mut lines = String::new();
    for call in calls {
        let status = call
            .status
            .map_or_else(|| "---".to_owned(), |it| it.to_string());
        let _ = writeln!(
            lines,
            "{status} {} {} on {}, {} ms",
            call.method,
            clip(&call.path, MOST_LINE),
            call.cluster,
            call.took_ms
        );
    }
    format!(
        "<details><summary>{} calls</summary>\n\n{}\n</details>\n",
        calls.len(),
        block(&lines, "")
    )
}

/// Foreign text inside of a HTML element.
fn html(text: &str) -> String {
    let text = super::plain(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
