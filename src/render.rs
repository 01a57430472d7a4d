//! Showing: one file a format, all from the same report.

use std::io;

use crate::report::Report;

/// A form of output.
pub trait Render {
    /// Writes the whole report.
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}
