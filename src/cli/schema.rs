//! `--schema`: what programs that read or write documents of ours can rely on.

use clap::ValueEnum;

use super::output::print_and;
use super::{Exit, LookOptions};
use crate::bundle::Manifest;
use crate::check::CheckFile;
use crate::evidence::Evidence;
use crate::report::Report;

/// Documents that have a published JSON Schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Document {
    /// What --format json prints.
    Report,
    /// What --save-evidence writes.
    Evidence,
    /// A check file, as JSON.
    Check,
    /// What stands in manifest.json of a bundle.
    Bundle,
}

/// Prints the schema of a document, as it is published in `schemas/`.
pub(super) fn print_schema(document: Document, look: LookOptions) -> Exit {
    let schema = match document {
        Document::Report => schemars::schema_for!(Report),
        Document::Evidence => schemars::schema_for!(Evidence),
        Document::Check => schemars::schema_for!(CheckFile),
        Document::Bundle => schemars::schema_for!(Manifest),
    };
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is a JSON value");
    text.push('\n');
    print_and(text.as_bytes(), look, Exit::Clean)
}
