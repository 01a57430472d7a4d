//! Collecting: every probe runs beside the others, each with a deadline, and fills the evidence.
//! A refused connection is evidence, not an error.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{join, join_all, join3};
use futures_util::stream;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::config::plan::{
    ClientIdentity, ClusterTarget, DeploymentTarget, LinkIntent, Plan, ResourceName, ResourceSource,
};
use crate::evidence::{Contact, Endpoint, EndpointSource, Evidence, Side};

pub mod assemble;
pub mod cloud;
mod credential;
pub mod deadline;
pub mod elasticsearch;
pub mod endpoint;
pub mod kubernetes;
mod link;
mod roots;
mod vantage;

pub(crate) use credential::needles;

use assemble::{Observations, ToldOf};
use elasticsearch::{Answer, Client, Desk, Failure, Question, Setup};
use endpoint::{Identity, Key, Target};
use kubernetes::Told;

pub use deadline::{Deadline, Interrupt, Stopped};

/// Who is told what is being waited for, for a line on a terminal.
pub trait Progress: Send + Sync {
    /// A probe begins; `what` reads like `b.example.org:9443` or `GET /_license on a`.
    fn begin(&self, what: &str);
    /// The same probe has ended.
    fn end(&self, what: &str);
}

/// Nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _what: &str) {}
    fn end(&self, _what: &str) {}
}

/// What a run brought back.
#[derive(Debug)]
pub struct Collected {
    /// What was observed.
    pub evidence: Evidence,
    /// What the local cluster's HTTP API and the control plane about it answered, in the order of the answers; not yet scrubbed of
    /// secrets.
    pub local: Vec<Arc<Answer>>,
    /// The same of the remote cluster.
    pub remote: Vec<Arc<Answer>>,
}

/// Collects all that the plan asks for, without the answers themselves.
pub async fn collect(plan: &Plan, deadline: &Deadline, progress: &dyn Progress) -> Evidence {
    collect_all(plan, deadline, progress).await.evidence
}

/// Collects all that the plan asks for. Returns before the deadline, or as soon as it is
/// interrupted, with what is known by then; what is not has a gap that says so.
pub async fn collect_all(plan: &Plan, deadline: &Deadline, progress: &dyn Progress) -> Collected {
    let vantage = vantage::observe();
    let run = Run {
        plan,
        at_once: endpoints_at_once(),
        deadline,
        progress,
        other_names: other_names(plan),
        claimed: Mutex::default(),
        endpoints: Mutex::default(),
    };
    let deployments = join(
        run.ask_control_plane(plan.local_deployment.as_ref(), Side::Local),
        run.ask_control_plane(plan.remote_deployment.as_ref(), Side::Remote),
    );
    let (
        (local_deployment, remote_deployment),
        (local_kubernetes, remote_kubernetes),
        (local, remote),
    ) = join3(deployments, run.ask_kubernetes(), run.ask_all()).await;
    let mut seen = Observations {
        local,
        remote,
        local_deployment,
        remote_deployment,
        local_kubernetes,
        remote_kubernetes,
        endpoints: run
            .endpoints
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
        vantage,
    };
    let mut evidence = assemble::assemble(plan, &mut seen, now());
    endpoint::derive_trust(&mut evidence);
    for (key, endpoint) in &evidence.endpoints {
        evidence.gaps.extend(endpoint::gaps(key, endpoint));
    }
    Collected {
        evidence,
        local: all(seen.local, seen.local_deployment),
        remote: all(seen.remote, seen.remote_deployment),
    }
}

fn all(cluster: Answers, deployment: Answers) -> Vec<Arc<Answer>> {
    let both = [cluster, deployment].into_iter().flatten();
    both.flatten().collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the moment that becomes the judge's clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Most endpoints that are looked at side by side.
const MOST_AT_ONCE: u64 = 384;

/// Sockets that an endpoint may need at the same time: a port that says nothing is asked in several
/// ways at once, and a name may have two addresses.
const SOCKETS_EACH: u64 = 8;

/// Files and sockets of everything else.
const OTHER_FILES: u64 = 64;

/// How many endpoints are looked at side by side, by what the operating system permits.
fn endpoints_at_once() -> usize {
    let wanted = MOST_AT_ONCE * SOCKETS_EACH + OTHER_FILES;
    // Where it cannot be told, what every system permits.
    let files = rlimit::increase_nofile_limit(wanted).unwrap_or(256);
    let many = (files.saturating_sub(OTHER_FILES) / SOCKETS_EACH).clamp(1, MOST_AT_ONCE);
    usize::try_from(many).unwrap_or(1)
}

/// One run and what it has dialled.
struct Run<'a> {
    plan: &'a Plan,
    /// How many endpoints are looked at side by side.
    at_once: usize,
    deadline: &'a Deadline,
    progress: &'a dyn Progress,
    other_names: Vec<String>,
    claimed: Mutex<BTreeSet<String>>,
    endpoints: Mutex<BTreeMap<String, Endpoint>>,
}

/// Names by which a router in front of the remote cluster may know it: on Elastic Cloud, ECE and ECK
/// the host of its HTTP API is also the server name of its other ports.
fn other_names(plan: &Plan) -> Vec<String> {
    let host = plan.remote.as_ref().and_then(|it| it.url.domain());
    host.map(str::to_owned).into_iter().collect()
}

type Answers = Option<Vec<Arc<Answer>>>;

impl<'a> Run<'a> {
    /// Both clusters and every endpoint, side by side.
    async fn ask_all(&self) -> (Answers, Answers) {
        let plan = self.plan;
        let local = plan
            .local
            .as_ref()
            .map(|it| Client::new(it, plan.http_proxy));
        let remote = plan
            .remote
            .as_ref()
            .map(|it| Client::new(it, plan.http_proxy));
        let local_desk = self.desk(local.as_ref(), Side::Local);
        let remote_desk = self.desk(remote.as_ref(), Side::Remote);
        // Which addresses the remote publishes matters only to links whose mode the local tells.
        let (tell_local, local_setup) = oneshot::channel();
        let local_side = async {
            let named = self.ask_local(local_desk.as_ref(), tell_local).await;
            remote_desk.as_ref().map(|desk| (desk, named))
        };
        let remote_side = self.ask_remote(remote_desk.as_ref(), local_setup);
        let typed = self.dial_typed();
        let (named, (remote_answers, ())) = join(local_side, join(remote_side, typed)).await;
        if let Some((desk, named)) = named
            && remote_answers
        {
            let keys = elasticsearch::remote::keys(desk, &named.keys);
            join(keys, elasticsearch::remote::leaders(desk, &named.leaders)).await;
        }
        (
            answers(plan.local.as_ref(), local.as_ref(), local_desk.as_ref()),
            answers(plan.remote.as_ref(), remote.as_ref(), remote_desk.as_ref()),
        )
    }

    /// Asks the control plane for a deployment.
    async fn ask_control_plane(&self, target: Option<&DeploymentTarget>, side: Side) -> Answers {
        let target = target?;
        let client = Client::new(&target.api, self.plan.http_proxy);
        let desk = self.desk(Some(&client), side);
        if let Some(desk) = &desk {
            cloud::ask(desk, &target.name).await;
        }
        answers(Some(&target.api), Some(&client), desk.as_ref())
    }

    /// Asks Kubernetes for the resources. That of the remote cluster may follow from the local one.
    async fn ask_kubernetes(&self) -> (Option<ToldOf>, Option<ToldOf>) {
        let plan = self.plan;
        let local = async {
            let target = plan.local_kubernetes.as_ref()?;
            let told = self.told_of(&target.name, &target.source).await;
            Some((target, told))
        };
        let remote = async {
            let target = plan.remote_kubernetes.as_ref()?;
            Some(self.told_of(&target.name, &target.source).await)
        };
        let (local, mut remote) = join(local, remote).await;
        if remote.is_none()
            && let Some((target, local)) = &local
            && matches!(target.source, ResourceSource::Api(_))
            && let Some(name) = kubernetes::remote_of(&local.told, &local.name, &plan.aliases)
        {
            remote = Some(self.told_of(&name, &target.source).await);
        }
        (local.map(|(_, told)| told), remote)
    }

    async fn told_of(&self, name: &ResourceName, source: &ResourceSource) -> ToldOf {
        let told = match source {
            ResourceSource::Api(api) => {
                Box::pin(kubernetes::ask(api, name, self.deadline, self.progress)).await
            }
            ResourceSource::Files(told) => Told::clone(told),
        };
        ToldOf {
            name: name.clone(),
            told,
        }
    }

    fn desk<'d>(
        &self,
        client: Option<&'d Result<Client, elasticsearch::ClientError>>,
        side: Side,
    ) -> Option<Desk<'d>>
    where
        'a: 'd,
    {
        let client = client?.as_ref().ok()?;
        Some(Desk::new(client, side, self.deadline, self.progress))
    }

    /// Asks the local cluster; returns what its answers name on the remote one.
    async fn ask_local(
        &self,
        desk: Option<&Desk<'_>>,
        tell: oneshot::Sender<Arc<Setup>>,
    ) -> assemble::Named {
        let Some(desk) = desk else {
            return assemble::Named::default();
        };
        let setup = Arc::new(elasticsearch::local::first(desk).await);
        // Nobody listens where there is no remote cluster to ask.
        let _ = tell.send(Arc::clone(&setup));
        if !setup.root.answered() {
            return assemble::Named::default();
        }
        let sketches = link::sketches(self.plan, Some(&setup), Vec::new());
        let links = async {
            if self.plan.reload_secure_settings {
                elasticsearch::local::reload(desk).await;
            }
            let looks = assemble::looks(self.plan, &setup, &sketches);
            elasticsearch::local::links(desk, &setup, &looks).await;
        };
        let dialled = async {
            let each = sketches.iter().filter_map(|it| {
                let alias = it.alias.as_deref()?;
                let targets = link::configured(&setup, alias);
                Some(self.dial(targets, self.intent(Some(alias))))
            });
            join_all(each).await;
        };
        join(elasticsearch::local::rest(desk), join(links, dialled)).await;
        let answers = desk.answers();
        assemble::named(&answers, &sketches)
    }

    /// Asks the remote cluster; returns whether it answered.
    async fn ask_remote(
        &self,
        desk: Option<&Desk<'_>>,
        local: oneshot::Receiver<Arc<Setup>>,
    ) -> bool {
        let Some(desk) = desk else {
            return false;
        };
        let setup = elasticsearch::remote::first(desk).await;
        if !setup.root.answered() {
            return false;
        }
        let dialled = async {
            let local = local.await.ok();
            let sketches = link::sketches(self.plan, local.as_deref(), Vec::new());
            let each = sketches.iter().map(|it| {
                let intent = self.intent(it.alias.as_deref());
                let targets = link::published_for(it, local.as_deref(), Some(&setup), intent);
                self.dial(targets, intent)
            });
            join_all(each).await;
        };
        join(elasticsearch::remote::rest(desk, self.plan), dialled).await;
        true
    }

    async fn dial_typed(&self) {
        let plan = self.plan;
        let wanted = plan.intents.iter().filter(|intent| {
            let alias = intent.alias.as_ref();
            plan.aliases.is_empty() || alias.is_none_or(|it| plan.aliases.contains(it))
        });
        join_all(wanted.map(|it| self.dial(link::typed(Some(it)), Some(it)))).await;
    }

    /// Looks at the targets that nobody looked at yet.
    async fn dial(&self, targets: Vec<Target>, intent: Option<&LinkIntent>) {
        let presented = Arc::new(Presented::of(intent, self));
        let new = targets.into_iter().filter(|it| {
            let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
            claimed.insert(it.key())
        });
        let probes = stream::iter(new).for_each_concurrent(self.at_once, |target| {
            let presented = Arc::clone(&presented);
            async move {
                self.progress.begin(&target.address);
                let endpoint = probe_apart(&target, presented, self.deadline).await;
                self.progress.end(&target.address);
                self.endpoints
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(target.key(), endpoint);
            }
        });
        probes.await;
    }

    fn intent(&self, alias: Option<&str>) -> Option<&LinkIntent> {
        elasticsearch::intent(self.plan, alias)
    }
}

/// What is presented to the targets of a link, for tasks of their own.
#[derive(Debug, Default)]
struct Presented {
    server_ca: Option<Vec<CertificateDer<'static>>>,
    client: Option<ClientIdentity>,
    credential: Option<SecretString>,
    /// Addresses that the reader typed.
    typed: BTreeSet<String>,
    other_names: Vec<String>,
    idle: Option<Duration>,
}

impl Presented {
    fn of(intent: Option<&LinkIntent>, run: &Run<'_>) -> Self {
        let of_run = Self {
            other_names: run.other_names.clone(),
            idle: run.plan.idle,
            ..Self::default()
        };
        let Some(intent) = intent else {
            return of_run;
        };
        Self {
            server_ca: intent.server_ca.clone(),
            client: intent.client.clone(),
            credential: intent.credential.clone(),
            typed: intent.endpoints.iter().cloned().collect(),
            ..of_run
        }
    }

    /// The key is tried at the addresses that a node is told, not at each of the many that the remote
    /// cluster publishes.
    fn to(&self, target: &Target) -> Identity<'_> {
        let credential = self.credential.as_ref();
        let credential = credential.filter(|_| target.source != EndpointSource::Publish);
        Identity {
            server_ca: self.server_ca.as_deref(),
            client: self.client.as_ref(),
            key: credential.map(|credential| Key {
                credential,
                typed_for_address: self.typed.contains(&target.address),
            }),
            other_names: &self.other_names,
            idle: self.idle,
        }
    }
}

/// Looks at an endpoint in a task of its own: where there are many, every processor has some.
async fn probe_apart(target: &Target, presented: Arc<Presented>, deadline: &Deadline) -> Endpoint {
    let (target, deadline) = (target.clone(), deadline.clone());
    let task =
        tokio::spawn(
            async move { endpoint::probe(&target, presented.to(&target), &deadline).await },
        );
    match task.await {
        Ok(endpoint) => endpoint,
        Err(failed) => panic::resume_unwind(failed.into_panic()),
    }
}

/// The answers of a cluster that was to be asked. A client that could not be made has failed the
/// first question.
fn answers(
    target: Option<&ClusterTarget>,
    client: Option<&Result<Client, elasticsearch::ClientError>>,
    desk: Option<&Desk<'_>>,
) -> Answers {
    target?;
    if let Some(Err(error)) = client {
        let failed = Answer {
            question: Question::Root,
            node: None,
            outcome: Err(Failure::Connection {
                contact: Contact::NotReached,
                detail: error.to_string(),
            }),
            took_ms: 0,
        };
        return Some(vec![Arc::new(failed)]);
    }
    desk.map(Desk::answers)
}
