//! Which questions a run asks, of whom and in which order.

use crate::config::plan::{LinkIntent, Login, Plan};
use crate::evidence::{CredentialForm, Purpose, Side, Use};

use super::super::credential;
use super::{Moment, Question};

/// A call as `--dry-run` lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedCall {
    /// The cluster that is asked.
    pub side: Side,
    /// HTTP method.
    pub method: &'static str,
    /// Path and query, with `<…>` where it depends on an answer.
    pub path: String,
    /// What it is asked for.
    pub purpose: &'static str,
}

/// The calls that a run of this plan makes, for `--dry-run`. Those marked by their purpose as
/// depending on answers may not be needed.
pub fn planned_calls(plan: &Plan) -> Vec<PlannedCall> {
    let mut calls = Vec::new();
    let mut add = |side, question: &Question| {
        calls.push(PlannedCall {
            side,
            method: question.method(),
            path: question.path(),
            purpose: question.purpose(),
        });
    };
    if let Some(local) = &plan.local {
        let links = planned_aliases(plan).into_iter().map(|alias| {
            let indices = intent(plan, Some(&alias)).map_or_else(Vec::new, LinkIntent::searched);
            (alias, indices)
        });
        let links: Vec<_> = links.collect();
        for question in local_questions(&links, plan.reload_secure_settings) {
            add(Side::Local, &question);
        }
        if matches!(local.login, Login::ApiKey(_)) {
            add(Side::Local, &Question::OwnKey { id: "<own>".into() });
        }
    }
    if plan.remote.is_some() {
        let mut leaders = planned_leaders(plan);
        leaders.extend(plan.local.is_some().then(|| "<leader>".to_owned()));
        let given = credentials(plan);
        let ids: Vec<String> = given.iter().map(|it| it.id.clone()).collect();
        for question in remote_questions(&leaders, &ids) {
            add(Side::Remote, &question);
        }
        for GivenKey { alias, .. } in given.into_iter().filter(|it| it.usable) {
            add(Side::Remote, &Question::Credential { alias });
        }
    }
    calls
}

/// All that the local cluster is asked about itself and about links, each an alias with the indices that
/// are searched, and with `-` those that are left out.
pub(crate) fn local_questions(links: &[(String, Vec<String>)], reload: bool) -> Vec<Question> {
    let mut questions: Vec<_> = LOCAL_FIRST.into_iter().chain(LOCAL_REST).collect();
    questions.extend(reload.then_some(Question::ReloadSecureSettings));
    for (alias, indices) in links {
        let (alias, indices) = (alias.clone(), indices.clone());
        questions.push(Question::Resolve {
            alias: alias.clone(),
        });
        questions.extend(included(&indices).map(|index| Question::ResolveIndex {
            alias: alias.clone(),
            index: index.clone(),
        }));
        questions.push(Question::Search { alias, indices });
    }
    questions.extend([Question::RemoteInfo(Moment::After), Question::RemoteStats]);
    questions
}

/// The patterns of a search that do not leave out.
pub(super) fn included(searched: &[String]) -> impl Iterator<Item = &String> {
    searched.iter().filter(|it| !it.starts_with('-'))
}

/// All that the remote cluster is asked as its caller, with the indices that are or will be followed and
/// the ids of the keys that are given.
pub(crate) fn remote_questions(leaders: &[String], key_ids: &[String]) -> Vec<Question> {
    let questions = REMOTE_FIRST.into_iter().chain(REMOTE_REST);
    let leaders = leaders.iter().cloned();
    let keys = key_ids.iter().cloned();
    questions
        .chain(leaders.map(|index| Question::Leader { index }))
        .chain(keys.map(|id| Question::ApiKey { id }))
        .collect()
}

fn planned_aliases(plan: &Plan) -> Vec<String> {
    if plan.purpose == Purpose::Probe {
        Vec::new()
    } else if plan.aliases.is_empty() {
        vec!["<alias>".into()]
    } else {
        plan.aliases.clone()
    }
}

/// The indices that the reader means to follow; a pattern is no single index.
pub(crate) fn planned_leaders(plan: &Plan) -> Vec<String> {
    let follows = |it: &&LinkIntent| it.uses.contains(&Use::Replication);
    let names = plan
        .intents
        .iter()
        .filter(follows)
        .flat_map(|it| &it.indices);
    names.filter(|it| !it.contains('*')).cloned().collect()
}

/// What is asked of the local cluster first: as little as what follows needs, so that a wrong
/// password is tried four times and not a dozen.
pub(crate) const LOCAL_FIRST: [Question; 4] = [
    Question::Root,
    Question::RemoteInfo(Moment::Before),
    Question::ClusterSettings,
    Question::Nodes { server: true },
];

/// What is asked of the local cluster once it answered, beside the links.
pub(crate) const LOCAL_REST: [Question; 8] = [
    Question::License,
    Question::FeatureUsage,
    Question::Certificates,
    Question::Caller,
    Question::Privileges,
    Question::FollowInfo,
    Question::FollowStats(Moment::Before),
    Question::AutoFollow,
];

/// What is asked of the remote cluster first.
pub(crate) const REMOTE_FIRST: [Question; 2] = [Question::Root, Question::Nodes { server: true }];

/// What is asked of the remote cluster once it answered.
pub(crate) const REMOTE_REST: [Question; 5] = [
    Question::License,
    Question::FeatureUsage,
    Question::Certificates,
    Question::ClusterSettings,
    Question::Caller,
];

/// The intent that holds for an alias: its own, else the one without alias.
pub(crate) fn intent<'a>(plan: &'a Plan, alias: Option<&str>) -> Option<&'a LinkIntent> {
    let of = |wanted: Option<&str>| {
        plan.intents
            .iter()
            .find(move |it| it.alias.as_deref() == wanted)
    };
    alias.and_then(|alias| of(Some(alias))).or_else(|| of(None))
}

/// A credential of the plan whose form shows its id.
pub(crate) struct GivenKey {
    /// Its id.
    pub(crate) id: String,
    /// Alias that it was given for; `None` for every link.
    pub(crate) alias: Option<String>,
    /// Whether it has the form that works: only then is it sent.
    pub(crate) usable: bool,
}

/// The credentials of the plan whose form shows their ids.
pub(crate) fn credentials(plan: &Plan) -> Vec<GivenKey> {
    plan.intents
        .iter()
        .filter_map(|intent| {
            let shape = credential::shape(intent.credential.as_ref()?);
            Some(GivenKey {
                usable: shape.form == CredentialForm::Encoded,
                id: shape.id.into_known()?,
                alias: intent.alias.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_reload_is_no_get() {
        for question in LOCAL_FIRST.iter().chain(&LOCAL_REST).chain(&REMOTE_REST) {
            assert_eq!(question.method(), "GET");
        }
        assert_eq!(Question::ReloadSecureSettings.method(), "POST");
    }
}
