//! Wrong input: every mistake is said at once, each in one line that says what to do; exit code 2.

use std::fs;

use crate::{code, crosscheck, run, stderr, stdout};

#[test]
fn every_mistake_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    fs::write(path.join("key.pem"), &key).unwrap();
    fs::write(path.join("empty"), "").unwrap();
    fs::create_dir(path.join("folder")).unwrap();
    fs::write(
        path.join("store.p12"),
        b"\x30\x82\x0a\x00\x02\x01\x03\x30\x82",
    )
    .unwrap();
    let output = run(
        path,
        &[
            "diagnose",
            "bee",
            "--local",
            "a.example.org:9200",
            "--local-ca",
            "key.pem",
            "--remote",
            "https://b.example.org:9200",
            "--remote-user",
            "elastic",
            "--remote-password-file",
            "empty",
            "--remote-ca",
            "store.p12",
            "--server-ca",
            "folder",
            "--credentials-file",
            "./missing.txt",
            "--endpoint",
            "b.example.org",
            "--client-cert",
            "empty",
            "--timeout",
            "30",
            "--keystore-list",
            "empty",
            "--report",
            "report.pdf",
        ],
    );
    assert_eq!(code(&output), 2);
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!(stderr(&output));
}

#[test]
fn nothing_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (&["diagnose"][..], "add --local https://HOST:9200"),
        (
            &["diagnose", "bee", "--endpoint", "b:9443"],
            "add --local https://HOST:9200",
        ),
        (&["preflight", "--alias", "bee"], "add at least one of"),
        (
            &["diagnose", "--local-user", "elastic"],
            "add --local https://HOST:9200",
        ),
        (&["diagnose", "--local", ""], "it is empty"),
        (
            &[
                "diagnose",
                "--local",
                "https://a:9200",
                "--local-user",
                "me",
            ],
            "CROSSCHECK_LOCAL_PASSWORD",
        ),
        (
            &["diagnose", "https://a:9200"],
            "give a cluster's URL with --local",
        ),
        (
            &[
                "diagnose",
                "--local",
                "https://a:9200",
                "--config",
                "none.toml",
            ],
            "there is no such file",
        ),
        (&["probe", "https://b:9443"], "write b:9443"),
        (
            &["diagnose", "--local", "https://a:9200", "--checks", "none"],
            "is no folder",
        ),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(says),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_typo_in_the_file_has_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("crosscheck.toml"),
        "[clusters.a]\nurl = \"https://a:9200\"\nusr = \"elastic\"\n\n[links.bee]\nlocal = \"aa\"\n",
    )
    .unwrap();
    let output = run(folder.path(), &["diagnose"]);
    assert_eq!(code(&output), 2);
    insta::assert_snapshot!(stderr(&output), @r#"
    error: crosscheck.toml:3:1: "usr" is not a key of a cluster; did you mean "user"?
    error: crosscheck.toml:6:9: there is no [clusters.aa]; did you mean "a"?
    "#);
}

#[test]
fn options_beat_variables_and_those_beat_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("crosscheck.toml"),
        "[clusters.local]\nurl = \"from the file\"\n",
    )
    .unwrap();
    let said = |variable: Option<&str>, option: &[&str]| {
        let mut command = crosscheck();
        command
            .current_dir(folder.path())
            .arg("diagnose")
            .args(option);
        if let Some(value) = variable {
            command.env("CROSSCHECK_LOCAL", value);
        }
        stderr(&command.output().unwrap())
    };
    assert!(said(None, &[]).contains("from the file"));
    assert!(said(Some("from:variable"), &[]).contains("from:variable"));
    assert!(said(Some("from:variable"), &["--local", "from:option"]).contains("from:option"));
}

#[test]
fn a_dry_run_lists_the_calls_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens there: a call would be seen in the report.
    let output = run(
        folder.path(),
        &[
            "diagnose",
            "bee",
            "--local",
            "http://127.0.0.1:1",
            "--endpoint",
            "b:9443",
            "--dry-run",
        ],
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let list = stdout(&output);
    for says in [
        "GET  /_remote/info",
        "GET  /_resolve/cluster/bee:*",
        "among them b:9443",
    ] {
        assert!(list.contains(says), "{says}:\n{list}");
    }
    assert!(!list.contains("POST"), "{list}");
}

#[test]
fn a_proxy_that_fails_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = crosscheck()
        .current_dir(folder.path())
        .env("HTTPS_PROXY", "http://name:canary-proxy@127.0.0.1:9")
        .args(["diagnose", "bee", "--local", "https://a.example.org:9200"])
        .args(["--format", "json"])
        .output()
        .unwrap();
    let text = stdout(&output);
    assert!(
        text.contains("through the proxy http://127.0.0.1:9 of the environment"),
        "{text}"
    );
    assert!(!text.contains("canary-proxy"), "{text}");
}

#[test]
fn a_wrong_line_of_a_list_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = crosscheck()
        .current_dir(folder.path())
        .args(["probe", "-"])
        .write_stdin("# mine\nb:9443\n\nb:port\n")
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
    insta::assert_snapshot!(stderr(&output), @r#"error: standard input, line 4: "b:port" has no port between 1 and 65535 after its last colon; write b:9443 (remote cluster server) or b:9300 (transport)"#);
    assert_eq!(stdout(&output), "");
}
