//! The language of `text` in a `[[log]]` table: the text itself, with names in braces where it
//! varies.

use regex::{Regex, RegexBuilder};

/// What may stand in braces, and what it looks like. Elasticsearch puts most values in brackets.
const VALUES: [(&str, &str); 9] = [
    (
        "address",
        r"(?:[^\s\[\]{},;/]*/)?\[[^\[\]\s]*\]:\d+|[^\s\[\]{},;]+",
    ),
    ("alias", r#"[^\s\[\]:,"']+"#),
    ("context", r"[^\s\[\]]+"),
    ("host", r"[^\s\[\]]+"),
    ("index", r"[^\[\]]+"),
    ("issuer", r"[^\[\]]+"),
    ("key", r"[-\w.…]+"),
    ("subject", r"[^\[\]]+"),
    ("user", r"[^\[\]]+"),
];

/// Shortest part that never varies: what is shorter would be found everywhere.
const SHORTEST_NEEDLE: usize = 8;

/// A parsed text.
#[derive(Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    needle: String,
}

#[derive(Debug)]
enum Piece {
    /// Anything, as little as possible.
    Any,
    /// The text itself.
    Literal(String),
    /// A named value.
    Value(&'static str, &'static str),
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BadPattern {
    /// What is wrong and what would be right.
    pub(crate) message: String,
    /// Where, in bytes.
    pub(crate) offset: usize,
}

impl Pattern {
    /// Parses a text.
    pub(crate) fn parse(text: &str) -> Result<Self, BadPattern> {
        let mut pieces = Vec::new();
        let mut position = 0;
        let mut named = Vec::new();
        while let Some(found) = text[position..].find('{') {
            let brace = position + found;
            let bad = |message: String| BadPattern {
                message,
                offset: brace,
            };
            let Some(length) = text[brace..].find('}') else {
                return Err(bad("this brace is never closed".to_owned()));
            };
            literal(&text[position..brace], &mut pieces);
            let name = &text[brace + 1..brace + length];
            pieces.push(match VALUES.iter().find(|(known, _)| *known == name) {
                Some((known, looks)) => {
                    if named.contains(known) {
                        return Err(bad(format!("{{{name}}} stands here twice")));
                    }
                    named.push(known);
                    Piece::Value(known, looks)
                }
                None if name == "*" => Piece::Any,
                None => {
                    let known = VALUES.map(|(known, _)| known).join(", ");
                    return Err(bad(format!(
                        "{{{name}}} stands for nothing; expected one of {known} or *"
                    )));
                }
            });
            position = brace + length + 1;
        }
        literal(&text[position..], &mut pieces);
        let needle = needle(&pieces);
        if needle.len() < SHORTEST_NEEDLE {
            return Err(BadPattern {
                message: format!(
                    "too little of this never varies: at least {SHORTEST_NEEDLE} characters \
                     without quotes must stand in one piece"
                ),
                offset: 0,
            });
        }
        Ok(Self { pieces, needle })
    }

    /// The longest part that never varies and is written in JSON as in plain text.
    pub(crate) fn needle(&self) -> &str {
        &self.needle
    }

    /// The names of its values.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let names = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(name, _) => Some(*name),
            Piece::Any | Piece::Literal(_) => None,
        });
        names.collect()
    }

    /// The parts that never vary.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Any | Piece::Value(..) => None,
        })
    }

    /// Matches the text as a node writes it.
    pub(crate) fn exact(&self) -> Result<Regex, regex::Error> {
        let looks = self.pieces.iter().map(|piece| match piece {
            Piece::Any => r"[\s\S]*?".to_owned(),
            Piece::Literal(text) => regex::escape(text),
            Piece::Value(name, looks) => format!("(?<{name}>{looks})"),
        });
        Regex::new(&looks.collect::<String>())
    }

    /// The text in the language of regular expressions, within one line and without names.
    pub(crate) fn anonymous(&self) -> String {
        let looks = self.pieces.iter().map(|piece| match piece {
            Piece::Any => ".*?".to_owned(),
            Piece::Literal(text) => regex::escape(text),
            Piece::Value(_, looks) => format!("(?:{looks})"),
        });
        looks.collect()
    }

    /// Matches the text as people pass it on: wrapped, in other case, with other quotes. Of its parts
    /// that never vary the first ones, and the values between those.
    pub(crate) fn lenient(&self, literals: usize) -> Result<Regex, regex::Error> {
        let mut ends = (1..=self.pieces.len())
            .filter(|end| matches!(self.pieces[end - 1], Piece::Literal(_)))
            .skip(literals.saturating_sub(1));
        let end = ends.next().unwrap_or(self.pieces.len());
        let looks = self.pieces[..end].iter().map(|piece| match piece {
            Piece::Any => r"[\s\S]*?".to_owned(),
            Piece::Value(name, value) => format!("(?<{name}>{value})"),
            Piece::Literal(text) => text.chars().map(lenient).collect(),
        });
        let looks: String = looks.collect();
        RegexBuilder::new(&looks).case_insensitive(true).build()
    }
}

/// A character as people pass it on.
fn lenient(c: char) -> String {
    match c {
        ' ' => r"\s*".to_owned(),
        '"' | '\'' => r#"["'“”‘’`]?"#.to_owned(),
        c => regex::escape(c.encode_utf8(&mut [0; 4])),
    }
}

fn literal(text: &str, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Literal(text.to_owned()));
    }
}

fn needle(pieces: &[Piece]) -> String {
    let literals = pieces.iter().filter_map(|piece| match piece {
        Piece::Literal(text) => Some(text),
        Piece::Any | Piece::Value(..) => None,
    });
    // Quotes and backslashes are escaped in JSON, and what is no ASCII may be.
    let plain = literals.flat_map(|text| {
        text.split(|c: char| matches!(c, '"' | '\\' | '<' | '>' | '&') || !c.is_ascii())
    });
    let longest = plain.max_by_key(|text| text.len());
    longest.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let pattern =
            Pattern::parse("cluster [{alias}] at address [{address}]{*}[{host}]").unwrap();
        assert_eq!(pattern.needle(), "] at address [");
        let regex = pattern.exact().unwrap();
        for (address, host) in [
            ("127.0.0.1:1", "h"),
            ("[::1]:9443", "a.b"),
            ("b/10.0.0.1:9", "x"),
        ] {
            let text = format!("to cluster [bee] at address [{address}], name=[{host}]");
            let captures = regex.captures(&text).unwrap();
            assert_eq!(&captures["alias"], "bee");
            assert_eq!(&captures["address"], address);
            assert_eq!(&captures["host"], host);
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_said() {
        for (text, offset) in [
            ("no {such} name", 3),
            ("no {end", 3),
            ("{alias}{*}short", 0),
        ] {
            assert_eq!(Pattern::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn wrapped_and_quoted_texts_match_leniently() {
        let pattern = Pattern::parse("no such remote cluster: [{alias}] \"x\"").unwrap();
        let regex = pattern.lenient(usize::MAX).unwrap();
        assert!(regex.is_match("No such remote\n   cluster: [b-2] 'x'"));
    }
}
