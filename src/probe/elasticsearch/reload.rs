//! `POST /_nodes/reload_secure_settings`: HTTP 200 whatever happened; each node tells by itself.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::{ErrorSource, Reload};

use super::errors::{capped, error_levels};
use super::values::{at, text, texts};

/// What each node said, by name.
pub(in super::super) fn reloads(body: &Value) -> Option<BTreeMap<String, Reload>> {
    let nodes = at(body, &["nodes"])?.as_object()?;
    let found = nodes
        .iter()
        .map(|(id, node)| {
            let name = text(node, &["name"]).unwrap_or_else(|| id.clone());
            (name, reload(node))
        })
        .collect();
    Some(found)
}

fn reload(node: &Value) -> Reload {
    Reload {
        exception: at(node, &["reload_exception"]).map(exception),
        secure_setting_names: texts(node, &["secure_setting_names"]).into(),
        keystore_last_modified: text(node, &["keystore_last_modified_time"])
            .and_then(|it| it.parse().ok())
            .into(),
    }
}

/// All its messages in one text: the decisive one may be a suppressed one.
fn exception(error: &Value) -> String {
    let levels = error_levels(error, ErrorSource::Info);
    let texts: Vec<String> = levels
        .into_iter()
        .map(|level| match (level.kind.as_str(), level.reason) {
            ("", reason) => reason,
            (kind, reason) => format!("{kind}: {reason}"),
        })
        .collect();
    capped(texts.join("; "))
}

/// Names that are in the keystore of every node; `None` where a node did not tell its names.
pub(in super::super) fn common_names(reloads: &BTreeMap<String, Reload>) -> Option<Vec<String>> {
    let mut nodes = reloads.values().map(|it| it.secure_setting_names.known());
    let mut common = nodes.next()??.clone();
    for names in nodes {
        let names = names?;
        common.retain(|it| names.contains(it));
    }
    Some(common)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_decisive_text_may_be_a_suppressed_one() {
        // 8.14.1, reload_privileges: a user with manage alone.
        let body = json!({"nodes": {"x": {"name": "a-node", "reload_exception": {
            "type": "exception", "reason": "secure settings reload failed for one or more security components",
            "suppressed": [{"type": "security_exception", "reason": "action [..] is unauthorized"}]}}}});
        let reloads = reloads(&body).unwrap();
        let text = reloads["a-node"].exception.as_ref().unwrap();
        assert!(
            text.ends_with("security_exception: action [..] is unauthorized"),
            "{text}"
        );
        assert_eq!(common_names(&reloads), None);
    }

    #[test]
    fn names_must_be_on_every_node() {
        let body = json!({"nodes": {
            "x": {"name": "a", "secure_setting_names": ["keystore.seed", "cluster.remote.bee.credentials"]},
            "y": {"name": "b", "secure_setting_names": ["keystore.seed"]}}});
        let names = common_names(&reloads(&body).unwrap()).unwrap();
        assert_eq!(names, ["keystore.seed"]);
    }
}
