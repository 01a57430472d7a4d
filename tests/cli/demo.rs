//! The main job on the simulated pair.

use crate::{code, run, stderr, stdout};

#[test]
fn the_list_names_every_fault() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo", "--list"]);
    assert_eq!(code(&output), 0);
    let list = stdout(&output);
    assert!(list.lines().count() > 10, "{list}");
    let output = run(folder.path(), &["demo", "key-expird"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean \"key-expired\"?"));
}

#[test]
fn the_default_fault_is_diagnosed() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for word in ["Simulated on loopback", "BLOCKED", "Cause", "Why", "Fix"] {
        assert!(text.contains(word), "{word}:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colour in a pipe");
    for line in text.lines() {
        // What is to be copied is never broken.
        let copied = line.contains('{') || line.contains("https://");
        assert!(line.chars().count() <= 80 || copied, "{line}");
    }
}

#[test]
fn the_report_is_json_for_programs_and_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(
        folder.path(),
        &[
            "demo", "--format", "json", "--report", "a.json", "--report", "a.txt",
        ],
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "crosscheck/report/v1");
    assert_eq!(report["verdict"], "blocked");
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("a.json")).unwrap()).unwrap();
    assert_eq!(file, report);
    let text = std::fs::read_to_string(folder.path().join("a.txt")).unwrap();
    assert!(text.contains("BLOCKED"), "{text}");
}

#[test]
fn one_run_writes_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "a.txt",
        "a.md",
        "a.junit.xml",
        "a.sarif",
        "b.sarif.json",
        "a.html",
    ];
    let mut arguments = vec!["demo", "-q"];
    for name in names {
        arguments.extend(["--report", name]);
    }
    let output = run(folder.path(), &arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let starts = [
        "bee ",
        "## `bee`: BLOCKED",
        "<?xml",
        "{",
        "{",
        "<!DOCTYPE html>",
    ];
    for (name, start) in names.iter().zip(starts) {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.starts_with(start), "{name}: {text}");
    }
    let output = run(
        folder.path(),
        &["demo", "--report", "a.md", "--report", "a.pdf"],
    );
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    assert!(
        said.contains("the ending of a.pdf names no format; use .json, .txt, .md"),
        "{said}"
    );
}

#[test]
fn quiet_is_one_line_and_colour_can_be_forced() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo", "-q"]);
    assert_eq!(stdout(&output).lines().count(), 1);
    let output = run(folder.path(), &["demo", "-q", "--color", "always"]);
    assert!(stdout(&output).contains("\u{1b}["));
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let mut child = std::process::Command::new(assert_cmd::cargo_bin!("crosscheck"))
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
