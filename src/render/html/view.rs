//! What the page's templates show, ready to be shown: foreign text made plain and clipped.

use askama::Template;

use super::Look;
use super::picture::Picture;
use super::route::{Hop, route};
use crate::evidence::{Call, Purpose};
use crate::render::areas::{MARKS, rows};
use crate::render::sheet::{Sheet, mark};
use crate::render::story::{Story, clusters, connection, distinct, fixes_for, in_short, subject};
use crate::render::text::{Width, clip, plain};
use crate::render::unknown::{Open, open};
use crate::render::{Page, endpoints as pages, environments, word};
use crate::report::{Certainty, Finding, Fix, Outcome, Verdict};

/// Most characters of one text.
const MOST_TEXT: usize = 5_000;

/// Most characters of a value or a name.
const MOST_VALUE: usize = 500;

/// Most links of which every check is shown: a page of a thousand would be one of a hundred megabytes.
const MOST_IN_FULL: usize = 20;

/// A link.
#[derive(Template)]
#[template(path = "link.html")]
pub(super) struct LinkView {
    pub(super) id: String,
    several: bool,
    passes_left_out: bool,
    pub(super) alias: String,
    pub(super) verdict: Look,
    pub(super) headline: String,
    pub(super) clusters: String,
    pub(super) connection: String,
    local: String,
    remote: String,
    picture: Picture,
    hops: Vec<Hop>,
    causes: Vec<CauseView>,
    warnings: Vec<CauseView>,
    areas: Vec<AreaView>,
    unknown: Vec<OpenView>,
    unknown_count: usize,
}

impl LinkView {
    pub(super) fn of(page: &Page<'_>, story: &Story<'_>, index: usize, links: usize) -> Self {
        let hops = route(story, page.evidence);
        let host = page.evidence.vantage.host.known();
        let (here, there) = match (page.evidence.purpose, story.link) {
            (Purpose::Probe, Some(link)) => {
                (host.map_or("here", String::as_str), link.alias.as_str())
            }
            _ => ("local cluster", "remote cluster"),
        };
        let mut causes: Vec<CauseView> = Vec::new();
        if let Some(root) = story.root() {
            let mut view = CauseView::of("Cause", root, story);
            view.elsewhere = story
                .elsewhere()
                .into_iter()
                .map(|it| (value(subject(it)), text(&it.message)))
                .collect();
            causes.push(view);
        }
        for (label, findings) in [("Also a cause", story.causes()), ("Seen", story.symptoms())] {
            causes.extend(findings.iter().map(|it| CauseView::of(label, it, story)));
        }
        let warned = story.warnings();
        let broken = story.broken();
        let warned = warned.iter().map(|it| (severity(it), it));
        let broken = broken.iter().map(|it| ("Broken check", it));
        let groups = open(&story.findings, &page.report.gaps);
        Self {
            id: format!("link-{}", index + 1),
            several: links > 1,
            passes_left_out: links > MOST_IN_FULL,
            alias: story.link.map_or_else(String::new, |it| value(&it.alias)),
            verdict: story
                .link
                .map_or(page.report.verdict, |it| it.verdict)
                .into(),
            headline: headline(story),
            clusters: story
                .link
                .map_or_else(String::new, |it| value(&clusters(it))),
            connection: story.link.map_or_else(String::new, connection),
            local: cluster(story.link.map(|it| (&it.local, &it.local_version)), here),
            remote: cluster(story.link.map(|it| (&it.remote, &it.remote_version)), there),
            picture: Picture::of(story, page, &hops),
            hops,
            causes,
            warnings: warned
                .chain(broken)
                .map(|(label, it)| CauseView::of(label, it, story))
                .collect(),
            areas: areas(&story.findings, links <= MOST_IN_FULL),
            unknown_count: groups.iter().map(|it| it.findings.len()).sum(),
            unknown: groups.iter().map(OpenView::of).collect(),
        }
    }
}

/// The name and version of a cluster at one end.
fn cluster(known: Option<(&Option<String>, &Option<String>)>, otherwise: &str) -> String {
    let Some((name, version)) = known else {
        return otherwise.to_owned();
    };
    let name = name.as_deref().unwrap_or(otherwise);
    let version = version.as_deref().unwrap_or_default();
    value(&format!("{name} {version}")).trim_end().to_owned()
}

fn headline(story: &Story<'_>) -> String {
    match (story.root(), story.link.map(|it| it.verdict)) {
        (Some(root), _) => value(in_short(&root.message)),
        (None, Some(Verdict::Unknown)) => "no cause found".to_owned(),
        (None, Some(Verdict::AtRisk)) => distinct(&story.at_risk()).join(", "),
        (None, _) => String::new(),
    }
}

fn severity(finding: &Finding) -> &'static str {
    match mark(finding).0 {
        "!" => "Warning",
        "i" => "Advice",
        _ => "Also",
    }
}

/// A failure with its reason and what to do.
#[derive(Template)]
#[template(path = "cause.html")]
struct CauseView {
    label: &'static str,
    look: Look,
    message: String,
    code: String,
    certainty: &'static str,
    stage: String,
    about: String,
    why: String,
    explains: Vec<String>,
    elsewhere: Vec<(String, String)>,
    fixes: Vec<FixView>,
    other_fixes: Vec<FixView>,
    docs: Vec<String>,
    readings: Vec<(String, String)>,
}

/// One way to repair.
struct FixView {
    text: String,
    place: String,
    commands: Vec<String>,
}

impl CauseView {
    fn of(label: &'static str, finding: &Finding, story: &Story<'_>) -> Self {
        let environment = story.environment();
        let (shown, _) = fixes_for(&finding.fixes, environment);
        let is_shown = |fix: &Fix| shown.iter().any(|it| std::ptr::eq(*it, fix));
        let others = finding.fixes.iter().filter(|it| !is_shown(it));
        let is_page = |link: &&String| {
            url::Url::parse(link).is_ok_and(|it| matches!(it.scheme(), "http" | "https"))
        };
        Self {
            label,
            look: look(finding),
            message: text(&finding.message),
            code: value(&finding.code),
            certainty: match finding.certainty {
                Certainty::Proof => "proof",
                Certainty::Strong => "strong evidence",
                Certainty::Hint => "a hint only",
            },
            stage: word(&finding.stage),
            about: value(subject(finding)),
            why: text(&finding.why),
            explains: distinct(&finding.explains).into_iter().map(value).collect(),
            elsewhere: Vec::new(),
            fixes: shown.iter().map(|it| FixView::of(it)).collect(),
            other_fixes: others.map(FixView::of).collect(),
            docs: finding
                .links
                .iter()
                .filter(is_page)
                .map(|it| value(it))
                .collect(),
            readings: readings(finding),
        }
    }
}

impl FixView {
    fn of(fix: &Fix) -> Self {
        let lines = |command: &String| {
            let lines: Vec<String> = clip(command, MOST_TEXT).lines().map(plain).collect();
            lines.join("\n")
        };
        Self {
            text: text(&fix.text),
            place: environments(&fix.environments).join(", "),
            commands: fix.commands.iter().map(lines).collect(),
        }
    }
}

/// The checks of an area.
struct AreaView {
    name: String,
    counts: Vec<(Look, usize)>,
    worst: Look,
    checks: Vec<CheckView>,
}

/// What one check says.
struct CheckView {
    look: Look,
    code: String,
    about: String,
    says: String,
    follows: String,
    readings: Vec<(String, String)>,
    missing: Vec<String>,
}

impl CheckView {
    fn of(finding: &Finding) -> Self {
        let says = match finding.outcome {
            Outcome::Pass | Outcome::Skip => &finding.title,
            Outcome::Broken | Outcome::Fail | Outcome::Unknown => &finding.message,
        };
        Self {
            look: look(finding),
            code: value(&finding.code),
            about: value(subject(finding)),
            says: text(says),
            follows: finding
                .explained_by
                .as_deref()
                .map(value)
                .unwrap_or_default(),
            readings: readings(finding),
            missing: finding.missing.iter().map(|it| value(it)).collect(),
        }
    }
}

/// The areas with their checks; with those that passed or do not apply only `in_full`.
fn areas(findings: &[&Finding], in_full: bool) -> Vec<AreaView> {
    let area = |row: &crate::render::areas::Row<'_>| {
        let of_area = findings.iter().filter(|it| it.area == row.area);
        let is_shown =
            |it: &&&Finding| in_full || !matches!(it.outcome, Outcome::Pass | Outcome::Skip);
        let checks = of_area.filter(is_shown).map(|it| CheckView::of(it));
        let checks: Vec<CheckView> = checks.collect();
        let counts = MARKS.iter().zip(row.counts);
        let counts: Vec<(Look, usize)> = counts
            .filter(|(_, count)| *count > 0)
            .map(|(sign, count)| (of_sign(sign), count))
            .collect();
        // The findings stand in the order of their weight.
        let worst = ["✘", "!", "?", "✔", "i", "–"];
        let worst = worst
            .iter()
            .find(|sign| counts.iter().any(|(it, _)| it.sign == **sign));
        AreaView {
            name: value(row.area),
            worst: of_sign(worst.unwrap_or(&"–")),
            counts,
            checks,
        }
    };
    rows(findings).iter().map(area).collect()
}

fn look(finding: &Finding) -> Look {
    of_sign(mark(finding).0)
}

fn of_sign(sign: &str) -> Look {
    let (class, sign, word) = match sign {
        "✔" => ("good", "✔", "passed"),
        "✘" => ("bad", "✘", "failed"),
        "!" => ("care", "!", "warning"),
        "i" => ("info", "i", "advice"),
        "?" => ("open", "?", "not known"),
        _ => ("dim", "–", "does not apply"),
    };
    Look { class, sign, word }
}

/// Checks that lack the same evidence.
struct OpenView {
    remedy: String,
    why: String,
    codes: Vec<String>,
}

impl OpenView {
    fn of(group: &Open<'_>) -> Self {
        let codes: Vec<&str> = group.findings.iter().map(|it| it.code.as_str()).collect();
        let missing: Vec<String> = group
            .findings
            .iter()
            .flat_map(|it| it.missing.iter().cloned())
            .collect();
        let (remedy, why) = match group.gap {
            Some(gap) => (text(&gap.remedy), format!("{}: {}", gap.probe, gap.reason)),
            None => (
                "Nobody looked.".to_owned(),
                distinct(&missing)
                    .into_iter()
                    .take(4)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        };
        Self {
            remedy,
            why: text(&why),
            codes: distinct(&codes).into_iter().map(value).collect(),
        }
    }
}

/// A call to a cluster's API.
pub(super) struct CallView {
    pub(super) status: String,
    pub(super) call: String,
    pub(super) on: String,
    pub(super) took_ms: u64,
}

impl CallView {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            status: call
                .status
                .map_or_else(|| "no answer".to_owned(), |it| it.to_string()),
            call: value(&format!("{} {}", call.method, call.path)),
            on: match call.node.known() {
                Some(node) => value(&format!("{} ({node})", call.cluster)),
                None => value(&call.cluster),
            },
            took_ms: call.took_ms,
        }
    }
}

/// What was seen at the endpoints, as `probe` tells it.
pub(super) fn endpoints(page: &Page<'_>) -> String {
    let mut sheet = Sheet::new(Width(100));
    let keys: Vec<&String> = page.evidence.endpoints.keys().collect();
    pages::write(page.evidence, &keys, &mut sheet);
    let text = sheet.finish(false);
    let text = anstream::adapter::strip_str(&text).to_string();
    clip(text.trim_matches('\n'), 100_000).into_owned()
}

fn readings(finding: &Finding) -> Vec<(String, String)> {
    let readings = finding.evidence.iter();
    readings
        .map(|it| (value(&it.path), value(&it.value.to_string())))
        .collect()
}

fn text(text: &str) -> String {
    plain(&clip(text, MOST_TEXT))
}

fn value(text: &str) -> String {
    plain(&clip(text, MOST_VALUE))
}
