//! SARIF, validated by the standard's schema and by what GitHub's code scanning asks beyond it.

use crosscheck::check::CheckSet;
use crosscheck::render::Sarif;
use serde_json::{Value, json};

use super::{Sample, blocked, healthy, is_obeyed, samples};

fn log(sample: &Sample) -> Value {
    let checks = CheckSet::embedded();
    let text = sample.render(&Sarif { checks: &checks });
    assert!(!text.contains(is_obeyed));
    serde_json::from_str(&text).unwrap()
}

fn schema() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(include_str!("sarif-2.1.0.json")).unwrap();
    // As published it is no regular expression: a bracket too many.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language["pattern"] = json!("^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    }
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn failures_are_results_and_what_is_unknown_is_none() {
    let sample = blocked();
    let log = log(&sample);
    let run = &log["runs"][0];
    let all = run["results"].as_array().unwrap();
    assert_eq!(all.len(), sample.report.counts.fail);
    let first = &all[0];
    assert_eq!(first["ruleId"], "keys/expired");
    assert_eq!(first["level"], "error");
    assert_eq!(first["properties"]["certainty"], "proof");
    let unknown = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap();
    assert_eq!(unknown.len(), sample.report.counts.unknown);
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "keys/expired");
    assert_eq!(rule["name"], "KeysExpired");
    // Names of one run stand in the result, not in the rule.
    assert!(
        first["message"]["text"]
            .as_str()
            .unwrap()
            .contains("KR9SCqIBrM0sh3NpDLnA")
    );
    assert!(!rule["help"].to_string().contains("KR9SCqIBrM0sh3NpDLnA"));
    assert!(
        rule["help"]["markdown"]
            .as_str()
            .unwrap()
            .contains("```sh\n")
    );
    assert_eq!(results(&healthy()), 0);
}

fn results(sample: &Sample) -> usize {
    log(sample)["runs"][0]["results"].as_array().unwrap().len()
}

#[test]
fn it_is_valid_by_the_standards_schema() {
    let schema = schema();
    let broken = json!({"version": "2.1.0", "runs": [{"results": []}]});
    assert!(
        !schema.is_valid(&broken),
        "a schema that takes anything proves nothing"
    );
    for (name, sample) in samples() {
        let log = log(&sample);
        let errors: Vec<String> = schema
            .iter_errors(&log)
            .map(|it| format!("{}: {it}", it.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

/// "SARIF support for code scanning" in GitHub's documentation: what an upload must have, and the
/// limits above which it is refused or cut.
#[test]
fn code_scanning_takes_it() {
    for (name, sample) in samples() {
        let log = log(&sample);
        assert!(
            log["$schema"].as_str().unwrap().contains("sarif-2.1.0"),
            "{name}"
        );
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "crosscheck");
        assert!(driver["semanticVersion"].is_string());
        let rules = driver["rules"].as_array().unwrap();
        for (index, rule) in rules.iter().enumerate() {
            let text = |field: &str| rule[field]["text"].as_str().unwrap_or("").chars().count();
            for field in ["shortDescription", "fullDescription"] {
                assert!((1..=1024).contains(&text(field)), "{name}: {rule:#}");
            }
            assert!(text("help") > 0, "{name}: {rule:#}");
            assert!(rule["properties"]["precision"].is_string());
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
            let same = rules.iter().position(|it| it["id"] == rule["id"]);
            assert_eq!(same, Some(index), "{name}: two rules of one id");
        }
        let results = run["results"].as_array().unwrap();
        assert!(results.len() <= 5_000);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"], "{name}");
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let locations = result["locations"].as_array().unwrap();
            assert_eq!(locations.len(), 1);
            let place = &locations[0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            // Relative to the root of the repository, without a scheme.
            assert!(
                !uri.starts_with('/') && !uri.contains(':') && !uri.contains(' '),
                "{uri}"
            );
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
            let print = &result["partialFingerprints"]["primaryLocationLineHash"];
            assert!(print.as_str().unwrap().ends_with(":1"));
        }
        assert!(log.to_string().len() < 10_000_000, "{name}");
    }
}

#[test]
fn fingerprints_stay_and_differ_by_subject() {
    let print = |log: &Value, index: usize| {
        let result = &log["runs"][0]["results"][index];
        result["partialFingerprints"]["primaryLocationLineHash"].clone()
    };
    let one = log(&blocked());
    let mut later = blocked();
    later.report.findings[0].message = "observed otherwise".to_owned();
    assert_eq!(print(&one, 0), print(&log(&later), 0));
    let mut other = blocked();
    other.report.findings[0].subject.link = Some("another".to_owned());
    assert_ne!(print(&one, 0), print(&log(&other), 0));
    assert_ne!(print(&one, 0), print(&one, 1));
}
