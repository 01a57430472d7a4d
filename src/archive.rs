//! Files in: what other tools and other people collected becomes the same evidence as a live run.
//!
//! [`read()`] opens files, folders and archives, whatever they are called, and never writes one: an
//! archive is read as a stream, entry by entry, and what is not needed is passed over. The answers
//! that it finds go through the same [`crate::probe::assemble`] as those of a live cluster.

use std::path::PathBuf;

mod bounds;
mod container;
mod diagnostic;
mod document;
mod eck;
mod intake;
mod join;
mod json;
mod keep;
pub mod log;
mod lookup;
mod manifest;
pub(crate) mod manifests;
mod matching;
mod merge;
mod place;
mod recognise;
mod table;
mod tarball;
mod text;
mod yaml;
mod zipped;

pub use diagnostic::Diagnostic;
pub use intake::{Intake, Saved};
pub use join::{View, views};
pub use place::Place;

use crate::check::Signatures;
use lookup::lookup;

/// Reads everything that the paths lead to, and searches logs for the signatures. What cannot be read
/// is told in [`Intake::problems`], and the rest is used.
pub fn read(paths: &[PathBuf], signatures: &Signatures) -> Intake {
    let mut sorter = intake::Sorter::new(signatures);
    for path in paths {
        container::walk(path, &mut sorter);
        sorter.end(&Place::of(path));
    }
    sorter.finish()
}
