//! What is wrong with checks, found without judging anything.

use std::collections::BTreeSet;

use super::CheckSet;
use super::document::{Leads, variables};
use super::expression::{Expression, Mentioned, Path, Step};
use super::file::{Expect, SubjectKind};
use super::functions;
use super::item::Check;
use super::problem::{Problem, did_you_mean};
use super::shape::Shape;
use super::signature::{LogFile, Pattern};
use super::standard;
use super::template::{Part, Template};
use crate::report::{Certainty, Kind};

mod spans;

use spans::Spans;

impl CheckSet {
    /// Everything that is wrong, in order of file and line.
    pub fn lint(&self) -> Vec<Problem> {
        let of_checks = self.checks().flat_map(|check| self.lint_check(check));
        let mut problems: Vec<Problem> =
            self.unreadable().iter().cloned().chain(of_checks).collect();
        problems.sort_by(|one, other| {
            (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
        });
        problems
    }

    /// What is wrong with one check, as part of this set.
    pub(crate) fn lint_check(&self, check: &Check) -> Vec<Problem> {
        let mut lint = Lint {
            check,
            spans: Spans::of(&check.source.text),
            problems: Vec::new(),
        };
        lint.code();
        lint.expressions();
        lint.texts();
        lint.logs();
        lint.tests();
        lint.references(self);
        lint.problems
    }
}

struct Lint<'a> {
    check: &'a Check,
    spans: Spans<'a>,
    problems: Vec<Problem>,
}

impl Lint<'_> {
    /// `offset` bytes into the text at `place`, such as `fix.0.text`.
    fn breaks(&mut self, place: &str, offset: usize, message: String) {
        let span = self.spans.find(place);
        let problem = Problem::within(&self.check.source, &span, offset, message);
        self.problems.push(problem);
    }

    fn advises(&mut self, offset: usize, message: impl Into<String>) {
        let problem = Problem::at(&self.check.source, offset, message);
        self.problems.push(problem.advisory());
    }

    /// The code is the path: two names of lower-case letters, digits and hyphens.
    fn code(&mut self) {
        let kebab = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && !name.ends_with('-')
                && !name.contains("--")
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        let names: Vec<&str> = self.check.code.split('/').collect();
        if names.len() != 2 || !names.iter().all(|name| kebab(name)) {
            let message = format!(
                "the path {} makes no code: expected AREA/FAULT.toml in lower-case letters, digits \
                 and hyphens",
                self.check.code
            );
            self.problems
                .push(Problem::at(&self.check.source, 0, message));
        }
    }

    fn expressions(&mut self) {
        let file = &self.check.file;
        for (place, text) in [("when", &file.when), ("ok", &file.ok)] {
            let Some(text) = text else {
                continue;
            };
            match Expression::parse(text) {
                Ok(expression) => self.mentions(place, 0, &expression),
                Err(error) => self.breaks(place, error.offset, error.to_string()),
            }
        }
    }

    fn texts(&mut self) {
        let file = &self.check.file;
        let of_fixes = file.fix.iter().enumerate().flat_map(|(index, fix)| {
            let commands = fix.commands.iter().enumerate();
            let commands =
                commands.map(move |(at, command)| (format!("fix.{index}.commands.{at}"), command));
            commands.chain([(format!("fix.{index}.text"), &fix.text)])
        });
        let whole = [
            ("message", Some(&file.message)),
            ("why", Some(&file.why)),
            ("else", file.otherwise.as_ref()),
        ];
        let whole = whole
            .into_iter()
            .filter_map(|(place, text)| Some((place.to_owned(), text?)));
        for (place, text) in whole.chain(of_fixes) {
            match Template::parse(text) {
                Ok(template) => {
                    for part in template.parts() {
                        if let Part::Value { expression, offset } = part {
                            self.mentions(&place, *offset, expression);
                        }
                    }
                }
                Err(error) => self.breaks(&place, error.offset, error.to_string()),
            }
        }
        for (place, text) in [
            ("title", &file.title),
            ("message", &file.message),
            ("why", &file.why),
        ] {
            if text.trim().is_empty() {
                self.advises(self.spans.find(place).start, "this text is empty");
            }
        }
        if file.fix.is_empty() && file.kind != Kind::Symptom {
            self.advises(0, "there is no [[fix]]: what is the reader to do?");
        }
    }

    /// Names, paths and functions of an expression that begins `offset` bytes into the text at a place.
    fn mentions(&mut self, place: &str, offset: usize, expression: &Expression) {
        for mention in expression.mentions() {
            let wrong = match &mention.what {
                Mentioned::Function(name) => unknown_function(name),
                Mentioned::Path(path) => unknown_place(self.check.file.subject, path),
                Mentioned::Regex(pattern) => bad_regex(pattern),
            };
            if let Some(message) = wrong {
                self.breaks(place, offset + mention.offset, message);
            }
        }
    }

    /// Texts are patterns, each of which matches its example.
    fn logs(&mut self) {
        let file = &self.check.file;
        if file.ok.is_none() && file.log.iter().all(|log| log.healthy) {
            let message = "there is neither `ok` nor a [[log]] that tells of the fault";
            self.problems
                .push(Problem::at(&self.check.source, 0, message));
        }
        let mut texts = BTreeSet::new();
        for (index, log) in file.log.iter().enumerate() {
            let place = format!("log.{index}.text");
            match Pattern::parse(&log.text) {
                Ok(pattern) => {
                    let matches = pattern.exact().is_ok_and(|it| it.is_match(&log.example));
                    if !matches {
                        let place = format!("log.{index}.example");
                        self.breaks(&place, 0, "`text` does not match this".to_owned());
                    }
                    self.says(index, log, &pattern);
                }
                Err(bad) => self.breaks(&place, bad.offset, bad.message),
            }
            if !texts.insert((&log.text, log.by)) {
                self.breaks(&place, 0, "this text is here twice".to_owned());
            }
            if log.certainty == Some(Certainty::Proof) {
                let message = "no text in a log is a proof: it tells the past".to_owned();
                self.breaks(&place, 0, message);
            }
        }
    }

    /// What a text says names only what the text names.
    fn says(&mut self, index: usize, log: &LogFile, pattern: &Pattern) {
        let Some(says) = &log.meaning else {
            if !log.healthy {
                let message = "there is no `says`: what does this text tell of the fault?";
                self.breaks(&format!("log.{index}.text"), 0, message.to_owned());
            }
            return;
        };
        let names = pattern.names();
        for (offset, _) in says.match_indices('{') {
            let name = says[offset + 1..].split('}').next().unwrap_or_default();
            if !names.contains(&name) {
                let place = format!("log.{index}.says");
                self.breaks(&place, offset, format!("`text` has no {{{name}}}"));
            }
        }
    }

    fn tests(&mut self) {
        let file = &self.check.file;
        // The examples are the tests of a check that texts alone decide.
        if file.ok.is_none() {
            return;
        }
        for (expect, word) in [
            (Expect::Pass, "pass"),
            (Expect::Fail, "fail"),
            (Expect::Unknown, "unknown"),
        ] {
            if !self.check.tests().iter().any(|test| test.expect == expect) {
                self.advises(0, format!("no [[test]] expects {word:?}"));
            }
        }
        let mut names = BTreeSet::new();
        for (index, test) in self.check.tests().iter().enumerate() {
            if !names.insert(&test.name) {
                let offset = self.spans.find(&format!("test.{index}.expect")).start;
                self.advises(offset, format!("two tests are called {:?}", test.name));
            }
            if let Some(given) = &test.given
                && let Err(problem) = standard::with_given(file.subject, given)
            {
                let offset = self.spans.find(&format!("test.{index}.given")).start;
                self.advises(offset, problem);
            }
        }
    }

    fn references(&mut self, set: &CheckSet) {
        for (index, cause) in self.check.file.consequence_of.iter().enumerate() {
            if let Some(problem) = bad_cause(set, self.check, cause) {
                self.breaks(&format!("consequence_of.{index}"), 0, problem);
            }
        }
        for alias in &self.check.file.aliases {
            let taken = |other: &&Check| {
                other.code == *alias
                    || (other.code != self.check.code && other.file.aliases.contains(alias))
            };
            if let Some(other) = set.checks().find(taken) {
                let message = format!("the code {alias} is that of {} too", other.code);
                self.problems
                    .push(Problem::at(&self.check.source, 0, message));
            }
        }
    }
}

/// What is wrong with naming a check as the cause of another.
fn bad_cause(set: &CheckSet, check: &Check, name: &str) -> Option<String> {
    let Some(cause) = set.find(name) else {
        // A reader's own checks may follow from shipped ones.
        let shipped = CheckSet::embedded();
        if shipped
            .find(name)
            .is_some_and(|cause| cause.file.kind == Kind::Cause)
        {
            return None;
        }
        let codes = set
            .checks()
            .chain(shipped.checks())
            .map(|check| check.code.as_str());
        let hint = did_you_mean(name, codes);
        return Some(format!("no check of kind cause has the code {name}{hint}"));
    };
    if leads_to(set, cause, &check.code, &mut BTreeSet::new()) {
        Some(format!("{name} is itself a consequence of this check"))
    } else if cause.file.kind != Kind::Cause {
        Some(format!("{name} is no cause"))
    } else {
        None
    }
}

/// Whether a check is, over any number of steps, a consequence of another.
fn leads_to<'a>(
    set: &'a CheckSet,
    check: &'a Check,
    wanted: &str,
    seen: &mut BTreeSet<&'a str>,
) -> bool {
    check.code == wanted
        || (seen.insert(&check.code)
            && check.file.consequence_of.iter().any(|cause| {
                set.find(cause)
                    .is_some_and(|cause| leads_to(set, cause, wanted, seen))
            }))
}

fn bad_regex(pattern: &str) -> Option<String> {
    let error = regex::Regex::new(pattern).err()?;
    // The last line of several says what is wrong, the others where in a drawing.
    let error = error.to_string();
    let what = error.lines().last().unwrap_or_default();
    let what = what.trim_start_matches("error: ");
    Some(format!("{pattern:?} is no regular expression: {what}"))
}

fn unknown_function(name: &str) -> Option<String> {
    let own = functions::ALL.iter().map(|function| function.name);
    let all: Vec<&str> = own.chain(functions::OF_CEL.iter().copied()).collect();
    let message = || {
        format!(
            "there is no function {name}{}",
            did_you_mean(name, all.clone())
        )
    };
    (!all.contains(&name)).then(message)
}

fn unknown_place(subject: SubjectKind, path: &Path) -> Option<String> {
    let variables = variables(subject);
    let Some((_, leads)) = variables.iter().find(|(name, _)| *name == path.root) else {
        // The names of CEL's types may be written as values.
        if functions::OF_CEL.contains(&path.root.as_str()) {
            return None;
        }
        let hint = did_you_mean(&path.root, variables.iter().map(|(name, _)| *name));
        return Some(format!(
            "nothing is called {}{hint} in a check of this subject",
            path.root
        ));
    };
    let mut steps = path.steps.iter();
    let place = match leads {
        Leads::To(place) => place,
        Leads::ToListOf(place) => match steps.next() {
            None => return None,
            Some(Step::Each | Step::Index) => place,
            Some(Step::Key(key)) => {
                return Some(format!("{} is a list and has no {key}", path.root));
            }
        },
    };
    let start = place
        .iter()
        .try_fold(Shape::document(), |shape, key| shape.below(key));
    let mut shape = start.expect("variables lead to places of the schema");
    let mut walked = Path {
        root: path.root.clone(),
        steps: path.steps[..path.steps.len() - steps.len()].to_vec(),
    };
    for step in steps {
        let below = match (step, shape) {
            (Step::Key(key), shape) => shape.below(key),
            (Step::Each, Shape::Dictionary(_)) => Some(&Shape::Scalar),
            (Step::Index, Shape::Dictionary(value)) => Some(&**value),
            (Step::Each | Step::Index, shape) => shape.element(),
        };
        let Some(below) = below else {
            return Some(match (step, shape) {
                (Step::Key(key), Shape::Struct(fields)) => {
                    let hint = did_you_mean(key, fields.keys().map(String::as_str));
                    format!("the evidence has no {walked}.{key}{hint}")
                }
                (Step::Key(key), Shape::List(_)) => format!("{walked} is a list and has no {key}"),
                (Step::Key(key), _) => format!("{walked} is no object and has no {key}"),
                _ => format!("{walked} has no elements"),
            });
        };
        shape = below;
        walked.steps.push(step.clone());
    }
    None
}

#[cfg(test)]
mod tests;
