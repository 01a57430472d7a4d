//! Recordings as answers to the questions that a run asks, in its order.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::config::plan::{ClusterTarget, LinkIntent, Login, Plan};
use crosscheck::evidence::{Evidence, Purpose};
use crosscheck::probe::Stopped;
use crosscheck::probe::assemble::{Observations, assemble};
use crosscheck::probe::elasticsearch::{Answer, Body, Failure, Moment, Question, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Recording {
    #[serde(skip)]
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) rows: Vec<String>,
    pub(crate) healthy: bool,
    pub(crate) expected: String,
    pub(crate) alias: String,
    local: Vec<Response>,
    remote: Vec<Response>,
}

#[derive(Deserialize)]
pub(crate) struct Response {
    path: String,
    status: u16,
    body: Value,
    #[serde(default)]
    note: String,
}

/// How a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Replay {
    /// As the nodes stood.
    AsFound,
    /// As they answer while `skip_unavailable` is false.
    Unskipped,
    /// As found, with nothing but the local cluster.
    LocalOnly,
}

pub(crate) static RECORDINGS: LazyLock<Vec<Recording>> = LazyLock::new(|| {
    let files = [
        ("8.14.1", include_str!("8.14.1.json")),
        ("9.4.3", include_str!("9.4.3.json")),
    ];
    let of_version = |(version, text): (&str, &str)| {
        let mut recordings: Vec<Recording> = serde_json::from_str(text).unwrap();
        for recording in &mut recordings {
            recording.version = version.into();
        }
        recordings
    };
    files.into_iter().flat_map(of_version).collect()
});

impl Recording {
    /// Version, name and true cause, for messages.
    pub(crate) fn place(&self) -> String {
        format!("{} {} ({})", self.version, self.name, self.expected)
    }

    /// The document of what was recorded.
    pub(crate) fn evidence(&self, replay: Replay) -> Evidence {
        let local = self.local_answers(replay);
        let remote = (replay != Replay::LocalOnly).then(|| self.remote_answers());
        let credential = self.credential().filter(|_| remote.is_some());
        let plan = Plan {
            local: Some(target("http://localhost:9200")),
            remote: remote.is_some().then(|| target("http://localhost:9201")),
            aliases: vec![self.alias.clone()],
            intents: vec![LinkIntent {
                credential: credential.map(Into::into),
                indices: vec![self.index().into()],
                ..LinkIntent::default()
            }],
            keystore: self.keystore().filter(|_| remote.is_some()),
            ..Plan::new(Purpose::Diagnose)
        };
        let mut seen = Observations {
            local: Some(local),
            remote,
            ..Observations::default()
        };
        // Within the validity of what the recordings made, shortly after they were made.
        assemble(&plan, &mut seen, "2026-11-23T23:00:00Z".parse().unwrap())
    }

    fn index(&self) -> &'static str {
        if self.name == "index_missing" {
            "logs-nope"
        } else {
            "logs"
        }
    }

    /// The answers to what would be asked, in the order in which it would be.
    fn local_answers(&self, replay: Replay) -> Vec<Arc<Answer>> {
        let alias = &self.alias;
        let unskipped = replay == Replay::Unskipped;
        let mut answers = Vec::new();
        let mut add = |question, found: Option<&Response>| {
            if let Some(response) = found {
                answers.push(answer(question, response, unskipped.then_some(alias)));
            }
        };
        let root = self.local.iter().find(|it| it.path == "/");
        let made = self.root("a", "local-uuid");
        add(Question::Root, Some(root.unwrap_or(&made)));
        add(
            Question::ClusterSettings,
            first(&self.local, "/_cluster/settings"),
        );
        add(
            Question::Nodes { server: false },
            first(&self.local, "/_nodes?"),
        );
        let info = |n| {
            self.local
                .iter()
                .filter(|it| it.path == "/_remote/info")
                .nth(n)
        };
        add(Question::RemoteInfo(Moment::Before), info(0));
        for (question, path) in [
            (Question::License, "/_license"),
            (Question::FeatureUsage, "/_license/feature_usage"),
            (Question::Certificates, "/_ssl/certificates"),
            (Question::Caller, "/_security/_authenticate"),
            (Question::Privileges, "/_security/user/_privileges"),
        ] {
            add(question, last(&self.local, path));
        }
        let path = format!("/_resolve/cluster/{alias}:*");
        let resolve = first(&self.local, &path);
        let question = Question::Resolve {
            alias: alias.clone(),
        };
        add(question, resolve);
        add(
            Question::RemoteInfo(Moment::After),
            info(1).or_else(|| info(0)),
        );
        self.use_link(replay, resolve, info(0), add);
        answers
    }

    /// What is asked once the state of the link is known.
    fn use_link<'a>(
        &'a self,
        replay: Replay,
        resolve: Option<&Response>,
        info: Option<&Response>,
        mut add: impl FnMut(Question, Option<&'a Response>),
    ) {
        let alias = &self.alias;
        let index = self.index();
        let entry = resolve
            .filter(|it| it.status == 200)
            .map(|it| &it.body[alias]);
        let works = entry.is_some_and(|it| it["connected"] == true && it["error"].is_null());
        if works {
            let question = Question::ResolveIndex {
                alias: alias.clone(),
                index: index.into(),
            };
            let path = format!("/_resolve/cluster/{alias}:{index}");
            add(question, last(&self.local, &path));
        }
        let skips = info.is_some_and(|it| it.body[alias]["skip_unavailable"] == true);
        let tells = entry.is_some() && (replay == Replay::Unskipped || !skips);
        if works || tells {
            let path = format!("/{alias}:{index}/_search");
            let mut searches = self.local.iter().filter(|it| it.path == path);
            let search = if replay == Replay::Unskipped {
                searches.find(|it| it.note.contains("skip_unavailable false"))
            } else {
                searches.next()
            };
            let question = Question::Search {
                alias: alias.clone(),
                indices: vec![index.into()],
            };
            add(question, search);
        }
    }

    fn remote_answers(&self) -> Vec<Arc<Answer>> {
        let mut answers = Vec::new();
        let mut add = |question, found: Option<&Response>| {
            answers.extend(found.map(|it| answer(question, it, None)));
        };
        let root = self.remote.iter().find(|it| it.path == "/");
        let made = self.root("b", "remote-uuid");
        add(Question::Root, Some(root.unwrap_or(&made)));
        add(
            Question::Nodes { server: true },
            first(&self.remote, "/_nodes/"),
        );
        for (question, path) in [
            (Question::License, "/_license"),
            (Question::FeatureUsage, "/_license/feature_usage"),
            (Question::Certificates, "/_ssl/certificates"),
        ] {
            add(question, last(&self.remote, path));
        }
        add(
            Question::ClusterSettings,
            first(&self.remote, "/_cluster/settings"),
        );
        for response in &self.remote {
            if let Some(id) = response.path.strip_prefix("/_security/api_key?id=") {
                add(Question::ApiKey { id: id.into() }, Some(response));
            }
        }
        if self.credential().is_some() {
            let question = Question::Credential { alias: None };
            add(question, first(&self.remote, "/_security/_authenticate"));
        }
        answers
    }

    /// The root of a cluster whose recording lacks it.
    fn root(&self, name: &str, uuid: &str) -> Response {
        let oldest = if self.version.starts_with('9') {
            "8.19.0"
        } else {
            "7.17.0"
        };
        Response {
            path: "/".into(),
            status: 200,
            body: json!({"cluster_name": name, "cluster_uuid": uuid,
                "tagline": "You Know, for Search",
                "version": {"number": self.version, "build_flavor": "default",
                    "minimum_wire_compatibility_version": oldest}}),
            note: String::new(),
        }
    }

    /// A well-formed credential with the id of the stored one. Recordings of damaged ones hold no
    /// credential to look at, that of an unknown one does not ask for its id.
    fn credential(&self) -> Option<String> {
        first(&self.remote, "/_security/_authenticate")?;
        let damaged = [
            "empty",
            "encoded",
            "json",
            "raw",
            "swapped",
            "trailing",
            "truncated",
            "scheme",
            "unknown_id",
        ];
        if damaged.iter().any(|it| self.name.contains(it)) {
            return None;
        }
        let mut keys = self
            .remote
            .iter()
            .filter_map(|it| it.path.strip_prefix("/_security/api_key?id="));
        let id = keys.next_back()?;
        Some(STANDARD.encode(format!("{id}:abcdefghijklmnopqrstuv")))
    }

    /// Names in the keystore, from 9.3 on.
    fn keystore(&self) -> Option<Vec<String>> {
        let reload = self
            .local
            .iter()
            .find(|it| it.path.ends_with("reload_secure_settings"))?;
        let nodes = reload.body["nodes"].as_object()?;
        let names = nodes.values().next()?["secure_setting_names"].as_array()?;
        Some(
            names
                .iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
        )
    }
}

fn target(url: &str) -> ClusterTarget {
    ClusterTarget {
        url: url.parse().unwrap(),
        login: Login::Basic {
            user: "elastic".into(),
            password: "not-in-any-recording".into(),
        },
        ca: Vec::new(),
    }
}

fn first<'a>(responses: &'a [Response], prefix: &str) -> Option<&'a Response> {
    responses.iter().find(|it| it.path.starts_with(prefix))
}

fn last<'a>(responses: &'a [Response], path: &str) -> Option<&'a Response> {
    responses.iter().rfind(|it| it.path == path)
}

/// An answer as it was recorded, or with `skip_unavailable` false for an alias.
fn answer(question: Question, response: &Response, unskip: Option<&String>) -> Arc<Answer> {
    let mut body = response.body.clone();
    if let Some(alias) = unskip {
        if let Some(entry) = body.get_mut(alias)
            && entry.get("skip_unavailable").is_some()
        {
            entry["skip_unavailable"] = false.into();
        }
        let setting = format!("cluster.remote.{alias}.skip_unavailable");
        if let Some(persistent) = body.get_mut("persistent") {
            persistent[setting] = "false".into();
        }
    }
    let outcome = if response.status == 0 {
        Err(Failure::Stopped(Stopped::TimedOut))
    } else {
        Ok(Reply {
            status: response.status,
            product: true,
            location: None,
            body: Body::Json(body),
        })
    };
    Arc::new(Answer {
        question,
        node: None,
        outcome,
        took_ms: 10,
    })
}
