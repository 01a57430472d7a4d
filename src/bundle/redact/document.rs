//! Walking the evidence document beside its schema, which tells what every text is.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::fields::{self, Class};
use crate::evidence::{Evidence, path};

/// What is done with a text: its class, and for the value of a map its key.
pub(super) trait Visitor {
    /// What stands in its place.
    fn text(&mut self, class: Class, key: Option<&str>, text: &str) -> String;
}

/// Replaces every text of the document by what the visitor makes of it.
pub(super) fn walk(document: &mut Value, visitor: &mut dyn Visitor) {
    Walk { visitor }.value(document, schema(), "", None);
}

/// A path in the document, its keys replaced.
pub(super) fn walk_path(text: &str, visitor: &mut dyn Visitor) -> String {
    let mut schema = Some((schema(), String::new()));
    let mut segments = Vec::new();
    for segment in split(text) {
        let Some((at, place)) = schema.take() else {
            segments.push(segment);
            continue;
        };
        let at = resolved(at, &place);
        if let Some((field, place)) = at.field(&segment) {
            schema = Some((field, place));
            segments.push(segment);
        } else if let Some((values, place)) = at.values() {
            let class = fields::class(&format!("{place}{{key}}"));
            segments.push(visitor.text(class, None, &segment));
            schema = Some((values, format!("{place}{{}}")));
        } else {
            segments.push(segment);
        }
    }
    path(segments.iter().map(String::as_str))
}

fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(Evidence::json_schema);
    &SCHEMA
}

struct Walk<'a> {
    visitor: &'a mut dyn Visitor,
}

impl Walk<'_> {
    fn value(&mut self, value: &mut Value, schema: &Value, place: &str, key: Option<&str>) {
        match value {
            Value::String(text) => {
                if !is_state(schema) {
                    *text = self.visitor.text(fields::class(place), key, text);
                }
            }
            Value::Array(list) => {
                let items = resolved(schema, place);
                let items = items.schema.get("items").unwrap_or(&Value::Null);
                for item in list {
                    self.value(item, items, place, key);
                }
            }
            Value::Object(map) => self.object(map, schema, place),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, schema: &Value, place: &str) {
        let at = resolved(schema, place);
        for (name, value) in std::mem::take(map) {
            let mut value = value;
            if let Some((field, place)) = at.field(&name) {
                self.value(&mut value, field, &place, None);
                map.insert(name, value);
            } else {
                let (values, place) = at.values().unwrap_or((&Value::Null, place.to_owned()));
                let inner = format!("{place}{{}}");
                self.value(&mut value, values, &inner, Some(&name));
                let class = fields::class(&format!("{place}{{key}}"));
                map.insert(self.visitor.text(class, None, &name), value);
            }
        }
    }
}

/// A schema without references, and where it stands.
struct At<'a> {
    schema: &'a Value,
    /// `Type` of a structure, else the place of the field.
    place: String,
}

impl<'a> At<'a> {
    /// The schema of a field of a structure, and its place.
    fn field(&self, name: &str) -> Option<(&'a Value, String)> {
        let field = self.schema.get("properties")?.get(name)?;
        Some((field, format!("{}.{name}", self.place)))
    }

    /// The schema of the values of a map, and the place of the map.
    fn values(&self) -> Option<(&'a Value, String)> {
        let values = self.schema.get("additionalProperties")?;
        Some((values, self.place.clone()))
    }
}

/// Follows references and alternatives with `null` to what has fields, items or values.
fn resolved<'a>(schema: &'a Value, place: &str) -> At<'a>
where
    'static: 'a,
{
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let target = self::schema().pointer(&format!("/$defs/{name}"));
        return At {
            schema: target.unwrap_or(&Value::Null),
            place: name.to_owned(),
        };
    }
    if let Some(Value::Array(alternatives)) = schema.get("anyOf") {
        let other = alternatives
            .iter()
            .find(|it| it.get("type").and_then(Value::as_str) != Some("null"));
        if let Some(other) = other {
            return resolved(other, place);
        }
    }
    let place = if std::ptr::eq(schema, self::schema()) {
        "Evidence"
    } else {
        place
    };
    At {
        schema,
        place: place.to_owned(),
    }
}

/// Whether texts of this schema are states of a closed set.
fn is_state(schema: &Value) -> bool {
    let schema = resolved(schema, "").schema;
    let closed = |it: &Value| it.get("const").is_some() || it.get("enum").is_some();
    let alternatives = schema.get("oneOf").and_then(Value::as_array);
    closed(schema) || alternatives.is_some_and(|it| it.iter().all(closed))
}

/// The segments of a path as [`path`] writes it.
fn split(text: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('[') {
            let mut quotes = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
            if let Some(Ok(segment)) = quotes.next() {
                let end = quotes.byte_offset();
                segments.push(segment);
                rest = quoted[end..].strip_prefix(']').unwrap_or(&quoted[end..]);
                continue;
            }
        }
        let bare = rest.strip_prefix('.').unwrap_or(rest);
        let end = bare.find(['.', '[']).unwrap_or(bare.len());
        if end == 0 {
            // Not one of ours: what is left stays whole.
            segments.push(rest.to_owned());
            break;
        }
        segments.push(bare[..end].to_owned());
        rest = &bare[end..];
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what it is shown.
    #[derive(Default)]
    struct Shown(Vec<(Class, String)>);

    impl Visitor for Shown {
        fn text(&mut self, class: Class, _key: Option<&str>, text: &str) -> String {
            self.0.push((class, text.to_owned()));
            format!("<{text}>")
        }
    }

    #[test]
    fn every_field_with_text_has_a_class() {
        let mut unclassified = Vec::new();
        let defs = schema()["$defs"].as_object().unwrap();
        let types = defs.iter().map(|(name, it)| (name.as_str(), it));
        for (name, of_type) in types.chain([("Evidence", schema())]) {
            let at = At {
                schema: of_type,
                place: name.to_owned(),
            };
            for field in of_type["properties"].as_object().into_iter().flatten() {
                let (schema, place) = at.field(field.0).unwrap();
                texts(schema, &place, &mut unclassified);
            }
        }
        unclassified.retain(|place| fields::row(place).is_none());
        assert!(
            unclassified.is_empty(),
            "bundles do not know what these are; put each into a row of \
             src/bundle/redact/fields.rs: {unclassified:?}"
        );
    }

    fn texts(schema: &Value, place: &str, found: &mut Vec<String>) {
        let referred = schema.get("$ref").is_some() || schema.get("anyOf").is_some();
        let at = resolved(schema, place);
        if is_state(schema) || (referred && at.schema.get("properties").is_some()) {
            return;
        }
        if let Some(values) = at.schema.get("additionalProperties") {
            found.push(format!("{place}{{key}}"));
            texts(values, &format!("{place}{{}}"), found);
        } else if let Some(items) = at.schema.get("items") {
            texts(items, place, found);
        } else if at.schema["type"].to_string().contains("string") {
            found.push(place.to_owned());
        }
    }

    #[test]
    fn texts_are_met_with_their_class() {
        let mut document = serde_json::to_value(crate::check::standard()).unwrap();
        let mut shown = Shown::default();
        walk(&mut document, &mut shown);
        for (class, text) in [
            (Class::Alias, "bee"),
            (Class::Cluster, "a"),
            (Class::Address, "b.example.org:9443"),
            (
                Class::Dropped,
                document["links"]["<bee>"]["server_ca"][0]["der"]
                    .as_str()
                    .map_or("", |it| &it[1..it.len() - 1]),
            ),
        ] {
            assert!(
                shown.0.contains(&(class, text.to_owned())),
                "{class:?} {text}"
            );
        }
        assert!(document["links"]["<bee>"]["mode"] == "proxy");
    }

    #[test]
    fn keys_in_paths_are_met_too() {
        let mut shown = Shown::default();
        assert_eq!(
            walk_path(r#"endpoints["b.example.org:9443"].attempts"#, &mut shown),
            r#"endpoints["<b.example.org:9443>"].attempts"#
        );
        assert_eq!(
            walk_path("clusters.b.license", &mut shown),
            r#"clusters["<b>"].license"#
        );
        assert_eq!(walk_path("links", &mut shown), "links");
        assert_eq!(shown.0[0].0, Class::Address);
    }
}
