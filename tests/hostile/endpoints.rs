//! Endpoints that are not what they should be, all in one run of the binary: it ends in time, in little
//! memory, prints nothing that a terminal obeys, and says of each what is wrong or not known.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::peers::{inside_tls, stalling, with_odd_certificates, with_odd_messages, without_tls};
use super::{GRACE, Server};

/// Longer than what counts as no answer, so that silence is an observation.
const TIMEOUT: Duration = Duration::from_secs(6);

/// What a debug build may take to judge them all on a busy machine, once the waits have ended.
const JUDGING: Duration = Duration::from_secs(15);

/// What a run may take of memory in KiB. A debug build needs half as much again as what is shipped,
/// which is to stay below 64 MiB.
const MOST_MEMORY: u64 = 96 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_is_obeyed_or_waited_for() {
    let mut peers = without_tls().await;
    peers.extend(stalling().await);
    peers.extend(with_odd_certificates().await);
    peers.extend(with_odd_messages().await);
    peers.extend(inside_tls().await);

    let addresses: Vec<String> = peers.iter().map(|(_, it)| address(it)).collect();
    let run = tokio::task::spawn_blocking(move || probe(&addresses));
    let (took, memory, output, report) = run.await.unwrap();
    assert!(took < TIMEOUT + JUDGING + GRACE, "took {took:?}");
    assert!(memory < MOST_MEMORY, "{memory} KiB");
    let forbidden = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
    };
    assert!(!output.contains(forbidden), "{output:?}");
    assert_eq!(report["links"].as_array().unwrap().len(), peers.len());
    for (name, peer) in &peers {
        let key = address(peer);
        let links = report["links"].as_array().unwrap();
        let link = links.iter().find(|it| it["alias"] == *key).unwrap();
        assert_ne!(link["verdict"], "ready", "{name}");
        let failed = |it: &&Value| it["subject"]["link"] == *key && it["outcome"] == "fail";
        let findings = report["findings"].as_array().unwrap();
        let gaps = report["gaps"].as_array().unwrap();
        let of_peer = |it: &&Value| it["path"].as_str().is_some_and(|it| it.contains(&key));
        let said = findings.iter().find(failed).is_some() || gaps.iter().find(of_peer).is_some();
        assert!(said, "{name}: neither a finding nor a gap");
    }
}

/// Runs the binary: how long it took, its greatest size in KiB, the page and the report.
fn probe(addresses: &[String]) -> (Duration, u64, String, Value) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let began = Instant::now();
    let mut child = Command::new(assert_cmd::cargo_bin!("crosscheck"))
        .env_clear()
        .env("LANG", "C.UTF-8")
        .args(["probe", "--timeout"])
        .arg(format!("{}s", TIMEOUT.as_secs()))
        .arg("--report")
        .arg(&report)
        .args(addresses)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut page = String::new();
        stdout.read_to_string(&mut page).unwrap();
        page
    });
    let mut memory = 0;
    let status = loop {
        memory = greatest_size(child.id()).unwrap_or(memory);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = began.elapsed();
    assert_eq!(status.code(), Some(1), "some of them are findings");
    let report = std::fs::read_to_string(&report).unwrap();
    let report = serde_json::from_str(&report).unwrap();
    (took, memory, reading.join().unwrap(), report)
}

/// Greatest resident size of a process so far, in KiB; `None` where the system does not tell.
fn greatest_size(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn address(peer: &Server) -> String {
    format!(
        "{}:{}",
        peer.url.host_str().unwrap(),
        peer.url.port().unwrap()
    )
}
