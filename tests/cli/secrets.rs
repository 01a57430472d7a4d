//! A secret leaves no trace: canaries in every place where a secret can be given, rightly or
//! wrongly, and a search for them in everything that comes out. The servers that are asked send
//! back whatever they were sent, as Elasticsearch nodes do in some errors.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{code, crosscheck, run, stderr, stdout};

/// Passwords, keys, credentials: none of these words may come out, nor their Base64.
const CANARIES: &[&str] = &[
    "canary-local-password",
    "canary-remote-password",
    "canarysecret0123456789",
    "canary-in-the-url",
    "canary-in-the-file",
    "canaryLocalKeySecret00",
];

/// An HTTP server that answers every request with an error that quotes the request.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let mut buffer = vec![0; 16 * 1024];
                while let Ok(count) = stream.read(&mut buffer) {
                    if count == 0 {
                        return;
                    }
                    let request = String::from_utf8_lossy(&buffer[..count]).into_owned();
                    let reason = format!("unable to authenticate [{request}]");
                    let body = serde_json::json!({
                        "error": {"root_cause": [], "type": "security_exception", "reason": reason},
                        "status": 401
                    })
                    .to_string();
                    let head = format!(
                        "HTTP/1.1 401 Unauthorized\r\nX-elastic-product: Elasticsearch\r\n\
                         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    );
                    if stream.write_all((head + &body).as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Everything that a run left behind in its folder, and what it said.
fn search(folder: &Path, said: &[u8]) {
    let mut haystacks = vec![(
        "output".to_owned(),
        String::from_utf8_lossy(said).into_owned(),
    )];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|it| it == "json" || it == "txt")
        {
            let text = fs::read_to_string(&path).unwrap();
            haystacks.push((path.display().to_string(), text));
        }
    }
    for canary in CANARIES {
        let forms = [
            (*canary).to_owned(),
            STANDARD.encode(canary),
            STANDARD.encode(format!("elastic:{canary}")),
            STANDARD.encode(format!("canaryid:{canary}")),
        ];
        for form in forms {
            let form = form.trim_end_matches('=');
            for (place, text) in &haystacks {
                assert!(!text.contains(form), "{form} in {place}:\n{text}");
            }
        }
    }
}

#[test]
fn a_run_against_servers_that_repeat_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("local.pw"), "canary-local-password\n").unwrap();
    let credential = STANDARD.encode("canaryid:canarysecret0123456789");
    fs::write(
        path.join("local.key"),
        STANDARD.encode("canaryid:canaryLocalKeySecret00"),
    )
    .unwrap();
    let remote = echo();
    let local = echo();
    for (name, form) in [
        ("encoded", credential.clone()),
        ("raw", "canarysecret0123456789".to_owned()),
        ("colon", "canaryid:canarysecret0123456789".to_owned()),
        (
            "json",
            format!(
                r#"{{"id":"canaryid","api_key":"canarysecret0123456789","encoded":"{credential}"}}"#
            ),
        ),
        ("scheme", format!("ApiKey {credential}")),
        ("twice", STANDARD.encode(&credential)),
    ] {
        fs::write(path.join("credential"), form).unwrap();
        for login in [
            &[
                "--local-user",
                "elastic",
                "--local-password-file",
                "local.pw",
            ][..],
            &["--local-api-key-file", "local.key"],
        ] {
            let output = crosscheck()
                .current_dir(path)
                .env("CROSSCHECK_REMOTE_PASSWORD", "canary-remote-password")
                .env("RUST_BACKTRACE", "1")
                .args(["diagnose", "bee", "-v", "--timeout", "5s"])
                .args(["--local", &format!("http://{local}")])
                .args(login)
                .args(["--remote", &format!("http://elastic@{remote}")])
                .args([
                    "--credentials-file",
                    "credential",
                    "--endpoint",
                    &remote.to_string(),
                ])
                .args([
                    "--save-evidence",
                    "evidence.json",
                    "--report",
                    "report.json",
                ])
                .args(["--report", "report.txt", "--report", "report.md"])
                .args(["--report", "report.xml", "--report", "report.sarif"])
                .args(["--report", "report.html"])
                .output()
                .unwrap();
            assert!(code(&output) <= 1, "{name}: {}", stderr(&output));
            assert!(path.join("evidence.json").exists(), "{name}");
            search(path, &[output.stdout, output.stderr].concat());
        }
    }
}

#[test]
fn a_password_in_a_url_works_and_warns() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://elastic:canary-in-the-url@{}", echo());
    let output = run(
        folder.path(),
        &["diagnose", "--local", &url, "--timeout", "5s", "-v"],
    );
    assert!(stderr(&output).contains("warning: --local: a password in a URL"));
    search(folder.path(), &[output.stdout, output.stderr].concat());
}

#[test]
fn secrets_in_wrong_places_are_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(
        path.join("crosscheck.toml"),
        "password = \"canary-in-the-file\"\n[clusters.a]\npassword = \"canary-in-the-file\"\n\
         url = [\"https://elastic:canary-in-the-url@a\"]\n[links.bee]\nmode = \"canary-in-the-file\"\n",
    )
    .unwrap();
    fs::write(path.join("bad.toml"), "password = canary-in-the-file\n").unwrap();
    let credential = STANDARD.encode("canaryid:canarysecret0123456789");
    for arguments in [
        &["diagnose"][..],
        &["diagnose", "--config", "bad.toml"],
        &["diagnose", "--local", "elastic:canary-in-the-url@a:9200"],
        &[
            "diagnose",
            "--local",
            "https://elastic:canary-in-the-url@a:x",
        ],
        &["diagnose", "https://elastic:canary-in-the-url@a:9200"],
        &["diagnose", "--credentials-file", &credential],
        &["diagnose", "--local-password-file", "canary-local-password"],
        &["diagnose", "--local-password", "canary-local-password"],
        &["diagnose", "--local-password=canary-local-password"],
        &["diagnose", "--credentials", &credential],
        &["probe", "https://elastic:canary-in-the-url@b:9443/"],
        &["preflight", "--endpoint", "elastic:canary-in-the-url@b"],
    ] {
        let output = run(path, arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        search(path, &[output.stdout, output.stderr].concat());
    }
}

#[test]
fn help_does_not_show_what_the_environment_holds() {
    let output = crosscheck()
        .env(
            "CROSSCHECK_LOCAL",
            "https://elastic:canary-in-the-url@a:9200",
        )
        .env("CROSSCHECK_LOCAL_PASSWORD", "canary-local-password")
        .args(["diagnose", "--help"])
        .output()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    search(folder.path(), &[output.stdout, output.stderr].concat());
}
