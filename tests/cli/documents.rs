//! What README.md shows is what the program does.

use std::fs;
use std::path::Path;

use crate::{code, run, stderr, stdout};

/// Runs the commands of every `console` block, compares what follows them. `[..]` stands for
/// anything within a line, a line `...` for any lines.
#[test]
fn the_readme_shows_what_happens() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for step in block.split("$ crosscheck ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap();
            let arguments: Vec<&str> = command.split_whitespace().collect();
            let output = run(folder.path(), &arguments);
            let said = stdout(&output) + &stderr(&output);
            assert!(
                matches(
                    &expected.lines().collect::<Vec<_>>(),
                    &said.lines().collect::<Vec<_>>()
                ),
                "$ crosscheck {command}\n{said}"
            );
            commands += 1;
        }
    }
    assert!(commands >= 2, "README.md has {commands} commands");
}

fn matches(expected: &[&str], said: &[&str]) -> bool {
    match (expected, said) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=said.len()).any(|skip| matches(rest, &said[skip..])),
        ([first, rest @ ..], [line, others @ ..]) => {
            line_matches(first, line) && matches(rest, others)
        }
        _ => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    let parts: Vec<String> = expected.split("[..]").map(regex::escape).collect();
    regex::Regex::new(&format!("^{}$", parts.join(".*")))
        .unwrap()
        .is_match(line)
}

#[test]
fn contributing_is_short() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")).unwrap();
    assert!(text.lines().count() <= 200);
    assert!(text.contains("cargo test --test checks"));
}

#[test]
fn schemas_are_printed_as_they_are_published() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, file) in [
        (&["--schema"][..], "report-v1.json"),
        (&["--schema", "report"], "report-v1.json"),
        (&["--schema", "evidence"], "evidence-v1.json"),
        (&["--schema", "check"], "check-v1.json"),
        (&["diagnose", "--schema"], "report-v1.json"),
        (&["probe", "--schema"], "report-v1.json"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let published = fs::read_to_string(Path::new("schemas").join(file)).unwrap();
        assert!(stdout(&output) == published, "{arguments:?}");
    }
    let output = run(folder.path(), &["--schema", "reports"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("report, evidence, check"));
}
