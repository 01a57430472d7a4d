//! Ctrl-C.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
#[cfg(unix)]
fn ctrl_c_prints_what_is_known() {
    // It accepts, by its backlog, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let child = Command::new(assert_cmd::cargo_bin!("crosscheck"))
        .args(["diagnose", "bee", "--local", &url, "--timeout", "60s"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(700));
    let begun = Instant::now();
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(begun.elapsed() < Duration::from_secs(3), "{said}");
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("UNKNOWN"), "{report}");
}
