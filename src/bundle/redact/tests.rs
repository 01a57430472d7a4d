use super::*;
use crate::check::{CheckSet, JudgeOptions, standard};
use crate::report::Report;

const KEY: &[u8] = b"a key for tests";

fn redacted(evidence: &Evidence) -> (Evidence, Redactor) {
    let mut lesson = Lesson::default();
    lesson.evidence(evidence);
    let mut redactor = Redactor::new(KEY, lesson);
    let evidence = redactor.evidence(evidence);
    (evidence, redactor)
}

/// What a reader decides by.
fn verdicts(report: &Report) -> Vec<String> {
    let links = report.links.iter();
    let links = links.map(|it| format!("{:?} {:?}", it.verdict, it.root_cause));
    let findings = report.findings.iter().map(|it| {
        format!(
            "{} {:?} {:?} {:?} {:?}",
            it.code, it.outcome, it.certainty, it.explained_by, it.explains
        )
    });
    let mut all: Vec<String> = links.chain(findings).collect();
    all.sort();
    all
}

#[test]
#[ignore = "takes minutes in a debug build; .ci/run runs it"]
fn every_check_says_the_same_of_the_redacted_case_of_each_of_its_tests() {
    let set = CheckSet::embedded();
    let mut differing = Vec::new();
    for test in set.tests() {
        let options = JudgeOptions {
            only: vec![test.code().to_owned()],
            environment: None,
        };
        let evidence = test.evidence().unwrap();
        let (hidden, _) = redacted(&evidence);
        let (before, after) = (
            verdicts(&set.judge(&evidence, &options)),
            verdicts(&set.judge(&hidden, &options)),
        );
        if before != after {
            differing.push(format!("{}\n  {before:?}\n  {after:?}", test.name()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn nothing_of_the_standard_case_that_names_anybody_is_left() {
    let (hidden, redactor) = redacted(&standard());
    let text = serde_json::to_string(&hidden).unwrap();
    for name in [
        "b.example.org",
        "bee",
        "10.0.0.",
        "CN=server",
        "remote-ca.crt",
    ] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    assert!(redactor.is_sound());
    assert_eq!(hidden.links.len(), 1);
}

#[test]
fn the_same_name_has_the_same_token_everywhere() {
    let mut evidence = standard();
    let link = evidence.links.get_mut("bee").unwrap();
    let mut errors = link.errors.clone().into_known().unwrap_or_default();
    errors.push(crate::evidence::ErrorLevel {
        source: crate::evidence::ErrorSource::Resolve,
        kind: "x".into(),
        reason: "cannot reach B.EXAMPLE.ORG:9443 of [bee] from 10.0.0.1".into(),
    });
    link.errors = crate::evidence::Fact::Known(errors);
    let (hidden, _) = redacted(&evidence);
    let (alias, link) = hidden.links.iter().next().unwrap();
    let address = link.proxy_address.known().cloned().flatten().unwrap();
    let reason = &link.errors.known().unwrap().last().unwrap().reason;
    let host = address.split(':').next().unwrap();
    assert!(reason.to_lowercase().contains(host), "{reason} {host}");
    assert!(reason.contains(&format!("[{alias}]")), "{reason}");
    assert!(hidden.endpoints.contains_key(&address));
}

/// Names of calls and fields are no names of anybody: without them nobody can read the answers.
#[test]
fn what_elasticsearch_calls_its_own_stays() {
    let certificates = serde_json::json!([{"path": "certs/ca.crt", "format": "PEM",
        "subject_dn": "CN=wimsey", "serial_number": "deadbeefcafe01", "has_private_key": false}]);
    let caller = serde_json::json!({"username": "harriet",
        "authentication_realm": {"name": "wimseyldap", "type": "ldap"}, "authentication_type": "realm"});
    let mut lesson = Lesson::default();
    for answer in [&certificates, &caller] {
        lesson.answer(answer);
    }
    let mut redactor = Redactor::new(&[7; 32], lesson);
    for call in [
        "/_ccr/stats",
        "/_all/_ccr/info",
        "/_ccr/auto_follow",
        "/_ssl/certificates",
    ] {
        assert_eq!(redactor.call(call), call);
    }
    let fields: Vec<String> = redactor.answer(&certificates)[0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let expected = [
        "format",
        "has_private_key",
        "path",
        "serial_number",
        "subject_dn",
    ];
    assert_eq!(fields, expected);
    let caller = redactor.answer(&caller);
    assert_eq!(caller["authentication_realm"]["type"], "ldap");
    assert_eq!(caller["authentication_type"], "realm");
    assert_ne!(caller["authentication_realm"]["name"], "wimseyldap");
}

#[test]
fn a_host_behind_the_user_of_a_url_is_replaced() {
    let mut redactor = Redactor::new(&[7; 32], Lesson::default());
    let text = redactor.free("GET https://svc:[redacted]@db.wimsey.com/x, mail to h@wimsey.com");
    assert!(!text.contains("wimsey"), "{text}");
    assert!(text.contains("https://svc:[redacted]@"), "{text}");
}
