//! A pair of simulated clusters over real sockets on loopback, with one fault at a time. Its answers
//! are those that real nodes gave.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use secrecy::SecretString;
use url::Url;

use crate::config::plan::{ClusterTarget, LinkIntent, Login, Plan};
use crate::evidence::{Environment, Model, Purpose, Use};

mod answers;
mod api;
mod certificates;
mod filter;
mod placeholders;
mod ports;
mod scenarios;
mod server;
mod wire;

pub use answers::Part;
pub use api::{Asked, CallKind};

use answers::{AnswerFile, Answers};
use api::{Api, Record};
use certificates::Certificates;
use placeholders::Placeholders;
use ports::{Ports, Running};
use scenarios::{Address, Setup};
use wire::NodeWire;

/// One fault (or healthy state) that can be shown.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name, as typed after `demo`.
    pub name: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Code of the root cause that a diagnosis names; `None` where nothing is wrong.
    pub root_cause: Option<&'static str>,
    setup: Setup,
}

/// The running pair; it stops when dropped.
#[derive(Debug)]
pub struct Pair {
    /// Name of the scenario.
    pub scenario: &'static str,
    /// What a reader with full access to both clusters would type.
    pub plan: Plan,
    /// Base URL of the local cluster's HTTP API.
    pub local_url: Url,
    /// Base URL of the remote cluster's HTTP API.
    pub remote_url: Url,
    /// User of the local cluster; that of the remote one is `elastic`.
    pub local_user: &'static str,
    /// Password of both users.
    pub password: &'static str,
    /// The address that the link dials, as in the settings.
    pub address: String,
    /// The CA that a trusts for remote cluster servers, in PEM.
    pub server_ca_pem: String,
    /// The credential as the reader has it.
    pub credential: String,
    /// Names in a's keystore, where the reader lists them.
    pub keystore: Option<Vec<String>>,
    /// What the reader wants to search.
    pub index: &'static str,
    server_ca: CertificateDer<'static>,
    record: Record,
    tasks: Vec<Running>,
}

/// The alias in every scenario.
pub const ALIAS: &str = "bee";

const PASSWORD: &str = "demo-password";
const REMOTE_USER: &str = "elastic";
/// A diagnosis of a silent peer takes one deadline of a probe; this is for the worst of all.
const TIMEOUT: Duration = Duration::from_secs(30);

/// All scenarios, the one that `demo` shows by default first.
pub fn scenarios() -> &'static [Scenario] {
    scenarios::ALL
}

/// Starts the pair.
#[expect(
    clippy::unused_async,
    reason = "its sockets belong to the runtime that it is awaited in"
)]
pub async fn start(scenario: &Scenario) -> io::Result<Pair> {
    let setup = &scenario.setup;
    let certificates = Certificates::make(setup.chain, now())?;
    let ports = Ports::open(setup)?;
    let host = match setup.address {
        Address::UnknownHost => "b.crosscheck.invalid",
        Address::Plain | Address::Url => "127.0.0.1",
    };
    let scheme = if setup.address == Address::Url {
        "https://"
    } else {
        ""
    };
    let address = format!("{scheme}{host}:{}", ports.link_port);
    let mut placeholders = Placeholders {
        texts: ports.texts()?,
        now: now(),
    };
    placeholders.texts.extend(certificates.texts());
    placeholders.texts.extend([
        ("link.address", address.clone()),
        ("link.host", host.to_owned()),
        ("skip", setup.skip_unavailable.to_string()),
    ]);
    let fault = setup.answers.map(AnswerFile::parse).transpose()?;
    let wire = NodeWire::new(setup.remote.wire, fault.as_ref(), &placeholders)?;
    let record = Record::default();
    let api = |part, release: &str, user| {
        let healthy = AnswerFile::parse(release)?;
        let files: Vec<&AnswerFile> = [&healthy].into_iter().chain(&fault).collect();
        io::Result::Ok(Api {
            part,
            answers: Answers::of(part, &files, setup.skip_unavailable, &placeholders),
            user,
            password: PASSWORD,
            record: Arc::clone(&record),
        })
    };
    let local = api(Part::Local, setup.local.answers, setup.user)?;
    let remote = api(Part::Remote, setup.remote.answers, REMOTE_USER)?;
    let local_url = ports.local_http.url()?;
    let remote_url = ports.remote_http.url()?;
    let (credential, keystore) = (setup.credential.text(), setup.keystore_names());
    let server_ca = certificates.trusted.clone();
    let mut pair = Pair {
        scenario: scenario.name,
        plan: empty_plan(),
        local_url,
        remote_url,
        local_user: setup.user,
        password: PASSWORD,
        address,
        server_ca_pem: certificates.trusted_pem.clone(),
        credential,
        keystore,
        index: setup.index,
        server_ca,
        record,
        tasks: ports.serve(setup.listener, &certificates, wire, local, remote)?,
    };
    pair.plan = pair.full_plan();
    Ok(pair)
}

impl Pair {
    /// What a reader would type who knows nothing but the local cluster's URL and a login.
    pub fn local_plan(&self) -> Plan {
        Plan {
            local: Some(login(&self.local_url, self.local_user)),
            ..empty_plan()
        }
    }

    /// Every call that the two HTTP APIs were asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn full_plan(&self) -> Plan {
        Plan {
            remote: Some(login(&self.remote_url, REMOTE_USER)),
            aliases: vec![ALIAS.to_owned()],
            intents: vec![LinkIntent {
                alias: Some(ALIAS.to_owned()),
                model: Some(Model::ApiKey),
                credential: Some(SecretString::from(self.credential.clone())),
                server_ca: Some(vec![self.server_ca.clone()]),
                server_ca_path: Some("remote-ca.crt".into()),
                uses: vec![Use::Search],
                indices: vec![self.index.to_owned()],
                ..LinkIntent::default()
            }],
            keystore: self.keystore.clone(),
            ..self.local_plan()
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.stop();
        }
    }
}

fn empty_plan() -> Plan {
    Plan {
        environment: Some(Environment::SelfManaged),
        timeout: TIMEOUT,
        ..Plan::new(Purpose::Diagnose)
    }
}

fn login(url: &Url, user: &str) -> ClusterTarget {
    ClusterTarget {
        url: url.clone(),
        login: Login::Basic {
            user: user.to_owned(),
            password: SecretString::from(PASSWORD),
        },
        ca: Vec::new(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "certificates and keys expire relative to the moment of the show"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_scenario_starts() {
        for scenario in scenarios() {
            let pair = start(scenario).await.unwrap();
            assert!(pair.plan.local.is_some(), "{}", scenario.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = scenarios().iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), scenarios().len());
    }
}
