//! Known or unknown: the difference that every check lives by.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that was found out, or not.
///
/// In the document an unknown fact is *absent*. `Fact<Option<T>>` also knows `null`: known to be
/// none. Fields of this type need `#[serde(default, skip_serializing_if = "Fact::is_unknown")]`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fact<T> {
    /// Found out.
    Known(T),
    /// Nobody could find out.
    #[default]
    Unknown,
}

impl<T> Fact<T> {
    /// Whether nobody could find out.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it was found out.
    pub fn is_known(&self) -> bool {
        !self.is_unknown()
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// The value, if it is known, by value.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// Another fact made of the value, if it is known.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        self.into_known().map(f).into()
    }

    /// This fact, or the other one where this one is unknown.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }
}

/// `None` becomes unknown. For "known to be none" write `Fact::Known(None)`.
impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            // Only reached where a field forgot `skip_serializing_if`, which would turn "unknown"
            // into "none": better no document at all.
            Self::Unknown => Err(serde::ser::Error::custom(
                "an unknown fact must be left out",
            )),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Known)
    }
}

impl<T: JsonSchema> JsonSchema for Fact<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<T>();
        // Without it, a fact that may be `null` looks like a field that is `null` where absent.
        schema.insert("x-unknown-if-absent".to_owned(), true.into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
    struct Sample {
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        expiry: Fact<Option<u32>>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        for (text, expiry) in [
            ("{}", Fact::Unknown),
            (r#"{"expiry":null}"#, Fact::Known(None)),
            (r#"{"expiry":7}"#, Fact::Known(Some(7))),
        ] {
            let sample: Sample = serde_json::from_str(text).unwrap();
            assert_eq!(sample, Sample { expiry }, "{text}");
            assert_eq!(serde_json::to_string(&sample).unwrap(), text);
        }
    }
}
