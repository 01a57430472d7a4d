//! Help, version, completions, manual page.

use crate::{code, run, stderr, stdout};

#[test]
fn help_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "",
        "preflight",
        "diagnose",
        "probe",
        "explain",
        "privileges",
        "checks",
        "demo",
        "completions",
        "man",
    ] {
        let arguments: Vec<&str> = [command, "--help"]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect();
        let output = run(folder.path(), &arguments);
        assert_eq!(code(&output), 0, "{command}");
        let name = if command.is_empty() {
            "crosscheck"
        } else {
            command
        };
        insta::assert_snapshot!(format!("help_of_{name}"), stdout(&output));
    }
}

#[test]
fn the_version_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--version"]);
    assert_eq!(code(&output), 0);
    assert_eq!(
        stdout(&output),
        format!("crosscheck {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_and_manual_name_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(folder.path(), &["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}");
        assert!(stdout(&output).contains("preflight"), "{shell}");
    }
    let output = run(folder.path(), &["man"]);
    assert_eq!(code(&output), 0);
    for word in ["preflight", "save\\-evidence", "CROSSCHECK_LOCAL_API_KEY"] {
        assert!(stdout(&output).contains(word), "{word}");
    }
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (&["diagnos"][..], "'diagnose'"),
        (&["diagnose", "--loca", "x"], "'--local'"),
        (&["diagnose", "--mode", "proxi"], "proxy"),
        (&["probe"], "HOST:PORT"),
        (&["diagnose", "-q", "-v"], "cannot be used with"),
        (&[], "Usage"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}
