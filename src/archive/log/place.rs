//! Which cluster of the evidence wrote a log.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, Fact, Sighting};

/// Adds sightings to the evidence. Each names the cluster that wrote the log where the log tells it:
/// by its UUID, its name, or the name of the node.
pub fn attach(evidence: &mut Evidence, sightings: Vec<Sighting>) {
    for mut sighting in sightings {
        if sighting.cluster.is_unknown() {
            sighting.cluster = writer(evidence, &sighting).into();
        }
        evidence.sightings.push(sighting);
    }
}

fn writer(evidence: &Evidence, sighting: &Sighting) -> Option<String> {
    let same = |one: &Fact<String>, other: &Fact<String>| one.is_known() && one == other;
    let only = |keys: BTreeSet<&String>| match keys.len() {
        1 => keys.first().map(|key| (*key).clone()),
        _ => None,
    };
    let by = |holds: &dyn Fn(&crate::evidence::Cluster) -> bool| {
        let clusters = evidence.clusters.iter();
        only(
            clusters
                .filter(|(_, it)| holds(it))
                .map(|(key, _)| key)
                .collect(),
        )
    };
    by(&|cluster| same(&cluster.uuid, &sighting.cluster_uuid))
        .or_else(|| by(&|cluster| same(&cluster.name, &sighting.cluster_name)))
        .or_else(|| {
            let node = sighting.node.known()?;
            by(&|cluster| {
                let nodes = cluster.nodes.known();
                nodes.is_some_and(|nodes| nodes.contains_key(node))
            })
        })
}
