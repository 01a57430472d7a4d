//! One document of everything that was read: both sides of a link find each other.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Map;

use super::intake::Intake;
use super::log::attach;
use super::matching::match_remotes;
use super::merge::merge;
use super::{Diagnostic, lookup};
use crate::config::plan::Plan;
use crate::evidence::{Environment, Evidence, Fact, Gap, Link, Side, Source, path};
use crate::probe::assemble::{Observations, assemble};
use crate::probe::endpoint;

/// Everything that was read, as one machine saw it.
#[derive(Debug)]
pub struct View {
    /// Name of the machine; `None` where none, or only one, looked at the network.
    pub host: Option<String>,
    /// The document.
    pub evidence: Evidence,
}

/// Makes a document for each machine that looked at the network, with all that others told of the
/// clusters; at least one. `now` is its clock where nothing tells when the files were collected.
pub fn views(intake: &Intake, plan: &Plan, now: Timestamp) -> Vec<View> {
    let diagnostics = of_diagnostics(intake, plan, now);
    let saved: Vec<Evidence> = intake
        .evidence
        .iter()
        .map(|saved| with_source(&saved.what, saved.place.to_string()))
        .collect();
    let host = |it: &Evidence| {
        let dialled = it.endpoints.values().any(|it| it.attempts.is_known());
        it.vantage.host.known().filter(|_| dialled).cloned()
    };
    let hosts: BTreeSet<String> = saved.iter().filter_map(host).collect();
    let view = |seen_by: Option<&String>| {
        let own = saved
            .iter()
            .filter(|it| seen_by.is_none() || host(it).is_none_or(|it| Some(&it) == seen_by));
        let documents = own.chain(&diagnostics).cloned().collect();
        View {
            host: seen_by.cloned(),
            evidence: joined(documents, intake, plan, now),
        }
    };
    if hosts.len() < 2 {
        return vec![view(None)];
    }
    hosts.iter().map(|it| view(Some(it))).collect()
}

fn joined(mut documents: Vec<Evidence>, intake: &Intake, plan: &Plan, now: Timestamp) -> Evidence {
    // The newest is believed; older ones tell what it does not.
    documents.sort_by_key(|it| std::cmp::Reverse(it.collected_at));
    let mut documents = documents.into_iter();
    let Some(first) = documents.next() else {
        return of_logs(intake, plan, now);
    };
    let mut joined = documents.fold(first, merge);
    match_remotes(&mut joined);
    close(&mut joined);
    add_logs(&mut joined, intake);
    joined
}

/// What logs alone tell: links whose aliases they name, at the time when they end.
fn of_logs(intake: &Intake, plan: &Plan, now: Timestamp) -> Evidence {
    let last = intake.logs.iter().filter_map(|it| it.what.last).max();
    let mut evidence = assemble(plan, &mut Observations::default(), last.unwrap_or(now));
    let sightings = intake.logs.iter().flat_map(|it| &it.what.sightings);
    for alias in sightings.filter_map(|it| it.alias.known()) {
        if evidence.links.contains_key(alias) {
            continue;
        }
        let link = Link {
            alias: Fact::Known(alias.clone()),
            ..Link::default()
        };
        evidence.links.insert(alias.clone(), link);
        evidence.gaps.push(Gap {
            path: path(["links", alias]),
            probe: "the diagnostics of the local cluster".into(),
            reason: "only logs were given".into(),
            remedy: "give the diagnostics of the cluster that searches or follows as well".into(),
        });
    }
    if !evidence.links.is_empty() {
        evidence.gaps.retain(|it| it.path != "links");
    }
    add_logs(&mut evidence, intake);
    evidence
}

/// Adds what the logs say. A log that lies in a diagnostic was written by its cluster.
fn add_logs(evidence: &mut Evidence, intake: &Intake) {
    for log in &intake.logs {
        let place = log.place.path();
        let source = evidence
            .sources
            .iter()
            .filter(|it| {
                place.starts_with(&format!("{}/", it.file)) || wrote_in_pod(&it.file, &place)
            })
            .max_by_key(|it| it.file.len());
        let cluster = source.map_or(Fact::Unknown, |it| it.cluster.clone());
        let mut sightings = log.what.sightings.clone();
        for sighting in &mut sightings {
            sighting.cluster = std::mem::take(&mut sighting.cluster).or(cluster.clone());
        }
        // An archive of eck-diagnostics has the logs of all pods, most of which say nothing of remotes.
        let alone = source.is_none() && !(place.contains("/pod/") && sightings.is_empty());
        attach(evidence, sightings);
        if alone {
            evidence.sources.push(Source {
                file: log.place.to_string(),
                tool: "a log".into(),
                cluster: Fact::Unknown,
                collected_at: log.what.last.into(),
            });
        }
    }
}

/// Whether eck-diagnostics found a log in a pod of the cluster whose diagnostics it put into a folder: pods
/// are called `<cluster>-es-<node set>-<number>`.
fn wrote_in_pod(diagnostics: &str, log: &str) -> bool {
    let Some((namespace, cluster)) = diagnostics.rsplit_once("/elasticsearch/") else {
        return false;
    };
    let pod = log
        .strip_prefix(namespace)
        .and_then(|it| it.strip_prefix("/pod/"));
    let rest = pod.and_then(|it| it.strip_prefix(cluster));
    rest.is_some_and(|it| it.starts_with("-es-"))
}

fn with_source(evidence: &Evidence, file: String) -> Evidence {
    let mut evidence = evidence.clone();
    if evidence.sources.is_empty() {
        let local = evidence.links.values().find_map(|it| it.local.known());
        evidence.sources.push(Source {
            file,
            tool: format!("crosscheck {}", evidence.version),
            cluster: local.cloned().into(),
            collected_at: Fact::Known(evidence.collected_at),
        });
    }
    evidence
}

/// A document of each cluster.
fn of_diagnostics(intake: &Intake, plan: &Plan, now: Timestamp) -> Vec<Evidence> {
    let sides = sides(&intake.diagnostics, plan);
    let each = intake.diagnostics.iter().zip(sides);
    each.map(|(diagnostic, side)| {
        let answers = Some(diagnostic.answers.clone());
        let kubernetes = diagnostic.kubernetes.clone();
        let at = diagnostic.collected_at.unwrap_or(now);
        let mut document = match side {
            Side::Local => {
                let mut seen = Observations {
                    local: answers,
                    local_kubernetes: kubernetes,
                    ..Observations::default()
                };
                assemble(plan, &mut seen, at)
            }
            Side::Remote => {
                let mut seen = Observations {
                    remote: answers,
                    remote_kubernetes: kubernetes,
                    ..Observations::default()
                };
                only_clusters(assemble(plan, &mut seen, at))
            }
        };
        if diagnostic.on_kubernetes {
            for cluster in document.clusters.values_mut() {
                cluster.environment = Fact::Known(Environment::Eck);
            }
        }
        let key = document.clusters.keys().next().cloned();
        document.sources.push(Source {
            file: diagnostic.place.clone(),
            tool: diagnostic
                .tool
                .clone()
                .unwrap_or_else(|| "saved answers".into()),
            cluster: key.into(),
            collected_at: diagnostic.collected_at.into(),
        });
        undialled(&mut document);
        document
    })
    .collect()
}

/// Which part each cluster plays: local are those that have remotes, or the one that is there; where
/// remotes are named, those that have one of them.
fn sides(diagnostics: &[Diagnostic], plan: &Plan) -> Vec<Side> {
    let known: Vec<Vec<String>> = diagnostics.iter().map(Diagnostic::aliases).collect();
    let named = |own: &Vec<String>| own.iter().any(|it| plan.aliases.contains(it));
    let any_named = known.iter().any(named);
    let any = known.iter().any(|it| !it.is_empty());
    let is_local = |at: usize| {
        if any_named {
            named(&known[at])
        } else if any {
            !known[at].is_empty()
        } else {
            at == 0
        }
    };
    (0..diagnostics.len())
        .map(|at| {
            if is_local(at) {
                Side::Local
            } else {
                Side::Remote
            }
        })
        .collect()
}

fn only_clusters(mut evidence: Evidence) -> Evidence {
    evidence.links.clear();
    evidence.endpoints.clear();
    evidence.gaps.retain(|it| it.path.starts_with("clusters"));
    evidence
}

/// Says of every address that files do not show what the network does.
fn undialled(evidence: &mut Evidence) {
    for (key, endpoint) in &evidence.endpoints {
        if endpoint.port == 0 {
            evidence.gaps.extend(endpoint::gaps(key, endpoint));
            continue;
        }
        let probe = format!("crosscheck probe {}", endpoint.address);
        evidence.gaps.push(Gap {
            path: path(["endpoints", key]),
            remedy: format!(
                "{probe} --save-evidence FILE on a node of the local cluster, and give that file as \
                 well"
            ),
            probe,
            reason: "files do not show what the network does".into(),
        });
    }
}

/// Leaves out the gaps that another file has closed.
fn close(evidence: &mut Evidence) {
    let Ok(document) = serde_json::to_value(&*evidence) else {
        return;
    };
    evidence.gaps.retain(|gap| {
        let Some(value) = lookup(&document, &gap.path) else {
            return true;
        };
        // A gap may also be of a whole part, which is there without what matters of it.
        let root = gap.path.split(['.', '[']).next().unwrap_or_default();
        match root {
            "links" if gap.path == root => value.as_object().is_some_and(Map::is_empty),
            "endpoints" => value.is_object() && value.get("attempts").is_none(),
            "clusters" => {
                let contact = value.pointer("/access/contact");
                value.get("side").is_some() && contact.is_none_or(|it| it != "answered")
            }
            _ => false,
        }
    });
}
