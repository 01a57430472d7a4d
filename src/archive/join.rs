//! One document of everything that was read: both sides of a link find each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::intake::Intake;
use super::log::attach;
use super::matching::match_remotes;
use super::{Diagnostic, lookup};
use crate::config::plan::Plan;
use crate::evidence::{Cluster, Environment, Evidence, Fact, Gap, Link, Side, Source, path};
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
    let mut evidence = assemble(plan, &Observations::default(), last.unwrap_or(now));
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
            .filter(|it| place.starts_with(&format!("{}/", it.file)))
            .max_by_key(|it| it.file.len());
        let cluster = source.map_or(Fact::Unknown, |it| it.cluster.clone());
        let mut sightings = log.what.sightings.clone();
        for sighting in &mut sightings {
            sighting.cluster = std::mem::take(&mut sighting.cluster).or(cluster.clone());
        }
        let alone = source.is_none();
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
                let seen = Observations {
                    local: answers,
                    local_kubernetes: kubernetes,
                    ..Observations::default()
                };
                assemble(plan, &seen, at)
            }
            Side::Remote => {
                let seen = Observations {
                    remote: answers,
                    remote_kubernetes: kubernetes,
                    ..Observations::default()
                };
                only_clusters(assemble(plan, &seen, at))
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

/// What the first says, and what only the second knows.
fn merge(first: Evidence, second: Evidence) -> Evidence {
    let times = first.collected_at.max(second.collected_at);
    let partial = first.clusters.values().any(only_of_files);
    let (Ok(Value::Object(mut one)), Ok(Value::Object(other))) =
        (serde_json::to_value(&first), serde_json::to_value(&second))
    else {
        return first;
    };
    let names = same_clusters(&first, &second);
    let other = renamed(other, &names);
    let mut other = match other {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    take_resources(&mut one, &other);
    merge_links(&mut one, &mut other);
    for part in ["clusters", "links", "endpoints"] {
        let from = other.remove(part).unwrap_or_default();
        // Nodes that only files of theirs tell of are not all that there are.
        let depth = if partial && part == "clusters" { 3 } else { 2 };
        fill(
            one.entry(part).or_insert_with(|| Map::new().into()),
            from,
            depth,
        );
    }
    for part in ["sightings", "sources", "calls", "gaps"] {
        if let Some(Value::Array(more)) = other.remove(part) {
            let list = one.entry(part).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.extend(more);
            }
        }
    }
    let Ok(mut merged) = serde_json::from_value::<Evidence>(Value::Object(one)) else {
        return first;
    };
    merged.collected_at = times;
    if merged.purpose == crate::evidence::Purpose::Probe {
        merged.purpose = second.purpose;
    }
    if merged.vantage.host.is_unknown() {
        merged.vantage = second.vantage;
    }
    merged
}

/// Takes the resources of clusters of which the first document saw no sign of Kubernetes.
fn take_resources(one: &mut Map<String, Value>, other: &Map<String, Value>) {
    let own = one.get_mut("clusters").and_then(Value::as_object_mut);
    for (key, cluster) in own.into_iter().flatten() {
        let Some(told) = other.get("clusters").and_then(|it| it.get(key)) else {
            continue;
        };
        let resource = told.get("kubernetes").filter(|it| it.is_object());
        if let (Some(Value::Null), Some(resource)) = (cluster.get("kubernetes"), resource) {
            cluster["kubernetes"] = resource.clone();
            if let Some(environment) = told.get("environment") {
                cluster["environment"] = environment.clone();
            }
        }
    }
}

/// Whether nothing but the nodes' files tells of its nodes.
fn only_of_files(cluster: &Cluster) -> bool {
    let nodes = cluster.nodes.known().into_iter().flatten();
    nodes
        .map(|(_, node)| node)
        .any(|it| it.version.is_unknown())
}

/// Names of the second document's clusters in the first one's.
fn same_clusters(first: &Evidence, second: &Evidence) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (key, cluster) in &second.clusters {
        let same =
            first
                .clusters
                .iter()
                .find(|(_, it)| match (it.uuid.known(), cluster.uuid.known()) {
                    (Some(one), Some(other)) => one == other,
                    _ => {
                        it.name.is_known()
                            && it.name == cluster.name
                            && !are_other_resources(it, cluster)
                    }
                });
        let name = match same {
            Some((name, _)) => name.clone(),
            None => free(key, |it| first.clusters.contains_key(it)),
        };
        names.insert(key.clone(), name);
    }
    names
}

/// Whether two clusters are resources of Kubernetes that have different names or namespaces.
fn are_other_resources(one: &Cluster, other: &Cluster) -> bool {
    let name = |it: &Cluster| {
        let resource = it.kubernetes.known()?.as_ref()?;
        Some((resource.namespace.clone(), resource.name.clone()))
    };
    name(one)
        .zip(name(other))
        .is_some_and(|(one, other)| one != other)
}

fn free(key: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(key) {
        return key.to_owned();
    }
    let mut number = 2_u32;
    loop {
        let name = format!("{key}-{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// The document with its clusters called as the other one calls them.
fn renamed(mut document: Map<String, Value>, names: &BTreeMap<String, String>) -> Value {
    let new = |old: &Value| {
        let name = names.get(old.as_str().unwrap_or_default())?;
        Some(Value::from(name.clone()))
    };
    if let Some(Value::Object(clusters)) = document.remove("clusters") {
        let clusters: Map<String, Value> = clusters
            .into_iter()
            .map(|(key, it)| (names.get(&key).cloned().unwrap_or(key), it))
            .collect();
        document.insert("clusters".into(), clusters.into());
    }
    for link in document
        .get_mut("links")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
    {
        for side in ["local", "remote"] {
            if let Some(name) = link.get_mut(side)
                && let Some(it) = new(name)
            {
                *name = it;
            }
        }
    }
    for part in ["calls", "sources", "sightings"] {
        let list = document.get_mut(part).and_then(Value::as_array_mut);
        for it in list.into_iter().flatten() {
            if let Some(name) = it.get_mut("cluster")
                && let Some(it) = new(name)
            {
                *name = it;
            }
        }
    }
    let gaps = document.get_mut("gaps").and_then(Value::as_array_mut);
    for gap in gaps.into_iter().flatten() {
        let Some(Value::String(place)) = gap.get_mut("path") else {
            continue;
        };
        for (old, new) in names {
            let (old, new) = (path(["clusters", old]), path(["clusters", new]));
            if let Some(rest) = place.strip_prefix(&old)
                && (rest.is_empty() || rest.starts_with(['.', '[']))
            {
                *place = format!("{new}{rest}");
                break;
            }
        }
    }
    Value::Object(document)
}

/// Gives links of other clusters names of their own, and drops those of a mere probe whose endpoint
/// belongs to a link that is known better.
fn merge_links(one: &mut Map<String, Value>, other: &mut Map<String, Value>) {
    let empty = Map::new();
    let own = one
        .get("links")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let Some(Value::Object(links)) = other.remove("links") else {
        return;
    };
    let mut kept = Map::new();
    for (key, link) in links {
        let endpoints = |it: &Value| it.get("endpoints").and_then(Value::as_array).cloned();
        let nameless = link.get("alias").is_none();
        let served = own.values().any(|it| {
            let mine = endpoints(it).unwrap_or_default();
            endpoints(&link).is_some_and(|all| all.iter().any(|it| mine.contains(it)))
        });
        if nameless && served {
            continue;
        }
        let clash = own
            .get(&key)
            .is_some_and(|it| it.get("local").is_some() && it.get("local") != link.get("local"));
        let key = match (clash, link.get("local").and_then(Value::as_str)) {
            (true, Some(local)) => free(&format!("{key} on {local}"), |it| own.contains_key(it)),
            (true, None) => free(&key, |it| own.contains_key(it)),
            (false, _) => key,
        };
        kept.insert(key, link);
    }
    other.insert("links".into(), kept.into());
}

/// Adds what is absent, so many levels deep: absent is unknown.
fn fill(into: &mut Value, from: Value, depth: usize) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        return;
    };
    for (key, value) in from {
        match into.get_mut(&key) {
            None => {
                into.insert(key, value);
            }
            Some(known) if depth > 1 => fill(known, value, depth - 1),
            Some(_) => {}
        }
    }
}
