//! What follows the causes: what nobody could find out, from where it was seen, every detail.

use super::Detail;
use crate::evidence::{Endpoint, Purpose};
use crate::render::Page;
use crate::render::sheet::{CARE, DIM, Sheet, mark};
use crate::render::story::{distinct, subject, verdict_text};
use crate::render::unknown::Open;
use crate::report::{Finding, Outcome};

/// How many open questions are shown where nobody asks for all.
const MOST_OPEN: usize = 5;

/// How many files are named where nobody asks for all.
const MOST_SOURCES: usize = 8;

pub(super) fn unknowns(groups: &[Open<'_>], sheet: &mut Sheet, detail: Detail) {
    let count: usize = groups.iter().map(|it| it.findings.len()).sum();
    if count == 0 {
        return;
    }
    sheet.blank();
    sheet.label(&format!("Unknown ({count})"));
    let most = if detail == Detail::Full {
        usize::MAX
    } else {
        MOST_OPEN
    };
    // The label is wider than the margin.
    sheet.text(if count == 1 {
        "One check lacks its evidence."
    } else {
        "These checks lack their evidence:"
    });
    for group in groups.iter().take(most) {
        let codes: Vec<String> = group.findings.iter().map(|it| it.code.clone()).collect();
        let codes = distinct(&codes);
        let named = match codes.as_slice() {
            [a, b, c, others @ ..] if others.len() > 1 && detail != Detail::Full => {
                format!("{a}, {b}, {c} and {} more", others.len())
            }
            all => all.join(", "),
        };
        if let Some(gap) = group.gap {
            sheet.marked("?", CARE, &gap.remedy);
            sheet.indented(&format!("{}: {}", gap.probe, gap.reason), 2, DIM);
        } else {
            let paths: Vec<String> = group
                .findings
                .iter()
                .flat_map(|it| it.missing.iter().cloned())
                .collect();
            let paths = distinct(&paths);
            let more = paths.len().saturating_sub(4);
            let mut text = paths.into_iter().take(4).collect::<Vec<_>>().join(", ");
            if more > 0 {
                text = format!("{text} and {more} more");
            }
            sheet.marked("?", CARE, &format!("nobody looked at {text}"));
        }
        sheet.indented(&named, 2, DIM);
    }
    if groups.len() > most {
        sheet.note(&format!("{} more with -v", groups.len() - most));
    }
}

/// Checks that are wrong themselves.
pub(super) fn broken(findings: &[&Finding], sheet: &mut Sheet) {
    for (index, finding) in findings.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Broken");
        }
        sheet.text(&format!("check {}: {}", finding.code, finding.message));
    }
}

/// What other machines saw of the same links.
pub(super) fn compared(page: &Page<'_>, sheet: &mut Sheet) {
    for (index, seen) in page.report.vantages.iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Seen by");
        }
        let node = match seen.is_local_node {
            Some(true) => ", a node of the local cluster",
            Some(false) => ", no node of the local cluster",
            None => "",
        };
        let links: Vec<String> = seen
            .links
            .iter()
            .map(|link| {
                let cause = link.root_cause.as_deref();
                let cause = cause.map_or_else(String::new, |it| format!(" ({it})"));
                format!("{} {}{cause}", link.alias, verdict_text(link.verdict))
            })
            .collect();
        let first = if index == 0 {
            "; the report above is of this one"
        } else {
            ""
        };
        sheet.text(&format!("{}{node}: {}{first}", seen.host, links.join(", ")));
    }
}

/// The files that it was read from.
pub(super) fn sources(page: &Page<'_>, sheet: &mut Sheet, detail: Detail) {
    let sources = &page.evidence.sources;
    let most = if detail == Detail::Full {
        usize::MAX
    } else {
        MOST_SOURCES
    };
    for (index, source) in sources.iter().take(most).enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Read");
        }
        let whose = source
            .cluster
            .known()
            .map_or_else(String::new, |it| format!(", cluster {it}"));
        let when = source.collected_at.known().map_or_else(String::new, |it| {
            format!(", of {}", it.strftime("%Y-%m-%d %H:%M UTC"))
        });
        sheet.note(&format!("{}: {}{whose}{when}", source.file, source.tool));
    }
    if sources.len() > most {
        sheet.note(&format!("{} more with -v", sources.len() - most));
    }
}

/// From where it was seen, where that limits what it proves.
pub(super) fn vantage(page: &Page<'_>, sheet: &mut Sheet) {
    let vantage = &page.evidence.vantage;
    let dialled = |it: &Endpoint| it.attempts.is_known() || it.dns.is_known();
    let from_files = page.evidence.purpose == Purpose::Analyze;
    if page.evidence.purpose == Purpose::Probe
        || page.evidence.endpoints.is_empty()
        || from_files && !page.evidence.endpoints.values().any(dialled)
        || vantage.is_local_node.known() == Some(&true)
    {
        return;
    }
    let host = vantage.host.known().map_or("this machine", String::as_str);
    let text = if vantage.is_local_node.is_known() {
        format!(
            "The endpoints were seen from {host}, which is no node of the local cluster: the nodes \
             may see them otherwise. crosscheck probe HOST:PORT on a node shows what it sees."
        )
    } else {
        format!(
            "The endpoints were seen from {host}; whether it is a node of the local cluster is not \
             known."
        )
    };
    sheet.blank();
    sheet.label("From");
    sheet.note(&text);
}

/// Every finding with the values that it read.
pub(super) fn everything(findings: &[&Finding], sheet: &mut Sheet) {
    sheet.blank();
    sheet.label("Checks");
    for finding in findings {
        let (mark, style) = mark(finding);
        let says = match finding.outcome {
            Outcome::Pass | Outcome::Skip => &finding.title,
            Outcome::Broken | Outcome::Fail | Outcome::Unknown => &finding.message,
        };
        let about = subject(finding);
        let about = if about.is_empty() {
            String::new()
        } else {
            format!(" [{about}]")
        };
        sheet.marked(mark, style, &format!("{}{about}  {says}", finding.code));
        if finding.outcome != Outcome::Skip {
            for reading in &finding.evidence {
                sheet.indented(&format!("{} = {}", reading.path, reading.value), 4, DIM);
            }
        }
        for path in &finding.missing {
            sheet.indented(&format!("{path} is unknown"), 4, DIM);
        }
    }
}

pub(super) fn calls(page: &Page<'_>, sheet: &mut Sheet) {
    if page.evidence.calls.is_empty() {
        return;
    }
    sheet.blank();
    sheet.label("Calls");
    for call in &page.evidence.calls {
        let status = call
            .status
            .map_or_else(|| "no answer".to_owned(), |it| it.to_string());
        let whom = match call.node.known() {
            Some(node) => format!("{} ({node})", call.cluster),
            None => call.cluster.clone(),
        };
        sheet.text(&format!(
            "{status}  {} {}  on {whom}, {} ms",
            call.method, call.path, call.took_ms
        ));
    }
}
