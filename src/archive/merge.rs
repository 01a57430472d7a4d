//! Two documents made one: whatever names the same cluster, link or endpoint comes together.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::evidence::{Cluster, Evidence, path};

/// What the first says, and what only the second knows.
pub(super) fn merge(first: Evidence, second: Evidence) -> Evidence {
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
