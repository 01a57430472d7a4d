use serde_json::{Value, json};

use super::*;
use crate::evidence::TrustKind;

const DEPLOYMENT: &str = "61042f21dbfb4a2c87627998bded9e04";
const CLUSTER: &str = "9b2c80e3248b40f78d3014f54e642c9b";

fn answer(call: Call, status: u16, body: Value) -> Arc<Answer> {
    Arc::new(Answer {
        question: Question::Cloud(call),
        node: None,
        outcome: Ok(Reply {
            status,
            product: false,
            location: None,
            body: Body::Json(body),
        }),
        took_ms: 1,
    })
}

fn id() -> String {
    DEPLOYMENT.into()
}

fn ref_id() -> String {
    "main-elasticsearch".into()
}

fn trust() -> Value {
    json!({
        "accounts": [{"account_id": "554443047", "trust_all": true, "trust_allowlist": null}],
        "external": null,
        "direct": [
            {"uid": "x", "name": "own nodes", "type": "generic", "trust_all": false,
             "trust_allowlist": [CLUSTER], "scope_id": "mine",
             "certificates": [{"pem": "…", "metadata":
                {"fingerprint": "AB", "valid_from": "2020-01-01T00:00:00Z",
                 "valid_to": "2030-01-01T00:00:00Z"}}]},
            {"uid": "y", "name": "proxy", "type": "proxy", "trust_all": false},
        ],
    })
}

/// Shape: `DeploymentGetResponse` of the published `OpenAPI` document, with `null` for absent arrays as
/// a real answer of 2025 has it.
fn deployment() -> Value {
    json!({
        "id": DEPLOYMENT, "name": "prod", "healthy": true,
        "metadata": {"organization_id": "554443047", "owner_id": "593963315", "system_owned": false},
        "resources": {"kibana": [], "elasticsearch": [{
            "ref_id": "main-elasticsearch", "id": CLUSTER, "region": "aws-eu-west-1",
            "info": {
                "cluster_id": CLUSTER, "cluster_name": "prod", "status": "started", "healthy": true,
                "plan_info": {"healthy": true, "pending": null},
                "topology": {"instances": [
                    {"service_version": "9.0.1"}, {"service_version": "8.19.0"},
                    {"service_version": "9.0.1"},
                ]},
                "metadata": {"endpoint": format!("{CLUSTER}.eu-west-1.aws.found.io")},
                "settings": {"trust": trust()},
            },
        }]},
    })
}

#[test]
fn a_deployment_is_read_whole() {
    let rulesets = json!({"rulesets": [{
        "id": "r", "name": "from a", "type": "remote_cluster", "region": "aws-eu-west-1",
        "include_by_default": false,
        "rules": [{"remote_cluster_org_id": "1053523734", "remote_cluster_id": null}],
        "associations": [{"entity_type": "deployment", "id": DEPLOYMENT}], "total_associations": 1,
    }, {
        "id": "s", "name": "office", "type": "ip", "region": "aws-eu-west-1", "rules": null,
        "include_by_default": false,
    }]});
    let answers = [
        answer(Call::Deployment { id: id() }, 200, deployment()),
        answer(
            Call::Keystore {
                id: id(),
                ref_id: ref_id(),
            },
            200,
            json!({"secrets": {"cluster.remote.bee.credentials": {"as_file": false}}}),
        ),
        answer(
            Call::Remotes {
                id: id(),
                ref_id: ref_id(),
            },
            200,
            json!({"resources": [{"deployment_id": "d", "elasticsearch_ref_id": "m", "alias": "bee",
                "info": {"healthy": true, "connected": false, "compatible": true, "trusted": true,
                    "trusted_back": false}}]}),
        ),
        answer(
            Call::Policies {
                region: "aws-eu-west-1".into(),
            },
            200,
            rulesets,
        ),
        answer(
            Call::Deployments,
            200,
            json!({"deployments": [{"id": "other", "name": "b", "resources":
                [{"ref_id": "m", "id": "their cluster", "kind": "elasticsearch", "region": "r"}]}]}),
        ),
    ];
    let told = told(&answers, &DeploymentName::Id(id()));
    assert!(told.gaps.is_empty(), "{:?}", told.gaps);
    let deployment = told.deployment.into_known().flatten().unwrap();
    assert_eq!(deployment.elasticsearch_id, CLUSTER);
    assert_eq!(deployment.organization_id, Fact::Known("554443047".into()));
    assert_eq!(
        deployment.versions,
        Fact::Known(vec!["8.19.0".into(), "9.0.1".into()])
    );
    assert_eq!(deployment.change_pending, Fact::Known(false));
    let trust = deployment.trust.into_known().flatten().unwrap();
    let kinds: Vec<_> = trust.iter().map(|it| (it.kind, it.all)).collect();
    assert_eq!(
        kinds,
        [
            (TrustKind::Account, true),
            (TrustKind::Direct, false),
            (TrustKind::Proxy, false)
        ]
    );
    assert_eq!(trust[1].allowed, [CLUSTER]);
    assert!(trust[1].certificates[0].valid_to.is_some());
    let policies = deployment.policies.into_known().unwrap();
    let attached: Vec<bool> = policies.iter().map(|it| it.attached).collect();
    assert_eq!(attached, [true, false]);
    let remotes = deployment.managed_remotes.into_known().unwrap();
    assert_eq!(remotes[0].trusted_back, Some(false));
    let siblings = deployment.siblings.into_known().unwrap();
    assert_eq!(
        siblings[0].elasticsearch_id.as_deref(),
        Some("their cluster")
    );
}

#[test]
fn what_may_not_be_read_is_a_gap_with_the_words_of_the_control_plane() {
    let denied = json!({"errors": [{"code": "root.permission_denied", "message": "To access …"}]});
    let mut without_settings = deployment();
    without_settings["resources"]["elasticsearch"][0]["info"]["settings"] = Value::Null;
    let answers = [
        answer(Call::Deployment { id: id() }, 200, without_settings),
        answer(
            Call::Keystore {
                id: id(),
                ref_id: ref_id(),
            },
            403,
            denied,
        ),
    ];
    let told = told(&answers, &DeploymentName::Id(id()));
    let of = |field| told.gaps.iter().find(|it| it.field == field).unwrap();
    assert!(of("keystore").reason.contains("403 root.permission_denied"));
    assert!(of("keystore").remedy.contains("Viewer"));
    assert!(of("policies").reason.contains("ended before"));
    assert!(of("trust").reason.contains("could not be read"));
}

#[test]
fn an_id_that_nobody_has_is_known_to_be_none_and_a_refusal_is_not() {
    let name = DeploymentName::Id(id());
    let missing = json!({"errors": [{"code": "deployments.deployment_not_found", "message": "x"}]});
    let answers = [
        answer(Call::Deployment { id: id() }, 404, missing),
        answer(Call::Deployments, 200, json!({"deployments": []})),
    ];
    assert_eq!(told(&answers, &name).deployment, Fact::Known(None));
    let refused = json!({"errors": [{"code": "root.unauthenticated", "message": "x"}]});
    let answers = [answer(Call::Deployment { id: id() }, 401, refused)];
    let told = told(&answers, &name);
    assert_eq!(told.deployment, Fact::Unknown);
    assert!(told.gaps[0].reason.contains("root.unauthenticated"));
    assert!(told.gaps[0].remedy.contains("--cloud-api-key-file"));
}
