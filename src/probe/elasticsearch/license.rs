//! `GET /_license` and `GET /_license/feature_usage`.

use serde_json::Value;

use crate::evidence::{Fact, License};

use super::Answer;
use super::values::{at, millis, text};

/// The licence; known to be none only where Elasticsearch itself says so with 404 and `{}`.
pub(in super::super) fn license(answer: &Answer) -> Fact<Option<License>> {
    if no_license(answer) {
        return Fact::Known(None);
    }
    let Some(license) = answer.json().and_then(|body| at(body, &["license"])) else {
        return Fact::Unknown;
    };
    let (Some(kind), Some(status)) = (text(license, &["type"]), text(license, &["status"])) else {
        return Fact::Unknown;
    };
    Fact::Known(Some(License {
        kind,
        status,
        expiry: millis(license, &["expiry_date_in_millis"]),
    }))
}

/// 404 and `{}`: in the first seconds of a new cluster, and where there is no licence.
pub(super) fn no_license(answer: &Answer) -> bool {
    answer.status() == Some(404)
        && answer
            .body()
            .and_then(Value::as_object)
            .is_some_and(serde_json::Map::is_empty)
}

/// Names of the features that were used.
pub(in super::super) fn features_used(body: &Value) -> Option<Vec<String>> {
    let features = at(body, &["features"])?.as_array()?;
    let mut names: Vec<String> = features
        .iter()
        .filter_map(|it| text(it, &["name"]))
        .collect();
    names.sort();
    names.dedup();
    Some(names)
}
