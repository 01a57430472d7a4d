//! For programs: the report as it is (`schemas/report-v1.json`).

use std::io;

use super::{Page, Render};

/// The report as pretty-printed JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Render for Json {
    fn render(&self, page: &Page<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, page.report)?;
        out.write_all(b"\n")
    }
}
