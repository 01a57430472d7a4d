//! Objects of Kubernetes in files: YAML of one or many documents, JSON, lists, folders of them. Of Secrets
//! nothing but the names of entries is kept, and other values of that kind are passed over while reading.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeSeed as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::keep::Keep::{self, All, Mark, Only};
use super::keep::{Kept, whole};
use crate::config::Problems;
use crate::probe::kubernetes::{Told, ToldBy};

/// Bytes of one file.
const LARGEST: u64 = 32 << 20;

/// Files of a folder.
const FILES: usize = 1000;

/// What is kept of an object.
const OBJECT: [(&str, Keep); 18] = [
    ("apiVersion", All),
    ("code", All),
    // Of a Secret the names of its entries; of the operator's report its licence.
    ("data", Only(&[("eck_license_level", All), ("*", Mark)])),
    ("deprecatedLastTimestamp", All),
    ("details", All),
    ("eventTime", All),
    ("involvedObject", All),
    ("kind", All),
    ("lastTimestamp", All),
    ("message", All),
    ("metadata", METADATA),
    ("note", All),
    ("reason", All),
    ("regarding", All),
    ("series", All),
    ("spec", All),
    ("status", All),
    ("stringData", Only(&[("*", Mark)])),
];

const METADATA: Keep = Only(&[
    (
        "annotations",
        Only(&[
            ("common.k8s.elastic.co/controller-version", All),
            ("elasticsearch.k8s.elastic.co/managed-remote-clusters", All),
            ("elasticsearch.k8s.elastic.co/remote-cluster-api-keys", All),
        ]),
    ),
    ("creationTimestamp", All),
    ("labels", All),
    (
        "managedFields",
        Only(&[(
            "fieldsV1",
            Only(&[
                ("f:data", Only(&[("*", Mark)])),
                ("f:stringData", Only(&[("*", Mark)])),
            ]),
        )]),
    ),
    ("name", All),
    ("namespace", All),
    ("uid", All),
]);

/// What is kept of the objects of a list.
const ITEMS: Keep = Only(&OBJECT);

/// What is kept of an object, and of a list of them.
const DOCUMENT: Keep = Only(&{
    // eck-diagnostics writes the second form for Secrets.
    let mut all = [("items", ITEMS); OBJECT.len() + 2];
    all[OBJECT.len() + 1] = ("Items", ITEMS);
    let mut at = 0;
    while at < OBJECT.len() {
        all[at] = OBJECT[at];
        at += 1;
    }
    all
});

/// A document, with what is kept of it.
struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = Kept::new(&DOCUMENT, &whole()).deserialize(deserializer)?;
        Ok(Self(kept.unwrap_or_default()))
    }
}

/// Reads an answer of the API of Kubernetes; `None` where it is no JSON.
pub(crate) fn answer(bytes: &[u8]) -> Option<Value> {
    let document: Document = serde_json::from_slice(bytes).ok()?;
    Some(document.0)
}

/// Reads the JSON of an object or a list.
pub(super) fn object(reader: impl Read) -> serde_json::Result<Value> {
    let document: Document = serde_json::from_reader(reader)?;
    Ok(document.0)
}

/// Reads files and folders that were named on purpose: what cannot be read is an error.
pub(crate) fn read(paths: &[PathBuf], problems: &mut Problems) -> Told {
    let mut told = Told {
        by: ToldBy::Manifests,
        ..Told::default()
    };
    for path in paths {
        let files = match files(path) {
            Ok(files) => files,
            Err(error) => {
                refuse(path, &error, problems);
                continue;
            }
        };
        let before = told.objects.len();
        for file in &files {
            match documents(file) {
                Ok(documents) => documents
                    .into_iter()
                    .for_each(|it| add(&mut told, it, None)),
                Err(reason) => refuse(file, &reason, problems),
            }
        }
        if told.objects.len() == before && problems.errors.is_empty() {
            refuse(path, "it holds no object of Kubernetes", problems);
        }
    }
    told
}

fn refuse(path: &Path, reason: &str, problems: &mut Problems) {
    problems.error(
        "--kubernetes",
        format!("{}: {reason}", path.display()),
        "give what kubectl get … -o yaml printed, or manifests",
    );
}

/// The file itself, or the manifests that lie in a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = fs::read_dir(path).map_err(|it| it.to_string())?;
    let is_manifest = |it: &PathBuf| {
        let ending = it
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        it.is_file() && matches!(ending, "json" | "yaml" | "yml")
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(is_manifest)
        .collect();
    files.sort();
    match files.len() {
        0 => Err("no file in it ends in .yaml, .yml or .json".into()),
        1..=FILES => Ok(files),
        many => Err(format!(
            "{many} files are in it, more than the {FILES} that are read"
        )),
    }
}

fn documents(path: &Path) -> Result<Vec<Value>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|it| it.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|it| it.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    parse(&text)
}

/// Reads YAML, or JSON, which is YAML as well.
pub(crate) fn parse(text: &str) -> Result<Vec<Value>, String> {
    let first = text.trim_start().as_bytes().first();
    if first == Some(&b'{') {
        let documents = serde_json::Deserializer::from_str(text).into_iter::<Document>();
        return documents
            .map(|it| {
                it.map(|it| it.0)
                    .map_err(|it| format!("it is no JSON: {it}"))
            })
            .collect();
    }
    let documents = serde_saphyr::from_multiple::<Document>(text).map_err(|error| {
        // Its own words quote the text, which may hold secrets.
        match error.location() {
            Some(at) => format!(
                "line {}, column {}: it is no YAML, or more than is read of one file",
                at.line(),
                at.column()
            ),
            None => "it is no YAML, or more than is read of one file".to_owned(),
        }
    })?;
    Ok(documents.into_iter().map(|it| it.0).collect())
}

/// Adds an object, or those of a list. `namespace` is where a list was taken whose objects do not tell.
pub(crate) fn add(told: &mut Told, document: Value, namespace: Option<&str>) {
    let Value::Object(mut document) = document else {
        return;
    };
    let kind = kind(&document);
    let Some(Value::Array(items)) = document.remove("items") else {
        if document.contains_key("apiVersion") {
            told.objects.push(document.into());
        }
        return;
    };
    // `kubectl get` says List, the API the kind of what is in it.
    let listed = kind.strip_suffix("List").unwrap_or_default().to_owned();
    if let (false, Some(namespace)) = (listed.is_empty(), namespace) {
        told.complete.insert((listed.clone(), namespace.to_owned()));
    }
    for mut item in items {
        if !item.is_object() {
            continue;
        }
        if item["kind"].is_null() && !listed.is_empty() {
            item["kind"] = listed.clone().into();
            item["apiVersion"] = document["apiVersion"].clone();
        }
        let kind = item["kind"].as_str().unwrap_or_default().to_owned();
        if let Some(namespace) = item["metadata"]["namespace"].as_str() {
            told.complete.insert((kind, namespace.to_owned()));
        }
        told.objects.push(item);
    }
}

fn kind(document: &Map<String, Value>) -> String {
    let kind = document.get("kind").and_then(Value::as_str);
    kind.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_values_of_secrets_are_never_kept() {
        let text = "kind: Secret\napiVersion: v1\nmetadata:\n  name: s\n  annotations:\n    \
                    kubectl.kubernetes.io/last-applied-configuration: hush\ndata:\n  a: hush\n\
                    stringData: {b: hush}\n";
        let documents = parse(text).unwrap();
        assert_eq!(documents[0]["data"], json!({"a": null}));
        assert_eq!(documents[0]["stringData"], json!({"b": null}));
        assert!(!documents[0].to_string().contains("hush"));
        let json = json!({"kind": "List", "items": [documents[0]]}).to_string();
        assert_eq!(parse(&json).unwrap()[0]["items"][0], documents[0]);
    }

    #[test]
    fn every_document_of_a_file_is_read() {
        let text = "---\napiVersion: v1\nkind: A\n---\n# nothing\n---\nkind: B\napiVersion: v1\n\
                    spec: {on: true, port: 9443, text: \"1\"}\n";
        let documents = parse(text).unwrap();
        let last = documents.last().unwrap();
        assert_eq!(documents[0]["kind"], "A");
        assert_eq!(last["spec"], json!({"on": true, "port": 9443, "text": "1"}));
    }

    #[test]
    fn mistakes_are_told_by_their_place_alone() {
        for text in [
            "kind: A\n  b: hush: x\n",
            "{\"kind\": ",
            "a: [\n",
            "a: b: hush",
        ] {
            let reason = parse(text).unwrap_err();
            assert!(!reason.contains("hush"), "{reason}");
        }
    }

    #[test]
    fn bombs_end_it() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..12 {
            let before = vec![format!("*a{}", at - 1); 10].join(", ");
            bomb.extend([format!("a{at}: &a{at} [{before}]\n")]);
        }
        bomb.push_str("spec: *a11\n");
        assert!(parse(&bomb).is_err());
        assert!(parse(&format!("spec: {}", "[".repeat(100_000))).is_err());
    }

    #[test]
    fn a_list_is_all_that_there_is() {
        let mut told = Told::default();
        let list = json!({"kind": "ServiceList", "apiVersion": "v1", "items": [
            {"metadata": {"name": "s", "namespace": "n"}}
        ]});
        add(&mut told, list, None);
        assert_eq!(told.objects[0]["kind"], "Service");
        assert!(told.complete.contains(&("Service".into(), "n".into())));
        add(
            &mut told,
            json!({"kind": "NetworkPolicyList", "items": []}),
            Some("n"),
        );
        assert!(
            told.complete
                .contains(&("NetworkPolicy".into(), "n".into()))
        );
    }
}
