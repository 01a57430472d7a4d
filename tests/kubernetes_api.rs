//! A real API server of Kubernetes: `k8s.io/apiextensions-apiserver` on etcd serves custom resources, asked
//! by the program itself over TLS with a client certificate. It has no core resources (Secrets, Services,
//! events): `tests/kubernetes.rs` has a stand-in for those, and here they are gaps.
//!
//! Runs with `CROSSCHECK_KUBERNETES=1` where both programs are installed (`.ci/run` does that), and must run
//! with `CROSSCHECK_KUBERNETES=require`.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

/// Where `.ci/run` has Go install the server.
const SERVER: &str = "target/go/apiextensions-apiserver";

const RESOURCES: &str = "/apis/elasticsearch.k8s.elastic.co/v1/namespaces";

/// Admission that asks the core API, which there is none of.
const NO_ADMISSION: &str = "NamespaceLifecycle,MutatingAdmissionWebhook,MutatingAdmissionPolicy,\
                            ValidatingAdmissionWebhook,ValidatingAdmissionPolicy";

/// The servers, which end with the test.
struct Servers {
    children: Vec<Child>,
    folder: tempfile::TempDir,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Servers {
    /// Starts them; `None` where they are not wanted or not installed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the layer is switched on by the environment"
    )]
    fn start() -> Option<Self> {
        let wanted = std::env::var("CROSSCHECK_KUBERNETES").unwrap_or_default();
        let server = std::env::var_os("CROSSCHECK_APIEXTENSIONS_SERVER")
            .map_or_else(|| PathBuf::from(SERVER), PathBuf::from);
        let etcd = Command::new("etcd").arg("--version").output().is_ok();
        if wanted.is_empty() || !etcd || !server.exists() {
            assert!(
                wanted != "require",
                "etcd or {} is missing",
                server.display()
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let [client, peer, secure] = [free_port(), free_port(), free_port()];
        certificates(at);
        let user = |name: &str| json!({"client-certificate": at.join(format!("{name}.crt")), "client-key": at.join(format!("{name}.key"))});
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "admin",
            "clusters": [{"name": "c", "cluster": {
                "server": format!("https://127.0.0.1:{secure}"), "certificate-authority": at.join("ca.crt")
            }}],
            "users": [{"name": "admin", "user": user("admin")}, {"name": "nobody", "user": user("nobody")}],
            "contexts": [
                {"name": "admin", "context": {"cluster": "c", "user": "admin"}},
                {"name": "nobody", "context": {"cluster": "c", "user": "nobody"}}
            ],
        });
        fs::write(at.join("kubeconfig"), config.to_string()).unwrap();
        // The core API: nobody listens there.
        let core = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "core",
            "clusters": [{"name": "core", "cluster": {"server": "http://127.0.0.1:1"}}],
            "users": [{"name": "core", "user": {"token": "none"}}],
            "contexts": [{"name": "core", "context": {"cluster": "core", "user": "core"}}],
        });
        fs::write(at.join("core"), core.to_string()).unwrap();
        let store = format!("http://127.0.0.1:{client}");
        let etcd = Command::new("etcd")
            .arg("--data-dir")
            .arg(at.join("etcd"))
            .args([
                "--listen-client-urls",
                &store,
                "--advertise-client-urls",
                &store,
            ])
            .args(["--listen-peer-urls", &format!("http://127.0.0.1:{peer}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Command::new(server);
        for option in [
            "kubeconfig",
            "authentication-kubeconfig",
            "authorization-kubeconfig",
        ] {
            server.arg(format!("--{option}")).arg(at.join("core"));
        }
        let server = server
            .args([
                "--bind-address",
                "127.0.0.1",
                "--authentication-skip-lookup",
            ])
            .args([
                "--etcd-servers",
                &store,
                "--disable-admission-plugins",
                NO_ADMISSION,
            ])
            .args(["--secure-port", &secure.to_string(), "--client-ca-file"])
            .arg(at.join("ca.crt"))
            .arg("--tls-cert-file")
            .arg(at.join("server.crt"))
            .arg("--tls-private-key-file")
            .arg(at.join("server.key"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self {
            children: vec![etcd, server],
            folder,
        })
    }

    fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Makes an object, as soon as the server takes it.
    async fn make(&self, path: &str, object: &Value) {
        let kubeconfig = kube::config::Kubeconfig::read_from(self.kubeconfig()).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
        let client = kube::Client::try_from(config.unwrap()).unwrap();
        let begun = Instant::now();
        loop {
            let request = hyper::Request::post(path)
                .header("content-type", "application/json")
                .body(object.to_string().into_bytes())
                .unwrap();
            match client.request::<Value>(request).await {
                Ok(_) => return,
                Err(error) => assert!(begun.elapsed() < Duration::from_mins(2), "{path}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The evidence and the gaps of a run.
    fn preflight(&self, resource: &str, context: &str) -> Value {
        let saved = self.folder.path().join("evidence.json");
        let output = assert_cmd::Command::cargo_bin("crosscheck")
            .unwrap()
            .env_clear()
            .args(["preflight", "--alias", "to-cluster2", "--model", "api-key"])
            .args([
                "--local-kubernetes",
                resource,
                "--kube-context",
                context,
                "--kubeconfig",
            ])
            .arg(self.kubeconfig())
            .arg("--save-evidence")
            .arg(&saved)
            .output()
            .unwrap();
        let text = fs::read_to_string(&saved)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        serde_json::from_str(&text).unwrap()
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A CA, the server's certificate, and those of an administrator and of somebody without any right.
fn certificates(at: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name
        .push(DnType::CommonName, "CA of the API server");
    fs::write(at.join("ca.crt"), ca.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(ca, key);
    for (name, group) in [
        ("server", None),
        ("admin", Some("system:masters")),
        ("nobody", None),
    ] {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            params
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(at.join(format!("{name}.crt")), certificate.pem()).unwrap();
        fs::write(at.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

fn gap<'a>(evidence: &'a Value, path: &str) -> &'a str {
    let gaps = evidence["gaps"].as_array().unwrap();
    let found = gaps.iter().find(|it| it["path"] == path);
    let found = found.unwrap_or_else(|| panic!("no gap {path}: {gaps:#?}"));
    found["remedy"].as_str().unwrap()
}

#[tokio::test]
async fn a_real_api_server_tells_of_both_resources() {
    let Some(servers) = Servers::start() else {
        println!("skipped: CROSSCHECK_KUBERNETES is not set, or etcd or {SERVER} is missing");
        return;
    };
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "elasticsearches.elasticsearch.k8s.elastic.co"},
        "spec": {
            "group": "elasticsearch.k8s.elastic.co", "scope": "Namespaced",
            "names": {"plural": "elasticsearches", "singular": "elasticsearch", "kind": "Elasticsearch"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true
            }}}]
        }
    });
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    servers.make(definitions, &definition).await;
    for (namespace, name, spec) in [
        (
            "ns1",
            "cluster1",
            json!({"version": "9.4.3", "remoteClusters": [
                {"name": "to-cluster2", "apiKey": {"access": {}},
                 "elasticsearchRef": {"name": "cluster2", "namespace": "ns2"}}
            ]}),
        ),
        (
            "ns2",
            "cluster2",
            json!({"version": "9.4.3", "remoteClusterServer": {"enabled": true}}),
        ),
    ] {
        let object = json!({
            "apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec,
            "status": {"phase": "Ready", "health": "green", "version": "9.4.3"}
        });
        let path = format!("{RESOURCES}/{namespace}/elasticsearches");
        servers.make(&path, &object).await;
    }

    let evidence = servers.preflight("ns1/cluster1", "admin");
    let clusters = &evidence["clusters"];
    assert_eq!(clusters["local"]["kubernetes"]["phase"], "Ready");
    assert_eq!(
        clusters["remote"]["kubernetes"]["remote_cluster_server"],
        true
    );
    // A custom resource's status is there, the core API is not.
    gap(&evidence, "clusters.remote.kubernetes.services");

    let absent = servers.preflight("ns1/other", "admin");
    assert_eq!(absent["clusters"]["local"]["kubernetes"], Value::Null);
    assert!(gap(&absent, "clusters.local.kubernetes").contains("kubectl get elasticsearch -A"));

    let refused = servers.preflight("ns1/cluster1", "nobody");
    assert!(refused["clusters"]["local"].get("kubernetes").is_none());
    gap(&refused, "clusters.local.kubernetes");
}
