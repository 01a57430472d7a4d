//! Texts that somebody pastes, a line of a log or an answer of an API, and what they say.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;

use super::{LogFile, Pattern, Writer};
use crate::check::{Check, CheckSet, Explanation};
use crate::report::{Certainty, Kind};

mod text;

use text::{Pasted, squeeze};

/// Longest text that is looked at, in bytes.
pub const LONGEST_TEXT: usize = 4 << 20;

/// What a pasted text says.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// The check of the fault, with what the text names filled in.
    pub explanation: Explanation,
    /// What the text says, as a clause.
    pub says: String,
    /// The part of the text that says it.
    pub matched: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// Which cluster writes it.
    pub by: Writer,
    /// What the text names: `alias`, `address`, `key` and so on, as far as it can stand in a command.
    pub values: BTreeMap<String, String>,
    /// Rows of the failure catalogue that it may belong to.
    pub covers: Vec<String>,
}

/// A text of a check, ready to be looked for in what people paste.
#[derive(Debug)]
pub(crate) struct KnownText {
    /// `None` where it is no pattern, which `checks lint` tells.
    pattern: Option<Pattern>,
    /// The parts that never vary, without spaces, quotes and case.
    squeezed: Vec<String>,
    /// How many characters of it never vary: the more, the less it is found by chance.
    weight: usize,
    regex: OnceLock<Option<Regex>>,
}

impl KnownText {
    pub(crate) fn new(log: &LogFile) -> Self {
        let pattern = Pattern::parse(&log.text).ok();
        let literals = || pattern.iter().flat_map(Pattern::literals);
        Self {
            squeezed: literals().map(squeeze).collect(),
            weight: literals().map(str::len).sum(),
            regex: OnceLock::new(),
            pattern,
        }
    }
}

/// A check whose texts were found.
struct Found<'a> {
    check: &'a Check,
    log: &'a LogFile,
    weight: usize,
    matched: String,
    values: BTreeMap<String, String>,
    covers: Vec<String>,
    /// Whether the text ends in the middle of what is known.
    cut: bool,
}

impl CheckSet {
    /// What a pasted text says, the best explanation first; empty where no check knows it.
    pub fn explain_text(&self, text: &str) -> Vec<Meaning> {
        let text = Pasted::new(text);
        let search = |cut| -> Vec<Found<'_>> {
            let checks = self.checks();
            checks.filter_map(|it| find(it, &text, cut)).collect()
        };
        let mut found = search(false);
        if found.is_empty() {
            found = search(true);
        }
        let mut named = BTreeMap::new();
        for (name, value) in found.iter().flat_map(|it| plain_values(&it.values)) {
            named.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let mut ranked: Vec<(_, Meaning)> = found
            .iter()
            .map(|it| {
                let rank = (
                    follows_from(it, &found),
                    it.check.file.kind == Kind::Symptom,
                    it.certainty(),
                    it.check.file.kind,
                    std::cmp::Reverse(it.weight),
                );
                (rank, self.meaning(it, &named))
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, meaning)| meaning).collect()
    }

    /// `named` is what all texts name together.
    fn meaning(&self, found: &Found<'_>, named: &BTreeMap<String, String>) -> Meaning {
        let value = |name: &str| found.values.get(name).map(String::as_str);
        let mut explanation = self.explanation(found.check);
        for fix in &mut explanation.fixes {
            for text in std::iter::once(&mut fix.text).chain(&mut fix.commands) {
                for (placeholder, name) in [("<alias>", "alias"), ("<id>", "key")] {
                    if let Some(value) = named.get(name) {
                        *text = text.replace(placeholder, value);
                    }
                }
            }
        }
        Meaning {
            says: found.log.says(value),
            explanation,
            matched: found.matched.clone(),
            certainty: found.certainty(),
            by: found.log.by,
            covers: found.covers.clone(),
            values: plain_values(&found.values)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }
}

/// The values that can stand in a command: whoever wrote the text may have had a shell in mind.
fn plain_values(values: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/[]".contains(c);
    values
        .iter()
        .filter(move |(_, value)| value.chars().all(plain) && !value.starts_with('-'))
}

/// Whether a check is the consequence of another one that was found as surely.
fn follows_from(own: &Found<'_>, found: &[Found<'_>]) -> bool {
    own.check.file.consequence_of.iter().any(|cause| {
        let mut others = found.iter();
        others.any(|it| it.check.code == *cause && certainty(it.log) <= certainty(own.log))
    })
}

fn certainty(log: &LogFile) -> Certainty {
    log.certainty.unwrap_or(Certainty::Strong)
}

impl Found<'_> {
    /// Of a text that is cut off nobody knows how it went on.
    fn certainty(&self) -> Certainty {
        if self.cut {
            Certainty::Hint
        } else {
            certainty(self.log)
        }
    }
}

/// The best of a check's texts that is there, with what all of them name; with `cut` the best of those
/// whose beginning is there.
fn find<'a>(check: &'a Check, text: &Pasted, cut: bool) -> Option<Found<'a>> {
    let mut best: Option<Found<'a>> = None;
    let mut covers = check.file.covers.clone();
    let mut values = BTreeMap::new();
    let texts = check.file.log.iter().zip(check.texts());
    for (log, known) in texts.filter(|(log, _)| !(log.healthy || cut && log.whole)) {
        let there = if cut {
            text.find_cut(known)
        } else {
            text.find(known)
        };
        let Some((matched, named)) = there else {
            continue;
        };
        covers.extend(log.covers.iter().cloned());
        for (name, value) in named {
            values.entry(name).or_insert(value);
        }
        let weight = known.weight;
        let better = |best: &Found<'_>| {
            (certainty(log), std::cmp::Reverse(weight))
                < (certainty(best.log), std::cmp::Reverse(best.weight))
        };
        if best.as_ref().is_none_or(better) {
            best = Some(Found {
                check,
                log,
                weight,
                matched,
                values: BTreeMap::new(),
                covers: Vec::new(),
                cut,
            });
        }
    }
    covers.sort_unstable();
    covers.dedup();
    best.map(|best| Found {
        values,
        covers,
        ..best
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Meaning {
        let meanings = CheckSet::embedded().explain_text(text);
        meanings
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("nothing explains {text}"))
    }

    #[test]
    fn a_text_is_known_in_whatever_way_it_comes() {
        let line = "failed to establish trust with server at [b.example.org]; the server provided a \
                    certificate with subject name [CN=b]; the certificate is issued by [CN=b-ca] but \
                    the server did not provide a copy of the issuing certificate in the certificate \
                    chain";
        let json = serde_json::json!({"message": line, "log.level": "WARN"}).to_string();
        let wrapped = textwrap::fill(line, 40);
        let terminal: Vec<String> = (line.as_bytes().chunks(40))
            .map(|chunk| String::from_utf8(chunk.to_vec()).unwrap())
            .collect();
        for (how, text) in [
            ("plain", line.to_owned()),
            (
                "with a head",
                format!("[2026-11-25T00:04:56,020][WARN ][o.e.x.c.s.D] [n] {line}"),
            ),
            ("JSON", json.clone()),
            (
                "JSON in JSON",
                serde_json::json!({ "log": json }).to_string(),
            ),
            ("wrapped", wrapped.clone()),
            ("quoted", format!("> {}", wrapped.replace('\n', "\n> "))),
            (
                "indented",
                format!("    {}", wrapped.replace('\n', "\n    ")),
            ),
            ("wrapped by a terminal", terminal.join("\n")),
            ("shouted", line.to_uppercase()),
            ("coloured", format!("\u{1b}[31m{line}\u{1b}[0m")),
        ] {
            let meaning = first(&text);
            assert_eq!(meaning.explanation.code, "tls/issuer-not-trusted", "{how}");
            assert_eq!(meaning.certainty, Certainty::Strong, "{how}");
            assert_eq!(
                meaning.values["host"].to_lowercase(),
                "b.example.org",
                "{how}"
            );
        }
    }

    #[test]
    fn a_text_that_is_cut_off_is_known_by_its_beginning() {
        let line = "Unable to open any proxy connections to cluster [bee] at address [x]";
        let whole = first(line);
        for end in [32, 40, 46, 48, 50] {
            let cut = first(&line[..end]);
            assert_eq!(cut.explanation.code, whole.explanation.code, "{end}");
            assert!(!cut.values.contains_key("alias"), "{end}: {:?}", cut.values);
        }
        let denied = "is unauthorized for user [u] with effective roles [r] bec";
        let found = CheckSet::embedded().explain_text(denied);
        assert!(
            !found.iter().any(|it| it.says.contains("may do everything")),
            "{found:?}"
        );
        let refused = "failed to establish trust with server at [b.example.org]; the server provided \
                       a certificate with subject name [CN=b.exa…";
        let meaning = first(refused);
        assert_eq!(meaning.values["host"], "b.example.org");
        assert_eq!(meaning.certainty, Certainty::Hint);
        for text in [
            "Unable to open",
            "Unable to open any proxy connections is what I mean",
        ] {
            let found = CheckSet::embedded().explain_text(text);
            assert!(
                found.iter().all(|it| it.says.contains("could be opened")),
                "{text}"
            );
        }
        assert!(
            CheckSet::embedded()
                .explain_text("Unable to open")
                .is_empty()
        );
    }

    #[test]
    fn the_cause_comes_before_what_follows_from_it() {
        let text = "NoSeedNodeLeftException: Unable to open any proxy connections to cluster [bee] at \
                    address [127.0.0.1:1]\nSuppressed: org.elasticsearch.transport.\
                    ConnectTransportException: [][127.0.0.1:1] connect_exception\nCaused by: \
                    java.net.ConnectException: Connection refused: localhost/127.0.0.1:1";
        let meanings = CheckSet::embedded().explain_text(text);
        let codes: Vec<&str> = meanings
            .iter()
            .map(|it| it.explanation.code.as_str())
            .collect();
        assert_eq!(codes, ["connection/refused", "connection/not-connected"]);
        assert_eq!(meanings[0].values["address"], "localhost/127.0.0.1:1");
        assert_eq!(meanings[1].values["alias"], "bee");
    }

    #[test]
    fn no_command_holds_what_a_shell_would_run() {
        let text = "Unable to open any proxy connections to cluster [$(reboot)] at address [x]";
        let meaning = first(text);
        assert!(meaning.says.contains("$(reboot)"), "{}", meaning.says);
        let commands = meaning
            .explanation
            .fixes
            .iter()
            .flat_map(|fix| &fix.commands);
        assert!(commands.into_iter().all(|it| !it.contains("reboot")));
        assert!(!meaning.values.contains_key("alias"));
    }

    #[test]
    fn what_no_check_knows_is_not_explained() {
        for text in [
            "",
            "\\",
            "\\u12",
            "a disk is full",
            "ünïcödé \\uD800 \u{1b}[",
        ] {
            assert!(CheckSet::embedded().explain_text(text).is_empty(), "{text}");
        }
    }
}
