//! Showing: one file a format, all from the same report. Renderers never decide.

use std::io;

use crate::evidence::{Environment, Evidence};
use crate::report::Report;

mod areas;
mod authentication;
mod catalogue;
mod diff;
mod endpoints;
mod explain;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod privileges;
mod sarif;
mod sheet;
mod story;
mod text;
mod unknown;

pub use catalogue::{coverage, row_page, stage_page};
pub use diff::difference;
pub use explain::{explanation, meaning};
pub use html::Html;
pub use human::{Detail, Human};
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use privileges::privileges;
pub use sarif::Sarif;
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

/// The word of a document for a state: `strong`, `nx domain`.
fn word(state: &impl serde::Serialize) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(word)) => word.replace('-', " "),
        _ => String::new(),
    }
}

fn environments(list: &[Environment]) -> Vec<&'static str> {
    list.iter()
        .map(|it| match it {
            Environment::Ece => "ECE",
            Environment::Ech => "Elastic Cloud Hosted",
            Environment::Eck => "ECK",
            Environment::SelfManaged => "self-managed",
        })
        .collect()
}
