//! The tests that check files hold.

use super::document::{Document, Item};
use super::file::{Expect, SubjectKind, TestFile};
use super::item::Check;
use super::{CheckSet, standard};
use crate::report::Outcome;

/// A test in a check file.
#[derive(Clone, Copy, Debug)]
pub struct InFileTest<'a> {
    check: &'a Check,
    test: &'a TestFile,
}

impl CheckSet {
    /// All tests in check files, in order of code.
    pub fn tests(&self) -> impl Iterator<Item = InFileTest<'_>> {
        self.checks().flat_map(|check| {
            check
                .file
                .test
                .iter()
                .map(move |test| InFileTest { check, test })
        })
    }
}

impl InFileTest<'_> {
    /// `keys/expired :: the key expired two days ago`.
    pub fn name(&self) -> String {
        format!("{} :: {}", self.check.code, self.test.name)
    }

    /// Runs it. The error says in one or more lines what came instead.
    pub fn run(&self) -> Result<(), String> {
        let subject = self.check.file.subject;
        let given = self
            .test
            .given
            .as_ref()
            .map_or("{}", |given| given.get_ref());
        let evidence =
            standard::with_given(subject, given).map_err(|error| format!("given: {error}"))?;
        let document = Document::new(&evidence);
        let item = document
            .items(subject, &evidence)
            .into_iter()
            .find(|item| is_standard(subject, item));
        let item = item.ok_or("given: it leaves no subject to judge")?;
        let assessment = self.check.assess(&document, &item);
        if let Some(problem) = assessment.problem {
            return Err(format!("the check is broken: {problem}"));
        }
        let missed = assessment.recorded.missed;
        let told = self.check.tell(&document, &item, None);
        let wanted = outcome(*self.test.expect.get_ref());
        if assessment.outcome != wanted {
            let read: Vec<String> = assessment
                .recorded
                .read
                .iter()
                .map(|(path, value)| format!("  {path} = {value}"))
                .collect();
            return Err(format!(
                "expected {wanted:?}, but it is {:?}\nread:\n{}\nmissing: {}",
                assessment.outcome,
                read.join("\n"),
                missed.join(", "),
            ));
        }
        if wanted == Outcome::Fail && !told.problems.is_empty() {
            return Err(format!(
                "a text cannot be filled in: {}",
                told.problems.join("; ")
            ));
        }
        if let Some(text) = self
            .test
            .message
            .as_ref()
            .filter(|text| !told.message.contains(*text))
        {
            return Err(format!("the message has no {text:?}: {}", told.message));
        }
        for path in &self.test.missing {
            let place = document.place(&item, path);
            if !missed
                .iter()
                .any(|missed| missed == path || Some(missed) == place.as_ref())
            {
                return Err(format!(
                    "{path} is not among the missing: {}",
                    missed.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Whether it is the one subject that a test is about.
fn is_standard(subject: SubjectKind, item: &Item) -> bool {
    match subject {
        SubjectKind::Cluster => item.subject.cluster.as_deref() == Some("a"),
        SubjectKind::Endpoint | SubjectKind::Link => item.subject.link.as_deref() == Some("bee"),
    }
}

fn outcome(expect: Expect) -> Outcome {
    match expect {
        Expect::Fail => Outcome::Fail,
        Expect::Pass => Outcome::Pass,
        Expect::Skip => Outcome::Skip,
        Expect::Unknown => Outcome::Unknown,
    }
}
