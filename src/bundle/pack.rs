//! Making a bundle of what a run saw.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use aws_lc_rs::rand;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::map::{KEY_LENGTH, Map, MapEntry};
use super::redact::{Lesson, Redactor};
use super::search::{self, Search, Survivor};
use super::{AskedCall, CallOutcome, Manifest, PackedFile, Redaction, RedactionMode, Replaced};
use super::{json, key_id, sha256};
use crate::check::{CheckSet, JudgeOptions};
use crate::evidence::{self, Evidence, Side};
use crate::probe::Collected;
use crate::probe::elasticsearch::{Answer, Body};
use crate::render::{Detail, Human, Page, Render as _, Width};
use crate::report::{self, Report};
use crate::scrub::Scrub;

/// How many keys are tried until no token is mistaken for another.
const KEYS: usize = 16;

/// What goes into a bundle.
#[derive(Debug)]
pub struct Contents<'a> {
    /// What the run collected.
    pub collected: &'a Collected,
    /// The secrets of the run.
    pub scrub: &'a Scrub,
    /// The checks, for the report.
    pub checks: &'a CheckSet,
    /// What the reader wants judged.
    pub judge: &'a JudgeOptions,
}

/// By what identifiers are replaced.
#[derive(Debug)]
pub enum Tokens<'a> {
    /// Not at all.
    None,
    /// By a new key.
    Fresh,
    /// By the key of an earlier bundle, so that both have the same tokens.
    Of(&'a Map),
}

/// A bundle, ready to be written.
#[derive(Debug)]
pub struct Packed {
    /// The zip.
    pub bytes: Vec<u8>,
    /// What stands in its manifest.
    pub manifest: Manifest,
    /// The map of its tokens; `None` where none were made.
    pub map: Option<Map>,
    /// How many identifiers are ordinary words, which were replaced where they stand as names, and
    /// could not be searched for elsewhere.
    pub ordinary: usize,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The search of the finished files found something.
    #[error("{} places still hold what should not leave this machine, the first in {} at byte {}: {}",
        .0.len(), .0[0].file, .0[0].offset, .0[0].what)]
    Survived(Vec<Survivor>),
    /// No key gives tokens that can be told apart.
    #[error("no key gives tokens that can be told apart; leave --map out, or use --no-redact")]
    NoKey,
    /// The key of the map cannot be used here.
    #[error("with the key of this --map two tokens cannot be told apart; use another file")]
    OldKey,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers for a key")]
    NoRandomness,
    /// The zip cannot be made.
    #[error("the zip cannot be made: {0}")]
    Zip(#[from] zip::result::ZipError),
}

/// Makes a bundle, and searches it for everything that should not be in it.
pub fn pack(contents: &Contents<'_>, tokens: &Tokens<'_>) -> Result<Packed, PackError> {
    let answers = Answers::of(contents);
    let (view, mut redactor) = match tokens {
        Tokens::None => (View::plain(contents, answers), None),
        Tokens::Fresh => {
            let made = (0..KEYS).find_map(|_| match fresh_key() {
                Err(error) => Some(Err(error)),
                Ok(key) => View::redacted(contents, &answers, &key).map(Ok),
            });
            made.ok_or(PackError::NoKey)??.split()
        }
        Tokens::Of(map) => {
            let key = map.key().ok_or(PackError::OldKey)?;
            View::redacted(contents, &answers, &key)
                .ok_or(PackError::OldKey)?
                .split()
        }
    };
    let mut files = view.files();
    let wanted = wanted(contents, redactor.as_ref().map(|(it, _)| it));
    let search = Search::new(wanted);
    let manifest = view.manifest(contents, &mut redactor, &files);
    files.insert(0, ("manifest.json".to_owned(), json(&manifest)));
    let survivors: Vec<Survivor> = files
        .iter()
        .flat_map(|(name, bytes)| {
            let mut found = search::secrets(name, bytes);
            found.extend(search.identifiers(name, bytes));
            found
        })
        .collect();
    if !survivors.is_empty() {
        return Err(PackError::Survived(survivors));
    }
    let earlier = match tokens {
        Tokens::Of(map) => Some(&map.tokens),
        Tokens::None | Tokens::Fresh => None,
    };
    Ok(Packed {
        bytes: zipped(&files)?,
        manifest,
        map: redactor.map(|(redactor, key)| map(&redactor, &key, earlier)),
        ordinary: search.ordinary(),
    })
}

fn fresh_key() -> Result<Vec<u8>, PackError> {
    let mut key = vec![0; KEY_LENGTH];
    rand::fill(&mut key).map_err(|_| PackError::NoRandomness)?;
    Ok(key)
}

/// One answer without its secrets.
struct Kept {
    side: Side,
    answer: Arc<Answer>,
    /// `None` where no answer came.
    body: Option<Value>,
}

struct Answers(Vec<Kept>);

impl Answers {
    fn of(contents: &Contents<'_>) -> Self {
        let collected = contents.collected;
        let of = |side, answers: &[Arc<Answer>]| {
            let each = answers.iter().map(|answer| {
                let body = answer.outcome.as_ref().ok().map(|reply| match &reply.body {
                    Body::Json(value) => value.clone(),
                    Body::Text(text) => Value::String(text.clone()),
                });
                let body = body.map(|mut it| {
                    contents.scrub.answer(&mut it);
                    it
                });
                Kept {
                    side,
                    answer: Arc::clone(answer),
                    body,
                }
            });
            each.collect::<Vec<Kept>>()
        };
        let mut all = of(Side::Local, &collected.local);
        all.extend(of(Side::Remote, &collected.remote));
        Self(all)
    }
}

/// What the bundle shows.
struct View {
    evidence: Evidence,
    report: Report,
    answers: Answers,
}

struct Redacted {
    view: View,
    redactor: Redactor,
    key: Vec<u8>,
}

impl Redacted {
    fn split(self) -> (View, Option<(Redactor, Vec<u8>)>) {
        (self.view, Some((self.redactor, self.key)))
    }
}

impl View {
    fn plain(contents: &Contents<'_>, answers: Answers) -> Self {
        let evidence = contents.collected.evidence.clone();
        Self {
            report: contents.checks.judge(&evidence, contents.judge),
            evidence,
            answers,
        }
    }

    /// `None` where two tokens cannot be told apart with this key.
    fn redacted(contents: &Contents<'_>, answers: &Answers, key: &[u8]) -> Option<Redacted> {
        let evidence = &contents.collected.evidence;
        let mut lesson = Lesson::default();
        lesson.evidence(evidence);
        for body in answers.0.iter().filter_map(|it| it.body.as_ref()) {
            lesson.answer(body);
        }
        let mut redactor = Redactor::new(key, lesson);
        let evidence = redactor.evidence(evidence);
        let answers = answers.0.iter().map(|it| Kept {
            side: it.side,
            answer: Arc::clone(&it.answer),
            body: it.body.as_ref().map(|body| redactor.answer(body)),
        });
        let answers = Answers(answers.collect());
        redactor.is_sound().then(|| Redacted {
            view: Self {
                // Judged anew: what is told is told of the tokens.
                report: contents.checks.judge(&evidence, contents.judge),
                evidence,
                answers,
            },
            redactor,
            key: key.to_owned(),
        })
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let page = Page {
            report: &self.report,
            evidence: &self.evidence,
        };
        let human = Human {
            width: Width::DEFAULT,
            detail: Detail::Full,
            ascii: false,
        };
        let mut text = Vec::new();
        human
            .render(&page, &mut text)
            .expect("writing into memory does not fail");
        let mut files = vec![
            ("evidence.json".to_owned(), json(&self.evidence)),
            ("report.json".to_owned(), json(&self.report)),
            (
                "report.txt".to_owned(),
                anstream::adapter::strip_bytes(&text).into_vec(),
            ),
        ];
        for (index, kept) in self.answers.0.iter().enumerate() {
            if let Some(name) = file_name(index, kept) {
                let bytes = match &kept.body {
                    Some(Value::String(text)) => format!("{text}\n").into_bytes(),
                    body => json(body),
                };
                files.push((name, bytes));
            }
        }
        files
    }

    fn manifest(
        &self,
        contents: &Contents<'_>,
        redactor: &mut Option<(Redactor, Vec<u8>)>,
        files: &[(String, Vec<u8>)],
    ) -> Manifest {
        let (calls, redaction) = match redactor {
            None => (
                self.calls(str::to_owned, str::to_owned, str::to_owned),
                untouched(),
            ),
            Some((redactor, key)) => {
                let redactor = std::cell::RefCell::new(redactor);
                let calls = self.calls(
                    |it| redactor.borrow_mut().call(it),
                    |it| redactor.borrow_mut().node(it),
                    |it| redactor.borrow_mut().free(it),
                );
                let original = contents
                    .checks
                    .judge(&contents.collected.evidence, contents.judge);
                let changed = changed_findings(&original, &self.report);
                (calls, redaction(redactor.into_inner(), key, changed))
            }
        };
        Manifest {
            schema: super::SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: self.evidence.collected_at,
            purpose: self.evidence.purpose,
            schemas: BTreeMap::from([
                ("evidence.json".to_owned(), evidence::SCHEMA.to_owned()),
                ("report.json".to_owned(), report::SCHEMA.to_owned()),
            ]),
            calls,
            redaction,
            files: files
                .iter()
                .map(|(name, bytes)| packed(name, bytes))
                .collect(),
        }
    }

    fn calls(
        &self,
        path: impl Fn(&str) -> String,
        node: impl Fn(&str) -> String,
        free: impl Fn(&str) -> String,
    ) -> Vec<AskedCall> {
        let calls = self.answers.0.iter().enumerate().map(|(index, kept)| {
            let answer = &kept.answer;
            let status = answer.status();
            AskedCall {
                side: kept.side,
                node: answer.node.as_deref().map(&node),
                method: answer.question.method().to_owned(),
                path: path(&answer.question.path()),
                outcome: match status {
                    None => CallOutcome::Unanswered,
                    Some(200..=299) => CallOutcome::Answered,
                    Some(401 | 403) => CallOutcome::Refused,
                    Some(_) => CallOutcome::Failed,
                },
                status,
                failure: answer
                    .outcome
                    .as_ref()
                    .err()
                    .map(|it| free(&it.to_string())),
                file: file_name(index, kept),
            }
        });
        calls.collect()
    }
}

/// `answers/local/003-remote_info.json`; `None` where no answer came.
fn file_name(index: usize, kept: &Kept) -> Option<String> {
    let side = kept.side.name();
    let ending = match kept.body.as_ref()? {
        Value::String(_) => "txt",
        _ => "json",
    };
    let slug = kept.answer.question.slug();
    Some(format!("answers/{side}/{:03}-{slug}.{ending}", index + 1))
}

/// Everything that must not be met in the finished files, with what it is.
fn wanted(contents: &Contents<'_>, redactor: Option<&Redactor>) -> Vec<(String, String)> {
    let secrets = contents.scrub.known().iter();
    let secrets = secrets.map(|it| {
        (
            it.expose_secret().to_owned(),
            "a secret of this run".to_owned(),
        )
    });
    let originals = redactor.into_iter().flat_map(Redactor::originals);
    let originals = originals.map(|(text, kind)| (text.to_owned(), format!("a {kind}")));
    secrets.chain(originals).collect()
}

/// Codes of findings that are not the same in number, outcome and certainty.
fn changed_findings(before: &Report, after: &Report) -> Vec<String> {
    let count = |report: &Report| {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for it in &report.findings {
            let said = format!("{:?} {:?}", it.outcome, it.certainty);
            *counts.entry((it.code.clone(), said)).or_default() += 1;
        }
        counts
    };
    let (before, after) = (count(before), count(after));
    let keys = before.keys().chain(after.keys());
    let mut changed: Vec<String> = keys
        .filter(|key| before.get(key) != after.get(key))
        .map(|(code, _)| code.clone())
        .collect();
    changed.sort();
    changed.dedup();
    changed
}

fn untouched() -> Redaction {
    Redaction {
        mode: RedactionMode::None,
        key_id: None,
        replaced: BTreeMap::new(),
        changed_findings: Vec::new(),
    }
}

fn redaction(redactor: &Redactor, key: &[u8], changed_findings: Vec<String>) -> Redaction {
    let mut replaced: BTreeMap<String, Replaced> = BTreeMap::new();
    for token in redactor.table().values() {
        let entry = replaced.entry(token.kind.name().to_owned()).or_default();
        entry.distinct += 1;
        entry.places += token.places;
    }
    Redaction {
        mode: RedactionMode::Tokens,
        key_id: Some(key_id(key)),
        replaced,
        changed_findings,
    }
}

fn map(redactor: &Redactor, key: &[u8], earlier: Option<&BTreeMap<String, MapEntry>>) -> Map {
    let mut map = Map::of(key);
    if let Some(earlier) = earlier {
        map.tokens.clone_from(earlier);
    }
    let tokens = redactor.table().iter().map(|(text, it)| {
        let entry = MapEntry {
            kind: it.kind.name().to_owned(),
            token: it.text.clone(),
            ordinary: redactor.is_ordinary(text),
        };
        (text.clone(), entry)
    });
    map.tokens.extend(tokens);
    map
}

fn packed(name: &str, bytes: &[u8]) -> PackedFile {
    PackedFile {
        name: name.to_owned(),
        length: bytes.len() as u64,
        sha256: sha256(bytes),
    }
}

fn zipped(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, PackError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o600);
    for (name, bytes) in files {
        zip.start_file(name, options)?;
        zip.write_all(bytes).map_err(zip::result::ZipError::from)?;
    }
    Ok(zip.finish()?.into_inner())
}
