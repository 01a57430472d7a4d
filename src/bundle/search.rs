//! Does anything survive? Searches the bytes of a bundle for secrets by their shape, and for
//! identifiers in every form in which they could have slipped through.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::redact::is_ordinary;
use crate::scrub;

/// Shortest encoded form that is searched for: a shorter one is met by chance.
const SHORTEST_FORM: usize = 8;

/// Most survivors that are told of one file.
const MOST: usize = 20;

/// Something that should not be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Survivor {
    /// The file in the bundle.
    pub file: String,
    /// Where in it, in bytes.
    pub offset: usize,
    /// What it is; never the secret itself.
    pub what: String,
}

/// What is searched for, in every form.
#[derive(Debug)]
pub(super) struct Search {
    /// As it is, in any case, as a word.
    plain: AhoCorasick,
    plain_of: Vec<usize>,
    /// In another form, wherever it stands.
    encoded: AhoCorasick,
    encoded_of: Vec<(usize, &'static str)>,
    names: Vec<String>,
    /// How many identifiers are too ordinary to be searched for.
    ordinary: usize,
}

impl Search {
    /// For these identifiers or secrets, each with how it is called where it is found.
    pub(super) fn new(wanted: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut search = Forms::default();
        for (text, name) in wanted {
            if is_ordinary(&text) {
                search.ordinary += 1;
            } else {
                search.add(&text, name);
            }
        }
        let build = |insensitive: bool, patterns: &[Vec<u8>]| {
            AhoCorasickBuilder::new()
                .ascii_case_insensitive(insensitive)
                .build(patterns)
                .expect("the identifiers of one run are far fewer than an automaton can hold")
        };
        Self {
            plain: build(true, &search.plain),
            plain_of: search.plain_of,
            encoded: build(false, &search.encoded),
            encoded_of: search.encoded_of,
            names: search.names,
            ordinary: search.ordinary,
        }
    }

    /// How many identifiers are ordinary words, which cannot be told from the words around them.
    pub(super) fn ordinary(&self) -> usize {
        self.ordinary
    }

    /// How many are searched for.
    pub(super) fn searched(&self) -> usize {
        self.names.len()
    }

    /// What of it is in a file.
    pub(super) fn identifiers(&self, file: &str, bytes: &[u8]) -> Vec<Survivor> {
        let mut places = BTreeSet::new();
        for found in self.plain.find_overlapping_iter(bytes) {
            if stands_alone(bytes, found.start(), found.end()) {
                let name = &self.names[self.plain_of[found.pattern()]];
                places.insert((found.start(), name.clone()));
            }
        }
        for found in self.encoded.find_overlapping_iter(bytes) {
            let (identifier, form) = self.encoded_of[found.pattern()];
            let what = format!("{}, {form}", self.names[identifier]);
            places.insert((found.start(), what));
        }
        let survivor = |(offset, what)| Survivor {
            file: file.to_owned(),
            offset,
            what,
        };
        places.into_iter().take(MOST).map(survivor).collect()
    }
}

/// Secrets that can be recognised in a file.
pub(super) fn secrets(file: &str, bytes: &[u8]) -> Vec<Survivor> {
    let text = String::from_utf8_lossy(bytes);
    let found = scrub::secrets(&text);
    let survivor = |it: scrub::Secret| Survivor {
        file: file.to_owned(),
        offset: it.range.start,
        what: it.what.to_owned(),
    };
    found.into_iter().take(MOST).map(survivor).collect()
}

#[derive(Default)]
struct Forms {
    plain: Vec<Vec<u8>>,
    plain_of: Vec<usize>,
    encoded: Vec<Vec<u8>>,
    encoded_of: Vec<(usize, &'static str)>,
    names: Vec<String>,
    ordinary: usize,
}

impl Forms {
    fn add(&mut self, text: &str, name: String) {
        let index = self.names.len();
        self.names.push(name);
        self.plain.push(text.as_bytes().to_vec());
        self.plain_of.push(index);
        let bytes = text.as_bytes();
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let little = utf16.iter().flat_map(|it| it.to_le_bytes()).collect();
        let big = utf16.iter().flat_map(|it| it.to_be_bytes()).collect();
        let hex = |upper: bool| {
            let digits = bytes.iter().map(|it| {
                if upper {
                    format!("{it:02X}")
                } else {
                    format!("{it:02x}")
                }
            });
            digits.collect::<String>().into_bytes()
        };
        let escaped = serde_json::to_string(text).unwrap_or_default();
        let unquoted = escaped
            .strip_prefix('"')
            .and_then(|it| it.strip_suffix('"'));
        let unquoted = unquoted.unwrap_or_default().as_bytes().to_vec();
        let mut forms = vec![
            (little, "in UTF-16"),
            (big, "in UTF-16"),
            (hex(false), "in hexadecimal"),
            (hex(true), "in hexadecimal"),
        ];
        if unquoted != bytes {
            forms.push((unquoted, "escaped"));
        }
        let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
        if url.as_bytes() != bytes {
            forms.push((url.into_bytes(), "percent-encoded"));
        }
        for before in 0..3 {
            forms.push((in_base64(bytes, before), "in Base64"));
        }
        for (form, how) in forms {
            if form.len() >= SHORTEST_FORM {
                self.encoded.push(form);
                self.encoded_of.push((index, how));
            }
        }
    }
}

/// The part of the Base64 that depends on the text alone, so many bytes after the start of a group.
fn in_base64(text: &[u8], before: usize) -> Vec<u8> {
    let padded = [&vec![0; before][..], text].concat();
    let encoded = STANDARD.encode(&padded).into_bytes();
    let start = (before * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    encoded[start..end.max(start)].to_vec()
}

fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let touches = |it: Option<&u8>| it.is_some_and(u8::is_ascii_alphanumeric);
    // The escaped line break of a JSON text ends in a letter.
    let escaped = start >= 2 && bytes[start - 2] == b'\\' && b"ntr".contains(&bytes[start - 1]);
    let before = start.checked_sub(1).and_then(|it| bytes.get(it));
    (escaped || !touches(before)) && !touches(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_found_in_every_form() {
        let name = "fra-node-01.acme.example";
        let search = Search::new([(name.to_owned(), "a host".to_owned())]);
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hex = "6672612d6e6f64652d30312e61636d652e6578616d706c65";
        for text in [
            format!("x {name}:9300").into_bytes(),
            name.to_uppercase().into_bytes(),
            STANDARD.encode(name).into_bytes(),
            STANDARD.encode(format!("a{name}")).into_bytes(),
            STANDARD.encode(format!("ab{name}zz")).into_bytes(),
            hex.to_uppercase().into_bytes(),
            utf16,
        ] {
            let found = search.identifiers("f", &text);
            assert_eq!(found.len(), 1, "{text:?}");
            assert!(found[0].what.starts_with("a host"));
        }
        assert!(search.identifiers("f", b"another-host.example").is_empty());
        let path = Search::new([("a b/c\"d".to_owned(), "a path".to_owned())]);
        assert_eq!(path.identifiers("f", br#"{"x":"a b/c\"d"}"#).len(), 1);
        assert_eq!(path.identifiers("f", b"?x=a+b%2Fc%22d").len(), 1);
    }

    #[test]
    fn what_is_ordinary_is_counted_and_not_searched() {
        let search = Search::new([("remote".to_owned(), "an alias".to_owned())]);
        assert_eq!((search.ordinary(), search.searched()), (1, 0));
    }

    #[test]
    fn secrets_are_found_by_their_shape() {
        let found = secrets(
            "f",
            b"{\"x\":\"Authorization: Basic ZWxhc3RpYzpnZWhlaW0=\"}",
        );
        assert_eq!(found[0].offset, 21);
        assert!(secrets("f", b"Authorization: [redacted]").is_empty());
    }
}
