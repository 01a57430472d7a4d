//! Text that is safe and fits: foreign characters escaped, lines wrapped on words.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How many columns a line may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Width(pub usize);

impl Width {
    /// Where nobody knows better: files, pipes, tickets.
    pub const DEFAULT: Self = Self(80);

    /// That of the terminal on standard output, within what reads well.
    pub fn of_terminal() -> Self {
        terminal_size::terminal_size().map_or(Self::DEFAULT, |(width, _)| {
            Self(usize::from(width.0).clamp(40, 100))
        })
    }
}

/// One line of text without anything that a terminal obeys or that turns text around: much of what
/// is shown came from the network. Such characters are written as escapes, line breaks too.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Formatting characters of Unicode that hide or reorder text.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
            // No characters at all, and not allowed in XML.
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

/// The same for a text of several lines, each of which stays one.
pub(super) fn plain_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(plain).collect();
    lines.join("\n")
}

/// At most so many characters of a text, and how many more there are: what came from the network may
/// be endless, and a ticket is not.
pub(super) fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            Cow::Owned(format!("{}… ({more} more characters)", &text[..end]))
        }
    }
}

/// Own symbols in ASCII; anything else that is not becomes an escape. Colour stays.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '✔' => out.push('+'),
            '✘' | '×' => out.push('x'),
            '–' | '—' => out.push('-'),
            '·' => out.push('|'),
            '→' => out.push_str("->"),
            '…' => out.push_str("..."),
            '“' | '”' => out.push('"'),
            '‘' | '’' => out.push('\''),
            c => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    out
}

/// Lines of at most `width` columns, broken between words; a word that is longer stays whole, so
/// that it can be copied.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width.max(20))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&plain(text), options)
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_network_reaches_the_terminal_as_a_command() {
        let text = plain("a\u{1b}[2J\u{202e}b\r\nCause\u{0}\u{9b}31m");
        assert_eq!(text, "a\\u{1b}[2J\\u{202e}b\\r\\nCause\\u{0}\\u{9b}31m");
        assert_eq!(plain("Größe → 日本"), "Größe → 日本");
    }

    #[test]
    fn words_that_are_too_long_stay_whole() {
        let url = "https://www.elastic.co/docs/a-page-with-a-long-name";
        assert_eq!(wrap(&format!("see {url} now"), 20), ["see", url, "now"]);
    }

    #[test]
    fn symbols_have_an_ascii_form() {
        assert_eq!(ascii("✔ a → b – c … ü"), "+ a -> b - c ... \\u{fc}");
    }

    #[test]
    fn long_texts_are_clipped_between_characters() {
        assert_eq!(clip("Größe", 5), "Größe");
        assert_eq!(clip("Größe", 3), "Grö… (2 more characters)");
        assert_eq!(plain_lines("a\n\u{1b}b\r\nc"), "a\n\\u{1b}b\nc");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_obeyed_or_wider_than_its_line(text in "\\PC*|.*", width in 20_usize..100) {
            for line in wrap(&text, width) {
                proptest::prop_assert!(!line.chars().any(char::is_control));
                // A single word may be wider.
                proptest::prop_assert!(columns(&line) <= width || !line.trim().contains(' '));
            }
            proptest::prop_assert!(ascii(&plain(&text)).is_ascii());
        }
    }
}
