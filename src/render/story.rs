//! What is told of a link and in which order: the same in every form that is made to be read.

use std::collections::BTreeMap;

use super::Page;
use super::text::plain;
use crate::evidence::{Environment, Mode, Model};
use crate::report::{Finding, Fix, Kind, LinkSummary, Outcome, Severity, Verdict};

/// What is told together: a link, or what belongs to none.
#[derive(Debug)]
pub(super) struct Story<'a> {
    /// The link; `None` where the run found none.
    pub(super) link: Option<&'a LinkSummary>,
    /// The findings about the link, its endpoints and its clusters.
    pub(super) findings: Vec<&'a Finding>,
}

/// One story for each link, in their order.
pub(super) fn stories<'a>(page: &Page<'a>) -> Vec<Story<'a>> {
    if page.report.links.is_empty() {
        return vec![Story {
            link: None,
            findings: page.report.findings.iter().collect(),
        }];
    }
    let links = page.report.links.iter();
    let Some(mut own) = by_link(page) else {
        return links.map(|link| Story::of(page, link)).collect();
    };
    links
        .map(|link| Story {
            link: Some(link),
            findings: own.remove(link.alias.as_str()).unwrap_or_default(),
        })
        .collect()
}

/// The findings by their link, where each is of one.
fn by_link<'a>(page: &Page<'a>) -> Option<BTreeMap<&'a str, Vec<&'a Finding>>> {
    let mut own: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &page.report.findings {
        let link = finding.subject.link.as_ref()?;
        own.entry(link).or_default().push(finding);
    }
    Some(own)
}

impl<'a> Story<'a> {
    /// That of one link.
    pub(super) fn of(page: &Page<'a>, link: &'a LinkSummary) -> Self {
        let seen = page.evidence.links.get(&link.alias);
        let uses = |cluster: &String| {
            seen.is_none_or(|it| {
                it.local.known() == Some(cluster) || it.remote.known() == Some(cluster)
            })
        };
        let concerns = |it: &&Finding| match (&it.subject.link, &it.subject.cluster) {
            (Some(alias), _) => *alias == link.alias,
            (None, Some(cluster)) => uses(cluster),
            (None, None) => true,
        };
        Self {
            link: Some(link),
            findings: page.report.findings.iter().filter(concerns).collect(),
        }
    }

    /// The first cause of a broken link.
    pub(super) fn root(&self) -> Option<&'a Finding> {
        let code = self.link?.root_cause.as_ref()?;
        self.alone().find(|it| it.code == *code)
    }

    /// The root cause, seen at other endpoints of the same link as well.
    pub(super) fn elsewhere(&self) -> Vec<&'a Finding> {
        let root = self.root();
        self.others()
            .filter(|it| root.is_some_and(|root| root.code == it.code))
            .collect()
    }

    /// Other causes, each of which has to be mended as well.
    pub(super) fn causes(&self) -> Vec<&'a Finding> {
        self.of_kind(&[Kind::Cause])
    }

    /// What says that the link is broken, where no cause explains it.
    pub(super) fn symptoms(&self) -> Vec<&'a Finding> {
        self.of_kind(&[Kind::Symptom])
    }

    /// What will break, hides trouble or could be better.
    pub(super) fn warnings(&self) -> Vec<&'a Finding> {
        self.of_kind(&[Kind::Risk, Kind::Advice])
    }

    /// Checks that are wrong themselves.
    pub(super) fn broken(&self) -> Vec<&'a Finding> {
        let findings = self.findings.iter().copied();
        findings
            .filter(|it| it.outcome == Outcome::Broken)
            .collect()
    }

    /// Where the reader's local cluster runs, if anybody knows.
    pub(super) fn environment(&self) -> Option<Environment> {
        self.link?.environment
    }

    /// Codes of what makes a link that works worth a look.
    pub(super) fn at_risk(&self) -> Vec<&'a str> {
        self.alone()
            .filter(|it| it.severity != Severity::Info)
            .map(|it| it.code.as_str())
            .collect()
    }

    /// Code of the check that lacks its evidence at the earliest step of connecting, where nothing
    /// failed.
    pub(super) fn open(&self) -> Option<&'a str> {
        if self.alone().next().is_some() {
            return None;
        }
        let findings = self.findings.iter();
        let open = findings.filter(|it| it.outcome == Outcome::Unknown);
        let first = open.min_by_key(|it| (it.kind, it.stage))?;
        Some(&first.code)
    }

    fn of_kind(&self, kinds: &[Kind]) -> Vec<&'a Finding> {
        let root = self.root().map(|it| &it.code);
        self.others()
            .filter(|it| kinds.contains(&it.kind) && root != Some(&it.code))
            .collect()
    }

    /// Failures beside the root cause.
    fn others(&self) -> impl Iterator<Item = &'a Finding> {
        let root = self.root();
        self.alone()
            .filter(move |it| !root.is_some_and(|root| std::ptr::eq(root, *it)))
    }

    /// Failures that are not the consequence of another.
    fn alone(&self) -> impl Iterator<Item = &'a Finding> {
        let findings = self.findings.iter().copied();
        findings.filter(|it| it.outcome == Outcome::Fail && it.explained_by.is_none())
    }
}

/// The fixes to show, and the environments for which there are others. Where nobody knows the
/// environment, most readers run their own nodes.
pub(super) fn fixes_for(
    fixes: &[Fix],
    environment: Option<Environment>,
) -> (Vec<&Fix>, Vec<Environment>) {
    let own = |fix: &&Fix| {
        fix.environments.is_empty() || fix.environments.contains(&Environment::SelfManaged)
    };
    let shown: Vec<&Fix> = fixes.iter().filter(own).collect();
    if environment.is_some() || shown.is_empty() {
        return (fixes.iter().collect(), Vec::new());
    }
    let mut elsewhere: Vec<Environment> = fixes
        .iter()
        .filter(|fix| !own(fix))
        .flat_map(|fix| fix.environments.iter().copied())
        .collect();
    elsewhere.sort_unstable();
    elsewhere.dedup();
    (shown, elsewhere)
}

/// What a finding is about, in one word: the nearest of endpoint, cluster and link.
pub(super) fn subject(finding: &Finding) -> &str {
    let subject = &finding.subject;
    let first = subject.endpoint.as_ref().or(subject.cluster.as_ref());
    first.or(subject.link.as_ref()).map_or("", String::as_str)
}

/// The texts without repetition, in their order.
pub(super) fn distinct<T: AsRef<str>>(texts: &[T]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for text in texts {
        if !out.contains(&text.as_ref()) {
            out.push(text.as_ref());
        }
    }
    out
}

/// What a message says first: all before the details that follow a colon or semicolon, or its first
/// sentence.
pub(super) fn in_short(message: &str) -> &str {
    let end = [": ", "; ", ". "]
        .iter()
        .filter_map(|it| message.find(it))
        .min();
    let first = end.map_or(message, |it| &message[..it]);
    first.trim_end_matches(['.', ':', ';'])
}

/// `a 9.4.3 → b 9.4.3`; empty where neither is known.
pub(super) fn clusters(link: &LinkSummary) -> String {
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

/// `api-key, proxy`, as far as known.
pub(super) fn connection(link: &LinkSummary) -> String {
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

/// The verdict in capitals.
pub(super) fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "READY",
        Verdict::AtRisk => "AT RISK",
        Verdict::Unknown => "UNKNOWN",
        Verdict::Blocked => "BLOCKED",
    }
}
