//! What differs from pair to pair in the recorded answers: ports, dates, certificates.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The values of one pair. In the data, `${name}` stands for a text, `"${bool name}"` for a boolean,
/// `"${millis -2d}"` for milliseconds since 1970 so many days (`d`) or minutes (`m`) from now, and
/// `${date -2d}` for the same moment as Elasticsearch writes it.
#[derive(Debug)]
pub(super) struct Placeholders {
    pub(super) texts: BTreeMap<&'static str, String>,
    pub(super) now: Timestamp,
}

impl Placeholders {
    /// Fills every placeholder below the value.
    pub(super) fn fill(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(filled) = self.whole(text) {
                    *value = filled;
                } else {
                    *text = self.fill_text(text);
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|it| self.fill(it)),
            Value::Object(map) => map.values_mut().for_each(|it| self.fill(it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Fills the placeholders of a text; one that is not known stays, for a test to find.
    pub(super) fn fill_text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                out.push_str("${");
                rest = after;
                continue;
            };
            match self.text(name) {
                Some(filled) => out.push_str(&filled),
                None => out.extend(["${", name, "}"]),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn whole(&self, text: &str) -> Option<Value> {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        if let Some(name) = inner.strip_prefix("bool ") {
            return self.texts.get(name).map(|it| Value::Bool(it == "true"));
        }
        let offset = inner.strip_prefix("millis ")?;
        Some(self.moment(offset)?.as_millisecond().into())
    }

    fn text(&self, name: &str) -> Option<String> {
        if let Some(offset) = name.strip_prefix("date ") {
            return Some(elasticsearch_date(self.moment(offset)?));
        }
        self.texts.get(name).cloned()
    }

    fn moment(&self, offset: &str) -> Option<Timestamp> {
        let unit = offset.chars().last()?;
        let count: i64 = offset.trim_end_matches(unit).parse().ok()?;
        let minutes = match unit {
            'd' => count * 24 * 60,
            'm' => count,
            _ => return None,
        };
        self.now
            .checked_add(SignedDuration::from_mins(minutes))
            .ok()
    }
}

/// `2026-11-23T21:49:51.291Z`, as Elasticsearch's APIs write a moment.
pub(super) fn elasticsearch_date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fills_every_kind() {
        let placeholders = Placeholders {
            texts: [
                ("link.port", "9443".to_owned()),
                ("skip", "true".to_owned()),
            ]
            .into(),
            now: "2026-11-23T21:49:51Z".parse().unwrap(),
        };
        let mut value = json!({
            "a": ["localhost:${link.port}", "${bool skip}", "${skip}"],
            "b": {"at": "${millis -2d}", "on": "${date +1d}", "unknown": "${nothing}"},
        });
        placeholders.fill(&mut value);
        assert_eq!(
            value,
            json!({
                "a": ["localhost:9443", true, "true"],
                "b": {"at": 1_795_297_791_000_i64, "on": "2026-11-24T21:49:51.000Z", "unknown": "${nothing}"},
            })
        );
    }
}
