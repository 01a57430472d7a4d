//! `--logs`: log files are read while the clusters are asked.

use std::path::PathBuf;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::Exit;
use super::output::{complain, warn};
use crate::archive::log::{self, LogError, Logs};
use crate::check::CheckSet;
use crate::evidence::{Evidence, Gap};

/// Logs that are being read.
pub(super) struct Reading(JoinHandle<Result<Logs, LogError>>);

/// Begins to read. What is not there at all is wrong usage, and said before anything is asked.
pub(super) fn start(
    paths: &[PathBuf],
    checks: &CheckSet,
    runtime: &Runtime,
) -> Result<Option<Reading>, Exit> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut fine = true;
    for path in paths {
        if let Err(error) = path.metadata() {
            complain(&format!("--logs: cannot read {}: {error}", path.display()));
            fine = false;
        }
    }
    if !fine {
        return Err(Exit::Usage);
    }
    let (paths, signatures) = (paths.to_vec(), checks.signatures());
    let reading = runtime.spawn_blocking(move || log::read(&paths, &signatures));
    Ok(Some(Reading(reading)))
}

impl Reading {
    /// Adds to the evidence what the logs say. Whoever interrupts the run, or has done so, does not
    /// wait for them; `true` where that is so.
    pub(super) fn finish(
        mut self,
        evidence: &mut Evidence,
        runtime: &Runtime,
        interrupted: bool,
    ) -> bool {
        let read = runtime.block_on(async {
            tokio::select! {
                biased;
                read = &mut self.0 => Some(read),
                () = interrupt(interrupted) => None,
            }
        });
        match read {
            Some(Ok(Ok(logs))) => {
                evidence.gaps.extend(logs.gaps);
                log::attach(evidence, logs.sightings);
            }
            Some(Ok(Err(error))) => {
                warn(&format!("--logs: {error}"));
                evidence.gaps.push(unread(error.to_string()));
            }
            Some(Err(_)) => evidence.gaps.push(unread("reading them failed".to_owned())),
            None => {
                evidence
                    .gaps
                    .push(unread("the run was interrupted".to_owned()));
                return true;
            }
        }
        interrupted
    }
}

/// Returns when the reader of the report wants no more, or did so before.
async fn interrupt(already: bool) {
    if !already && tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn unread(reason: String) -> Gap {
    Gap {
        path: "sightings".to_owned(),
        probe: "--logs".to_owned(),
        reason,
        remedy: "run it again with --logs and the files that the nodes write".to_owned(),
    }
}
