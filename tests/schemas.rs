//! The published schemas are those of the types.
//!
//! After a change of the types, `CROSSCHECK_UPDATE_SCHEMAS=1 cargo test --test schemas` writes them
//! anew.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::fs;
use std::path::Path;

use crosscheck::bundle::Manifest;
use crosscheck::check::{CheckFile, CheckSet, JudgeOptions, standard};
use crosscheck::evidence::Evidence;
use crosscheck::report::Report;

fn published(name: &str, schema: &schemars::Schema) {
    let path = Path::new("schemas").join(name);
    let current = serde_json::to_string_pretty(schema).unwrap() + "\n";
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's own switch, no configuration of the tool"
    )]
    if std::env::var("CROSSCHECK_UPDATE_SCHEMAS").is_ok() {
        fs::create_dir_all("schemas").unwrap();
        fs::write(&path, &current).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == current,
        "{} is stale: run CROSSCHECK_UPDATE_SCHEMAS=1 cargo test --test schemas",
        path.display()
    );
}

#[test]
fn of_evidence() {
    published("evidence-v1.json", &schemars::schema_for!(Evidence));
}

#[test]
fn of_reports() {
    published("report-v1.json", &schemars::schema_for!(Report));
}

#[test]
fn of_check_files() {
    published("check-v1.json", &schemars::schema_for!(CheckFile));
}

#[test]
fn of_bundles() {
    published("bundle-v1.json", &schemars::schema_for!(Manifest));
}

#[test]
fn the_standard_case_and_its_report_fit_them() {
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(Path::new("schemas").join(name)).unwrap()).unwrap()
    };
    let document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string("checks/standard.json").unwrap()).unwrap();
    let evidence = jsonschema::validator_for(&read("evidence-v1.json")).unwrap();
    assert!(evidence.is_valid(&document));
    let checks = CheckSet::embedded();
    let report = checks.judge(&standard(), &JudgeOptions::default());
    let report = serde_json::to_value(report).unwrap();
    let schema = jsonschema::validator_for(&read("report-v1.json")).unwrap();
    assert!(schema.is_valid(&report));
}
