//! Documents of this program that were saved: evidence and reports.

use std::io::Read;

use crate::evidence::Evidence;
use crate::report::Report;

/// A saved document.
#[derive(Debug)]
pub(super) enum Document {
    Evidence(Box<Evidence>),
    Report(Box<Report>),
}

/// Which document of this program the first bytes of a file show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Schema {
    Evidence,
    Report,
    /// The manifest of a bundle: what matters of it stands in the other files.
    Bundle,
    /// A later version's.
    Unknown,
}

impl Schema {
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let rest = head.trim_start().strip_prefix('{')?.trim_start();
        let rest = rest.strip_prefix("\"schema\"")?.trim_start();
        let rest = rest.strip_prefix(':')?.trim_start();
        let (name, version) = rest
            .strip_prefix("\"crosscheck/")?
            .split('"')
            .next()?
            .split_once('/')?;
        Some(match (name, version) {
            ("evidence", "v1") => Self::Evidence,
            ("report", "v1") => Self::Report,
            ("bundle", "v1") => Self::Bundle,
            _ => Self::Unknown,
        })
    }

    /// Reads the document; `None` where nothing of it is needed.
    pub(super) fn read(self, reader: impl Read) -> Result<Option<Document>, serde_json::Error> {
        Ok(match self {
            Self::Evidence => Some(Document::Evidence(serde_json::from_reader(reader)?)),
            Self::Report => Some(Document::Report(serde_json::from_reader(reader)?)),
            Self::Bundle | Self::Unknown => None,
        })
    }
}
