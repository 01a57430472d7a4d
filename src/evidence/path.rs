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

/// The first two segments of a path that [`path`] wrote: the cluster, link or endpoint that the place
/// is of. The whole path where it has no more.
pub fn owner(path: &str) -> &str {
    let first = path.find(['.', '[']).unwrap_or(path.len());
    let second = if let Some(quoted) = path[first..].strip_prefix("[\"") {
        end_of_quoted(quoted).map_or(path.len(), |end| first + 2 + end)
    } else {
        let plain = path.get(first + 1..).unwrap_or_default();
        let end = plain.find(['.', '[']).unwrap_or(plain.len());
        (first + 1 + end).min(path.len())
    };
    &path[..second]
}

/// Where the text in quotes and its closing bracket end.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    let quote = text.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    let (quote, _) = quote?;
    text[quote..].starts_with("\"]").then_some(quote + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_place_is_told() {
        for key in ["b", "b.example.org:9443", "[::1]:9443", "a\"]b", "a\\", ""] {
            let whole = path(["endpoints", key, "attempts", "0"]);
            assert_eq!(owner(&whole), path(["endpoints", key]));
            assert_eq!(owner(&path(["endpoints", key])), path(["endpoints", key]));
        }
        for short in ["links", "", "links.", "links[", "links[\"b", "ü.ü"] {
            assert_eq!(owner(short), short);
        }
    }

    #[test]
    fn names_with_dots_are_quoted() {
        assert_eq!(path(["clusters", "b", "license"]), "clusters.b.license");
        assert_eq!(
            path(["endpoints", "b.example.org:9443", "dns"]),
            r#"endpoints["b.example.org:9443"].dns"#
        );
    }
}
