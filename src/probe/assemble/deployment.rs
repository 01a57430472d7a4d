//! What the control plane told, added to the clusters.

use std::collections::BTreeMap;

use crate::config::plan::DeploymentTarget;
use crate::evidence::{Cluster, Environment, Fact, Gap, Side, path};

use super::super::cloud;
use super::kubernetes::Document;
use super::{Answers, Part, call};

/// Settles the deployments of clusters for which no control plane was to be asked: one that shows no
/// sign of Elastic Cloud has none.
pub(super) fn settle(clusters: &mut BTreeMap<String, Cluster>, gaps: &mut Vec<Gap>) {
    for (key, cluster) in clusters {
        let told = path(["clusters", key, "deployment"]);
        if cluster.deployment.is_known() || gaps.iter().any(|it| it.path == told) {
            continue;
        }
        if matches!(
            cluster.environment,
            Fact::Known(Environment::Ech | Environment::Ece)
        ) {
            let option = match cluster.side {
                Fact::Known(Side::Remote) => "--remote-deployment",
                _ => "--local-deployment",
            };
            gaps.push(Gap {
                path: told,
                probe: "GET /api/v1/deployments/{id}".into(),
                reason: "the control plane was not to be asked".into(),
                remedy: format!(
                    "{option} ID with --cloud-api-key-file FILE, or CROSSCHECK_CLOUD_API_KEY"
                ),
            });
        } else {
            cluster.deployment = Fact::Known(None);
        }
    }
}

/// Adds the deployment of one side to its cluster, which is made where the cluster itself was not
/// asked. Returns the cluster's key, if a deployment was to be asked for.
pub(super) fn add(
    side: Side,
    asked: Option<(&DeploymentTarget, &Answers)>,
    part: Option<&Part<'_>>,
    document: &mut Document<'_>,
) -> Option<String> {
    let Document {
        clusters,
        gaps,
        calls,
    } = document;
    let (target, answers) = asked?;
    let told = cloud::told(answers, &target.name);
    let key = part.map_or_else(|| side.name().to_owned(), |it| it.key.clone());
    let cluster = clusters.entry(key.clone()).or_default();
    cluster.side = Fact::Known(side);
    if let Fact::Known(Some(deployment)) = &told.deployment {
        let environment = if deployment.region == "ece-region" {
            Environment::Ece
        } else {
            Environment::Ech
        };
        cluster.environment = Fact::Known(environment);
        if cluster.keystore.is_unknown() {
            let names = |it: &Vec<_>| it.iter().map(key_name).collect();
            cluster.keystore = deployment.keystore.known().map(names).into();
            gaps.retain(|gap| gap.path != path(["clusters", &key, "keystore"]));
        }
        if let (Fact::Unknown, Some([version])) = (
            &cluster.version,
            deployment.versions.known().map(Vec::as_slice),
        ) {
            cluster.version = Fact::Known(version.clone());
        }
    }
    cluster.deployment = told.deployment;
    calls.extend(answers.iter().map(|it| call(&key, it)));
    let open = told.gaps.into_iter();
    gaps.extend(open.map(|it| it.below(["clusters", &key, "deployment"])));
    Some(key)
}

fn key_name(entry: &crate::evidence::KeystoreEntry) -> String {
    entry.name.clone()
}
