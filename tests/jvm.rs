//! The verdict on a chain is that of a node's JVM: several hundred chains, good and bad in every way,
//! are shown to real ones.
//!
//! `tests/jvm/*.java` makes the chains and asks the JVM in real handshakes, set up as Elasticsearch does
//! it. Runs with `CROSSCHECK_JVM=1` on every JDK from 17 on that is found, and takes about a minute for
//! each; with `CROSSCHECK_JVM=require` having none is a failure. `CROSSCHECK_JVM_SEED` and
//! `CROSSCHECK_JVM_CHAINS` set seed and number of the random chains.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that is configured by the environment and tells what it did"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crosscheck::evidence::{Certificate, Evidence, TrustOutcome, derive_trust};
use serde::Deserialize;
use serde_json::json;

/// Chains of which no verdict is given, by a part of their names, and why. What Java 17 and 25 say of
/// them is not the same where nothing else is written.
const OPEN: [(&str, &str); 9] = [
    (
        "DSA",
        "Java 25 no longer takes DSA; its signatures are not verified here",
    ),
    ("SHA224", "Java 25 no longer takes SHA-224"),
    ("Ed448", "aws-lc-rs verifies no Ed448; every Java takes it"),
    (
        "SHA384withRSA by RSA 1024",
        "aws-lc-rs verifies no SHA-384 with RSA 1024; every Java takes it",
    ),
    (
        "SHA1withECDSA by EC 384",
        "aws-lc-rs verifies no SHA-1 with P-384; every Java takes it",
    ),
    (
        "policy constraints",
        "certificate policies are not followed; Java refuses if none is common",
    ),
    (
        "extended key usage malformed",
        "Java 25 refuses, Java 17 leaves it out",
    ),
    (
        "names malformed",
        "Java 25 refuses, Java 17 leaves them out",
    ),
    (
        "random",
        "of two anchors that fit, one of them no CA, the order of a hash table takes one",
    ),
];

/// Chains of which this program says the contrary of some version of Java, by a part of their names,
/// and why that stands.
const DISAGREEMENTS: [(&str, &str); 4] = [
    (
        "*.*.org",
        "Java 17 takes a wildcard in every label, Java 25 in the first alone",
    ),
    ("b.*.org", "the same"),
    (
        "empty names",
        "Java 25 refuses an empty list of names with mode full, Java 17 reads the common name",
    ),
    (
        "address of 5 bytes",
        "Java 25 refuses it with mode full, Java 17 leaves it out",
    ),
];

#[derive(Deserialize)]
struct Case {
    name: String,
    host: String,
    server_name: Option<String>,
    chain: Vec<String>,
    anchors: Vec<String>,
    full: Answer,
    certificate: Answer,
}

#[derive(Deserialize)]
struct Answer {
    accepted: bool,
    handshake: bool,
    words: String,
}

#[test]
fn the_verdict_is_that_of_a_jvm() {
    let Ok(wanted) = std::env::var("CROSSCHECK_JVM") else {
        eprintln!("skipped: CROSSCHECK_JVM is not set");
        return;
    };
    let jdks = jdks();
    if jdks.is_empty() {
        assert_ne!(
            wanted, "require",
            "no JDK from 17 on in /usr/lib/jvm or JAVA_HOME"
        );
        eprintln!("skipped: no JDK from 17 on was found");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let oldest = &jdks[0];
    compile(oldest, folder.path());
    for jdk in &jdks {
        let cases = ask(jdk, folder.path());
        assert!(cases.len() > 1000, "{} chains only", cases.len());
        compare(jdk, &cases);
    }
}

fn compare(jdk: &Path, cases: &[Case]) {
    let mut wrong = Vec::new();
    let mut open = 0;
    for case in cases {
        for (mode, answer) in [("certificate", &case.certificate), ("full", &case.full)] {
            let verdict = verdict(case, mode == "full");
            match verdict {
                None if stands_in(&OPEN, &case.name) => open += 1,
                Some(verdict) if verdict.0 == answer.accepted => {}
                _ if stands_in(&DISAGREEMENTS, &case.name) => {}
                verdict => wrong.push(format!(
                    "{} ({mode}): Java {} {:?}, here {verdict:?}",
                    case.name, answer.accepted, answer.words
                )),
            }
        }
    }
    // Chance may bring the order of a hash table into play, but seldom.
    assert!(open < 100, "{open} verdicts were left open");
    let shaken = cases.iter().filter(|it| it.full.handshake).count();
    eprintln!(
        "{}: {} chains, {shaken} in real handshakes, {open} verdicts left open, {} differ",
        jdk.display(),
        cases.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}:\n{}", jdk.display(), wrong.join("\n"));
}

fn stands_in(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(part, _)| name.contains(part))
}

/// Whether a node accepts the chain, and what is said of it; `None` where that is left open.
fn verdict(case: &Case, full: bool) -> Option<(bool, String)> {
    let mut evidence = evidence(case);
    derive_trust(&mut evidence);
    let endpoint = evidence.endpoints.remove("b:9443").unwrap();
    let attempt = endpoint.attempts.into_known().unwrap().remove(0);
    let chain = attempt
        .tls
        .into_known()
        .unwrap()
        .chain
        .into_known()
        .unwrap();
    let trust = attempt.trust.into_known()?;
    let refusals = attempt.refusals.known();
    let said = format!("{:?} {refusals:?} {:?}", trust.outcome, attempt.undecided);
    if trust.outcome != TrustOutcome::Trusted || refusals.is_some_and(|it| !it.is_empty()) {
        return Some((false, said));
    }
    let leaf = &chain[0];
    let named =
        leaf.names(&case.host) || case.server_name.as_ref().is_some_and(|it| leaf.names(it));
    if full && !named {
        return Some((false, format!("{said}, names")));
    }
    refusals?;
    Some((true, said))
}

fn evidence(case: &Case) -> Evidence {
    let read = |list: &[String]| {
        let list = list.iter().map(|it| BASE64_STANDARD.decode(it).unwrap());
        list.map(|der| Certificate::from_der(&der))
            .collect::<Vec<_>>()
    };
    let chain = read(&case.chain);
    let malformed = chain.iter().filter(|it| it.is_err()).count();
    let chain: Vec<_> = chain.into_iter().filter_map(Result::ok).collect();
    let anchors: Vec<_> = read(&case.anchors)
        .into_iter()
        .filter_map(Result::ok)
        .collect();
    let evidence = json!({
        "schema": "crosscheck/evidence/v1", "version": "", "purpose": "probe", "vantage": {},
        "collected_at": now(), "clusters": {}, "gaps": [], "calls": [],
        "links": {"bee": {"endpoints": ["b:9443"], "server_ca": anchors}},
        "endpoints": {"b:9443": {
            "address": "b:9443", "host": "b", "port": 9443, "source": "typed", "server_name": null,
            "attempts": [{
                "address": "127.0.0.1:9443",
                "tcp": {"outcome": "connected", "detail": null, "took_ms": 1.0},
                "tls": {"outcome": "completed", "detail": null, "alert": null, "took_ms": 1.0,
                        "chain": chain, "malformed_certificates": malformed},
            }],
        }},
    });
    serde_json::from_value(evidence).unwrap()
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Homes of the JDKs with a compiler from 17 on, oldest first.
fn jdks() -> Vec<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten();
    let installed = installed.filter_map(Result::ok).map(|it| it.path());
    let home = std::env::var_os("JAVA_HOME").map(PathBuf::from);
    let mut found = BTreeMap::new();
    for home in installed.chain(home) {
        if let Some(version) = version(&home).filter(|it| *it >= 17)
            && home.join("bin/javac").exists()
        {
            found.entry(version).or_insert(home);
        }
    }
    found.into_values().collect()
}

fn version(home: &Path) -> Option<u32> {
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release
        .lines()
        .find_map(|it| it.strip_prefix("JAVA_VERSION=\""))?;
    line.split(['.', '"']).next()?.parse().ok()
}

fn compile(jdk: &Path, to: &Path) {
    let sources = std::fs::read_dir("tests/jvm").unwrap();
    let sources = sources.map(|it| it.unwrap().path());
    let mut javac = Command::new(jdk.join("bin/javac"));
    javac
        .args(["-encoding", "UTF-8", "-d"])
        .arg(to)
        .args(sources);
    let output = javac.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn ask(jdk: &Path, classes: &Path) -> Vec<Case> {
    let variable = |name: &str, usual: &str| std::env::var(name).unwrap_or(usual.to_owned());
    let output = Command::new(jdk.join("bin/java"))
        .arg("-cp")
        .arg(classes)
        .arg("Verdicts")
        .arg(variable("CROSSCHECK_JVM_SEED", "1"))
        .arg(variable("CROSSCHECK_JVM_CHAINS", "300"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
