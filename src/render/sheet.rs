//! A page being written: labels in the left margin, text beside them.

use anstyle::Style;

use crate::report::{Finding, Outcome, Severity};

use super::text::{Width, ascii, columns, plain, wrap};

/// Columns of the left margin, in which the labels stand.
pub(super) const MARGIN: usize = 8;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BAD: Style = anstyle::AnsiColor::Red.on_default().bold();
pub(super) const GOOD: Style = anstyle::AnsiColor::Green.on_default().bold();
pub(super) const CARE: Style = anstyle::AnsiColor::Yellow.on_default().bold();

/// The page.
#[derive(Debug)]
pub(super) struct Sheet {
    text: String,
    width: usize,
    /// Label of the next line, once.
    label: Option<(String, Style)>,
}

impl Sheet {
    pub(super) fn new(width: Width) -> Self {
        Self {
            text: String::new(),
            width: width.0,
            label: None,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// A line as it is; its texts are plain already.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// The next line has this label in its margin.
    pub(super) fn label(&mut self, label: &str) {
        self.label = Some((label.to_owned(), BOLD));
    }

    /// Text beside the margin.
    pub(super) fn text(&mut self, text: &str) {
        self.indented(text, 0, Style::new());
    }

    /// A line beside the margin as it is; its texts are plain already.
    pub(super) fn beside(&mut self, line: &str) {
        self.margin(MARGIN);
        self.line(line);
    }

    /// Text that is less important.
    pub(super) fn note(&mut self, text: &str) {
        self.indented(text, 0, DIM);
    }

    /// Text further in.
    pub(super) fn indented(&mut self, text: &str, indent: usize, style: Style) {
        let indent = MARGIN + indent;
        for line in wrap(text, self.width.saturating_sub(indent)) {
            self.margin(indent);
            self.line(&styled(&line, style));
        }
    }

    /// A mark, and text beside it that may take several lines.
    pub(super) fn marked(&mut self, mark: &str, style: Style, text: &str) {
        let hang = columns(mark) + 1;
        let lines = wrap(text, self.width.saturating_sub(MARGIN + hang));
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.margin(MARGIN);
                self.line(&format!("{} {line}", styled(mark, style)));
            } else {
                self.margin(MARGIN + hang);
                self.line(line);
            }
        }
    }

    /// A command: never wrapped, so that it can be pasted. It may have several lines.
    pub(super) fn command(&mut self, command: &str) {
        for line in command.lines() {
            self.margin(MARGIN + 2);
            self.line(&plain(line));
        }
    }

    fn margin(&mut self, indent: usize) {
        let Some((label, style)) = self.label.take() else {
            self.text.push_str(&" ".repeat(indent));
            return;
        };
        let gap = indent.saturating_sub(columns(&label)).max(1);
        self.text.push_str(&styled(&label, style));
        self.text.push_str(&" ".repeat(gap));
    }

    pub(super) fn finish(self, in_ascii: bool) -> String {
        if in_ascii {
            ascii(&self.text)
        } else {
            self.text
        }
    }
}

/// The text between the style's escape sequences.
pub(super) fn styled(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// The sign of a finding, and its colour.
pub(super) fn mark(finding: &Finding) -> (&'static str, Style) {
    match (finding.outcome, finding.severity) {
        (Outcome::Pass, _) => ("✔", GOOD),
        (Outcome::Skip, _) => ("–", DIM),
        (Outcome::Unknown, _) => ("?", CARE),
        (Outcome::Fail, Severity::Info) => ("i", DIM),
        (Outcome::Fail, Severity::Warning) => ("!", CARE),
        (Outcome::Fail, Severity::Error) | (Outcome::Broken, _) => ("✘", BAD),
    }
}
