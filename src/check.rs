//! Judging: checks are data (`checks/<area>/<fault>.toml`), judged over the evidence document.
//!
//! | for | call |
//! |---|---|
//! | a run | [`CheckSet::embedded`] or [`CheckSet::with_folder`], then [`CheckSet::judge`] |
//! | `checks list` | [`CheckSet::checks`] |
//! | `checks lint` | [`CheckSet::lint`], of [`CheckSet::folder`] for `--checks DIR` |
//! | `explain CODE` | [`CheckSet::explain`]; `explain ID` of a row: [`CheckSet::row`]; of a step: [`CheckSet::stage`] |
//! | `checks list --coverage` | [`CheckSet::coverage`]
//! | `explain TEXT` | [`CheckSet::explain_text`] |
//! | logs | [`CheckSet::signatures`] |
//! | `checks test` | [`CheckSet::tests`], [`InFileTest::name`] and [`InFileTest::run`] |
//!
//! Nothing is parsed before it is needed; [`CheckSet::prepare`] does so ahead, on any thread.
//!
//! A [`CheckError`] means exit code 4, and so does any finding whose outcome is `broken`.

use std::collections::BTreeMap;
use std::thread;

use crate::evidence::Environment;

mod catalogue;
mod document;
mod documentation;
mod explain;
mod expression;
mod facts;
mod file;
mod functions;
mod item;
mod judge;
mod lint;
mod load;
mod missing;
mod places;
mod problem;
mod shape;
mod signature;
mod standard;
mod template;
mod testing;

pub use catalogue::Row;
pub use explain::{Explanation, StagePage, UnknownCode};
pub use facts::Incomplete;
pub use file::{CheckFile, Essential, Expect, FixFile, SubjectKind, TestFile};
pub(crate) use functions::is_near;
pub use item::Check;
pub use places::filled;
pub use problem::{CheckError, Problem};
pub use signature::{LONGEST_TEXT, LogFile, Meaning, Signatures, Writer};
pub use standard::standard;
pub use testing::InFileTest;

pub(crate) use signature::Reading;

/// The checks of one run.
#[derive(Debug)]
pub struct CheckSet {
    checks: BTreeMap<String, Check>,
    /// Files that are no checks.
    unreadable: Vec<Problem>,
}

/// What the reader wants judged.
#[derive(Clone, Debug, Default)]
pub struct JudgeOptions {
    /// Areas or codes; empty for all.
    pub only: Vec<String>,
    /// Environment whose fixes are shown; `None` for what the evidence says.
    pub environment: Option<Environment>,
}

impl CheckSet {
    /// The checks, in order of their codes.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.checks.values()
    }

    /// What is wrong with files that are no checks.
    pub fn unreadable(&self) -> &[Problem] {
        &self.unreadable
    }

    /// Parses every expression on all processors, which judging does at the latest. Worth calling
    /// while answers from the network are waited for.
    pub fn prepare(&self) {
        let checks: Vec<&Check> = self.checks.values().collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for share in checks.chunks(checks.len().div_ceil(threads).max(1)) {
                scope.spawn(|| share.iter().for_each(|check| check.prepare()));
            }
        });
    }

    /// The check of a code.
    pub(crate) fn find(&self, code: &str) -> Option<&Check> {
        self.checks.get(code)
    }
}
