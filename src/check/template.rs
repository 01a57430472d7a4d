//! Texts with `{…}` in them.
//!
//! A brace opens an expression where a letter, a digit or one of `( [ ! - _ '` follows at once; any
//! other brace stands for itself, so that JSON in a command needs no escaping.

use serde_json::Value as Json;

use super::expression::{Answer, Evaluator, Expression, Mentioned, Scope, Step, SyntaxError};

/// A parsed text.
#[derive(Debug)]
pub(crate) struct Template(Vec<Part>);

/// A piece of a text.
#[derive(Debug)]
pub(crate) enum Part {
    /// As it stands.
    Plain(String),
    /// To be evaluated.
    Value {
        /// The expression.
        expression: Expression,
        /// Where it begins in the text, in bytes.
        offset: usize,
    },
}

/// Who reads the text: what stands for a value that is not known depends on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    /// A command to paste: `<version>` is to be filled in.
    Command,
    /// A sentence: "unknown".
    Sentence,
}

/// A text filled in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Filled {
    /// The text.
    pub(crate) text: String,
    /// What is wrong with expressions in it.
    pub(crate) problems: Vec<String>,
}

impl Template {
    /// Parses a text. The error's offset counts from the beginning of the text.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut position = 0;
        while let Some(found) = text[position..].find('{') {
            let brace = position + found;
            let start = brace + 1;
            plain.push_str(&text[position..brace]);
            if !opens_expression(&text[start..]) {
                plain.push('{');
                position = start;
                continue;
            }
            let Some(length) = expression_length(&text[start..]) else {
                let message = "this brace is never closed".to_owned();
                return Err(SyntaxError {
                    message,
                    offset: brace,
                });
            };
            let expression = Expression::parse(&text[start..start + length]);
            let expression = expression.map_err(|error| SyntaxError {
                offset: start + error.offset,
                ..error
            })?;
            parts.push(Part::Plain(std::mem::take(&mut plain)));
            parts.push(Part::Value {
                expression,
                offset: start,
            });
            position = start + length + 1;
        }
        plain.push_str(&text[position..]);
        parts.push(Part::Plain(plain));
        Ok(Self(parts))
    }

    /// Its pieces.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text for no subject in particular: `<alias>` where a finding has the real one.
    pub(crate) fn in_general(&self) -> String {
        let words = self.0.iter().map(|part| match part {
            Part::Plain(text) => text.clone(),
            Part::Value { expression, .. } => placeholder(expression),
        });
        words.collect()
    }

    /// Fills it in.
    pub(crate) fn fill(&self, evaluator: &Evaluator, scope: &Scope, usage: Use) -> Filled {
        let mut filled = Filled::default();
        for part in &self.0 {
            match part {
                Part::Plain(text) => filled.text.push_str(text),
                Part::Value { expression, .. } => {
                    let answer = evaluator.value(expression, scope);
                    match (answer, usage) {
                        (Answer::Known(Json::Null) | Answer::Unknown, Use::Command) => {
                            filled.text.push_str(&placeholder(expression));
                        }
                        (Answer::Known(value), _) => filled.text.push_str(&in_words(&value)),
                        (Answer::Unknown, Use::Sentence) => filled.text.push_str("unknown"),
                        (Answer::Broken(problem), _) => {
                            filled.text.push_str("unknown");
                            filled.problems.push(problem);
                        }
                    }
                }
            }
        }
        filled
    }
}

fn opens_expression(rest: &str) -> bool {
    let opening = |c: char| c.is_ascii_alphanumeric() || "([!-_'".contains(c);
    rest.starts_with(opening)
}

/// Length of the expression up to the brace that closes it; braces in strings do not count.
fn expression_length(rest: &str) -> Option<usize> {
    let mut depth = 0;
    let mut quote = None;
    let mut escaped = false;
    for (position, c) in rest.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(position),
            (None, '}') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    None
}

fn in_words(value: &Json) -> String {
    match value {
        Json::Array(elements) if elements.is_empty() => "none".to_owned(),
        Json::Array(elements) => elements.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Json::Null => "none".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `<version>`, named after the last thing that the expression reads.
fn placeholder(expression: &Expression) -> String {
    let mentions = expression.mentions();
    let key = mentions
        .iter()
        .rev()
        .find_map(|mention| match &mention.what {
            Mentioned::Path(path) => path.steps.iter().rev().find_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Each | Step::Index => None,
            }),
            Mentioned::Function(_) | Mentioned::Regex(_) => None,
        });
    format!("<{}>", key.unwrap_or("value").replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::document::Document;
    use crate::check::file::SubjectKind;
    use crate::check::standard::with_given;

    fn fill(text: &str, usage: Use) -> Filled {
        let given = r#"{ "remote": { "version": "__absent__" }, "link": { "seeds": ["x", "y"] } }"#;
        let evidence = with_given(SubjectKind::Link, given).unwrap();
        let document = Document::new(&evidence);
        let item = document.items(SubjectKind::Link, &evidence).remove(0);
        Template::parse(text)
            .unwrap()
            .fill(&document.evaluator, &item.scope, usage)
    }

    #[test]
    fn values_stand_where_expressions_were() {
        for (text, sentence, command) in [
            (
                "{link.alias}: {remote.version}",
                "bee: unknown",
                "bee: <version>",
            ),
            ("to {link.server_name}", "to none", "to <server-name>"),
            (
                "{link.seeds} or {link.seeds.size()}",
                "x, y or 2",
                "x, y or 2",
            ),
            (
                r#"{"a":{"b":"{link.alias}"}}"#,
                r#"{"a":{"b":"bee"}}"#,
                r#"{"a":{"b":"bee"}}"#,
            ),
            ("{ } {}", "{ } {}", "{ } {}"),
            ("{'}' + link.alias}", "}bee", "}bee"),
            ("{link.info.connected ? 'up' : 'down'}", "up", "up"),
        ] {
            assert_eq!(fill(text, Use::Sentence).text, sentence);
            assert_eq!(fill(text, Use::Command).text, command);
        }
        assert_eq!(fill("{link.alias > 3}", Use::Sentence).problems.len(), 1);
        assert_eq!(Template::parse("a {link.alias").unwrap_err().offset, 2);
    }
}
