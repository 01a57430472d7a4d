//! Where the parts of a distinguished name stand.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Where the types of attributes stand in a distinguished name, each with its `=`.
pub(super) fn attribute_types(text: &str) -> Vec<Range<usize>> {
    static TYPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[,+])\s*(?:[A-Za-z][A-Za-z0-9-]*|(?:OID\.)?[0-9]+(?:\.[0-9]+)+)\s*=")
            .expect("a constant pattern")
    });
    TYPE.find_iter(text).map(|it| it.range()).collect()
}

/// The values of a distinguished name, in its order.
pub(super) fn values(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let types = attribute_types(text);
    for (index, range) in types.iter().enumerate() {
        let end = types.get(index + 1).map_or(text.len(), |it| it.start);
        found.push(text[range.end..end].trim());
    }
    found
}
