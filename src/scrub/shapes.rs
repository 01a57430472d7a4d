//! Secrets by their shape: what can be told from the text alone.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::{Captures, Regex};

/// A secret in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Secret {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is, in a few words.
    pub what: &'static str,
}

/// One shape: what it is, the pattern whose group `s` (or whole match) is the secret, and whether
/// that text is one after all.
struct Shape {
    what: &'static str,
    pattern: &'static str,
    /// Whether an ASCII text, in lower case, may hold it at all: most are short and do not, and searching
    /// for the pattern, even compiling it, is saved.
    may_be_in: fn(&str) -> bool,
    holds: fn(&str) -> bool,
}

fn always(_: &str) -> bool {
    true
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The shapes. None takes words that Elasticsearch or this program writes for a secret; a test
/// reads all of them.
static SHAPES: &[Shape] = &[
    Shape {
        what: "a private key",
        pattern: r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
        may_be_in: |text| text.contains("-----begin"),
        holds: always,
    },
    Shape {
        what: "a header with a credential",
        pattern: r#"(?i)\b(?:authorization|x-api-key|(?:set-)?cookie|_cross_cluster_access_credentials)\b"?\s*[:=]\s*"?(?P<s>[^\r\n"\\\]]{4,})"#,
        may_be_in: |text| {
            has_any(
                text,
                &["authorization", "x-api-key", "cookie", "_credentials"],
            ) && has_any(text, &[":", "="])
        },
        holds: always,
    },
    Shape {
        what: "a credential with its scheme",
        pattern: r"(?i)\b(?:Basic|Bearer|ApiKey|Negotiate)\s+(?P<s>[A-Za-z0-9+/=._~-]{8,})",
        may_be_in: |text| has_any(text, &["basic", "bearer", "apikey", "negotiate"]),
        holds: is_token,
    },
    Shape {
        what: "a password in a URL",
        pattern: r#"(?i)\b[a-z][a-z0-9+.-]*://[^/\s@:"'\[\]]*:(?P<s>[^/\s@"']+)@"#,
        may_be_in: |text| text.contains("://") && text.contains('@'),
        holds: always,
    },
    Shape {
        what: "a web token",
        pattern: r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}",
        may_be_in: |text| text.contains("eyj"),
        holds: always,
    },
    Shape {
        what: "a cloud provider's key",
        pattern: r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|(?:gh[pousr]|glpat|xox[abprs])[_-][A-Za-z0-9-]{16,})",
        may_be_in: |text| has_any(text, &["akia", "asia", "aiza", "gh", "glpat", "xox"]),
        holds: always,
    },
    Shape {
        what: "a service account's token",
        pattern: r"\bAAEAA[A-Za-z0-9+/_-]{20,}={0,2}",
        may_be_in: |text| text.contains("aaeaa"),
        holds: always,
    },
    Shape {
        what: "a value of a secret setting",
        pattern: r#"(?i)\b[a-z0-9_.-]*(?:password|passwd|passphrase|secret(?:[_.-]?(?:access[_.-]?)?key)?|access[_.-]?key(?:[_.-]?id)?|private[_.-]?key|api[_.-]?key|token|session[_.-]?id|credentials?)(?:"\s*:\s*"|\\"\s*:\s*\\"|\s*=\s*["']?)(?P<s>[^\s"'\\,;&)\]}]{3,})"#,
        may_be_in: |text| {
            has_any(
                text,
                &["pass", "secret", "key", "token", "session", "credential"],
            ) && has_any(text, &[":", "="])
        },
        holds: is_value,
    },
    Shape {
        what: "an encoded API key",
        pattern: r"(?:^|[^A-Za-z0-9+/])(?P<s>[A-Za-z0-9+/]{40,160}={0,2})(?:$|[^A-Za-z0-9+/=])",
        may_be_in: |text| {
            text.split(|c| !is_base64(c))
                .any(is_long_and_no_fingerprint)
        },
        holds: is_encoded_pair,
    },
    Shape {
        what: "an API key",
        pattern: r"(?:^|[^A-Za-z0-9_-])(?P<s>[A-Za-z0-9_-]{20}:[A-Za-z0-9_-]{22})(?:$|[^A-Za-z0-9_-])",
        may_be_in: |text| {
            text.match_indices(':')
                .any(|(at, _)| at >= 20 && text.len() - at > 22)
        },
        holds: always,
    },
];

/// The patterns, each compiled when it is needed first.
static PATTERNS: [OnceLock<Regex>; SHAPES.len()] = [const { OnceLock::new() }; SHAPES.len()];

/// No match is shorter.
const SHORTEST: usize = 8;

/// Longest text that is looked through for hints first: of a longer one a copy would cost more.
const SHORT: usize = 64 * 1024;

/// Every secret in a text, in order, none within another.
pub fn secrets(text: &str) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    if text.len() < SHORTEST {
        return found;
    }
    // Letters beyond ASCII may be other cases of those that a pattern names.
    let is_plain = text.len() <= SHORT && text.is_ascii();
    let lower = is_plain.then(|| text.to_ascii_lowercase());
    for (shape, pattern) in SHAPES.iter().zip(&PATTERNS) {
        if lower
            .as_ref()
            .is_some_and(|lower| !(shape.may_be_in)(lower))
        {
            continue;
        }
        let pattern = pattern.get_or_init(|| shape.compiled());
        let secret = |it: Captures<'_>| it.name("s").or_else(|| it.get(0)).map(|it| it.range());
        let ranges = pattern.captures_iter(text).filter_map(secret);
        found.extend(
            ranges
                .filter(|range| !text[range.start..].starts_with(super::MARK))
                .filter(|range| (shape.holds)(&text[range.clone()]))
                .map(|range| Secret {
                    range,
                    what: shape.what,
                }),
        );
    }
    found.sort_by_key(|it| (it.range.start, std::cmp::Reverse(it.range.end)));
    let mut end = 0;
    found.retain_mut(|it| {
        // Of two that overlap, the second begins behind the first.
        it.range.start = it.range.start.max(end);
        let is_new = it.range.start < it.range.end;
        end = end.max(it.range.end);
        is_new
    });
    found
}

impl Shape {
    fn compiled(&self) -> Regex {
        Regex::new(self.pattern).expect("a constant pattern")
    }
}

/// Whether a setting or field of that name holds a secret: by its last part, as in
/// `xpack.security.http.ssl.keystore.password`.
pub fn is_secret_name(name: &str) -> bool {
    static SECRET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)(?:^|[._-])(?:secure_.*|.*passw(?:or)?d|.*passphrase|.*secret|.*secret[_-]?key|.*private[_-]?key|.*access[_-]?key(?:[_-]id)?|.*api[_-]?key|.*token|.*credentials?|.*cookie|.*session[_-]?id|authorization)$",
        )
        .expect("a constant pattern")
    });
    let last = name.rsplit('.').next().unwrap_or(name);
    SECRET.is_match(last)
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/')
}

/// Long enough for an encoded API key. Hexadecimal digits alone are a fingerprint: that an encoded key has
/// no other is as likely as guessing the key.
fn is_long_and_no_fingerprint(run: &str) -> bool {
    run.len() >= 40 && !run.bytes().all(|it| it.is_ascii_hexdigit())
}

/// A word behind `Basic` or `Bearer` is a token if no plain word looks like it.
fn is_token(text: &str) -> bool {
    let digit = text.bytes().any(|it| it.is_ascii_digit());
    let inner_capital = text.bytes().skip(1).any(|it| it.is_ascii_uppercase());
    let lower = text.bytes().any(|it| it.is_ascii_lowercase());
    let padded = text.ends_with('=') && !text.contains("realm");
    padded || digit || (inner_capital && lower)
}

/// `ENCODED` and `PASSWORD` stand for a secret in the commands that this program prints.
fn is_value(text: &str) -> bool {
    let placeholder = text.starts_with(['<', '[', '$', '…', '*']) || text.starts_with("::");
    !placeholder && !matches!(text, "true" | "false" | "null" | "ENCODED" | "PASSWORD")
}

/// Base64 of `id:secret`, as in [RFC 7617] or as Elasticsearch encodes an API key.
///
/// [RFC 7617]: https://www.rfc-editor.org/rfc/rfc7617
fn is_encoded_pair(text: &str) -> bool {
    let decoded = STANDARD.decode(text).or_else(|_| {
        let bare = text.trim_end_matches('=');
        STANDARD.decode(format!("{bare}{}", "=".repeat((4 - bare.len() % 4) % 4)))
    });
    let Ok(decoded) = decoded else { return false };
    let Some(colon) = decoded.iter().position(|it| *it == b':') else {
        return false;
    };
    let printable = decoded.iter().all(|it| (b'!'..=b'~').contains(it));
    printable && colon > 0 && decoded.len() - colon > 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let found = secrets(text);
        found
            .iter()
            .map(|it| text[it.range.clone()].to_owned())
            .collect()
    }

    #[test]
    fn every_shape_is_recognised() {
        let encoded = STANDARD.encode("5IFlCqIBFsqsHzwCggPH:3kXw-0_9Tt2b8Yq1ZcVnMQ");
        for (text, secret) in [
            (
                "see -----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----.",
                "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----",
            ),
            (
                "cut -----BEGIN PRIVATE KEY-----\\nMHc",
                "-----BEGIN PRIVATE KEY-----\\nMHc",
            ),
            ("Authorization: Negotiate abc\r\nHost: x", "Negotiate abc"),
            ("cookie: sid=Fe26.2**0\r\n", "sid=Fe26.2**0"),
            (
                "header [Basic ZWxhc3RpYzpnZWhlaW0=] is",
                "ZWxhc3RpYzpnZWhlaW0=",
            ),
            ("at https://elastic:geheim@a.example.org:9200/", "geheim"),
            (
                "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln in",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            ),
            ("key AKIAIOSFODNN7EXAMPLE of", "AKIAIOSFODNN7EXAMPLE"),
            (
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG",
                "wJalrXUtnFEMI/K7MDENG",
            ),
            (r#"{"rp.client_secret": "abc-def"}"#, "abc-def"),
            ("keystore.secure_password=geheim12 in", "geheim12"),
            // The long s is another case of s.
            ("secure_pa\u{17f}\u{17f}word=geheim12 in", "geheim12"),
            (encoded.as_str(), encoded.as_str()),
            (
                "id 5IFlCqIBFsqsHzwCggPH:3kXw-0_9Tt2b8Yq1ZcVnMQ!",
                "5IFlCqIBFsqsHzwCggPH:3kXw-0_9Tt2b8Yq1ZcVnMQ",
            ),
            (
                "by AAEAAWVsYXN0aWMvZmxlZXQtc2VydmVyL3Rva2VuMTo",
                "AAEAAWVsYXN0aWMvZmxlZXQtc2VydmVyL3Rva2VuMTo",
            ),
        ] {
            assert_eq!(told(text), [secret], "{text}");
            // Hints spare work and hide nothing.
            let long = format!("{}\n{text}", " ".repeat(SHORT));
            assert_eq!(told(&long), [secret], "{text}");
        }
    }

    #[test]
    fn words_are_none() {
        for text in [
            "Basic authentication is off",
            "basic realm=\"security\" charset=\"UTF-8\"",
            "Bearer tokens are not accepted",
            "requires ApiKey authentication",
            "API key: api key is expired",
            "missing authentication credentials for action [cluster:internal/remote_cluster/handshake]",
            "cluster.remote.bee.credentials is not set",
            "xpack.security.authc.api_key.enabled: true",
            "see https://b.example.org:9443/x@y",
            "elasticsearch-keystore add cluster.remote.bee.credentials",
            "org.elasticsearch.transport.RemoteConnectionStrategyAndSomeMore",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn nothing_that_checks_say_is_a_secret() {
        let set = crate::check::CheckSet::embedded();
        for check in set.checks() {
            let file = &check.file;
            let texts = [&file.message, &file.why]
                .into_iter()
                .map(|it| format!("{it:?}"));
            let fixes = file.fix.iter().map(|it| format!("{it:?}"));
            for text in texts.chain(fixes) {
                assert_eq!(told(&text), [""; 0], "{}: {text}", check.code);
            }
        }
    }

    #[test]
    fn names_of_secret_settings() {
        for name in [
            "xpack.security.http.ssl.keystore.password",
            "node.attr.password",
            "xpack.security.authc.realms.ldap.l1.secure_bind_password",
            "rp.client_secret",
            "s3.client.default.secret_key",
            "cluster.remote.bee.credentials",
            "api_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "xpack.security.authc.api_key.enabled",
            "xpack.security.authc.token.timeout",
            "node.name",
            "keystore.path",
            "xpack.security.transport.ssl.key",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
