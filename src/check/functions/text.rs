//! Text, and the texts of errors.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use super::{list, text};

/// A pattern of a check. Its size is bounded, because checks come from others too; it is kept,
/// because compiling takes longer than all the rest and many subjects are judged by one check.
pub(super) fn regex(pattern: &Json) -> Result<Regex, String> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let pattern = text(pattern)?;
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = compiled.get(pattern) {
        return Ok(regex.clone());
    }
    let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build();
    let regex = regex.map_err(|error| format!("{pattern:?} is no regular expression: {error}"))?;
    compiled.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

fn first_group(regex: &Regex, text: &str) -> Option<Json> {
    let captures = regex.captures(text)?;
    let group = captures.get(1).or_else(|| captures.get(0));
    group.map(|group| group.as_str().into())
}

pub(super) fn capture(arguments: &[Json]) -> Result<Json, String> {
    let found = first_group(&regex(&arguments[1])?, text(&arguments[0])?);
    Ok(found.unwrap_or(Json::Null))
}

/// Types and reasons of a list of errors.
fn texts(errors: &Json) -> Result<impl Iterator<Item = &str>, String> {
    let errors = list(errors)?;
    let parts = errors
        .iter()
        .flat_map(|error| [&error["reason"], &error["type"], error]);
    Ok(parts.filter_map(Json::as_str))
}

pub(super) fn mentions(arguments: &[Json]) -> Result<Json, String> {
    let regex = regex(&arguments[1])?;
    Ok(texts(&arguments[0])?
        .any(|text| regex.is_match(text))
        .into())
}

pub(super) fn mentioned(arguments: &[Json]) -> Result<Json, String> {
    let regex = regex(&arguments[1])?;
    let found = texts(&arguments[0])?.find_map(|text| first_group(&regex, text));
    Ok(found.unwrap_or(Json::Null))
}

pub(super) fn join(arguments: &[Json]) -> Result<Json, String> {
    let elements = list(&arguments[0])?.iter();
    let words = elements.map(|element| {
        element
            .as_str()
            .map_or_else(|| element.to_string(), str::to_owned)
    });
    Ok(words.collect::<Vec<_>>().join(text(&arguments[1])?).into())
}

pub(super) fn lower(arguments: &[Json]) -> Result<Json, String> {
    Ok(text(&arguments[0])?.to_lowercase().into())
}

pub(super) fn hex_text(arguments: &[Json]) -> Result<Json, String> {
    let digits: Vec<u32> = text(&arguments[0])?
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    let bytes = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]);
    let printable = |byte: u32| {
        let printable = char::from_u32(byte).filter(|character| (' '..='~').contains(character));
        printable.unwrap_or('.')
    };
    Ok(bytes.map(printable).collect::<String>().into())
}

pub(super) fn similar(arguments: &[Json]) -> Result<Json, String> {
    let wanted = text(&arguments[0])?;
    let mut near = Vec::new();
    for candidate in list(&arguments[1])? {
        let candidate = text(candidate)?;
        if candidate != wanted && is_near(wanted, candidate) {
            near.push(candidate.into());
        }
    }
    Ok(Json::Array(near))
}

/// The same but for case, `-`, `_` and `.`, or few letters apart: none for up to two letters, one
/// for up to five, else two.
pub(crate) fn is_near(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', '.'], "");
    let (one, other) = (plain(one), plain(other));
    let allowed = match one.chars().count().min(other.chars().count()) {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    strsim::osa_distance(&one, &other) <= allowed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_captured() {
        let pattern = json!(r"id \[(\w+)\]");
        assert_eq!(
            capture(&[json!("key with id [abc] is"), pattern.clone()]).unwrap(),
            json!("abc")
        );
        assert_eq!(capture(&[json!("nothing"), pattern]).unwrap(), json!(null));
        assert!(capture(&[json!("x"), json!("(")]).is_err());
    }

    #[test]
    fn errors_are_searched_in_reasons_and_types() {
        let errors = json!([
            { "source": "resolve", "type": "security_exception", "reason": "API key [k1] expired" },
            { "source": "resolve", "type": "connect_transport_exception", "reason": "" },
        ]);
        let ask = |pattern: &str| mentions(&[errors.clone(), json!(pattern)]).unwrap();
        assert_eq!(ask("expired"), json!(true));
        assert_eq!(ask("^connect_transport"), json!(true));
        assert_eq!(ask("invalidated"), json!(false));
        let group = mentioned(&[errors.clone(), json!(r"API key \[(.*?)\]")]).unwrap();
        assert_eq!(group, json!("k1"));
        assert_eq!(mentioned(&[json!([]), json!("x")]).unwrap(), json!(null));
    }

    #[test]
    fn near_names_are_found() {
        for (wanted, list, near) in [
            (
                "bee",
                json!(["Bee", "bee", "ant", "be", "beee"]),
                json!(["Bee", "beee"]),
            ),
            (
                "remote_1",
                json!(["remote-1", "remote1", "remote_2x", "other"]),
                json!(["remote-1", "remote1", "remote_2x"]),
            ),
            ("a", json!(["A", "b"]), json!(["A"])),
        ] {
            assert_eq!(similar(&[json!(wanted), list]).unwrap(), near, "{wanted}");
        }
    }

    #[test]
    fn small_things() {
        assert_eq!(
            join(&[json!(["a", 1]), json!(", ")]).unwrap(),
            json!("a, 1")
        );
        assert_eq!(lower(&[json!("Bee")]).unwrap(), json!("bee"));
        assert_eq!(hex_text(&[json!("48545450 2f")]).unwrap(), json!("HTTP/"));
        assert_eq!(hex_text(&[json!("00ff48")]).unwrap(), json!("..H"));
    }
}
