//! Running the cases: one lab for each version, each case on a link that was healthy the moment before.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use libtest_mimic::{Completion, Failed, Trial};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    cases::{self, Case},
    identity,
    install::{Account, Column, Install, columns, environment},
    node,
    pair::Pair,
    privileges, probes,
    tool::{self, Ask, Given},
};

const HOW: &str = "set CROSSCHECK_ES=1 to run it; tests/elasticsearch/fetch.sh gets the nodes";

/// What is looked at in another way than by the cause of a broken link.
const EXAMINATIONS: [(&str, Examination); 4] = [
    ("probe with every key", probes::every_key),
    ("least roles for API keys", privileges::with_api_keys),
    (
        "least roles for certificates",
        privileges::with_certificates,
    ),
    ("strong identity", identity::every_fault),
];

/// Looks at a pair, and complains.
type Examination = fn(&mut Pair) -> Result<()>;

/// The clusters of one version, started by the first test that needs them.
struct Lab {
    install: Install,
    folder: TempDir,
    started: u32,
    state: State,
}

enum State {
    Idle,
    Running(Box<Pair>),
    /// Starting failed: the other tests need not wait for the same failure.
    Broken(String),
}

type SharedLab = Arc<Mutex<Lab>>;

/// Every case on every version; what cannot run says why.
pub(crate) fn trials() -> Vec<Trial> {
    let columns = columns();
    let wanted = environment("CROSSCHECK_ES").is_some_and(|value| value != "0")
        || environment("CROSSCHECK_ES_HOME").is_some();
    if !wanted {
        return columns
            .iter()
            .map(|column| ignored(format!("{} every case", column.version), HOW))
            .collect();
    }
    let mut trials = Vec::new();
    let mut labs = Vec::new();
    for column in &columns {
        match lab(column) {
            Ok(lab) => labs.push((column.version.clone(), Arc::new(Mutex::new(lab)))),
            Err(error) => trials.push(missing(column, &error)),
        }
    }
    let (usual, last): (Vec<_>, Vec<_>) = cases::all().into_iter().partition(|case| !case.spoils);
    for case in usual {
        for (version, lab) in &labs {
            trials.push(trial(version, lab, case));
        }
    }
    for (version, lab) in &labs {
        for (name, examine) in EXAMINATIONS {
            let lab = Arc::clone(lab);
            trials.push(Trial::test(format!("{version} {name}"), move || {
                let mut lab = lab.lock().unwrap_or_else(PoisonError::into_inner);
                let outcome = lab.pair().and_then(examine);
                outcome.map_err(|error| failed(&error))
            }));
        }
    }
    trials.extend(pairs_of_versions(&labs));
    for case in last {
        for (version, lab) in &labs {
            trials.push(trial(version, lab, case));
        }
    }
    trials
}

/// Starts every version, breaks the link as the named case does (`1`: leaves it healthy), says how to ask the tool
/// about it, and waits to be killed.
pub(crate) fn keep_running(case: &str) -> Result<()> {
    let case = cases::all().into_iter().find(|one| one.name == case);
    let mut labs = Vec::new();
    for column in &columns() {
        let mut lab = lab(column)?;
        let folder = lab.folder.path().to_owned();
        let pair = lab.pair()?;
        let ask = match case {
            Some(case) => (case.inject)(pair)?,
            None => Ask::of(pair),
        };
        println!("{} in {}", column.version, folder.display());
        for given in [Given::Everything, Given::LocalOnly] {
            let arguments = ask.arguments(given, pair.authority_pem(), &folder.join("ask"))?;
            println!("  crosscheck {}", arguments.join(" "));
        }
        println!(
            "  a {} b {} elastic:{}",
            pair.a.url(),
            pair.b.url(),
            node::PASSWORD
        );
        labs.push((lab, ask));
    }
    println!("running until killed");
    loop {
        std::thread::sleep(Duration::from_hours(1));
    }
}

fn lab(column: &Column) -> Result<Lab> {
    let install = column
        .install
        .clone()
        .map_err(|reason| anyhow!("{reason}"))?;
    let folder = match environment("CROSSCHECK_ES_FOLDER").map(PathBuf::from) {
        Some(parent) => {
            std::fs::create_dir_all(&parent)?;
            tempfile::Builder::new()
                .prefix(&format!("{}-", column.version))
                .disable_cleanup(true)
                .tempdir_in(parent)?
        }
        None => tempfile::Builder::new()
            .prefix("crosscheck-es-")
            .tempdir()?,
    };
    // The nodes' account must be able to walk into it.
    std::fs::set_permissions(
        folder.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    Ok(Lab {
        install,
        folder,
        started: 0,
        state: State::Idle,
    })
}

impl Lab {
    fn pair(&mut self) -> Result<&mut Pair> {
        if matches!(self.state, State::Idle) {
            self.started += 1;
            let folder = self.folder.path().join(self.started.to_string());
            self.state = match Account::choose()
                .and_then(|account| Pair::start(&self.install, account, &folder))
            {
                Ok(pair) => State::Running(Box::new(pair)),
                Err(error) => State::Broken(format!("{error:#}")),
            };
        }
        match &mut self.state {
            State::Running(pair) => Ok(pair),
            State::Broken(reason) => Err(anyhow!("the nodes did not start: {reason}")),
            State::Idle => Err(anyhow!("the nodes did not start")),
        }
    }
}

fn ignored(name: String, reason: impl Into<String>) -> Trial {
    let reason = reason.into();
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

/// A version that cannot be started: skipped, or a failure where `CROSSCHECK_ES=require`.
fn missing(column: &Column, error: &anyhow::Error) -> Trial {
    let name = format!("{} every case", column.version);
    let reason = format!("{error:#}");
    if environment("CROSSCHECK_ES").as_deref() == Some("require") {
        return Trial::test(name, || Err(reason.into()));
    }
    ignored(name, reason)
}

fn trial(version: &str, lab: &SharedLab, case: Case) -> Trial {
    let name = format!("{version} {}", case.name);
    let lab = Arc::clone(lab);
    Trial::test(name.clone(), move || {
        let mut lab = lab.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = lab.pair().and_then(|pair| run(pair, &name, case));
        if case.spoils {
            lab.state = State::Idle;
        }
        outcome.map_err(|error| failed(&error))
    })
}

/// Each version as the local cluster of each other one, where they cannot talk.
fn pairs_of_versions(labs: &[(String, SharedLab)]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (local_version, local) in labs {
        for (remote_version, remote) in labs {
            if local_version.starts_with("8.14") && remote_version.starts_with("9.")
                || local_version.starts_with("9.") && remote_version.starts_with("8.14")
            {
                let name = format!("{local_version} with remote {remote_version}");
                let locks = [Arc::clone(local), Arc::clone(remote)];
                trials.push(Trial::test(name.clone(), move || {
                    across(&locks, &name).map_err(|error| failed(&error))
                }));
            }
        }
    }
    trials
}

fn across([local, remote]: &[SharedLab; 2], name: &str) -> Result<()> {
    // Always in the same order, whichever is local: two such tests must not wait for each other.
    let (mut first, mut second);
    let (local, remote) = if Arc::as_ptr(local) < Arc::as_ptr(remote) {
        first = local.lock().unwrap_or_else(PoisonError::into_inner);
        second = remote.lock().unwrap_or_else(PoisonError::into_inner);
        (&mut *first, &mut *second)
    } else {
        first = remote.lock().unwrap_or_else(PoisonError::into_inner);
        second = local.lock().unwrap_or_else(PoisonError::into_inner);
        (&mut *second, &mut *first)
    };
    let remote = remote.pair()?;
    remote.reset()?;
    let authority = remote.authority_pem().to_owned();
    let local = local.pair()?;
    local.reset()?;
    local.trust(&authority)?;
    let outcome = cases::other_version(local, remote)
        .and_then(|ask| judge(&ask, name, &cases::OTHER_VERSION, &authority, &local.folder));
    local.trust_own()?;
    outcome
}

/// Heals the link, breaks it, asks the tool, and then the nodes whether the fault was really there.
fn run(pair: &mut Pair, name: &str, case: Case) -> Result<()> {
    pair.reset()
        .context("cannot heal the link before the case")?;
    let ask = (case.inject)(pair).context("cannot inject the fault")?;
    judge(&ask, name, &case, pair.authority_pem(), &pair.folder)
}

fn judge(
    ask: &Ask,
    name: &str,
    case: &Case,
    authority: &str,
    folder: &std::path::Path,
) -> Result<()> {
    let folder = folder.join("ask");
    let mut complaints = Vec::new();
    if environment("CROSSCHECK_ES_NODES_ONLY").is_none() {
        for given in [Given::Everything, Given::LocalOnly] {
            if let Err(error) = question(ask, given, name, case, authority, &folder) {
                complaints.push(format!("{given:?}: {error:#}"));
            }
        }
    }
    let seen = witness(ask)?;
    if !case.proof.is_empty() && !case.proof.iter().any(|text| seen.contains(text)) {
        complaints.push(format!("the fault was not there; the nodes say:\n{seen}"));
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

fn question(
    ask: &Ask,
    given: Given,
    name: &str,
    case: &Case,
    authority: &str,
    folder: &std::path::Path,
) -> Result<()> {
    let arguments = ask.arguments(given, authority, folder)?;
    let report = match given {
        Given::Everything => tool::run_into_bundle(&arguments, &folder.join("bundle.zip"))?,
        Given::LocalOnly => tool::run(&arguments)?,
    };
    let suffix = match given {
        Given::Everything => "",
        Given::LocalOnly => " local",
    };
    tool::keep(&report, &format!("{name}{suffix}"))?;
    let from_one_side = given == Given::LocalOnly;
    if !from_one_side {
        tool::must_mention(&report, case.mentions)?;
    }
    if case.causes.is_empty() {
        return tool::must_be_healthy(&report, from_one_side);
    }
    let mut causes = case.causes.to_vec();
    if from_one_side {
        causes.extend(case.also_locally);
    }
    tool::must_blame(&report, &causes, from_one_side)
}

/// What the nodes themselves say about the link, asked after the tool so that it finds the fault untouched.
fn witness(ask: &Ask) -> Result<String> {
    let Ask {
        alias,
        local,
        index,
        ..
    } = ask;
    let (_, info) = node::request(local, "elastic", "GET", "/_remote/info", None)?;
    let mut seen = vec![format!("info {info}")];
    if info[alias].is_object() {
        if info[alias].get("cluster_credentials").is_none() {
            seen.push("no cluster_credentials".to_owned());
        }
        // Only so does a search say why it failed.
        let body =
            json!({ "persistent": { format!("cluster.remote.{alias}.skip_unavailable"): false } });
        node::request(local, "elastic", "PUT", "/_cluster/settings", Some(&body))?;
    }
    for path in [
        format!("/_resolve/cluster/{alias}:{index}"),
        format!("/{alias}:{index}/_search?size=0"),
    ] {
        let (status, answer) = node::request(local, ask.local_user, "GET", &path, None)?;
        seen.push(format!("{path} {status} {answer}"));
    }
    Ok(seen.join("\n"))
}

fn failed(error: &anyhow::Error) -> Failed {
    format!("{error:#}").into()
}
