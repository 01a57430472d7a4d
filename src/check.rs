//! Judging: checks are data (`checks/<area>/<fault>.toml`), judged over the evidence document.

use std::path::Path;

use crate::evidence::{Environment, Evidence};
use crate::report::Report;

/// The checks of one run.
#[derive(Debug)]
pub struct CheckSet;

/// What the reader wants judged.
#[derive(Clone, Debug, Default)]
pub struct JudgeOptions {
    /// Areas or codes; empty for all.
    pub only: Vec<String>,
    /// Environment whose fixes are shown; `None` for what the evidence says.
    pub environment: Option<Environment>,
}

impl CheckSet {
    /// The checks that are embedded in the binary.
    pub fn embedded() -> Self {
        Self
    }

    /// The embedded checks and those of a folder; one of the same code replaces the embedded one.
    pub fn with_folder(folder: &Path) -> anyhow::Result<Self> {
        let _ = folder;
        Ok(Self)
    }

    /// Judges the evidence.
    pub fn judge(&self, evidence: &Evidence, options: &JudgeOptions) -> Report {
        let _ = (evidence, options);
        unreachable!("written by its owner")
    }
}
