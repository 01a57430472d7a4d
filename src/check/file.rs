//! One check file as it is written (`schemas/check-v1.json`).

use schemars::JsonSchema;
use serde::Deserialize;

use super::signature::LogFile;
use crate::evidence::Environment;
use crate::report::{Certainty, Kind, Severity, Stage};

/// A file `checks/<area>/<fault>.toml`. Its path without the ending is the check's code.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[schemars(rename = "Check")]
pub struct CheckFile {
    /// The healthy state in words.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// What a failure means.
    pub kind: Kind,
    /// The step of connecting at which a failure stops the link.
    pub stage: Stage,
    /// How sure a failure is.
    pub certainty: Certainty,
    /// How sure it is where the run did not look from a node of the local cluster. It never raises
    /// the certainty.
    #[serde(default)]
    pub certainty_from_afar: Option<Certainty>,
    /// What is judged, one by one.
    pub subject: SubjectKind,
    /// Rows of the failure catalogue.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Whether a link may be called ready only if this check passes or does not apply.
    #[serde(default)]
    pub essential: Option<Essential>,
    /// Codes of causes whose failure on the same link explains a failure of this check.
    #[serde(default)]
    pub consequence_of: Vec<String>,
    /// CEL: whether the check applies; absent for always.
    #[serde(default)]
    pub when: Option<String>,
    /// CEL: whether all is well. Absent where texts alone tell of the fault: then the check does not
    /// apply where none was seen.
    #[serde(default)]
    pub ok: Option<String>,
    /// The failure, observed values first; `{…}` is CEL.
    pub message: String,
    /// Why it matters; `{…}` is CEL.
    pub why: String,
    /// What else shows the same, and which observation tells the two apart; `{…}` is CEL.
    #[serde(default, rename = "else")]
    pub otherwise: Option<String>,
    /// What the tests are built from, so that it can be looked up: `recording NAME`, `nodes CASE`,
    /// `demo NAME`, `source CLASS`, `issue REPOSITORY#NUMBER`, or the address of a page.
    #[serde(default)]
    pub from: Vec<String>,
    /// Documentation.
    #[serde(default)]
    pub links: Vec<String>,
    /// Former codes of this check.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Texts that Elasticsearch writes about the fault.
    #[serde(default)]
    pub log: Vec<LogFile>,
    /// Ways to repair.
    #[serde(default)]
    pub fix: Vec<FixFile>,
    /// Cases that show the check at work.
    #[serde(default)]
    #[expect(dead_code, reason = "a file may hold it; only `Tests` reads it")]
    test: Vec<TestFile>,
}

/// The cases of a file alone, which its JSON in the binary does not have.
#[derive(Debug, Deserialize)]
pub(super) struct Tests {
    #[serde(default)]
    pub(super) test: Vec<TestFile>,
}

/// One way to repair.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CheckFix")]
pub struct FixFile {
    /// Environments that it is for; absent for all.
    #[serde(default, rename = "for")]
    pub environments: Vec<Environment>,
    /// What to do; `{…}` is CEL.
    pub text: String,
    /// Commands to paste; `{…}` is CEL.
    #[serde(default)]
    pub commands: Vec<String>,
}

/// One case.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CheckTest")]
pub struct TestFile {
    /// What the case shows.
    pub name: String,
    /// JSON that is merged over the variables of the standard healthy case; absent for none.
    #[serde(default)]
    pub given: Option<String>,
    /// What the check must say.
    pub expect: Expect,
    /// Text that the message must contain.
    #[serde(default)]
    pub message: Option<String>,
    /// Paths that must be among the missing ones, as in the expression (`remote.version`) or as in
    /// the document (`clusters.b.version`).
    #[serde(default)]
    pub missing: Vec<String>,
}

/// What is judged, one by one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// Each cluster; its findings count for every link that uses it.
    Cluster,
    /// Each endpoint of each link. Of several endpoints (seeds) one that answers may be enough: a
    /// check whose failure at one of them does not break the link asks `endpoints` whether another
    /// one does (`!endpoints.exists(e, e.attempts.exists(a, a.tcp.outcome == "connected"))`), or is
    /// of kind risk.
    Endpoint,
    /// Each link.
    Link,
}

/// For which links a check is needed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Essential {
    /// For every link.
    Always,
    /// For links that are only planned.
    Planned,
}

/// What a case expects.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The fault is there.
    Fail,
    /// The fault is not there.
    Pass,
    /// The check does not apply.
    Skip,
    /// Evidence is missing.
    Unknown,
}
