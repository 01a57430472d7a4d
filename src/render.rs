//! Showing: one file a format, all from the same report. Renderers never decide.

use std::io;

use crate::evidence::Evidence;
use crate::report::Report;

mod areas;
mod endpoints;
mod human;
mod json;
mod sheet;
mod text;
mod unknown;

pub use human::{Detail, Human};
pub use json::Json;
pub use text::{Width, plain};

/// What is shown: the judge's report, and the document that it judged for what was seen.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What the judge says.
    pub report: &'a Report,
    /// What was observed.
    pub evidence: &'a Evidence,
}

/// A form of output.
pub trait Render {
    /// Writes the whole page.
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()>;
}
