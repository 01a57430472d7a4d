//! From answers to the evidence document, without a network: the same answers give the same
//! document.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::plan::{ClusterTarget, LinkIntent, Plan};
use crate::evidence::{Call, Endpoint, Evidence, Fact, Gap, SCHEMA, Side, Vantage, path};
use crate::scrub::Scrub;

use super::elasticsearch::local::Look;
use super::elasticsearch::{Answer, Setup, Who, intent, key_ids, leader_names};
use super::link::{Sketch, sketches};
use super::vantage::is_local_node;

mod cluster;
mod deployment;
mod environment;
mod kubernetes;
mod link;
mod link_gaps;
mod matching;
mod tried;

pub use kubernetes::ToldOf;

/// A part of what somebody was asked for and did not tell.
#[derive(Debug)]
pub(super) struct Open {
    /// The field; empty for all of it.
    pub(super) field: &'static str,
    /// The call, or the file, that would have told.
    pub(super) probe: String,
    /// Why it did not.
    pub(super) reason: String,
    /// What would help.
    pub(super) remedy: String,
}

impl Open {
    /// The gap, where all of it stands at a place of the document.
    fn below(self, place: [&str; 3]) -> Gap {
        let field = Some(self.field).filter(|it| !it.is_empty());
        Gap {
            path: path(place.into_iter().chain(field)),
            probe: self.probe,
            reason: self.reason,
            remedy: self.remedy,
        }
    }
}

/// Answers in the order in which they came.
pub type Answers = Vec<Arc<Answer>>;

/// Everything that was seen.
#[derive(Debug, Default)]
pub struct Observations {
    /// Answers of the local cluster in the order in which they came; `None` where none was given. Of a
    /// cluster without a target in the plan they were read from files.
    pub local: Option<Answers>,
    /// The same of the remote cluster.
    pub remote: Option<Answers>,
    /// Answers of the control plane about the local cluster's deployment; `None` where it was not
    /// to be asked.
    pub local_deployment: Option<Answers>,
    /// The same of the remote cluster's.
    pub remote_deployment: Option<Answers>,
    /// What Kubernetes told of the local cluster's resource; `None` where nobody was to tell.
    pub local_kubernetes: Option<ToldOf>,
    /// The same of the remote cluster's.
    pub remote_kubernetes: Option<ToldOf>,
    /// The endpoints by [`super::endpoint::Target::key`].
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Host name and addresses of this machine.
    pub vantage: Vantage,
}

/// One cluster while the document is made.
struct Part<'a> {
    side: Side,
    key: String,
    /// How it was reached; `None` where its answers come from files.
    target: Option<&'a ClusterTarget>,
    answers: &'a [Arc<Answer>],
    setup: Setup,
}

/// Makes the document of what was seen. The endpoints, of which there may be a thousand, go over into it.
pub fn assemble(plan: &Plan, seen: &mut Observations, collected_at: Timestamp) -> Evidence {
    let mut endpoints = std::mem::take(&mut seen.endpoints);
    let local = part(
        Side::Local,
        plan.local.as_ref(),
        seen.local.as_deref(),
        None,
    );
    let taken = local.as_ref().map(|it| it.key.as_str());
    let remote = part(
        Side::Remote,
        plan.remote.as_ref(),
        seen.remote.as_deref(),
        taken,
    );
    let mut gaps = Vec::new();
    let mut clusters = BTreeMap::new();
    let mut calls = Vec::new();
    for part in local.iter().chain(&remote) {
        clusters.insert(part.key.clone(), cluster::cluster(plan, part, &mut gaps));
        if part.target.is_some() {
            calls.extend(part.answers.iter().map(|it| call(&part.key, it)));
        }
    }
    let mut document = kubernetes::Document {
        clusters: &mut clusters,
        gaps: &mut gaps,
        calls: &mut calls,
    };
    let deployed = [
        deployment::add(
            Side::Local,
            plan.local_deployment
                .as_ref()
                .zip(seen.local_deployment.as_ref()),
            local.as_ref(),
            &mut document,
        ),
        deployment::add(
            Side::Remote,
            plan.remote_deployment
                .as_ref()
                .zip(seen.remote_deployment.as_ref()),
            remote.as_ref(),
            &mut document,
        ),
    ];
    let managed = kubernetes::add_all(
        [
            seen.local_kubernetes.as_ref(),
            seen.remote_kubernetes.as_ref(),
        ],
        [local.as_ref(), remote.as_ref()],
        deployed,
        &mut document,
    );
    deployment::settle(&mut clusters, &mut gaps);
    kubernetes::settle(&mut clusters, &mut gaps);
    let setup = local.as_ref().map(|it| &it.setup);
    let declared = seen.local_kubernetes.as_ref().map(ToldOf::declared);
    let sketches = sketches(plan, setup, declared.unwrap_or_default());
    let mut links = BTreeMap::new();
    for sketch in &sketches {
        let maker = link::Maker {
            plan,
            sketch,
            intent: intent(plan, sketch.alias.as_deref()),
            local: local.as_ref(),
            remote: remote.as_ref(),
            managed: &managed,
            alone: sketches.len() == 1,
        };
        let link = maker.link(&clusters, &mut endpoints, &mut gaps);
        links.insert(sketch.key.clone(), link);
    }
    if links.is_empty() {
        gaps.push(no_links(local.as_ref()));
    }
    let mut vantage = seen.vantage.clone();
    vantage.is_local_node = is_local_node(
        &vantage,
        setup.and_then(|it| it.nodes.as_ref()),
        plan.local.as_ref().map(|it| &it.url),
    );
    let evidence = Evidence {
        schema: SCHEMA.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        collected_at,
        purpose: plan.purpose,
        environment: plan.environment.into(),
        vantage,
        clusters,
        links,
        endpoints,
        sources: Vec::new(),
        sightings: Vec::new(),
        calls,
        gaps,
    };
    Scrub::of(plan).evidence(evidence)
}

/// The remotes that these answers of a cluster name; `None` where they do not tell.
pub fn aliases(answers: &[Arc<Answer>]) -> Option<Vec<String>> {
    Setup::of(answers).aliases()
}

/// The links whose state is asked of the local cluster: those that it has.
pub(super) fn looks(plan: &Plan, local: &Setup, sketches: &[Sketch]) -> Vec<Look> {
    sketches
        .iter()
        .filter_map(|it| it.alias.clone())
        .filter(|alias| local.configured(alias) != Some(false))
        .map(|alias| Look {
            indices: intent(plan, Some(&alias)).map_or_else(Vec::new, LinkIntent::searched),
            alias,
        })
        .collect()
}

/// What the local cluster's answers name on the remote one.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Ids of the keys in its errors.
    pub(super) keys: Vec<String>,
    /// Indices that are followed.
    pub(super) leaders: Vec<String>,
}

/// What the answers about these links name on the remote cluster.
pub(super) fn named<A: Borrow<Answer>>(answers: &[A], sketches: &[Sketch]) -> Named {
    let aliases: Vec<&str> = sketches
        .iter()
        .filter_map(|it| it.alias.as_deref())
        .collect();
    let levels: Vec<_> = aliases
        .iter()
        .filter_map(|alias| tried::Tried::of(answers, alias).errors.into_known())
        .flatten()
        .collect();
    Named {
        keys: key_ids(&levels),
        leaders: leader_names(answers, &aliases),
    }
}

impl Part<'_> {
    /// Whom it was asked by.
    fn who(&self) -> Who<'_> {
        Who {
            side: self.side,
            login: self.target.map(|it| &it.login),
        }
    }
}

fn part<'a>(
    side: Side,
    target: Option<&'a ClusterTarget>,
    answers: Option<&'a [Arc<Answer>]>,
    taken: Option<&str>,
) -> Option<Part<'a>> {
    let answers = answers?;
    let setup = Setup::of(answers);
    let role = side.name();
    let mut key = setup
        .root
        .name
        .known()
        .cloned()
        .unwrap_or_else(|| role.into());
    if taken == Some(key.as_str()) {
        key = format!("{key}-{role}");
    }
    Some(Part {
        side,
        key,
        target,
        answers,
        setup,
    })
}

fn call(cluster: &str, answer: &Answer) -> Call {
    Call {
        cluster: cluster.to_owned(),
        node: answer.node.clone().into(),
        method: answer.question.method().into(),
        path: answer.question.path(),
        status: answer.status(),
        took_ms: answer.took_ms,
    }
}

/// Why the document has no links at all.
fn no_links(local: Option<&Part<'_>>) -> Gap {
    let (reason, remedy) = match local {
        None => (
            "no local cluster and no endpoint was given",
            "--local URL, or --endpoint HOST:PORT",
        ),
        Some(part) if part.setup.aliases() == Some(Vec::new()) => (
            "the local cluster has no remote clusters configured",
            "name the planned one: crosscheck preflight --alias NAME --endpoint HOST:PORT",
        ),
        Some(_) => (
            "the local cluster did not tell its remotes",
            "name one, such as crosscheck diagnose ALIAS",
        ),
    };
    Gap {
        path: path(["links"]),
        probe: "GET /_remote/info".into(),
        reason: reason.into(),
        remedy: remedy.into(),
    }
}

/// A fact of a value that may be there.
fn fact<T>(value: Option<T>) -> Fact<T> {
    value.into()
}
