//! Where something was read: a file, or an entry of an archive.

use std::fmt;
use std::path::Path;

use crate::render::plain;

/// Most characters of a name that are shown.
const SHOWN: usize = 300;

/// A file, or an entry within archives.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The file or folder that was given.
    pub input: String,
    /// Names within it, joined by `/`; empty for the file itself.
    pub inner: String,
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        Self {
            input: path.display().to_string(),
            inner: String::new(),
        }
    }

    /// An entry within it.
    pub(super) fn entry(&self, name: &str) -> Self {
        let inner = if self.inner.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.inner)
        };
        Self {
            input: self.input.clone(),
            inner,
        }
    }

    /// The whole path: that of the input, and within it.
    pub(super) fn path(&self) -> String {
        if self.inner.is_empty() {
            self.input.clone()
        } else {
            format!("{}/{}", self.input, self.inner)
        }
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> String {
        let path = self.path();
        path.rsplit_once('/')
            .map_or_else(String::new, |(folder, _)| folder.to_owned())
    }

    /// Its own name.
    pub(super) fn name(&self) -> &str {
        let path = if self.inner.is_empty() {
            &self.input
        } else {
            &self.inner
        };
        path.rsplit(['/', '\\']).next().unwrap_or(path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner: String = plain(&self.inner).chars().take(SHOWN).collect();
        match inner.as_str() {
            "" => write!(f, "{}", plain(&self.input)),
            inner => write!(f, "{}: {inner}", plain(&self.input)),
        }
    }
}

/// The name of an entry as a path within its archive; `None` where it leads out of it. Nothing is
/// ever written by such a name: it would only tell a wrong place.
pub(super) fn entry_name(raw: &[u8]) -> Option<String> {
    let name = String::from_utf8_lossy(raw).replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive || name.contains('\0') {
        return None;
    }
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    (!parts.contains(&"..")).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_archive() {
        let name = |raw: &str| entry_name(raw.as_bytes());
        assert_eq!(name("./x/a.json").as_deref(), Some("x/a.json"));
        assert_eq!(name("x\\a.json").as_deref(), Some("x/a.json"));
        for outside in ["/etc/passwd", "../a", "x/../../a", "C:\\a", "a\0b"] {
            assert_eq!(name(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_place_is_told_as_file_and_entry() {
        let place = Place::of(Path::new("/tmp/d.zip")).entry("x/nodes.json");
        assert_eq!(place.to_string(), "/tmp/d.zip: x/nodes.json");
        assert_eq!(place.folder(), "/tmp/d.zip/x");
        assert_eq!(place.name(), "nodes.json");
    }
}
