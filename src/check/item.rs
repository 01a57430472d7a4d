//! One check, ready to judge.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use super::document::{Document, Item};
use super::expression::{Answer, Expression, Mentioned, Recorded, Step};
use super::file::{CheckFile, FixFile, TestFile, Tests};
use super::signature::KnownText;
use super::template::{Template, Use};
use crate::evidence::Environment;
use crate::report::{Certainty, Fix, Outcome};

/// A check file that may not have been parsed yet.
pub(super) type LazyFile = LazyLock<CheckFile, Box<dyn FnOnce() -> CheckFile + Send>>;

/// A check with its code.
#[derive(Debug)]
pub struct Check {
    /// `area/fault`, the path of its file.
    pub code: String,
    /// What the file says; of a shipped one, parsed when it is needed first.
    pub file: LazyFile,
    /// Where the file is, for messages.
    pub(crate) source: Source,
    /// Parsed when it is needed first: most runs of the tool judge nothing.
    when: OnceLock<Parsed>,
    /// Needed only where the check applies; none where logs alone tell.
    ok: OnceLock<Parsed>,
    /// The same of its texts.
    texts: OnceLock<Vec<KnownText>>,
    /// The same of its tests.
    tests: OnceLock<Vec<TestFile>>,
}

/// A file and its text.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As it is shown to the reader.
    pub(crate) path: Cow<'static, str>,
    /// All of it.
    pub(crate) text: Cow<'static, str>,
}

/// An expression that a file may have, or why it is none.
pub(crate) type Parsed = Result<Option<Expression>, String>;

/// What a check says about one subject.
#[derive(Debug)]
pub(crate) struct Assessment {
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// What was read and missed.
    pub(crate) recorded: Recorded,
    /// What is wrong with the check itself.
    pub(crate) problem: Option<String>,
}

/// What a failure says.
#[derive(Debug)]
pub(crate) struct Told {
    /// The failure.
    pub(crate) message: String,
    /// Why it matters.
    pub(crate) why: String,
    /// What to do.
    pub(crate) fixes: Vec<Fix>,
    /// What is wrong with the texts.
    pub(crate) problems: Vec<String>,
}

impl Check {
    pub(crate) fn new(code: String, file: LazyFile, source: Source) -> Self {
        Self {
            code,
            file,
            source,
            when: OnceLock::new(),
            ok: OnceLock::new(),
            texts: OnceLock::new(),
            tests: OnceLock::new(),
        }
    }

    /// The folder that the check is in.
    pub fn area(&self) -> &str {
        self.code.split('/').next().unwrap_or_default()
    }

    /// How sure a failure is, seen from a node of the local cluster or from elsewhere.
    pub(crate) fn certainty(&self, from_node: bool) -> Certainty {
        match self.file.certainty_from_afar {
            // The order is from sure to unsure.
            Some(from_afar) if !from_node => from_afar.max(self.file.certainty),
            _ => self.file.certainty,
        }
    }

    /// Judges one subject.
    pub(crate) fn assess(&self, document: &Document, item: &Item) -> Assessment {
        let evaluator = &document.evaluator;
        let _ = evaluator.take();
        let answer = |parsed: &Parsed| match parsed {
            Ok(expression) => {
                let expression = expression.as_ref();
                expression.map(|expression| evaluator.holds(expression, &item.scope))
            }
            Err(problem) => Some(Answer::Broken(problem.clone())),
        };
        let outcome = match answer(self.when()).unwrap_or(Answer::Known(true)) {
            Answer::Known(true) => {
                answer(self.ok()).map_or(Answer::Known(Outcome::Skip), |ok| ok.map(passes))
            }
            other => other.map(|_| Outcome::Skip),
        };
        let (outcome, problem) = match outcome {
            Answer::Known(outcome) => (outcome, None),
            Answer::Unknown => (Outcome::Unknown, None),
            Answer::Broken(problem) => (Outcome::Broken, Some(problem)),
        };
        let mut recorded = evaluator.take();
        if outcome != Outcome::Unknown {
            recorded.missed.clear();
        }
        Assessment {
            outcome,
            recorded,
            problem,
        }
    }

    /// Puts a failure into words. Fixes for other environments are left out where it is known.
    pub(crate) fn tell(
        &self,
        document: &Document,
        item: &Item,
        environment: Option<Environment>,
    ) -> Told {
        let mut problems = Vec::new();
        let mut fill = |text: &str, usage: Use| match Template::parse(text) {
            Ok(template) => {
                let filled = template.fill(&document.evaluator, &item.scope, usage);
                problems.extend(filled.problems);
                filled.text
            }
            Err(error) => {
                problems.push(error.to_string());
                text.to_owned()
            }
        };
        let message = fill(&self.file.message, Use::Sentence);
        let why = fill(&self.file.why, Use::Sentence);
        let fits = |environments: &[Environment]| match environment {
            Some(environment) => environments.is_empty() || environments.contains(&environment),
            None => true,
        };
        // A fault of the other side may have fixes for its environment alone: better that than none.
        let any_fits = self.file.fix.iter().any(|fix| fits(&fix.environments));
        let shown = |fix: &&FixFile| !any_fits || fits(&fix.environments);
        let mut fixes = Vec::new();
        for fix in self.file.fix.iter().filter(shown) {
            let commands = fix.commands.iter();
            fixes.push(Fix {
                text: fill(&fix.text, Use::Sentence),
                commands: commands
                    .map(|command| fill(command, Use::Command))
                    .collect(),
                environments: fix.environments.clone(),
            });
        }
        Told {
            message,
            why,
            fixes,
            problems,
        }
    }

    /// Its texts, in the order of the file.
    pub(crate) fn texts(&self) -> &[KnownText] {
        let parse = || self.file.log.iter().map(KnownText::new).collect();
        self.texts.get_or_init(parse)
    }

    /// Its tests, in the order of the file.
    ///
    /// # Panics
    ///
    /// Never: of a file all of it was read, and of a shipped check its tests run.
    pub(crate) fn tests(&self) -> &[TestFile] {
        self.tests.get_or_init(|| {
            let tests: Tests = toml::from_str(&self.source.text).expect("it was read before");
            tests.test
        })
    }

    /// Whether it applies.
    pub(crate) fn when(&self) -> &Parsed {
        self.when
            .get_or_init(|| parse("when", self.file.when.as_deref()))
    }

    /// Whether all is well.
    pub(crate) fn ok(&self) -> &Parsed {
        self.ok.get_or_init(|| parse("ok", self.file.ok.as_deref()))
    }

    /// All keys that its expressions name.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        let parsed = [self.when(), self.ok()].into_iter().flatten().flatten();
        let paths =
            parsed
                .flat_map(Expression::mentions)
                .filter_map(|mention| match mention.what {
                    Mentioned::Path(path) => Some(path),
                    Mentioned::Function(_) | Mentioned::Regex(_) => None,
                });
        let steps = paths.flat_map(|path| path.steps);
        let keys = steps.filter_map(|step| match step {
            Step::Key(key) => Some(key),
            Step::Each | Step::Index => None,
        });
        // A variable may be a fact by itself.
        keys.chain(["environment", "local", "remote"].map(str::to_owned))
            .collect()
    }
}

fn parse(name: &str, text: Option<&str>) -> Parsed {
    let parsed = text.map(Expression::parse).transpose();
    parsed.map_err(|error| format!("`{name}` is no expression: {error}"))
}

fn passes(holds: bool) -> Outcome {
    if holds { Outcome::Pass } else { Outcome::Fail }
}
