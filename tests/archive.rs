//! Diagnostics in every form that the tools have had, and what is judged of them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "archive/build.rs"]
mod build;
#[path = "archive/eck.rs"]
mod eck;
#[path = "archive/forms.rs"]
mod forms;
#[path = "archive/hostile.rs"]
mod hostile;
#[path = "filled/layer.rs"]
mod layer;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crosscheck::archive::{self, Intake};
use crosscheck::check::{CheckSet, JudgeOptions, Signatures};
use crosscheck::config::plan::{LinkIntent, Plan};
use crosscheck::evidence::{Evidence, Model, Purpose};
use crosscheck::report::{Diff, Outcome, Report, Severity};
use serde_json::json;
use tempfile::TempDir;

use build::{Files, Side, below, gzip, manifest, tar, write, zip};

static CHECKS: LazyLock<CheckSet> = LazyLock::new(CheckSet::embedded);
static SIGNATURES: LazyLock<Signatures> = LazyLock::new(|| CHECKS.signatures());

/// A plan of `analyze` for links that authenticate by an API key.
fn plan() -> Plan {
    Plan {
        intents: vec![LinkIntent {
            model: Some(Model::ApiKey),
            ..LinkIntent::default()
        }],
        ..Plan::new(Purpose::Analyze)
    }
}

fn read(paths: &[&Path]) -> Intake {
    let paths: Vec<PathBuf> = paths.iter().map(|it| it.to_path_buf()).collect();
    archive::read(&paths, &SIGNATURES)
}

fn evidence(paths: &[&Path]) -> Evidence {
    let intake = read(paths);
    assert!(intake.refused.is_empty(), "{:?}", intake.refused);
    joined(&intake)
}

fn joined(intake: &Intake) -> Evidence {
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let mut views = archive::views(intake, &plan(), now);
    assert_eq!(views.len(), 1);
    views.remove(0).evidence
}

fn report(evidence: &Evidence) -> Report {
    CHECKS.judge(evidence, &JudgeOptions::default())
}

/// What failed, of the link or of its clusters.
fn failed(report: &Report) -> Vec<&str> {
    let failed = report
        .findings
        .iter()
        .filter(|it| it.outcome == Outcome::Fail);
    let mut codes: Vec<&str> = failed.map(|it| it.code.as_str()).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn what_is_missing_says_why_and_what_brings_it() {
    let mut files = build::answers("9.4.3", "healthy", Side::Local);
    files.retain(|(name, _)| name != "licenses.json" && name != "ssl_certs.json");
    // 403 by the words of the cluster, 405 by the manifest of esdiag, cut off, not collected.
    files.push((
        "ssl_certs.json".into(),
        serde_json::to_vec(&json!({"status": 403, "error": {"type": "security_exception",
            "reason": "action [cluster:monitor/xpack/ssl/certificates/get] is unauthorized for user [u] with effective roles [r], this action is granted by the cluster privileges [monitor,manage,all]"}}))
        .unwrap(),
    ));
    files.push((
        "licenses.json".into(),
        b"{\"license\": {\"type\": \"ba".to_vec(),
    ));
    let (name, bytes) = manifest("elasticsearch");
    files.push((name, bytes));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "d.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    let gap = |at: &str| {
        let found = evidence.gaps.iter().find(|it| it.path == at);
        found.unwrap_or_else(|| panic!("no gap {at}: {:#?}", evidence.gaps))
    };
    let certificates = gap("clusters.a.certificates");
    assert!(certificates.reason.starts_with("403 security_exception"));
    assert!(certificates.remedy.contains("cluster privilege `monitor`"));
    assert!(certificates.remedy.starts_with("collect the files again"));
    let license = gap("clusters.a.license");
    assert!(license.reason.contains("licenses.json"), "{license:?}");
    assert!(license.reason.contains("ends too early"), "{license:?}");
    assert!(license.remedy.contains("GET /_license"), "{license:?}");
    let caller = gap("clusters.a.caller");
    assert!(
        caller.reason.contains("9.3.1 does not collect it"),
        "{caller:?}"
    );
    let resolve = gap("links.bee.resolve");
    assert!(resolve.remedy.contains("GET /_resolve/cluster/bee:*"));
    let endpoint = evidence.endpoints.keys().next().unwrap();
    let endpoint = gap(&crosscheck::evidence::path(["endpoints", endpoint]));
    assert!(endpoint.remedy.contains("crosscheck probe"), "{endpoint:?}");
}

#[test]
fn a_status_that_only_the_manifest_keeps_is_told() {
    let mut files = build::answers("9.4.3", "healthy", Side::Local);
    files.retain(|(name, _)| name != "ssl_certs.json" && name != "licenses.json");
    let manifest = json!({
        "diagnostic": "esdiag-0.15.0", "type": "elasticsearch_diagnostic", "product": "elasticsearch",
        "timestamp": "2026-11-23T23:00:00Z", "mode": "light",
        "requested_apis": {"ssl_certs": {"status": 405}, "nodes": {"status": 200}},
    });
    files.push((
        "diagnostic_manifest.json".into(),
        serde_json::to_vec(&manifest).unwrap(),
    ));
    let temporary = TempDir::new().unwrap();
    let path = write(temporary.path(), "d.zip", &zip(&files, false));
    let evidence = evidence(&[&path]);
    let reason = |at: &str| {
        let gap = evidence.gaps.iter().find(|it| it.path == at).unwrap();
        gap.reason.clone()
    };
    assert_eq!(reason("clusters.a.certificates"), "405 without a reason");
    assert!(reason("clusters.a.license").contains("--mode light"));
}

#[test]
fn both_sides_of_a_link_find_each_other() {
    let temporary = TempDir::new().unwrap();
    let local = build::answers("9.4.3", "licence_remote_basic", Side::Local);
    let remote = build::answers("9.4.3", "licence_remote_basic", Side::Remote);
    let local = write(temporary.path(), "l.zip", &zip(&below("x", &local), false));
    let remote = write(temporary.path(), "r.tgz", &gzip(&tar(&below("y", &remote))));
    for paths in [[local.as_path(), &remote], [&remote, &local]] {
        let evidence = evidence(&paths);
        let link = &evidence.links["bee"];
        let remote = link
            .remote
            .known()
            .unwrap_or_else(|| panic!("{:#?}", evidence.gaps));
        assert_eq!(link.local.known().map(String::as_str), Some("a"));
        assert!(evidence.clusters[remote].license.is_known());
        assert!(evidence.gaps.iter().all(|it| it.path != "links.bee.remote"));
        let report = report(&evidence);
        assert!(
            failed(&report).contains(&"licence/remote-insufficient"),
            "{:?}",
            failed(&report)
        );
    }
}

#[test]
fn loose_answers_are_known_by_what_they_hold() {
    let temporary = TempDir::new().unwrap();
    let files = build::answers("9.4.3", "address_with_scheme", Side::Local);
    let mut paths = Vec::new();
    for (number, (name, bytes)) in files.iter().enumerate() {
        if name.contains('/') || name.starts_with("cluster_state") {
            continue;
        }
        // As PowerShell saves it, as curl -i does, and as it is.
        let bytes = match number % 3 {
            0 => {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let units = text.encode_utf16().flat_map(u16::to_le_bytes);
                [0xff, 0xfe].into_iter().chain(units).collect()
            }
            1 => [
                b"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\n\r\n",
                bytes.as_slice(),
            ]
            .concat(),
            _ => bytes.clone(),
        };
        paths.push(write(
            temporary.path(),
            &format!("answer-{number}.txt"),
            &bytes,
        ));
    }
    paths.push(write(
        temporary.path(),
        "names",
        b"keystore.seed\ncluster.remote.bee.credentials\n",
    ));
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let intake = read(&paths);
    assert_eq!(intake.diagnostics.len(), 1);
    assert_eq!(intake.keystores.len(), 1);
    let report = report(&evidence(&paths));
    assert_eq!(
        report.links[0].root_cause.as_deref(),
        Some("settings/address-is-url")
    );
}

#[test]
fn saved_evidence_gives_the_report_again() {
    let temporary = TempDir::new().unwrap();
    let files = build::answers("8.14.1", "role_missing", Side::Local);
    let path = write(temporary.path(), "d.zip", &zip(&files, false));
    let first = evidence(&[&path]);
    let text = serde_json::to_vec_pretty(&first).unwrap();
    let saved = write(temporary.path(), "saved.json", &text);
    let again = evidence(&[&saved]);
    assert_eq!(report(&first), report(&again));
    assert!(failed(&report(&again)).contains(&"nodes/client-role-missing"));
}

#[test]
fn another_product_is_named() {
    let temporary = TempDir::new().unwrap();
    let files = vec![
        manifest("kibana"),
        ("kibana_status.json".into(), b"{}".to_vec()),
    ];
    let path = write(temporary.path(), "k.zip", &zip(&files, false));
    let intake = read(&[&path]);
    assert!(intake.is_empty());
    let refused = intake.refused[0].to_string();
    assert!(refused.contains("kibana"), "{refused}");
    assert!(refused.contains("k.zip"), "{refused}");
}

#[test]
fn a_file_of_settings_tells_the_remotes_of_its_node() {
    let temporary = TempDir::new().unwrap();
    let text = "cluster.name: a\nnode.name: n1\nnode.roles: [ data ]\ncluster:\n  remote:\n    bee:\n      \
                mode: proxy\n      proxy_address: \"https://b.example.org:9443\"\n";
    let path = write(temporary.path(), "elasticsearch.yml", text.as_bytes());
    let evidence = evidence(&[&path]);
    let link = &evidence.links["bee"];
    assert!(
        link.settings.is_unknown(),
        "the cluster's own settings are not in it"
    );
    let report = report(&evidence);
    assert_eq!(
        report.links[0].root_cause.as_deref(),
        Some("settings/address-is-url")
    );
}

#[test]
fn a_log_alone_and_one_beside_a_diagnostic_are_searched() {
    let line = "[2026-11-23T22:00:00,000][WARN ][o.e.t.RemoteClusterService] [a-node] failed to connect \
                to remote cluster bee\norg.elasticsearch.ElasticsearchSecurityException: failed to \
                authenticate cross cluster access for API key: api key is expired\n";
    let temporary = TempDir::new().unwrap();
    let log = write(temporary.path(), "x.log.gz", &gzip(line.as_bytes()));
    let intake = read(&[&log]);
    assert_eq!(intake.logs.len(), 1);
    assert_eq!(intake.logs[0].what.bytes, line.len() as u64);
    let mut files = build::answers("9.4.3", "healthy", Side::Local);
    files.push(("logs/a.log".into(), line.as_bytes().to_vec()));
    let path = write(temporary.path(), "d.zip", &zip(&below("x", &files), false));
    let evidence = evidence(&[&path]);
    for sighting in &evidence.sightings {
        assert_eq!(
            sighting.cluster.known().map(String::as_str),
            Some("a"),
            "{sighting:?}"
        );
    }
}

#[test]
fn several_machines_that_looked_are_told_apart() {
    let temporary = TempDir::new().unwrap();
    let files = build::answers("9.4.3", "healthy", Side::Local);
    let path = write(temporary.path(), "d.zip", &zip(&files, false));
    let seen = evidence(&[&path]);
    let mut paths = Vec::new();
    for (host, outcome) in [("node-1", "connected"), ("laptop", "refused")] {
        let mut document = serde_json::to_value(&seen).unwrap();
        document["vantage"] = json!({"host": host, "is_local_node": host == "node-1"});
        let endpoints = document["endpoints"].as_object_mut().unwrap();
        for endpoint in endpoints.values_mut() {
            endpoint["attempts"] =
                json!([{"address": "10.0.0.1:9443", "tcp": {"outcome": outcome, "took_ms": 1}}]);
        }
        let document: Evidence = serde_json::from_value(document).unwrap();
        let text = serde_json::to_vec(&document).unwrap();
        paths.push(write(temporary.path(), &format!("{host}.json"), &text));
    }
    let intake = read(&[&paths[0], &paths[1]]);
    assert!(intake.problems.is_empty(), "{:?}", intake.problems);
    let views = archive::views(&intake, &plan(), "2026-11-24T00:00:00Z".parse().unwrap());
    let hosts: Vec<_> = views.iter().filter_map(|it| it.host.as_deref()).collect();
    assert_eq!(hosts, ["laptop", "node-1"]);
    let of = |at: usize| failed(&report(&views[at].evidence)).join(" ");
    assert!(of(0).contains("connection/refused"), "{}", of(0));
    assert!(!of(1).contains("connection/refused"), "{}", of(1));
}

#[test]
fn the_evidence_of_a_bundle_is_used_and_not_its_answers_again() {
    let temporary = TempDir::new().unwrap();
    let files = build::answers("9.4.3", "address_with_scheme", Side::Local);
    let path = write(temporary.path(), "d.zip", &zip(&files, false));
    let seen = evidence(&[&path]);
    let mut bundle: Files = below("answers/local", &files);
    bundle.push(("evidence.json".into(), serde_json::to_vec(&seen).unwrap()));
    bundle.push((
        "report.json".into(),
        serde_json::to_vec(&report(&seen)).unwrap(),
    ));
    bundle.push((
        "logs/a.log".into(),
        b"[2026-11-23T22:00:00,000][WARN ][x] [a] y\n".to_vec(),
    ));
    bundle.push((
        "manifest.json".into(),
        b"{\"schema\":\"crosscheck/bundle/v1\",\"files\":[]}".to_vec(),
    ));
    let path = write(temporary.path(), "bundle.zip", &zip(&bundle, false));
    let intake = read(&[&path]);
    assert_eq!((intake.diagnostics.len(), intake.logs.len()), (0, 0));
    assert_eq!(report(&joined(&intake)), report(&seen));
}

#[test]
fn two_runs_are_compared_by_finding() {
    let files = |name| build::answers("9.4.3", name, Side::Local);
    let temporary = TempDir::new().unwrap();
    let broken = write(
        temporary.path(),
        "1.zip",
        &zip(&files("address_with_scheme"), false),
    );
    let healthy = write(temporary.path(), "2.zip", &zip(&files("healthy"), false));
    let [broken, healthy] = [&broken, &healthy].map(|it| report(&evidence(&[it])));
    let codes = |list: &[crosscheck::report::Finding]| {
        list.iter().map(|it| it.code.clone()).collect::<Vec<_>>()
    };
    let worse = Diff::of(&healthy, &broken);
    assert!(codes(&worse.new).contains(&"settings/address-is-url".to_owned()));
    assert!(worse.is_worse(Severity::Error));
    let better = Diff::of(&broken, &healthy);
    assert!(
        codes(&better.gone).contains(&"settings/address-is-url".to_owned()),
        "{better:?}"
    );
    assert!(!better.is_worse(Severity::Error));
    let same = Diff::of(&broken, &broken);
    assert!(same.new.is_empty() && same.gone.is_empty() && !same.unchanged.is_empty());
    // What the later run cannot tell is not gone.
    let unclear = Diff::of(&broken, &report(&evidence_of_nothing()));
    assert!(unclear.gone.is_empty(), "{unclear:?}");
}

/// A run that found out nothing.
fn evidence_of_nothing() -> Evidence {
    joined(&Intake::default())
}
