//! What the remote cluster is asked, and in which order.

use futures_util::future::{join_all, join4};

use crate::config::plan::Plan;

use super::local::{ask_compatibly, ask_patiently};
use super::planned::{REMOTE_FIRST, REMOTE_REST, credentials, planned_leaders};
use super::{Desk, Question, Setup};

/// Most indices that are asked for one by one.
const MAX_LEADERS: usize = 16;

/// Asks who it is and which nodes it has.
pub(in super::super) async fn first(desk: &Desk<'_>) -> Setup {
    join_all(REMOTE_FIRST.map(|question| ask_compatibly(desk, question))).await;
    Setup::of(&desk.answers())
}

/// Asks the rest, and what it knows of each given credential.
pub(in super::super) async fn rest(desk: &Desk<'_>, plan: &Plan) {
    let given = credentials(plan);
    let ids: Vec<String> = given.iter().map(|it| it.id.clone()).collect();
    let questions = join_all(REMOTE_REST.map(|question| ask_patiently(desk, question)));
    let usable = given.into_iter().filter(|it| it.usable);
    let tried = join_all(usable.map(|it| try_credential(desk, plan, it.alias)));
    let planned = planned_leaders(plan);
    join4(questions, tried, keys(desk, &ids), leaders(desk, &planned)).await;
}

/// Asks what it knows of keys, once for each id.
pub(in super::super) async fn keys(desk: &Desk<'_>, ids: &[String]) {
    let asked = desk.answers();
    let new = ids.iter().enumerate().filter(|(n, id)| {
        let twice = ids[..*n].contains(id);
        let known = asked
            .iter()
            .any(|it| matches!(&it.question, Question::ApiKey { id: old } if old == *id));
        !twice && !known
    });
    join_all(new.map(|(_, id)| desk.ask(Question::ApiKey { id: id.clone() }))).await;
}

/// Asks for the indices that are or will be followed, once for each.
pub(in super::super) async fn leaders(desk: &Desk<'_>, names: &[String]) {
    let asked = desk.answers();
    let new = names.iter().take(MAX_LEADERS).filter(|name| {
        let known = asked
            .iter()
            .any(|it| matches!(&it.question, Question::Leader { index } if index == *name));
        !known
    });
    join_all(new.map(|index| {
        desk.ask(Question::Leader {
            index: index.clone(),
        })
    }))
    .await;
}

/// Authenticates with the credential itself, only ever here: this is the URL that the reader gave.
/// A cross-cluster key is refused by REST with words that tell whether id and secret are right.
async fn try_credential(desk: &Desk<'_>, plan: &Plan, alias: Option<String>) {
    let credential = plan
        .intents
        .iter()
        .find(|it| it.alias == alias)
        .and_then(|it| it.credential.as_ref());
    if let Some(client) = credential.and_then(|it| desk.client.with_api_key(it)) {
        desk.ask_with(&client, Question::Credential { alias }, None)
            .await;
    }
}
