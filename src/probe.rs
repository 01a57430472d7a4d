//! Collecting: every probe runs beside the others, each with a deadline, and fills the evidence.
//! A refused connection is evidence, not an error.

use crate::config::plan::Plan;
use crate::evidence::Evidence;

pub mod deadline;
pub mod endpoint;

pub use deadline::{Deadline, Interrupt, Stopped};

/// Who is told what is being waited for, for a line on a terminal.
pub trait Progress: Send + Sync {
    /// A probe begins; `what` reads like `b.example.org:9443` or `GET /_license on a`.
    fn begin(&self, what: &str);
    /// The same probe has ended.
    fn end(&self, what: &str);
}

/// Nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _what: &str) {}
    fn end(&self, _what: &str) {}
}

/// Collects all that the plan asks for. Returns before the deadline, or as soon as it is
/// interrupted, with what is known by then; what is not has a gap that says so.
pub async fn collect(plan: &Plan, deadline: &Deadline, progress: &dyn Progress) -> Evidence {
    let _ = (plan, deadline, progress);
    unreachable!("written by its owner")
}
