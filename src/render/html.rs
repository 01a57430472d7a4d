//! For a browser: one page in one file, which loads nothing and obeys nothing that it holds.

use std::io;
use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::story::{in_short, stories, verdict_text};
use super::text::{clip, plain};
use super::{Page, Render};
use crate::evidence::Purpose;
use crate::report::Verdict;

mod picture;
mod route;
mod view;

use view::{CallView, LinkView, endpoints};

/// The form for a browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

const STYLE: &str = include_str!("html/report.css");

/// Only comfort: buttons that copy, and folded parts opened for printing.
const SCRIPT: &str = include_str!("html/report.js");

/// Nothing but this style and this script, by their hashes (CSP Level 3 §2.3.1).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

impl Render for Html {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let view = ReportView::of(page);
        out.write_all(view.render().map_err(io::Error::other)?.as_bytes())
    }
}

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
struct ReportView {
    policy: &'static str,
    style: &'static str,
    script: &'static str,
    title: String,
    headline: String,
    verdict: Look,
    links: Vec<LinkView>,
    several: bool,
    /// What was seen at every endpoint, in text.
    endpoints: String,
    calls: Vec<CallView>,
    seen_from: String,
    vantage: String,
    collected_at: String,
    version: String,
}

/// How something is shown: the class of its style, its sign and the word that says the same.
#[derive(Clone, Copy, Debug)]
struct Look {
    class: &'static str,
    sign: &'static str,
    word: &'static str,
}

impl From<Verdict> for Look {
    fn from(verdict: Verdict) -> Self {
        let (class, sign) = match verdict {
            Verdict::Ready => ("good", "✔"),
            Verdict::AtRisk => ("care", "!"),
            Verdict::Unknown => ("open", "?"),
            Verdict::Blocked => ("bad", "✘"),
        };
        Self {
            class,
            sign,
            word: verdict_text(verdict),
        }
    }
}

impl ReportView {
    fn of(page: &Page<'_>) -> Self {
        let stories = stories(page);
        let links: Vec<LinkView> = stories
            .iter()
            .enumerate()
            .map(|(index, story)| LinkView::of(page, story, index, stories.len()))
            .collect();
        let verdict = page.report.verdict;
        let headline = match stories.as_slice() {
            [story] => match (story.link, story.root()) {
                (Some(link), Some(root)) => {
                    let message = clip(in_short(&root.message), 200).into_owned();
                    if message.starts_with(&link.alias) {
                        message
                    } else {
                        format!("{}: {message}", clip(&link.alias, 100))
                    }
                }
                (Some(link), None) => {
                    format!("{} {}", clip(&link.alias, 100), in_words(verdict))
                }
                (None, _) => "No link was found".to_owned(),
            },
            several => format!(
                "{} of {} links are ready",
                several
                    .iter()
                    .filter(|it| it.link.is_some_and(|it| it.verdict == Verdict::Ready))
                    .count(),
                several.len()
            ),
        };
        let vantage = &page.evidence.vantage;
        let host = vantage.host.known().map(|it| plain(&clip(it, 200)));
        Self {
            policy: &POLICY,
            style: STYLE,
            script: SCRIPT,
            title: plain(&format!("{} – {}", verdict_text(verdict), headline)),
            headline: plain(&headline),
            verdict: verdict.into(),
            several: links.len() > 1,
            links,
            endpoints: endpoints(page),
            calls: page.evidence.calls.iter().map(CallView::of).collect(),
            seen_from: host.unwrap_or_else(|| "an unknown machine".to_owned()),
            vantage: match vantage.is_local_node.known() {
                _ if page.evidence.purpose == Purpose::Probe => "",
                Some(true) => "a node of the local cluster",
                Some(false) => {
                    "no node of the local cluster: its nodes may see the endpoints otherwise"
                }
                None => "it is not known whether it is a node of the local cluster",
            }
            .to_owned(),
            collected_at: page.evidence.collected_at.strftime("%F %R UTC").to_string(),
            version: plain(&page.report.version),
        }
    }
}

fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "is ready",
        Verdict::AtRisk => "works, with warnings",
        Verdict::Unknown => "could not be judged: no cause was found, and evidence is missing",
        Verdict::Blocked => "does not work",
    }
}
