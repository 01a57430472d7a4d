//! Texts that Elasticsearch writes about a fault, as `[[log]]` tables beside the check of that fault.
//! Logs are searched for them, and pasted texts are explained by them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::CheckSet;
use crate::report::Certainty;

mod pasted;
mod pattern;

pub(crate) use pasted::KnownText;
pub use pasted::{LONGEST_TEXT, Meaning};
pub(crate) use pattern::Pattern;

/// A text that Elasticsearch writes about the fault of a check.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[schemars(rename = "CheckLog")]
pub struct LogFile {
    /// The text. `{alias}`, `{address}`, `{host}`, `{key}`, `{user}`, `{subject}`, `{issuer}`,
    /// `{context}` and `{index}` stand for what is kept; `{*}` for anything.
    pub text: String,
    /// Which cluster's log has it.
    #[serde(default)]
    pub by: Writer,
    /// How sure the text is; absent for `strong`. No text is a proof: logs tell the past.
    #[serde(default)]
    pub certainty: Option<Certainty>,
    /// What it says, as a clause without a full stop; `{…}` are values of `text`. Absent for a text
    /// that tells of the end of the fault.
    #[serde(default, rename = "says")]
    pub meaning: Option<String>,
    /// Whether it tells of the end of the fault instead: older events of the fault are the past.
    #[serde(default)]
    pub healthy: bool,
    /// Whether it is looked for in pasted texts alone: answers that no log has, or lines too common
    /// to tell anything by themselves.
    #[serde(default)]
    pub pasted_only: bool,
    /// Known only where all of it is there: what tells it from other texts stands at its end.
    #[serde(default)]
    pub whole: bool,
    /// Rows of the failure catalogue that quote it, beside those of the check.
    #[serde(default)]
    pub covers: Vec<String>,
    /// A line as a node wrote it, or as a page quotes it.
    pub example: String,
}

impl LogFile {
    /// What the text says, with the values that it names.
    pub(crate) fn says<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> String {
        let mut says = String::new();
        let mut rest = self.meaning.as_ref().map_or("", |says| says.as_str());
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
            says.push_str(before);
            match value(name) {
                Some(value) => says.push_str(value),
                None => says.push('…'),
            }
            rest = behind;
        }
        says.push_str(rest);
        says
    }
}

/// Which cluster of a link writes a text into its log.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    /// Either, or neither: an answer of an API.
    #[default]
    Either,
    /// The one that queries or follows.
    Local,
    /// The one that is queried or followed.
    Remote,
}

/// One of all texts.
#[derive(Debug)]
pub(crate) struct Signature {
    /// Code of its check.
    pub(crate) code: String,
    /// As it is written in the check file.
    pub(crate) text: String,
    pattern: Pattern,
    regex: OnceLock<Option<Regex>>,
}

/// All texts of a set of checks, to be looked for in one pass.
#[derive(Debug)]
pub struct Signatures {
    all: Vec<Signature>,
    /// Finds the part of each text that never varies.
    needles: AhoCorasick,
    /// The signatures of each needle.
    of_needle: Vec<Vec<usize>>,
}

impl CheckSet {
    /// The texts of all checks that logs are searched for. Those that are no patterns, which
    /// `checks lint` tells, are left out.
    pub fn signatures(&self) -> Signatures {
        let mut all = Vec::new();
        for check in self.checks() {
            for log in check.file.log.iter().filter(|log| !log.pasted_only) {
                let Ok(pattern) = Pattern::parse(&log.text) else {
                    continue;
                };
                all.push(Signature {
                    code: check.code.clone(),
                    text: log.text.clone(),
                    pattern,
                    regex: OnceLock::new(),
                });
            }
        }
        Signatures::new(all)
    }
}

impl Signatures {
    fn new(all: Vec<Signature>) -> Self {
        let mut of_needle: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, signature) in all.iter().enumerate() {
            let needle = signature.pattern.needle().to_owned();
            of_needle.entry(needle).or_default().push(index);
        }
        let needles = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(of_needle.keys())
            .expect("the needles are short and few");
        Self {
            all,
            needles,
            of_needle: of_needle.into_values().collect(),
        }
    }

    /// All texts as one regular expression, which any search program takes.
    pub fn alternation(&self) -> String {
        let all = self.all.iter().map(|it| it.pattern.anonymous());
        all.collect::<Vec<_>>().join("|")
    }

    /// Where the first needle at or after a position ends.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let input = aho_corasick::Input::new(text).range(from..);
        self.needles.find(input).map(|found| found.end())
    }

    /// The signatures whose needles are in a text, in order.
    pub(crate) fn candidates(&self, text: &[u8]) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .needles
            .find_overlapping_iter(text)
            .flat_map(|hit| self.of_needle[hit.pattern().as_usize()].iter().copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(crate) fn get(&self, index: usize) -> &Signature {
        &self.all[index]
    }
}

impl Signature {
    /// What the text names, and where it stands, if it is there.
    pub(crate) fn read<'t>(&self, text: &'t str) -> Option<Reading<'t>> {
        let regex = self.regex.get_or_init(|| self.pattern.exact().ok());
        Reading::of(regex.as_ref()?, text)
    }
}

/// A text that was found.
#[derive(Debug)]
pub(crate) struct Reading<'t> {
    /// All of it.
    pub(crate) whole: &'t str,
    /// What it names: the variable and the value.
    pub(crate) values: Vec<(String, &'t str)>,
}

impl<'t> Reading<'t> {
    fn of(regex: &Regex, text: &'t str) -> Option<Self> {
        let captures = regex.captures(text)?;
        let values = regex.capture_names().flatten().filter_map(|name| {
            let value = captures.name(name)?;
            Some((name.to_owned(), value.as_str()))
        });
        Some(Self {
            whole: captures.get(0)?.as_str(),
            values: values.collect(),
        })
    }

    /// The value of a variable.
    pub(crate) fn value(&self, name: &str) -> Option<&'t str> {
        let own = self.values.iter().find(|(own, _)| own == name);
        own.map(|(_, value)| *value).filter(|it| !it.is_empty())
    }
}
