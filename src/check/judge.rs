//! From evidence to report: every check over every subject, then, link by link, what is a cause,
//! what only follows from it, and what the link is worth.

use std::collections::BTreeSet;

use super::document::{Document, Item};
use super::documentation::pinned;
use super::file::SubjectKind;
use super::item::{Assessment, Check};
use super::{CheckSet, JudgeOptions, missing};
use crate::evidence::{Environment, Evidence, Fact, Link};
use crate::report::{
    self, Counts, Finding, Kind, LinkSummary, Outcome, Reading, Report, Subject, Verdict,
};

mod link;
mod parts;
mod scope;
mod sighted;

use link::{OnLink, is_cause};

/// Of which outcomes a report tells what was read for them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Basis {
    OfAll,
    OfFailures,
}

/// What is said of some links, in no order.
#[derive(Debug, Default)]
struct Judged {
    findings: Vec<Finding>,
    links: Vec<LinkSummary>,
    counts: Counts,
}

impl Judged {
    fn append(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.links.append(&mut other.links);
        self.counts.add(&other.counts);
    }
}

impl CheckSet {
    /// Judges the evidence.
    pub fn judge(&self, evidence: &Evidence, options: &JudgeOptions) -> Report {
        let Judged {
            mut findings,
            links,
            counts,
        } = self.judge_parts(evidence, options);
        sort(&mut findings, &links);
        let gaps = evidence.gaps.iter();
        let gaps = gaps.filter(|gap| scope::holds_gap(evidence.purpose, gap));
        Report {
            schema: report::SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            // Nothing to judge is nothing known.
            verdict: links
                .iter()
                .map(|link| link.verdict)
                .max()
                .unwrap_or(Verdict::Unknown),
            counts,
            gaps: missing::distinct(gaps),
            links,
            vantages: Vec::new(),
            findings,
        }
    }

    /// `basis`: of which outcomes it is told what they rest on.
    fn judge_whole(&self, evidence: &Evidence, options: &JudgeOptions, basis: Basis) -> Judged {
        let document = Document::new(evidence);
        let mut findings = self.findings(evidence, options, &document, basis);
        let links: Vec<LinkSummary> = evidence
            .links
            .iter()
            .map(|(key, link)| {
                let (verdict, root_cause) = OnLink::new(self, evidence, key, &mut findings).judge();
                summary(evidence, options, key, link, verdict, root_cause)
            })
            .collect();
        fill_explains(&mut findings);
        Judged {
            counts: count(&findings),
            findings,
            links,
        }
    }

    fn findings(
        &self,
        evidence: &Evidence,
        options: &JudgeOptions,
        document: &Document,
        basis: Basis,
    ) -> Vec<Finding> {
        document.evaluator.keep_reads(basis == Basis::OfAll);
        let from_node = evidence.vantage.is_local_node == Fact::Known(true);
        let mut findings = Vec::new();
        for kind in [
            SubjectKind::Cluster,
            SubjectKind::Endpoint,
            SubjectKind::Link,
        ] {
            let items = document.items(kind, evidence);
            let checks = self.checks().filter(|check| {
                let judges = check.file.ok.is_some() || !evidence.sightings.is_empty();
                check.file.subject == kind && judges && options.wants(check)
            });
            for check in checks {
                for item in &items {
                    let mut assessment = check.assess(document, item);
                    if assessment.outcome == Outcome::Fail && basis == Basis::OfFailures {
                        document.evaluator.keep_reads(true);
                        assessment = check.assess(document, item);
                        document.evaluator.keep_reads(false);
                    }
                    let environment = environment(evidence, options, &item.subject);
                    let mut finding = finding(check, item, assessment, document, environment);
                    finding.certainty = check.certainty(from_node);
                    if finding.outcome == Outcome::Unknown {
                        finding.message = missing::message(&finding.missing, &evidence.gaps);
                    }
                    if !evidence.sightings.is_empty()
                        && sighted::apply(check, evidence, &mut finding)
                    {
                        let told = check.tell(document, item, environment);
                        finding.why = told.why;
                        finding.fixes = told.fixes;
                    }
                    if finding.outcome == Outcome::Fail {
                        let version = version(evidence, &item.subject);
                        let links = check.file.links.iter();
                        finding.links = links.map(|link| pinned(link, version)).collect();
                    }
                    // That no log tells of a fault says nothing.
                    let judged = check.file.ok.is_some() || finding.outcome != Outcome::Skip;
                    if judged && scope::holds_finding(evidence.purpose, &finding) {
                        findings.push(finding);
                    }
                }
            }
        }
        findings
    }
}

impl JudgeOptions {
    fn wants(&self, check: &Check) -> bool {
        let named = |only: &String| {
            *only == check.code || only == check.area() || check.file.aliases.contains(only)
        };
        self.only.is_empty() || self.only.iter().any(named)
    }
}

fn finding(
    check: &Check,
    item: &Item,
    assessment: Assessment,
    document: &Document,
    environment: Option<Environment>,
) -> Finding {
    let file = &check.file;
    let mut finding = Finding {
        code: check.code.clone(),
        area: check.area().to_owned(),
        outcome: assessment.outcome,
        severity: file.severity,
        kind: file.kind,
        certainty: file.certainty,
        stage: file.stage,
        subject: item.subject.clone(),
        title: file.title.clone(),
        message: assessment.problem.unwrap_or_default(),
        why: String::new(),
        fixes: Vec::new(),
        covers: file.covers.clone(),
        explained_by: None,
        explains: Vec::new(),
        evidence: Vec::new(),
        missing: assessment.recorded.missed,
        links: file.links.clone(),
    };
    let readings = assessment.recorded.read.into_iter();
    finding.evidence = readings
        .map(|(path, value)| Reading { path, value })
        .collect();
    if finding.outcome == Outcome::Fail {
        let told = check.tell(document, item, environment);
        finding.message = told.message;
        finding.why = told.why;
        finding.fixes = told.fixes;
    }
    finding
}

/// Where the cluster runs that fixes are for: as the reader says now, as the reader said when the
/// evidence was collected, as the cluster's answers show.
fn environment(
    evidence: &Evidence,
    options: &JudgeOptions,
    subject: &Subject,
) -> Option<Environment> {
    let said = options
        .environment
        .or(evidence.environment.known().copied());
    said.or_else(|| {
        let link = subject
            .link
            .as_ref()
            .and_then(|link| evidence.links.get(link));
        let local = link.and_then(|link| link.local.known());
        let cluster = evidence.clusters.get(subject.cluster.as_ref().or(local)?)?;
        cluster.environment.known().copied()
    })
}

/// Version of the cluster whose documentation the reader needs: of the subject, else of the local side.
fn version<'e>(evidence: &'e Evidence, subject: &Subject) -> Option<&'e str> {
    let link = subject
        .link
        .as_ref()
        .and_then(|link| evidence.links.get(link));
    let local = link.and_then(|link| link.local.known());
    let cluster = evidence.clusters.get(subject.cluster.as_ref().or(local)?)?;
    cluster.version.known().map(String::as_str)
}

fn summary(
    evidence: &Evidence,
    options: &JudgeOptions,
    key: &str,
    link: &Link,
    verdict: Verdict,
    root_cause: Option<String>,
) -> LinkSummary {
    let side = |side: &Fact<String>| evidence.clusters.get(side.known()?);
    let (local, remote) = (side(&link.local), side(&link.remote));
    let subject = Subject {
        link: Some(key.to_owned()),
        ..Subject::default()
    };
    let told = link
        .resolve
        .known()
        .and_then(|resolve| resolve.version.known());
    LinkSummary {
        alias: key.to_owned(),
        local: local.and_then(|cluster| cluster.name.known().cloned()),
        local_version: local.and_then(|cluster| cluster.version.known().cloned()),
        remote: remote.and_then(|cluster| cluster.name.known().cloned()),
        remote_version: remote
            .and_then(|cluster| cluster.version.known())
            .or(told)
            .cloned(),
        model: link.model.known().copied(),
        mode: link.mode.known().copied(),
        verdict,
        root_cause,
        environment: environment(evidence, options, &subject),
    }
}

/// Fills in, for every cause, which failures it explains. What is only not known for lack of a link
/// names its cause, but is nothing that the cause did.
fn fill_explains(findings: &mut [Finding]) {
    let explained: Vec<(Option<String>, String, String)> = findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Fail)
        .filter_map(|finding| {
            let by = finding.explained_by.clone()?;
            Some((finding.subject.link.clone(), by, finding.code.clone()))
        })
        .collect();
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.outcome == Outcome::Fail)
    {
        let own = explained.iter().filter(|(link, by, _)| {
            *by == finding.code
                && (link.is_none()
                    || finding.subject.link.is_none()
                    || *link == finding.subject.link)
        });
        let codes: BTreeSet<&String> = own.map(|(_, _, code)| code).collect();
        finding.explains = codes.into_iter().cloned().collect();
    }
}

/// Root causes first, passes last.
fn sort(findings: &mut [Finding], links: &[LinkSummary]) {
    let root = |link: &LinkSummary, finding: &Finding| {
        link.root_cause.as_deref() == Some(finding.code.as_str())
    };
    // The links are in order of their keys.
    let of_key = |key: &String| links.binary_search_by(|link| link.alias.cmp(key)).ok();
    let is_root = |finding: &Finding| {
        is_cause(finding)
            && match &finding.subject.link {
                Some(key) => of_key(key).is_some_and(|index| root(&links[index], finding)),
                None => links.iter().any(|link| root(link, finding)),
            }
    };
    let rank = |finding: &Finding| match (finding.outcome, finding.explained_by.is_some()) {
        (Outcome::Fail, false) if is_root(finding) => 0,
        (Outcome::Fail, false) => match finding.kind {
            Kind::Cause => 1,
            Kind::Symptom => 2,
            Kind::Risk => 3,
            Kind::Advice => 4,
        },
        (Outcome::Fail, true) => 5,
        (Outcome::Broken, _) => 6,
        (Outcome::Unknown, false) => 7,
        (Outcome::Unknown, true) => 8,
        (Outcome::Pass, _) => 9,
        (Outcome::Skip, _) => 10,
    };
    findings.sort_by(|one, other| {
        let key = |f: &Finding| (rank(f), f.certainty, f.stage, f.severity);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.subject.cmp(&other.subject))
            .then_with(|| one.code.cmp(&other.code))
    });
}

fn count(findings: &[Finding]) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        match finding.outcome {
            Outcome::Broken => counts.broken += 1,
            Outcome::Fail => counts.fail += 1,
            Outcome::Pass => counts.pass += 1,
            Outcome::Skip => counts.skip += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
    }
    counts
}

#[cfg(test)]
mod tests;
