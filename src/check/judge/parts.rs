//! A probe of many endpoints: links that have nothing to do with each other are judged one by one,
//! side by side, so that the document that is laid out for judging never holds more than one of them.

use std::collections::BTreeMap;
use std::thread;

use super::{Basis, CheckSet, JudgeOptions, Judged};
use crate::evidence::{Evidence, Gap, Purpose, owner, path};
use crate::report::{Finding, Kind, Outcome, Severity};

impl CheckSet {
    /// What [`CheckSet::judge_whole`] says, of each link by itself where that makes no difference.
    pub(super) fn judge_parts(&self, evidence: &Evidence, options: &JudgeOptions) -> Judged {
        if evidence.purpose != Purpose::Probe || evidence.links.len() < 2 {
            return self.judge_whole(evidence, options, Basis::OfAll);
        }
        let keys: Vec<&String> = evidence.links.keys().collect();
        let gaps = gaps_by_owner(evidence);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let judge = |keys: &[&String]| {
            let mut judged = Judged::default();
            for key in keys {
                let part = part(evidence, key, &gaps);
                let mut one = self.judge_whole(&part, options, Basis::OfFailures);
                let broken = one.findings.iter().any(is_broken);
                one.findings.retain(|finding| is_read(finding, broken));
                judged.append(one);
            }
            judged
        };
        thread::scope(|scope| {
            let shares = keys.chunks(keys.len().div_ceil(threads));
            let running: Vec<_> = shares.map(|it| scope.spawn(|| judge(it))).collect();
            let mut all = Judged::default();
            for thread in running {
                let judged = thread.join();
                all.append(judged.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            all
        })
    }
}

/// A thousand endpoints pass tens of thousands of checks, and where one does not answer, dozens of checks of
/// it remain open for that reason: nobody reads either, and the counts have them.
fn is_read(finding: &Finding, broken: bool) -> bool {
    match finding.outcome {
        Outcome::Pass => false,
        Outcome::Unknown => !broken && finding.explained_by.is_none(),
        Outcome::Broken | Outcome::Fail | Outcome::Skip => true,
    }
}

/// Whether it tells of something that keeps the endpoint from working.
fn is_broken(finding: &Finding) -> bool {
    finding.outcome == Outcome::Fail
        && finding.severity == Severity::Error
        && matches!(finding.kind, Kind::Cause | Kind::Symptom)
}

/// The document of one link alone.
fn part(evidence: &Evidence, key: &str, gaps: &BTreeMap<&str, Vec<&Gap>>) -> Evidence {
    let link = &evidence.links[key];
    let endpoints = link.endpoints.iter();
    let owners = endpoints
        .clone()
        .map(|endpoint| path(["endpoints", endpoint]))
        .chain([path(["links", key])]);
    let gaps = owners
        .filter_map(|owner| gaps.get(owner.as_str()))
        .flatten();
    Evidence {
        schema: evidence.schema.clone(),
        version: evidence.version.clone(),
        collected_at: evidence.collected_at,
        purpose: evidence.purpose,
        environment: evidence.environment,
        vantage: evidence.vantage.clone(),
        clusters: evidence.clusters.clone(),
        links: BTreeMap::from([(key.to_owned(), link.clone())]),
        endpoints: endpoints
            .filter_map(|it| Some((it.clone(), evidence.endpoints.get(it)?.clone())))
            .collect(),
        sources: evidence.sources.clone(),
        sightings: Vec::new(),
        calls: Vec::new(),
        gaps: gaps.map(|gap| (*gap).clone()).collect(),
    }
}

/// The gaps by the path of the link or endpoint that they are of.
fn gaps_by_owner(evidence: &Evidence) -> BTreeMap<&str, Vec<&Gap>> {
    let mut owners: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
    for gap in &evidence.gaps {
        owners.entry(owner(&gap.path)).or_default().push(gap);
    }
    owners
}
