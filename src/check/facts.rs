//! The facts of a document that can be unknown, and the document without some of them: the promise
//! that missing evidence never reads as an answer is tested with it.

use serde_json::Value as Json;

use super::shape::Shape;
use crate::evidence::{Evidence, path};

/// Keys and indices that lead to a fact.
pub(crate) type Place = Vec<String>;

/// All facts of a document that could be unknown instead, outer ones before inner ones.
pub(crate) fn facts(document: &Json) -> Vec<Place> {
    let mut found = Vec::new();
    collect(document, Shape::document(), &mut Vec::new(), &mut found);
    found
}

/// The document without what is at some places.
pub(crate) fn without<'a>(document: &Json, places: impl IntoIterator<Item = &'a Place>) -> Json {
    let mut document = document.clone();
    for place in places {
        remove(&mut document, place);
    }
    document
}

/// Documents that lack part of what another one knows.
#[derive(Debug)]
pub struct Incomplete {
    document: Json,
    facts: Vec<Place>,
}

impl Incomplete {
    /// Of a document.
    #[expect(
        clippy::missing_panics_doc,
        reason = "every evidence can be written as JSON"
    )]
    pub fn of(evidence: &Evidence) -> Self {
        let document = serde_json::to_value(evidence).expect("every unknown fact is left out");
        let facts = facts(&document);
        Self { document, facts }
    }

    /// Paths of all facts that can be unknown.
    pub fn paths(&self) -> Vec<String> {
        self.facts
            .iter()
            .map(|place| path(place.iter().map(String::as_str)))
            .collect()
    }

    /// The document without the facts of these positions in [`Self::paths`].
    #[expect(
        clippy::missing_panics_doc,
        reason = "what is taken away may be absent"
    )]
    pub fn without(&self, positions: &[usize]) -> Evidence {
        let places = positions
            .iter()
            .filter_map(|position| self.facts.get(*position));
        serde_json::from_value(without(&self.document, places)).expect("these can be unknown")
    }
}

fn collect(value: &Json, shape: &Shape, place: &mut Place, found: &mut Vec<Place>) {
    match (value, shape) {
        (Json::Object(object), Shape::Struct(fields)) => {
            for (key, value) in object {
                let Some(field) = fields.get(key) else {
                    continue;
                };
                place.push(key.clone());
                if field.can_be_unknown {
                    found.push(place.clone());
                }
                collect(value, &field.shape, place, found);
                place.pop();
            }
        }
        (Json::Object(object), Shape::Dictionary(below)) => {
            for (key, value) in object {
                place.push(key.clone());
                // Of a cluster or an endpoint nothing at all may be known.
                if place.len() == 2 && place[0] != "links" {
                    found.push(place.clone());
                }
                collect(value, below, place, found);
                place.pop();
            }
        }
        (Json::Array(elements), Shape::List(below)) => {
            for (index, value) in elements.iter().enumerate() {
                place.push(index.to_string());
                collect(value, below, place, found);
                place.pop();
            }
        }
        _ => {}
    }
}

fn remove(value: &mut Json, place: &[String]) {
    match (value, place) {
        (Json::Object(object), [key]) => {
            object.remove(key);
        }
        (Json::Object(object), [key, rest @ ..]) => {
            if let Some(value) = object.get_mut(key) {
                remove(value, rest);
            }
        }
        (Json::Array(elements), [index, rest @ ..]) => {
            let element = index
                .parse()
                .ok()
                .and_then(|index: usize| elements.get_mut(index));
            if let Some(value) = element {
                remove(value, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::standard;

    #[test]
    fn facts_can_be_taken_away_one_by_one() {
        let incomplete = Incomplete::of(&standard());
        let paths = incomplete.paths();
        for path in [
            "clusters.b",
            "links.bee.info",
            "clusters.a.license",
            "environment",
        ] {
            assert!(paths.iter().any(|other| other == path), "{path}");
        }
        for path in [
            "links.bee",
            "links.bee.endpoints",
            "links.bee.settings.mode",
            "schema",
        ] {
            assert!(!paths.iter().any(|other| other == path), "{path}");
        }
        for (position, path) in paths.iter().enumerate() {
            let back = serde_json::to_value(incomplete.without(&[position])).unwrap();
            let place = incomplete.facts[position].iter();
            let found = place.fold(&back, |value, key| match value {
                Json::Array(elements) => &elements[key.parse::<usize>().unwrap()],
                value => &value[key.as_str()],
            });
            assert!(found.is_null(), "{path}");
        }
    }
}
