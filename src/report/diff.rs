//! Two runs of the same, finding by finding.

use serde::Serialize;

use super::{Finding, LinkSummary, Outcome, Report, Severity, Subject};

/// The value of [`Diff::schema`].
pub const DIFF_SCHEMA: &str = "crosscheck/diff/v1";

/// What changed from one report to another. Only failures are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// Always [`DIFF_SCHEMA`].
    pub schema: String,
    /// The links as they were.
    pub before: Vec<LinkSummary>,
    /// The links as they are.
    pub after: Vec<LinkSummary>,
    /// Failures that were not there before.
    pub new: Vec<Finding>,
    /// Failures of before that are not there any more.
    pub gone: Vec<Finding>,
    /// Failures of before of which the later run cannot tell: its evidence is missing.
    pub unclear: Vec<Finding>,
    /// Failures of both, as the later run tells them.
    pub unchanged: Vec<Finding>,
}

impl Diff {
    /// Compares two reports.
    pub fn of(before: &Report, after: &Report) -> Self {
        let failed = |report: &Report| -> Vec<Finding> {
            let findings = report.findings.iter();
            findings
                .filter(|it| it.outcome == Outcome::Fail)
                .cloned()
                .collect()
        };
        let (old, now) = (failed(before), failed(after));
        let holds = |list: &[Finding], it: &Finding| list.iter().any(|other| same(other, it));
        let (unchanged, new): (Vec<Finding>, Vec<Finding>) =
            now.into_iter().partition(|it| holds(&old, it));
        let unknown = |it: &Finding| {
            let later = after.findings.iter().find(|other| same(other, it));
            later.is_none_or(|it| matches!(it.outcome, Outcome::Unknown | Outcome::Broken))
        };
        let still = |it: &Finding| holds(&unchanged, it);
        let (unclear, gone) = old.into_iter().filter(|it| !still(it)).partition(unknown);
        Self {
            schema: DIFF_SCHEMA.into(),
            before: before.links.clone(),
            after: after.links.clone(),
            new,
            gone,
            unclear,
            unchanged,
        }
    }

    /// Whether a failure of at least this severity is new.
    pub fn is_worse(&self, least: Severity) -> bool {
        self.new.iter().any(|it| it.severity <= least)
    }
}

fn same(one: &Finding, other: &Finding) -> bool {
    let part = |it: &Subject| (it.link.clone(), it.endpoint.clone());
    one.code == other.code && part(&one.subject) == part(&other.subject)
}
