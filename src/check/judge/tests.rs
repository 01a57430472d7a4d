use std::fs;

use super::*;
use crate::check::standard::{standard, with_given};
use crate::evidence::Gap;
use crate::evidence::Sighting;
use crate::report::Certainty;

/// A set of small checks: `(code, lines of the file)`.
fn set(checks: &[(&str, &str)]) -> CheckSet {
    let folder = tempfile::tempdir().unwrap();
    for (code, lines) in checks {
        let path = folder.path().join(format!("{code}.toml"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let default = |key: &str, value: &str| {
            let given = lines
                .lines()
                .any(|line| line.trim().starts_with(&format!("{key} =")));
            if given {
                String::new()
            } else {
                format!("{key} = {value}\n")
            }
        };
        let text = [
            default("title", "'healthy'"),
            default("severity", "'error'"),
            default("kind", "'cause'"),
            default("stage", "'tls'"),
            default("certainty", "'proof'"),
            default("subject", "'link'"),
            default("message", "'failed'"),
            default("why", "'because'"),
            format!("{lines}\n"),
        ];
        fs::write(path, text.concat()).unwrap();
    }
    CheckSet::folder(folder.path()).unwrap()
}

fn judge(checks: &[(&str, &str)], given: &str) -> Report {
    let evidence = with_given(SubjectKind::Link, given).unwrap();
    set(checks).judge(&evidence, &JudgeOptions::default())
}

fn get<'a>(report: &'a Report, code: &str) -> &'a Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.code == code)
        .unwrap()
}

const SYMPTOM: (&str, &str) = (
    "connection/not-connected",
    "kind = 'symptom'\nessential = 'always'\nok = 'link.info.connected'",
);

#[test]
fn the_surest_cause_at_the_earliest_stage_is_the_root() {
    let checks = [
        ("keys/expired", "stage = 'authentication'\nok = 'false'"),
        (
            "tls/issuer-not-trusted",
            "stage = 'tls'\ncertainty = 'strong'\nok = 'false'",
        ),
        (
            "name/gone",
            "stage = 'name'\ncertainty = 'hint'\nok = 'false'",
        ),
        ("licence/old", "stage = 'licence'\nok = 'false'"),
        (
            "search/hidden",
            "kind = 'risk'\nstage = 'settings'\nok = 'false'",
        ),
        SYMPTOM,
        ("versions/fine", "ok = 'true'"),
        ("versions/open", "ok = 'remote.version.atLeast(\"8.0.0\")'"),
    ];
    let report = judge(
        &checks,
        r#"{"link":{"info":{"connected":false}},"remote":"__absent__"}"#,
    );
    assert_eq!(report.verdict, Verdict::Blocked);
    assert_eq!(report.links[0].root_cause.as_deref(), Some("keys/expired"));
    let order: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(
        order,
        [
            "keys/expired",
            "licence/old",
            "tls/issuer-not-trusted",
            "name/gone",
            "search/hidden",
            "connection/not-connected",
            "versions/open",
            "versions/fine",
        ]
    );
    let root = &report.findings[0];
    assert_eq!(root.explains, ["connection/not-connected"]);
    assert_eq!(get(&report, "search/hidden").explained_by, None);
    assert_eq!(report.counts.fail, 6);
}

#[test]
fn consequences_are_folded_under_their_cause() {
    let checks = [
        (
            "ports/off",
            "stage = 'protocol'\ncertainty = 'strong'\nok = 'false'",
        ),
        (
            "connection/refused",
            "stage = 'connect'\nconsequence_of = ['ports/off']\nok = 'false'",
        ),
        (
            "connection/slow",
            "stage = 'connect'\nconsequence_of = ['connection/refused']\nok = 'false'",
        ),
    ];
    let report = judge(&checks, "{}");
    assert_eq!(report.links[0].root_cause.as_deref(), Some("ports/off"));
    assert_eq!(
        get(&report, "connection/refused").explained_by.as_deref(),
        Some("ports/off")
    );
    assert_eq!(
        get(&report, "connection/slow").explained_by.as_deref(),
        Some("connection/refused")
    );
}

#[test]
fn a_hint_blocks_nothing() {
    let hint = ("tls/maybe", "certainty = 'hint'\nok = 'false'");
    let silent = judge(&[hint], "{}");
    assert_eq!(silent.verdict, Verdict::Unknown);
    assert_eq!(silent.links[0].root_cause, None);
    assert_eq!(judge(&[hint, SYMPTOM], "{}").verdict, Verdict::AtRisk);
    let proof = (
        "connection/refused",
        "consequence_of = ['tls/maybe']\nok = 'false'",
    );
    let both = judge(&[hint, proof], "{}");
    assert_eq!(
        both.links[0].root_cause.as_deref(),
        Some("connection/refused")
    );
}

#[test]
fn certainty_depends_on_where_one_looks_from() {
    let check = [(
        "connection/refused",
        "certainty_from_afar = 'hint'\nok = 'false'",
    )];
    assert_eq!(judge(&check, "{}").verdict, Verdict::Blocked);
    for given in [
        r#"{"vantage":{"is_local_node":false}}"#,
        r#"{"vantage":{"is_local_node":"__absent__"}}"#,
    ] {
        let report = judge(&check, given);
        assert_eq!(report.verdict, Verdict::Unknown, "{given}");
        assert_eq!(report.findings[0].certainty, Certainty::Hint);
    }
}

#[test]
fn verdicts() {
    let risk = (
        "keys/expires-soon",
        "kind = 'risk'\nseverity = 'warning'\nok = 'false'",
    );
    let advice = (
        "keys/wide",
        "kind = 'advice'\nseverity = 'info'\nok = 'false'",
    );
    let planned = (
        "keys/form",
        "essential = 'planned'\nok = 'link.credential == null'",
    );
    let broken = ("keys/broken", "ok = 'link.alias > 3'");
    let unknown = r#"{"link":{"info":"__absent__"}}"#;
    for (name, checks, given, verdict) in [
        ("healthy", vec![SYMPTOM], "{}", Verdict::Ready),
        ("advice only", vec![SYMPTOM, advice], "{}", Verdict::Ready),
        ("a risk", vec![SYMPTOM, risk], "{}", Verdict::AtRisk),
        (
            "not seen to answer",
            vec![SYMPTOM, risk],
            unknown,
            Verdict::Unknown,
        ),
        (
            "nothing seen",
            vec![("a/b", "ok = 'link.info.connected'")],
            unknown,
            Verdict::Unknown,
        ),
        (
            "a symptom",
            vec![SYMPTOM],
            r#"{"link":{"info":{"connected":false}}}"#,
            Verdict::Unknown,
        ),
        (
            "a broken check",
            vec![SYMPTOM, broken],
            "{}",
            Verdict::Ready,
        ),
        (
            "planned",
            vec![planned, advice],
            r#"{"link":{"planned":true,"credential":"__absent__"}}"#,
            Verdict::Unknown,
        ),
        (
            "not planned",
            vec![planned, advice],
            r#"{"link":{"credential":"__absent__"}}"#,
            Verdict::Ready,
        ),
    ] {
        assert_eq!(judge(&checks, given).verdict, verdict, "{name}");
    }
    let mut evidence = standard();
    evidence.links.clear();
    let report = set(&[SYMPTOM]).judge(&evidence, &JudgeOptions::default());
    assert_eq!(report.verdict, Verdict::Unknown);
    assert_eq!(
        get(&judge(&[broken], "{}"), "keys/broken").outcome,
        Outcome::Broken
    );
}

#[test]
fn findings_of_clusters_count_for_their_links() {
    let check = [(
        "licence/expired",
        "subject = 'cluster'\nok = 'cluster.license.status == \"active\"'\nmessage = '{cluster.name}: {cluster.license.status}'",
    )];
    let report = judge(&check, r#"{"remote":{"license":{"status":"expired"}}}"#);
    assert_eq!(
        report.links[0].root_cause.as_deref(),
        Some("licence/expired")
    );
    assert_eq!(report.findings[0].message, "b: expired");
    assert_eq!(report.findings[0].evidence.len(), 1);
    assert_eq!(
        report.findings[0].evidence[0].path,
        "clusters.b.license.status"
    );
    assert_eq!(report.counts.pass, 1);
}

#[test]
fn fixes_are_those_of_the_environment_with_real_names() {
    let check = [(
        "keystore/absent",
        r#"ok = 'false'
fix = [
  { for = ["self-managed"], text = "store it", commands = ['add cluster.remote.{link.alias}.credentials', 'to {remote.version} {"a":{"b":"{link.server_name}"}}'] },
  { for = ["ech"], text = "in the console" },
  { text = "anywhere" },
]"#,
    )];
    let report = judge(&check, r#"{"remote":{"version":"__absent__"}}"#);
    let fixes = &report.findings[0].fixes;
    assert_eq!(fixes.len(), 2);
    assert_eq!(fixes[0].commands[0], "add cluster.remote.bee.credentials");
    assert_eq!(
        fixes[0].commands[1],
        r#"to <version> {"a":{"b":"<server-name>"}}"#
    );
    let evidence = standard();
    let options = JudgeOptions {
        environment: Some(Environment::Ech),
        ..JudgeOptions::default()
    };
    let report = set(&check).judge(&evidence, &options);
    assert_eq!(report.findings[0].fixes[0].text, "in the console");
    let nowhere = r#"{"environment":"__absent__","local":{"environment":"__absent__"}}"#;
    assert_eq!(judge(&check, nowhere).findings[0].fixes.len(), 3);
}

#[test]
fn unknown_says_why_and_how_to_close_it() {
    let mut evidence =
        with_given(SubjectKind::Link, r#"{"local":{"license":"__absent__"}}"#).unwrap();
    evidence.gaps = vec![Gap {
        path: "clusters.a.license".to_owned(),
        probe: "GET /_license".to_owned(),
        reason: "403 for user [x]".to_owned(),
        remedy: "Grant the cluster privilege `monitor`".to_owned(),
    }];
    let check = [(
        "licence/old",
        "ok = 'local.license.type != \"basic\" && local.license.status == \"active\"'",
    )];
    let report = set(&check).judge(&evidence, &JudgeOptions::default());
    assert_eq!(report.findings[0].missing, ["clusters.a.license"]);
    assert_eq!(
        report.findings[0].message,
        "Not known: clusters.a.license. 403 for user [x]. Grant the cluster privilege `monitor`."
    );
}

#[test]
fn only_what_is_wanted_is_judged() {
    let options = JudgeOptions {
        only: vec!["keys".to_owned(), "tls/a".to_owned()],
        ..JudgeOptions::default()
    };
    let checks = [
        ("keys/a", "ok = 'true'"),
        ("tls/a", "ok = 'true'"),
        ("tls/b", "ok = 'true'"),
    ];
    let report = set(&checks).judge(&standard(), &options);
    assert_eq!(report.counts.pass, 2);
}

#[test]
fn what_two_links_share_is_not_folded_under_the_cause_of_one() {
    let mut evidence = standard();
    let mut other = evidence.links["bee"].clone();
    other.mode = Fact::Known(crate::evidence::Mode::Sniff);
    evidence.links.insert("ant".to_owned(), other);
    let checks = set(&[
        (
            "licence/bad",
            "subject = 'cluster'\nconsequence_of = ['tls/bad']\nstage = 'settings'\nok = 'cluster.name != \"a\"'",
        ),
        ("tls/bad", "ok = 'link.mode != \"sniff\"'"),
    ]);
    let report = checks.judge(&evidence, &JudgeOptions::default());
    assert_eq!(get(&report, "licence/bad").explained_by, None);
    let causes: Vec<_> = report
        .links
        .iter()
        .map(|link| link.root_cause.as_deref())
        .collect();
    assert_eq!(causes, [Some("licence/bad"), Some("licence/bad")]);
}

/// The standard case without a working link, and one sighting in the log of a cluster.
fn with_sighting(signature: &str, pattern: &str, change: impl Fn(&mut Sighting)) -> Evidence {
    let mut evidence = standard();
    let link = evidence.links.get_mut("bee").unwrap();
    link.info = Fact::Unknown;
    link.info_before = Fact::Unknown;
    link.resolve = Fact::Unknown;
    link.search = Fact::Unknown;
    link.errors = Fact::Unknown;
    link.index_answers = Fact::Unknown;
    evidence.endpoints.clear();
    link.endpoints.clear();
    let cluster = evidence.clusters.get_mut("b").unwrap();
    cluster.api_keys = Fact::Unknown;
    let mut sighting = Sighting {
        signature: signature.to_owned(),
        pattern: pattern.to_owned(),
        cluster: Fact::Known("b".to_owned()),
        last: Fact::Known(evidence.collected_at),
        count: 54,
        file: "b_server.json".to_owned(),
        line: 12,
        text: "Authentication using apikey failed".to_owned(),
        ..Sighting::default()
    };
    change(&mut sighting);
    evidence.sightings.push(sighting);
    evidence
}

#[test]
fn a_log_decides_what_nothing_else_could() {
    let set = CheckSet::embedded();
    let judged = |evidence: &Evidence| {
        let report = set.judge(evidence, &JudgeOptions::default());
        let mut findings = report.findings.into_iter();
        findings.find(|it| it.code == "keys/expired").unwrap()
    };
    let text = "api key is expired";
    let recent = judged(&with_sighting("keys/expired", text, |_| {}));
    assert_eq!(recent.outcome, Outcome::Fail);
    assert_eq!(recent.certainty, Certainty::Strong);
    assert!(
        recent
            .message
            .starts_with("A cross-cluster API key has expired: the log of b has it 54 times"),
        "{}",
        recent.message
    );
    assert!(
        recent.message.contains("b_server.json:12"),
        "{}",
        recent.message
    );
    assert!(!recent.fixes.is_empty() && recent.missing.is_empty());

    let old = judged(&with_sighting("keys/expired", text, |it| {
        let last = it.last.known().unwrap();
        it.last = Fact::Known(*last - jiff::SignedDuration::from_hours(24 * 9));
    }));
    assert_eq!(
        (old.outcome, old.certainty),
        (Outcome::Fail, Certainty::Hint)
    );

    // The same line in the log of the other side is about another link, of which this is the remote.
    let elsewhere = judged(&with_sighting("keys/expired", text, |it| {
        it.cluster = Fact::Known("a".to_owned());
    }));
    assert_eq!(elsewhere.outcome, Outcome::Unknown);
    let of_other_key = judged(&with_sighting("keys/expired", text, |it| {
        it.key = Fact::Known("another".to_owned());
    }));
    assert_eq!(of_other_key.outcome, Outcome::Unknown);
}

#[test]
fn a_log_never_overrules_what_was_asked() {
    let set = CheckSet::embedded();
    let mut evidence = with_sighting("keys/expired", "api key is expired", |_| {});
    let sightings = std::mem::take(&mut evidence.sightings);
    let mut healthy = standard();
    healthy.sightings = sightings;
    let report = set.judge(&healthy, &JudgeOptions::default());
    assert_eq!(
        report.verdict,
        set.judge(&standard(), &JudgeOptions::default()).verdict
    );
    let finding = report
        .findings
        .iter()
        .find(|it| it.code == "keys/expired")
        .unwrap();
    assert_eq!(finding.outcome, Outcome::Pass);
    assert!(
        finding.message.contains("In the past: "),
        "{}",
        finding.message
    );
}
