//! Objects of Kubernetes in an archive of eck-diagnostics: each kind of each namespace in a file of its
//! own (its `internal/diag.go`), and the calls that failed in a text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::manifests;
use super::place::Place;
use crate::config::plan::ResourceName;
use crate::probe::assemble::ToldOf;
use crate::probe::kubernetes::{Refused, Told, ToldBy, without_user};

/// The files that are read without their ending, the kind of their objects, and how Kubernetes calls
/// many of that kind.
const FILES: [(&str, &str, &str); 9] = [
    ("configmaps", "ConfigMap", "configmaps"),
    ("deployments", "Deployment", "deployments"),
    ("elasticsearch", "Elasticsearch", "elasticsearches"),
    ("events", "Event", "events"),
    ("namespaces", "Namespace", "namespaces"),
    ("networkpolicies", "NetworkPolicy", "networkpolicies"),
    ("secrets", "Secret", "secrets"),
    ("services", "Service", "services"),
    ("statefulsets", "StatefulSet", "statefulsets"),
];

/// The file of the calls that failed.
const ERRORS: &str = "eck-diagnostic-errors.txt";

/// The file of what the tool printed, its options first.
const PRINTED: &str = "eck-diagnostics.log";

/// Bytes that are read of a text.
const TEXT: u64 = 1 << 20;

/// Bytes, roughly, of all objects that are kept of one input.
const MOST: usize = 16 << 20;

/// Kinds that the operator and Kubernetes have once, whatever namespace the cluster is in.
const SHARED: [&str; 4] = ["ConfigMap", "Deployment", "Namespace", "StatefulSet"];

/// What was found, by the folder of the files.
#[derive(Debug, Default)]
pub(super) struct Objects {
    folders: BTreeMap<String, Told>,
    /// Folders of archives that were made with `--filters`.
    filtered: BTreeSet<String>,
    /// Bytes of what was found.
    kept: usize,
}

/// Whether a file is named as one of eck-diagnostics'.
pub(super) fn is_named(place: &Place) -> bool {
    kind(place).is_some() || is_text(place)
}

fn is_text(place: &Place) -> bool {
    matches!(place.name(), ERRORS | PRINTED)
}

/// Whether a file is one of eck-diagnostics' by its name and its beginning. Where the call failed it is
/// empty.
pub(super) fn is_file(place: &Place, head: &[u8]) -> bool {
    let holds = |needle: &[u8]| head.windows(needle.len()).any(|it| it == needle);
    let empty = head.iter().all(u8::is_ascii_whitespace);
    let objects = || [&b"\"apiVersion\""[..], b"\"items\"", b"\"Items\""];
    is_text(place) || kind(place).is_some() && (empty || objects().into_iter().any(holds))
}

fn kind(place: &Place) -> Option<&'static str> {
    let stem = place.name().strip_suffix(".json")?;
    let file = FILES.iter().find(|(name, ..)| *name == stem)?;
    Some(file.1)
}

impl Objects {
    /// Reads a file. The error inside says what is wrong with what it holds.
    pub(super) fn read(
        &mut self,
        place: &Place,
        reader: &mut dyn Read,
    ) -> io::Result<Result<(), String>> {
        let told = self.folders.entry(place.folder()).or_default();
        told.by = ToldBy::Archive;
        let Some(kind) = kind(place) else {
            let mut bytes = Vec::new();
            reader.take(TEXT).read_to_end(&mut bytes)?;
            let text = String::from_utf8_lossy(&bytes);
            if place.name() == ERRORS {
                told.refused.extend(failures(&text));
            } else if was_filtered(&text) {
                self.filtered.insert(place.folder());
            }
            return Ok(Ok(()));
        };
        let mut document = match manifests::object(reader) {
            Ok(document) => document,
            Err(error) if error.is_io() => return Err(error.into()),
            // The text of the failed calls says more of an empty one.
            Err(error) if error.is_eof() && error.line() <= 1 => return Ok(Ok(())),
            Err(error) => return Ok(Err(format!("it holds no objects of Kubernetes: {error}"))),
        };
        // Of Secrets the tool writes a list of its own, which names no kind and is `null` where there is
        // none.
        if kind == "Secret" && document["items"].is_null() {
            let items = document.get_mut("Items").map(Value::take);
            document["items"] = items.unwrap_or_else(|| json!([]));
        }
        document["kind"] = format!("{kind}List").into();
        if let Some(items) = document["items"].as_array_mut() {
            items.retain(|it| matters(kind, it));
        }
        self.kept += document.to_string().len();
        if self.kept > MOST {
            let most = MOST >> 20;
            return Ok(Err(format!(
                "with it there are more than {most} MiB of objects of Kubernetes"
            )));
        }
        let namespace = place.folder();
        let namespace = namespace.rsplit('/').next();
        manifests::add(told, document, namespace.filter(|_| kind != "Namespace"));
        Ok(Ok(()))
    }

    /// The Elasticsearch resources of the archive whose files lie in this folder and in those of its
    /// namespaces, each with what was told of it.
    pub(super) fn resources(&self, root: &str) -> Vec<ToldOf> {
        let inside = format!("{root}/");
        let of_archive = |folder: &str| {
            let below = folder.strip_prefix(&inside);
            folder == root || below.is_some_and(|it| !it.contains('/'))
        };
        let parts = self.folders.iter().filter(|(it, _)| of_archive(it));
        let mut whole = Told {
            by: ToldBy::Archive,
            ..Told::default()
        };
        for (_, part) in parts {
            whole.objects.extend(part.objects.iter().cloned());
            whole.complete.extend(part.complete.iter().cloned());
            whole.refused.extend(part.refused.iter().cloned());
        }
        leave_out_several_operators(&mut whole);
        if self.filtered.contains(root) {
            leave_out_services(&mut whole);
        }
        let names = whole.resources().into_iter().map(|(name, _)| name);
        names.map(|name| about(&whole, name)).collect()
    }
}

/// Whether anything is read of an object.
fn matters(kind: &str, object: &Value) -> bool {
    let name = &object["metadata"]["name"];
    match kind {
        "ConfigMap" => name == "elastic-licensing",
        "Deployment" | "StatefulSet" => runs_operator(object),
        "Event" => ["involvedObject", "regarding"]
            .iter()
            .any(|it| object[it]["kind"] == "Elasticsearch"),
        "Namespace" => name == "kube-system",
        _ => true,
    }
}

fn runs_operator(object: &Value) -> bool {
    let containers = object.pointer("/spec/template/spec/containers");
    let containers = containers.and_then(Value::as_array).into_iter().flatten();
    let mut images = containers.filter_map(|it| it["image"].as_str());
    images.any(|it| it.contains("eck-operator"))
}

/// Of several operators nothing shows here which one a resource is managed by.
fn leave_out_several_operators(told: &mut Told) {
    let is_operator =
        |it: &Value| matches!(it["kind"].as_str(), Some("Deployment" | "StatefulSet"));
    if told.objects.iter().filter(|it| is_operator(it)).count() > 1 {
        told.objects
            .retain(|it| !is_operator(it) && it["kind"] != "ConfigMap");
    }
}

/// `--filters` keeps only Services that have the labels of the operator: others may lead to the nodes too.
fn leave_out_services(told: &mut Told) {
    told.complete.retain(|(kind, _)| kind != "Service");
    told.refused.push(Refused {
        kind: "Service",
        probe: "kubectl get services".into(),
        reason: "eck-diagnostics ran with --filters, which leaves out Services without the labels of the \
                 operator"
            .into(),
        remedy: "collect again without --filters".into(),
    });
}

/// Whether the options say so that the tool printed first (`%+v` of its `Params`).
fn was_filtered(printed: &str) -> bool {
    static FILTERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[ {]Filters:(?:\{byType:)?map\[[^\]]").expect("it is a valid pattern")
    });
    let options = printed.lines().find(|it| it.contains("with parameters:"));
    options.is_some_and(|it| FILTERS.is_match(it))
}

/// What of all that was told is about one resource.
fn about(whole: &Told, name: ResourceName) -> ToldOf {
    let is_shared = |it: &Value| it["kind"].as_str().is_some_and(|it| SHARED.contains(&it));
    let own = |it: &&Value| is_shared(it) || it["metadata"]["namespace"] == *name.namespace;
    // A refusal that names no namespace is of them all.
    let place = format!("-n {}", name.namespace);
    let concerns = |it: &&Refused| {
        SHARED.contains(&it.kind) || !it.probe.contains(" -n ") || it.probe.ends_with(&place)
    };
    let told = Told {
        objects: whole.objects.iter().filter(own).cloned().collect(),
        complete: whole.complete.clone(),
        refused: whole.refused.iter().filter(concerns).cloned().collect(),
        calls: Vec::new(),
        by: ToldBy::Archive,
    };
    ToldOf { name, told }
}

/// The refusals in the text of the failed calls, in the words of Kubernetes.
fn failures(text: &str) -> Vec<Refused> {
    static FORBIDDEN: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r#"[\w.]+ is forbidden: User "[^"]*" cannot (?:list|get) resource "([a-z]+)" in API group "[^"]*"(?: in the namespace "([^"]+)"| at the cluster scope)"#;
        Regex::new(pattern).expect("it is a valid pattern")
    });
    let found = FORBIDDEN.captures_iter(text).filter_map(|it| {
        let (_, kind, many) = FILES.iter().find(|(.., many)| *many == &it[1])?;
        let (place, scope) = match it.get(2) {
            Some(namespace) => (
                format!(" -n {}", namespace.as_str()),
                format!(" in the namespace {}", namespace.as_str()),
            ),
            None => (String::new(), String::new()),
        };
        Some(Refused {
            kind,
            probe: format!("kubectl get {many}{place}"),
            reason: format!("eck-diagnostics was refused: {}", without_user(&it[0])),
            remedy: format!(
                "allow list on {many}{scope} to who runs eck-diagnostics, and collect again"
            ),
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_seen_in_what_the_tool_printed() {
        // 1.3 to 1.7, and later.
        for (filters, filtered) in [
            ("{byType:map[]}", false),
            ("{byType:map[] selectors:[]}", false),
            (
                "{byType:map[elasticsearch:[{Type:elasticsearch Name:b}]]}",
                true,
            ),
            ("map[] LogFilters:map[x:y]", false),
            (
                "map[elasticsearch:[{Name:b Selector:0xc0}]] LogFilters:map[]",
                true,
            ),
        ] {
            let printed = format!(
                "2026/11/23 23:00:00 ECK diagnostics with parameters: {{OutputDir: Verbose:false \
                 Filters:{filters}}}\n2026/11/23 23:00:01 more\n"
            );
            assert_eq!(was_filtered(&printed), filtered, "{filters}");
        }
    }

    #[test]
    fn a_refused_call_is_told_of_its_namespace() {
        // As client-go words it, in the list that the tool writes.
        let text = "[services is forbidden: User \"system:serviceaccount:x:y\" cannot list resource \
                    \"services\" in API group \"\" in the namespace \"ns1\", networkpolicies.networking.k8s.io \
                    is forbidden: User \"u\" cannot list resource \"networkpolicies\" in API group \
                    \"networking.k8s.io\" in the namespace \"ns2\", pods is forbidden: User \"u\" cannot list \
                    resource \"pods\" in API group \"\" in the namespace \"ns1\"]";
        let found = failures(text);
        let kinds: Vec<_> = found
            .iter()
            .map(|it| (it.kind, it.probe.as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                ("Service", "kubectl get services -n ns1"),
                ("NetworkPolicy", "kubectl get networkpolicies -n ns2")
            ]
        );
        let whole = Told {
            refused: found,
            ..Told::default()
        };
        let name = ResourceName {
            namespace: "ns1".into(),
            name: "a".into(),
        };
        let refused = about(&whole, name).told.refused;
        assert_eq!(refused.len(), 1);
        assert_eq!(
            refused[0].reason,
            "eck-diagnostics was refused: services is forbidden: this user cannot list resource \
             \"services\" in API group \"\" in the namespace \"ns1\""
        );
        assert!(
            refused[0]
                .remedy
                .contains("list on services in the namespace ns1")
        );
    }
}
