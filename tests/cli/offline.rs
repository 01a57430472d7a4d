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
    let output = run(folder.path(), &["explain", "Unable to open a connection"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("explain takes the code of a finding"));
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
