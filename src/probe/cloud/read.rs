//! Answers of the control plane, read into evidence. Absent arrays come as `null`.

use serde_json::Value;

use crate::evidence::{
    Deployment, Fact, KeystoreEntry, ManagedRemote, NetworkPolicy, NetworkRule, Sibling, TrustKind,
    TrustedCertificate, TrustedEnvironment,
};

use super::super::elasticsearch::values::{at, boolean, text, texts};

/// `GET /deployments/{id}`; `None` where it has no Elasticsearch resource.
pub(super) fn deployment(body: &Value) -> Option<Deployment> {
    let resource = list(body, &["resources", "elasticsearch"]).next()?;
    let info = |path: &[&str]| {
        let whole: Vec<&str> = std::iter::once("info")
            .chain(path.iter().copied())
            .collect();
        at(resource, &whole)
    };
    let instances = list(resource, &["info", "topology", "instances"]);
    let mut versions: Vec<String> = instances
        .filter_map(|it| text(it, &["service_version"]))
        .collect();
    versions.sort();
    versions.dedup();
    let hosts = ["endpoint", "aliased_endpoint"];
    Some(Deployment {
        id: text(body, &["id"])?,
        name: text(body, &["name"])?,
        elasticsearch_id: text(resource, &["info", "cluster_id"])
            .or_else(|| text(resource, &["id"]))?,
        ref_id: text(resource, &["ref_id"])?,
        region: text(resource, &["region"])?,
        organization_id: text(body, &["metadata", "organization_id"])
            .or_else(|| {
                text(
                    resource,
                    &["info", "settings", "metadata", "organization_id"],
                )
            })
            .into(),
        endpoints: hosts
            .iter()
            .filter_map(|host| text(resource, &["info", "metadata", host]))
            .collect(),
        healthy: boolean(body, &["healthy"]).into(),
        status: text(resource, &["info", "status"]).into(),
        change_pending: info(&["plan_info"])
            .map(|plans| at(plans, &["pending"]).is_some())
            .into(),
        versions: Some(versions).filter(|it| !it.is_empty()).into(),
        system_owned: boolean(body, &["metadata", "system_owned"]).into(),
        // Without settings in the answer nothing is known of trust.
        trust: info(&["settings"])
            .map(|settings| at(settings, &["trust"]).map(trust))
            .into(),
        ..Deployment::default()
    })
}

fn trust(trust: &Value) -> Vec<TrustedEnvironment> {
    let accounts = list(trust, &["accounts"])
        .map(|it| environment(it, TrustKind::Account, text(it, &["account_id"])));
    let external = list(trust, &["external"]).map(|it| {
        environment(
            it,
            TrustKind::External,
            text(it, &["trust_relationship_id"]),
        )
    });
    let direct = list(trust, &["direct"]).map(|it| {
        let kind = match text(it, &["type"]).as_deref() {
            Some("proxy") => TrustKind::Proxy,
            _ => TrustKind::Direct,
        };
        environment(it, kind, text(it, &["scope_id"]))
    });
    accounts.chain(external).chain(direct).collect()
}

fn environment(entry: &Value, kind: TrustKind, id: Option<String>) -> TrustedEnvironment {
    TrustedEnvironment {
        kind,
        id,
        name: text(entry, &["name"]),
        all: boolean(entry, &["trust_all"]).unwrap_or(false),
        allowed: texts(entry, &["trust_allowlist"]).unwrap_or_default(),
        node_names: texts(entry, &["additional_node_names"]).unwrap_or_default(),
        certificates: list(entry, &["certificates"])
            .map(|it| TrustedCertificate {
                fingerprint: text(it, &["metadata", "fingerprint"]),
                valid_to: text(it, &["metadata", "valid_to"]).and_then(|it| it.parse().ok()),
            })
            .collect(),
    }
}

/// `GET …/keystore`.
pub(super) fn keystore(body: &Value) -> Fact<Vec<KeystoreEntry>> {
    let secrets = at(body, &["secrets"]).and_then(Value::as_object);
    let entries = secrets.map(|all| {
        all.iter()
            .map(|(name, it)| KeystoreEntry {
                name: name.clone(),
                as_file: boolean(it, &["as_file"]).unwrap_or(false),
            })
            .collect()
    });
    entries.into()
}

/// `GET …/remote-clusters`.
pub(super) fn managed_remotes(body: &Value) -> Fact<Vec<ManagedRemote>> {
    at(body, &["resources"])
        .map(|_| {
            list(body, &["resources"])
                .filter_map(|it| {
                    let info = |name| boolean(it, &["info", name]);
                    Some(ManagedRemote {
                        alias: text(it, &["alias"])?,
                        deployment_id: text(it, &["deployment_id"])?,
                        trusted: info("trusted"),
                        trusted_back: info("trusted_back"),
                        compatible: info("compatible"),
                    })
                })
                .collect()
        })
        .into()
}

/// `GET /deployments/traffic-filter/rulesets`. An association names a deployment, or its
/// Elasticsearch resource.
pub(super) fn policies(body: &Value, deployment: &Deployment) -> Fact<Vec<NetworkPolicy>> {
    at(body, &["rulesets"])
        .map(|_| {
            list(body, &["rulesets"])
                .filter_map(|it| policy(it, deployment))
                .collect()
        })
        .into()
}

fn policy(ruleset: &Value, deployment: &Deployment) -> Option<NetworkPolicy> {
    let mut associated = list(ruleset, &["associations"]).filter_map(|it| text(it, &["id"]));
    Some(NetworkPolicy {
        id: text(ruleset, &["id"])?,
        name: text(ruleset, &["name"])?,
        kind: text(ruleset, &["type"])?,
        region: text(ruleset, &["region"])?,
        attached: associated.any(|id| id == deployment.id || id == deployment.elasticsearch_id),
        rules: list(ruleset, &["rules"])
            .map(|it| NetworkRule {
                source: text(it, &["source"]),
                remote_cluster_id: text(it, &["remote_cluster_id"]),
                remote_cluster_org_id: text(it, &["remote_cluster_org_id"]),
            })
            .collect(),
    })
}

/// `GET /deployments`.
pub(super) fn siblings(body: &Value) -> Option<Vec<Sibling>> {
    at(body, &["deployments"])?;
    let all = list(body, &["deployments"]).filter_map(|it| {
        let mut resources = list(it, &["resources"]);
        let elasticsearch =
            resources.find(|it| text(it, &["kind"]).as_deref() == Some("elasticsearch"));
        Some(Sibling {
            id: text(it, &["id"])?,
            name: text(it, &["name"])?,
            elasticsearch_id: elasticsearch.and_then(|it| text(it, &["id"])),
        })
    });
    Some(all.collect())
}

/// Codes and messages of a refusal (`BasicFailedReply`).
pub(super) fn errors(body: &Value) -> Option<String> {
    let all: Vec<String> = list(body, &["errors"])
        .filter_map(|it| {
            let code = text(it, &["code"])?;
            Some(match text(it, &["message"]) {
                Some(message) => format!("{code}: {message}"),
                None => code,
            })
        })
        .collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn list<'a>(value: &'a Value, path: &[&str]) -> impl Iterator<Item = &'a Value> {
    at(value, path)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
