//! The answers of a cluster's HTTP API, as recorded of real nodes.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;
use serde_json::Value;

use super::filter;
use super::placeholders::Placeholders;
use super::wire::Thrown;

/// A file of answers: a healthy pair, or what one fault changes in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerFile {
    /// Which recordings of real nodes it was taken from.
    #[expect(dead_code, reason = "for the reader of the file")]
    recordings: Vec<String>,
    /// What was changed in them, and why.
    #[expect(dead_code, reason = "for the reader of the file")]
    changed: Option<String>,
    #[serde(default)]
    local: BTreeMap<String, Overlay>,
    /// Other answers of the local cluster where `skip_unavailable` is false.
    #[serde(default)]
    local_skip_false: BTreeMap<String, Overlay>,
    #[serde(default)]
    remote: BTreeMap<String, Overlay>,
    /// How the remote cluster server refuses the credential.
    pub(super) with_credential: Option<Vec<Thrown>>,
    /// How it accepts the credential, where it grants something else than usual; the frame in hexadecimal.
    pub(super) accepted: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Overlay {
    status: u16,
    #[serde(default)]
    body: Value,
    /// Changes to the healthy body (RFC 7396), instead of another one.
    merge: Option<Value>,
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// All answers of one cluster, by `GET /path` without query.
#[derive(Debug, Default)]
pub(super) struct Answers(BTreeMap<String, Answer>);

/// Which cluster of the pair.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The one that queries, named a.
    Local,
    /// The one that is queried, named b.
    Remote,
}

/// Key of the answer to the cross-cluster API key when it is shown to the REST API.
const KEY_SHOWN: &str = "GET /_security/_authenticate (API key)";

impl AnswerFile {
    pub(super) fn parse(text: &str) -> io::Result<Self> {
        serde_json::from_str(text).map_err(io::Error::other)
    }
}

impl Answers {
    /// The healthy answers with those of the fault laid over them.
    pub(super) fn of(
        part: Part,
        files: &[&AnswerFile],
        skip_unavailable: bool,
        placeholders: &Placeholders,
    ) -> Self {
        let mut answers = Self::default();
        for file in files {
            match part {
                Part::Remote => answers.lay(&file.remote),
                Part::Local => {
                    answers.lay(&file.local);
                    if !skip_unavailable {
                        answers.lay(&file.local_skip_false);
                    }
                }
            }
        }
        for answer in answers.0.values_mut() {
            placeholders.fill(&mut answer.body);
        }
        answers
    }

    /// The answer to a call; `None` where Elasticsearch has no such call or it was never recorded.
    pub(super) fn get(&self, method: &str, path: &str, query: &str) -> Option<Answer> {
        let key = format!("{method} {path}");
        if let Some(id) = parameter(query, "id").filter(|_| path == "/_security/api_key") {
            return Some(self.api_key(id));
        }
        let mut answer = if let Some(metrics) = path.strip_prefix("/_nodes/")
            && method == "GET"
        {
            let mut nodes = self.0.get("GET /_nodes")?.clone();
            filter::node_sections(&mut nodes.body, metrics);
            nodes
        } else {
            self.0.get(&key).or_else(|| self.similar(&key))?.clone()
        };
        if let Some(patterns) = parameter(query, "filter_path") {
            answer.body = filter::filter_path(&answer.body, &patterns.replace("%2C", ","));
        }
        Some(answer)
    }

    /// The answer to the cross-cluster API key when it is shown to the REST API.
    pub(super) fn key_shown(&self) -> Option<Answer> {
        self.0.get(KEY_SHOWN).cloned()
    }

    /// An unknown id is 404 with an empty list (recording `9.4.3/key_of_other_cluster.json`).
    fn api_key(&self, id: &str) -> Answer {
        let key = format!("GET /_security/api_key?id={id}");
        self.0.get(&key).cloned().unwrap_or_else(|| Answer {
            status: 404,
            body: serde_json::json!({"api_keys": []}),
        })
    }

    /// Another expression on the same remote is answered as the recorded one was.
    fn similar(&self, key: &str) -> Option<&Answer> {
        let wildcard = key.contains('*');
        if let Some(expression) = key.strip_prefix("GET /_resolve/cluster/") {
            let alias = expression.split(':').next()?;
            let index = if wildcard { "*" } else { "logs" };
            return self
                .0
                .get(&format!("GET /_resolve/cluster/{alias}:{index}"));
        }
        let expression = key.strip_prefix("GET /")?.strip_suffix("/_search")?;
        let alias = expression.split(':').next()?;
        let recorded = |index| self.0.get(&format!("GET /{alias}:{index}/_search"));
        let any = wildcard.then(|| recorded("*")).flatten();
        any.or_else(|| recorded("logs"))
    }

    fn lay(&mut self, overlays: &BTreeMap<String, Overlay>) {
        for (key, overlay) in overlays {
            let body = match &overlay.merge {
                None => overlay.body.clone(),
                Some(changes) => {
                    let mut body = self.0.get(key).map_or(Value::Null, |it| it.body.clone());
                    merge(&mut body, changes);
                    body
                }
            };
            let status = overlay.status;
            self.0.insert(key.clone(), Answer { status, body });
        }
    }
}

fn merge(value: &mut Value, changes: &Value) {
    let Value::Object(changes) = changes else {
        *value = changes.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    let Some(map) = value.as_object_mut() else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            map.remove(name);
        } else {
            merge(map.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|it| it.split_once('='))
        .find_map(|(it, value)| (it == name).then_some(value))
}
