//! One line on a terminal that says what is being waited for.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::probe::Progress;
use crate::render::plain;

/// The line. Hidden where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Line {
    bar: ProgressBar,
    waiting: Mutex<Vec<String>>,
}

impl Line {
    pub(super) fn new(hidden: bool) -> Self {
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            // It hides itself where standard error is no terminal.
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(
            ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")
                .expect("the template is fixed"),
        );
        bar.enable_steady_tick(Duration::from_millis(100));
        Self {
            bar,
            waiting: Mutex::default(),
        }
    }

    /// Takes the line away, so that what follows stands alone.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn change(&self, change: impl FnOnce(&mut Vec<String>)) {
        // A poisoned list is only a list of texts.
        let mut waiting = self
            .waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut waiting);
        // The oldest is what takes longest.
        let message = match waiting.as_slice() {
            [] => String::new(),
            [only] => only.clone(),
            [oldest, others @ ..] => format!("{oldest} and {} more", others.len()),
        };
        self.bar.set_message(message);
    }
}

impl Progress for Line {
    fn begin(&self, what: &str) {
        let what = plain(what);
        self.change(|waiting| waiting.push(what));
    }

    fn end(&self, what: &str) {
        let what = plain(what);
        self.change(|waiting| {
            if let Some(index) = waiting.iter().position(|it| *it == what) {
                waiting.remove(index);
            }
        });
    }
}
