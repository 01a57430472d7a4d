//! A hand-made report, shown.

use serde_json::json;

use super::*;
use crate::evidence::Evidence;
use crate::report::Report;

/// A finding with what matters here; the rest is filled in.
fn finding(code: &str, outcome: &str, more: &serde_json::Value) -> serde_json::Value {
    let mut finding = json!({
        "code": code, "area": code.split('/').next().unwrap(), "outcome": outcome,
        "severity": "error", "kind": "cause", "certainty": "proof", "stage": "authentication",
        "subject": {"link": "bee"}, "title": format!("{code} is fine"), "message": "", "why": "",
        "fixes": [], "covers": [], "explained_by": null, "explains": [], "evidence": [],
        "missing": [], "links": []
    });
    for (key, value) in more.as_object().unwrap() {
        finding[key] = value.clone();
    }
    finding
}

fn evidence() -> Evidence {
    serde_json::from_value(json!({
        "schema": "crosscheck/evidence/v1", "version": "0.1.0",
        "collected_at": "2026-11-23T12:00:00Z", "purpose": "diagnose",
        "vantage": {"host": "laptop", "is_local_node": false},
        "links": {"bee": {"alias": "bee", "local": "a", "remote": "b"}},
        "endpoints": {"b.example.org:9443": {
            "address": "b.example.org:9443", "host": "b.example.org", "port": 9443,
            "source": "proxy-address", "server_name": "b.example.org"}},
        "calls": [{"cluster": "a", "method": "GET", "path": "/", "status": 200, "took_ms": 3},
                  {"cluster": "b", "node": "b-1", "method": "GET", "path": "/_license",
                   "status": null, "took_ms": 5000}]
    }))
    .unwrap()
}

fn link(alias: &str, verdict: &str, root_cause: Option<&str>) -> serde_json::Value {
    json!({
        "alias": alias, "local": "a", "local_version": "9.4.3", "remote": "b",
        "remote_version": "9.4.3", "model": "api-key", "mode": "proxy", "verdict": verdict,
        "root_cause": root_cause, "environment": null
    })
}

fn report(links: &[serde_json::Value], findings: &[serde_json::Value]) -> Report {
    serde_json::from_value(json!({
        "schema": "crosscheck/report/v1", "version": "0.1.0",
        "verdict": links[0]["verdict"], "links": links, "findings": findings,
        "gaps": [{"path": "clusters.a.keystore", "probe": "POST /_nodes/reload_secure_settings",
                  "reason": "it was not allowed",
                  "remedy": "Run again with --reload-secure-settings (names from 9.3 on)."}],
        "counts": {"pass": 0, "fail": 0, "skip": 0, "unknown": 0, "broken": 0}
    }))
    .unwrap()
}

fn blocked() -> Report {
    report(
        &[link("bee", "blocked", Some("keys/expired"))],
        &[
            finding(
                "keys/expired",
                "fail",
                &json!({
                    "message": "Key \"cross\" (id KR9SCqIBrM0sh3NpDLnA) expired 2 days ago, \
                                2026-11-21 09:14 UTC.",
                    "why": "b has refused every connection of bee since then. a shows only \
                            \"connected: false\", and searches answer 200 with bee skipped.",
                    "explains": ["connection/not-connected", "connection/not-connected"],
                    "evidence": [{"path": "links.bee.info.connected", "value": false}],
                    "links": ["https://www.elastic.co/docs/deploy-manage/remote-clusters"],
                    "fixes": [
                        {"text": "An expired key cannot be extended. Make a new one and store it.",
                         "commands": ["POST /_security/cross_cluster/api_key\n{\"name\":\"cross\",\"access\":{\"search\":[{\"names\":[\"logs*\",\"metrics*\",\"traces*\"]}]}}",
                                      "bin/elasticsearch-keystore add cluster.remote.bee.credentials"],
                         "for": ["self-managed"]},
                        {"text": "Make a new key and replace it in the Secret.", "commands": [],
                         "for": ["eck"]}
                    ]
                }),
            ),
            finding(
                "connection/not-connected",
                "fail",
                &json!({
                    "kind": "symptom", "explained_by": "keys/expired", "message": "not connected"
                }),
            ),
            finding(
                "tls/expired",
                "fail",
                &json!({
                    "subject": {"link": "bee", "endpoint": "b.example.org:9443"},
                    "message": "The certificate \u{1b}[2Jof b.example.org ran out yesterday.",
                    "why": "No node accepts it.", "certainty": "strong",
                    "fixes": [{"text": "Renew it.", "commands": [], "for": []}]
                }),
            ),
            finding(
                "search/failures-hidden",
                "fail",
                &json!({
                    "kind": "risk", "severity": "warning", "subject": {"cluster": "a"},
                    "message": "skip_unavailable hides this from every search.",
                    "fixes": [{"text": "Watch _clusters.skipped in answers.", "commands": [], "for": []}]
                }),
            ),
            finding(
                "keystore/credential-stale",
                "unknown",
                &json!({
                    "message": "?", "missing": ["clusters.a.keystore"]
                }),
            ),
            finding(
                "keystore/credential-absent",
                "unknown",
                &json!({
                    "message": "?", "missing": ["clusters.a.keystore[\"x\"]"]
                }),
            ),
            finding("keys/wrong-type", "pass", &json!({})),
            finding("versions/wire-incompatible", "pass", &json!({})),
            finding("nodes/seeds-are-masters", "skip", &json!({})),
        ],
    )
}

fn shown(report: &Report, detail: Detail, ascii: bool) -> String {
    let page = Page {
        report,
        evidence: &evidence(),
    };
    let mut out = Vec::new();
    let human = Human {
        width: Width::DEFAULT,
        detail,
        ascii,
    };
    human.render(&page, &mut out).unwrap();
    let plain = anstream::adapter::strip_bytes(&out).into_vec();
    String::from_utf8(plain).unwrap()
}

#[test]
fn a_blocked_link() {
    insta::assert_snapshot!(shown(&blocked(), Detail::Usual, false));
}

#[test]
fn a_blocked_link_with_every_detail() {
    insta::assert_snapshot!(shown(&blocked(), Detail::Full, false));
}

#[test]
fn several_links_begin_with_a_summary() {
    let report = report(
        &[
            link("bee", "blocked", Some("keys/expired")),
            link("wasp-of-the-east", "ready", None),
            link("ant", "unknown", None),
        ],
        &[finding(
            "keys/expired",
            "fail",
            &json!({"message": "It expired."}),
        )],
    );
    insta::assert_snapshot!(shown(&report, Detail::Usual, false));
    assert_eq!(shown(&report, Detail::Verdict, false).lines().count(), 3);
}

#[test]
fn it_fits_80_columns_and_an_old_terminal() {
    for detail in [Detail::Verdict, Detail::Usual, Detail::Full] {
        for line in shown(&blocked(), detail, true).lines() {
            let command = line.contains("{\"name\"");
            assert!(command || columns(line) <= 80, "{line}");
            assert!(line.is_ascii(), "{line}");
            assert!(!line.contains('\u{1b}'), "{line}");
        }
    }
}

#[test]
fn a_probed_endpoint() {
    let certificate = json!({
        "subject": "CN=b", "issuer": "CN=Example CA", "serial": "1",
        "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z",
        "dns_names": ["b.example.org"], "ip_addresses": ["10.0.0.5"], "common_name": "b",
        "is_ca": false, "self_signed": false, "extended_key_usage": null, "subject_key_id": null,
        "authority_key_id": null, "key": "EC P-256", "signature_algorithm": "ecdsa-with-SHA256",
        "sha1": "00", "sha256": "00", "der": ""
    });
    let evidence: Evidence = serde_json::from_value(json!({
        "schema": "crosscheck/evidence/v1", "version": "0.1.0",
        "collected_at": "2026-11-23T12:00:00Z", "purpose": "probe", "vantage": {"host": "laptop"},
        "links": {"b.example.org:9443": {"endpoints": ["b.example.org:9443"]}},
        "endpoints": {"b.example.org:9443": {
            "address": "b.example.org:9443", "host": "b.example.org", "port": 9443,
            "source": "typed", "server_name": "b.example.org",
            "dns": {"outcome": "nx-domain", "addresses": [], "detail": "no such name", "took_ms": 2},
            "host_resolution": {"outcome": "answered", "addresses": ["10.0.0.5", "10.0.0.6"],
                                "detail": null, "took_ms": 1},
            "attempts": [
                {"address": "10.0.0.5:9443",
                 "tcp": {"outcome": "connected", "detail": null, "took_ms": 1.25},
                 "tls": {"outcome": "completed", "detail": null, "alert": null,
                         "protocol": "TLSv1.3", "cipher_suite": "TLS_AES_256_GCM_SHA384",
                         "client_certificate_requested": false, "chain": [certificate],
                         "webpki_error": "unknown issuer", "took_ms": 3.0},
                 "transport": {"outcome": "answered", "detail": null, "release": "9.4.3",
                               "port_kind": "remote-cluster-server"}},
                {"address": "10.0.0.6:9443",
                 "tcp": {"outcome": "refused", "took_ms": 0.2,
                         "detail": "connect 10.0.0.6:9443: connection refused"}}
            ]
        }}
    }))
    .unwrap();
    let mut link = link("b.example.org:9443", "unknown", None);
    for part in [
        "local",
        "local_version",
        "remote",
        "remote_version",
        "model",
        "mode",
    ] {
        link[part] = json!(null);
    }
    let report = report(&[link], &[]);
    let page = Page {
        report: &report,
        evidence: &evidence,
    };
    let mut out = Vec::new();
    let human = Human {
        width: Width::DEFAULT,
        detail: Detail::Usual,
        ascii: false,
    };
    human.render(&page, &mut out).unwrap();
    let plain = anstream::adapter::strip_bytes(&out).into_vec();
    insta::assert_snapshot!(String::from_utf8(plain).unwrap());
}

#[test]
fn what_is_judged_of_a_healthy_pair_is_shown() {
    let evidence = crate::check::standard();
    let checks = crate::check::CheckSet::embedded();
    let report = checks.judge(&evidence, &crate::check::JudgeOptions::default());
    for detail in [Detail::Verdict, Detail::Usual, Detail::Full] {
        let page = Page {
            report: &report,
            evidence: &evidence,
        };
        let mut out = Vec::new();
        let human = Human {
            width: Width::DEFAULT,
            detail,
            ascii: false,
        };
        human.render(&page, &mut out).unwrap();
        let text = String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap();
        assert!(text.starts_with("bee "), "{text}");
    }
}

#[test]
fn a_headline_is_what_the_message_says_first() {
    for (message, short) in [
        (
            "The licence of a is basic; API keys need more.",
            "The licence of a is basic",
        ),
        (
            "b:9443 refuses connections: os error 111",
            "b:9443 refuses connections",
        ),
        (
            "No node answers at b.example.org:9443.",
            "No node answers at b.example.org:9443",
        ),
        ("It is off. Turn it on: now", "It is off"),
    ] {
        assert_eq!(in_short(message), short);
    }
}

#[test]
fn a_headline_that_does_not_fit_gives_way_to_the_code() {
    let cause = json!({"message": "long ".repeat(30)});
    let report = report(
        &[link("bee", "blocked", Some("keys/expired"))],
        &[finding("keys/expired", "fail", &cause)],
    );
    let text = shown(&report, Detail::Usual, false);
    assert!(text.contains("BLOCKED: keys/expired\n"), "{text}");
}
