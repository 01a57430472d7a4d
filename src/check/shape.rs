//! The shape of the evidence document, read from its JSON Schema: which keys a value can have, and
//! whether an absent key means "unknown" or "none".

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// The schema as it is published: making it anew of the types takes several times as long as reading it.
const SCHEMA: &str = include_str!("../../schemas/evidence-v1.json");

/// What a place in the document holds.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// Names to values of one shape. Where the values are text, an absent name is known not to be
    /// there: the probes write such maps whole (settings, attributes). Where the values are objects
    /// (clusters, keys that were asked for), an absent name was not looked at.
    Dictionary(Box<Shape>),
    /// A list.
    List(Box<Shape>),
    /// Text, a number, a boolean.
    Scalar,
    /// A type with named fields; an absent one is unknown.
    Struct(BTreeMap<String, Field>),
}

/// A field of a type.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// What it holds.
    pub(crate) shape: Shape,
    /// Whether it can be unknown, and so absent from a document.
    pub(crate) can_be_unknown: bool,
}

impl Shape {
    /// The shape of the whole document.
    pub(crate) fn document() -> &'static Self {
        static DOCUMENT: LazyLock<Shape> = LazyLock::new(|| {
            let schema = serde_json::from_str(SCHEMA).expect("a test holds it to the types");
            Shape::of(&schema, &schema)
        });
        &DOCUMENT
    }

    /// The shape below a key, `None` where no document has such a key.
    pub(crate) fn below(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dictionary(value) => Some(value),
            Self::Struct(fields) => fields.get(key).map(|field| &field.shape),
            Self::List(_) | Self::Scalar => None,
        }
    }

    /// The shape of the elements of a list.
    pub(crate) fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) => Some(element),
            _ => None,
        }
    }

    /// Whether an absent key is known to be none.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self, Self::Dictionary(value) if matches!(**value, Self::Scalar))
    }

    fn of(schema: &Value, root: &Value) -> Self {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return Self::of(&root["$defs"][name], root);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let choice = choices.iter().find(|choice| choice["type"] != "null");
            return choice.map_or(Self::Scalar, |choice| Self::of(choice, root));
        }
        if let Some(properties) = schema["properties"].as_object() {
            let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
            let field = |(name, schema): (&String, &Value)| {
                // A field with a default has that where it is absent, and one that may be null and
                // is no fact is null.
                let required = required.iter().any(|entry| entry == name);
                let has_default = schema.get("default").is_some();
                let is_fact = schema["x-unknown-if-absent"] == true || !is_nullable(schema);
                let can_be_unknown = is_fact && !required && !has_default;
                let shape = Self::of(schema, root);
                let field = Field {
                    shape,
                    can_be_unknown,
                };
                (name.clone(), field)
            };
            return Self::Struct(properties.iter().map(field).collect());
        }
        if schema["additionalProperties"].is_object() {
            return Self::Dictionary(Box::new(Self::of(&schema["additionalProperties"], root)));
        }
        if schema["items"].is_object() {
            return Self::List(Box::new(Self::of(&schema["items"], root)));
        }
        Self::Scalar
    }
}

fn is_nullable(schema: &Value) -> bool {
    let null = |value: &Value| *value == "null" || value["type"] == "null";
    let holds_null = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(null));
    holds_null(&schema["type"]) || holds_null(&schema["anyOf"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_schema_of_the_document() {
        let document = Shape::document();
        let link = document.below("links").unwrap().below("bee").unwrap();
        let info = link.below("info").unwrap();
        assert!(matches!(info.below("connected"), Some(Shape::Scalar)));
        assert!(info.below("conected").is_none());
        assert!(link.below("settings").unwrap().is_complete());
        assert!(!document.below("clusters").unwrap().is_complete());
        let endpoint = document.below("endpoints").unwrap().below("x").unwrap();
        let attempt = endpoint.below("attempts").unwrap().element().unwrap();
        let chain = attempt.below("tls").unwrap().below("chain").unwrap();
        assert!(chain.element().unwrap().below("not_after").is_some());
    }
}
