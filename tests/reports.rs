//! Reports in the forms that other programs read: valid by those programs' own schemas, whatever text
//! they hold.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write as _;
use std::sync::LazyLock;

use crosscheck::check::{CheckSet, JudgeOptions, standard};
use crosscheck::evidence::Evidence;
use crosscheck::render::{Page, Render};
use crosscheck::report::Report;
use serde_json::{Value, json};

#[path = "reports/browser.rs"]
mod browser;
#[path = "reports/html.rs"]
mod html;
#[path = "reports/junit.rs"]
mod junit;
#[path = "reports/markdown.rs"]
mod markdown;
#[path = "reports/sarif.rs"]
mod sarif;

/// What was observed, and the report on it.
#[derive(Clone)]
struct Sample {
    evidence: Evidence,
    report: Report,
}

impl Sample {
    fn render(&self, form: &impl Render) -> String {
        let page = Page {
            report: &self.report,
            evidence: &self.evidence,
        };
        let mut text = Vec::new();
        form.render(&page, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }
}

fn judged(change: impl FnOnce(&mut Value)) -> Sample {
    let mut document = serde_json::to_value(standard()).unwrap();
    change(&mut document);
    let evidence: Evidence = serde_json::from_value(document).unwrap();
    let report = CheckSet::embedded().judge(&evidence, &JudgeOptions::default());
    Sample { evidence, report }
}

/// The healthy pair.
fn healthy() -> Sample {
    static HEALTHY: LazyLock<Sample> = LazyLock::new(|| judged(|_| {}));
    HEALTHY.clone()
}

/// The pair without the remote's licence.
fn unsure() -> Sample {
    judged(|document| {
        let remote = document["clusters"]["b"].as_object_mut().unwrap();
        remote.remove("license");
        document["gaps"] = json!([{
            "path": "clusters.b.license", "probe": "GET /_license",
            "reason": "403 action [cluster:monitor/xpack/license/get] is unauthorized",
            "remedy": "give the user of --remote the cluster privilege monitor",
        }]);
    })
}

/// The key has expired, and a warning comes with it.
fn blocked() -> Sample {
    static BLOCKED: LazyLock<Sample> = LazyLock::new(judged_blocked);
    BLOCKED.clone()
}

fn judged_blocked() -> Sample {
    judged(|document| {
        let key = &mut document["clusters"]["b"]["api_keys"]["KR9SCqIBrM0sh3NpDLnA"];
        key["expiration"] = json!("2026-11-21T09:14:00Z");
        let link = &mut document["links"]["bee"];
        let refusal = "unable to authenticate user [KR9SCqIBrM0sh3NpDLnA] for action \
                       [cluster:internal/remote_cluster/handshake]";
        link["info"]["connected"] = json!(false);
        link["info"]["connections"] = json!(0);
        link["resolve"]["connected"] = json!(false);
        link["resolve"]["error"] = json!(refusal);
        link["search"]["cluster_status"] = json!("skipped");
        link["errors"] = json!([
            {"source": "resolve", "type": "security_exception", "reason": refusal},
        ]);
        document["calls"] = json!([
            {"cluster": "a", "method": "GET", "path": "/", "status": 200, "took_ms": 3},
            {"cluster": "b", "method": "GET", "path": "/_license", "status": null, "took_ms": 5000},
        ]);
    })
}

/// Two links, of which one is blocked.
fn two_links() -> Sample {
    judged(|document| {
        let mut other = document["links"]["bee"].clone();
        other["alias"] = json!("wasp");
        other["credential_loaded"] = json!(false);
        document["links"]["wasp"] = other;
    })
}

/// Texts that try to be obeyed.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)><a href=\"javascript:alert(1)\">x</a>",
    "]]>&amp;&#0;<!-- --><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>&a;",
    "\u{0}\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{9b}2J\u{fffe}\u{ffff}\u{202e}\u{200b}\u{feff}",
    "\n\n# heading\n- [link](javascript:alert(1)) ![image](http://evil.example/x.png)\n\n---\n",
    "`` ` ``` ~~~ | a | b |\n|---|---|\n| <b>x</b> | `",
    "@everyone fixes #1, GH-2, https://evil.example/?a=b www.evil.example mail@evil.example",
    "1. one\n2) two\n> quote\n    code\n</details></summary></table>",
    "{{7*7}} {% x %} ${x} {0} %s %n \\u0041 \\",
];

/// The blocked link with a text in every place that can come from a network or a file, of so many
/// findings.
fn hostile(text: &str, findings: usize) -> Sample {
    let sample = blocked();
    // Nobody's alias is a megabyte long.
    let alias = &text[..text.len().min(500)];
    let mut report = serde_json::to_value(&sample.report).unwrap();
    for link in report["links"].as_array_mut().unwrap() {
        link["alias"] = alias.into();
        for field in ["local", "local_version", "remote", "remote_version"] {
            link[field] = text.into();
        }
    }
    let list = report["findings"].as_array_mut().unwrap();
    for finding in list.iter_mut() {
        finding["subject"] = json!({"link": alias, "endpoint": alias});
    }
    for finding in list.iter_mut().take(findings) {
        for field in ["title", "message", "why"] {
            finding[field] = text.into();
        }
        finding["fixes"] = json!([{"text": text, "commands": [text, text], "for": []}]);
        finding["links"] = json!([text]);
        finding["evidence"] = json!([{"path": text, "value": text}]);
        finding["missing"] = json!([text]);
    }
    report["gaps"] = json!([{"path": text, "probe": text, "reason": text, "remedy": text}]);
    let mut evidence = serde_json::to_value(&sample.evidence).unwrap();
    evidence["vantage"]["host"] = text.into();
    evidence["links"] = json!({alias: evidence["links"]["bee"].take()});
    evidence["links"][alias]["alias"] = alias.into();
    evidence["calls"][0]["path"] = text.into();
    evidence["calls"][0]["cluster"] = text.into();
    for endpoint in evidence["endpoints"].as_object_mut().unwrap().values_mut() {
        endpoint["server_name"] = text.into();
        endpoint["address"] = text.into();
        endpoint["attempts"][0]["tcp"]["detail"] = text.into();
        endpoint["attempts"][0]["tls"]["detail"] = text.into();
        endpoint["attempts"][0]["tls"]["chain"][0]["subject"] = text.into();
        endpoint["attempts"][0]["tls"]["chain"][0]["issuer"] = text.into();
        endpoint["attempts"][0]["tls"]["chain"][0]["dns_names"] = json!([text]);
        endpoint["attempts"][0]["transport"]["detail"] = text.into();
    }
    Sample {
        evidence: serde_json::from_value(evidence).unwrap(),
        report: serde_json::from_value(report).unwrap(),
    }
}

/// A text of a megabyte.
fn endless() -> Sample {
    hostile(&"endless <b>| ` ".repeat(70_000), 2)
}

/// Every sample, for what must hold of all.
fn samples() -> Vec<(String, Sample)> {
    let hostile = HOSTILE
        .iter()
        .map(|text| (format!("{text:?}"), hostile(text, usize::MAX)));
    [
        ("healthy".to_owned(), healthy()),
        ("blocked".to_owned(), blocked()),
        ("unsure".to_owned(), unsure()),
        ("endless".to_owned(), endless()),
    ]
    .into_iter()
    .chain(hostile)
    .collect()
}

/// Whether a terminal, a parser of XML or the order of a text would obey a character.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Says what was not tested, past the test runner, which keeps the output of what passes to itself.
fn skipped(what: &str) {
    let line = format!("SKIPPED: {what}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
