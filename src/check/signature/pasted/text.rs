//! A pasted text, wrapped, quoted and escaped in whatever way it came, and where known texts stand in it.

use regex::Regex;

use super::{KnownText, LONGEST_TEXT};
use crate::check::signature::Reading;

/// Fewest characters by which a text is known whose end is cut off, without spaces and quotes.
const SHORTEST_CUT: usize = 20;

/// Most characters of a value in which a text is cut off.
const LONGEST_VALUE: usize = 80;

/// A text in the ways in which it can be read.
pub(super) struct Pasted {
    /// With every line end as a space; with every line end and indentation gone, as terminals wrap.
    readings: [String; 2],
    /// The second one without spaces, quotes and case.
    squeezed: String,
}

impl Pasted {
    pub(super) fn new(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(LONGEST_TEXT)];
        let text = unescape(text);
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.trim_start_matches(['>', '|']).trim_end_matches('\r'))
            .collect();
        let spaced: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.split_whitespace())
            .collect();
        let joined: String = lines.iter().map(|line| line.trim_start()).collect();
        let squeezed = squeeze(&joined);
        Self {
            readings: [spaced.join(" "), joined],
            squeezed,
        }
    }

    /// Where a known text stands, and what it names there.
    pub(super) fn find(&self, known: &KnownText) -> Option<(String, Vec<(String, String)>)> {
        let pattern = known.pattern.as_ref()?;
        // Most texts are not there: that is found out without compiling them.
        if !known
            .squeezed
            .iter()
            .all(|literal| self.squeezed.contains(literal))
        {
            return None;
        }
        let regex = known
            .regex
            .get_or_init(|| pattern.lenient(usize::MAX).ok())
            .as_ref()?;
        self.read(regex)
    }

    /// A known text that ends where the whole text does, with the values before its last fixed part:
    /// that part, or the value behind it, may be cut off.
    pub(super) fn find_cut(&self, known: &KnownText) -> Option<(String, Vec<(String, String)>)> {
        let pattern = known.pattern.as_ref()?;
        let text = self.squeezed.trim_end_matches(['.', '…']);
        let (mut position, mut length) = (0, 0);
        for (index, literal) in known.squeezed.iter().enumerate() {
            let rest = &text[position..];
            if let Some(at) = rest.find(literal) {
                position += at + literal.len();
                length += literal.len();
                continue;
            }
            let begun = literal
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .rev()
                .find(|end| rest.ends_with(&literal[..*end]));
            // A value between brackets has ended where the bracket has.
            let open = index > 0 && known.squeezed[index - 1].ends_with('[') && !rest.contains(']');
            let in_value = begun.is_none()
                && rest.len() <= LONGEST_VALUE
                && (open || !literal.starts_with(']'));
            if !in_value && begun.is_none() || length + begun.unwrap_or(0) < SHORTEST_CUT {
                return None;
            }
            if index == 0 {
                return Some((self.readings[0].clone(), Vec::new()));
            }
            return self.read(&pattern.lenient(index).ok()?);
        }
        None
    }

    fn read(&self, regex: &Regex) -> Option<(String, Vec<(String, String)>)> {
        self.readings.iter().find_map(|text| {
            let reading = Reading::of(regex, text)?;
            let values = reading.values.iter();
            let values = values.map(|(name, value)| (name.clone(), (*value).to_owned()));
            Some((reading.whole.to_owned(), values.collect()))
        })
    }
}

/// Undoes escaping: of JSON, also of JSON in JSON, of HTML, and of terminals' colours.
fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        if !text.contains('\\') {
            break;
        }
        text = unescape_once(&text);
    }
    for (entity, c) in [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, c);
        }
    }
    // What terminals take for colour is no text.
    anstream::adapter::strip_str(&text).to_string()
}

fn unescape_once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let mut behind = behind.chars();
        match behind.next() {
            Some('n') => out.push('\n'),
            Some('r') => {}
            Some('t') => out.push('\t'),
            Some(c @ ('"' | '\\' | '/' | '\'')) => out.push(c),
            Some('u') => {
                let digits: String = behind.clone().take(4).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                match code.filter(|_| digits.len() == 4) {
                    Some(c) => {
                        out.push(c);
                        behind.nth(3);
                    }
                    None => out.push_str("\\u"),
                }
            }
            Some(c) => {
                out.push('\\');
                out.push(c);
            }
            None => out.push('\\'),
        }
        rest = behind.as_str();
    }
    out.push_str(rest);
    out
}

/// Without spaces, quotes and case.
pub(super) fn squeeze(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !c.is_whitespace() && !"\"'“”‘’`\\".contains(*c));
    kept.flat_map(char::to_lowercase).collect()
}
