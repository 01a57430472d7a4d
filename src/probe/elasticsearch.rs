//! Elasticsearch over HTTP: what is asked of a cluster, and how its answers are read.
//!
//! [`Question`] is the whole table of calls; nothing else is ever sent. [`Client`] sends one and
//! brings back an [`Answer`], whatever came. One file per family of answers turns them into
//! evidence; none of them decides what the answer means for a link.

pub(super) mod local;
pub(super) mod remote;

mod answer;
mod certificates;
mod client;
mod errors;
mod failure;
mod license;
mod nodes;
mod pinned;
mod planned;
mod privilege;
mod question;
mod refusal;
mod reload;
mod remote_info;
mod replication;
mod resolve;
mod root;
mod security;
mod settings;
mod setup;
mod stats;
pub(super) mod values;

pub use answer::{Answer, Body, Failure, Reply};
pub use client::{Client, ClientError};
pub use planned::{PlannedCall, planned_calls};
pub use privilege::{Line, Privilege};
pub use question::{Moment, Question};

pub(crate) use planned::{local_questions, remote_questions};

pub(super) use certificates::loaded_certificates;
pub(super) use errors::{error_levels, key_ids};
pub(super) use license::{features_used, license};
pub(super) use nodes::nodes;
pub(super) use planned::intent;
pub(super) use refusal::{Who, refusal};
pub(super) use reload::{common_names, reloads};
pub(super) use remote_info::{RemoteEntry, remote_info};
pub(super) use replication::{followed_remotes, leader, leader_names, replication};
pub(super) use resolve::{index_answer, resolve, search_answer, search_errors};
pub(super) use root::{Root, root};
pub(super) use security::{api_key, caller, privileges, privileges_of_key, rest_answer};
pub(super) use setup::Setup;
pub(super) use stats::remote_stats;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::evidence::Side;

use super::{Deadline, Progress};

/// Longest wait for a call that reconnects nothing; a node answers those in milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where questions to one cluster are asked and its answers are kept.
pub(super) struct Desk<'a> {
    /// The client of that cluster.
    pub(super) client: &'a Client,
    /// The part that the cluster plays.
    pub(super) side: Side,
    /// End of the run.
    pub(super) deadline: &'a Deadline,
    /// Who is told.
    pub(super) progress: &'a dyn Progress,
    answers: Mutex<Vec<Arc<Answer>>>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        client: &'a Client,
        side: Side,
        deadline: &'a Deadline,
        progress: &'a dyn Progress,
    ) -> Self {
        let answers = Mutex::default();
        Self {
            client,
            side,
            deadline,
            progress,
            answers,
        }
    }

    /// Every answer so far, in the order in which they came.
    pub(super) fn answers(&self) -> Vec<Arc<Answer>> {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks one question, waits no longer than it deserves, and keeps the answer.
    pub(super) async fn ask(&self, question: Question) -> Arc<Answer> {
        self.ask_with(self.client, question, None).await
    }

    /// Asks one node by itself.
    async fn ask_node(&self, client: &Client, question: Question, node: &str) -> Arc<Answer> {
        self.ask_with(client, question, Some(node.to_owned())).await
    }

    async fn ask_with(
        &self,
        client: &Client,
        question: Question,
        node: Option<String>,
    ) -> Arc<Answer> {
        let deadline = if question.provokes() {
            // A link that hangs must leave time to look at it again.
            let left = self.deadline.remaining();
            self.deadline
                .at_most(left.saturating_sub((left / 5).min(Duration::from_secs(3))))
        } else {
            self.deadline.at_most(PATIENCE)
        };
        let place = node.clone().unwrap_or_else(|| {
            match (&question, self.side) {
                (Question::Cloud(_), _) => "the control plane",
                (_, Side::Local) => "the local cluster",
                (_, Side::Remote) => "the remote cluster",
            }
            .to_owned()
        });
        let what = format!("{} {} on {place}", question.method(), question.path());
        self.progress.begin(&what);
        let answer = Arc::new(client.ask(question, node, &deadline).await);
        self.progress.end(&what);
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&answer));
        answer
    }
}
