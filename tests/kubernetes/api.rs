//! A stand-in for an API server: bodies by path, and what it was asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::stand_in::StandIn;

pub(crate) const TOKEN: &str = "canary-token-of-the-kubeconfig";

/// An API server: bodies by path, and what it was asked.
pub(crate) struct ApiServer {
    pub(crate) kubeconfig: PathBuf,
    server: StandIn,
    _folder: tempfile::TempDir,
}

impl ApiServer {
    pub(crate) fn start(answers: BTreeMap<String, Value>) -> Self {
        let server = StandIn::start(move |path, head| answer(&answers, path, head));
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        fs::write(&kubeconfig, kubeconfig_of(&server.url, TOKEN)).unwrap();
        Self {
            kubeconfig,
            server,
            _folder: folder,
        }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.server.asked()
    }
}

pub(crate) fn kubeconfig_of(url: &str, token: &str) -> String {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": url}}],
        "users": [{"name": "one", "user": {"token": token}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    })
    .to_string()
}

fn answer(answers: &BTreeMap<String, Value>, path: &str, head: &[String]) -> (u64, Value) {
    let known = head
        .iter()
        .any(|it| it.ends_with(&format!("Bearer {TOKEN}")));
    let metadata = head.iter().any(|it| {
        it.to_lowercase()
            .starts_with("accept: application/json;as=partialobjectmetadata")
    });
    let answer = match answers.get(path) {
        _ if !known => status(401, "Unauthorized", ""),
        // What a real one does as soon as nobody asks for metadata alone: it sends the values.
        Some(_) if path.contains("/secrets/") && !metadata => panic!("a Secret was asked for"),
        Some(body) => body.clone(),
        None => status(
            404,
            "not found",
            path.rsplit('/').next().unwrap_or_default(),
        ),
    };
    (answer["code"].as_u64().unwrap_or(200), answer)
}

/// A refusal as API servers word it.
pub(crate) fn status(code: u16, message: &str, name: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message,
           "code": code, "details": {"name": name}})
}
