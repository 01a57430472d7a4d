//! Every wait ends: by its own deadline, by that of the run, or because the user pressed Ctrl-C.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A moment by which something must have ended, and the run's interruption.
#[derive(Clone, Debug)]
pub struct Deadline {
    until: Instant,
    interrupted: watch::Receiver<bool>,
}

/// Ends every wait of a run at once. Dropping it does not interrupt.
#[derive(Debug)]
pub struct Interrupt(watch::Sender<bool>);

/// Why a wait ended without a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Stopped {
    /// The user interrupted the run.
    #[error("the run was interrupted")]
    Interrupted,
    /// Its time was up.
    #[error("no answer in time")]
    TimedOut,
}

impl Interrupt {
    /// Interrupts the run.
    pub fn interrupt(&self) {
        self.0.send_replace(true);
    }
}

impl Deadline {
    /// A deadline from now, with the handle that interrupts it and all that are made of it.
    pub fn after(duration: Duration) -> (Self, Interrupt) {
        let (sender, interrupted) = watch::channel(false);
        let until = Instant::now() + duration;
        (Self { until, interrupted }, Interrupt(sender))
    }

    /// The same, but not longer than `duration` from now.
    #[must_use]
    pub fn at_most(&self, duration: Duration) -> Self {
        Self {
            until: self.until.min(Instant::now() + duration),
            interrupted: self.interrupted.clone(),
        }
    }

    /// Time that is left; zero when none is.
    pub fn remaining(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Waits for the future, but no longer than this deadline.
    pub async fn run<F: Future>(&self, future: F) -> Result<F::Output, Stopped> {
        let mut interrupted = self.interrupted.clone();
        let interruption = async {
            if interrupted.wait_for(|it| *it).await.is_err() {
                // The handle is gone: nobody can interrupt any more.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = interruption => Err(Stopped::Interrupted),
            () = sleep_until(self.until) => Err(Stopped::TimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ends_by_time_or_interruption() {
        let (deadline, interrupt) = Deadline::after(Duration::from_mins(1));
        let short = deadline.at_most(Duration::from_millis(5));
        let never = std::future::pending::<()>;
        assert_eq!(short.run(never()).await, Err(Stopped::TimedOut));
        assert_eq!(deadline.run(async { 7 }).await, Ok(7));
        interrupt.interrupt();
        assert_eq!(deadline.run(never()).await, Err(Stopped::Interrupted));
    }
}
