//! A value by its path, as [`crate::evidence::path`] writes it.

use serde_json::Value;

/// The value at a path; `None` where it is absent.
pub(super) fn lookup<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = document;
    let mut rest = path;
    while !rest.is_empty() {
        let name: String;
        if let Some(quoted) = rest.strip_prefix('[') {
            let mut texts = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
            name = texts.next()?.ok()?;
            rest = quoted[texts.byte_offset()..].strip_prefix(']')?;
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            let end = plain.find(['.', '[']).unwrap_or(plain.len());
            name = plain[..end].to_owned();
            rest = &plain[end..];
        }
        value = match value {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?)?,
            other => other.get(&name)?,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::evidence::path;

    #[test]
    fn what_is_written_is_found() {
        let document = json!({"endpoints": {"b.example:9443": {"attempts": [{"tls": 1}]}}});
        let at = path(["endpoints", "b.example:9443", "attempts", "0", "tls"]);
        assert_eq!(lookup(&document, &at), Some(&json!(1)));
        let at = path(["endpoints", "b.example:9443", "dns"]);
        assert_eq!(lookup(&document, &at), None);
    }
}
