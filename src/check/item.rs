//! One check, ready to judge.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use super::document::{Document, Item};
use super::expression::{Answer, Expression, Mentioned, Recorded, Step};
use super::file::{CheckFile, FixFile};
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
    expressions: OnceLock<Result<Expressions, String>>,
    /// The same of its texts.
    texts: OnceLock<Vec<KnownText>>,
}

/// A file and its text.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As it is shown to the reader.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: Cow<'static, str>,
}

#[derive(Debug)]
struct Expressions {
    when: Option<Expression>,
    /// `None` where logs alone tell.
    ok: Option<Expression>,
}

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
            expressions: OnceLock::new(),
            texts: OnceLock::new(),
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
        let (outcome, problem) = match self.expressions() {
            Ok(expressions) => {
                let applies = expressions
                    .when
                    .as_ref()
                    .map_or(Answer::Known(true), |when| {
                        evaluator.holds(when, &item.scope)
                    });
                let outcome = match (applies, &expressions.ok) {
                    (Answer::Known(true), Some(ok)) => evaluator.holds(ok, &item.scope).map(passes),
                    (other, _) => other.map(|_| Outcome::Skip),
                };
                match outcome {
                    Answer::Known(outcome) => (outcome, None),
                    Answer::Unknown => (Outcome::Unknown, None),
                    Answer::Broken(problem) => (Outcome::Broken, Some(problem)),
                }
            }
            Err(problem) => (Outcome::Broken, Some(problem.clone())),
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
        let message = fill(self.file.message.get_ref(), Use::Sentence);
        let why = fill(self.file.why.get_ref(), Use::Sentence);
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
                text: fill(fix.text.get_ref(), Use::Sentence),
                commands: commands
                    .map(|command| fill(command.get_ref(), Use::Command))
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

    /// Parses its expressions.
    pub(crate) fn prepare(&self) {
        let _ = self.expressions();
    }

    /// All keys that its expressions name.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        let expressions = self.expressions().ok();
        let parsed = expressions
            .into_iter()
            .flat_map(|e| e.when.iter().chain(&e.ok));
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

    fn expressions(&self) -> Result<&Expressions, &String> {
        let parse = || {
            let when = self.file.when.as_ref();
            let when = when
                .map(|when| Expression::parse(when.get_ref()))
                .transpose();
            let ok = self.file.ok.as_ref();
            let ok = ok.map(|ok| Expression::parse(ok.get_ref())).transpose();
            match (when, ok) {
                (Ok(when), Ok(ok)) => Ok(Expressions { when, ok }),
                (Err(error), _) => Err(format!("`when` is no expression: {error}")),
                (_, Err(error)) => Err(format!("`ok` is no expression: {error}")),
            }
        };
        self.expressions.get_or_init(parse).as_ref()
    }
}

fn passes(holds: bool) -> Outcome {
    if holds { Outcome::Pass } else { Outcome::Fail }
}
