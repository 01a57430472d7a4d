//! What Kubernetes told, added to the clusters.

use std::collections::BTreeMap;

use crate::config::plan::ResourceName;
use crate::evidence::{Call, Cluster, ElasticsearchResource, Environment, Fact, Gap, Side, path};

use super::super::kubernetes::{self, Told};
use super::Part;

/// A resource, and what was told of it.
#[derive(Clone, Debug)]
pub struct ToldOf {
    /// Which resource.
    pub name: ResourceName,
    /// What was told.
    pub told: Told,
}

impl ToldOf {
    /// Aliases of the remotes that the resource declares.
    pub fn declared(&self) -> Vec<String> {
        let resources = self.told.resources().into_iter();
        resources
            .filter(|(name, _)| *name == self.name)
            .flat_map(|(_, remotes)| remotes)
            .map(|it| it.alias)
            .collect()
    }
}

/// Settles the resources of clusters about which nobody was to tell: one that shows no sign of the
/// operator has none.
pub(super) fn settle(clusters: &mut BTreeMap<String, Cluster>, gaps: &mut Vec<Gap>) {
    for (key, cluster) in clusters {
        let told = path(["clusters", key, "kubernetes"]);
        if cluster.kubernetes.is_known() || gaps.iter().any(|it| it.path == told) {
            continue;
        }
        if cluster.environment == Fact::Known(Environment::Eck) {
            let option = match cluster.side {
                Fact::Known(Side::Remote) => "--remote-kubernetes",
                _ => "--local-kubernetes",
            };
            gaps.push(Gap {
                path: told,
                probe: "kubectl get elasticsearch".into(),
                reason: "Kubernetes was not to be asked".into(),
                remedy: format!("{option} NAMESPACE/NAME, or --kubernetes FILE with its manifest"),
            });
        } else {
            cluster.kubernetes = Fact::Known(None);
        }
    }
}

/// The parts of the document that are added to.
pub(super) struct Document<'a> {
    pub(super) clusters: &'a mut BTreeMap<String, Cluster>,
    pub(super) gaps: &'a mut Vec<Gap>,
    pub(super) calls: &'a mut Vec<Call>,
}

/// Adds the resources of both sides to their clusters, the local one first. `known` are the keys of those
/// that a control plane told of. Returns the keys of those that anybody told of.
pub(super) fn add_all(
    told: [Option<&ToldOf>; 2],
    parts: [Option<&Part<'_>>; 2],
    known: [Option<String>; 2],
    document: &mut Document<'_>,
) -> [Option<String>; 2] {
    let [local, remote] = known;
    let key = |part: Option<&Part<'_>>| part.map(|it| it.key.clone());
    let local = key(parts[0]).or(local);
    let remote = key(parts[1]).or(remote);
    [
        add(Side::Local, told[0], local.clone(), document).or(local),
        add(Side::Remote, told[1], remote.clone(), document).or(remote),
    ]
}

/// Adds the resource of one side to its cluster, which is made where nobody else told of it. `known` is
/// the key of the cluster where somebody did. Returns the cluster's key, if there was anything to tell.
fn add(
    side: Side,
    told: Option<&ToldOf>,
    known: Option<String>,
    document: &mut Document<'_>,
) -> Option<String> {
    let Document {
        clusters,
        gaps,
        calls,
    } = document;
    let ToldOf { name, told } = told?;
    let read = kubernetes::read(told, name);
    let key = known.unwrap_or_else(|| side.name().to_owned());
    let cluster = clusters.entry(key.clone()).or_default();
    cluster.side = Fact::Known(side);
    if let Fact::Known(Some(resource)) = &read.resource {
        fill(cluster, resource);
        let filled = [
            ("keystore", cluster.keystore.is_known()),
            ("name", cluster.name.is_known()),
            ("version", cluster.version.is_known()),
        ];
        for (field, _) in filled.iter().filter(|(_, known)| *known) {
            gaps.retain(|gap| gap.path != path(["clusters", &key, field]));
        }
    }
    cluster.kubernetes = read.resource;
    calls.extend(told.calls.iter().map(|call| Call {
        cluster: key.clone(),
        ..call.clone()
    }));
    let open = read.gaps.into_iter();
    gaps.extend(open.map(|it| it.below(["clusters", &key, "kubernetes"])));
    Some(key)
}

/// What the resource says of the cluster that the cluster itself did not say.
fn fill(cluster: &mut Cluster, resource: &ElasticsearchResource) {
    cluster.environment = Fact::Known(Environment::Eck);
    if cluster.keystore.is_unknown() {
        cluster.keystore = keystore(resource);
    }
    if cluster.name.is_unknown() {
        cluster.name = Fact::Known(resource.name.clone());
    }
    if cluster.version.is_unknown() {
        cluster.version = resource.running_version.clone();
    }
}

/// The operator makes the keystore of the Secrets that it is told, and of the keys that it makes.
fn keystore(resource: &ElasticsearchResource) -> Fact<Vec<String>> {
    let Fact::Known(issued) = &resource.issued_keys else {
        return Fact::Unknown;
    };
    let issued = issued
        .keys()
        .map(|alias| format!("cluster.remote.{alias}.credentials"));
    let mut names: Vec<String> = issued.collect();
    for source in &resource.secure_settings {
        match (&source.exists, &source.names) {
            (Fact::Known(false), _) => {}
            (_, Fact::Known(own)) => names.extend(own.iter().cloned()),
            _ => return Fact::Unknown,
        }
    }
    names.sort();
    names.dedup();
    Fact::Known(names)
}
