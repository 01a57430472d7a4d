//! For code scanning: SARIF 2.1.0 (OASIS standard), within what GitHub's code scanning requires and
//! permits. What failed is a result; what could not be found out is a notification of the run, as it
//! says nothing bad of the link.

use std::io;

use aws_lc_rs::digest;
use serde_json::{Value, json};

use super::markdown::{block, prose};
use super::story::distinct;
use super::text::{clip, plain, plain_lines};
use super::{Page, Render, environments, word};
use crate::check::{CheckSet, Explanation};
use crate::report::{Certainty, Finding, Fix, Outcome, Severity, Subject};

/// Most results that code scanning shows.
const MOST_RESULTS: usize = 5_000;

/// Most characters of a description that code scanning takes.
const MOST_DESCRIPTION: usize = 1_024;

/// Most characters of any other text.
const MOST_TEXT: usize = 5_000;

/// The form for code scanning.
#[derive(Clone, Copy, Debug)]
pub struct Sarif<'a> {
    /// The checks that judged: they explain the rules, in general terms.
    pub checks: &'a CheckSet,
}

impl Render for Sarif<'_> {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let report = page.report;
        let of = |outcome: Outcome| {
            let findings = report.findings.iter();
            findings.filter(move |it| it.outcome == outcome)
        };
        let mentioned: Vec<&Finding> = [Outcome::Fail, Outcome::Broken, Outcome::Unknown]
            .into_iter()
            .flat_map(of)
            .collect();
        let codes: Vec<&str> = mentioned.iter().map(|it| it.code.as_str()).collect();
        let codes = distinct(&codes);
        let rules: Vec<Value> = codes
            .iter()
            .filter_map(|code| mentioned.iter().find(|it| it.code == *code))
            .map(|it| self.rule(it))
            .collect();
        let index = |code: &str| codes.iter().position(|it| *it == code);
        let results: Vec<Value> = of(Outcome::Fail)
            .take(MOST_RESULTS)
            .map(|it| result(it, index(&it.code)))
            .collect();
        let mut unknown: Vec<Value> = of(Outcome::Unknown)
            .map(|it| notification(it, "note", index(&it.code)))
            .collect();
        let left_out = of(Outcome::Fail).count() - results.len();
        if left_out > 0 {
            let text = format!("{left_out} more results are left out");
            unknown.push(json!({"level": "warning", "message": {"text": text}}));
        }
        let broken: Vec<Value> = of(Outcome::Broken)
            .map(|it| notification(it, "error", index(&it.code)))
            .collect();
        let mut invocation = json!({
            "executionSuccessful": broken.is_empty(),
            "endTimeUtc": page.evidence.collected_at.strftime("%FT%TZ").to_string(),
            "toolExecutionNotifications": unknown,
            "toolConfigurationNotifications": broken,
        });
        if let Some(host) = page.evidence.vantage.host.known() {
            invocation["machine"] = plain(host).into();
        }
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "crosscheck",
                    "semanticVersion": plain(&report.version),
                    "rules": rules,
                }},
                // Several uploads for one commit stand side by side by their category.
                "automationDetails": {"id": format!("crosscheck/{}/", word(&page.evidence.purpose))},
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
                "properties": {"verdict": report.verdict},
            }]
        });
        serde_json::to_writer_pretty(&mut *out, &log)?;
        out.write_all(b"\n")
    }
}

impl Sarif<'_> {
    /// What a check means. Its texts are those of the file, without the names of one run: a server
    /// keeps one rule for all results.
    fn rule(self, finding: &Finding) -> Value {
        let explained = self.checks.explain(&finding.code).ok();
        let (why, fixes) = explained
            .as_ref()
            .map_or((&finding.why, &finding.fixes), |it| (&it.why, &it.fixes));
        let title = text(&finding.title, MOST_DESCRIPTION);
        let why = if why.is_empty() { &finding.title } else { why };
        let mut rule = json!({
            "id": finding.code,
            "name": name(&finding.code),
            "shortDescription": {"text": title},
            "fullDescription": {"text": text(why, MOST_DESCRIPTION)},
            "help": {
                "text": help(explained.as_ref(), why, fixes, false),
                "markdown": help(explained.as_ref(), why, fixes, true),
            },
            "defaultConfiguration": {"level": level(finding.severity)},
            "properties": {
                "tags": ["elasticsearch", "cross-cluster", plain(&finding.area)],
                "precision": match finding.certainty {
                    Certainty::Proof => "very-high",
                    Certainty::Strong => "high",
                    Certainty::Hint => "low",
                },
                "problem.severity": match finding.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Info => "recommendation",
                },
            },
        });
        if let Some(link) = finding.links.iter().find(|it| url::Url::parse(it).is_ok()) {
            rule["helpUri"] = link.as_str().into();
        }
        rule
    }
}

fn result(finding: &Finding, rule: Option<usize>) -> Value {
    let mut message = vec![finding.message.clone()];
    if let Some(cause) = &finding.explained_by {
        message.push(format!("It follows from {cause}."));
    }
    message.push(finding.why.clone());
    message.extend(finding.fixes.iter().map(|it| in_words(it) + &indented(it)));
    message.retain(|it| !it.is_empty());
    json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "kind": "fail",
        "level": level(finding.severity),
        "message": {"text": text(&message.join("\n\n"), MOST_TEXT)},
        "locations": [location(finding)],
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint(finding),
            "finding/v1": fingerprint(finding),
        },
        "properties": {
            "kind": finding.kind,
            "certainty": finding.certainty,
            "stage": finding.stage,
            "explainedBy": finding.explained_by,
            "explains": finding.explains,
            "covers": finding.covers,
        },
    })
}

/// Where it is. A fault of a network stands in no file, and code scanning demands one: that of the
/// check, whose path is the same in every run. The link is the logical location.
fn location(finding: &Finding) -> Value {
    let Subject {
        link,
        endpoint,
        cluster,
    } = &finding.subject;
    let parts = [
        ("links", link),
        ("endpoints", endpoint),
        ("clusters", cluster),
    ];
    let path: Vec<String> = parts
        .iter()
        .filter_map(|(kind, key)| Some(format!("{kind}/{}", clip(key.as_ref()?, MOST_DESCRIPTION))))
        .collect();
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": format!("checks/{}.toml", finding.code)},
            "region": {"startLine": 1},
        },
    });
    if !path.is_empty() {
        location["logicalLocations"] = json!([{
            "fullyQualifiedName": plain(&path.join("/")),
            "kind": "resource",
        }]);
    }
    location
}

fn notification(finding: &Finding, level: &str, rule: Option<usize>) -> Value {
    let message = format!("{}: {}", finding.code, finding.message);
    json!({
        "level": level,
        "message": {"text": text(&message, MOST_TEXT)},
        "associatedRule": {"id": finding.code, "index": rule},
        "locations": [location(finding)],
    })
}

/// The same in every run for the same check about the same subject, whatever was observed.
fn fingerprint(finding: &Finding) -> String {
    let what = json!([finding.code, finding.subject]).to_string();
    let hash = digest::digest(&digest::SHA256, what.as_bytes());
    let (start, _) = hash.as_ref().split_at(8);
    let start = start
        .iter()
        .fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    // The form that code scanning computes itself: a hash, and which of several it is.
    format!("{start:016x}:1")
}

/// What a rule means and how to mend it, as text or as Markdown.
fn help(explained: Option<&Explanation>, why: &str, fixes: &[Fix], markdown: bool) -> String {
    let paragraph = |it: &str| {
        if markdown {
            prose(&clip(it, MOST_TEXT))
        } else {
            text(it, MOST_TEXT)
        }
    };
    let message = explained.map_or("", |it| &it.message);
    let mut parts = vec![paragraph(message), paragraph(why)];
    for it in fixes {
        let what = paragraph(&in_words(it));
        let commands = clip(&it.commands.join("\n"), MOST_TEXT).into_owned();
        parts.push(match (commands.is_empty(), markdown) {
            (true, _) => what,
            (false, true) => format!("{what}\n\n{}", block(&commands, "sh")),
            (false, false) => format!("{what}{}", indented(it)),
        });
    }
    let links = explained.map_or(&[][..], |it| &it.links);
    parts.extend(links.iter().map(|it| text(it, MOST_TEXT)));
    parts.retain(|it| !it.is_empty());
    parts.join("\n\n")
}

fn in_words(fix: &Fix) -> String {
    let names = environments(&fix.environments);
    if names.is_empty() {
        format!("Fix: {}", fix.text)
    } else {
        format!("Fix ({}): {}", names.join(", "), fix.text)
    }
}

fn indented(fix: &Fix) -> String {
    let lines = fix.commands.iter().flat_map(|it| it.lines());
    lines.fold(String::new(), |all, line| all + "\n    " + line)
}

/// Foreign text in a message. What looks like an embedded link (§3.11.6) is none.
fn text(text: &str, most: usize) -> String {
    let clipped = clip(
        text,
        most.saturating_sub("… (1000000000 more characters)".len()),
    );
    plain_lines(&clipped).replace("](", "] (")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// `keys/expires-soon` as a name in Pascal case (§3.49.7).
fn name(code: &str) -> String {
    let words = code.split(['/', '-', '_']).filter(|it| !it.is_empty());
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|it| it.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        })
        .collect()
}
