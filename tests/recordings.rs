//! Evidence assembled from what real nodes answered, and what is judged of it.
//!
//! Each recording is replayed twice: as the nodes stood, and as they would answer with
//! `skip_unavailable: false`, where a search tells the whole chain of causes. No endpoint was
//! dialled: a cause that only dialling shows stays unknown, and must not be guessed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "filled/layer.rs"]
mod layer;
#[path = "recordings/replay.rs"]
mod replay;

use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::evidence::{Evidence, Fact};
use crosscheck::report::{Kind, Outcome, Report, Severity};

use replay::{RECORDINGS, Recording, Replay};

/// A cause that is right although none of its rows is among the recording's: recording, code, why.
/// Where dialling would tell more, the check that sees it must come first in a whole run.
const ALSO_RIGHT: &[(&str, &str, &str)] = &[
    (
        "credential_not_reloaded",
        "keystore/credential-not-loaded",
        "before 9.3 no API tells that the keystore has it",
    ),
    (
        "key_swapped",
        "keys/damaged",
        "the nodes' words are those of a cut key; the message says both",
    ),
    (
        "net-cert_sniff_remote_port",
        "keystore/credential-not-loaded",
        "the remote cluster server says that the credential is missing: the same from the other end",
    ),
    (
        "net-port_remote_cert_model_ca_known",
        "keystore/credential-not-loaded",
        "the same",
    ),
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
fn checks_may_read_what_recordings_fill() {
    let replays = [Replay::AsFound, Replay::Unskipped];
    let recordings = RECORDINGS.iter();
    let documents: Vec<Evidence> = recordings
        .flat_map(|it| replays.map(|replay| it.evidence(replay)))
        .collect();
    layer::hold("recordings", &documents);
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
                    && !self.accepts(&it.code)
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
        if covered || self.accepts(code) {
            Ok(true)
        } else {
            Err(format!("{code}, but {:?}: {}", self.rows, finding.message))
        }
    }

    fn accepts(&self, code: &str) -> bool {
        ALSO_RIGHT
            .iter()
            .any(|(name, also, _)| *name == self.name && *also == code)
    }
}
