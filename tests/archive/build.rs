//! Diagnostics as the tools write them, made of what real nodes answered (`tests/recordings`).

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// Files by name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The side whose answers are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Local,
    Remote,
}

/// What support-diagnostics would have kept while a recording was made, without a manifest.
pub(crate) fn answers(version: &str, name: &str, side: Side) -> Files {
    let text = match version {
        "8.14.1" => include_str!("../recordings/8.14.1.json"),
        _ => include_str!("../recordings/9.4.3.json"),
    };
    let recordings: Vec<Value> = serde_json::from_str(text).unwrap();
    let recording = recordings.iter().find(|it| it["name"] == name).unwrap();
    let key = match side {
        Side::Local => "local",
        Side::Remote => "remote",
    };
    let asked = recording[key].as_array().unwrap();
    let mut files = Files::new();
    for (file, path) in [
        ("version.json", "/"),
        ("nodes.json", "/_nodes"),
        ("remote_cluster_info.json", "/_remote/info"),
        ("cluster_settings.json", "/_cluster/settings"),
        ("licenses.json", "/_license"),
        ("ssl_certs.json", "/_ssl/certificates"),
    ] {
        let found = asked.iter().find(|it| {
            let asked = it["path"].as_str().unwrap().split('?').next().unwrap();
            asked == path || path == "/_nodes" && asked.starts_with("/_nodes/settings")
        });
        let Some(found) = found else {
            continue;
        };
        let mut body = found["body"].clone();
        // The recordings hold a part of `GET /_nodes`; the tools keep all of it.
        let nodes = body.get_mut("nodes").and_then(Value::as_object_mut);
        for (_, node) in nodes.into_iter().flatten() {
            node["os"] = json!({"name": "Linux"});
            if node.get("transport").is_none() {
                node["transport"] = json!({});
            }
        }
        files.push((file.into(), serde_json::to_vec(&body).unwrap()));
    }
    // What is large and of no use.
    let state = format!("{{\"x\": \"{}\"}}", "y".repeat(10_000));
    files.push(("cluster_state.json".into(), state.into_bytes()));
    files.push((
        "commercial/ccr_stats.json".into(),
        b"{\"error\":{\"root_cause\":[]},\"status\":403}".to_vec(),
    ));
    files.push(("cat/cat_nodes.txt".into(), b"ip\n".to_vec()));
    files
}

/// `manifest.json` as support-diagnostics has written it for years.
pub(crate) fn legacy_manifest() -> (String, Vec<u8>) {
    let manifest = json!({
        "diagVersion": "8.5.0", "Product Version": {"major": 9}, "runner": "cli",
        "collectionDate": "2026-11-23T23:00:00.000Z", "diagnosticInputs": "",
    });
    (
        "manifest.json".into(),
        serde_json::to_vec(&manifest).unwrap(),
    )
}

/// `diagnostic_manifest.json` of support-diagnostics from 9.0 on, and of esdiag.
pub(crate) fn manifest(product: &str) -> (String, Vec<u8>) {
    let manifest = json!({
        "diagnostic": "9.3.1", "type": format!("{product}_diagnostic"), "product": product,
        "version": "9.4.3", "timestamp": "2026-11-23T23:00:00.000Z", "flags": "", "runner": "cli",
        "mode": "full",
    });
    (
        "diagnostic_manifest.json".into(),
        serde_json::to_vec(&manifest).unwrap(),
    )
}

pub(crate) fn below(root: &str, files: &Files) -> Files {
    files
        .iter()
        .map(|(name, bytes)| (format!("{root}/{name}"), bytes.clone()))
        .collect()
}

pub(crate) fn zip(files: &Files, folders: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    if folders {
        let roots: std::collections::BTreeSet<&str> = files
            .iter()
            .filter_map(|(name, _)| Some(name.rsplit_once('/')?.0))
            .collect();
        for root in roots {
            writer.add_directory(root, options).unwrap();
        }
    }
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn tar(files: &Files) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes a file and returns its path.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// Writes the files below a folder of a name and returns its path.
pub(crate) fn folder(parent: &Path, name: &str, files: &Files) -> PathBuf {
    for (file, bytes) in files {
        write(parent, &format!("{name}/{file}"), bytes);
    }
    parent.join(name)
}
