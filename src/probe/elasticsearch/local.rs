//! What the local cluster is asked, and in which order.
//!
//! The longest chain of dependent calls is: the first questions, `_resolve/cluster`, `_remote/info`
//! again of every node (on new connections). All else runs beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join, join_all, join3};
use tokio::sync::Semaphore;
use url::Url;

use crate::evidence::Fact;

use super::license::no_license;
use super::planned::{LOCAL_FIRST, LOCAL_REST, included};
use super::replication::is_behind;
use super::resolve::{resolve, works};
use super::values::text;
use super::{Answer, Desk, Moment, Question, Setup};

/// Milliseconds up to which a call that found a link dead is repeated: one that took longer has waited
/// for the peer, and would only wait again.
const PATIENCE_MS: u64 = 1_000;

/// How long a node may need to open its connections again to a peer that is near and alive.
const RECONNECT: Duration = Duration::from_secs(1);

/// Most nodes that are asked one by one.
const MAX_NODES: usize = 16;

/// A link to look at.
#[derive(Clone, Debug)]
pub(in super::super) struct Look {
    /// The alias.
    pub(in super::super) alias: String,
    /// Index patterns that will be searched or followed, and with `-` those that searches leave out.
    pub(in super::super) indices: Vec<String>,
}

/// Asks what everything else depends on.
pub(in super::super) async fn first(desk: &Desk<'_>) -> Setup {
    join_all(LOCAL_FIRST.map(|question| ask_compatibly(desk, question))).await;
    Setup::of(&desk.answers())
}

/// Asks a question; for one that an older version does not understand, its older form.
pub(super) async fn ask_compatibly(desk: &Desk<'_>, question: Question) {
    let asks_for_server = question == Question::Nodes { server: true };
    let answer = desk.ask(question).await;
    // Before 8.10: `contains unrecognized metric: [remote_cluster_server]`.
    if asks_for_server && answer.status() == Some(400) {
        desk.ask(Question::Nodes { server: false }).await;
    }
}

/// Asks what does not depend on the links.
pub(in super::super) async fn rest(desk: &Desk<'_>) {
    join_all(LOCAL_REST.map(|question| ask_patiently(desk, question))).await;
    if let Some(id) = key_with_roles(&desk.answers()) {
        desk.ask(Question::OwnKey { id }).await;
    }
}

/// Id of the API key that asks, where the cluster did not tell its privileges because it has roles of its
/// own.
fn key_with_roles(answers: &[Arc<Answer>]) -> Option<String> {
    let find = |wanted: Question| answers.iter().find(|it| it.question == wanted);
    let refused = find(Question::Privileges)?.status() == Some(400);
    let caller = find(Question::Caller)?.json().filter(|_| refused)?;
    text(caller, &["api_key", "id"])
}

/// Asks a question a second time where that tells more: for statistics in which a follower is
/// behind, to see whether it catches up; and for a licence that is not there yet, again after a second: a new cluster has
/// none in its first seconds.
pub(super) async fn ask_patiently(desk: &Desk<'_>, question: Question) {
    let answer = desk.ask(question).await;
    let again = match answer.question {
        Question::License if no_license(&answer) => Question::License,
        Question::FollowStats(Moment::Before) if is_behind(&answer) => {
            Question::FollowStats(Moment::After)
        }
        _ => return,
    };
    let pause = tokio::time::sleep(Duration::from_secs(1));
    if desk.deadline.run(pause).await.is_ok() {
        desk.ask(again).await;
    }
}

/// Makes the nodes re-read their keystore.
pub(in super::super) async fn reload(desk: &Desk<'_>) {
    desk.ask(Question::ReloadSecureSettings).await;
}

/// Provokes a reconnect of each link once, uses those that work, and looks again.
pub(in super::super) async fn links(desk: &Desk<'_>, setup: &Setup, looks: &[Look]) {
    if looks.is_empty() {
        return;
    }
    let provoked = Semaphore::new(0);
    let working = AtomicUsize::new(0);
    let each = join_all(looks.iter().map(|look| async {
        let answer = provoke(desk, setup, look).await;
        if answer
            .as_deref()
            .is_some_and(|it| is_working(it, &look.alias))
        {
            working.fetch_add(1, Ordering::Relaxed);
        }
        provoked.add_permits(1);
        if let Some(answer) = answer {
            use_link(desk, setup, look, &answer).await;
        }
    }));
    let after = async {
        let all = u32::try_from(looks.len()).unwrap_or(u32::MAX);
        // Fails only if the semaphore were closed, which nobody does.
        let _ = provoked.acquire_many(all).await;
        // The statistics make the cluster dial every remote: they wait for each dead one.
        let alive = working.load(Ordering::Relaxed) == setup.aliases().map_or(0, |it| it.len());
        let stats = async {
            if alive && setup.at_least(8, 16) == Some(true) {
                desk.ask(Question::RemoteStats).await;
            }
        };
        let info = desk.ask(Question::RemoteInfo(Moment::After));
        join3(info, each_node(desk, setup), stats).await;
    };
    join(each, after).await;
}

fn is_working(answer: &Answer, alias: &str) -> bool {
    resolve(answer, alias).is_some_and(|(it, _)| works(&it))
}

/// One call that reconnects. `None` where the version has no `_resolve/cluster`: then a search has
/// been the provocation.
async fn provoke(desk: &Desk<'_>, setup: &Setup, look: &Look) -> Option<Arc<Answer>> {
    let alias = look.alias.clone();
    if setup.at_least(8, 13) == Some(false) {
        let indices = Vec::new();
        desk.ask(Question::Search { alias, indices }).await;
        return None;
    }
    let answer = desk
        .ask(Question::Resolve {
            alias: alias.clone(),
        })
        .await;
    // After an interruption the first call may still find the old connection, or join an attempt that
    // began before the peer was back (NET-009). Where a search follows, that is the second look.
    let was_connected = setup
        .before
        .as_ref()
        .and_then(|it| it.get(&alias))
        .is_some_and(|it| it.info.connected);
    let lost = resolve(&answer, &alias)
        .is_some_and(|(it, _)| it.connected == Fact::Known(false) && it.error.is_none());
    let no_search = setup.skip_unavailable(&alias) != Fact::Known(false);
    let soon = answer.took_ms < PATIENCE_MS;
    if lost && soon && (was_connected || no_search) {
        // 8.16 does not wait for the attempt that the first call began.
        let attempt = tokio::time::sleep(RECONNECT);
        if desk.deadline.run(attempt).await.is_ok() {
            return Some(desk.ask(Question::Resolve { alias }).await);
        }
    }
    Some(answer)
}

/// Uses a link that works; of one that does not, asks for the whole cause where a search tells it.
async fn use_link(desk: &Desk<'_>, setup: &Setup, look: &Look, answer: &Answer) {
    let Look { alias, indices } = look.clone();
    if is_working(answer, &alias) {
        let each = included(&indices).map(|index| {
            let (alias, index) = (alias.clone(), index.clone());
            desk.ask(Question::ResolveIndex { alias, index })
        });
        let each = join_all(each);
        join(
            each,
            desk.ask(Question::Search {
                alias: look.alias.clone(),
                indices: look.indices.clone(),
            }),
        )
        .await;
    } else if answer.status() == Some(200)
        // With `true` a search says nothing and costs the remote dozens of handshakes.
        && setup.skip_unavailable(&alias) == Fact::Known(false)
    {
        desk.ask(Question::Search { alias, indices }).await;
    }
}

/// Asks every node by itself where there are several: each has its own connections and keystore.
async fn each_node(desk: &Desk<'_>, setup: &Setup) {
    if setup.nodes.as_ref().is_none_or(|it| it.len() < 2) {
        return;
    }
    let asked = setup
        .hosts
        .iter()
        .take(MAX_NODES)
        .filter_map(|(name, host)| {
            let url = node_url(desk, setup, name, host)?;
            let client = desk.client.at(url);
            Some(async move {
                let question = Question::RemoteInfo(Moment::After);
                desk.ask_node(&client, question, name).await;
            })
        });
    join_all(asked).await;
}

/// The URL of one node; `None` where asking would send the login without TLS although the cluster
/// is asked with TLS.
fn node_url(desk: &Desk<'_>, setup: &Setup, name: &str, host: &str) -> Option<Url> {
    let base = desk.client.base();
    let tls = setup.nodes.as_ref().and_then(|it| {
        it.get(name)?
            .settings
            .known()?
            .get("xpack.security.http.ssl.enabled")
    });
    let scheme = match (base.scheme(), tls.map(String::as_str)) {
        ("https", Some("false")) => return None,
        (_, Some("true")) => "https",
        (scheme, _) => scheme,
    };
    Url::parse(&format!("{scheme}://{host}")).ok()
}
