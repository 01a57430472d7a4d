//! What is learned by reading everything: whatever is called by name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::distinguished_name::values;
use super::document::{self, Visitor};
use super::fields::Class;
use super::{LEADER, SHORTEST_WORD, answer, is_ordinary, setting, words};
use crate::evidence::Evidence;
use crate::scrub::MARK;

/// Reads everything.
#[derive(Debug, Default)]
pub(in crate::bundle) struct Lesson {
    pub(super) identifiers: BTreeMap<String, Class>,
    /// Words that stay somewhere: of versions, states, roles. They cannot be told from an
    /// identifier that is the same word, like the ordinary ones.
    pub(super) public: BTreeSet<String>,
}

impl Lesson {
    /// What the document calls by name.
    pub(in crate::bundle) fn evidence(&mut self, evidence: &Evidence) {
        let mut document = serde_json::to_value(evidence)
            .expect("the document leaves unknown facts out, and its keys are texts");
        document::walk(&mut document, self);
    }

    /// What an answer of a cluster calls by name.
    pub(in crate::bundle) fn answer(&mut self, answer: &Value) {
        answer::walk(&mut answer.clone(), self);
    }

    /// Words that stay.
    fn leave(&mut self, text: &str) {
        let parts = text.split(|it: char| !it.is_ascii_alphanumeric());
        let all = parts.chain([text]).filter(|it| !it.is_empty());
        self.public.extend(all.map(str::to_lowercase));
    }

    fn learn(&mut self, class: Class, text: &str) {
        let text = text.trim();
        // What stood around a secret is no name.
        if text.contains(MARK) {
            return;
        }
        if text.is_empty() || words::is_built_in(text) {
            return;
        }
        let has_form = matches!(class, Class::Id | Class::Fingerprint);
        if has_form || class == Class::Alias {
            self.identifiers.insert(text.to_owned(), class);
        } else {
            self.identifiers.entry(text.to_owned()).or_insert(class);
        }
        if has_form {
            return;
        }
        for word in text.split(|it: char| !it.is_ascii_alphabetic()) {
            if word.len() >= SHORTEST_WORD && !is_ordinary(word) {
                let word = word.to_ascii_lowercase();
                self.identifiers.entry(word).or_insert(Class::Name);
            }
        }
    }
}

impl Visitor for Lesson {
    fn text(&mut self, class: Class, key: Option<&str>, text: &str) -> String {
        match class {
            Class::Address | Class::Url => {
                for host in host_names(text) {
                    self.learn(Class::Host, host);
                }
            }
            Class::DistinguishedName => {
                self.learn(class, text);
                for value in values(text) {
                    self.learn(Class::Name, value);
                }
            }
            Class::SettingName => {
                if let Some(part) = setting::name_within(text) {
                    self.learn(part.class, &text[part.range]);
                }
            }
            Class::SettingValue => {
                if setting::is_plain(key.unwrap_or_default(), text) {
                    self.leave(text);
                } else {
                    for part in text.split(',') {
                        self.learn(Class::Name, part);
                    }
                }
            }
            Class::Index => {
                for pattern in text.split(LEADER).flat_map(|it| it.split([',', ':'])) {
                    self.learn(class, pattern.trim_matches(['*', '-']));
                }
            }
            Class::Word if !text.contains(char::is_whitespace) => self.leave(text),
            // What is asked for is the same in every run.
            Class::RequestPath => {
                let query = text.split_once('?').map_or("", |(_, query)| query);
                for parameter in query.split('&') {
                    self.leave(parameter.split('=').next().unwrap_or_default());
                }
            }
            Class::Word | Class::Free | Class::DocumentPath | Class::Dropped => {}
            _ => self.learn(class, text),
        }
        text.to_owned()
    }
}

/// Host names in an address or URL.
fn host_names(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split_once("://").map_or(text, |(_, rest)| rest);
    let parts = inside.split(['/', '#', '[', ']']);
    parts.map(|part| match part.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => part,
    })
}
