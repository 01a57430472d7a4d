//! Elastic Cloud on Kubernetes: what Kubernetes tells of a cluster that no node tells. It is only read,
//! and of Secrets nothing but metadata is asked for.
//!
//! Objects come from the API, from manifests or from archives; [`read`] makes the same evidence of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assemble::Open;
use crate::config::plan::ResourceName;
use crate::evidence::{DeclaredRemote, ElasticsearchResource, Fact};

mod call;
mod client;
mod live;
mod read;

pub use call::{Call, planned};
pub(super) use live::{ask, remote_of};

/// Objects of Kubernetes, and how complete they are.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The objects, without the values of Secrets.
    pub objects: Vec<Value>,
    /// Kind and namespace of which all objects are there.
    pub complete: BTreeSet<(String, String)>,
    /// What was asked for and not told, by kind.
    pub refused: Vec<Refused>,
    /// Calls that were made.
    pub calls: Vec<crate::evidence::Call>,
    /// Where it comes from.
    pub by: ToldBy,
}

/// Where objects come from: what brings those that are not there depends on it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ToldBy {
    /// The API.
    #[default]
    Api,
    /// An archive of eck-diagnostics.
    Archive,
    /// Files that were named with `--kubernetes`.
    Manifests,
}

/// Something that Kubernetes did not tell.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Kind of the objects.
    pub kind: &'static str,
    /// The call.
    pub probe: String,
    /// Why not.
    pub reason: String,
    /// What would help.
    pub remedy: String,
}

impl Told {
    /// Whether all objects of a kind in a namespace are there.
    fn lists(&self, kind: &str, namespace: &str) -> bool {
        let key = (kind.to_owned(), namespace.to_owned());
        self.complete.contains(&key)
    }

    /// The Elasticsearch resources among the objects, with the remotes that each declares.
    pub fn resources(&self) -> Vec<(ResourceName, Vec<DeclaredRemote>)> {
        read::resources(&self.objects)
            .map(|(name, it)| {
                let remotes = read::remote_clusters(&it["spec"], &name.namespace);
                (name, remotes)
            })
            .collect()
    }
}

/// What is known of a resource, and what is not.
#[derive(Debug)]
pub(super) struct Read {
    /// The resource; `null` where Kubernetes has none of that name.
    pub(super) resource: Fact<Option<ElasticsearchResource>>,
    /// Fields that are unknown, all of it for an empty name.
    pub(super) gaps: Vec<Open>,
}

/// Reads what was told of a resource.
pub(super) fn read(told: &Told, name: &ResourceName) -> Read {
    let Some(resource) = read::resource(told, name) else {
        let refused = told.refused.iter().find(|it| it.kind == "Elasticsearch");
        let gap = refused.map_or_else(
            || open(told, "", "Elasticsearch", name),
            |it| told_why("", it),
        );
        let absent = told.lists("Elasticsearch", &name.namespace);
        return Read {
            resource: if absent {
                Fact::Known(None)
            } else {
                Fact::Unknown
            },
            gaps: vec![gap],
        };
    };
    let entries_unknown = resource
        .secure_settings
        .iter()
        .any(|it| it.names.is_unknown() || it.exists.is_unknown());
    let fields = [
        ("version", "Elasticsearch", resource.version.is_unknown()),
        (
            "running_version",
            "status",
            resource.running_version.is_unknown(),
        ),
        ("phase", "status", resource.phase.is_unknown()),
        ("health", "status", resource.health.is_unknown()),
        (
            "kubernetes_id",
            "Namespace",
            resource.kubernetes_id.is_unknown(),
        ),
        (
            "operator_version",
            "StatefulSet",
            resource.operator_version.is_unknown(),
        ),
        (
            "operator_license",
            "ConfigMap",
            resource.operator_license.is_unknown(),
        ),
        ("issued_keys", "Secret", resource.issued_keys.is_unknown()),
        ("secure_settings", "Secret", entries_unknown),
        ("services", "Service", resource.services.is_unknown()),
        (
            "network_policies",
            "NetworkPolicy",
            resource.network_policies.is_unknown(),
        ),
        ("events", "Event", resource.events.is_unknown()),
    ];
    let gaps = fields
        .into_iter()
        .filter(|(.., unknown)| *unknown)
        .map(|(field, kind, _)| {
            let refused = told.refused.iter().find(|it| it.kind == kind);
            refused.map_or_else(|| open(told, field, kind, name), |it| told_why(field, it))
        })
        .collect();
    Read {
        resource: Fact::Known(Some(resource)),
        gaps,
    }
}

/// A refusal without the name of who asked, which nothing else tells and no reader needs.
pub(crate) fn without_user(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("User \"") {
        let Some((_, after)) = after.split_once('"') else {
            break;
        };
        out.push_str(before);
        out.push_str("this user");
        rest = after;
    }
    out.push_str(rest);
    out
}

fn told_why(field: &'static str, refused: &Refused) -> Open {
    Open {
        field,
        probe: refused.probe.clone(),
        reason: refused.reason.clone(),
        remedy: refused.remedy.clone(),
    }
}

/// Nothing was refused, and still it is not there.
fn open(told: &Told, field: &'static str, kind: &str, name: &ResourceName) -> Open {
    let (reason, get) = match kind {
        "status" => (
            "the resource has no status: it is a manifest, or the operator has not looked at it yet",
            format!(
                "kubectl get elasticsearch {} -n {} -o yaml",
                name.name, name.namespace
            ),
        ),
        "StatefulSet" => (
            "no operator was found",
            "kubectl get statefulset,deployment -A -l control-plane=elastic-operator -o yaml"
                .to_owned(),
        ),
        "ConfigMap" => (
            "the operator's report on its licence was not found",
            "kubectl get configmap elastic-licensing -n elastic-system -o yaml".to_owned(),
        ),
        "Namespace" => (
            "which Kubernetes cluster it is was not told",
            "kubectl get namespace kube-system -o yaml".to_owned(),
        ),
        "Secret" => (
            "the names of the entries of its Secrets were not told",
            format!(
                "kubectl get secrets -n {} --show-managed-fields -o yaml",
                name.namespace
            ),
        ),
        kind => (
            "no such object was among those that were given",
            format!(
                "kubectl get {} -n {} -o yaml",
                kind.to_lowercase(),
                name.namespace
            ),
        ),
    };
    let remedy = match told.by {
        ToldBy::Api => format!("look at it with {get}"),
        ToldBy::Archive => format!(
            "look at it with {get}, or run eck-diagnostics again, with the namespace of the operator and \
             those of both clusters, as somebody who may list all that is in them"
        ),
        ToldBy::Manifests => format!("{get} > FILE, and --kubernetes FILE"),
    };
    Open {
        field,
        probe: get,
        reason: reason.into(),
        remedy,
    }
}

#[cfg(test)]
mod tests;
