//! A stand-in for an API server: bodies by path, and what it was asked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "canary-token-of-the-kubeconfig";

/// An API server: bodies by path, and what it was asked.
pub(crate) struct ApiServer {
    pub(crate) kubeconfig: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

impl ApiServer {
    pub(crate) fn start(answers: BTreeMap<String, Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        fs::write(&kubeconfig, kubeconfig_of(&url, TOKEN)).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, record) = (answers.clone(), Arc::clone(&record));
                std::thread::spawn(move || serve(&stream, &answers, &record));
            }
        });
        Self {
            kubeconfig,
            asked,
            _folder: folder,
        }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
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

fn serve(stream: &TcpStream, answers: &BTreeMap<String, Value>, record: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        let head: Vec<String> = lines.by_ref().take_while(|it| !it.is_empty()).collect();
        record.lock().unwrap().push(request.clone());
        let path = request.split(['?', ' ']).nth(1).unwrap_or_default();
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
            Some(body) if body["code"].is_number() => body.clone(),
            Some(body) => body.clone(),
            None => status(
                404,
                "not found",
                path.rsplit('/').next().unwrap_or_default(),
            ),
        };
        let code = answer["code"].as_u64().unwrap_or(200);
        let body = answer.to_string();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let mut out = stream;
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A refusal as API servers word it.
pub(crate) fn status(code: u16, message: &str, name: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message,
           "code": code, "details": {"name": name}})
}
