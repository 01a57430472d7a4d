//! The API key that a remote cluster names when it refuses something.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

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
}
