//! What is kept of a JSON document while it is read: the rest never lies in memory.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Which parts of a value are kept. Lists are looked through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep {
    /// All of it.
    All,
    /// That it is there, and nothing of it: the value becomes `null`.
    Mark,
    /// The values of these keys; `*` stands for every other key.
    Only(&'static [(&'static str, Keep)]),
}

impl Keep {
    fn of(&self, key: &str) -> Option<&Self> {
        match self {
            Self::All | Self::Mark => Some(self),
            Self::Only(keys) => keys
                .iter()
                .find(|(name, _)| *name == key)
                .or_else(|| keys.iter().find(|(name, _)| *name == "*"))
                .map(|(_, keep)| keep),
        }
    }
}

/// Bytes of memory, roughly, that one document may keep.
const MOST: usize = 24 << 20;

/// What a value costs beside its text.
const EACH: usize = 64;

/// Reads a value and keeps what is wanted of it; `None` where that is nothing.
pub(super) struct Kept<'a> {
    keep: &'a Keep,
    left: &'a Cell<usize>,
}

/// What may still be kept of a document.
pub(super) fn whole() -> Cell<usize> {
    Cell::new(MOST)
}

impl<'a> Kept<'a> {
    pub(super) fn new(keep: &'a Keep, left: &'a Cell<usize>) -> Self {
        Self { keep, left }
    }

    fn pay<E: Error>(&self, text: usize) -> Result<(), E> {
        match self.left.get().checked_sub(text + EACH) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(E::custom("it holds more than is read of one document")),
        }
    }

    fn scalar<E: Error>(&self, text: usize, value: Value) -> Result<Option<Value>, E> {
        match self.keep {
            Keep::Only(_) => return Ok(None),
            Keep::Mark => return Ok(Some(Value::Null)),
            Keep::All => {}
        }
        self.pay(text)?;
        Ok(Some(value))
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.scalar(0, Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(0, value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.scalar(0, value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.scalar(0, value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        let value = Number::from_f64(value).map_or(Value::Null, Value::Number);
        self.scalar(0, value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        match self.keep {
            Keep::Only(_) => return Ok(None),
            Keep::Mark => return Ok(Some(Value::Null)),
            Keep::All => {}
        }
        self.pay(value.len())?;
        Ok(Some(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        self.pay(0)?;
        if matches!(self.keep, Keep::Mark) {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Some(Value::Null));
        }
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Kept::new(self.keep, self.left))? {
            values.extend(value);
        }
        Ok(Some(Value::Array(values)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        self.pay(0)?;
        if matches!(self.keep, Keep::Mark) {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Some(Value::Null));
        }
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(keep) = self.keep.of(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(value) = map.next_value_seed(Kept::new(keep, self.left))? {
                self.pay(key.len())?;
                values.insert(key, value);
            }
        }
        Ok(Some(Value::Object(values)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SAMPLE: Keep = Keep::Only(&[
        ("a", Keep::All),
        ("m", Keep::Only(&[("*", Keep::Mark)])),
        (
            "n",
            Keep::Only(&[("*", Keep::Only(&[("name", Keep::All)]))]),
        ),
    ]);

    fn kept(text: &str) -> Result<Option<Value>, serde_json::Error> {
        let left = whole();
        Kept::new(&SAMPLE, &left).deserialize(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn the_rest_is_passed_over() {
        let text =
            r#"{"a": [1, {"b": null}], "c": {"d": 1}, "n": {"x": {"name": "y", "z": 1}, "e": 1}}"#;
        let expected = json!({"a": [1, {"b": null}], "n": {"x": {"name": "y"}}});
        assert_eq!(kept(text).unwrap(), Some(expected));
        assert_eq!(kept("3").unwrap(), None);
        let marked = kept(r#"{"m": {"x": "secret", "y": {"z": "secret"}, "w": ["secret"]}}"#);
        let expected = json!({"m": {"x": null, "y": null, "w": null}});
        assert_eq!(marked.unwrap(), Some(expected));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many = format!("{{\"a\": [{}1]}}", "1,".repeat(MOST / EACH));
        assert!(kept(&many).unwrap_err().to_string().contains("more than"));
    }
}
