//! Free texts: errors, log lines, remedies. The identifiers that are known from elsewhere are
//! replaced in them, and so is what has the shape of one.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::words;

/// What a part of a text is, for the function that replaces it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// A known identifier, by its place in the list.
    Known(usize),
    /// An IP address, with its zone and the length of its network.
    Ip,
    /// A host name.
    Host,
    /// A mail address.
    Mail,
    /// A UUID, or a long number in hexadecimal.
    Hex,
    /// Text written in hexadecimal.
    HexText,
    /// An identity as Elasticsearch makes them, or the identity of a cloud deployment.
    Id,
    /// The value of an attribute of a distinguished name.
    Attribute,
}

/// A part of a text that is to be replaced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) shape: Shape,
}

/// Finds known identifiers in texts.
#[derive(Debug)]
pub(super) struct Known {
    automaton: AhoCorasick,
    /// For each pattern: which identifier, and how long the marks around it are.
    patterns: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug)]
struct Pattern {
    identifier: usize,
    before: usize,
    after: usize,
}

/// Marks around a name that tell it from an ordinary word.
const MARKS: [(&str, &str); 8] = [
    ("[", "]"),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("cluster.remote.", "."),
    ("[", ":"),
    ("\"", ":"),
    ("/", ":"),
];

impl Known {
    /// Of these identifiers; one that is an ordinary word is found between marks alone.
    pub(super) fn new<'a>(
        identifiers: impl IntoIterator<Item = &'a str>,
        is_ordinary: impl Fn(&str) -> bool,
    ) -> Self {
        let mut patterns = Vec::new();
        let mut texts = Vec::new();
        for (identifier, text) in identifiers.into_iter().enumerate() {
            if text.is_empty() {
                continue;
            }
            if is_ordinary(text) {
                for (before, after) in MARKS {
                    texts.push(format!("{before}{text}{after}"));
                    patterns.push(Pattern {
                        identifier,
                        before: before.len(),
                        after: after.len(),
                    });
                }
            } else {
                texts.push(text.to_owned());
                patterns.push(Pattern {
                    identifier,
                    before: 0,
                    after: 0,
                });
            }
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&texts)
            .expect("the identifiers of one run are far fewer than an automaton can hold");
        Self {
            automaton,
            patterns,
        }
    }

    /// All parts of a text that are to be replaced, in order, none within another: of two that
    /// overlap the longer one.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let mut found: Vec<Found> = self
            .automaton
            .find_overlapping_iter(text)
            .filter_map(|it| {
                let pattern = self.patterns[it.pattern()];
                let range = it.start() + pattern.before..it.end() - pattern.after;
                let marked = pattern.before > 0;
                (marked || stands_alone(text, &range)).then_some(Found {
                    range,
                    shape: Shape::Known(pattern.identifier),
                })
            })
            .collect();
        found.extend(shapes(text));
        found.sort_by_key(|it| (std::cmp::Reverse(it.range.len()), it.range.start));
        let mut kept: Vec<Found> = Vec::new();
        for it in found {
            let overlaps = |other: &Found| {
                it.range.start < other.range.end && other.range.start < it.range.end
            };
            if !kept.iter().any(overlaps) {
                kept.push(it);
            }
        }
        kept.sort_by_key(|it| it.range.start);
        kept
    }
}

/// Whether no letter or digit touches it.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let touches = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    // The escaped line break of a JSON text within a text ends in a letter.
    let before = &text[..range.start];
    let escaped = ["\\n", "\\t", "\\r"].iter().any(|it| before.ends_with(it));
    (escaped || !touches(before.chars().next_back())) && !touches(text[range.end..].chars().next())
}

struct Rule {
    shape: Shape,
    pattern: Regex,
    holds: fn(&str) -> bool,
}

/// What has the shape of an identifier, whether it is known or not.
pub(super) fn shapes(text: &str) -> impl Iterator<Item = Found> {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let rule = |shape, pattern: &str, holds| Rule {
            shape,
            pattern: Regex::new(pattern).expect("a constant pattern"),
            holds,
        };
        vec![
            rule(
                Shape::Ip,
                r"(?:^|[^0-9A-Za-z.])(?P<s>(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?)(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9]))",
                is_v4,
            ),
            rule(
                Shape::Ip,
                r"(?:^|[^0-9A-Za-z:.])(?P<s>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f.]*(?:%[0-9A-Za-z]+)?(?:/[0-9]{1,3})?)",
                is_v6,
            ),
            rule(
                Shape::Mail,
                r"\b(?P<s>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b",
                |_| true,
            ),
            rule(
                Shape::Host,
                r"(?:^|[^A-Za-z0-9_@.-])(?P<s>(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z]{2,})(?:$|[^A-Za-z0-9_(-])",
                is_host,
            ),
            // Behind the user of a URL, whose password was taken out before.
            rule(
                Shape::Host,
                r"://[^\s/@]*@(?P<s>(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z]{2,})\b",
                is_host,
            ),
            rule(
                Shape::HexText,
                r"SSL/TLS record: (?P<s>(?:[0-9a-fA-F]{2})+)",
                |_| true,
            ),
            rule(
                Shape::Hex,
                r"\b(?P<s>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?:[0-9a-fA-F]{2}[:-]){5,}[0-9a-fA-F]{2}|[0-9a-fA-F]{16,})\b",
                |text| text.bytes().any(|it| it.is_ascii_digit()),
            ),
            rule(
                Shape::Id,
                r"(?:^|[^A-Za-z0-9_.-])(?P<s>[A-Za-z0-9_-]{20}|[A-Za-z0-9_-]{22})(?:$|[^A-Za-z0-9_.-])",
                is_id,
            ),
            rule(
                Shape::Id,
                r"\b(?P<s>[A-Za-z0-9_-]+:[A-Za-z0-9+/]{24,}={0,2})",
                is_cloud_id,
            ),
            rule(
                Shape::Attribute,
                r"\b(?:CN|OU|O|L|ST|DC|UID|STREET|SERIALNUMBER|EMAILADDRESS)=(?P<s>[^,\]\[)+=]+)",
                |_| true,
            ),
        ]
    });
    let mut found = Vec::new();
    for rule in RULES.iter() {
        // A sign that ends one match may begin the next.
        let mut from = 0;
        while let Some(range) = rule
            .pattern
            .captures_at(text, from)
            .and_then(|it| it.name("s"))
            .map(|it| it.range())
        {
            from = range.end.max(from + 1);
            if (rule.holds)(&text[range.clone()]) {
                found.push(Found {
                    range,
                    shape: rule.shape,
                });
            }
            if !text.is_char_boundary(from) {
                break;
            }
        }
    }
    found.into_iter()
}

fn is_v4(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    address.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_v6(text: &str) -> bool {
    super::address::v6(text).is_some()
}

/// A dotted name is a host if it ends in a domain and is no class, setting or action.
fn is_host(text: &str) -> bool {
    const OTHERS: [&str; 24] = [
        "org.elasticsearch",
        "org.apache",
        "org.yaml",
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "com.sun",
        "io.netty",
        "io.grpc",
        "com.carrotsearch",
        "co.elastic.",
        "o.e.",
        "o.a.",
        "cluster.",
        "xpack.",
        "node.",
        "network.",
        "transport.",
        "http.",
        "remote_cluster",
        "index.",
        "settings.",
        "nodes.",
    ];
    let last = text.rsplit('.').next().unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    let is_documentation = lower.ends_with("elastic.co");
    words::is_domain(last)
        && last.chars().all(|it| it.is_ascii_lowercase())
        && !OTHERS.iter().any(|it| lower.starts_with(it))
        && !is_documentation
}

/// The Base64 of `host$id$id` behind a name.
fn is_cloud_id(text: &str) -> bool {
    let encoded = text.split_once(':').map_or("", |(_, it)| it);
    let decoded = STANDARD.decode(encoded).unwrap_or_default();
    decoded.contains(&b'$') && decoded.iter().all(u8::is_ascii_graphic)
}

/// Elasticsearch's identities are random: capitals, small letters and digits are all in them.
fn is_id(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.as_bytes().iter().any(of);
    has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(known: &[&str], text: &str) -> Vec<String> {
        let found = Known::new(known.iter().copied(), words::is_ordinary).find(text);
        found
            .iter()
            .map(|it| text[it.range.clone()].to_owned())
            .collect()
    }

    #[test]
    fn known_identifiers_are_found_as_words_the_longest_first() {
        let known = ["acme", "acme-prod", "node"];
        assert_eq!(
            parts(
                &known,
                "acme-prod and Acme, not acmeish; a node [node] of acme_x"
            ),
            ["acme-prod", "Acme", "node", "acme"]
        );
        assert_eq!(parts(&known, "cluster.remote.node.mode of node"), ["node"]);
    }

    #[test]
    fn shapes_are_found_and_words_are_not() {
        for (text, wanted) in [
            ("[][10.0.0.5:9300] connect_exception", &["10.0.0.5"][..]),
            ("at 10.0.0.5, 10.0.0.6/24.", &["10.0.0.5", "10.0.0.6/24"]),
            (
                "at [fd00::5]:9443 and [0:0:0:0:0:0:0:1]",
                &["fd00::5", "0:0:0:0:0:0:0:1"],
            ),
            ("unknown host [es.acme-corp.com]", &["es.acme-corp.com"]),
            (
                "java.net.UnknownHostException: es.acme.de: Name",
                &["es.acme.de"],
            ),
            ("mail ops@acme.de now", &["ops@acme.de"]),
            ("org.elasticsearch.transport.ConnectTransportException", &[]),
            ("cluster.remote.x.proxy_address is set", &[]),
            ("8.14.1 and 9.4.3", &[]),
            (
                "id 5IFlCqIBFsqsHzwCggPH, not indices_data_read_sear",
                &["5IFlCqIBFsqsHzwCggPH"],
            ),
            (
                "uuid 123e4567-e89b-12d3-a456-426614174000",
                &["123e4567-e89b-12d3-a456-426614174000"],
            ),
            ("SSL/TLS record: 485454502f312e31", &["485454502f312e31"]),
            ("[CN=acme ca, O=Acme]", &["acme ca", "Acme"]),
            ("took 12:30:05 on 2026-11-24T10:00:00Z", &[]),
            ("https://www.elastic.co/docs/x", &[]),
        ] {
            assert_eq!(parts(&[], text), wanted, "{text}");
        }
    }
}
