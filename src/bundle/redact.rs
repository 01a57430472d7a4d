//! Redaction: every identifier is replaced by a token, the same one everywhere, so that a stranger
//! can follow what belongs together without learning what it is.
//!
//! First everything is read, and what it calls by name is learned; then everything is written anew.
//! Fields whose meaning is known are replaced by it ([`fields`]), free texts by what was learned and
//! by what has the shape of an identifier ([`text`]). What a check looks at stays: the number of
//! labels, ports, private ranges, wildcards, illegal signs, common beginnings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::evidence::Evidence;
use crate::scrub::MARK;

mod address;
mod answer;
mod cipher;
mod distinguished_name;
mod document;
mod fields;
mod lesson;
mod near;
mod setting;
mod text;
mod token;
mod words;

#[cfg(test)]
mod tests;

use cipher::Cipher;
use distinguished_name::attribute_types;
use document::Visitor;
use fields::Class;
use text::{Known, Shape};

pub(super) use lesson::Lesson;
pub(super) use token::{Kind, Token};
pub(super) use words::is_ordinary;

/// Shortest word of a name that is searched for by itself.
const SHORTEST_WORD: usize = 4;

/// What stands for the leader's name in the pattern of an auto-follow pattern.
const LEADER: &str = "{{leader_index}}";

/// Writes everything anew.
#[derive(Debug)]
pub(super) struct Redactor {
    cipher: Cipher,
    identifiers: Vec<(String, Class)>,
    by_text: BTreeMap<String, Class>,
    /// Aliases whose tokens are made of that of a name like them.
    near: BTreeMap<String, String>,
    known: Known,
    public: BTreeSet<String>,
    table: BTreeMap<String, Token>,
}

impl Redactor {
    /// Knows all that was learned, and replaces it by a key.
    pub(super) fn new(key: &[u8], lesson: Lesson) -> Self {
        let identifiers: Vec<_> = lesson.identifiers.clone().into_iter().collect();
        let cipher = Cipher::new(key);
        let aliases: BTreeSet<&str> = identifiers
            .iter()
            .filter(|(_, class)| *class == Class::Alias)
            .map(|(text, _)| text.as_str())
            .collect();
        let near = near::tokens(&aliases, &cipher);
        let public = lesson.public;
        let known = Known::new(identifiers.iter().map(|(text, _)| text.as_str()), |text| {
            is_ordinary(text) || public.contains(&text.to_lowercase())
        });
        Self {
            cipher,
            identifiers,
            by_text: lesson.identifiers,
            near,
            known,
            public,
            table: BTreeMap::new(),
        }
    }

    /// The document with tokens.
    pub(super) fn evidence(&mut self, evidence: &Evidence) -> Evidence {
        let mut document = serde_json::to_value(evidence)
            .expect("the document leaves unknown facts out, and its keys are texts");
        document::walk(&mut document, self);
        serde_json::from_value(document).expect("only texts became other texts")
    }

    /// The answer of a cluster with tokens.
    pub(super) fn answer(&mut self, answer: &Value) -> Value {
        let mut answer = answer.clone();
        answer::walk(&mut answer, self);
        answer
    }

    /// A free text with tokens.
    pub(super) fn free(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in self.known.find(text) {
            out.push_str(&text[end..found.range.start]);
            end = found.range.end;
            out.push_str(&self.found(found.shape, &text[found.range]));
        }
        out.push_str(&text[end..]);
        out
    }

    /// Path and query of a call with tokens.
    pub(super) fn call(&mut self, path: &str) -> String {
        self.typed(Class::RequestPath, path)
    }

    /// The name of a node as a token.
    pub(super) fn node(&mut self, name: &str) -> String {
        self.typed(Class::Node, name)
    }

    fn typed(&mut self, class: Class, text: &str) -> String {
        Visitor::text(self, class, None, text)
    }

    /// What was replaced, by what, and how often.
    pub(super) fn table(&self) -> &BTreeMap<String, Token> {
        &self.table
    }

    /// Whether it may be met without meaning it.
    pub(super) fn is_ordinary(&self, text: &str) -> bool {
        is_ordinary(text) || self.public.contains(&text.to_lowercase()) || text.contains(MARK)
    }

    /// Everything that must not be met in what was written, with what it is.
    pub(super) fn originals(&self) -> BTreeMap<&str, &'static str> {
        let learned = self.identifiers.iter().map(|(text, class)| {
            let kind = Kind::of(*class).map_or("name", Kind::name);
            (text.as_str(), kind)
        });
        let replaced = self.table.iter();
        let replaced = replaced.map(|(text, it)| (text.as_str(), it.kind.name()));
        // What stayed because it identifies nobody may be met.
        let changed = |text: &str| {
            let class = self.by_text.get(text).copied().unwrap_or(Class::Name);
            match class {
                Class::Id => !is_hexadecimal(text) || self.cipher.hex(text) != text,
                Class::Fingerprint => self.cipher.hex(text) != text,
                _ => self.cipher.name(text, words::is_kept_in_path) != text,
            }
        };
        learned
            .filter(|(text, _)| changed(text))
            .chain(replaced)
            .filter(|(text, _)| !self.is_ordinary(text))
            .collect()
    }

    /// Whether tokens can be told apart from each other and from what they replace. Where not,
    /// another key helps.
    pub(super) fn is_sound(&self) -> bool {
        let tokens: BTreeSet<&str> = self.table.values().map(|it| it.text.as_str()).collect();
        let parts = tokens.iter().flat_map(|token| {
            let words = token.split(|it: char| !it.is_ascii_alphabetic());
            words.chain([*token])
        });
        let mut parts = parts.filter(|it| it.len() >= SHORTEST_WORD && !is_ordinary(it));
        let is_original = |it: &str| {
            self.by_text.contains_key(it) || self.by_text.contains_key(&it.to_ascii_lowercase())
        };
        tokens.len() == self.table.len() && !parts.any(is_original)
    }

    fn found(&mut self, shape: Shape, text: &str) -> String {
        match shape {
            Shape::Known(place) => {
                let (_, class) = self.identifiers[place];
                self.typed(class, text)
            }
            Shape::Ip => self.names(text, words::is_kept),
            Shape::Host => self.typed(Class::Host, text),
            Shape::Mail => {
                let token = self.names(text, words::is_kept);
                self.record(Kind::Mail, text, token)
            }
            Shape::Hex => self.typed(Class::Fingerprint, text),
            Shape::HexText => self.hex_text(text),
            Shape::Id => self.typed(Class::Id, text),
            Shape::Attribute => {
                let token = self.names(text, words::is_kept);
                self.record(Kind::Name, text, token)
            }
        }
    }

    /// Text that a node wrote in hexadecimal: what came instead of TLS.
    fn hex_text(&mut self, text: &str) -> String {
        let digits: Vec<u8> = text
            .chars()
            .filter_map(|it| it.to_digit(16))
            .filter_map(|it| u8::try_from(it).ok())
            .collect();
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .map(|it| it[0] << 4 | it[1])
            .collect();
        let Ok(words) = String::from_utf8(bytes) else {
            return text.to_owned();
        };
        let words = self.free(&words);
        words.bytes().fold(String::new(), |mut out, byte| {
            use std::fmt::Write as _;
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// Names and addresses of any kind: IP addresses by their bits, domains and kept words as they
    /// are, everything else letter by letter.
    fn names(&mut self, text: &str, is_kept: fn(&str) -> bool) -> String {
        let addresses: Vec<_> = text::shapes(text)
            .filter(|it| it.shape == Shape::Ip || is_resource_id(it, text))
            .collect();
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in addresses {
            if found.range.start < end {
                continue;
            }
            let address = &text[found.range.clone()];
            let (kind, token) = match found.shape {
                Shape::Hex => (Kind::Id, Some(self.cipher.hex(address))),
                _ => (Kind::IpAddress, address::replaced(&self.cipher, address)),
            };
            let Some(token) = token else {
                continue;
            };
            out.push_str(&self.hosts(&text[end..found.range.start], is_kept));
            out.push_str(&self.record(kind, address, token));
            end = found.range.end;
        }
        out.push_str(&self.hosts(&text[end..], is_kept));
        out
    }

    fn hosts(&self, text: &str, is_kept: fn(&str) -> bool) -> String {
        static HOST: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?:[\w*-]+\.)+(?P<domain>[A-Za-z]{2,})\b").expect("a constant pattern")
        });
        static DASHED: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?:[0-9]{1,3}-){3}[0-9]{1,3}").expect("a constant pattern")
        });
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in HOST.captures_iter(text) {
            let Some(domain) = found.name("domain") else {
                continue;
            };
            if words::is_domain(domain.as_str()) {
                out.push_str(&self.cipher.name(&text[end..domain.start()], is_kept));
                out.push_str(domain.as_str());
                end = domain.end();
            }
        }
        out.push_str(&self.cipher.name(&text[end..], is_kept));
        // The address of a machine in its name: `ip-10-0-0-5`. Digits so short stay, so that it
        // stands at the same place.
        if let Some(dashed) = DASHED.find(&out)
            && let Ok(address) = dashed.as_str().replace('-', ".").parse()
        {
            let token = self.cipher.v4(address).to_string().replace('.', "-");
            out.replace_range(dashed.range(), &token);
        }
        out
    }

    fn distinguished_name(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for range in attribute_types(text) {
            out.push_str(&self.value(&text[end..range.start]));
            out.push_str(&text[range.clone()]);
            end = range.end;
        }
        out.push_str(&self.value(&text[end..]));
        out
    }

    /// A value of a distinguished name, its escapes (RFC 4514 §2.4) as they are.
    fn value(&mut self, text: &str) -> String {
        static ESCAPE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\\[0-9A-Fa-f]{2}").expect("a constant pattern"));
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        let escapes: Vec<_> = ESCAPE.find_iter(text).map(|it| it.range()).collect();
        for escape in escapes {
            out.push_str(&self.names(&text[end..escape.start], words::is_kept));
            out.push_str(&text[escape.clone()]);
            end = escape.end;
        }
        out.push_str(&self.names(&text[end..], words::is_kept));
        out
    }

    fn request_path(&mut self, text: &str) -> String {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        let is_control_plane = path.starts_with("/api/");
        let mut before = "";
        let mut segments = Vec::new();
        for segment in path.split('/') {
            let is_name = match before {
                "_ccr" | "_nodes" | "_license" | "_security" | "_ssl" | "user" | "_remote"
                | "_cluster" => false,
                _ if is_control_plane => !is_ordinary(segment),
                _ => !segment.starts_with('_') && segment != "cluster",
            };
            segments.push(if is_name {
                self.names(segment, words::is_kept)
            } else {
                segment.to_owned()
            });
            before = segment;
        }
        let path = segments.join("/");
        match query {
            None => path,
            Some(query) => match query.split_once("id=") {
                Some((start, id)) => format!("{path}?{start}id={}", self.typed(Class::Id, id)),
                None => format!("{path}?{query}"),
            },
        }
    }

    fn setting_name(&mut self, text: &str) -> String {
        match setting::name_within(text) {
            // An alias where the name of a setting belongs.
            None if self.by_text.get(text) == Some(&Class::Alias) => self.typed(Class::Alias, text),
            None if text.contains(char::is_whitespace) => self.free(text),
            None => text.to_owned(),
            Some(part) => {
                let token = self.typed(part.class, &text[part.range.clone()]);
                format!(
                    "{}{token}{}",
                    &text[..part.range.start],
                    &text[part.range.end..]
                )
            }
        }
    }

    /// Keeps the token for the map, counts the place, and gives it back.
    fn record(&mut self, kind: Kind, text: &str, token: String) -> String {
        if token != text {
            let entry = self.table.entry(text.to_owned()).or_insert_with(|| Token {
                kind,
                text: token.clone(),
                places: 0,
            });
            entry.places += 1;
        }
        token
    }
}

impl Visitor for Redactor {
    fn text(&mut self, class: Class, key: Option<&str>, text: &str) -> String {
        // The same text has the same token, whatever the field.
        let class = match self.by_text.get(text) {
            Some(known @ (Class::Id | Class::Fingerprint | Class::Alias))
                if Kind::of(class).is_some() =>
            {
                *known
            }
            _ => class,
        };
        let token = match class {
            // Several words are a text of somebody, whatever the field.
            Class::Word if text.contains(char::is_whitespace) => return self.free(text),
            Class::Word => return text.to_owned(),
            Class::Dropped => return String::new(),
            Class::Free => return self.free(text),
            Class::DocumentPath => return document::walk_path(text, self),
            Class::RequestPath => return self.request_path(text),
            Class::SettingName => return self.setting_name(text),
            _ if words::is_built_in(text) => return text.to_owned(),
            Class::SettingValue => {
                if setting::is_plain(key.unwrap_or_default(), text) {
                    return text.to_owned();
                }
                let token = self.names(text, words::is_kept_in_path);
                return self.record(Kind::Setting, text, token);
            }
            Class::DistinguishedName => self.distinguished_name(text),
            // No identity after all: a secret stood in it, whose mark stays.
            Class::Id | Class::Fingerprint if text.contains(MARK) => {
                self.names(text, words::is_kept)
            }
            Class::Fingerprint => self.cipher.hex(text),
            Class::Id if is_hexadecimal(text) => self.cipher.hex(text),
            Class::Id => self.cipher.id(text),
            Class::Index => {
                let parts = text.split(LEADER).map(|it| self.names(it, words::is_kept));
                parts.collect::<Vec<String>>().join(LEADER)
            }
            Class::Path => self.names(text, words::is_kept_in_path),
            Class::Alias if self.near.contains_key(text) => self.near[text].clone(),
            _ => self.names(text, words::is_kept),
        };
        // An address is recorded as one already.
        match Kind::of(class) {
            Some(Kind::Host) if text.parse::<std::net::IpAddr>().is_ok() => token,
            Some(kind) => self.record(kind, text, token),
            None => token,
        }
    }
}

/// The identity of a cloud resource, which also stands in names of hosts.
fn is_resource_id(found: &text::Found, text: &str) -> bool {
    found.shape == Shape::Hex && is_hexadecimal(&text[found.range.clone()])
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|it| it.is_ascii_hexdigit())
}
