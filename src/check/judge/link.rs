//! One link: which failures are causes, what follows from them, and what the link is worth.

use crate::check::CheckSet;
use crate::check::file::Essential;
use crate::evidence::{Evidence, Link};
use crate::report::{Certainty, Finding, Kind, Outcome, Severity, Subject, Verdict};

/// The findings that count for one link.
pub(super) struct OnLink<'a> {
    checks: &'a CheckSet,
    evidence: &'a Evidence,
    link: &'a Link,
    findings: &'a mut Vec<Finding>,
    /// Which of them.
    relevant: Vec<usize>,
}

impl<'a> OnLink<'a> {
    pub(super) fn new(
        checks: &'a CheckSet,
        evidence: &'a Evidence,
        key: &'a str,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let link = &evidence.links[key];
        let concerns = |subject: &Subject| match &subject.cluster {
            Some(cluster) => uses(link, cluster),
            None => subject.link.as_deref() == Some(key),
        };
        let positions = 0..findings.len();
        let relevant = positions.filter(|position| concerns(&findings[*position].subject));
        Self {
            relevant: relevant.collect(),
            checks,
            evidence,
            link,
            findings,
        }
    }

    /// Folds consequences under their causes; says what the link is worth, and the code of its root
    /// cause.
    pub(super) fn judge(mut self) -> (Verdict, Option<String>) {
        self.fold();
        let root = self.root_cause();
        self.fold_under(root);
        let code = root.map(|root| self.findings[root].code.clone());
        (self.verdict(root), code)
    }

    fn relevant(&self) -> impl Iterator<Item = &Finding> {
        self.relevant.iter().map(|index| &self.findings[*index])
    }

    fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.relevant()
            .filter(|finding| finding.outcome == Outcome::Fail)
    }

    /// Folds failures under the failed causes that their checks name.
    fn fold(&mut self) {
        for index in self.relevant.clone() {
            let finding = &self.findings[index];
            if finding.outcome != Outcome::Fail || finding.explained_by.is_some() {
                continue;
            }
            let Some(check) = self.checks.find(&finding.code) else {
                continue;
            };
            let mut causes = check.file.consequence_of.iter();
            let cause = causes.find(|cause| {
                self.failed().any(|other| {
                    other.code == **cause
                        && may_explain(other, finding)
                        && (self.is_only_mine(finding) || other.subject == finding.subject)
                })
            });
            let cause = cause.cloned();
            self.findings[index].explained_by = cause;
        }
    }

    /// The first cause: failed, of error severity, no consequence of another, and more than a hint.
    fn root_cause(&self) -> Option<usize> {
        let causes = self.relevant.iter().copied().filter(|index| {
            let finding = &self.findings[*index];
            is_cause(finding) && finding.certainty != Certainty::Hint
        });
        causes.min_by_key(|index| {
            let finding = &self.findings[*index];
            (finding.certainty, finding.stage, *index)
        })
    }

    /// Folds symptoms, and what could not be found out, under the root cause.
    fn fold_under(&mut self, root: Option<usize>) {
        let Some(root) = root else {
            return;
        };
        let code = self.findings[root].code.clone();
        for index in self.relevant.clone() {
            let finding = &self.findings[index];
            // No fault of a link keeps the tool from asking a cluster.
            let symptom = finding.outcome == Outcome::Fail
                && finding.kind == Kind::Symptom
                && finding.subject.cluster.is_none();
            let unknown = finding.outcome == Outcome::Unknown;
            let open = finding.explained_by.is_none() && self.is_only_mine(finding);
            if (symptom || unknown) && open {
                self.findings[index].explained_by = Some(code.clone());
            }
        }
    }

    /// Whether a finding counts for no other link: what explains it on this link then explains it
    /// altogether.
    fn is_only_mine(&self, finding: &Finding) -> bool {
        finding.subject.cluster.as_ref().is_none_or(|cluster| {
            self.evidence
                .links
                .values()
                .filter(|link| uses(link, cluster))
                .count()
                == 1
        })
    }

    fn verdict(&self, root: Option<usize>) -> Verdict {
        let mut seen = self
            .relevant()
            .filter(|f| matches!(f.outcome, Outcome::Pass | Outcome::Fail));
        let suspected = self.failed().any(is_cause);
        let open = self
            .failed()
            .any(|finding| finding.kind == Kind::Symptom && finding.severity == Severity::Error);
        let warned = self.failed().any(|finding| {
            finding.severity == Severity::Warning
                || (finding.severity == Severity::Error && finding.kind == Kind::Risk)
        });
        let in_doubt = open
            || seen.next().is_none()
            || !self.essentials_hold()
            || (suspected && !self.answers());
        if root.is_some() {
            Verdict::Blocked
        } else if in_doubt {
            Verdict::Unknown
        } else if warned || suspected {
            Verdict::AtRisk
        } else {
            Verdict::Ready
        }
    }

    /// Whether every check that a link needs for being ready says that all is well, or does not
    /// apply.
    fn essentials_hold(&self) -> bool {
        let holds = |finding: &Finding| matches!(finding.outcome, Outcome::Pass | Outcome::Skip);
        let needed = |finding: &&Finding| {
            let check = self.checks.find(&finding.code);
            match check.and_then(|check| check.file.essential) {
                Some(Essential::Always) => true,
                Some(Essential::Planned) => self.link.planned,
                None => false,
            }
        };
        self.relevant().filter(needed).all(holds)
    }

    /// Whether the link was seen to work: then a mere hint cannot put it in doubt.
    fn answers(&self) -> bool {
        self.relevant().any(|finding| {
            finding.outcome == Outcome::Pass
                && self
                    .checks
                    .find(&finding.code)
                    .is_some_and(|check| check.file.essential == Some(Essential::Always))
        })
    }
}

/// Whether it is a failure that by itself keeps a link from working.
pub(super) fn is_cause(finding: &Finding) -> bool {
    finding.outcome == Outcome::Fail
        && finding.kind == Kind::Cause
        && finding.severity == Severity::Error
        && finding.explained_by.is_none()
}

/// Whether one failure can be what another follows from: of the same endpoint, if both are of one.
/// A hint explains no more than hints and symptoms, a warning no error.
fn may_explain(cause: &Finding, consequence: &Finding) -> bool {
    let same_place = match (&cause.subject.endpoint, &consequence.subject.endpoint) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let sure = cause.certainty != Certainty::Hint
        || consequence.certainty == Certainty::Hint
        || consequence.kind == Kind::Symptom;
    let grave = cause.severity <= consequence.severity || consequence.kind != Kind::Cause;
    same_place && sure && grave
}

fn uses(link: &Link, cluster: &str) -> bool {
    let mut sides = [&link.local, &link.remote].into_iter();
    sides.any(|side| side.known().is_some_and(|side| side == cluster))
}
