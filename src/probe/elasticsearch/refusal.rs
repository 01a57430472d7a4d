//! A question without the answer that was hoped for: why, and what would bring it.

use crate::config::plan::Login;
use crate::evidence::Side;

use super::super::Stopped;
use super::errors::{capped, granting_privileges, summary};
use super::values::at;
use super::{Answer, Body, Failure, Privilege, Question, Reply};

/// Whom a cluster was asked by.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Who<'a> {
    /// The part that the cluster plays: its options begin with it.
    pub(in super::super) side: Side,
    /// How the program authenticated; `None` where the answers come from files.
    pub(in super::super) login: Option<&'a Login>,
}

impl Who<'_> {
    /// `--local` or `--remote`.
    pub(in super::super) fn option(&self) -> &'static str {
        match self.side {
            Side::Local => "--local",
            Side::Remote => "--remote",
        }
    }

    /// What helps where a privilege is missing.
    pub(in super::super) fn grant(&self, privileges: &str) -> String {
        let option = self.option();
        match self.login {
            None => format!("collect the files again as a user with {privileges}"),
            Some(Login::Basic { user, .. }) => {
                format!("give the user {user} ({option}-user) {privileges}, or name another user")
            }
            Some(Login::ApiKey(_)) => {
                format!("give the API key ({option}-api-key-file) {privileges}, or use another one")
            }
            Some(Login::Anonymous) => self.log_in(),
        }
    }

    fn log_in(&self) -> String {
        let option = self.option();
        format!(
            "name who asks: {option}-user NAME with {option}-password-file FILE, or \
             {option}-api-key-file FILE"
        )
    }

    /// What helps against a 401.
    pub(in super::super) fn other_login(&self) -> String {
        let option = self.option();
        match self.login {
            None => "collect the files again with a login that the cluster accepts".into(),
            Some(Login::Anonymous) => self.log_in(),
            Some(Login::Basic { user, .. }) => format!(
                "check the user {user} and the password ({option}-user, {option}-password-file)"
            ),
            Some(Login::ApiKey(_)) => format!(
                "check the API key ({option}-api-key-file): it must be a REST key of this cluster"
            ),
        }
    }
}

/// Reason and remedy of a question that was not answered with 200; `None` where it was.
pub(in super::super) fn refusal(answer: &Answer, who: Who<'_>) -> Option<(String, String)> {
    match &answer.outcome {
        Err(failure) => Some((failure.to_string(), failure_remedy(answer, failure, who))),
        Ok(Reply {
            status: 200,
            body: Body::Json(_),
            ..
        }) => None,
        Ok(reply) => Some(reply_refusal(answer, reply, who)),
    }
}

/// What brings an answer that the files lack. A call that names its parts is told without them.
fn collect(answer: &Answer) -> String {
    let path = answer.question.path();
    let path = match &answer.question {
        Question::Nodes { .. } => "/_nodes",
        Question::RemoteStats => "/_cluster/stats?include_remotes=true",
        _ => &path,
    };
    let method = answer.question.method();
    format!("run {method} {path} on that cluster, save the answer, and give that file as well")
}

fn failure_remedy(answer: &Answer, failure: &Failure, who: Who<'_>) -> String {
    match failure {
        Failure::NotInFiles { .. } => collect(answer),
        Failure::Stopped(Stopped::Interrupted) => "let the next run end".into(),
        Failure::Stopped(Stopped::TimedOut) => {
            "allow more time with --timeout, or ask a node that answers".into()
        }
        Failure::TooLarge { .. } => "check that the URL leads to Elasticsearch".into(),
        Failure::Connection { .. } => {
            let option = who.option();
            format!("check {option} URL, and {option}-ca for its certificate")
        }
    }
}

fn reply_refusal(answer: &Answer, reply: &Reply, who: Who<'_>) -> (String, String) {
    let status = reply.status;
    let words = match &reply.body {
        Body::Json(body) => at(body, &["error"])
            .and_then(summary)
            .or_else(|| summary(body)),
        // Some tools keep the status of a refused call and not its words.
        Body::Text(text) if text.is_empty() && who.login.is_none() => None,
        Body::Text(text) => {
            let remedy = match who.login {
                None => collect(answer),
                Some(_) => format!("check that {} leads to Elasticsearch itself", who.option()),
            };
            return (format!("{status} and no JSON: {text}"), remedy);
        }
    };
    let reason = capped(match &words {
        Some(words) => format!("{status} {words}"),
        None => format!("{status} without a reason"),
    });
    let remedy = match status {
        401 => who.other_login(),
        403 => who.grant(&lacking(
            &answer.question,
            words.as_deref().and_then(granting_privileges),
        )),
        400 | 404 | 405 => {
            "this version or distribution of Elasticsearch does not know the call".into()
        }
        300..=399 => format!(
            "give the final URL with {}{}",
            who.option(),
            reply
                .location
                .as_ref()
                .map(|it| format!(" (it points to {it})"))
                .unwrap_or_default()
        ),
        429 | 500..=599 => "look into the cluster's log, and try again".into(),
        _ if who.login.is_none() => collect(answer),
        _ => "try again".into(),
    };
    (reason, remedy)
}

/// The privilege that is missing: the one that the question needs, unless the cluster names others.
fn lacking(question: &Question, named: Option<(&str, Vec<&str>)>) -> String {
    let needed = question.privileges(None);
    let Some((kind, names)) = named else {
        return needed.first().map_or_else(
            || "the cluster privilege `monitor`".into(),
            ToString::to_string,
        );
    };
    // The name of an action grants it, though no cluster proposes that.
    let fits = |it: &&Privilege| names.contains(&it.name()) || it.name().contains(':');
    let fitting = needed.iter().find(fits);
    fitting.map_or_else(
        || format!("the {kind} privilege `{}`", least(&names)),
        ToString::to_string,
    )
}

/// The smallest of the privileges that would do.
fn least<'a>(names: &[&'a str]) -> &'a str {
    const SMALL: [&str; 8] = [
        "monitor",
        "monitor_stats",
        "read_security",
        "manage_own_api_key",
        "view_index_metadata",
        "read",
        "manage",
        "manage_security",
    ];
    SMALL
        .iter()
        .find_map(|small| names.iter().find(|name| *name == small))
        .or(names.first())
        .copied()
        .unwrap_or("all")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_403_names_the_least_privilege_that_would_do() {
        // Text: 8.14.1, user_no_rights.
        let reason = "action [cluster:monitor/nodes/info] is unauthorized for user [u] with \
                      effective roles [r], this action is granted by the cluster privileges \
                      [monitor,manage,all]";
        let error =
            json!({"error": {"type": "security_exception", "reason": reason}, "status": 403});
        let answer = Answer {
            question: Question::License,
            node: None,
            outcome: Ok(Reply {
                status: 403,
                product: true,
                location: None,
                body: Body::Json(error),
            }),
            took_ms: 1,
        };
        let login = Login::Basic {
            user: "u".into(),
            password: "p".into(),
        };
        let who = Who {
            side: Side::Local,
            login: Some(&login),
        };
        let (said, remedy) = refusal(&answer, who).unwrap();
        assert!(
            said.starts_with("403 security_exception: action ["),
            "{said}"
        );
        assert!(
            remedy.contains("`monitor`") && remedy.contains("--local-user"),
            "{remedy}"
        );
    }
}
