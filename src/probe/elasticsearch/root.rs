//! `GET /`: is it Elasticsearch, does it know us, and which one is it?

use serde_json::Value;

use crate::evidence::{Contact, Fact};

use super::super::Stopped;
use super::values::{at, text};
use super::{Answer, Body, Failure, Reply};

/// What the first call showed.
#[derive(Debug, Default)]
pub(in super::super) struct Root {
    /// How contact ended.
    pub(in super::super) contact: Option<Contact>,
    /// The failure in words.
    pub(in super::super) detail: Option<String>,
    /// `cluster_name`.
    pub(in super::super) name: Fact<String>,
    /// `cluster_uuid`.
    pub(in super::super) uuid: Fact<String>,
    /// `version.number`.
    pub(in super::super) version: Fact<String>,
    /// `version.build_flavor`.
    pub(in super::super) build_flavor: Fact<String>,
    /// `version.minimum_wire_compatibility_version`.
    pub(in super::super) minimum_wire_compatibility_version: Fact<String>,
}

impl Root {
    /// Whether Elasticsearch answered and knows the caller.
    pub(in super::super) fn answered(&self) -> bool {
        self.contact == Some(Contact::Answered)
    }
}

/// Reads the answer to `GET /`.
pub(in super::super) fn root(answer: &Answer) -> Root {
    let failed = |contact, detail: String| Root {
        contact: Some(contact),
        detail: Some(detail),
        ..Root::default()
    };
    match &answer.outcome {
        // Nothing is known of a cluster that there was no time to ask.
        Err(Failure::Stopped(Stopped::Interrupted)) => Root {
            detail: Some(Stopped::Interrupted.to_string()),
            ..Root::default()
        },
        Err(Failure::Stopped(stopped @ Stopped::TimedOut)) => {
            failed(Contact::TimedOut, stopped.to_string())
        }
        Err(Failure::Connection { contact, detail }) => failed(*contact, detail.clone()),
        Err(failure @ Failure::NotInFiles { .. }) => Root {
            detail: Some(failure.to_string()),
            ..Root::default()
        },
        Err(failure @ Failure::TooLarge { .. }) => {
            failed(Contact::NotElasticsearch, failure.to_string())
        }
        Ok(reply) => reply_root(reply),
    }
}

fn reply_root(reply: &Reply) -> Root {
    let status = reply.status;
    let foreign = |words: String| Root {
        contact: Some(Contact::NotElasticsearch),
        detail: Some(words),
        ..Root::default()
    };
    if let Some(location) = &reply.location
        && (300..400).contains(&status)
    {
        return foreign(format!("HTTP {status}: it redirects to {location}"));
    }
    let body = match &reply.body {
        Body::Json(body) => body,
        Body::Text(text) if text.is_empty() => {
            return foreign(format!("HTTP {status} with an empty answer"));
        }
        Body::Text(text) => return foreign(format!("HTTP {status} and no JSON: {text}")),
    };
    if let Some(distribution) = text(body, &["version", "distribution"]) {
        let number = text(body, &["version", "number"]).unwrap_or_default();
        return foreign(format!(
            "{distribution} {number} answered, not Elasticsearch"
        ));
    }
    let error = at(body, &["error"]);
    // Before 7.14 there was no such header; its shape tells then.
    let ours = reply.product
        || text(body, &["tagline"]).as_deref() == Some("You Know, for Search")
        || error.is_some_and(|it| at(it, &["root_cause"]).is_some());
    if !ours {
        return foreign(format!(
            "HTTP {status} with JSON that is not Elasticsearch's"
        ));
    }
    match status {
        200 => known(body),
        401 => Root {
            contact: Some(Contact::Unauthenticated),
            detail: Some(
                error
                    .and_then(super::errors::summary)
                    .unwrap_or_else(|| "401".into()),
            ),
            ..Root::default()
        },
        // The caller is known but may not see this: all else can still be asked.
        _ => Root {
            contact: Some(Contact::Answered),
            detail: error
                .and_then(super::errors::summary)
                .map(|words| format!("{status} {words}")),
            ..Root::default()
        },
    }
}

fn known(body: &Value) -> Root {
    let version = |key| text(body, &["version", key]).into();
    Root {
        contact: Some(Contact::Answered),
        detail: None,
        name: text(body, &["cluster_name"]).into(),
        uuid: text(body, &["cluster_uuid"])
            .filter(|it| it != "_na_")
            .into(),
        version: version("number"),
        build_flavor: version("build_flavor"),
        minimum_wire_compatibility_version: version("minimum_wire_compatibility_version"),
    }
}
