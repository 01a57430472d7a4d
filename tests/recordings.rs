//! Evidence assembled from what real nodes answered, and what is judged of it.
//!
//! Each recording is replayed twice: as the nodes stood, and as they would answer with
//! `skip_unavailable: false`, where a search tells the whole chain of causes. No endpoint was
//! dialled: a cause that only dialling shows stays unknown, and must not be guessed.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::config::plan::{ClusterTarget, HttpProxy, LinkIntent, Login, Plan};
use crosscheck::evidence::{Evidence, Fact, Purpose};
use crosscheck::probe::Stopped;
use crosscheck::probe::assemble::{Observations, assemble};
use crosscheck::probe::elasticsearch::{Answer, Body, Failure, Moment, Question, Reply};
use crosscheck::report::{Kind, Outcome, Report, Severity};
use serde::Deserialize;
use serde_json::{Value, json};

/// A cause that is right although none of its rows is among the recording's: recording, code, why.
/// Where dialling would tell more, the check that sees it must come first in a whole run.
const ALSO_RIGHT: &[(&str, &str, &str)] = &[
    (
        "net-client_hello_of_a",
        "connection/refused",
        "the listener of the recording was gone when the nodes were asked",
    ),
    (
        "net-client_hello_of_a_verification_certificate",
        "connection/refused",
        "the same",
    ),
    ("net-first_frame_of_a", "connection/refused", "the same"),
    (
        "net-dns_first_dead",
        "connection/refused",
        "that another address lives shows only dialling",
    ),
    (
        "net-remote_server_bound_elsewhere",
        "connection/refused",
        "that the server listens on another address shows only dialling",
    ),
    (
        "net-remote_server_disabled",
        "connection/refused",
        "that the server is off shows only the remote cluster",
    ),
    (
        "net-port_https",
        "tls/issuer-not-trusted",
        "that HTTP answers behind that certificate shows only dialling",
    ),
    (
        "net-port_remote_cert_model",
        "tls/issuer-not-trusted",
        "which port it is shows only dialling",
    ),
    (
        "net-port_transport_mtls_api_key",
        "tls/issuer-not-trusted",
        "which port it is shows only dialling",
    ),
    (
        "net-proxy_sni_default_backend",
        "tls/issuer-not-trusted",
        "whose certificate it is shows only dialling",
    ),
    (
        "net-tls_missing_intermediate",
        "tls/issuer-not-trusted",
        "what the chain lacks shows only dialling",
    ),
    (
        "net-tls_md5_signature",
        "tls/weak-signature",
        "its row is not in the catalogue",
    ),
    (
        "net-tls_weak_key_512",
        "tls/weak-signature",
        "its row is not in the catalogue",
    ),
    (
        "net-tls_wrong_eku",
        "tls/wrong-key-usage",
        "its row is not in the catalogue",
    ),
];

/// Recordings of many states of one pair: what stands in them is of no one fault.
const OF_MANY_STATES: &[&str] = &[
    "alias_rules",
    "key_creation_refusals",
    "reload_privileges",
    "settings_refused",
];

#[derive(Deserialize)]
struct Recording {
    #[serde(skip)]
    version: String,
    name: String,
    rows: Vec<String>,
    healthy: bool,
    expected: String,
    alias: String,
    local: Vec<Response>,
    remote: Vec<Response>,
}

#[derive(Deserialize)]
struct Response {
    path: String,
    status: u16,
    body: Value,
    #[serde(default)]
    note: String,
}

/// How a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Replay {
    /// As the nodes stood.
    AsFound,
    /// As they answer while `skip_unavailable` is false.
    Unskipped,
    /// As found, with nothing but the local cluster.
    LocalOnly,
}

static RECORDINGS: LazyLock<Vec<Recording>> = LazyLock::new(|| {
    let files = [
        ("8.14.1", include_str!("recordings/8.14.1.json")),
        ("9.4.3", include_str!("recordings/9.4.3.json")),
    ];
    let of_version = |(version, text): (&str, &str)| {
        let mut recordings: Vec<Recording> = serde_json::from_str(text).unwrap();
        for recording in &mut recordings {
            recording.version = version.into();
        }
        recordings
    };
    files.into_iter().flat_map(of_version).collect()
});

#[test]
fn every_recording_gives_a_document_that_reads_back() {
    for recording in &*RECORDINGS {
        let evidence = recording.evidence(Replay::AsFound);
        let text = serde_json::to_string(&evidence).unwrap();
        let again: Evidence = serde_json::from_str(&text).unwrap();
        assert!(evidence == again, "{}", recording.place());
        assert!(
            evidence.links.contains_key(&recording.alias),
            "{}",
            recording.place()
        );
        let link = &evidence.links[&recording.alias];
        for (field, known) in [
            ("settings", link.settings.is_known()),
            ("info", link.info.is_known()),
            ("resolve", link.resolve.is_known()),
            ("remote", link.remote.is_known()),
        ] {
            let path = format!("links.{}.{field}", recording.alias);
            let gap = evidence.gaps.iter().any(|it| it.path == path);
            assert!(
                known != gap,
                "{}: {path} known {known}, gap {gap}",
                recording.place()
            );
        }
    }
}

#[test]
fn what_is_decisive_stands_in_the_errors() {
    // Recording, how it is replayed, text (lab findings §4, §7, §8).
    let cases = [
        (
            "key_expired",
            Replay::Unskipped,
            "API key: api key is expired",
        ),
        (
            "key_json_pasted",
            Replay::Unskipped,
            "Illegal base64 character 7b",
        ),
        (
            "key_trailing_newline",
            Replay::Unskipped,
            "incorrect ending byte at 60",
        ),
        ("key_rest_type", Replay::AsFound, "has type [rest]"),
        (
            "licence_remote_basic",
            Replay::AsFound,
            "current license is non-compliant",
        ),
        (
            "role_missing",
            Replay::AsFound,
            "does not have the [remote_cluster_client] role",
        ),
        (
            "user_no_remote_indices",
            Replay::AsFound,
            "no remote indices privileges apply",
        ),
        ("net-refused", Replay::Unskipped, "Connection refused"),
        ("net-dns_unknown", Replay::Unskipped, "unknown host ["),
        (
            "net-tls_ca_unknown",
            Replay::Unskipped,
            "PKIX path building failed",
        ),
        (
            "net-silent_after_tls",
            Replay::Unskipped,
            "handshake_timeout[",
        ),
    ];
    for (name, replay, text) in cases {
        let mut told = 0;
        for recording in RECORDINGS.iter().filter(|it| it.name == name) {
            let evidence = recording.evidence(replay);
            // Of some faults that take minutes only one version's search was waited for.
            let Fact::Known(errors) = &evidence.links[&recording.alias].errors else {
                continue;
            };
            told += 1;
            let found = errors.iter().any(|it| it.reason.contains(text));
            assert!(found, "{}: {errors:?}", recording.place());
        }
        assert!(told > 0, "{name} tells nothing");
    }
}

#[test]
fn a_dead_link_that_tells_nothing_is_unknown_and_not_without_errors() {
    for recording in RECORDINGS.iter().filter(|it| it.name == "net-refused") {
        let evidence = recording.evidence(Replay::AsFound);
        let link = &evidence.links[&recording.alias];
        if link.skip_unavailable == Fact::Known(true) {
            assert!(link.errors.is_unknown(), "{}", recording.place());
        }
    }
}

#[test]
fn a_call_that_hangs_is_a_status_of_null() {
    for recording in RECORDINGS
        .iter()
        .filter(|it| it.name == "net-idle_cut_silent")
    {
        let evidence = recording.evidence(Replay::AsFound);
        let link = &evidence.links[&recording.alias];
        let resolve = link.resolve.known().unwrap();
        assert_eq!(resolve.status, None, "{}", recording.place());
        assert!(link.errors.is_unknown() && link.search.is_unknown());
        assert!(
            link.info_before
                .known()
                .unwrap()
                .as_ref()
                .unwrap()
                .connected
        );
    }
}

#[test]
fn no_healthy_recording_has_a_cause_and_no_fault_gets_a_wrong_one() {
    let checks = CheckSet::embedded();
    let judged: Vec<&Recording> = RECORDINGS
        .iter()
        .filter(|it| !OF_MANY_STATES.contains(&it.name.as_str()))
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = judged.len().div_ceil(threads);
    let results: Vec<Result<bool, String>> = std::thread::scope(|scope| {
        let parts = judged.chunks(part).map(|recordings| {
            let checks = &checks;
            scope.spawn(move || {
                let verdicts = recordings.iter().flat_map(|it| it.verdicts(checks));
                verdicts.collect::<Vec<_>>()
            })
        });
        let running: Vec<_> = parts.collect();
        running
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    });
    let right = results.iter().filter(|it| **it == Ok(true)).count();
    println!("{right} of {} replays show their cause", results.len());
    let wrong: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Recording {
    fn place(&self) -> String {
        format!("{} {} ({})", self.version, self.name, self.expected)
    }

    /// The verdicts on its replays, where they differ in what they show.
    fn verdicts(&self, checks: &CheckSet) -> Vec<Result<bool, String>> {
        let as_found = self.evidence(Replay::AsFound);
        let unskipped = self.evidence(Replay::Unskipped);
        let mut replays = Vec::new();
        if unskipped.links[&self.alias].errors != as_found.links[&self.alias].errors {
            replays.push((Replay::Unskipped, unskipped));
        }
        replays.push((Replay::AsFound, as_found));
        replays.push((Replay::LocalOnly, self.evidence(Replay::LocalOnly)));
        let judge = |(replay, evidence): (Replay, Evidence)| {
            let report = checks.judge(&evidence, &JudgeOptions::default());
            self.verdict(&report)
                .map_err(|words| format!("{} {replay:?}: {words}", self.place()))
        };
        replays.into_iter().map(judge).collect()
    }

    /// Whether a right root cause was found; the words of what is wrong.
    fn verdict(&self, report: &Report) -> Result<bool, String> {
        if self.healthy {
            let cause = report.findings.iter().find(|it| {
                it.outcome == Outcome::Fail
                    && it.kind == Kind::Cause
                    && it.severity == Severity::Error
            });
            return match cause {
                Some(it) => Err(format!("healthy, but {}: {}", it.code, it.message)),
                None => Ok(false),
            };
        }
        let link = report.links.iter().find(|it| it.alias == self.alias);
        let Some(code) = link.and_then(|it| it.root_cause.as_ref()) else {
            return Ok(false);
        };
        let finding = report
            .findings
            .iter()
            .find(|it| it.code == *code && it.outcome == Outcome::Fail)
            .ok_or("the root cause is no finding")?;
        let covered = finding.covers.iter().any(|it| self.rows.contains(it));
        let also = ALSO_RIGHT
            .iter()
            .any(|(name, also, _)| *name == self.name && also == code);
        if covered || also {
            Ok(true)
        } else {
            Err(format!("{code}, but {:?}: {}", self.rows, finding.message))
        }
    }

    fn evidence(&self, replay: Replay) -> Evidence {
        let local = self.local_answers(replay);
        let remote = (replay != Replay::LocalOnly).then(|| self.remote_answers());
        let credential = self.credential().filter(|_| remote.is_some());
        let plan = Plan {
            purpose: Purpose::Diagnose,
            environment: None,
            local: Some(target("http://localhost:9200")),
            remote: remote.is_some().then(|| target("http://localhost:9201")),
            aliases: vec![self.alias.clone()],
            intents: vec![LinkIntent {
                credential: credential.map(Into::into),
                indices: vec![self.index().into()],
                ..LinkIntent::default()
            }],
            keystore: self.keystore().filter(|_| remote.is_some()),
            reload_secure_settings: false,
            http_proxy: HttpProxy::Off,
            timeout: Duration::from_secs(30),
        };
        let seen = Observations {
            local: Some(local),
            remote,
            ..Observations::default()
        };
        // Within the validity of what the recordings made, shortly after they were made.
        assemble(&plan, &seen, "2026-11-23T23:00:00Z".parse().unwrap())
    }

    fn index(&self) -> &'static str {
        if self.name == "index_missing" {
            "logs-nope"
        } else {
            "logs"
        }
    }

    /// The answers to what would be asked, in the order in which it would be.
    fn local_answers(&self, replay: Replay) -> Vec<Arc<Answer>> {
        let alias = &self.alias;
        let unskipped = replay == Replay::Unskipped;
        let mut answers = Vec::new();
        let mut add = |question, found: Option<&Response>| {
            if let Some(response) = found {
                answers.push(answer(question, response, unskipped.then_some(alias)));
            }
        };
        let root = self.local.iter().find(|it| it.path == "/");
        let made = self.root("a", "local-uuid");
        add(Question::Root, Some(root.unwrap_or(&made)));
        add(
            Question::ClusterSettings,
            first(&self.local, "/_cluster/settings"),
        );
        add(
            Question::Nodes { server: false },
            first(&self.local, "/_nodes?"),
        );
        let info = |n| {
            self.local
                .iter()
                .filter(|it| it.path == "/_remote/info")
                .nth(n)
        };
        add(Question::RemoteInfo(Moment::Before), info(0));
        for (question, path) in [
            (Question::License, "/_license"),
            (Question::FeatureUsage, "/_license/feature_usage"),
            (Question::Certificates, "/_ssl/certificates"),
            (Question::Caller, "/_security/_authenticate"),
            (Question::Privileges, "/_security/user/_privileges"),
        ] {
            add(question, last(&self.local, path));
        }
        let path = format!("/_resolve/cluster/{alias}:*");
        let resolve = first(&self.local, &path);
        let question = Question::Resolve {
            alias: alias.clone(),
        };
        add(question, resolve);
        add(
            Question::RemoteInfo(Moment::After),
            info(1).or_else(|| info(0)),
        );
        self.use_link(replay, resolve, info(0), add);
        answers
    }

    /// What is asked once the state of the link is known.
    fn use_link<'a>(
        &'a self,
        replay: Replay,
        resolve: Option<&Response>,
        info: Option<&Response>,
        mut add: impl FnMut(Question, Option<&'a Response>),
    ) {
        let alias = &self.alias;
        let index = self.index();
        let entry = resolve
            .filter(|it| it.status == 200)
            .map(|it| &it.body[alias]);
        let works = entry.is_some_and(|it| it["connected"] == true && it["error"].is_null());
        if works {
            let question = Question::ResolveIndex {
                alias: alias.clone(),
                index: index.into(),
            };
            let path = format!("/_resolve/cluster/{alias}:{index}");
            add(question, last(&self.local, &path));
        }
        let skips = info.is_some_and(|it| it.body[alias]["skip_unavailable"] == true);
        let tells = entry.is_some() && (replay == Replay::Unskipped || !skips);
        if works || tells {
            let path = format!("/{alias}:{index}/_search");
            let mut searches = self.local.iter().filter(|it| it.path == path);
            let search = if replay == Replay::Unskipped {
                searches.find(|it| it.note.contains("skip_unavailable false"))
            } else {
                searches.next()
            };
            let question = Question::Search {
                alias: alias.clone(),
                indices: vec![index.into()],
            };
            add(question, search);
        }
    }

    fn remote_answers(&self) -> Vec<Arc<Answer>> {
        let mut answers = Vec::new();
        let mut add = |question, found: Option<&Response>| {
            answers.extend(found.map(|it| answer(question, it, None)));
        };
        let root = self.remote.iter().find(|it| it.path == "/");
        let made = self.root("b", "remote-uuid");
        add(Question::Root, Some(root.unwrap_or(&made)));
        add(
            Question::Nodes { server: true },
            first(&self.remote, "/_nodes/"),
        );
        for (question, path) in [
            (Question::License, "/_license"),
            (Question::FeatureUsage, "/_license/feature_usage"),
            (Question::Certificates, "/_ssl/certificates"),
        ] {
            add(question, last(&self.remote, path));
        }
        add(
            Question::ClusterSettings,
            first(&self.remote, "/_cluster/settings"),
        );
        for response in &self.remote {
            if let Some(id) = response.path.strip_prefix("/_security/api_key?id=") {
                add(Question::ApiKey { id: id.into() }, Some(response));
            }
        }
        if self.credential().is_some() {
            let question = Question::Credential { alias: None };
            add(question, first(&self.remote, "/_security/_authenticate"));
        }
        answers
    }

    /// The root of a cluster whose recording lacks it.
    fn root(&self, name: &str, uuid: &str) -> Response {
        let oldest = if self.version.starts_with('9') {
            "8.19.0"
        } else {
            "7.17.0"
        };
        Response {
            path: "/".into(),
            status: 200,
            body: json!({"cluster_name": name, "cluster_uuid": uuid,
                "tagline": "You Know, for Search",
                "version": {"number": self.version, "build_flavor": "default",
                    "minimum_wire_compatibility_version": oldest}}),
            note: String::new(),
        }
    }

    /// A well-formed credential with the id of the stored one. Recordings of damaged ones hold no
    /// credential to look at.
    fn credential(&self) -> Option<String> {
        first(&self.remote, "/_security/_authenticate")?;
        let damaged = [
            "empty",
            "encoded",
            "json",
            "raw",
            "swapped",
            "trailing",
            "truncated",
            "scheme",
        ];
        if damaged.iter().any(|it| self.name.contains(it)) {
            return None;
        }
        let keys = self
            .remote
            .iter()
            .filter_map(|it| it.path.strip_prefix("/_security/api_key?id="));
        let id = keys.last()?;
        Some(STANDARD.encode(format!("{id}:abcdefghijklmnopqrstuv")))
    }

    /// Names in the keystore, from 9.3 on.
    fn keystore(&self) -> Option<Vec<String>> {
        let reload = self
            .local
            .iter()
            .find(|it| it.path.ends_with("reload_secure_settings"))?;
        let nodes = reload.body["nodes"].as_object()?;
        let names = nodes.values().next()?["secure_setting_names"].as_array()?;
        Some(
            names
                .iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
        )
    }
}

fn target(url: &str) -> ClusterTarget {
    ClusterTarget {
        url: url.parse().unwrap(),
        login: Login::Basic {
            user: "elastic".into(),
            password: "not-in-any-recording".into(),
        },
        ca: Vec::new(),
    }
}

fn first<'a>(responses: &'a [Response], prefix: &str) -> Option<&'a Response> {
    responses.iter().find(|it| it.path.starts_with(prefix))
}

fn last<'a>(responses: &'a [Response], path: &str) -> Option<&'a Response> {
    responses.iter().rfind(|it| it.path == path)
}

/// An answer as it was recorded, or with `skip_unavailable` false for an alias.
fn answer(question: Question, response: &Response, unskip: Option<&String>) -> Arc<Answer> {
    let mut body = response.body.clone();
    if let Some(alias) = unskip {
        if let Some(entry) = body.get_mut(alias)
            && entry.get("skip_unavailable").is_some()
        {
            entry["skip_unavailable"] = false.into();
        }
        let setting = format!("cluster.remote.{alias}.skip_unavailable");
        if let Some(persistent) = body.get_mut("persistent") {
            persistent[setting] = "false".into();
        }
    }
    let outcome = if response.status == 0 {
        Err(Failure::Stopped(Stopped::TimedOut))
    } else {
        Ok(Reply {
            status: response.status,
            product: true,
            location: None,
            body: Body::Json(body),
        })
    };
    Arc::new(Answer {
        question,
        node: None,
        outcome,
        took_ms: 10,
    })
}
