//! Sorts what the paths lead to: which file is what, and which files belong to one cluster.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::bounds::{Capped, DOCUMENT};
use super::container::Sink;
use super::diagnostic::{Diagnostic, Found, answers, nothing_of};
use super::document::{Document, Schema};
use super::eck;
use super::json::{JsonError, documents};
use super::log::{Scan, scan};
use super::manifest::{Manifest, time_in_name};
use super::place::Place;
use super::recognise::{WANTED, made_a_key, questions};
use super::table::{self, is_log, root_of, row};
use super::text::Utf8;
use super::yaml::settings;
use crate::check::Signatures;
use crate::config::Problem;
use crate::config::plan::ResourceName;
use crate::evidence::{Evidence, Fact};
use crate::probe::assemble::ToldOf;
use crate::report::Report;
use crate::scrub;

/// Most problems that are told one by one.
const PROBLEMS: usize = 30;

/// Bytes by which a text file is recognised.
const TEXT: usize = 8 << 10;

/// Bytes of a list of names.
const LIST: u64 = 1 << 20;

/// Everything that the paths lead to.
#[derive(Debug, Default)]
pub struct Intake {
    /// Clusters as other tools' files show them.
    pub diagnostics: Vec<Diagnostic>,
    /// Evidence that this program saved.
    pub evidence: Vec<Saved<Evidence>>,
    /// Reports that this program wrote.
    pub reports: Vec<Saved<Report>>,
    /// What the logs say.
    pub logs: Vec<Saved<Scan>>,
    /// Names in the keystores that were listed.
    pub keystores: Vec<Saved<Vec<String>>>,
    /// What could not be read, while the rest was.
    pub problems: Vec<Problem>,
    /// Inputs of which nothing could be used.
    pub refused: Vec<Problem>,
}

/// Something, and where it was read.
#[derive(Debug)]
pub struct Saved<T> {
    /// Where.
    pub place: Place,
    /// What.
    pub what: T,
}

impl Intake {
    /// Whether there is nothing to judge.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty() && self.evidence.is_empty() && self.logs.is_empty()
    }
}

/// The files of one folder.
#[derive(Debug, Default)]
struct Group {
    manifest: Option<Manifest>,
    found: Vec<Found>,
}

/// Takes what is found and sorts it.
pub(super) struct Sorter<'a> {
    signatures: &'a Signatures,
    intake: Intake,
    groups: BTreeMap<String, Group>,
    objects: eck::Objects,
    /// Folders of this program's own bundles: their evidence says all that is in the other files.
    bundles: Vec<String>,
    /// Whether the input at hand held anything that is known.
    known: bool,
    untold: usize,
}

impl<'a> Sorter<'a> {
    pub(super) fn new(signatures: &'a Signatures) -> Self {
        Self {
            signatures,
            intake: Intake::default(),
            groups: BTreeMap::new(),
            objects: eck::Objects::default(),
            bundles: Vec::new(),
            known: false,
            untold: 0,
        }
    }

    /// Ends an input: one that held nothing is refused.
    pub(super) fn end(&mut self, place: &Place) {
        let known = std::mem::take(&mut self.known);
        let told = |it: &&Problem| it.place.starts_with(&place.to_string());
        if known || self.intake.refused.iter().any(|it| told(&it)) {
            return;
        }
        self.refuse(
            place,
            "it holds nothing that is known here".to_owned(),
            "give a diagnostics archive or folder of Elasticsearch, evidence or a bundle of crosscheck, \
             a saved answer of an API, a log, or a list of a keystore",
        );
    }

    /// What all of it comes to.
    pub(super) fn finish(mut self) -> Intake {
        if self.untold > 0 {
            let untold = self.untold;
            self.intake.problems.push(Problem {
                place: "the files".into(),
                what: format!("{untold} more problems of this kind"),
                remedy: "repair those above first".into(),
            });
        }
        for bundle in &self.bundles {
            let inside = format!("{bundle}/");
            self.groups.retain(|folder, _| !folder.starts_with(&inside));
            self.intake
                .logs
                .retain(|it| !it.place.path().starts_with(&inside));
        }
        let archives: Vec<(String, Option<Manifest>)> = self
            .groups
            .iter()
            .filter(|(_, it)| product(it) == Some("eck"))
            .map(|(folder, it)| (folder.clone(), it.manifest.clone()))
            .collect();
        for (folder, group) in std::mem::take(&mut self.groups) {
            self.add(folder, group, &archives);
        }
        for (root, manifest) in &archives {
            for told in self.objects.resources(root) {
                self.add_resource(root, manifest.as_ref(), told);
            }
        }
        self.intake
    }

    /// Adds what Kubernetes told of a cluster to its diagnostic, which is made where the archive has
    /// none.
    fn add_resource(&mut self, root: &str, manifest: Option<&Manifest>, told: ToldOf) {
        let ResourceName { namespace, name } = &told.name;
        let place = format!("{root}/{namespace}/elasticsearch/{name}");
        let mut known = self.intake.diagnostics.iter_mut();
        if let Some(diagnostic) = known.find(|it| it.place == place) {
            diagnostic.kubernetes = Some(told);
            return;
        }
        self.intake.diagnostics.push(Diagnostic {
            tool: manifest.and_then(|it| it.tool.clone()),
            collected_at: manifest.and_then(|it| it.at).or_else(|| time_in_name(root)),
            on_kubernetes: true,
            // The operator names the cluster as its resource (`settings.NewMergedESConfig`).
            answers: nothing_of(name),
            kubernetes: Some(told),
            place,
        });
    }

    fn add(&mut self, folder: String, group: Group, archives: &[(String, Option<Manifest>)]) {
        match product(&group) {
            None | Some("elasticsearch") => {}
            // What lies beside the manifest is Kubernetes', not Elasticsearch's.
            Some("eck") => return,
            Some(other) => {
                let name = other.to_owned();
                self.intake.refused.push(Problem {
                    place: folder,
                    what: format!("it is a diagnostic of {name}, not of Elasticsearch"),
                    remedy: "collect one of the Elasticsearch clusters on both sides of the link"
                        .into(),
                });
                return;
            }
        }
        if group.found.is_empty() {
            return;
        }
        let Group { manifest, found } = group;
        self.intake.diagnostics.push(Diagnostic {
            tool: manifest.as_ref().and_then(|it| it.tool.clone()),
            collected_at: manifest
                .as_ref()
                .and_then(|it| it.at)
                .or_else(|| time_in_name(&folder)),
            on_kubernetes: archives
                .iter()
                .any(|(it, _)| folder.starts_with(&format!("{it}/"))),
            kubernetes: None,
            answers: answers(found, manifest.as_ref()),
            place: folder,
        });
    }

    fn group(&mut self, place: &Place) -> &mut Group {
        self.known = true;
        let folder = place.folder();
        self.groups.entry(root_of(&folder).to_owned()).or_default()
    }

    fn json(&mut self, place: &Place, reader: &mut dyn BufRead) -> io::Result<()> {
        let expected = row(place.name());
        let saved = match documents(reader, &WANTED) {
            Ok(saved) => saved,
            Err(JsonError::Io(error)) => return Err(error),
            Err(error) => {
                if let Some(row) = expected {
                    let reason = format!("{place} holds no answer: {error}");
                    let found = Found::unusable(place, row.question.clone(), reason);
                    self.group(place).found.push(found);
                } else if place.inner.is_empty() {
                    self.refuse(place, error.to_string(), "save the whole answer again");
                }
                return Ok(());
            }
        };
        for document in saved {
            self.document(place, document);
        }
        Ok(())
    }

    fn document(&mut self, place: &Place, saved: super::json::Saved) {
        let super::json::Saved {
            status,
            request,
            value,
        } = saved;
        let schema = value.get("schema").and_then(Value::as_str);
        if schema.is_some_and(|it| it.starts_with("crosscheck/")) {
            self.known = true;
            self.problem(
                place,
                "it is a document of crosscheck whose keys stand in another order".into(),
                "give it as crosscheck wrote it",
            );
            return;
        }
        if made_a_key(&value) {
            self.known = true;
            self.problem(
                place,
                "it is the answer that made an API key, and holds its secret; it was not used"
                    .into(),
                "give the file to --credentials-file, and to nobody else",
            );
            return;
        }
        if matches!(place.name(), "manifest.json" | "diagnostic_manifest.json")
            && let Some(manifest) = Manifest::of(&value)
        {
            let group = self.group(place);
            // The newer one of two tells more.
            if group.manifest.is_none() || place.name().starts_with("diagnostic") {
                group.manifest = Some(manifest);
            }
            return;
        }
        let is_error = value.get("error").is_some() && value.get("status").is_some();
        if is_error {
            if let Some(row) = row(place.name()) {
                let found = Found::saved(place, row.question.clone(), status, value);
                self.group(place).found.push(found);
            }
            return;
        }
        let hint = request.unwrap_or_else(|| place.name().to_owned());
        for question in questions(&value, &hint) {
            let found = Found::saved(place, question, status, value.clone());
            self.group(place).found.push(found);
        }
    }

    fn own(&mut self, place: &Place, schema: Schema, reader: &mut dyn BufRead) -> io::Result<()> {
        self.known = true;
        match schema.read(reader) {
            Ok(Some(Document::Evidence(what))) => self.intake.evidence.push(Saved {
                place: place.clone(),
                what: *what,
            }),
            Ok(Some(Document::Report(what))) => self.intake.reports.push(Saved {
                place: place.clone(),
                what: *what,
            }),
            Ok(None) if schema == Schema::Bundle => self.bundles.push(place.folder()),
            Ok(None) if schema == Schema::Unknown => self.problem(
                place,
                "a later version of crosscheck wrote it".into(),
                "use that version or a later one",
            ),
            Ok(None) => {}
            Err(error) if error.is_io() => return Err(error.into()),
            Err(error) => self.problem(
                place,
                format!("it cannot be read: {error}"),
                "copy it again, whole",
            ),
        }
        Ok(())
    }

    /// A server log. Its name is that of the cluster, where it is not one of a container.
    fn log(&mut self, place: &Place, reader: &mut dyn Read) -> io::Result<()> {
        self.known = true;
        let mut scan = scan(reader, &place.to_string(), self.signatures);
        let name = place.name().trim_end_matches(".gz");
        let stem = name
            .strip_suffix(".log")
            .or(name.strip_suffix("_server.json"));
        if let Some(stem) = stem
            && !place.inner.is_empty()
        {
            for sighting in &mut scan.sightings {
                let told = &mut sighting.cluster_name;
                *told = std::mem::take(told).or(Fact::Known(stem.to_owned()));
            }
        }
        let problem = scan.problem.take();
        self.intake.logs.push(Saved {
            place: place.clone(),
            what: scan,
        });
        problem.map_or(Ok(()), Err)
    }

    /// A file of eck-diagnostics.
    fn object(&mut self, place: &Place, reader: &mut dyn BufRead) -> io::Result<()> {
        self.known = true;
        if let Err(what) = self.objects.read(place, reader)? {
            self.problem(place, what, "collect it again");
        }
        Ok(())
    }

    /// A list of names in a keystore, `elasticsearch.yml`, or nothing that is known.
    fn text(&mut self, place: &Place, reader: &mut dyn BufRead) -> io::Result<()> {
        let mut text = String::new();
        reader.take(LIST).read_to_string(&mut text)?;
        if let Some(names) = keystore_list(&text) {
            self.known = true;
            self.intake.keystores.push(Saved {
                place: place.clone(),
                what: names,
            });
        } else if let Some(settings) = settings(&text).filter(is_elasticsearch_yml) {
            let found = Found::file_settings(place, &settings);
            self.group(place).found.push(found);
        } else if let Some(row) = row(place.name()) {
            let start = scrub::beginning(text.trim(), 60);
            let reason = if start.is_empty() {
                format!("{place} is empty")
            } else {
                format!("{place} holds no JSON: it begins with \"{start}\"")
            };
            let found = Found::unusable(place, row.question.clone(), reason);
            self.group(place).found.push(found);
        }
        Ok(())
    }
}

impl Sink for Sorter<'_> {
    fn wants(&self, place: &Place) -> bool {
        table::wants(place)
    }

    fn file(&mut self, place: &Place, reader: &mut dyn Read) -> io::Result<()> {
        if is_log(place) {
            return self.log(place, reader);
        }
        let mut head = Vec::new();
        reader.take(TEXT as u64).read_to_end(&mut head)?;
        let mut text = Vec::new();
        Utf8::new(head.as_slice()).read_to_end(&mut text)?;
        let mut reader = io::Cursor::new(head).chain(reader);
        if is_log_line(&text) {
            return self.log(place, &mut reader);
        }
        let head = text;
        let capped = Capped::new(reader, DOCUMENT);
        let mut reader = BufReader::with_capacity(TEXT, Utf8::new(capped));
        if eck::is_file(place, &head) {
            return self.object(place, &mut reader);
        }
        if let Some(schema) = Schema::of(&head) {
            return self.own(place, schema, &mut reader);
        }
        let is_json = |it: u8| matches!(it, b'{' | b'[');
        let first = head.iter().copied().find(|it| !it.is_ascii_whitespace());
        let saved_along = [&b"HTTP/"[..], b"# GET ", b"GET ", b"# POST "];
        if first.is_some_and(is_json) || saved_along.iter().any(|it| head.starts_with(it)) {
            self.json(place, &mut reader)
        } else {
            self.text(place, &mut reader)
        }
    }

    fn problem(&mut self, place: &Place, what: String, remedy: &str) {
        if self.intake.problems.len() >= PROBLEMS {
            self.untold += 1;
            return;
        }
        self.intake.problems.push(Problem {
            place: place.to_string(),
            what,
            remedy: remedy.to_owned(),
        });
    }

    fn lost(&mut self, place: &Place, error: &io::Error) {
        if let Some(row) = row(place.name()) {
            let reason = format!("{place} cannot be read: {error}");
            let found = Found::unusable(place, row.question.clone(), reason);
            self.group(place).found.push(found);
        }
    }

    fn refuse(&mut self, place: &Place, what: String, remedy: &str) {
        self.intake.refused.push(Problem {
            place: place.to_string(),
            what,
            remedy: remedy.to_owned(),
        });
    }
}

/// Whether settings are those of Elasticsearch. All of its settings have a dot in their names.
fn is_elasticsearch_yml(settings: &Map<String, Value>) -> bool {
    const AREAS: [&str; 8] = [
        "cluster.",
        "discovery.",
        "http.",
        "network.",
        "node.",
        "remote_cluster",
        "transport.",
        "xpack.",
    ];
    settings
        .keys()
        .any(|it| AREAS.iter().any(|area| it.starts_with(area)))
}

/// Whether a file begins as a server log does, plain or JSON (`ESJsonLayout`, `EcsLayout`).
fn is_log_line(head: &[u8]) -> bool {
    let plain = head.starts_with(b"[20") && head.get(5) == Some(&b'-');
    let line = head.split(|it| *it == b'\n').next().unwrap_or_default();
    let holds = |needle: &[u8]| line.windows(needle.len()).any(|it| it == needle);
    let json = head.starts_with(b"{")
        && (holds(b"\"@timestamp\"") || holds(b"\"timestamp\""))
        && (holds(b"\"log.level\"") || holds(b"\"level\""));
    plain || json
}

fn product(group: &Group) -> Option<&str> {
    group.manifest.as_ref()?.product.as_deref()
}

/// The names of `elasticsearch-keystore list`. Every keystore holds `keystore.seed`.
fn keystore_list(text: &str) -> Option<Vec<String>> {
    let is_name = |it: &str| {
        it.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    let names: Vec<String> = lines.filter(|it| is_name(it)).map(str::to_owned).collect();
    let listed = |it: &String| it == "keystore.seed" || it.starts_with("cluster.remote.");
    names.iter().any(listed).then_some(names)
}
