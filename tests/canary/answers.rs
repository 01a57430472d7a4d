//! Everything that is asked answers with secrets: nodes, the control plane, Kubernetes, and the remote
//! cluster server, in fields that nobody expects and in errors that repeat the request. The program
//! itself is run, and all that it prints and writes is searched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::probe::elasticsearch::{Answer, Body};
use serde_json::{Value, json};

use super::peers::{self, Ca, TlsOptions};
use super::planted::{
    Answers, DEPLOYMENT, by_shape, control_plane, kubernetes, refusal, repeating, replication,
};
use super::secrets::{KEY_ID, KEY_SECRET, PASSWORD, of, secrets};
use super::{Lowered, collected, files, plan, search};

const CLOUD_KEY: &str = "canary-cloud-key-9aFq2";
const KUBERNETES_TOKEN: &str = "canary-kubeconfig-token-7c41";

/// How a server answers what it was not made for.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Everything it knows, with secrets in it.
    Answers,
    /// Refuses whatever it is asked, and repeats the request.
    Refuses,
    /// The same in words that are no JSON, cut wherever the client cuts.
    Garbles,
}

/// An HTTP server: bodies by the beginning of the path, the longest first.
fn serve(answers: Answers, manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || converse(&stream, &answers, manner));
        }
    });
    url
}

fn converse(stream: &TcpStream, answers: &Answers, manner: Manner) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        let head: Vec<String> = lines.by_ref().take_while(|it| !it.is_empty()).collect();
        let asked = format!("{request}\n{}", head.join("\n"));
        let path = request.split(' ').nth(1).unwrap_or_default();
        let known = || answers.iter().rev().find(|it| path.starts_with(it.0));
        let (status, body) = match (manner, known()) {
            (Manner::Answers, Some((_, (status, body)))) => (*status, body.to_string()),
            (Manner::Answers, None) => (403, refusal(&asked).to_string()),
            (Manner::Refuses, _) => (401, refusal(&asked).to_string()),
            (Manner::Garbles, _) => (502, asked),
        };
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-elastic-product: Elasticsearch\r\n\
             location: https://svc:canary-url-pass@elsewhere.acmecorp.com/\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut out = stream;
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The answers of the two clusters as the other tests have them, and replication beside them.
fn clusters() -> [Answers; 2] {
    let plan = plan();
    let collected = collected(&plan);
    let by_path = |answers: &[Arc<Answer>]| {
        let each = answers.iter().map(|it| {
            let reply = it.outcome.as_ref().unwrap();
            let Body::Json(body) = &reply.body else {
                panic!("{:?}", reply.body)
            };
            // Nobody outside is asked.
            let mut body = body.to_string();
            for host in ["qualified host name", "private IPv4 address"] {
                body = body.replace(of(host), "127.0.0.1");
            }
            let body = serde_json::from_str(&body).unwrap();
            (it.question.path(), (reply.status, body))
        });
        // `/` is the beginning of every path, and an answer to none of them but itself.
        let mut all: BTreeMap<_, _> = each.collect();
        let root = all.remove("/").unwrap();
        all.insert("/ ".into(), root);
        all
    };
    let mut local = by_path(&collected.local);
    local.extend(replication());
    [local, by_path(&collected.remote)]
}

/// A folder with what a run is given; what it writes goes beside it.
struct Bench {
    given: tempfile::TempDir,
    made: tempfile::TempDir,
}

impl Bench {
    fn new(kubernetes: &str) -> Self {
        let (given, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |name: &str, text: String| fs::write(given.path().join(name), text).unwrap();
        write("password", PASSWORD.into());
        write(
            "credential",
            STANDARD.encode(format!("{KEY_ID}:{KEY_SECRET}")),
        );
        write("cloud.key", CLOUD_KEY.into());
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "one",
            "clusters": [{"name": "one", "cluster": {"server": kubernetes}}],
            "users": [{"name": "one", "user": {"token": KUBERNETES_TOKEN}}],
            "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        });
        write("kubeconfig", kubeconfig.to_string());
        let lines = by_shape().map(|(_, text, _)| {
            format!(
                "[2026-11-25T00:00:00,000][WARN ][o.e.t.x] [n] failed to open any proxy connections to \
                 cluster [{}] {text}\n",
                of("alias")
            )
        });
        write("server.log", lines.collect());
        Self { given, made }
    }

    fn run(&self, command: &[&str], more: &[&str]) -> Output {
        let file = |name: &str| self.given.path().join(name).display().to_string();
        let output = Command::cargo_bin("crosscheck")
            .unwrap()
            .env_clear()
            .env("RUST_BACKTRACE", "1")
            .env("RUST_LOG", "trace")
            .env("KUBECONFIG", file("kubeconfig"))
            .current_dir(self.made.path())
            .args(command)
            .args(["-v", "--timeout", "20s"])
            .args([
                "--local-user",
                "harriet.vane",
                "--remote-user",
                "harriet.vane",
            ])
            .args(["--local-password-file", &file("password")])
            .args(["--remote-password-file", &file("password")])
            .args(["--credentials-file", &file("credential")])
            .args(["--cloud-api-key-file", &file("cloud.key")])
            .args(["--local-deployment", DEPLOYMENT])
            .args([
                "--local-kubernetes",
                "ns1/c1",
                "--logs",
                &file("server.log"),
            ])
            .args(["--use", "search,replication", "--index", of("index")])
            .args(["--save-evidence", "evidence.json"])
            .args(
                ["report.json", "report.txt", "report.md", "report.xml"]
                    .map(|it| format!("--report={it}")),
            )
            .args(["report.sarif", "report.html"].map(|it| format!("--report={it}")))
            .args(more)
            .output()
            .unwrap();
        let code = output.status.code();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(code, Some(0 | 1)), "{command:?}: {code:?} {told}");
        output
    }

    /// All that was printed and written, bundles unpacked.
    fn left_behind(&self, output: &Output) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut all = vec![
            ("standard output".to_owned(), text(&output.stdout)),
            ("standard error".to_owned(), text(&output.stderr)),
        ];
        for entry in fs::read_dir(self.made.path()).unwrap() {
            let path = entry.unwrap().path();
            all.extend(contents(&path));
        }
        all
    }
}

fn contents(path: &Path) -> Vec<(String, String)> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    if bytes.starts_with(b"PK") {
        let inside = files(&bytes).into_iter();
        return inside
            .map(|it| (format!("{name}: {}", it.0), it.1))
            .collect();
    }
    vec![(name, String::from_utf8_lossy(&bytes).into_owned())]
}

/// Places of the evidence that secrets reached before they were taken out: where one is missing, this test
/// tests less than it says.
const MET: [&str; 6] = [
    "authentication.detail",
    "deployment.name",
    "kubernetes.events.message",
    ".followers.fatal_exception",
    ".auto_follow.errors.error",
    "sightings.text",
];

/// Whether a text at a place that ends in these names, lists passed over, has the mark.
fn is_met(evidence: &str, place: &str) -> bool {
    fn walk(value: &Value, at: &str, wanted: &str) -> bool {
        match value {
            Value::String(text) => at.ends_with(wanted) && text.contains("[redacted]"),
            Value::Array(list) => list.iter().any(|it| walk(it, at, wanted)),
            Value::Object(map) => map
                .iter()
                .any(|(name, it)| walk(it, &format!("{at}.{name}"), wanted)),
            _ => false,
        }
    }
    walk(&serde_json::from_str(evidence).unwrap(), "", place)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_an_answer_comes_out() {
    let ca = Ca::new("canary CA");
    let acceptor = peers::acceptor(&ca.leaf(&["127.0.0.1"], |_| ()), &TlsOptions::default());
    let server = peers::tls_peer(acceptor, repeating).await.address();
    let all = [Manner::Answers, Manner::Refuses, Manner::Garbles];
    // Mostly waiting: side by side.
    std::thread::scope(|scope| {
        for manner in all {
            let server = &server;
            scope.spawn(move || nothing_comes_out(manner, server));
        }
    });
}

fn nothing_comes_out(manner: Manner, server: &str) {
    let [local, remote] = clusters();
    let (local, remote) = (serve(local, manner), serve(remote, manner));
    let cloud = serve(control_plane(), manner);
    let bench = Bench::new(&serve(kubernetes(), manner));
    let common = [
        "--local",
        &local,
        "--remote",
        &remote,
        "--cloud-url",
        &cloud,
        "--endpoint",
        server,
    ];
    for command in [
        &["bundle", of("alias"), "-o", "plain.zip", "--no-redact"][..],
        &["bundle", of("alias"), "-o", "tokens.zip"],
    ] {
        let output = bench.run(command, &common);
        let all = bench.left_behind(&output);
        let searched = Lowered::of(&all);
        for (what, _, secret) in secrets() {
            search(&searched, what, &secret);
        }
        let basic = STANDARD.encode(format!("harriet.vane:{PASSWORD}"));
        for (what, secret) in [
            ("key of the control plane", CLOUD_KEY),
            ("token of the kubeconfig", KUBERNETES_TOKEN),
            ("secret attribute", "canary-attribute"),
            ("Basic header", &basic),
        ] {
            search(&searched, what, secret);
        }
        let evidence = &all.iter().find(|it| it.0 == "evidence.json").unwrap().1;
        let wanted: &[&str] = match manner {
            Manner::Answers => &MET,
            Manner::Refuses | Manner::Garbles => &MET[..1],
        };
        for place in wanted {
            assert!(
                is_met(evidence, place),
                "{manner:?}: {place} met no secret\n{evidence}"
            );
        }
    }
}
