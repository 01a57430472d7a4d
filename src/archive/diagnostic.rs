//! One cluster as files show it: answers to the questions that a run would ask.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::manifest::Manifest;
use super::place::Place;
use super::table::absent;
use crate::probe::assemble::{ToldOf, aliases};
use crate::probe::elasticsearch::{Answer, Body, Failure, Moment, Question, Reply};

/// What files tell of one cluster.
#[derive(Debug)]
pub struct Diagnostic {
    /// The folder or archive that it was read from.
    pub place: String,
    /// The tool that collected it, with its version; `None` where answers were saved by hand.
    pub tool: Option<String>,
    /// When it was collected, where that is told.
    pub collected_at: Option<Timestamp>,
    /// Whether it was collected by the operator's tool for Kubernetes.
    pub on_kubernetes: bool,
    /// What Kubernetes told of its resource; `None` where the files do not have it.
    pub kubernetes: Option<ToldOf>,
    /// The answers, in the order in which a run asks.
    pub answers: Vec<Arc<Answer>>,
}

impl Diagnostic {
    /// The remotes that the cluster has, or is to have by its resource.
    pub(super) fn aliases(&self) -> Vec<String> {
        let mut all = aliases(&self.answers).unwrap_or_default();
        all.extend(self.kubernetes.iter().flat_map(ToldOf::declared));
        all
    }
}

/// A document or file that answers questions.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) question: Question,
    pub(super) outcome: Result<Reply, Failure>,
}

impl Found {
    /// An answer as it was saved. Its status is told by itself, or by what was saved with it.
    pub(super) fn saved(
        place: &Place,
        question: Question,
        status: Option<u16>,
        body: Value,
    ) -> Self {
        let told = body.get("error").and(body.get("status"));
        let told = told
            .and_then(Value::as_u64)
            .and_then(|it| it.try_into().ok());
        Self {
            place: place.clone(),
            question,
            outcome: Ok(Reply {
                status: told.or(status).unwrap_or(200),
                product: true,
                location: None,
                body: Body::Json(body),
            }),
        }
    }

    /// The settings of a node's `elasticsearch.yml`.
    pub(super) fn file_settings(place: &Place, settings: &Map<String, Value>) -> Self {
        let name = settings.get("node.name").and_then(Value::as_str);
        let name = name.unwrap_or("elasticsearch.yml").to_owned();
        let cluster = settings.get("cluster.name").cloned();
        let mut body = json!({ "nodes": { &name: { "name": name, "settings": settings } } });
        if let Some(cluster) = cluster {
            body["cluster_name"] = cluster;
        }
        let question = Question::Nodes { server: false };
        Self::saved(place, question, None, body)
    }

    fn is_file_settings(&self) -> bool {
        self.place.name().ends_with("ml")
    }

    /// A file that should hold an answer and holds none that can be read.
    pub(super) fn unusable(place: &Place, question: Question, reason: String) -> Self {
        Self {
            place: place.clone(),
            question,
            outcome: Err(Failure::NotInFiles { reason }),
        }
    }

    fn body(&self) -> Option<&Value> {
        match &self.outcome {
            Ok(Reply {
                body: Body::Json(body),
                ..
            }) => Some(body),
            _ => None,
        }
    }
}

/// What a run asks of every cluster, in its order.
const ASKED: [Question; 12] = [
    Question::Root,
    Question::RemoteInfo(Moment::Before),
    Question::ClusterSettings,
    Question::Nodes { server: false },
    Question::License,
    Question::FeatureUsage,
    Question::Certificates,
    Question::Caller,
    Question::Privileges,
    Question::FollowInfo,
    Question::FollowStats(Moment::Before),
    Question::AutoFollow,
];

/// Makes the answers of what was found in one folder.
pub(super) fn answers(found: Vec<Found>, manifest: Option<&Manifest>) -> Vec<Arc<Answer>> {
    let root = root(&found, manifest);
    let mut answers = vec![answer(root.question, root.outcome)];
    let (mut asked, mut others): (Vec<Found>, Vec<Found>) = found
        .into_iter()
        .filter(|it| it.question != Question::Root)
        .partition(|it| ASKED.iter().any(|asked| same(asked, &it.question)));
    for question in &ASKED[1..] {
        // The last answer counts: one that can be used goes behind one that cannot.
        let mut own: Vec<Found> = Vec::new();
        let mut rest = Vec::new();
        for it in asked {
            if same(question, &it.question) {
                own.push(it);
            } else {
                rest.push(it);
            }
        }
        asked = rest;
        // What the nodes told holds the settings of their files.
        own.sort_by_key(|it| (!it.is_file_settings(), usable(&it.outcome)));
        if own.is_empty() {
            answers.push(answer(question.clone(), lacking(question, manifest)));
        }
        answers.extend(own.into_iter().map(|it| answer(it.question, it.outcome)));
    }
    if others.iter().all(|it| it.question != Question::RemoteStats) {
        let question = Question::RemoteStats;
        answers.push(answer(question.clone(), lacking(&question, manifest)));
    }
    // Without remotes in it, it is no answer about them.
    others.retain(|it| {
        it.question != Question::RemoteStats
            || it
                .body()
                .is_none_or(|body| body.pointer("/ccs/clusters").is_some())
    });
    answers.extend(others.into_iter().map(|it| answer(it.question, it.outcome)));
    answers
}

/// The answers of a cluster of which only the name is known.
pub(super) fn nothing_of(name: &str) -> Vec<Arc<Answer>> {
    let place = Place {
        input: String::new(),
        inner: String::new(),
    };
    let root = Found::saved(
        &place,
        Question::Root,
        None,
        json!({ "cluster_name": name }),
    );
    let lacking = ASKED[1..].iter().chain([&Question::RemoteStats]).map(|it| {
        let reason = "the archive has no diagnostics of this cluster".into();
        answer(it.clone(), Err(Failure::NotInFiles { reason }))
    });
    std::iter::once(answer(Question::Root, root.outcome))
        .chain(lacking)
        .collect()
}

/// Who the cluster is. Where `GET /` was not collected, other answers tell a part of it.
fn root(found: &[Found], manifest: Option<&Manifest>) -> Found {
    let own = found.iter().filter(|it| it.question == Question::Root);
    if let Some(root) = own.max_by_key(|it| usable(&it.outcome))
        && let Some(body) = root.body()
    {
        let status = root.outcome.as_ref().ok().map(|it| it.status);
        return Found::saved(&root.place, Question::Root, status, body.clone());
    }
    let told = |pointer: &str| {
        let mut bodies = found.iter().filter_map(Found::body);
        bodies
            .find_map(|it| it.pointer(pointer)?.as_str())
            .map(str::to_owned)
    };
    let mut body = Map::new();
    for (key, value) in [
        ("cluster_name", told("/cluster_name")),
        ("cluster_uuid", told("/cluster_uuid")),
    ] {
        body.extend(value.map(|it| (key.to_owned(), Value::from(it))));
    }
    let version = manifest
        .and_then(|it| it.version.clone())
        .or_else(|| told("/nodes/versions/0"))
        .or_else(|| one_version(found));
    if let Some(version) = version {
        body.insert("version".into(), json!({ "number": version }));
    }
    let place = found.first().map_or_else(
        || Place {
            input: String::new(),
            inner: String::new(),
        },
        |it| it.place.clone(),
    );
    Found::saved(&place, Question::Root, None, Value::Object(body))
}

/// The version of the nodes, where they have one.
fn one_version(found: &[Found]) -> Option<String> {
    let nodes = found
        .iter()
        .filter_map(|it| it.body()?.get("nodes")?.as_object());
    let mut versions: Vec<&str> = nodes
        .flat_map(Map::values)
        .filter_map(|it| it.get("version")?.as_str())
        .collect();
    versions.dedup();
    match versions.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

/// Why there is no answer to a question: a status that the tool kept, or nothing.
fn lacking(question: &Question, manifest: Option<&Manifest>) -> Result<Reply, Failure> {
    let kept = manifest.and_then(|manifest| {
        let rows = super::table::KEPT.iter();
        let mut rows = rows.filter(|it| same(&it.question, question));
        rows.find_map(|it| manifest.statuses.get(it.name))
    });
    match kept {
        Some(status) if *status != 200 => Ok(Reply {
            status: *status,
            product: true,
            location: None,
            body: Body::Text(String::new()),
        }),
        _ => {
            let tool = manifest.and_then(|it| it.tool.as_deref());
            let light = manifest.is_some_and(|it| it.light);
            Err(Failure::NotInFiles {
                reason: absent(question, tool, light),
            })
        }
    }
}

/// Whether two questions are the same, but for how the nodes are asked.
fn same(one: &Question, other: &Question) -> bool {
    let nodes = |it: &Question| matches!(it, Question::Nodes { .. });
    one == other || nodes(one) && nodes(other)
}

fn usable(outcome: &Result<Reply, Failure>) -> usize {
    match outcome {
        Ok(Reply { status: 200, .. }) => 2,
        Ok(_) => 1,
        Err(_) => 0,
    }
}

fn answer(question: Question, outcome: Result<Reply, Failure>) -> Arc<Answer> {
    Arc::new(Answer {
        question,
        node: None,
        outcome,
        took_ms: 0,
    })
}
