//! The tests that check files hold.

use super::document::{Document, Item};
use super::file::{Expect, SubjectKind, TestFile};
use super::item::Check;
use super::{CheckSet, facts, standard};
use crate::evidence::{Evidence, path};
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
            let tests = check.tests().iter();
            tests.map(move |test| InFileTest { check, test })
        })
    }
}

impl InFileTest<'_> {
    /// `keys/expired :: the key expired two days ago`.
    pub fn name(&self) -> String {
        format!("{} :: {}", self.check.code, self.test.name)
    }

    /// Runs it, also with every single fact that the check reads taken away: missing evidence must
    /// not read as a pass. The error says in one or more lines what came instead.
    pub fn run(&self) -> Result<(), String> {
        let evidence = self.evidence()?;
        self.run_over(&evidence)?;
        self.run_over_less(&evidence)
    }

    /// The document that it is about.
    pub fn evidence(&self) -> Result<Evidence, String> {
        let given = self.test.given.as_ref();
        let given = given.map_or("{}", |given| given);
        standard::with_given(self.check.file.subject, given)
            .map_err(|error| format!("given: {error}"))
    }

    /// Code of the check that it is a test of.
    pub fn code(&self) -> &str {
        &self.check.code
    }

    fn run_over(&self, evidence: &Evidence) -> Result<(), String> {
        let document = Document::new(evidence);
        let item = self
            .item(&document, evidence)
            .ok_or("given: it leaves nothing to judge")?;
        let assessment = self.check.assess(&document, &item);
        if let Some(problem) = assessment.problem {
            return Err(format!("the check is broken: {problem}"));
        }
        let missed = assessment.recorded.missed;
        let wanted = outcome(self.test.expect);
        if assessment.outcome != wanted {
            let read = assessment.recorded.read.iter();
            let read: Vec<String> = read
                .map(|(path, value)| format!("\n  read {path} = {value}"))
                .collect();
            return Err(format!(
                "expected {wanted:?}, but it is {:?}{}\n  missing: {}",
                assessment.outcome,
                read.concat(),
                missed.join(", "),
            ));
        }
        let told = self.check.tell(&document, &item, None);
        if wanted == Outcome::Fail && !told.problems.is_empty() {
            return Err(format!(
                "a text cannot be filled in: {}",
                told.problems.join("; ")
            ));
        }
        if wanted == Outcome::Fail {
            let commands = told.fixes.iter().flat_map(|fix| &fix.commands);
            commands.map(String::as_str).try_for_each(body_is_json)?;
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
            let place = Document::place(&item, path);
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

    fn run_over_less(&self, evidence: &Evidence) -> Result<(), String> {
        let document = serde_json::to_value(evidence).map_err(|error| error.to_string())?;
        let wanted = outcome(self.test.expect);
        let keys = self.check.keys();
        for place in facts::facts(&document) {
            // What no expression names cannot matter. A cluster or endpoint as a whole is named by
            // a variable.
            let named = |key: &String| keys.contains(key) || place.len() == 2;
            if !place.last().is_some_and(named) {
                continue;
            }
            let less = facts::without(&document, [&place]);
            let less: Evidence = serde_json::from_value(less).map_err(|error| error.to_string())?;
            let document = Document::new(&less);
            let Some(item) = self.item(&document, &less) else {
                continue;
            };
            let found = self.check.assess(&document, &item).outcome;
            // What was seen elsewhere may decide where a fact that spoke against it is gone; but
            // nothing may be well, or beside the point, because less is known.
            if found != wanted && !matches!(found, Outcome::Unknown | Outcome::Fail) {
                return Err(format!(
                    "without {} it must be {wanted:?} or unknown, but it is {found:?}",
                    path(place.iter().map(String::as_str)),
                ));
            }
        }
        Ok(())
    }

    /// The one subject that a test is about.
    fn item(&self, document: &Document, evidence: &Evidence) -> Option<Item> {
        let subject = self.check.file.subject;
        let mut items = document.items(subject, evidence).into_iter();
        items.find(|item| is_standard(subject, item))
    }
}

/// Whether the body of a request can be sent as it stands.
fn body_is_json(command: &str) -> Result<(), String> {
    let mut words = command.splitn(3, ' ');
    let (Some("DELETE" | "GET" | "POST" | "PUT"), Some(_), Some(body)) =
        (words.next(), words.next(), words.next())
    else {
        return Ok(());
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "a request has a body that is no JSON ({error}): {command}"
        )),
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
