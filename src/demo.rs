//! A pair of simulated clusters over real sockets on loopback, with one fault at a time. Its answers
//! are those that real nodes gave.

use crate::config::plan::Plan;

/// One fault (or healthy state) that can be shown.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name, as typed after `demo`.
    pub name: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Code of the root cause that a diagnosis names; `None` where nothing is wrong.
    pub root_cause: Option<&'static str>,
}

/// The running pair; it stops when dropped.
#[derive(Debug)]
pub struct Pair {
    /// What a reader with full access to both clusters would type.
    pub plan: Plan,
}

/// All scenarios, the one that `demo` shows by default first.
pub fn scenarios() -> &'static [Scenario] {
    &[]
}

/// Starts the pair.
pub async fn start(scenario: &Scenario) -> std::io::Result<Pair> {
    let _ = scenario;
    unreachable!("written by its owner")
}
