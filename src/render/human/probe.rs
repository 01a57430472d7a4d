//! The page of a probe: what was seen at an endpoint, what keeps a node from using it, and what is
//! unknown and how to close it. Of many endpoints a line each, and each fault once.

use std::collections::BTreeMap;

use super::cause::{cause, same_elsewhere, warnings};
use super::rest::{broken, everything};
use super::{Detail, verdict_line, verdict_word};
use crate::evidence::{Gap, owner, path};
use crate::render::sheet::{CARE, DIM, Sheet, mark, styled};
use crate::render::story::Story;
use crate::render::text::{columns, plain};
use crate::render::{Page, endpoints};
use crate::report::{Finding, Kind, Outcome, Verdict};

/// Widest column of addresses and of what listens there.
const WIDEST: usize = 40;

/// Most endpoints that are named where one of them stands for all.
const MOST_NAMED: usize = 6;

/// Writes everything below the verdict of one endpoint, or all of several.
pub(super) fn write(page: &Page<'_>, stories: &[Story<'_>], sheet: &mut Sheet, detail: Detail) {
    let gaps = Gaps::of(page);
    match stories {
        [only] => tell(only, page, &gaps, sheet, detail),
        several => {
            overview(several, page, sheet);
            faults(several, sheet, detail);
            let open = several.iter().filter(|it| is_open(it));
            let open = open.flat_map(|it| gaps.of_story(page, it)).collect();
            unknown(open, sheet);
            if detail == Detail::Full {
                for story in several {
                    sheet.blank();
                    sheet.line(&verdict_line(story, page, Some(sheet.width()), None));
                    tell(story, page, &gaps, sheet, detail);
                }
            } else {
                sheet.blank();
                sheet.note("All that was seen of each endpoint: -v, or --format json.");
            }
        }
    }
}

/// One endpoint.
fn tell(story: &Story<'_>, page: &Page<'_>, gaps: &Gaps<'_>, sheet: &mut Sheet, detail: Detail) {
    endpoints::write(page.evidence, &keys(page, story), sheet);
    let environment = story.environment();
    let root = story.root();
    if let Some(root) = root {
        sheet.blank();
        cause("Cause", root, environment, sheet, detail);
        same_elsewhere(&story.elsewhere(), sheet);
    }
    for (label, findings) in [("Also", story.causes()), ("Seen", story.symptoms())] {
        for finding in findings {
            sheet.blank();
            cause(label, finding, environment, sheet, detail);
        }
    }
    let advised = root.is_none() || detail == Detail::Full;
    warnings(&story.warnings(), environment, sheet, advised, detail);
    broken(&story.broken(), sheet);
    if is_open(story) || detail == Detail::Full {
        unknown(gaps.of_story(page, story), sheet);
    }
    counts(&story.findings, sheet);
    if detail == Detail::Full {
        everything(&story.findings, sheet);
    }
}

/// Whether it is worth the reader's time to close what is open: not before a fault is mended.
fn is_open(story: &Story<'_>) -> bool {
    story.root().is_none()
}

/// How many endpoints have which verdict, then a line for each.
fn overview(stories: &[Story<'_>], page: &Page<'_>, sheet: &mut Sheet) {
    let counts = [
        Verdict::Blocked,
        Verdict::Unknown,
        Verdict::AtRisk,
        Verdict::Ready,
    ];
    let links = || stories.iter().filter_map(|it| it.link);
    let counts = counts.iter().filter_map(|verdict| {
        let count = links().filter(|it| it.verdict == *verdict).count();
        (count > 0).then(|| format!("{count} {}", verdict_word(*verdict)))
    });
    let counts: Vec<String> = counts.collect();
    sheet.line(&format!(
        "{} endpoints: {}",
        stories.len(),
        counts.join(", ")
    ));
    sheet.blank();
    let rows: Vec<Row> = stories.iter().filter_map(|it| Row::of(it, page)).collect();
    let widest = |column: fn(&Row) -> &str| {
        let widths = rows.iter().map(|it| columns(column(it)));
        widths.max().unwrap_or(0).min(WIDEST)
    };
    let (address, listens, days) = (
        widest(|it| &it.address),
        widest(|it| &it.listens),
        widest(|it| &it.days),
    );
    for row in &rows {
        let pad = |text: &str, width: usize| {
            format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
        };
        let left = " ".repeat(days.saturating_sub(columns(&row.days)));
        sheet.line(&format!(
            "{}  {}  {left}{}  {}",
            pad(&row.address, address),
            pad(&row.listens, listens),
            row.days,
            row.verdict
        ));
    }
}

/// An endpoint in one line.
struct Row {
    address: String,
    listens: String,
    /// Until the certificate ends.
    days: String,
    verdict: String,
}

impl Row {
    fn of(story: &Story<'_>, page: &Page<'_>) -> Option<Self> {
        let link = story.link?;
        let endpoint = keys(page, story).into_iter().next();
        let endpoint = endpoint.and_then(|key| page.evidence.endpoints.get(key));
        let days = endpoint.and_then(|it| endpoints::days_left(it, page.evidence.collected_at));
        Some(Self {
            address: plain(&link.alias),
            listens: endpoint.map_or_else(String::new, |it| plain(&endpoints::listens(it))),
            days: days.map_or_else(String::new, |days| format!("{days} d")),
            verdict: format!(
                "{}{}",
                verdict_word(link.verdict),
                super::headline(story, page)
            ),
        })
    }
}

/// Every fault once, told of the first endpoint that has it.
fn faults(stories: &[Story<'_>], sheet: &mut Sheet, detail: Detail) {
    let mut groups: Vec<(&Finding, bool, Vec<&Story<'_>>)> = Vec::new();
    let mut places: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for story in stories {
        let root = story.root();
        let others = [story.causes(), story.symptoms(), story.warnings()];
        let told = root.into_iter().chain(others.into_iter().flatten());
        for finding in told {
            let is_root = root.is_some_and(|root| std::ptr::eq(root, finding));
            let place = places.entry((&finding.code, is_root)).or_insert_with(|| {
                groups.push((finding, is_root, Vec::new()));
                groups.len() - 1
            });
            groups[*place].2.push(story);
        }
    }
    groups.sort_by_key(|(finding, is_root, stories)| {
        let rank = match finding.kind {
            Kind::Cause => 0,
            Kind::Symptom => 1,
            Kind::Risk => 2,
            Kind::Advice => 3,
        };
        (!is_root, rank, std::cmp::Reverse(stories.len()))
    });
    for (finding, is_root, stories) in groups {
        let environment = stories.first().and_then(|it| it.environment());
        if matches!(finding.kind, Kind::Risk | Kind::Advice) {
            warnings(&[finding], environment, sheet, true, detail);
        } else {
            sheet.blank();
            let label = match finding.kind {
                _ if is_root => "Cause",
                Kind::Symptom => "Seen",
                _ => "Also",
            };
            cause(label, finding, environment, sheet, detail);
        }
        if let [_, others @ ..] = stories.as_slice()
            && !others.is_empty()
        {
            let names = others.iter().filter_map(|it| it.link);
            let names: Vec<&str> = names.take(MOST_NAMED).map(|it| it.alias.as_str()).collect();
            let more = match others.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            sheet.note(&format!("The same at {}{more}.", names.join(", ")));
        }
    }
    for story in stories {
        broken(&story.broken(), sheet);
    }
}

/// What could not be found out, by what closes it.
fn unknown(gaps: Vec<&Gap>, sheet: &mut Sheet) {
    let mut groups: Vec<(&Gap, usize)> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for gap in gaps {
        let place = places.entry((&gap.remedy, &gap.reason)).or_insert_with(|| {
            groups.push((gap, 0));
            groups.len() - 1
        });
        groups[*place].1 += 1;
    }
    for (index, (gap, count)) in groups.into_iter().enumerate() {
        if index == 0 {
            sheet.blank();
            sheet.label("Unknown");
        }
        sheet.marked("?", CARE, &gap.remedy);
        let times = if count > 1 {
            format!(" ({count} times)")
        } else {
            String::new()
        };
        sheet.indented(&format!("{}{times}", gap.reason), 2, DIM);
    }
}

/// How many checks said what.
fn counts(findings: &[&Finding], sheet: &mut Sheet) {
    let mut signs: Vec<(&str, anstyle::Style, usize)> = Vec::new();
    for finding in findings {
        if finding.outcome == Outcome::Skip {
            continue;
        }
        let (sign, style) = mark(finding);
        match signs.iter_mut().find(|it| it.0 == sign) {
            Some((_, _, count)) => *count += 1,
            None => signs.push((sign, style, 1)),
        }
    }
    let counts = signs.iter().rev();
    let counts: Vec<String> = counts
        .map(|(sign, style, count)| format!("{count} {}", styled(sign, *style)))
        .collect();
    if !counts.is_empty() {
        sheet.blank();
        sheet.label("Checks");
        sheet.beside(&counts.join("   "));
    }
}

/// Keys of the endpoints of a link.
fn keys<'a>(page: &Page<'a>, story: &Story<'_>) -> Vec<&'a String> {
    let link = story.link.and_then(|it| page.evidence.links.get(&it.alias));
    link.map_or_else(Vec::new, |it| it.endpoints.iter().collect())
}

/// The gaps of the report by what they are of.
struct Gaps<'a>(BTreeMap<&'a str, Vec<&'a Gap>>);

impl<'a> Gaps<'a> {
    fn of(page: &Page<'a>) -> Self {
        let mut gaps: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
        for gap in &page.report.gaps {
            gaps.entry(owner(&gap.path)).or_default().push(gap);
        }
        Self(gaps)
    }

    fn of_story(&self, page: &Page<'_>, story: &Story<'_>) -> Vec<&'a Gap> {
        let endpoints = keys(page, story);
        let endpoints = endpoints.into_iter().map(|it| path(["endpoints", it]));
        let link = story.link.map(|it| path(["links", &it.alias]));
        let gaps = endpoints
            .chain(link)
            .filter_map(|it| self.0.get(it.as_str()));
        gaps.flatten().copied().collect()
    }
}
