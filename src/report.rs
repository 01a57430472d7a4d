//! The report: what the judge made of the evidence. Every format is rendered from this one value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Environment, Gap, Mode, Model};

mod diff;

pub use diff::{DIFF_SCHEMA, Diff};

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "crosscheck/report/v1";

/// Everything that a run has to say (`schemas/report-v1.json`).
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of crosscheck that judged.
    pub version: String,
    /// The worst verdict of all links.
    pub verdict: Verdict,
    /// The links, in order of their alias.
    pub links: Vec<LinkSummary>,
    /// What every check said about every subject: root causes first, passes last. Of a probe of
    /// several endpoints the passes are counted alone.
    pub findings: Vec<Finding>,
    /// What could not be found out and how to close it.
    pub gaps: Vec<Gap>,
    /// How many findings have which outcome.
    pub counts: Counts,
    /// The same links as other machines saw them, where several looked; then the rest of the report
    /// is what the first of these saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vantages: Vec<Seen>,
}

/// The links as one machine saw them.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Seen {
    /// Host name of the machine.
    pub host: String,
    /// Whether it is a node of the local cluster; `null` where unknown.
    pub is_local_node: Option<bool>,
    /// The links.
    pub links: Vec<LinkSummary>,
}

/// One link in short.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct LinkSummary {
    /// The alias; for a probe the endpoint.
    pub alias: String,
    /// Name of the local cluster, `null` where unknown.
    pub local: Option<String>,
    /// Version of the local cluster, `null` where unknown.
    pub local_version: Option<String>,
    /// Name of the remote cluster, `null` where unknown.
    pub remote: Option<String>,
    /// Version of the remote cluster, `null` where unknown.
    pub remote_version: Option<String>,
    /// Security model, `null` where unknown.
    pub model: Option<Model>,
    /// Connection mode, `null` where unknown.
    pub mode: Option<Mode>,
    /// The verdict.
    pub verdict: Verdict,
    /// Code of the first cause, `null` where none was found.
    pub root_cause: Option<String>,
    /// Where the reader's local cluster runs, given or detected; fixes are chosen by it. `null`
    /// where unknown: then fixes for every environment are shown.
    pub environment: Option<Environment>,
}

/// What a link is worth.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No fault found and enough seen.
    Ready,
    /// It works or will work, with warnings.
    AtRisk,
    /// No cause found, evidence incomplete.
    Unknown,
    /// A cause was found that keeps it from working.
    Blocked,
}

/// What one check says about one subject.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Finding {
    /// `area/name`, the path of the check file.
    pub code: String,
    /// The folder of the check.
    pub area: String,
    /// What it says.
    pub outcome: Outcome,
    /// How bad a failure is.
    pub severity: Severity,
    /// What a failure means.
    pub kind: Kind,
    /// How sure a failure is, after what the vantage permits.
    pub certainty: Certainty,
    /// The step of connecting at which a failure stops the link.
    pub stage: Stage,
    /// What it is about.
    pub subject: Subject,
    /// The healthy state in words.
    pub title: String,
    /// For a failure: the observed values. For an unknown: what is missing.
    pub message: String,
    /// For a failure: why it matters.
    pub why: String,
    /// For a failure: what to do, already chosen for the environment.
    pub fixes: Vec<Fix>,
    /// Rows of the failure catalogue.
    pub covers: Vec<String>,
    /// Code of the cause of the same link that makes this finding its consequence.
    pub explained_by: Option<String>,
    /// Codes of the findings that are consequences of this one.
    pub explains: Vec<String>,
    /// The values that were read.
    pub evidence: Vec<Reading>,
    /// Paths that were needed and are unknown.
    pub missing: Vec<String>,
    /// Documentation.
    pub links: Vec<String>,
}

/// What a finding is about. Absent parts do not apply.
#[derive(
    Clone, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Subject {
    /// Key of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Key of the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Key of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

/// A value that a check read.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Reading {
    /// Path in the evidence document.
    pub path: String,
    /// The value there.
    pub value: serde_json::Value,
}

/// One way to repair.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Fix {
    /// What to do, in words.
    pub text: String,
    /// Commands to paste, real names filled in.
    pub commands: Vec<String>,
    /// Environments that it is for; empty for all.
    #[serde(rename = "for")]
    pub environments: Vec<Environment>,
}

/// The five outcomes.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The check itself is wrong.
    Broken,
    /// The fault is there.
    Fail,
    /// Evidence is missing.
    Unknown,
    /// The fault is not there.
    Pass,
    /// The check does not apply.
    Skip,
}

/// How bad a failure is.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It keeps the link from working.
    Error,
    /// It will, or it hides trouble.
    Warning,
    /// Good to know.
    Info,
}

/// What a failure means.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Explains a broken link by itself.
    Cause,
    /// Says that it is broken, not why.
    Symptom,
    /// Works now, will break or hides trouble.
    Risk,
    /// Could be better.
    Advice,
}

/// How sure a failure is.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// This evidence alone settles it.
    Proof,
    /// It settles it unless a named second cause exists.
    Strong,
    /// It only raises the probability.
    Hint,
}

/// The step of connecting at which a fault stops a link, in order.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The settings of the alias.
    Settings,
    /// Looking up the name.
    Name,
    /// TCP.
    Connect,
    /// TLS.
    Tls,
    /// The transport protocol, ports and versions included.
    Protocol,
    /// The credential or certificate.
    Authentication,
    /// Licences.
    Licence,
    /// What user and key may do.
    Authorisation,
    /// What comes back.
    Result,
}

/// How many findings have which outcome.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Counts {
    /// Passes.
    pub pass: usize,
    /// Failures.
    pub fail: usize,
    /// Checks that do not apply.
    pub skip: usize,
    /// Checks without their evidence.
    pub unknown: usize,
    /// Checks that are wrong themselves.
    pub broken: usize,
}

impl Counts {
    /// Adds those of other findings.
    pub fn add(&mut self, other: &Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.skip += other.skip;
        self.unknown += other.unknown;
        self.broken += other.broken;
    }
}
