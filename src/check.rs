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
use std::sync::atomic::{AtomicBool, Ordering};
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
    checks: BTreeMap<String, Box<Check>>,
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
        self.checks.values().map(|check| &**check)
    }

    /// What is wrong with files that are no checks.
    pub fn unreadable(&self) -> &[Problem] {
        &self.unreadable
    }

    /// Makes ready what judging needs, until all of it is there or `stop` is set. Worth calling while
    /// answers from the network are waited for, for which it leaves a processor; judging does not depend
    /// on it.
    pub fn prepare(&self, stop: &AtomicBool) {
        let checks: Vec<&Check> = self.checks().collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads = (threads - 1).max(1);
        let wanted = |_: &&&Check| !stop.load(Ordering::Relaxed);
        thread::scope(|scope| {
            for share in checks.chunks(checks.len().div_ceil(threads).max(1)) {
                scope.spawn(move || {
                    // What every check needs comes before what only those need that apply.
                    share
                        .iter()
                        .take_while(wanted)
                        .for_each(|check| _ = check.when());
                    share
                        .iter()
                        .take_while(wanted)
                        .for_each(|check| _ = check.ok());
                });
            }
            document::prepare();
        });
    }

    /// The check of a code.
    pub(crate) fn find(&self, code: &str) -> Option<&Check> {
        self.checks.get(code).map(|check| &**check)
    }
}
