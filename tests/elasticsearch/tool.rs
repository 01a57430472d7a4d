//! Running the built binary as a user would, and what must be in its report.

use std::{
    any::Any,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    install::environment,
    node::{Node, PASSWORD},
    pair::{ALIAS, Pair},
};

/// What a user types about a link.
pub(crate) struct Ask {
    /// The alias that is diagnosed.
    pub(crate) alias: String,
    pub(crate) local: String,
    pub(crate) local_user: &'static str,
    pub(crate) remote: String,
    pub(crate) remote_user: &'static str,
    /// The credential as it lies in the user's file; none for the certificate model.
    pub(crate) credential: Option<Vec<u8>>,
    /// Output of `elasticsearch-keystore list`, where the case gives it.
    pub(crate) keystore_list: Option<String>,
    /// The index that is to be searched.
    pub(crate) index: &'static str,
    /// True if the index is named even where only the local cluster's URL is given.
    pub(crate) always_index: bool,
    /// What the local cluster trusts, as PEM, where it is not what the pair always trusts.
    pub(crate) authority: Option<String>,
    /// What must live until the question is answered.
    pub(crate) keep: Vec<Box<dyn Any>>,
}

/// How much the user gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Given {
    /// Both clusters, the credential, the trusted authority, the index.
    Everything,
    /// The local cluster's URL alone.
    LocalOnly,
}

impl Ask {
    /// The usual question about a pair.
    pub(crate) fn of(pair: &Pair) -> Self {
        Self::about(&pair.a, &pair.b, &pair.key.encoded)
    }

    pub(crate) fn about(local: &Node, remote: &Node, credential: &str) -> Self {
        Self {
            alias: ALIAS.to_owned(),
            local: local.url(),
            local_user: "elastic",
            remote: remote.url(),
            remote_user: "elastic",
            credential: Some(credential.as_bytes().to_vec()),
            keystore_list: None,
            index: "logs",
            always_index: false,
            authority: None,
            keep: Vec::new(),
        }
    }

    pub(crate) fn credential(mut self, credential: &[u8]) -> Self {
        self.credential = Some(credential.to_vec());
        self
    }

    pub(crate) fn without_credential(mut self) -> Self {
        self.credential = None;
        self
    }

    pub(crate) fn user(mut self, user: &'static str) -> Self {
        self.local_user = user;
        self
    }

    /// The same user on both clusters.
    pub(crate) fn both_users(mut self, user: &'static str) -> Self {
        self.local_user = user;
        self.remote_user = user;
        self
    }

    pub(crate) fn keystore_list(mut self, list: String) -> Self {
        self.keystore_list = Some(list);
        self
    }

    pub(crate) fn always_index(mut self, index: &'static str) -> Self {
        self.index = index;
        self.always_index = true;
        self
    }

    pub(crate) fn keeping(mut self, thing: impl Any) -> Self {
        self.keep.push(Box::new(thing));
        self
    }

    /// Arguments of the command, and the files that they name, written into `folder`.
    pub(crate) fn arguments(
        &self,
        given: Given,
        authority: &str,
        folder: &Path,
    ) -> Result<Vec<String>> {
        fs::create_dir_all(folder)?;
        let file = |name: &str, content: &[u8]| -> Result<String> {
            let path = folder.join(name);
            fs::write(&path, content)?;
            Ok(path.display().to_string())
        };
        let password = file("password", PASSWORD.as_bytes())?;
        let mut arguments = words(&["diagnose", &self.alias, "--local", &self.local]);
        arguments.extend(words(&[
            "--local-user",
            self.local_user,
            "--local-password-file",
            &password,
        ]));
        if given == Given::Everything {
            arguments.extend(words(&[
                "--remote",
                &self.remote,
                "--remote-user",
                self.remote_user,
            ]));
            arguments.extend(words(&["--remote-password-file", &password]));
            if let Some(credential) = &self.credential {
                arguments.extend(words(&[
                    "--credentials-file",
                    &file("credential", credential)?,
                ]));
            }
            arguments.extend(words(&[
                "--server-ca",
                &file(
                    "ca.crt",
                    self.authority.as_deref().unwrap_or(authority).as_bytes(),
                )?,
            ]));
            if let Some(list) = &self.keystore_list {
                arguments.extend(words(&[
                    "--keystore-list",
                    &file("keystore", list.as_bytes())?,
                ]));
            }
            arguments.extend(words(&["--use", "search"]));
        }
        if given == Given::Everything || self.always_index {
            arguments.extend(words(&["--index", self.index]));
        }
        Ok(arguments)
    }
}

/// Runs the tool for its JSON report.
pub(crate) fn run(arguments: &[String]) -> Result<Value> {
    let binary = environment("CROSSCHECK_ES_BINARY")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_crosscheck").to_owned());
    let mut command = Command::new(binary);
    command.args(arguments).args(["--format", "json"]);
    for name in [
        "LOCAL_PASSWORD",
        "LOCAL_API_KEY",
        "REMOTE_PASSWORD",
        "REMOTE_API_KEY",
        "CREDENTIALS",
    ] {
        command.env_remove(format!("CROSSCHECK_{name}"));
    }
    let output = command.output().context("cannot run crosscheck")?;
    serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "no JSON on standard output, {}:\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// The same as a bundle is made of the run: its report must be the one that the bundle gives later, to
/// somebody who has nothing else.
pub(crate) fn run_into_bundle(arguments: &[String], bundle: &Path) -> Result<Value> {
    let file = bundle.display().to_string();
    let mut live = words(&["bundle", "--no-redact", "--output", &file]);
    // Behind the command, which it replaces.
    live.extend(arguments.iter().skip(1).cloned());
    let report = run(&live)?;
    let later = run(&words(&["analyze", &file]))?;
    for part in ["verdict", "links", "findings", "gaps", "counts"] {
        ensure!(
            report[part] == later[part],
            "{part} of the live run and of its bundle differ:\n{}\n{}",
            report[part],
            later[part]
        );
    }
    Ok(report)
}

/// Keeps a report in the folder `CROSSCHECK_ES_RESULTS`, if there is one.
pub(crate) fn keep(report: &Value, name: &str) -> Result<()> {
    let Some(folder) = environment("CROSSCHECK_ES_RESULTS").map(PathBuf::from) else {
        return Ok(());
    };
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}.json", name.replace([' ', '/'], "-")));
    fs::write(&path, serde_json::to_vec_pretty(report)?)?;
    Ok(())
}

/// A broken link: blocked by one of these causes, and no other cause beside it. With `or_unknown`, no cause but gaps
/// will do as well.
pub(crate) fn must_blame(report: &Value, causes: &[&str], or_unknown: bool) -> Result<()> {
    let link = link(report)?;
    let (verdict, root_cause) = (&link["verdict"], &link["root_cause"]);
    if or_unknown && verdict == "unknown" && root_cause.is_null() {
        let gaps = report["gaps"].as_array().map_or(0, Vec::len);
        ensure!(gaps > 0, "verdict unknown without a gap");
        return must_not_accuse(report, causes);
    }
    let found = root_cause.as_str().unwrap_or("none");
    ensure!(
        verdict == "blocked" && causes.contains(&found),
        "verdict {verdict}, root cause {found}; expected blocked by {}",
        causes.join(" or ")
    );
    must_not_accuse(report, causes)
}

/// Findings that must be among the failures, whatever the cause.
pub(crate) fn must_mention(report: &Value, codes: &[&str]) -> Result<()> {
    let findings = report["findings"]
        .as_array()
        .context("no `findings` in the report")?;
    for code in codes {
        ensure!(
            findings
                .iter()
                .any(|finding| finding["code"] == *code && finding["outcome"] == "fail"),
            "{code} is not among the failures"
        );
    }
    Ok(())
}

/// A healthy link: ready or at risk, and nothing that is said to break it.
pub(crate) fn must_be_healthy(report: &Value, or_unknown: bool) -> Result<()> {
    must_not_accuse(report, &[])?;
    let verdict = &link(report)?["verdict"];
    ensure!(
        verdict == "ready" || verdict == "at-risk" || (or_unknown && verdict == "unknown"),
        "verdict {verdict}; expected ready or at-risk"
    );
    Ok(())
}

fn link(report: &Value) -> Result<&Value> {
    match report["links"].as_array().map(Vec::as_slice) {
        Some([link]) => Ok(link),
        Some(links) => bail!("{} links in the report; expected one", links.len()),
        None => bail!("no `links` in the report"),
    }
}

/// No failing error that stands on its own, other than these.
fn must_not_accuse(report: &Value, allowed: &[&str]) -> Result<()> {
    let false_ones: Vec<String> = report["findings"]
        .as_array()
        .context("no `findings` in the report")?
        .iter()
        .filter(|finding| {
            finding["outcome"] == "broken"
                || (finding["outcome"] == "fail"
                    && finding["severity"] == "error"
                    && finding["explained_by"].is_null()
                    && (finding["kind"] != "symptom" || allowed.is_empty())
                    && !allowed.iter().any(|&code| finding["code"] == code))
        })
        .map(|finding| format!("{}: {}", finding["code"], finding["message"]))
        .collect();
    ensure!(
        false_ones.is_empty(),
        "also accused, wrongly:\n  {}",
        false_ones.join("\n  ")
    );
    Ok(())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
