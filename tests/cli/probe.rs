//! Probes of the simulated pair's remote cluster server.

use std::net::TcpListener;
use std::path::Path;

use crosscheck::demo;

use crate::{code, crosscheck, run, stderr, stdout};

/// Runs with a healthy remote cluster server at the address, its CA and a key in the folder.
fn with_server(test: impl FnOnce(&Path, &str)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let healthy = demo::scenarios().iter().find(|it| it.name == "healthy");
    let pair = runtime.block_on(demo::start(healthy.unwrap())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.crt"), &pair.server_ca_pem).unwrap();
    std::fs::write(folder.path().join("key"), &pair.credential).unwrap();
    test(folder.path(), &pair.address);
}

/// An address of loopback that refuses.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn one_endpoint_is_one_page() {
    with_server(|folder, address| {
        let known = ["--server-ca", "ca.crt", "--credentials-file", "key"];
        let mut command = crosscheck();
        let command = command.current_dir(folder).args(["probe", address]);
        // No proxy lies between nodes and a remote cluster.
        let command = command.env("ALL_PROXY", "http://127.0.0.1:9").args(known);
        let output = command.output().unwrap();
        let page = stdout(&output);
        assert_eq!(code(&output), 0, "{page}{}", stderr(&output));
        for says in [
            "READY",
            "✔ TCP connected",
            "✔ it leads to a trusted CA",
            "✔ Elasticsearch 9.4.3, remote cluster server (API-key model)",
            "is accepted",
            "Checks",
        ] {
            assert!(page.contains(says), "{says}:\n{page}");
        }
        // What no probe can tell is not asked for.
        for silent in ["Unknown", "licence", "--alias", "--local", "nodes/"] {
            assert!(!page.contains(silent), "{silent}:\n{page}");
        }
    });
}

#[test]
fn what_was_not_given_is_said_with_what_closes_it() {
    with_server(|folder, address| {
        let output = run(folder, &["probe", address]);
        let page = stdout(&output);
        assert!(
            page.contains("UNKNOWN: tls/") && page.contains(" could not be checked\n"),
            "{page}"
        );
        for says in [
            "whether the nodes trust it is not known",
            "--server-ca",
            "--credentials-file",
        ] {
            assert!(page.contains(says), "{says}:\n{page}");
        }
        assert!(!page.contains("READY"), "{page}");
    });
}

#[test]
fn many_endpoints_have_a_line_each_and_a_fault_is_told_once() {
    with_server(|folder, address| {
        let (one, other) = (closed(), closed());
        let known = ["--server-ca", "ca.crt", "--credentials-file", "key"];
        let list = format!("{one}\n{address} # the server\n{other}\n{one}\n");
        let probe = |more: &[&str]| {
            let mut command = crosscheck();
            let command = command.current_dir(folder).args(["probe", "-"]);
            command
                .args(known)
                .args(more)
                .write_stdin(list.clone())
                .output()
                .unwrap()
        };
        let output = probe(&[]);
        let page = stdout(&output);
        assert_eq!(code(&output), 1, "{page}");
        assert!(
            page.starts_with("3 endpoints: 2 BLOCKED, 1 READY\n"),
            "{page}"
        );
        let line = page.lines().find(|it| it.starts_with(address)).unwrap();
        assert!(
            line.contains("Elasticsearch 9.4.3, remote cluster server"),
            "{page}"
        );
        assert!(line.ends_with("READY"), "{page}");
        assert_eq!(
            page.matches("BLOCKED: connection/refused").count(),
            2,
            "{page}"
        );
        assert_eq!(page.matches("Cause ").count(), 1, "{page}");
        assert!(page.contains("The same at 127.0.0.1:"), "{page}");

        let lines = stdout(&probe(&["-q"]));
        assert_eq!(lines.lines().count(), 3, "{lines}");

        let report = stdout(&probe(&["--format", "json"]));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["links"].as_array().unwrap().len(), 3);
        assert!(report["counts"]["pass"].as_u64() > Some(0));
    });
}
