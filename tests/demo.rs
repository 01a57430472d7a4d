//! The simulated pair against real nodes, and the whole chain against the simulated pair.
//!
//! `tests/demo/recordings` holds what real nodes answered under the same fault, cut to the calls that
//! crosscheck makes and otherwise untouched: no placeholders, ports and dates of that day. The
//! simulator has its own files, with healthy answers as base and one fault laid over them, so that a
//! wrong overlay, placeholder or merge shows here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "filled/layer.rs"]
mod layer;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::demo::{self, CallKind, Pair, Scenario};
use crosscheck::evidence::Evidence;
use crosscheck::probe::{self, Deadline};
use crosscheck::report::{Kind, Outcome, Severity, Verdict};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Recording {
    recording: String,
    answers: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    part: String,
    path: String,
    status: u16,
    body: Value,
    /// The value that `skip_unavailable` had, where the answer depends on it.
    skip_unavailable: Option<bool>,
}

/// Scenarios without a recording of their own, with the reason.
const NOT_RECORDED: [(&str, &str); 8] = [
    (
        "alias-not-configured",
        "lab findings (API) §7 give its texts",
    ),
    ("credential-not-loaded", "answers of credential-missing"),
    ("key-no-search", "lab findings (API) §4 give its texts"),
    ("key-not-encoded", "lab findings (API) §4 give its texts"),
    ("key-wrong-secret", "lab findings (API) §4 give its texts"),
    ("licence-local", "one half of a recording of both"),
    ("skip-hides", "answers of refused"),
    ("version-mismatch", "lab findings (API) §1 describe it"),
];

#[tokio::test]
async fn answers_are_those_of_real_nodes() {
    let mut differences = String::new();
    for scenario in demo::scenarios() {
        let file = format!("tests/demo/recordings/{}.json", scenario.name);
        let Ok(text) = std::fs::read_to_string(&file) else {
            let excused = NOT_RECORDED.iter().any(|(name, _)| *name == scenario.name);
            assert!(excused, "{file} is missing");
            continue;
        };
        let recording: Recording = serde_json::from_str(&text).unwrap();
        let pair = demo::start(scenario).await.unwrap();
        for recorded in &recording.answers {
            if recorded
                .skip_unavailable
                .is_some_and(|it| it != skips(&pair))
            {
                continue;
            }
            let (status, body) = ask(&pair, recorded).await;
            let place = format!(
                "{} {} {}",
                recording.recording, recorded.part, recorded.path
            );
            if status != recorded.status {
                let _ = writeln!(
                    differences,
                    "{place}: {status}, recorded {}",
                    recorded.status
                );
            }
            compare(&place, &recorded.body, &body, &mut differences);
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[tokio::test]
async fn no_placeholder_is_left() {
    for scenario in demo::scenarios() {
        let pair = demo::start(scenario).await.unwrap();
        for (part, path) in [
            ("local", "/_nodes"),
            ("local", "/_ssl/certificates"),
            ("local", "/_remote/info"),
            ("local", "/_cluster/settings"),
            ("local", "/bee:logs/_search"),
            ("remote", "/_nodes"),
            ("remote", "/_ssl/certificates"),
            ("remote", "/_license"),
        ] {
            let asked = Recorded {
                part: part.into(),
                path: path.into(),
                status: 200,
                body: Value::Null,
                skip_unavailable: None,
            };
            let (_, body) = ask(&pair, &asked).await;
            assert!(
                !body.to_string().contains("${"),
                "{}: {part} {path}: {body}",
                scenario.name
            );
        }
    }
}

#[tokio::test]
async fn a_call_that_changes_something_is_refused_and_remembered() {
    let pair = demo::start(&demo::scenarios()[1]).await.unwrap();
    let url = pair.local_url.join("_cluster/settings").unwrap();
    let answer = CLIENT
        .put(url)
        .basic_auth(pair.local_user, Some(pair.password))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 405);
    let asked = pair.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].kind, CallKind::Forbidden);
}

/// Everything from the sockets to the verdict, with both clusters, the key and the CA given.
#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_names_the_root_cause() {
    let checks = CheckSet::embedded();
    let (wrong, seen): (Vec<_>, Vec<_>) =
        join_all(demo::scenarios().iter().map(|it| diagnose(it, &checks)))
            .await
            .into_iter()
            .unzip();
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    layer::hold("demo", &seen);
}

/// The same with nothing but the local cluster's URL: the right cause, or none; never a wrong one.
#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_of_one_side_names_no_wrong_cause() {
    let checks = CheckSet::embedded();
    let wrong: Vec<String> = join_all(
        demo::scenarios()
            .iter()
            .map(|it| from_one_side(it, &checks)),
    )
    .await
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Causes that say the same thing less exactly, where the exact one needs the other side.
const LESS_EXACT: &[(&str, &[&str])] = &[
    ("key-invalidated", &["keys/refused"]),
    ("key-expired", &["keys/refused"]),
    ("key-wrong-secret", &["keys/refused"]),
    ("key-not-encoded", &["keys/malformed"]),
    ("credential-missing", WITHOUT_KEY),
    ("credential-not-loaded", WITHOUT_KEY),
    ("credential-not-reloaded", WITHOUT_KEY),
    ("credential-other-alias", WITHOUT_KEY),
    ("credential-stale", &["keys/invalidated", "keys/refused"]),
    ("server-disabled", &["connection/refused"]),
    // Whether role or key is too narrow, and whose licence, only b tells.
    ("key-no-search", &["privileges/refused-by-remote"]),
    ("licence-remote", &["licence/non-compliant"]),
    ("version-mismatch", &["versions/endpoint-incompatible"]),
    // Who issued the intermediate, only b tells; a's own text is that of an unknown CA.
    ("intermediate-missing", &["tls/issuer-not-trusted"]),
];

/// No credential is loaded, and nobody said that one should be.
const WITHOUT_KEY: &[&str] = &[
    "keystore/credential-not-loaded",
    "ports/remote-server-port-without-key",
];

/// What is wrong with a diagnosis of a scenario, and what it saw.
async fn diagnose(scenario: &Scenario, checks: &CheckSet) -> (Vec<String>, Evidence) {
    let pair = demo::start(scenario).await.unwrap();
    let (deadline, _interrupt) = Deadline::after(pair.plan.timeout);
    let evidence = probe::collect(&pair.plan, &deadline, &probe::Silent).await;
    let report = checks.judge(&evidence, &JudgeOptions::default());
    let mut wrong = Vec::new();
    let link = report.links.iter().find(|it| it.alias == demo::ALIAS);
    let root_cause = link.and_then(|it| it.root_cause.as_deref());
    if root_cause != scenario.root_cause {
        wrong.push(format!(
            "{}: {root_cause:?}, expected {:?}",
            scenario.name, scenario.root_cause
        ));
    }
    let expected = match scenario.root_cause {
        Some(_) => [Verdict::Blocked, Verdict::Blocked],
        None => [Verdict::Ready, Verdict::AtRisk],
    };
    if !link.is_some_and(|it| expected.contains(&it.verdict)) {
        wrong.push(format!(
            "{}: verdict {:?}",
            scenario.name,
            link.map(|it| it.verdict)
        ));
    }
    for finding in &report.findings {
        let other_cause = finding.outcome == Outcome::Fail
            && finding.kind == Kind::Cause
            && finding.severity == Severity::Error
            && finding.explained_by.is_none()
            && Some(finding.code.as_str()) != scenario.root_cause;
        if other_cause || finding.outcome == Outcome::Broken {
            wrong.push(format!(
                "{}: also {}: {}",
                scenario.name, finding.code, finding.message
            ));
        }
    }
    for call in pair
        .asked()
        .iter()
        .filter(|it| it.kind != CallKind::Reading)
    {
        wrong.push(format!(
            "{}: asked {} {}",
            scenario.name, call.method, call.path
        ));
    }
    (wrong, evidence)
}

async fn from_one_side(scenario: &Scenario, checks: &CheckSet) -> Vec<String> {
    let pair = demo::start(scenario).await.unwrap();
    let (deadline, _interrupt) = Deadline::after(pair.plan.timeout);
    let evidence = probe::collect(&pair.local_plan(), &deadline, &probe::Silent).await;
    let report = checks.judge(&evidence, &JudgeOptions::default());
    let less_exact: BTreeMap<&str, &[&str]> = LESS_EXACT.iter().copied().collect();
    let allowed = less_exact.get(scenario.name).copied().unwrap_or_default();
    let link = report.links.iter().find(|it| it.alias == demo::ALIAS);
    let root_cause = link.and_then(|it| it.root_cause.as_deref());
    let fine = root_cause.is_none_or(|it| Some(it) == scenario.root_cause || allowed.contains(&it));
    if fine {
        Vec::new()
    } else {
        vec![format!("{} from one side: {root_cause:?}", scenario.name)]
    }
}

fn skips(pair: &Pair) -> bool {
    !["refused", "skip-false", "healthy-8.14"].contains(&pair.scenario)
}

async fn ask(pair: &Pair, recorded: &Recorded) -> (u16, Value) {
    let (base, user) = match recorded.part.as_str() {
        "local" => (&pair.local_url, pair.local_user),
        _ => (&pair.remote_url, "elastic"),
    };
    let request = CLIENT.get(base.join(&recorded.path).unwrap());
    // The remote cluster was shown the key; the local one was asked by a user.
    let by_key = recorded.part == "remote" && recorded.path.ends_with("/_authenticate");
    let request = if by_key {
        request.header("Authorization", format!("ApiKey {}", pair.credential))
    } else {
        request.basic_auth(user, Some(pair.password))
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

/// One for all: making it reads the system's certificates. No connection outlives the runtime of the
/// test that made it.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

/// Values that differ from run to run, or that the simulator sets otherwise on purpose.
const FREE: [&str; 16] = [
    "took",
    "uid",
    "issue_date",
    "issue_date_in_millis",
    "expiry_date",
    "expiry_date_in_millis",
    "creation",
    "expiration",
    "invalidation",
    "name",
    "cluster_uuid",
    "skip_unavailable",
    "max_proxy_socket_connections",
    "num_proxy_sockets_connected",
    "metadata",
    "proxy_address",
];

/// Keys and types are the same everywhere; values too, unless they belong to one run.
fn compare(place: &str, recorded: &Value, served: &Value, differences: &mut String) {
    match (recorded, served) {
        (Value::Object(recorded), Value::Object(served)) => {
            let names = recorded
                .keys()
                .chain(served.keys().filter(|it| !recorded.contains_key(*it)));
            for name in names {
                let place = format!("{place} {name}");
                match (recorded.get(name), served.get(name)) {
                    (Some(recorded), Some(served)) if FREE.contains(&name.as_str()) => {
                        if kind(recorded) != kind(served) {
                            let _ = writeln!(differences, "{place}: {served}, recorded {recorded}");
                        }
                    }
                    (Some(recorded), Some(served)) => {
                        compare(&place, recorded, served, differences);
                    }
                    (recorded, served) => {
                        let _ = writeln!(differences, "{place}: {served:?}, recorded {recorded:?}");
                    }
                }
            }
        }
        (Value::Array(recorded), Value::Array(served)) if recorded.len() == served.len() => {
            for (recorded, served) in recorded.iter().zip(served) {
                compare(place, recorded, served, differences);
            }
        }
        (Value::String(recorded), Value::String(served)) => {
            let (recorded, served) = (without_addresses(recorded), without_addresses(served));
            if recorded != served {
                let _ = writeln!(differences, "{place}: {served:?}, recorded {recorded:?}");
            }
        }
        (recorded, served) if recorded == served => {}
        (recorded, served) => {
            let _ = writeln!(differences, "{place}: {served}, recorded {recorded}");
        }
    }
}

fn kind(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
        Value::Array(_) => json!("list"),
        Value::Object(_) => json!("object"),
    }
}

/// Ports, and the name that the recorded nodes dialled where a pair dials an address.
fn without_addresses(text: &str) -> String {
    let text = text
        .replace("localhost/127.0.0.1", "/HOST")
        .replace("localhost", "HOST")
        .replace("127.0.0.1", "HOST")
        .replace("nx.lab.test", "NAME")
        .replace("b.crosscheck.invalid", "NAME");
    let ports = regex::Regex::new(r":\d{4,5}").unwrap();
    let text = ports.replace_all(&text, ":PORT").into_owned();
    if text == "true" || text == "false" {
        "BOOLEAN".into()
    } else {
        text
    }
}
