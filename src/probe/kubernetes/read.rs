//! Kubernetes objects, wherever they came from, read into the evidence. Secrets are looked at by their
//! names and the names of their entries alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Told;
use crate::config::plan::ResourceName;
use crate::evidence::{
    DeclaredRemote, ElasticsearchResource, Fact, IssuedKey, ResourceEvent, SecureSettings,
};

mod nodes;
mod policies;
mod services;

/// API group of the operator's Elasticsearch resources.
pub(super) const GROUP: &str = "elasticsearch.k8s.elastic.co";

const MANAGED: &str = "elasticsearch.k8s.elastic.co/managed-remote-clusters";
const ISSUED: &str = "elasticsearch.k8s.elastic.co/remote-cluster-api-keys";
const OPERATOR_VERSION: &str = "common.k8s.elastic.co/controller-version";

/// Reads a resource and what is around it; `None` where it is not among the objects.
pub(super) fn resource(told: &Told, name: &ResourceName) -> Option<ElasticsearchResource> {
    let objects = &told.objects;
    let resource = resources(objects).find(|(it, _)| it == name)?.1;
    let spec = &resource["spec"];
    let status = &resource["status"];
    let node_sets = nodes::node_sets(spec);
    let own = |kind| objects.iter().filter(move |it| is(it, kind, name));
    let secrets: Vec<&Value> = own("Secret").collect();
    let secrets_known = told.lists("Secret", &name.namespace);
    let issued = format!("{}-es-remote-api-keys", name.name);
    let issued = named(&secrets, &issued);
    let found = ElasticsearchResource {
        namespace: name.namespace.clone(),
        name: name.name.clone(),
        kubernetes_id: kubernetes_id(objects).into(),
        version: text(&spec["version"]).into(),
        running_version: text(&status["version"]).into(),
        phase: text(&status["phase"]).into(),
        health: text(&status["health"]).into(),
        operator_version: operator_version(objects, resource).into(),
        operator_license: operator_license(objects).into(),
        remote_clusters: remote_clusters(spec, &name.namespace),
        managed_aliases: managed_aliases(resource),
        issued_keys: match issued {
            Some(secret) => Fact::Known(issued_keys(secret)),
            None if secrets_known => Fact::Known(BTreeMap::new()),
            None => Fact::Unknown,
        },
        remote_cluster_server: spec["remoteClusterServer"]["enabled"] == true,
        makes_certificates: spec
            .pointer("/transport/tls/selfSignedCertificates/disabled")
            .is_none_or(|it| it != true),
        trusted_authorities: spec
            .pointer("/transport/tls/certificateAuthorities/configMapName")
            .and_then(text)
            .filter(|it| !it.is_empty()),
        secure_settings: secure_settings(spec, &secrets, secrets_known),
        services: when(told.lists("Service", &name.namespace), || {
            let services = own("Service").filter_map(|it| services::service(it, name, &node_sets));
            services.collect()
        }),
        network_policies: when(told.lists("NetworkPolicy", &name.namespace), || {
            let policies = own("NetworkPolicy").filter_map(|it| policies::policy(it, name));
            policies.collect()
        }),
        events: when(told.lists("Event", &name.namespace), || {
            own("Event")
                .filter_map(|it| event(it, &name.name))
                .collect()
        }),
        node_sets,
    };
    Some(found)
}

/// The Elasticsearch resources among objects, with their names.
pub(super) fn resources(objects: &[Value]) -> impl Iterator<Item = (ResourceName, &Value)> {
    objects.iter().filter_map(|it| {
        let version = it["apiVersion"].as_str()?;
        (it["kind"] == "Elasticsearch" && version.starts_with(GROUP)).then_some(())?;
        let name = ResourceName {
            namespace: namespace(it).to_owned(),
            name: text(&it["metadata"]["name"])?,
        };
        Some((name, it))
    })
}

/// Remotes that a resource declares.
pub(super) fn remote_clusters(spec: &Value, namespace: &str) -> Vec<DeclaredRemote> {
    let declared = spec["remoteClusters"].as_array().into_iter().flatten();
    declared
        .filter_map(|it| {
            let target = &it["elasticsearchRef"];
            let namespace = text(&target["namespace"])
                .filter(|it| !it.is_empty())
                .unwrap_or_else(|| namespace.to_owned());
            let name = text(&target["name"]).filter(|it| !it.is_empty())?;
            let api_key = it["apiKey"].is_object();
            let (service, port) = if api_key {
                ("remote-cluster", 9443)
            } else {
                ("transport", 9300)
            };
            Some(DeclaredRemote {
                alias: text(&it["name"])?,
                seed: Fact::Known(format!("{name}-es-{service}.{namespace}.svc:{port}")),
                namespace,
                name,
                api_key,
            })
        })
        .collect()
}

/// Names of the Secrets that a resource takes keystore entries from.
pub(super) fn secure_secrets(spec: &Value) -> Vec<String> {
    let sources = spec["secureSettings"].as_array().into_iter().flatten();
    sources.filter_map(|it| text(&it["secretName"])).collect()
}

fn secure_settings(spec: &Value, secrets: &[&Value], complete: bool) -> Vec<SecureSettings> {
    let sources = spec["secureSettings"].as_array().into_iter().flatten();
    sources
        .filter_map(|source| {
            let secret_name = text(&source["secretName"])?;
            let found = named(secrets, &secret_name);
            // Entries name what is taken; without them all of the Secret is.
            let names = source["entries"]
                .as_array()
                .filter(|it| !it.is_empty())
                .map(|entries| {
                    let name = |it: &Value| text(&it["path"]).or_else(|| text(&it["key"]));
                    entries.iter().filter_map(name).collect()
                })
                .or_else(|| found.and_then(entry_names));
            Some(SecureSettings {
                secret_name,
                exists: match found {
                    Some(_) => Fact::Known(true),
                    None if complete => Fact::Known(false),
                    None => Fact::Unknown,
                },
                names: names.into(),
            })
        })
        .collect()
}

/// Names of the entries of a Secret: its own, or those that its managers say they set. Metadata alone
/// tells the latter, so that no value has to be sent.
fn entry_names(secret: &Value) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut known = false;
    for part in ["data", "stringData"] {
        if let Some(entries) = secret[part].as_object() {
            known = true;
            names.extend(entries.keys().cloned());
        }
    }
    let managers = secret["metadata"]["managedFields"].as_array();
    for manager in managers.into_iter().flatten() {
        for part in ["f:data", "f:stringData"] {
            let entries = manager["fieldsV1"][part].as_object();
            known |= entries.is_some();
            let keys = entries.into_iter().flat_map(Map::keys);
            names.extend(
                keys.filter_map(|it| it.strip_prefix("f:"))
                    .map(str::to_owned),
            );
        }
    }
    names.sort();
    names.dedup();
    known.then_some(names)
}

fn issued_keys(secret: &Value) -> BTreeMap<String, IssuedKey> {
    let keys = annotation(secret, ISSUED).unwrap_or_default();
    serde_json::from_str(keys).unwrap_or_default()
}

fn managed_aliases(resource: &Value) -> Vec<String> {
    let managed = annotation(resource, MANAGED).unwrap_or_default();
    let aliases = managed.split(',').map(str::trim);
    aliases
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The tag of the operator's image, or what older operators note at the resource.
fn operator_version(objects: &[Value], resource: &Value) -> Option<String> {
    let operators = objects
        .iter()
        .filter(|it| matches!(it["kind"].as_str(), Some("StatefulSet" | "Deployment")));
    let mut images = operators.filter_map(|it| {
        let containers = it.pointer("/spec/template/spec/containers")?.as_array()?;
        containers.iter().find_map(|it| it["image"].as_str())
    });
    let tag = |image: &str| {
        let (image, tag) = image.split('@').next()?.rsplit_once(':')?;
        image.contains("eck-operator").then(|| tag.to_owned())
    };
    images
        .find_map(tag)
        .or_else(|| annotation(resource, OPERATOR_VERSION).map(str::to_owned))
}

fn operator_license(objects: &[Value]) -> Option<String> {
    let mut maps = objects
        .iter()
        .filter(|it| it["kind"] == "ConfigMap" && it["metadata"]["name"] == "elastic-licensing");
    text(&maps.next()?["data"]["eck_license_level"]).filter(|it| !it.is_empty())
}

fn kubernetes_id(objects: &[Value]) -> Option<String> {
    let mut namespaces = objects
        .iter()
        .filter(|it| it["kind"] == "Namespace" && it["metadata"]["name"] == "kube-system");
    text(&namespaces.next()?["metadata"]["uid"])
}

/// An event of either API (`v1`, `events.k8s.io/v1`) about the resource.
fn event(event: &Value, name: &str) -> Option<ResourceEvent> {
    let about = [&event["involvedObject"], &event["regarding"]];
    about
        .iter()
        .any(|it| it["kind"] == "Elasticsearch" && it["name"] == name)
        .then_some(())?;
    let moments = [
        "/series/lastObservedTime",
        "/deprecatedLastTimestamp",
        "/lastTimestamp",
        "/eventTime",
        "/metadata/creationTimestamp",
    ];
    let mut moments = moments.iter().filter_map(|it| event.pointer(it)?.as_str());
    Some(ResourceEvent {
        reason: text(&event["reason"]).unwrap_or_default(),
        message: text(&event["message"]).or_else(|| text(&event["note"]))?,
        last: moments.find_map(|it| it.parse::<Timestamp>().ok()),
    })
}

/// Of some that need not be all nothing is said: that none of them does something would be no fact.
fn when<T>(complete: bool, read: impl FnOnce() -> Vec<T>) -> Fact<Vec<T>> {
    complete.then(read).into()
}

/// Whether an object is of a kind and stands in the namespace.
fn is(object: &Value, kind: &str, name: &ResourceName) -> bool {
    object["kind"] == kind && namespace(object) == name.namespace
}

fn named<'a>(objects: &[&'a Value], name: &str) -> Option<&'a Value> {
    let mut objects = objects.iter();
    objects
        .find(|it| it["metadata"]["name"] == name)
        .map(|it| &**it)
}

/// Manifests may leave it to the context.
fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"]
        .as_str()
        .unwrap_or("default")
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"].get(name)?.as_str()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Labels that the operator gives to the nodes' pods, as far as selectors can be held against them:
/// `None` for a label that is not the operator's.
fn operator_label(key: &str, value: &Value, name: &ResourceName) -> Option<bool> {
    match key {
        "common.k8s.elastic.co/type" => Some(value == "elasticsearch"),
        "elasticsearch.k8s.elastic.co/cluster-name" => Some(*value == *name.name),
        _ => None,
    }
}
