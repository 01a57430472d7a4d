//! Waits of a probe: each has its own limit, and a wait that the run cut short says nothing.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::probe::{Deadline, Stopped};

/// Shortest wait without an answer that counts as "no answer".
const FAIR: Duration = Duration::from_secs(3);

/// How a wait ended without a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// No answer in a fair time: an observation.
    Silent,
    /// The run was interrupted or had no time left: nothing is known.
    CutShort,
}

/// Waits for the future, at most `limit` and at most until the run's deadline.
pub(super) async fn wait<F: Future>(
    deadline: &Deadline,
    limit: Duration,
    future: F,
) -> Result<F::Output, Ended> {
    let started = Instant::now();
    let result = deadline.at_most(limit).run(future).await;
    result.map_err(|stopped| match stopped {
        Stopped::TimedOut if started.elapsed() >= limit.min(FAIR) => Ended::Silent,
        Stopped::TimedOut | Stopped::Interrupted => Ended::CutShort,
    })
}

/// Milliseconds since then, with fractions.
pub(super) fn millis_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}

/// Milliseconds since then.
pub(super) fn whole_millis_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
