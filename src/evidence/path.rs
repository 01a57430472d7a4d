//! How a place in the document is written.

use std::fmt::Write;

/// Writes a path such as `clusters.b.license` or `endpoints["b.example.org:9443"].dns`: segments
/// joined by dots, a segment that is no plain name (letters, digits, `_`, `-`) in brackets and
/// quotes.
///
/// The same form stands in gaps, in the readings of a finding and in its missing paths.
pub fn path<'a>(segments: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for segment in segments {
        let plain = !segment.is_empty()
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !plain {
            let _ = write!(out, "[{segment:?}]");
        } else if out.is_empty() {
            out.push_str(segment);
        } else {
            let _ = write!(out, ".{segment}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_dots_are_quoted() {
        assert_eq!(path(["clusters", "b", "license"]), "clusters.b.license");
        assert_eq!(
            path(["endpoints", "b.example.org:9443", "dns"]),
            r#"endpoints["b.example.org:9443"].dns"#
        );
    }
}
