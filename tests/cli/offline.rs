//! `explain` and `checks`.

use std::fs;

use crate::{code, run, stderr, stdout};

#[test]
fn explain_takes_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["explain", "keys/expired"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("keys/expired"));
    let output = run(folder.path(), &["explain", "key/expired"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean `keys/expired`?"));
}

#[test]
fn explain_takes_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let line = "[2026-11-25T00:04:56,020][WARN ][o.e.t.RemoteClusterService] [a-node] failed to \
                update remote cluster connection [bee] java.lang.IllegalArgumentException: unknown \
                host [b.example.org]";
    let words: Vec<&str> = std::iter::once("explain").chain(line.split(' ')).collect();
    for arguments in [&["explain", line][..], &words] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.starts_with("connection/name-not-found"), "{text}");
        assert!(
            text.contains("No address is known for the name b.example.org."),
            "{text}"
        );
        assert!(text.contains("crosscheck diagnose bee --local"), "{text}");
    }
    let output = run(folder.path(), &["explain", "a disk is full"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no check knows this text"));
    // Nothing is typed here: standard input is empty.
    let output = run(folder.path(), &["explain", "-"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn the_shipped_checks_are_listed_sound_and_tested() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["checks", "list", "keys"]);
    assert_eq!(code(&output), 0);
    assert!(
        stdout(&output)
            .lines()
            .all(|line| line.starts_with("keys/"))
    );
    let output = run(folder.path(), &["checks", "list", "--json"]);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(list.iter().any(|it| it["code"] == "keys/expired"));
    let output = run(folder.path(), &["checks", "lint"]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let output = run(folder.path(), &["checks", "test"]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let output = run(folder.path(), &["checks", "list", "kyes"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean \"keys\"?"));
}

#[test]
fn a_broken_check_of_ones_own_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    fs::write(folder.path().join("own/wrong.toml"), "title = \"x\"\n").unwrap();
    for arguments in [
        &["checks", "lint", "--checks", "."][..],
        &["checks", "test", "--checks", "."],
        &["diagnose", "--local", "http://127.0.0.1:1", "--checks", "."],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 4, "{arguments:?}");
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("wrong.toml:1:"), "{said}");
    }
}
