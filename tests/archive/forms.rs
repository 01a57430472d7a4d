//! The forms in which a diagnostic arrives: all of them are read alike.

use crosscheck::evidence::{Environment, Fact};
use crosscheck::report::Verdict;
use serde_json::json;
use tempfile::TempDir;

use crate::build::{self, Files, Side, below, gzip, legacy_manifest, manifest, tar, write, zip};
use crate::{evidence, joined, layer, read, report};

/// Every form of `peers.md` in which a diagnostic arrives, by what made it.
fn forms(files: &Files) -> Vec<(&'static str, String, Vec<u8>)> {
    let root = "api-diagnostics-20261123-230000";
    let flat: Files = files
        .iter()
        .map(|(name, bytes)| {
            let name = name.rsplit('/').next().unwrap();
            (name.to_owned(), bytes.clone())
        })
        .collect();
    let with = |files: &Files, manifest| {
        let mut files = files.clone();
        files.push(manifest);
        files
    };
    let modern = with(&with(files, legacy_manifest()), manifest("elasticsearch"));
    let esdiag = with(files, manifest("elasticsearch"));
    let mut eck = below("ns/elasticsearch/a", &modern);
    eck.push((
        "manifest.json".into(),
        serde_json::to_vec(
            &json!({"diagType": "eck-diagnostics", "diagVersion": "3.1.0",
            "collectionDate": "2026-11-23T23:00:00Z"}),
        )
        .unwrap(),
    ));
    // Kubernetes' own, of the same names.
    eck.push(("version.json".into(), b"{\"ServerVersion\": {}}".to_vec()));
    eck.push((
        "nodes.json".into(),
        b"{\"kind\": \"NodeList\", \"items\": []}".to_vec(),
    ));
    eck.push(("ns/secrets.json".into(), b"{\"items\": []}".to_vec()));
    let name = |ending: &str| format!("{root}.{ending}");
    vec![
        (
            "support-diagnostics up to 7.1.2",
            name("tar.gz"),
            gzip(&tar(&below(root, &with(&flat, legacy_manifest())))),
        ),
        (
            "support-diagnostics 8.x",
            name("tar.gz"),
            gzip(&tar(&below(root, &with(files, legacy_manifest())))),
        ),
        (
            "support-diagnostics 9.0",
            name("zip"),
            zip(&below(&format!("./{root}"), &modern), true),
        ),
        (
            "support-diagnostics 9.1",
            name("zip"),
            zip(&below(root, &modern), true),
        ),
        (
            "support-diagnostics 9.2.2 and later",
            name("zip"),
            zip(&below(root, &modern), false),
        ),
        (
            "support-diagnostics, scrubbed",
            format!("scrubbed-{root}-20261123-230500.zip"),
            zip(&below(&format!("scrubbed-{root}"), &modern), false),
        ),
        (
            "the console of Elastic Cloud",
            "diagnostic-a1b2c3-2026-Nov-23--23_00_00.zip".into(),
            zip(&below(&format!("diagnostic-a1b2c3/{root}"), &modern), false),
        ),
        ("esdiag", name("zip"), zip(&esdiag, false)),
        (
            "eck-diagnostics",
            "eck-diagnostics-2026-11-23T23-00-00.zip".into(),
            zip(&eck, false),
        ),
        // And as people send them on.
        (
            "a tar without compression",
            name("tar"),
            tar(&below(root, &modern)),
        ),
        (
            "an archive within an archive",
            "case-4711.zip".into(),
            zip(
                &vec![(name("zip"), zip(&below(root, &modern), false))],
                false,
            ),
        ),
        (
            "an archive within an archive, of other kinds",
            "case-4711.tgz".into(),
            gzip(&tar(&vec![(
                format!("from-customer/{}", name("tar.gz")),
                gzip(&tar(&below(root, &modern))),
            )])),
        ),
        ("a wrong ending", "diag.log".into(), zip(&esdiag, false)),
        ("no ending", "attachment".into(), gzip(&tar(&esdiag))),
    ]
}

#[test]
fn every_form_of_every_tool_gives_the_same_findings() {
    let files = build::answers("9.4.3", "address_with_scheme", Side::Local);
    let temporary = TempDir::new().unwrap();
    let mut seen = Vec::new();
    for (number, (made_by, name, bytes)) in forms(&files).into_iter().enumerate() {
        let path = write(temporary.path(), &format!("{number}/{name}"), &bytes);
        let intake = read(&[&path]);
        assert!(
            intake.problems.is_empty(),
            "{made_by}: {:?}",
            intake.problems
        );
        assert!(intake.refused.is_empty(), "{made_by}: {:?}", intake.refused);
        assert_eq!(intake.diagnostics.len(), 1, "{made_by}");
        let evidence = joined(&intake);
        assert_eq!(
            evidence.collected_at,
            "2026-11-23T23:00:00Z".parse().unwrap(),
            "{made_by}"
        );
        assert_eq!(
            evidence.links.keys().collect::<Vec<_>>(),
            ["bee"],
            "{made_by}"
        );
        let on_kubernetes = evidence.clusters["a"].environment == Fact::Known(Environment::Eck);
        assert_eq!(on_kubernetes, made_by == "eck-diagnostics", "{made_by}");
        let report = report(&evidence);
        assert_eq!(report.verdict, Verdict::Blocked, "{made_by}");
        assert_eq!(
            report.links[0].root_cause.as_deref(),
            Some("settings/address-is-url"),
            "{made_by}"
        );
        seen.push(evidence);
    }
    layer::hold("archives", &seen);
    let folder = build::folder(temporary.path(), "unpacked", &files);
    let report = report(&evidence(&[&folder]));
    assert_eq!(
        report.links[0].root_cause.as_deref(),
        Some("settings/address-is-url")
    );
}
