//! Which facts an evaluation read and which it missed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cel::ExecutionError;
use serde_json::Value as Json;

/// The name of the error that stands for an unknown fact. It is none of CEL's own errors, so that
/// `has()` passes it on; `&&`, `||`, `all` and `exists` absorb it as they do every error.
pub(super) const UNKNOWN: &str = "unknown fact";

/// What was read and missed since the last look.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    recorded: Mutex<Recorded>,
    /// Whether only what is missed is kept.
    misses_alone: AtomicBool,
}

/// The paths of one evaluation.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// Values that were read, by path.
    pub(crate) read: BTreeMap<String, Json>,
    /// Paths that are unknown, in the order in which they were needed.
    pub(crate) missed: Vec<String>,
}

impl Trace {
    /// Whether what is read is kept from now on.
    pub(super) fn keep_reads(&self, wanted: bool) {
        self.misses_alone.store(!wanted, Ordering::Relaxed);
    }

    /// Whether it is.
    pub(super) fn keeps_reads(&self) -> bool {
        !self.misses_alone.load(Ordering::Relaxed)
    }

    /// Takes what was recorded and starts anew.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut *self.lock())
    }

    /// Records a path as missed; the error stands for the unknown value.
    pub(super) fn miss(&self, path: String) -> ExecutionError {
        let error = ExecutionError::function_error(UNKNOWN, &path);
        let mut recorded = self.lock();
        if !recorded.missed.contains(&path) {
            recorded.missed.push(path);
        }
        error
    }

    /// Records a value as read.
    pub(super) fn read(&self, path: &str, value: impl FnOnce() -> Json) {
        let mut recorded = self.lock();
        if !recorded.read.contains_key(path) {
            let value = value();
            recorded.read.insert(path.to_owned(), value);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
