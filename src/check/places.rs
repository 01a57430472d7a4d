//! Which places of the evidence a document fills, and which ones a check reads: what nothing ever
//! fills, no check may read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::CheckSet;
use super::document::{Leads, variables};
use super::expression::{Expression, Mentioned, Path, Step};
use super::item::Check;
use super::shape::Shape;
use super::template::{Part, Template};
use crate::evidence::Evidence;

/// Places that a document fills, such as `links[].info.connected`; `[]` stands for any name or
/// number. A place that is known to be none is filled; what would lie below it is not.
#[expect(
    clippy::missing_panics_doc,
    reason = "every evidence can be written as JSON"
)]
pub fn filled(evidence: &Evidence) -> BTreeSet<String> {
    let document = serde_json::to_value(evidence).expect("every unknown fact is left out");
    let mut found = BTreeSet::new();
    collect(&document, Shape::document(), "", &mut found);
    found
}

impl CheckSet {
    /// Places that checks read, each with the codes of those checks: in expressions and in texts.
    pub fn places(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for check in self.checks() {
            for path in paths(check) {
                if let Some(place) = place(check, &path) {
                    places.entry(place).or_default().insert(check.code.clone());
                }
            }
        }
        places
    }
}

fn collect(value: &Json, shape: &Shape, place: &str, found: &mut BTreeSet<String>) {
    if !place.is_empty() {
        found.insert(place.to_owned());
    }
    match (value, shape) {
        (Json::Object(object), Shape::Struct(fields)) => {
            for (key, value) in object {
                if let Some(field) = fields.get(key) {
                    collect(value, &field.shape, &below(place, key), found);
                }
            }
        }
        (Json::Object(object), Shape::Dictionary(each)) => {
            let place = format!("{place}[]");
            for value in object.values() {
                collect(value, each, &place, found);
            }
        }
        (Json::Array(elements), Shape::List(each)) => {
            let place = format!("{place}[]");
            for value in elements {
                collect(value, each, &place, found);
            }
        }
        _ => {}
    }
}

fn below(place: &str, key: &str) -> String {
    if place.is_empty() {
        key.to_owned()
    } else {
        format!("{place}.{key}")
    }
}

/// Every path that a check writes.
fn paths(check: &Check) -> Vec<Path> {
    let file = &check.file;
    let expressions = file.when.iter().chain(&file.ok);
    let expressions = expressions.filter_map(|text| Expression::parse(text).ok());
    let mut mentions: Vec<_> = expressions
        .flat_map(|expression| expression.mentions())
        .collect();
    let of_fixes = file
        .fix
        .iter()
        .flat_map(|fix| fix.commands.iter().chain([&fix.text]));
    let texts = [&file.message, &file.why].into_iter();
    for text in texts.chain(&file.otherwise).chain(of_fixes) {
        let template = Template::parse(text).ok();
        for part in template.iter().flat_map(Template::parts) {
            if let Part::Value { expression, .. } = part {
                mentions.extend(expression.mentions());
            }
        }
    }
    let paths = mentions.into_iter().map(|mention| mention.what);
    paths
        .filter_map(|what| match what {
            Mentioned::Path(path) => Some(path),
            Mentioned::Function(_) | Mentioned::Regex(_) => None,
        })
        .collect()
}

/// The place of the document that a path leads to, `None` for what the lint refuses.
fn place(check: &Check, path: &Path) -> Option<String> {
    let names = variables(check.file.subject);
    let (_, leads) = names.iter().find(|(name, _)| *name == path.root)?;
    let mut steps = path.steps.iter();
    let start = match leads {
        Leads::To(start) => start,
        Leads::ToListOf(start) => {
            steps.next()?;
            start
        }
    };
    let (mut place, mut shape) = (String::new(), Shape::document());
    for key in *start {
        place = step(&place, shape, key);
        shape = shape.below(key)?;
    }
    for one in steps {
        match (one, shape) {
            // A macro over names: these are the place itself.
            (Step::Each, Shape::Dictionary(_)) => return Some(place),
            (Step::Each | Step::Index, _) => {
                place.push_str("[]");
                shape = match shape {
                    Shape::Dictionary(each) | Shape::List(each) => each,
                    Shape::Scalar | Shape::Struct(_) => return None,
                };
            }
            (Step::Key(key), _) => {
                place = step(&place, shape, key);
                shape = shape.below(key)?;
            }
        }
    }
    Some(place)
}

fn step(place: &str, shape: &Shape, key: &str) -> String {
    match shape {
        Shape::Dictionary(_) => format!("{place}[]"),
        _ => below(place, key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::standard;

    #[test]
    fn what_a_document_fills_is_named_by_its_schema() {
        let filled = filled(&standard());
        for place in [
            "links[].info.connected",
            "clusters[].version",
            "endpoints[].attempts[].tls.chain[].subject",
        ] {
            assert!(filled.contains(place), "{place}");
        }
        assert!(!filled.contains("links[].info.conected"));
    }

    #[test]
    fn what_checks_read_is_named_in_the_same_way() {
        let places = CheckSet::embedded().places();
        assert!(places["links[].alias"].contains("settings/alias-not-configured"));
        assert!(
            places
                .keys()
                .any(|place| place.starts_with("endpoints[].attempts[].tls.chain[]"))
        );
        assert!(places.keys().all(|place| !place.contains("link.")));
    }
}
