//! Which form a report has, and what renders it.

use std::path::Path;

use super::Format;
use crate::check::CheckSet;
use crate::render::{Html, Human, Json, Junit, Markdown, Page, Render, Sarif};
use crate::report::Severity;

/// What renderers need beside the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// How text to read is laid out.
    pub(super) human: Human,
    /// The checks that judged.
    pub(super) checks: &'a CheckSet,
    /// Least severity that makes the exit code 1.
    pub(super) threshold: Severity,
}

/// The endings of files and their formats; the longest that fits counts.
const ENDINGS: &[(&str, Format)] = &[
    (".json", Format::Json),
    (".txt", Format::Human),
    (".md", Format::Markdown),
    (".markdown", Format::Markdown),
    (".xml", Format::Junit),
    (".sarif", Format::Sarif),
    (".sarif.json", Format::Sarif),
    (".html", Format::Html),
    (".htm", Format::Html),
];

/// For messages: the endings that are known.
pub(super) const KNOWN_ENDINGS: &str = ".json, .txt, .md, .xml (JUnit) or .sarif (or .sarif.json)";

impl Format {
    /// The format that a file's ending stands for.
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        ENDINGS
            .iter()
            .filter(|(ending, _)| name.ends_with(ending))
            .max_by_key(|(ending, _)| ending.len())
            .map(|(_, format)| *format)
    }

    /// The page in this format.
    pub(super) fn render(self, page: &Page<'_>, manner: Manner<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        let result = match self {
            Self::Human => manner.human.render(page, &mut text),
            Self::Json => Json.render(page, &mut text),
            Self::Markdown => Markdown.render(page, &mut text),
            Self::Junit => Junit {
                threshold: manner.threshold,
            }
            .render(page, &mut text),
            Self::Sarif => Sarif {
                checks: manner.checks,
            }
            .render(page, &mut text),
            Self::Html => Html.render(page, &mut text),
        };
        result.expect("writing into memory does not fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_stand_for_formats() {
        for (name, format) in [
            ("a.json", Some(Format::Json)),
            ("a.sarif.json", Some(Format::Sarif)),
            ("a.b.HTML", Some(Format::Html)),
            ("reports.d/TEST-a.junit.xml", Some(Format::Junit)),
            ("/dev/stdout", None),
            ("json", None),
            ("a.pdf", None),
        ] {
            assert_eq!(Format::of_file(Path::new(name)), format, "{name}");
        }
    }
}
