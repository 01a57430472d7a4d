//! What is wrong with the input: all of it at once, one line each.

use std::fmt;

/// Something that keeps the run from starting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where it stands: an option, a variable, or file, line and column.
    pub place: String,
    /// What is wrong there.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// Everything that was found while reading the input.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// What keeps the run from starting.
    pub errors: Vec<Problem>,
    /// What the reader should know, though the run goes on.
    pub warnings: Vec<String>,
}

impl Problems {
    /// Notes an error.
    pub(crate) fn error(
        &mut self,
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let problem = Problem {
            place: place.into(),
            what: what.into(),
            remedy: remedy.into(),
        };
        if !self.errors.contains(&problem) {
            self.errors.push(problem);
        }
    }

    /// Notes a warning.
    pub(super) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            what,
            remedy,
        } = self;
        write!(f, "{place}: {what}; {remedy}")
    }
}

/// `did you mean "x"?` for the candidate that is nearest to a misspelt word, else a list of them.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("it can be {}", known.join(", ")),
    }
}

/// The candidate that is near enough to a word to be meant by it.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    known
        .into_iter()
        .map(|it| (strsim::osa_distance(&word, &plain(it)), it))
        .filter(|(distance, it)| *distance <= (it.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}
