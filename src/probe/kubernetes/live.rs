//! Asking the API of Kubernetes: the calls side by side, those about Secrets after the resource that
//! names them.

use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use kube::Client;
use serde_json::Value;

use super::super::{Deadline, Progress, Stopped};
use super::call::around;
use super::client::{self, REASON, Reply};
use super::{Call, Refused, Told, read, without_user};
use crate::archive::manifests;
use crate::config::plan::{KubernetesApi, ResourceName};
use crate::evidence::{self, Fact};
use crate::scrub;

/// Longest wait for a call.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for a resource and what is around it.
pub(in crate::probe) async fn ask(
    api: &KubernetesApi,
    name: &ResourceName,
    deadline: &Deadline,
    progress: &dyn Progress,
) -> Told {
    let mut told = Told::default();
    // A plugin of the kubeconfig may log in, which is another program.
    let client = deadline.at_most(PATIENCE).run(client::client(api)).await;
    let client = match client.unwrap_or_else(|stopped| Err(stopped.to_string())) {
        Ok(client) => client,
        Err(reason) => {
            told.refused.push(Refused {
                kind: "Elasticsearch",
                probe: "the kubeconfig".into(),
                reason: format!("there is no access to Kubernetes: {reason}"),
                remedy: "check with kubectl config get-contexts; --kube-context NAME and \
                         --kubeconfig FILE choose another"
                    .into(),
            });
            return told;
        }
    };
    let desk = Desk {
        client: &client,
        deadline,
        progress,
    };
    let resource = async {
        let first = desk.ask(Call::Resource(name.clone())).await;
        let spec = match &first.outcome {
            Ok(Reply { status: 200, body }) => body["spec"].clone(),
            _ => Value::Null,
        };
        let mut secrets = read::secure_secrets(&spec);
        secrets.sort();
        secrets.dedup();
        let calls = secrets.into_iter().map(|secret| {
            desk.ask(Call::Secret {
                namespace: name.namespace.clone(),
                name: secret,
            })
        });
        let mut answers = vec![first];
        answers.extend(join_all(calls).await);
        answers
    };
    let rest = join_all(around(api, name).map(|it| desk.ask(it)));
    let (answers, rest) = join(resource, rest).await;
    let mut secrets_told = true;
    for answer in answers.into_iter().chain(rest) {
        if let Call::Secret { .. } = answer.call {
            secrets_told &= matches!(
                answer.outcome,
                Ok(Reply {
                    status: 200 | 404,
                    ..
                })
            );
        }
        take(&mut told, answer);
    }
    if secrets_told {
        told.complete
            .insert(("Secret".into(), name.namespace.clone()));
    }
    told
}

/// The resource of the remote cluster, where the local one declares just one that is meant.
pub(in crate::probe) fn remote_of(
    told: &Told,
    name: &ResourceName,
    aliases: &[String],
) -> Option<ResourceName> {
    let (_, declared) = told.resources().into_iter().find(|(it, _)| it == name)?;
    let mut wanted: Vec<ResourceName> = declared
        .into_iter()
        .filter(|it| aliases.is_empty() || aliases.contains(&it.alias))
        .map(|it| ResourceName {
            namespace: it.namespace,
            name: it.name,
        })
        .collect();
    wanted.dedup();
    let remote = wanted.pop()?;
    wanted.is_empty().then_some(remote)
}

/// What came back for a call.
struct Answer {
    call: Call,
    outcome: Result<Reply, String>,
    took: Duration,
}

struct Desk<'a> {
    client: &'a Client,
    deadline: &'a Deadline,
    progress: &'a dyn Progress,
}

impl Desk<'_> {
    async fn ask(&self, call: Call) -> Answer {
        let what = format!("GET {} on Kubernetes", call.path());
        self.progress.begin(&what);
        let begun = Instant::now();
        let deadline = self.deadline.at_most(PATIENCE);
        let outcome = match deadline.run(client::get(self.client, &call)).await {
            Ok(outcome) => outcome,
            Err(Stopped::Interrupted) => Err("the run was interrupted".into()),
            Err(Stopped::TimedOut) => Err("no answer in time".into()),
        };
        self.progress.end(&what);
        Answer {
            call,
            outcome,
            took: begun.elapsed(),
        }
    }
}

/// Takes an answer: objects, or why there are none.
fn take(told: &mut Told, answer: Answer) {
    let Answer {
        call,
        outcome,
        took,
    } = answer;
    let status = outcome.as_ref().ok().map(|it| it.status);
    told.calls.push(evidence::Call {
        cluster: String::new(),
        node: Fact::Unknown,
        method: "GET".into(),
        path: call.path(),
        status,
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    });
    let refusal = match outcome {
        Ok(Reply { status: 200, body }) if body.is_object() => {
            add(told, &call, body);
            return;
        }
        Ok(Reply { status: 404, body }) if absent(&call, &body) => {
            if let Call::Resource(name) = &call {
                let key = ("Elasticsearch".to_owned(), name.namespace.clone());
                told.complete.insert(key);
            }
            if matches!(call, Call::Secret { .. }) {
                return;
            }
            let what = scrub::beginning(body["message"].as_str().unwrap_or("404"), REASON);
            (what, missing(&call))
        }
        Ok(reply) => refused(&call, &reply),
        Err(reason) => (
            reason,
            "check that the API server of the context answers: kubectl version".to_owned(),
        ),
    };
    let (reason, remedy) = refusal;
    told.refused.push(Refused {
        kind: call.kind(),
        probe: format!("GET {}", call.path()),
        reason,
        remedy,
    });
}

/// Adds the objects of an answer.
fn add(told: &mut Told, call: &Call, mut body: Value) {
    // Metadata says of itself that it is metadata, and a list may say no more than that it is one.
    let kind = call.kind();
    body["kind"] = if body["items"].is_null() {
        kind.into()
    } else {
        format!("{kind}List").into()
    };
    manifests::add(told, body, call.namespace());
}

/// Whether an answer says that there is no such object, and not that there is no such API.
fn absent(call: &Call, body: &Value) -> bool {
    let name = match call {
        Call::Resource(it) => it.name.as_str(),
        Call::Secret { name, .. } => name,
        Call::License(_) => "elastic-licensing",
        Call::Operator(_) => "elastic-operator",
        _ => return false,
    };
    body["details"]["name"] == name
}

fn missing(call: &Call) -> String {
    match call {
        Call::License(_) | Call::Operator(_) => {
            "name the namespace of the operator with --kube-operator-namespace".into()
        }
        _ => "kubectl get elasticsearch -A shows which there are; --kube-context chooses another \
              Kubernetes cluster"
            .into(),
    }
}

fn refused(call: &Call, reply: &Reply) -> (String, String) {
    let message = reply.body["message"].as_str().unwrap_or("without a reason");
    let message = scrub::beginning(&without_user(message), REASON);
    let remedy = match reply.status {
        200 => "attach the answer to a bug report".to_owned(),
        401 => "log in again: the API server does not know the token or certificate of the kubeconfig, \
                or it has expired"
            .to_owned(),
        403 => format!("allow the user of the context: {}", call.permission()),
        404 => "the API server knows no such resource: the operator is not installed there, or \
                --kube-context has to name another Kubernetes cluster"
            .to_owned(),
        406 => "nothing: this API server cannot send the metadata of a Secret without its values, which \
                are never asked for"
            .to_owned(),
        _ => "try again; kubectl get --raw with the same path shows the whole answer".to_owned(),
    };
    (format!("{} {message}", reply.status), remedy)
}
