//! Reading JSON that a stranger wrote: a value of another type is an absent one.

use jiff::Timestamp;
use serde_json::Value;

/// Text at a path of keys.
pub(in super::super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    at(value, path)?.as_str().map(str::to_owned)
}

/// Truth at a path of keys; Elasticsearch writes some of them as text.
pub(in super::super) fn boolean(value: &Value, path: &[&str]) -> Option<bool> {
    match at(value, path)? {
        Value::Bool(it) => Some(*it),
        Value::String(it) => it.parse().ok(),
        _ => None,
    }
}

/// A count at a path of keys.
pub(in super::super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    at(value, path)?.as_u64()
}

/// The texts of a list at a path of keys; what is no text is left out.
pub(in super::super) fn texts(value: &Value, path: &[&str]) -> Option<Vec<String>> {
    let list = at(value, path)?.as_array()?;
    Some(strings(list))
}

/// The texts of a list.
pub(in super::super) fn strings(list: &[Value]) -> Vec<String> {
    list.iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// Milliseconds since 1970 at a path of keys.
pub(in super::super) fn millis(value: &Value, path: &[&str]) -> Option<Timestamp> {
    Timestamp::from_millisecond(at(value, path)?.as_i64()?).ok()
}

/// A value at a path of keys; `null` counts as absent.
pub(in super::super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(value, |value, key| value.get(key))
        .filter(|it| !it.is_null())
}
