//! What is wrong with a check file, and where.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use super::item::Source;

/// Something that is wrong with a check file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The file, as the reader named it; for a check of the binary its path in `checks/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether the check cannot judge; else it judges and should be better.
    pub breaks: bool,
}

impl Problem {
    /// At a byte of the file.
    pub(crate) fn at(source: &Source, offset: usize, message: impl Into<String>) -> Self {
        let mut offset = offset.min(source.text.len());
        while !source.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &source.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: source.path.clone().into_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
            breaks: true,
        }
    }

    /// In a text of the file, `offset` bytes behind its beginning.
    pub(crate) fn within(
        source: &Source,
        span: &Range<usize>,
        offset: usize,
        message: impl Into<String>,
    ) -> Self {
        let written = source.text.get(span.clone()).unwrap_or_default();
        let quotes = match written {
            text if text.starts_with("'''\n") || text.starts_with("\"\"\"\n") => 4,
            text if text.starts_with("'''") || text.starts_with("\"\"\"") => 3,
            _ => 1,
        };
        Self::at(source, span.start + quotes + offset, message)
    }

    /// The same, of a check that judges all the same.
    pub(crate) fn advisory(self) -> Self {
        Self {
            breaks: false,
            ..self
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Why a folder of checks cannot be used (exit code 4).
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Files that are no checks, or cannot judge.
    #[error("broken check files:\n{}", lines(.0))]
    Broken(Vec<Problem>),
    /// The folder holds no check.
    #[error("no check in {}: expected files named AREA/FAULT.toml", .0.display())]
    Empty(PathBuf),
    /// The folder or a file in it cannot be read.
    #[error("read {}: {source}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not.
        source: std::io::Error,
    },
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// " (did you mean `version`?)", or nothing where no candidate is near.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    nearest(wanted, candidates).map_or_else(String::new, |candidate| {
        format!(" (did you mean `{candidate}`?)")
    })
}

/// The candidate that was most likely meant.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let likeness = |candidate: &&'a str| (strsim::jaro_winkler(wanted, candidate), *candidate);
    let best = candidates.into_iter().map(|candidate| likeness(&candidate));
    let best = best.filter(|(likeness, _)| *likeness > 0.8);
    best.max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let source = Source {
            path: "a/b.toml".into(),
            text: "title = 'ä'\nok = 'link.modle'\n".into(),
        };
        let problem = Problem::within(&source, &(18..30), 4, "no such key");
        assert_eq!(problem.to_string(), "a/b.toml:2:11: no such key");
        assert_eq!(
            did_you_mean("modle", ["alias", "model"]),
            " (did you mean `model`?)"
        );
        assert_eq!(did_you_mean("zebra", ["alias", "model"]), "");
    }
}
