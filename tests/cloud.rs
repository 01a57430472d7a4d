//! The control plane, asked by the program itself: a server on loopback gives the documented shapes
//! (`OpenAPI` document of the deployments API; `null` for absent arrays as a real answer of 2025 has it).

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "filled/layer.rs"]
mod layer;
#[path = "http/stand_in.rs"]
mod stand_in;

use std::collections::BTreeMap;

use assert_cmd::Command;
use crosscheck::evidence::Evidence;
use serde_json::{Value, json};
use stand_in::StandIn;

const LOCAL: &str = "61042f21dbfb4a2c87627998bded9e04";
const LOCAL_CLUSTER: &str = "9b2c80e3248b40f78d3014f54e642c9b";
const REMOTE: &str = "a55a1d3b7ae94a1e8b9f6f00d4c1a111";
const REMOTE_CLUSTER: &str = "5c1c9b2a7f0d4e0fa3c2d1e0f9a8b7c6";
const KEY: &str = "Y2xvdWQ6Y2FuYXJ5LXNlY3JldA==";

/// A control plane: bodies by path, and what it was asked.
struct ControlPlane(StandIn);

impl ControlPlane {
    fn start(answers: BTreeMap<String, Value>) -> Self {
        Self(StandIn::start(move |path, head| {
            answer(&answers, path, head)
        }))
    }

    fn asked(&self) -> Vec<String> {
        self.0.asked()
    }

    fn preflight(&self, arguments: &[&str]) -> Value {
        let output = Command::cargo_bin("crosscheck")
            .unwrap()
            .env_clear()
            .env("CROSSCHECK_CLOUD_API_KEY", KEY)
            .args(["preflight", "--alias", "bee", "--format", "json"])
            .args(["--cloud-url", &self.0.url])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains(KEY));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn answer(answers: &BTreeMap<String, Value>, path: &str, head: &[String]) -> (u64, Value) {
    let known = head.iter().any(|it| it.ends_with(&format!("ApiKey {KEY}")));
    match answers.get(path) {
        _ if !known => (401, refusal("root.unauthenticated")),
        Some(body) => (200, body.clone()),
        None => (404, refusal("deployments.deployment_not_found")),
    }
}

fn refusal(code: &str) -> Value {
    json!({"errors": [{"code": code, "message": "said the control plane"}]})
}

fn trusting(organization: &str, cluster: &str) -> Value {
    json!({"account_id": organization, "trust_all": false, "trust_allowlist": [cluster]})
}

/// An environment that is trusted by its CA (`DirectTrustRelationship` of the document).
fn elsewhere() -> Value {
    json!({
        "name": "own nodes", "type": "generic", "scope_id": null, "trust_all": false,
        "trust_allowlist": null, "additional_node_names": ["node-1.example.org"],
        "certificates": [{"pem": "", "metadata": {"fingerprint": "ab:cd",
            "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2046-01-01T00:00:00Z"}}],
    })
}

fn deployment(id: &str, cluster: &str, name: &str, organization: &str, trust: &[Value]) -> Value {
    let own = json!({"account_id": organization, "trust_all": true, "trust_allowlist": null});
    let accounts: Vec<Value> = std::iter::once(own).chain(trust.iter().cloned()).collect();
    let info = json!({
        "cluster_id": cluster, "cluster_name": name, "status": "started", "healthy": true,
        "plan_info": {"healthy": true},
        "topology": {"instances": [{"service_version": "9.4.3"}]},
        "metadata": {"endpoint": format!("{cluster}.eu-west-1.aws.found.io")},
        "settings": {"trust": {"accounts": accounts, "external": null, "direct": [elsewhere()]}},
    });
    json!({
        "id": id, "name": name, "healthy": true,
        "metadata": {"organization_id": organization, "system_owned": false},
        "resources": {"elasticsearch": [
            {"ref_id": "main-elasticsearch", "id": cluster, "region": "aws-eu-west-1", "info": info}
        ]},
    })
}

/// Two deployments of two organisations that trust each other, and a policy that admits the local one.
fn pair() -> BTreeMap<String, Value> {
    let listed = |id: &str, cluster: &str| {
        json!({"id": id, "name": id, "resources": [
            {"ref_id": "main-elasticsearch", "id": cluster, "kind": "elasticsearch", "region": "aws-eu-west-1"}
        ]})
    };
    let mut answers = BTreeMap::from([
        (
            "/api/v1/deployments".to_owned(),
            json!({"deployments": [listed(LOCAL, LOCAL_CLUSTER), listed(REMOTE, REMOTE_CLUSTER)]}),
        ),
        (
            format!("/api/v1/deployments/{LOCAL}"),
            deployment(
                LOCAL,
                LOCAL_CLUSTER,
                "a",
                "1053523734",
                &[trusting("803289842", REMOTE_CLUSTER)],
            ),
        ),
        (
            format!("/api/v1/deployments/{REMOTE}"),
            deployment(
                REMOTE,
                REMOTE_CLUSTER,
                "b",
                "803289842",
                &[trusting("1053523734", LOCAL_CLUSTER)],
            ),
        ),
        (
            "/api/v1/deployments/traffic-filter/rulesets".to_owned(),
            json!({"rulesets": [policy(LOCAL_CLUSTER)]}),
        ),
    ]);
    for id in [LOCAL, REMOTE] {
        let below = format!("/api/v1/deployments/{id}/elasticsearch/main-elasticsearch");
        answers.insert(
            format!("{below}/keystore"),
            json!({"secrets": {"cluster.remote.bee.credentials": {"as_file": false}}}),
        );
        // `RemoteResources` of the document.
        let other = if id == LOCAL { REMOTE } else { LOCAL };
        answers.insert(
            format!("{below}/remote-clusters"),
            json!({"resources": [{
                "deployment_id": other, "elasticsearch_ref_id": "main-elasticsearch", "alias": "bee",
                "skip_unavailable": true, "info": {"healthy": true, "connected": true,
                    "compatible": true, "trusted": true, "trusted_back": true},
            }]}),
        );
    }
    answers
}

fn policy(cluster: &str) -> Value {
    json!({
        "id": "5470a0010ebf437bb9294ea9fcba0ba0", "name": "from a", "type": "remote_cluster",
        "region": "aws-eu-west-1", "include_by_default": false, "total_associations": 1,
        "associations": [{"entity_type": "deployment", "id": REMOTE}],
        "rules": [{"remote_cluster_id": cluster, "remote_cluster_org_id": "1053523734"}],
    })
}

const BOTH: [&str; 4] = ["--local-deployment", LOCAL, "--remote-deployment", REMOTE];

fn outcome<'a>(report: &'a Value, code: &str) -> &'a str {
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["code"] == code);
    finding.map_or("absent", |it| it["outcome"].as_str().unwrap())
}

#[test]
fn a_pair_that_trusts_each_other_has_no_fault_of_trust_or_policy() {
    let plane = ControlPlane::start(pair());
    let folder = tempfile::tempdir().unwrap();
    let mut seen: Vec<Evidence> = Vec::new();
    for (model, codes) in [
        (
            "certificate",
            [
                "trust/remote-not-trusted",
                "trust/not-trusted-back",
                "trust/nobody-listed",
            ],
        ),
        (
            "api-key",
            [
                "network-security/not-admitted",
                "network-security/wrong-id",
                "network-security/not-attached",
            ],
        ),
    ] {
        let file = folder.path().join(model).display().to_string();
        let arguments = [&BOTH[..], &["--model", model, "--save-evidence", &file]].concat();
        let report = plane.preflight(&arguments);
        for code in codes {
            assert_eq!(outcome(&report, code), "pass", "{code}: {report:#}");
        }
        let evidence: Evidence = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(evidence.calls.len(), 10, "the calls of both are listed");
        seen.push(evidence);
    }
    layer::hold("control-plane", &seen);
    for request in plane.asked() {
        assert!(request.starts_with("GET /api/v1/deployments"), "{request}");
    }
}

#[test]
fn a_deployment_is_found_by_its_cluster_id() {
    let plane = ControlPlane::start(pair());
    let endpoint = format!("{REMOTE_CLUSTER}.eu-west-1.aws.found.io:9443");
    let report = plane.preflight(&[
        "--local-deployment",
        LOCAL_CLUSTER,
        "--remote-deployment",
        &endpoint,
        "--model",
        "certificate",
    ]);
    assert_eq!(outcome(&report, "trust/remote-not-trusted"), "pass");
}

#[test]
fn a_deployment_id_in_the_list_of_trusted_clusters_is_told() {
    let mut answers = pair();
    answers.insert(
        format!("/api/v1/deployments/{LOCAL}"),
        deployment(
            LOCAL,
            LOCAL_CLUSTER,
            "a",
            "1053523734",
            &[trusting("803289842", REMOTE)],
        ),
    );
    let plane = ControlPlane::start(answers);
    let report = plane.preflight(&[&BOTH[..], &["--model", "certificate"]].concat());
    assert_eq!(outcome(&report, "trust/deployment-id-listed"), "fail");
    assert_eq!(
        report["links"][0]["root_cause"],
        "trust/deployment-id-listed"
    );
    let text = report.to_string();
    assert!(text.contains(REMOTE_CLUSTER), "the right ID is in the fix");
}

#[test]
fn a_policy_for_the_wrong_cluster_is_told() {
    let mut answers = pair();
    answers.insert(
        "/api/v1/deployments/traffic-filter/rulesets".to_owned(),
        json!({"rulesets": [policy(REMOTE_CLUSTER)]}),
    );
    let plane = ControlPlane::start(answers);
    let report = plane.preflight(&[&BOTH[..], &["--model", "api-key"]].concat());
    assert_eq!(
        report["links"][0]["root_cause"],
        "network-security/wrong-id"
    );
}

#[test]
fn what_the_control_plane_refuses_is_a_gap() {
    let mut answers = pair();
    answers.remove(&format!(
        "/api/v1/deployments/{LOCAL}/elasticsearch/main-elasticsearch/keystore"
    ));
    let plane = ControlPlane::start(answers);
    let report = plane.preflight(&[&BOTH[..], &["--model", "api-key"]].concat());
    let gaps = report["gaps"].as_array().unwrap();
    let gap = gaps
        .iter()
        .find(|it| it["path"] == "clusters.local.deployment.keystore");
    let reason = gap.unwrap()["reason"].as_str().unwrap();
    assert!(
        reason.contains("404 deployments.deployment_not_found"),
        "{reason}"
    );

    let report = plane.preflight(&[
        "--local-deployment",
        "00000000000040008000000000000000",
        "--model",
        "certificate",
    ]);
    assert!(
        report
            .to_string()
            .contains("no deployment that this key may see")
    );
}

#[test]
fn wrong_ids_and_a_missing_key_are_wrong_usage() {
    for (arguments, says) in [
        (
            ["--local-deployment", "1053523734"],
            "it is an organisation ID",
        ),
        (
            ["--remote-deployment", "2cTHeCQYS2a0iH7YnQHrIQ"],
            "UUID of a cluster",
        ),
        (["--local-deployment", LOCAL], "CROSSCHECK_CLOUD_API_KEY"),
    ] {
        let output = Command::cargo_bin("crosscheck")
            .unwrap()
            .env_clear()
            .args(["preflight", "--alias", "bee"])
            .args(arguments)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says), "{told}");
    }
}
