//! The standard healthy case that the tests of checks start from, and how a test changes it.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use super::file::SubjectKind;
use super::shape::Shape;
use crate::evidence::Evidence;

/// What removes a key in a test.
const ABSENT: &str = "__absent__";

/// The standard case: link `bee` from cluster `a` to `b` over endpoint `b.example.org:9443`.
static STANDARD: LazyLock<Json> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../checks/standard.json")).expect("a test reads it")
});

const LINK: [&str; 2] = ["links", "bee"];
const LOCAL: [&str; 2] = ["clusters", "a"];
const REMOTE: [&str; 2] = ["clusters", "b"];
const ENDPOINT: [&str; 2] = ["endpoints", "b.example.org:9443"];

/// The standard case as a document.
#[expect(
    clippy::missing_panics_doc,
    reason = "the file is part of the binary, and a test reads it"
)]
pub fn standard() -> Evidence {
    serde_json::from_value(STANDARD.clone()).expect("a test reads it")
}

/// The standard case with what a test gives merged over the variables of the subject.
pub(crate) fn with_given(subject: SubjectKind, given: &str) -> Result<Evidence, String> {
    let given: Json = serde_json::from_str(given).map_err(|error| format!("no JSON: {error}"))?;
    let Json::Object(given) = given else {
        return Err("not an object of variables".to_owned());
    };
    let mut document = STANDARD.clone();
    for (name, change) in given {
        let place: &[&str] = match (name.as_str(), subject) {
            ("link", SubjectKind::Link | SubjectKind::Endpoint) => &LINK,
            ("cluster", SubjectKind::Cluster)
            | ("local", SubjectKind::Link | SubjectKind::Endpoint) => &LOCAL,
            ("remote", SubjectKind::Link | SubjectKind::Endpoint) => &REMOTE,
            ("endpoint", SubjectKind::Link | SubjectKind::Endpoint) => &ENDPOINT,
            ("endpoints", SubjectKind::Link | SubjectKind::Endpoint) => {
                set_endpoints(&mut document, change)?;
                continue;
            }
            ("environment", _) => &["environment"],
            ("links", _) => &["links"],
            ("now", _) => &["collected_at"],
            ("purpose", _) => &["purpose"],
            ("vantage", _) => &["vantage"],
            _ => return Err(format!("{name} is no variable of the subject")),
        };
        let shape = place
            .iter()
            .try_fold(Shape::document(), |shape, key| shape.below(key));
        check_shape(shape, &change, &name)?;
        merge_at(&mut document, place, change);
    }
    serde_json::from_value(document).map_err(|error| format!("no evidence: {error}"))
}

/// Replaces the endpoints of the link. Each is merged over the standard one.
fn set_endpoints(document: &mut Json, endpoints: Json) -> Result<(), String> {
    let Json::Array(endpoints) = endpoints else {
        return Err("endpoints is no list".to_owned());
    };
    let standard = document["endpoints"][ENDPOINT[1]].clone();
    let mut all = Map::new();
    let mut keys = Vec::new();
    for change in endpoints {
        check_shape(
            Shape::document()
                .below("endpoints")
                .and_then(|all| all.below("")),
            &change,
            "endpoints[]",
        )?;
        let mut endpoint = standard.clone();
        merge(&mut endpoint, change);
        let key = endpoint["address"].as_str().unwrap_or_default().to_owned();
        keys.push(Json::from(key.clone()));
        all.insert(key, endpoint);
    }
    document["endpoints"] = Json::Object(all);
    document["links"]["bee"]["endpoints"] = Json::Array(keys);
    Ok(())
}

fn merge_at(document: &mut Json, place: &[&str], change: Json) {
    match place {
        [] => {}
        [last] if change == ABSENT => {
            if let Json::Object(object) = document {
                object.remove(*last);
            }
        }
        [last] => match document.get_mut(*last) {
            Some(target) => merge(target, change),
            None => document[*last] = without_absent(change),
        },
        [first, rest @ ..] => merge_at(&mut document[*first], rest, change),
    }
}

/// Merges as RFC 7396 does, except that `null` is a value and [`ABSENT`] removes; and that the
/// objects of a list are merged over the objects of the standard list, the first one where that is
/// shorter, so that a test need only say what differs.
fn merge(target: &mut Json, change: Json) {
    match (target, change) {
        (Json::Object(target), Json::Object(change)) => {
            for (key, change) in change {
                if change == ABSENT {
                    target.remove(&key);
                } else if let Some(old) = target.get_mut(&key) {
                    merge(old, change);
                } else {
                    target.insert(key, without_absent(change));
                }
            }
        }
        (Json::Array(target), Json::Array(change)) => {
            let merged = change.into_iter().enumerate().map(|(index, change)| {
                match target.get(index).or(target.first()) {
                    Some(old) if old.is_object() && change.is_object() => {
                        let mut merged = old.clone();
                        merge(&mut merged, change);
                        merged
                    }
                    _ => without_absent(change),
                }
            });
            *target = merged.collect();
        }
        (target, change) => *target = without_absent(change),
    }
}

fn without_absent(mut value: Json) -> Json {
    match &mut value {
        Json::Object(object) => {
            object.retain(|_, value| value != ABSENT);
            for value in object.values_mut() {
                *value = without_absent(value.take());
            }
        }
        Json::Array(elements) => {
            for value in elements {
                *value = without_absent(value.take());
            }
        }
        _ => {}
    }
    value
}

/// Refuses keys that no evidence has: a test with a typo would prove nothing.
fn check_shape(shape: Option<&Shape>, value: &Json, place: &str) -> Result<(), String> {
    match value {
        Json::Object(object) => object.iter().try_for_each(|(key, value)| {
            let place = format!("{place}.{key}");
            let below = shape.and_then(|shape| shape.below(key));
            if below.is_none() {
                return Err(format!("the evidence has no {place}"));
            }
            check_shape(below, value, &place)
        }),
        Json::Array(elements) => elements.iter().try_for_each(|value| {
            check_shape(shape.and_then(Shape::element), value, &format!("{place}[]"))
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_standard_case_is_evidence_and_complete() {
        let back = serde_json::to_value(standard()).unwrap();
        assert_eq!(back, *STANDARD);
    }

    #[test]
    fn tests_change_what_they_name() {
        let given = json!({
            "link": { "info": { "connected": false }, "server_name": "c", "model": ABSENT },
            "remote": ABSENT,
            "endpoint": { "attempts": [{ "tls": { "chain": [{ "serial": "1" }, { "serial": "2" }] } }] },
            "now": "2027-01-01T00:00:00Z",
        });
        let evidence = with_given(SubjectKind::Link, &given.to_string()).unwrap();
        let evidence = serde_json::to_value(evidence).unwrap();
        let link = &evidence["links"]["bee"];
        assert_eq!(link["info"]["connected"], json!(false));
        assert_eq!(link["info"]["connections"], json!(18));
        assert_eq!(link["model"], Json::Null);
        assert_eq!(evidence["clusters"]["b"], Json::Null);
        let chain = &evidence["endpoints"]["b.example.org:9443"]["attempts"][0]["tls"]["chain"];
        assert_eq!(chain[1]["serial"], json!("2"));
        assert_eq!(chain[1]["issuer"], json!("CN=CA of b"));
        assert_eq!(evidence["collected_at"], json!("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn typos_are_refused() {
        let typo = with_given(SubjectKind::Link, r#"{"link":{"info":{"conected":false}}}"#);
        assert_eq!(typo.unwrap_err(), "the evidence has no link.info.conected");
        assert!(with_given(SubjectKind::Cluster, r#"{"link":{}}"#).is_err());
        assert!(with_given(SubjectKind::Link, "[]").is_err());
    }
}
