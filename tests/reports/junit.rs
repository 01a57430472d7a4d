//! `JUnit` XML, read by a parser and, where `xmllint` is installed, by Jenkins' schema.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crosscheck::render::Junit;
use crosscheck::report::Severity;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Sample, blocked, healthy, is_obeyed, samples};

fn xml(sample: &Sample, threshold: Severity) -> String {
    sample.render(&Junit { threshold })
}

/// How often each element begins.
fn elements(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|it| panic!("{it}")) {
            Event::Start(it) | Event::Empty(it) => {
                for attribute in it.attributes() {
                    attribute.unwrap();
                }
                names.push(String::from_utf8(it.name().as_ref().to_vec()).unwrap());
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}

fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|it| *it == name).count()
}

#[test]
fn outcomes_become_what_a_server_shows() {
    let sample = blocked();
    let text = xml(&sample, Severity::Error);
    let names = elements(&text);
    let counts = sample.report.counts;
    assert_eq!(count(&names, "testsuite"), 1);
    assert_eq!(count(&names, "testcase"), sample.report.findings.len());
    assert_eq!(count(&names, "skipped"), counts.skip + counts.unknown);
    assert_eq!(count(&names, "error"), 0);
    let failures = count(&names, "failure");
    // What is below the threshold is told, and fails nothing.
    let noted = count(&names, "system-out");
    assert!(failures >= 1 && noted >= 1, "{text}");
    assert_eq!(failures + noted, counts.fail);
    assert!(text.contains(&format!("failures=\"{failures}\" errors=\"0\"")));
    assert!(text.contains("<testcase name=\"keys/expired\" classname=\"bee.keys\">"));
    assert!(text.contains("<property name=\"root cause\" value=\"keys/expired\"/>"));
    let strict = elements(&xml(&sample, Severity::Info));
    assert_eq!(count(&strict, "failure"), counts.fail);
    let fine = elements(&xml(&healthy(), Severity::Error));
    assert_eq!(count(&fine, "failure"), 0);
}

#[test]
fn it_is_well_formed_whatever_it_holds() {
    for (name, sample) in samples() {
        let text = xml(&sample, Severity::Info);
        assert!(!text.contains(is_obeyed), "{name}");
        let names = elements(&text);
        assert_eq!(
            count(&names, "testcase"),
            sample.report.findings.len(),
            "{name}"
        );
        assert!(
            !names.iter().any(|it| it == "script" || it == "svg"),
            "{name}"
        );
    }
}

#[test]
fn it_is_valid_by_jenkins_schema() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's own switch, no configuration of the tool"
    )]
    let required = std::env::var("CROSSCHECK_XMLLINT").is_ok_and(|it| it == "require");
    let works = Command::new("xmllint").arg("--version").output().is_ok();
    if !works {
        assert!(
            !required,
            "CROSSCHECK_XMLLINT=require, and there is no xmllint"
        );
        super::skipped("no validation of JUnit reports: no xmllint (package libxml2-utils)");
        return;
    }
    for (name, sample) in samples() {
        let mut xmllint = Command::new("xmllint")
            .args([
                "--huge",
                "--noout",
                "--schema",
                "tests/reports/junit-10.xsd",
                "-",
            ])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = xml(&sample, Severity::Warning);
        let mut input = xmllint.stdin.take().unwrap();
        std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = xmllint.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name}: {said}");
    }
}
