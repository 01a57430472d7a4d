//! Elastic Cloud on Kubernetes, as the program itself reads it: from manifests, and from an API server on
//! loopback. That server is a stand-in that speaks the documented shapes and knows which calls it refuses;
//! `tests/kubernetes_api.rs` asks a real one.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "kubernetes/api.rs"]
mod api;
#[path = "filled/layer.rs"]
mod layer;
#[path = "http/stand_in.rs"]
mod stand_in;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use api::{ApiServer, TOKEN, kubeconfig_of, status};
use assert_cmd::Command;
use crosscheck::evidence::Evidence;
use serde_json::{Value, json};

const PAIR: &str = "tests/kubernetes/pair.yaml";

/// The pair as the API gives it: single objects with what they are, objects of lists without.
fn pair() -> BTreeMap<String, Value> {
    let resource = |namespace: &str, name: &str, spec: Value| {
        json!({"apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch",
               "metadata": {"name": name, "namespace": namespace}, "spec": spec,
               "status": {"phase": "Ready", "health": "green", "version": "9.4.3"}})
    };
    let sets = json!([{"name": "default", "count": 1}]);
    let local = resource(
        "ns1",
        "cluster1",
        json!({
            "version": "9.4.3", "nodeSets": sets, "secureSettings": [{"secretName": "more"}],
            "remoteClusters": [{"name": "to-cluster2", "apiKey": {"access": {}},
                                "elasticsearchRef": {"name": "cluster2", "namespace": "ns2"}}]
        }),
    );
    let remote = resource(
        "ns2",
        "cluster2",
        json!({
            "version": "9.4.3", "nodeSets": sets, "remoteClusterServer": {"enabled": true}
        }),
    );
    let secret = |name: &str, annotations: Value, fields: Value| {
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
               "metadata": {"name": name, "namespace": "ns1", "annotations": annotations,
                            "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:data": fields}}]}})
    };
    let issued = json!({"to-cluster2": {"namespace": "ns2", "name": "cluster2", "id": "x9"}});
    let keys = json!({"elasticsearch.k8s.elastic.co/remote-cluster-api-keys": issued.to_string()});
    let service = json!({"metadata": {"name": "cluster2-es-remote-cluster", "namespace": "ns2"}, "spec": {
        "type": "ClusterIP", "selector": {"elasticsearch.k8s.elastic.co/cluster-name": "cluster2"},
        "ports": [{"name": "rcs", "port": 9443, "targetPort": 9443}]
    }});
    let list =
        |items: Value| json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items});
    let deny = json!({"metadata": {"name": "default-deny", "namespace": "ns2"},
                      "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}});
    let es = "/apis/elasticsearch.k8s.elastic.co/v1/namespaces";
    let policies = "/apis/networking.k8s.io/v1/namespaces";
    [
        (format!("{es}/ns1/elasticsearches/cluster1"), local),
        (format!("{es}/ns2/elasticsearches/cluster2"), remote),
        ("/api/v1/namespaces/ns1/services".into(), list(json!([]))),
        (
            "/api/v1/namespaces/ns2/services".into(),
            list(json!([service])),
        ),
        ("/api/v1/namespaces/ns1/events".into(), list(json!([]))),
        ("/api/v1/namespaces/ns2/events".into(), list(json!([]))),
        (format!("{policies}/ns1/networkpolicies"), list(json!([]))),
        (
            format!("{policies}/ns2/networkpolicies"),
            list(json!([deny])),
        ),
        (
            "/api/v1/namespaces/ns1/secrets/cluster1-es-remote-api-keys".into(),
            secret(
                "cluster1-es-remote-api-keys",
                keys,
                json!({"f:cluster.remote.to-cluster2.credentials": {}}),
            ),
        ),
        (
            "/api/v1/namespaces/ns1/secrets/more".into(),
            secret(
                "more",
                json!({}),
                json!({".": {}, "f:s3.client.default.access_key": {}}),
            ),
        ),
        (
            "/api/v1/namespaces/kube-system".into(),
            json!({"kind": "Namespace", "apiVersion": "v1",
                   "metadata": {"name": "kube-system", "uid": "u1"}}),
        ),
        (
            "/api/v1/namespaces/elastic-system/configmaps/elastic-licensing".into(),
            json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "elastic-licensing"},
                   "data": {"eck_license_level": "enterprise"}}),
        ),
    ]
    .into()
}

/// What stands around a pair that is in use: masters apart, a load balancer, policies for both directions,
/// the operator and what it has said. Shapes: `pkg/controller/elasticsearch/services`, `remotecluster`
/// and `common/events` of elastic/cloud-on-k8s, network policies as its documentation gives them.
fn in_use() -> BTreeMap<String, Value> {
    let mut answers = pair();
    let es = "/apis/elasticsearch.k8s.elastic.co/v1/namespaces";
    let policies = "/apis/networking.k8s.io/v1/namespaces";
    let local = answers.get_mut(&format!("{es}/ns1/elasticsearches/cluster1"));
    local.unwrap()["metadata"]["annotations"] =
        json!({"elasticsearch.k8s.elastic.co/managed-remote-clusters": "to-cluster2"});
    let remote = answers.get_mut(&format!("{es}/ns2/elasticsearches/cluster2"));
    remote.unwrap()["spec"]["nodeSets"] = json!([
        {"name": "masters", "count": 3, "config": {"node.roles": ["master"]}},
        {"name": "default", "count": 3, "config": {"node.roles": ["data", "remote_cluster_client"],
            "xpack.security.transport.ssl.verification_mode": "certificate"}},
    ]);
    let balancer = json!({"metadata": {"name": "cluster2-es-remote-cluster", "namespace": "ns2"},
        "spec": {
            "type": "LoadBalancer", "publishNotReadyAddresses": true,
            "selector": {"common.k8s.elastic.co/type": "elasticsearch",
                         "elasticsearch.k8s.elastic.co/cluster-name": "cluster2"},
            "ports": [{"name": "rcs", "protocol": "TCP", "port": 9443, "targetPort": 9443, "nodePort": 31443}]
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.7"}]}}});
    let both_ways = json!({"metadata": {"name": "elasticsearch", "namespace": "ns1"}, "spec": {
        "podSelector": {"matchLabels": {"common.k8s.elastic.co/type": "elasticsearch"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "elastic-system"}}}],
                     "ports": [{"protocol": "TCP", "port": 9200}]}],
        "egress": [{"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]},
                   {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ns2"}}}],
                    "ports": [{"protocol": "TCP", "port": 9443}]}]
    }});
    let refused = json!({
        "metadata": {"name": "cluster1.18", "namespace": "ns1"}, "type": "Warning", "count": 3,
        "involvedObject": {"kind": "Elasticsearch", "name": "cluster1", "namespace": "ns1"},
        "reason": "AssociationError", "lastTimestamp": "2026-11-23T09:00:00Z",
        "message": "Remote cluster association not allowed: ns1/cluster1 to ns2/cluster2",
    });
    let operator = json!({"kind": "StatefulSet", "apiVersion": "apps/v1",
        "metadata": {"name": "elastic-operator", "namespace": "elastic-system"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "manager", "image": "docker.elastic.co/eck/eck-operator:3.3.0"}]}}}});
    for (path, item) in [
        ("/api/v1/namespaces/ns2/services".to_owned(), balancer),
        (format!("{policies}/ns1/networkpolicies"), both_ways),
        ("/api/v1/namespaces/ns1/events".to_owned(), refused),
    ] {
        answers.get_mut(&path).unwrap()["items"] = json!([item]);
    }
    let path = "/apis/apps/v1/namespaces/elastic-system/statefulsets/elastic-operator";
    answers.insert(path.into(), operator);
    answers
}

/// What a run says, and its evidence.
struct Said {
    report: Value,
    evidence: Value,
}

impl Said {
    fn finding(&self, code: &str) -> &Value {
        let findings = self.report["findings"].as_array().unwrap();
        let found = findings.iter().find(|it| it["code"] == code);
        found.unwrap_or_else(|| panic!("no {code}"))
    }

    fn gap(&self, path: &str) -> &Value {
        let gaps = self.report["gaps"].as_array().unwrap();
        let found = gaps.iter().find(|it| it["path"] == path);
        found.unwrap_or_else(|| panic!("no gap {path} in {gaps:#?}"))
    }
}

fn preflight(arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("evidence.json");
    let output = Command::cargo_bin("crosscheck")
        .unwrap()
        .env_clear()
        .args([
            "preflight",
            "--alias",
            "to-cluster2",
            "--format",
            "json",
            "--model",
            "api-key",
        ])
        .arg("--save-evidence")
        .arg(&saved)
        .args(arguments)
        .output()
        .unwrap();
    let evidence = fs::read_to_string(&saved)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    for secret in [TOKEN, "Y2FuYXJ5"] {
        assert!(!evidence.contains(secret));
        assert!(!String::from_utf8_lossy(&output.stdout).contains(secret));
    }
    Said {
        report: serde_json::from_slice(&output.stdout).unwrap(),
        evidence: serde_json::from_str(&evidence).unwrap(),
    }
}

/// What keeps a run from starting.
fn refused(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("crosscheck")
        .unwrap()
        .env_clear()
        .args(["preflight", "--alias", "to-cluster2"])
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

fn file(folder: &Path, text: &str) -> String {
    let path = folder.join("manifest.yaml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn manifests_tell_both_sides() {
    let said = preflight(&["--kubernetes", PAIR]);
    let clusters = &said.evidence["clusters"];
    assert_eq!(clusters["local"]["kubernetes"]["name"], "cluster1");
    assert_eq!(clusters["remote"]["kubernetes"]["name"], "cluster2");
    assert_eq!(
        clusters["local"]["keystore"],
        json!(["cluster.remote.to-cluster2.credentials"])
    );
    assert_eq!(
        said.finding("kubernetes/server-not-enabled")["outcome"],
        "pass"
    );
    assert_eq!(said.finding("kubernetes/key-not-issued")["outcome"], "pass");
    assert_eq!(
        said.finding("kubernetes/network-policy")["outcome"],
        "unknown"
    );
    let gap = said.gap("clusters.remote.kubernetes.network_policies");
    assert!(
        gap["remedy"]
            .as_str()
            .unwrap()
            .contains("kubectl get networkpolicy -n ns2")
    );
}

#[test]
fn a_server_that_the_manifest_leaves_off_is_the_root_cause() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(PAIR).unwrap();
    let path = file(
        folder.path(),
        &text.replace("enabled: true", "enabled: false"),
    );
    let said = preflight(&["--kubernetes", &path]);
    assert_eq!(
        said.report["links"][0]["root_cause"],
        "kubernetes/server-not-enabled"
    );
    let commands = said.finding("kubernetes/server-not-enabled")["fixes"][0]["commands"][0].clone();
    let expected = "kubectl -n ns2 patch elasticsearch cluster2 --type merge -p \
                    '{\"spec\":{\"remoteClusterServer\":{\"enabled\":true}}}'";
    assert_eq!(commands, expected);
}

#[test]
fn the_api_is_asked_and_the_remote_follows_from_the_local_resource() {
    let server = ApiServer::start(pair());
    let kubeconfig = server.kubeconfig.to_str().unwrap();
    let said = preflight(&[
        "--local-kubernetes",
        "ns1/cluster1",
        "--kubeconfig",
        kubeconfig,
    ]);
    let clusters = &said.evidence["clusters"];
    let local = &clusters["local"]["kubernetes"];
    assert_eq!(local["kubernetes_id"], "u1");
    assert_eq!(local["issued_keys"]["to-cluster2"]["id"], "x9");
    assert_eq!(
        local["secure_settings"][0]["names"],
        json!(["s3.client.default.access_key"])
    );
    assert_eq!(clusters["remote"]["kubernetes"]["name"], "cluster2");
    assert_eq!(
        said.report["links"][0]["root_cause"],
        "kubernetes/network-policy"
    );
    let gap = said.gap("clusters.local.kubernetes.operator_version");
    assert!(
        gap["remedy"]
            .as_str()
            .unwrap()
            .contains("--kube-operator-namespace")
    );
    assert!(server.asked().iter().all(|it| it.starts_with("GET ")));
}

#[test]
fn checks_may_read_what_kubernetes_tells() {
    let server = ApiServer::start(in_use());
    let kubeconfig = server.kubeconfig.to_str().unwrap();
    let live = preflight(&[
        "--local-kubernetes",
        "ns1/cluster1",
        "--kubeconfig",
        kubeconfig,
    ]);
    assert_eq!(
        live.finding("kubernetes/association-refused")["outcome"],
        "fail"
    );
    assert_eq!(
        live.finding("kubernetes/service-leads-to-masters")["outcome"],
        "fail"
    );
    let files = preflight(&["--kubernetes", PAIR]);
    let documents = [live, files].map(|said| serde_json::from_value(said.evidence).unwrap());
    layer::hold("kubernetes", &documents as &[Evidence]);
}

#[test]
fn a_refused_call_names_the_permission() {
    let mut answers = pair();
    let path = "/apis/networking.k8s.io/v1/namespaces/ns2/networkpolicies";
    answers.insert(path.into(), status(403, "networkpolicies is forbidden", ""));
    let path = "/api/v1/namespaces/ns1/secrets/more";
    answers.insert(
        path.into(),
        status(
            403,
            "secrets \"more\" is forbidden: User \"canary@example.org\" cannot get resource \"secrets\"",
            "more",
        ),
    );
    answers.remove("/apis/elasticsearch.k8s.elastic.co/v1/namespaces/ns2/elasticsearches/cluster2");
    let server = ApiServer::start(answers);
    let kubeconfig = server.kubeconfig.to_str().unwrap();
    let said = preflight(&[
        "--local-kubernetes",
        "ns1/cluster1",
        "--kubeconfig",
        kubeconfig,
    ]);
    let gap = said.gap("clusters.local.kubernetes.secure_settings");
    assert!(
        gap["remedy"]
            .as_str()
            .unwrap()
            .contains("get on secrets in the namespace ns1")
    );
    let reason = gap["reason"].as_str().unwrap();
    assert!(
        reason.contains("is forbidden: this user cannot get"),
        "{reason}"
    );
    assert!(!said.evidence.to_string().contains("canary@"));
    assert_eq!(
        said.evidence["clusters"]["remote"]["kubernetes"],
        Value::Null
    );
    assert!(
        said.gap("clusters.remote.kubernetes")["reason"]
            .as_str()
            .unwrap()
            .contains("not found")
    );
}

#[test]
fn whatever_keeps_kubernetes_from_answering_is_a_gap() {
    let server = ApiServer::start(pair());
    let url = fs::read_to_string(&server.kubeconfig).unwrap();
    let url: Value = serde_json::from_str(&url).unwrap();
    let url = url["clusters"][0]["cluster"]["server"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (kubeconfig, context, says) in [
        (kubeconfig_of(url, "expired"), None, "log in again"),
        (
            kubeconfig_of(&format!("http://{closed}"), TOKEN),
            None,
            "kubectl version",
        ),
        (kubeconfig_of(url, TOKEN), Some("two"), "--kube-context"),
        ("users: [".into(), None, "--kubeconfig"),
    ] {
        let path = file(folder.path(), &kubeconfig);
        let mut arguments = vec!["--local-kubernetes", "ns1/cluster1", "--kubeconfig", &path];
        arguments.extend(context.iter().flat_map(|it| ["--kube-context", it]));
        let said = preflight(&arguments);
        let gap = said.gap("clusters.local.kubernetes");
        assert!(gap["remedy"].as_str().unwrap().contains(says), "{gap}");
    }
}

#[test]
fn wrong_files_and_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let twice = fs::read_to_string(PAIR).unwrap();
    let twice = format!("{twice}---\n{twice}");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
    for (text, says) in [
        ("spec:\n  a: [\n", "line"),
        ("a: b\n", "no object of Kubernetes"),
        (service, "no Elasticsearch resource"),
        (twice.as_str(), "twice"),
    ] {
        let path = file(folder.path(), text);
        let error = refused(&["--kubernetes", &path]);
        assert!(error.contains(says), "{text}: {error}");
    }
    for (arguments, says) in [
        (&["--kubernetes", "tests/nowhere.yaml"][..], "no such file"),
        (
            &["--kubernetes", PAIR, "--local-kubernetes", "ns1/other"],
            "hold ns1/cluster1",
        ),
        (&["--local-kubernetes", "cluster1"], "NAMESPACE/NAME"),
    ] {
        let error = refused(arguments);
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
}

#[test]
fn a_dry_run_names_every_call() {
    let output = Command::cargo_bin("crosscheck")
        .unwrap()
        .env_clear()
        .args([
            "preflight",
            "--dry-run",
            "--local-kubernetes",
            "ns1/cluster1",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for call in [
        "/elasticsearches/cluster1",
        "/services",
        "/networkpolicies",
        "/secrets/<secureSettings>",
    ] {
        assert!(text.contains(call), "{text}");
    }
}
