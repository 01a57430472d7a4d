//! The control plane of Elastic Cloud and Elastic Cloud Enterprise: what it tells of a deployment
//! that no node tells. It is only read.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::config::plan::DeploymentName;
use crate::evidence::{Deployment, Fact};

use super::Stopped;
use super::assemble::Open;
use super::elasticsearch::{Answer, Body, Desk, Failure, Question, Reply};

mod call;
mod read;

pub use call::Call;

/// The calls for a deployment, with `<…>` where they depend on an answer, for `--dry-run`.
pub fn planned(name: &DeploymentName) -> Vec<Call> {
    let id = match name {
        DeploymentName::Id(id) => id.clone(),
        DeploymentName::Elasticsearch(_) => "<id>".into(),
    };
    let ref_id: String = "<ref>".into();
    vec![
        Call::Deployments,
        Call::Deployment { id: id.clone() },
        Call::Keystore {
            id: id.clone(),
            ref_id: ref_id.clone(),
        },
        Call::Remotes { id, ref_id },
        Call::Policies {
            region: "<region>".into(),
        },
    ]
}

/// Asks for a deployment, first by its id, else by searching all deployments for it.
pub(super) async fn ask(desk: &Desk<'_>, name: &DeploymentName) {
    if let DeploymentName::Id(id) = name {
        let found = desk
            .ask(question(Call::Deployment { id: id.clone() }))
            .await;
        // Also 403: an id that is no deployment's may belong to anybody.
        if !matches!(found.status(), Some(403 | 404)) {
            return ask_rest(desk).await;
        }
    }
    let all = desk.ask(question(Call::Deployments)).await;
    let siblings = all.json().and_then(read::siblings).unwrap_or_default();
    let owner = siblings
        .into_iter()
        .find(|it| it.elasticsearch_id.as_deref() == Some(name.digits()));
    if let Some(owner) = owner {
        desk.ask(question(Call::Deployment { id: owner.id })).await;
        ask_rest(desk).await;
    }
}

/// Asks what needs the deployment's resource.
async fn ask_rest(desk: &Desk<'_>) {
    let answers = desk.answers();
    let Some(deployment) = found(&answers) else {
        return;
    };
    let (id, ref_id) = (deployment.id, deployment.ref_id);
    let mut calls = vec![
        Call::Keystore {
            id: id.clone(),
            ref_id: ref_id.clone(),
        },
        Call::Remotes { id, ref_id },
        Call::Policies {
            region: deployment.region,
        },
    ];
    if !answers
        .iter()
        .any(|it| it.question == question(Call::Deployments))
    {
        calls.push(Call::Deployments);
    }
    join_all(calls.into_iter().map(|it| desk.ask(question(it)))).await;
}

/// What the control plane told, and why it told no more.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The deployment; `null` where the control plane knows none by that id.
    pub(super) deployment: Fact<Option<Deployment>>,
    /// Fields of the deployment that are unknown, all of it for an empty name.
    pub(super) gaps: Vec<Open>,
}

/// Reads the answers of the control plane.
pub(super) fn told(answers: &[Arc<Answer>], name: &DeploymentName) -> Told {
    let Some(mut deployment) = found(answers) else {
        return not_found(answers, name);
    };
    for answer in answers {
        let (Question::Cloud(call), Some(body)) = (&answer.question, answer.json()) else {
            continue;
        };
        match call {
            Call::Deployment { .. } => {}
            Call::Deployments => deployment.siblings = read::siblings(body).into(),
            Call::Keystore { .. } => deployment.keystore = read::keystore(body),
            Call::Remotes { .. } => deployment.managed_remotes = read::managed_remotes(body),
            Call::Policies { .. } => deployment.policies = read::policies(body, &deployment),
        }
    }
    let open = [
        ("keystore", deployment.keystore.is_unknown()),
        ("managed_remotes", deployment.managed_remotes.is_unknown()),
        ("policies", deployment.policies.is_unknown()),
        ("siblings", deployment.siblings.is_unknown()),
        ("trust", deployment.trust.is_unknown()),
    ];
    let gaps =
        open.into_iter()
            .filter(|(_, open)| *open)
            .map(|(field, _)| {
                let asked = answers.iter().rev().find(
                    |it| matches!(&it.question, Question::Cloud(call) if call.fills() == field),
                );
                gap(field, asked.map(AsRef::as_ref))
            })
            .collect();
    Told {
        deployment: Fact::Known(Some(deployment)),
        gaps,
    }
}

fn found(answers: &[Arc<Answer>]) -> Option<Deployment> {
    answers
        .iter()
        .filter(|it| matches!(it.question, Question::Cloud(Call::Deployment { .. })))
        .find_map(|it| read::deployment(it.json()?))
}

/// The control plane knows none, or could not be asked.
fn not_found(answers: &[Arc<Answer>], name: &DeploymentName) -> Told {
    let listed = answers
        .iter()
        .any(|it| it.question == question(Call::Deployments) && it.json().is_some());
    if listed {
        let gap = Open {
            field: "",
            probe: "GET /api/v1/deployments".into(),
            reason: format!(
                "no deployment that this key may see has the ID {}",
                name.digits()
            ),
            remedy: "check the ID, and that the key is one of the deployment's own organisation"
                .into(),
        };
        return Told {
            deployment: Fact::Known(None),
            gaps: vec![gap],
        };
    }
    Told {
        deployment: Fact::Unknown,
        gaps: vec![gap("", answers.last().map(AsRef::as_ref))],
    }
}

fn gap(field: &'static str, asked: Option<&Answer>) -> Open {
    let (reason, remedy) = match asked {
        None => (
            "the run ended before it was asked".to_owned(),
            "allow more time with --timeout",
        ),
        Some(answer) => why(answer),
    };
    Open {
        field,
        probe: asked.map_or_else(
            || "the control plane".to_owned(),
            |it| format!("{} {}", it.question.method(), it.question.path()),
        ),
        reason,
        remedy: remedy.into(),
    }
}

fn why(answer: &Answer) -> (String, &'static str) {
    let reply = match &answer.outcome {
        Err(Failure::Stopped(Stopped::Interrupted)) => {
            return ("the run was interrupted".into(), "let the next run end");
        }
        Err(failure) => {
            return (
                failure.to_string(),
                "check --cloud-url, and --cloud-ca for its certificate",
            );
        }
        Ok(reply) => reply,
    };
    let status = reply.status;
    let words = words(reply);
    match status {
        200 => (
            "the answer could not be read".into(),
            "attach it to a bug report (crosscheck bundle)",
        ),
        401 => (
            format!("401 {words}"),
            "give a key that is valid with --cloud-api-key-file; a cross-cluster API key is no key \
             for the control plane",
        ),
        403 => (
            format!("403 {words}"),
            "give the key the role Viewer on this deployment, or use one of the deployment's own \
             organisation",
        ),
        429 => (
            format!("429 {words}"),
            "wait a minute: the control plane limits how often it is asked",
        ),
        _ => (
            format!("{status} {words}"),
            "check --cloud-url and the ID of the deployment",
        ),
    }
}

fn words(reply: &Reply) -> String {
    match &reply.body {
        Body::Json(body) => read::errors(body).unwrap_or_else(|| "without a reason".into()),
        Body::Text(text) => text.clone(),
    }
}

fn question(call: Call) -> Question {
    Question::Cloud(call)
}

#[cfg(test)]
mod tests;
