//! Bundles of the simulated pair: what is in them, that judging them says what the run itself said,
//! and that verifying finds what was put into them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use crosscheck::bundle::{
    self, CallOutcome, Contents, Manifest, Map, Packed, RedactionMode, Tokens,
};
use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::demo::{self, Pair};
use crosscheck::evidence::Evidence;
use crosscheck::probe::{self, Collected, Deadline};
use crosscheck::report::Report;
use crosscheck::scrub::Scrub;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

async fn collected(name: &str) -> (Pair, Collected) {
    let scenario = demo::scenarios().iter().find(|it| it.name == name).unwrap();
    let pair = demo::start(scenario).await.unwrap();
    let (deadline, _interrupt) = Deadline::after(pair.plan.timeout);
    let collected = probe::collect_all(&pair.plan, &deadline, &probe::Silent).await;
    (pair, collected)
}

fn packed(pair: &Pair, collected: &Collected, tokens: &Tokens<'_>) -> Packed {
    let contents = Contents {
        collected,
        scrub: &Scrub::of(&pair.plan),
        checks: &CheckSet::embedded(),
        judge: &JudgeOptions::default(),
    };
    bundle::pack(&contents, tokens).unwrap_or_else(|error| panic!("{}: {error}", pair.scenario))
}

fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let name = String::from_utf8(entry.name_raw().to_vec()).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

/// What a reader decides by, without the names.
fn verdicts(report: &Report) -> Vec<String> {
    let links = report.links.iter();
    let links = links.map(|it| format!("{:?} {:?} {:?}", it.verdict, it.root_cause, it.model));
    let findings = report.findings.iter().map(|it| {
        format!(
            "{} {:?} {:?} {:?} {:?} {}",
            it.code,
            it.outcome,
            it.certainty,
            it.explained_by,
            it.explains,
            it.missing.len()
        )
    });
    let mut all: Vec<String> = links.chain(findings).collect();
    all.sort();
    all
}

#[tokio::test]
#[ignore = "takes minutes in a debug build; .ci/run runs it"]
async fn every_fault_is_judged_alike_live_and_from_its_bundle() {
    let checks = CheckSet::embedded();
    let judge = |evidence: &Evidence| checks.judge(evidence, &JudgeOptions::default());
    let each = demo::scenarios().iter().map(|scenario| async {
        let (pair, collected) = collected(scenario.name).await;
        (pair, collected)
    });
    for (pair, collected) in futures_util::future::join_all(each).await {
        let name = pair.scenario;
        let live = judge(&collected.evidence);

        let hidden = packed(&pair, &collected, &Tokens::Fresh);
        let in_it = files(&hidden.bytes);
        let report: Report = serde_json::from_slice(&in_it["report.json"]).unwrap();
        assert_eq!(verdicts(&report), verdicts(&live), "{name}");
        assert_eq!(
            hidden.manifest.redaction.changed_findings,
            Vec::<String>::new(),
            "{name}"
        );
        let verified = bundle::verify(Cursor::new(&hidden.bytes), hidden.map.as_ref()).unwrap();
        assert!(verified.is_clean(), "{name}: {verified:?}");
        assert!(verified.identifiers > 5, "{name}: {verified:?}");
    }
}

#[tokio::test]
async fn its_evidence_alone_reproduces_its_report() {
    let checks = CheckSet::embedded();
    let judge = |evidence: &Evidence| checks.judge(evidence, &JudgeOptions::default());
    let (pair, collected) = collected("key-expired").await;
    let plain = files(&packed(&pair, &collected, &Tokens::None).bytes);
    let evidence: Evidence = serde_json::from_slice(&plain["evidence.json"]).unwrap();
    assert_eq!(evidence, collected.evidence);
    let hidden = files(&packed(&pair, &collected, &Tokens::Fresh).bytes);
    for files in [plain, hidden] {
        let evidence: Evidence = serde_json::from_slice(&files["evidence.json"]).unwrap();
        let report: Report = serde_json::from_slice(&files["report.json"]).unwrap();
        assert_eq!(judge(&evidence), report);
    }
}

#[tokio::test]
async fn a_bundle_says_what_was_asked_and_what_came_of_it() {
    let (pair, collected) = collected("key-expired").await;
    let packed = packed(&pair, &collected, &Tokens::Fresh);
    let files = files(&packed.bytes);
    let manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest, packed.manifest);
    assert_eq!(manifest.redaction.mode, RedactionMode::Tokens);
    assert!(manifest.redaction.replaced["alias"].distinct >= 1);
    assert!(manifest.calls.len() >= 15);
    let answered = manifest
        .calls
        .iter()
        .filter(|it| it.outcome == CallOutcome::Answered);
    for call in answered {
        let file = call.file.as_ref().unwrap();
        let body: Value = serde_json::from_slice(&files[file]).unwrap();
        assert!(body.is_object() || body.is_array(), "{file}");
    }
    let listed: Vec<&str> = manifest.files.iter().map(|it| it.name.as_str()).collect();
    assert!(listed.contains(&"evidence.json") && listed.contains(&"report.txt"));
    assert_eq!(listed.len() + 1, files.len());
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string("schemas/bundle-v1.json").unwrap()).unwrap();
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&manifest));
}

#[tokio::test]
async fn tokens_are_new_unless_a_map_is_given() {
    let (pair, collected) = collected("key-expired").await;
    let one = packed(&pair, &collected, &Tokens::Fresh);
    let other = packed(&pair, &collected, &Tokens::Fresh);
    assert_ne!(
        one.manifest.redaction.key_id,
        other.manifest.redaction.key_id
    );
    assert_ne!(
        files(&one.bytes)["evidence.json"],
        files(&other.bytes)["evidence.json"]
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.json");
    std::fs::write(&path, one.map.unwrap().to_bytes()).unwrap();
    let map = Map::read(&path).unwrap();
    let again = packed(&pair, &collected, &Tokens::Of(&map));
    assert_eq!(
        files(&one.bytes)["evidence.json"],
        files(&again.bytes)["evidence.json"]
    );
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("\"bee\"") && text.contains("Keep this file"),
        "{text}"
    );
}

/// The bundle with one file changed by the function.
fn with(bytes: &[u8], name: &str, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (entry, mut contents) in files(bytes) {
        if entry == name {
            change(&mut contents);
        }
        zip.start_file(entry, SimpleFileOptions::default()).unwrap();
        zip.write_all(&contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn what_survived_or_was_changed_is_found_at_its_place() {
    let (pair, collected) = collected("key-expired").await;
    let packed = packed(&pair, &collected, &Tokens::Fresh);
    let map = packed.map.as_ref();
    let host = hex("127.0.0.1"); // stays: it identifies nobody
    let changed = with(&packed.bytes, "report.txt", |it| {
        it.extend_from_slice(format!("{host}\n").as_bytes());
    });
    let verified = bundle::verify(Cursor::new(&changed), map).unwrap();
    assert_eq!(verified.survivors, [], "{verified:?}");
    assert!(verified.damage[0].starts_with("report.txt: it was changed"));

    let id = "5IFlCqIBFsqsHzwCggPH";
    for text in [id.to_owned(), hex(id)] {
        let changed = with(&packed.bytes, "report.txt", |it| {
            it.splice(0..0, format!("key {text}\n").into_bytes());
        });
        let verified = bundle::verify(Cursor::new(&changed), map).unwrap();
        assert_eq!(verified.survivors.len(), 1, "{text}: {verified:?}");
        assert_eq!(
            (
                verified.survivors[0].file.as_str(),
                verified.survivors[0].offset
            ),
            ("report.txt", 4)
        );
    }
    let changed = with(&packed.bytes, "evidence.json", |it| {
        it.extend_from_slice(b"Authorization: ApiKey c2VjcmV0OnNlY3JldA==");
    });
    let verified = bundle::verify(Cursor::new(&changed), None).unwrap();
    assert_eq!(verified.survivors.len(), 1, "{verified:?}");
    let other = self::packed(&pair, &collected, &Tokens::Fresh);
    let error = bundle::verify(Cursor::new(&packed.bytes), other.map.as_ref()).unwrap_err();
    assert!(error.to_string().contains("map of another bundle"));
}

fn hex(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |all, it| all + &format!("{it:02x}"))
}

#[test]
fn what_is_no_bundle_is_refused() {
    for bytes in [&b""[..], b"PK\x03\x04", b"hello"] {
        assert!(bundle::verify(Cursor::new(bytes), None).is_err());
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("manifest.json", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(b"{\"schema\":\"other\"}").unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bundle::verify(Cursor::new(&bytes), None).is_err());
}
