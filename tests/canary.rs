//! Canaries: secrets and identifiers of every kind, put wherever something is collected. No secret
//! may come out anywhere; no identifier may be in a redacted bundle, in any form; and what was the
//! same stays the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "canary/answers.rs"]
mod answers;
#[path = "probes/peers.rs"]
#[expect(dead_code, reason = "peers of other tests")]
mod peers;
#[path = "canary/planted.rs"]
mod planted;
#[path = "canary/secrets.rs"]
mod secrets;

use std::io::{Cursor, Read as _};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::archive;
use crosscheck::bundle::{self, Contents, Packed, Tokens};
use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::config::plan::{ClusterTarget, LinkIntent, Login, Plan};
use crosscheck::evidence::{Evidence, Fact, Purpose};
use crosscheck::probe::Collected;
use crosscheck::probe::assemble::{Observations, assemble};
use crosscheck::probe::elasticsearch::{Answer, Body, Moment, Question, Reply};
use crosscheck::render::{Detail, Human, Json, Page, Render, Width};
use crosscheck::scrub::Scrub;
use serde_json::{Value, json};
use zip::ZipArchive;

use secrets::{IDENTIFIERS, KEY_ID, KEY_SECRET, PASSWORD, of, secrets};

fn plan() -> Plan {
    let target = |host: &str| ClusterTarget {
        url: format!("https://{host}:9200").parse().unwrap(),
        login: Login::Basic {
            user: of("user name").into(),
            password: PASSWORD.to_owned().into(),
        },
        ca: Vec::new(),
    };
    Plan {
        local: Some(target(of("qualified host name"))),
        remote: Some(target(of("public IPv4 address"))),
        aliases: vec![of("alias").into()],
        intents: vec![LinkIntent {
            alias: Some(of("alias").into()),
            credential: Some(STANDARD.encode(format!("{KEY_ID}:{KEY_SECRET}")).into()),
            indices: vec![of("index").into()],
            ..LinkIntent::default()
        }],
        keystore: Some(vec![format!("cluster.remote.{}.credentials", of("alias"))]),
        timeout: Duration::from_secs(1),
        ..Plan::new(Purpose::Diagnose)
    }
}

/// Canaries in one text, as an error repeats them; what is longer than 2,000 characters is cut.
fn listed(of: impl Iterator<Item = (&'static str, String)>) -> String {
    let each = of.map(|(what, text)| format!("{what} [{text}]"));
    each.collect::<Vec<String>>().join("\n")
}

fn listed_secrets() -> String {
    listed(secrets().into_iter().map(|it| (it.0, it.1)))
}

fn listed_identifiers() -> String {
    listed(IDENTIFIERS.iter().map(|it| (it.0, it.1.to_owned())))
}

fn answer(question: Question, status: u16, body: Value) -> Arc<Answer> {
    Arc::new(Answer {
        question,
        node: None,
        outcome: Ok(Reply {
            status,
            product: true,
            location: None,
            body: Body::Json(body),
        }),
        took_ms: 3,
    })
}

fn root(name: &str) -> Arc<Answer> {
    let body = json!({
        "name": of("node name"), "cluster_name": name, "cluster_uuid": of("cluster uuid"),
        "version": {"number": "9.4.3", "build_flavor": "default", "minimum_wire_compatibility_version": "8.19.0"},
        "tagline": "You Know, for Search"
    });
    answer(Question::Root, 200, body)
}

fn nodes() -> Arc<Answer> {
    let mut attributes = serde_json::Map::new();
    attributes.insert("rack".into(), of("rack").into());
    attributes.insert("password".into(), "canary-attribute".into());
    let mut settings = json!({
        "cluster": {"name": of("cluster name")},
        "node": {"name": of("node name")},
        "network": {"host": format!("{},{}", of("private IPv4 address"), of("IPv6 address"))},
        "xpack": {"security": {"authc": {"realms": {"ldap": {of("realm"): {
            "url": "ldaps://ldap.wimsey-publishing.co.uk:636", "bind_password": "canary-bind"}}}}}},
        "deployment": {"id": of("deployment id"), "uuid": of("UUID"), "cloud": of("cloud id"), "mac": of("MAC address")},
        "namespace": of("Kubernetes namespace"),
    });
    for (index, (_, text, _)) in secrets().into_iter().enumerate() {
        settings["node"][format!("setting{index}")] = text.into();
    }
    let body = json!({"nodes": {of("node id"): {
        "name": of("node name"), "version": "9.4.3", "roles": ["master", "data", "remote_cluster_client"],
        "attributes": attributes, "settings": settings,
        "transport": {"publish_address": format!("{}/{}:9300", of("host name"), of("private IPv4 address"))},
        "http": {"publish_address": format!("[{}]:9200", of("IPv6 address"))},
        "jvm": {"start_time_in_millis": 1_700_000_000_000_i64},
    }}});
    answer(Question::Nodes { server: true }, 200, body)
}

fn collected(plan: &Plan) -> Collected {
    let alias = of("alias");
    let levels = secrets().into_iter();
    let levels = levels.map(|it| json!({"type": "x", "reason": format!("{} [{}]", it.0, it.1)}));
    let error = json!({
        "root_cause": [], "type": "security_exception", "reason": listed_identifiers(),
        "suppressed": levels.collect::<Vec<Value>>(),
        "caused_by": {"type": "authentication_processing_error", "reason":
            format!("API key [{KEY_ID}] of [{}] at {} ({})", of("user name"), of("qualified host name"), of("fingerprint"))},
    });
    let settings = json!({"persistent": {
        format!("cluster.remote.{alias}.mode"): "proxy",
        format!("cluster.remote.{alias}.proxy_address"): format!("{}:9443", of("qualified host name")),
    }, "transient": {}});
    let info = json!({alias: {"connected": false, "mode": "proxy",
        "proxy_address": format!("{}:9443", of("qualified host name")), "server_name": of("qualified host name"),
        "num_proxy_sockets_connected": 0, "max_proxy_socket_connections": 18,
        "initial_connect_timeout": "30s", "skip_unavailable": false, "cluster_credentials": "::es_redacted::"}});
    let local = vec![
        root(of("cluster name")),
        answer(Question::RemoteInfo(Moment::Before), 200, info.clone()),
        answer(Question::ClusterSettings, 200, settings),
        nodes(),
        answer(
            Question::License,
            200,
            json!({"license": {"status": "active", "uid": of("UUID"),
            "type": "enterprise", "issued_to": of("licensee"), "issuer": "elasticsearch"}}),
        ),
        answer(
            Question::Certificates,
            200,
            json!([{"path": of("path"), "format": "PEM", "alias": null,
            "subject_dn": format!("CN={},O={}", of("loaded subject"), of("organisation")),
            "serial_number": of("serial number"), "has_private_key": false, "expiry": "2030-01-01T00:00:00.000Z"}]),
        ),
        answer(
            Question::Caller,
            200,
            json!({"username": of("user name"), "roles": [of("role")],
            "full_name": of("full name"), "email": of("mail address"), "metadata": {"note": of("licensee")},
            "enabled": true, "authentication_realm": {"name": of("realm"), "type": "ldap"},
            "authentication_type": "realm"}),
        ),
        answer(
            Question::Resolve {
                alias: alias.into(),
            },
            200,
            json!({alias: {"connected": false,
            "skip_unavailable": false, "error": listed_secrets()}}),
        ),
        answer(
            Question::Search {
                alias: alias.into(),
                indices: vec![of("index").into()],
            },
            401,
            json!({"error": error, "status": 401}),
        ),
        answer(Question::RemoteInfo(Moment::After), 200, info),
    ];
    let remote = vec![
        root(of("remote cluster name")),
        nodes(),
        answer(
            Question::ApiKey { id: KEY_ID.into() },
            200,
            json!({"api_keys": [{"id": KEY_ID,
            "name": of("key name"), "type": "cross_cluster", "creation": 1_700_000_000_000_i64,
            "invalidated": false, "username": of("user name"), "realm": of("realm"),
            "metadata": {"owner": of("full name")},
            "access": {"search": [{"names": [of("index")]}]}}]}),
        ),
    ];
    let mut seen = Observations {
        local: Some(local.clone()),
        remote: Some(remote.clone()),
        ..Observations::default()
    };
    let mut evidence = assemble(plan, &mut seen, "2026-11-25T04:00:00Z".parse().unwrap());
    evidence.vantage.host = Fact::Known(of("host name").into());
    evidence.vantage.addresses = Fact::Known(vec![of("private IPv4 address").into()]);
    Collected {
        evidence,
        local,
        remote,
    }
}

fn packed(plan: &Plan, collected: &Collected, tokens: &Tokens<'_>) -> Packed {
    let contents = Contents {
        collected,
        scrub: &Scrub::of(plan),
        checks: &CheckSet::embedded(),
        judge: &JudgeOptions::default(),
    };
    match bundle::pack(&contents, tokens) {
        Ok(packed) => packed,
        Err(bundle::PackError::Survived(all)) => panic!("{all:#?}"),
        Err(other) => panic!("{other}"),
    }
}

fn files(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let each = (0..archive.len()).map(|index| {
        let mut entry = archive.by_index(index).unwrap();
        let name = String::from_utf8(entry.name_raw().to_vec()).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name, text)
    });
    each.collect()
}

/// Names and texts in which letters have one case.
struct Lowered(Vec<(String, String)>);

impl Lowered {
    fn of(files: &[(String, String)]) -> Self {
        let each = files.iter().map(|it| (it.0.clone(), it.1.to_lowercase()));
        Self(each.collect())
    }
}

fn search(files: &Lowered, kind: &str, wanted: &str) {
    let escaped = serde_json::to_string(wanted).unwrap();
    let hex = wanted
        .bytes()
        .fold(String::new(), |all, it| all + &format!("{it:02x}"));
    for form in [
        wanted,
        escaped.trim_matches('"'),
        &hex,
        &STANDARD.encode(wanted),
    ] {
        let form = form.to_lowercase();
        for (file, text) in &files.0 {
            let found = text.find(&form);
            assert!(
                found.is_none(),
                "{kind} {form:?} in {file}: {:?}",
                text.get(found.unwrap_or(0).saturating_sub(60)..found.unwrap_or(0) + 60)
            );
        }
    }
}

/// Everything that a run without a bundle gives out.
fn outputs(evidence: &Evidence) -> Vec<(String, String)> {
    let checks = CheckSet::embedded();
    let report = checks.judge(evidence, &JudgeOptions::default());
    let page = Page {
        report: &report,
        evidence,
    };
    let human = Human {
        width: Width::DEFAULT,
        detail: Detail::Full,
        ascii: false,
    };
    let renderers: [(&str, &dyn Render); 2] = [("human", &human), ("json", &Json)];
    let mut outputs: Vec<(String, String)> = renderers
        .into_iter()
        .map(|(name, renderer)| {
            let mut text = Vec::new();
            renderer.render(&page, &mut text).unwrap();
            (name.to_owned(), String::from_utf8(text).unwrap())
        })
        .collect();
    let document = serde_json::to_string_pretty(evidence).unwrap();
    outputs.push(("evidence".into(), document));
    outputs
}

#[test]
fn no_secret_comes_out_anywhere() {
    let plan = plan();
    let collected = collected(&plan);
    let mut all = outputs(&collected.evidence);
    all.extend(files(&packed(&plan, &collected, &Tokens::None).bytes));
    all.extend(files(&packed(&plan, &collected, &Tokens::Fresh).bytes));
    let searched = Lowered::of(&all);
    for (what, _, secret) in secrets() {
        search(&searched, what, &secret);
    }
    search(&searched, "secret attribute", "canary-attribute");
    let evidence = &all.iter().find(|it| it.0 == "evidence").unwrap().1;
    assert!(
        evidence.contains("password of the login [[redacted]]"),
        "{evidence}"
    );
}

/// Secrets in the files that somebody sent: in answers, settings, a log and an error. Those that only
/// their owner could tell from other words are left out.
#[test]
fn no_secret_of_a_file_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let body = |answer: &Answer| match &answer.outcome.as_ref().unwrap().body {
        Body::Json(body) => body.to_string(),
        Body::Text(text) => panic!("{text}"),
    };
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let known_by_shape = || {
        let all = secrets().into_iter();
        let bare = [PASSWORD, KEY_SECRET];
        all.filter(move |it| !bare.contains(&it.2.as_str()))
    };
    write("version.json", body(&root(of("cluster name"))));
    write("nodes.json", body(&nodes()));
    let alias = of("alias");
    write(
        "remote_cluster_info.json",
        json!({alias: {"connected": false, "mode": "proxy", "skip_unavailable": false,
            "proxy_address": format!("{}:9443", of("qualified host name"))}})
        .to_string(),
    );
    write(
        "licenses.json",
        json!({"error": {"type": "x", "reason": listed(known_by_shape().map(|it| (it.0, it.1)))},
            "status": 403})
        .to_string(),
    );
    let lines = known_by_shape().map(|(_, text, _)| {
        format!(
            "[2026-11-25T00:00:00,000][WARN ][o.e.t.x] [n] failed to open any proxy connections to \
             cluster [{alias}] {text}\n"
        )
    });
    write("server.log", lines.collect());
    let checks = CheckSet::embedded();
    let intake = archive::read(&[folder.path().to_path_buf()], &checks.signatures());
    let now = "2026-11-25T04:00:00Z".parse().unwrap();
    let plan = Plan {
        purpose: Purpose::Analyze,
        local: None,
        remote: None,
        intents: Vec::new(),
        ..plan()
    };
    let views = archive::views(&intake, &plan, now);
    let evidence = &views[0].evidence;
    assert!(!evidence.sightings.is_empty());
    let mut all = outputs(evidence);
    let problems = intake.problems.iter().chain(&intake.refused);
    all.push((
        "problems".into(),
        problems.map(ToString::to_string).collect(),
    ));
    let searched = Lowered::of(&all);
    for (what, _, secret) in known_by_shape() {
        search(&searched, what, &secret);
    }
}

#[test]
fn no_identifier_is_in_a_redacted_bundle() {
    let plan = plan();
    let collected = collected(&plan);
    let packed = packed(&plan, &collected, &Tokens::Fresh);
    let files = Lowered::of(&files(&packed.bytes));
    for (what, text) in IDENTIFIERS {
        search(&files, what, text);
    }
    for word in [
        "acmecorp",
        "wimsey",
        "zugspitze",
        "harriet",
        "frankfurt",
        "dublin",
        "payroll",
    ] {
        search(&files, "a word of them", word);
    }
    assert!(secrets().len() + IDENTIFIERS.len() > 40);
    let plain = self::files(&self::packed(&plan, &collected, &Tokens::None).bytes);
    let all: String = plain.into_iter().map(|it| it.1).collect();
    for (what, text) in IDENTIFIERS {
        let escaped = serde_json::to_string(text).unwrap();
        assert!(
            all.contains(escaped.trim_matches('"')),
            "{what} is collected nowhere"
        );
    }
}

#[test]
fn tokens_correlate() {
    let plan = plan();
    let collected = collected(&plan);
    let packed = packed(&plan, &collected, &Tokens::Fresh);
    let files = files(&packed.bytes);
    let text = |name: &str| &files.iter().find(|it| it.0 == name).unwrap().1;
    let evidence: Evidence = serde_json::from_str(text("evidence.json")).unwrap();
    let (alias, link) = evidence.links.iter().next().unwrap();
    let address = link.proxy_address.known().cloned().flatten().unwrap();
    let host = address.split(':').next().unwrap();
    assert!(
        host.rsplit('.').next() == Some("com") && host.matches('.').count() == 3,
        "{host}"
    );
    let places = files.iter().filter(|it| it.1.contains(host)).count();
    assert!(places >= 5, "{host} is in {places} files only");
    let errors = link.errors.known().unwrap();
    assert!(
        errors
            .iter()
            .any(|it| it.reason.contains(&format!("alias [{alias}]")))
    );
    let addresses = evidence.vantage.addresses.known().unwrap();
    assert!(addresses[0].starts_with("10."), "{addresses:?}");
    assert!(errors.iter().any(|it| it.reason.contains(&addresses[0])));
    let key = link
        .credential
        .known()
        .unwrap()
        .as_ref()
        .unwrap()
        .id
        .known()
        .unwrap();
    assert!(
        errors.iter().any(|it| it.reason.contains(key.as_str())),
        "{key}"
    );
    assert_eq!(
        packed.manifest.redaction.changed_findings,
        Vec::<String>::new()
    );
}
