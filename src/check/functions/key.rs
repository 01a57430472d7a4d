//! The API key of a link: which one it is, and what it is to grant.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::pattern;

/// The texts in which a remote cluster names the key it was shown (Elasticsearch's `ApiKeyService`,
/// `CrossClusterAccessAuthenticationService` and `AuthorizationDenialMessages`). Ids made by
/// Elasticsearch have 20 characters; names of users in like texts are mostly shorter.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) (?: apikey\ with\ id\ | unable\ to\ authenticate\ user\ \[ | (?:api|API)\ key\ \[
            | authenticated\ by\ API\ key\ id\ \[ ) ([\w-]{16,})",
    )
    .expect("a test compiles it")
});

/// Id of the key that the remote cluster names in an error about this link.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn named_key(arguments: &[Json]) -> Result<Json, String> {
    let errors = arguments[0]["errors"].as_array();
    let errors = errors.map_or(&[][..], Vec::as_slice).iter();
    let mut reasons = errors.filter_map(|error| error["reason"].as_str());
    let named = reasons.find_map(|reason| NAMED.captures(reason));
    Ok(named.map_or(Json::Null, |named| named[1].into()))
}

/// How the remote cluster server took the given key, as far as that counts for this link: empty where it was
/// not asked, `other-key` where the nodes were refused with another key than the given one.
pub(super) fn key_answer(arguments: &[Json]) -> Result<Json, String> {
    let credential = &arguments[0]["credential"];
    let outcome = credential["wire_answer"]["outcome"].as_str();
    let named = named_key(&arguments[..1])?;
    Ok(match outcome {
        None => "",
        Some(_) if !named.is_null() && named != credential["id"] => "other-key",
        Some(outcome) => outcome,
    }
    .into())
}

/// Index patterns that the given key grants for a use, by what the remote cluster server said when it
/// accepted the key; null where it did not, or where the link's key is another one.
pub(super) fn key_grants(arguments: &[Json]) -> Result<Json, String> {
    if key_answer(&arguments[..1])? != "accepted" {
        return Ok(Json::Null);
    }
    let usage = arguments[1].as_str().unwrap_or_default();
    Ok(arguments[0]["credential"]["wire_answer"]["key"][usage].clone())
}

/// The `access` of a cross-cluster API key, as JSON for a command: what the key of this link grants now, if
/// that is known, and what is wanted besides. Sending less would take access away.
pub(super) fn access(arguments: &[Json]) -> Result<Json, String> {
    let (link, remote) = (&arguments[0], &arguments[1]);
    let id = match named_key(&arguments[..1])? {
        Json::Null => link["credential"]["id"].clone(),
        id => id,
    };
    let listed = &remote["api_keys"][id.as_str().unwrap_or_default()];
    let told = &link["credential"]["wire_answer"]["key"];
    let granted = if listed.is_null() && told["id"] == id {
        told
    } else {
        listed
    };
    let uses = link["uses"].as_array().map_or(&[][..], Vec::as_slice);
    let indices = link["indices"].as_array().map_or(&[][..], Vec::as_slice);
    let names = |usage: &str, wanted: bool| -> Result<Vec<Json>, String> {
        let mut names = granted[usage].as_array().cloned().unwrap_or_default();
        for index in indices.iter().filter(|_| wanted) {
            if pattern::covers(&[names.clone().into(), index.clone()])? == false {
                names.push(index.clone());
            }
        }
        if wanted && names.is_empty() {
            names.push("INDEX*".into());
        }
        Ok(names)
    };
    let search = names("search", uses.is_empty() || uses.contains(&"search".into()))?;
    let replication = names("replication", uses.contains(&"replication".into()))?;

    let mut access = json!({});
    if !search.is_empty() {
        access["search"] = json!([{ "names": search }]);
        if granted["document_or_field_security"] == true {
            // Not part of the evidence. Elasticsearch refuses this text, so that nothing is opened by mistake.
            access["search"][0]["query"] = "COPY_FROM_THE_OLD_KEY".into();
        }
    }
    if !replication.is_empty() {
        access["replication"] = json!([{ "names": replication }]);
    }
    Ok(access.to_string().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_named_in_refusals() {
        // Texts of real nodes, 8.14.1 and 9.4.3.
        for (reason, key) in [
            (
                "unable to find apikey with id KR9SCqIBrM0sh3NpDLnA",
                json!("KR9SCqIBrM0sh3NpDLnA"),
            ),
            (
                "unable to authenticate user [5IFlCqIBFsqsHzwCggPH] for action [cluster:internal/remote_cluster/handshake]",
                json!("5IFlCqIBFsqsHzwCggPH"),
            ),
            (
                "authentication expected API key type of [cross_cluster], but API key [5IFlCqIBFsqsHzwCggPH] has type [rest]",
                json!("5IFlCqIBFsqsHzwCggPH"),
            ),
            (
                "action [indices:data/read/search] towards remote cluster is unauthorized for user [u] with assigned roles [r] authenticated by API key id [GpFhCqIB3zIp3NQVqM6O] of user [elastic]",
                json!("GpFhCqIB3zIp3NQVqM6O"),
            ),
            // The caller's own key, refused by the local cluster.
            (
                "action [indices:data/read/search] towards remote cluster [bee] is unauthorized for API key id [PW5sCqIBFeCu74MDp4yP] of user [norem2] because no remote indices privileges apply for the target cluster",
                json!(null),
            ),
            (
                "unable to authenticate user [elastic] for REST request [/]",
                json!(null),
            ),
        ] {
            let link = json!({ "errors": [{ "reason": reason }] });
            assert_eq!(named_key(&[link]).unwrap(), key, "{reason}");
        }
        assert_eq!(named_key(&[json!({})]).unwrap(), json!(null));
    }

    #[test]
    fn an_answer_to_another_key_does_not_count() {
        let credential = json!({
            "id": "KR9SCqIBrM0sh3NpDLnA",
            "wire_answer": {"outcome": "accepted", "key": {"search": ["logs*"], "replication": []}},
        });
        let refused = |id: &str| json!([{"reason": format!("unable to find apikey with id {id}")}]);
        for (link, answer, search) in [
            (json!({}), "", json!(null)),
            (
                json!({"credential": credential, "errors": []}),
                "accepted",
                json!(["logs*"]),
            ),
            (
                json!({"credential": credential, "errors": refused("KR9SCqIBrM0sh3NpDLnA")}),
                "accepted",
                json!(["logs*"]),
            ),
            (
                json!({"credential": credential, "errors": refused("5IFlCqIBFsqsHzwCggPH")}),
                "other-key",
                json!(null),
            ),
        ] {
            assert_eq!(
                key_answer(std::slice::from_ref(&link)).unwrap(),
                json!(answer)
            );
            assert_eq!(key_grants(&[link, json!("search")]).unwrap(), search);
        }
    }

    #[test]
    fn what_a_key_grants_is_also_known_by_wire() {
        let link = json!({
            "uses": [], "indices": ["metrics"], "errors": [],
            "credential": {"id": "x", "wire_answer": {"key": {"id": "x", "search": ["logs*"], "replication": []}}},
        });
        let answer = access(&[link, Json::Null]).unwrap();
        assert_eq!(
            answer,
            json!(r#"{"search":[{"names":["logs*","metrics"]}]}"#)
        );
    }

    #[test]
    fn access_is_never_narrowed() {
        let key = json!({"search": ["logs*"], "replication": []});
        let restricted =
            json!({"search": ["logs*"], "replication": [], "document_or_field_security": true});
        for (uses, indices, granted, expected) in [
            (
                json!([]),
                json!([]),
                json!(null),
                r#"{"search":[{"names":["INDEX*"]}]}"#,
            ),
            (
                json!(["search"]),
                json!(["a", "b*"]),
                json!(null),
                r#"{"search":[{"names":["a","b*"]}]}"#,
            ),
            (
                json!([]),
                json!(["metrics", "logs-1"]),
                key.clone(),
                r#"{"search":[{"names":["logs*","metrics"]}]}"#,
            ),
            (
                json!(["replication"]),
                json!(["logs"]),
                key.clone(),
                r#"{"replication":[{"names":["logs"]}],"search":[{"names":["logs*"]}]}"#,
            ),
            (
                json!(["replication"]),
                json!([]),
                json!(null),
                r#"{"replication":[{"names":["INDEX*"]}]}"#,
            ),
            (
                json!([]),
                json!([]),
                restricted,
                r#"{"search":[{"names":["logs*"],"query":"COPY_FROM_THE_OLD_KEY"}]}"#,
            ),
        ] {
            let link =
                json!({"uses": uses, "indices": indices, "errors": [], "credential": {"id": "x"}});
            let remote = json!({"api_keys": {"x": granted}});
            let answer = access(&[link.clone(), remote]).unwrap();
            let answer: Json = serde_json::from_str(answer.as_str().unwrap()).unwrap();
            let expected: Json = serde_json::from_str(expected).unwrap();
            assert_eq!(answer, expected, "{link}");
        }
        let nothing_known = access(&[json!({}), Json::Null]).unwrap();
        assert_eq!(nothing_known, json!(r#"{"search":[{"names":["INDEX*"]}]}"#));
    }
}
