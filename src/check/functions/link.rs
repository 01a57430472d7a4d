//! What the local cluster itself showed of a link. These answers are never unknown: "not seen" is
//! `false`, so that what was seen elsewhere can still decide.

use serde_json::Value as Json;

use super::text;

/// Errors that only the remote cluster can give: it was reached, whatever else is wrong. What a
/// local node refuses by itself (its licence, the role of the user) is not among them.
const ANSWERS: &str = r"(?x) _cross_cluster_access_credentials
    | missing\ authentication\ credentials | error\ attempting\ to\ authenticate\ request
    | unable\ to\ authenticate | authentication\ expected | unable\ to\ find\ apikey
    | api\ key\ \[.*\]\ has\ been | api\ key\ is\ expired
    | towards\ remote\ cluster\ is\ unauthorized | no\ such\ index";

/// Errors that come only after a node is content with TLS: the connection ended in the
/// Elasticsearch handshake.
const AFTER_TLS: &str = r"general node connection failure|handshake_timeout\[";

/// Whether the remote cluster was seen to answer a local node, be it with a refusal.
pub(super) fn answered(arguments: &[Json]) -> Result<Json, String> {
    Ok(reached(&arguments[0])?.into())
}

/// Whether a request got through the link during this run.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn works(arguments: &[Json]) -> Result<Json, String> {
    Ok(got_through(&arguments[0]).into())
}

/// Whether a node was seen to be content with the TLS of the remote cluster.
pub(super) fn passed_tls(arguments: &[Json]) -> Result<Json, String> {
    let link = &arguments[0];
    Ok((reached(link)? || find(link, AFTER_TLS)?.is_some()).into())
}

/// What the link is called in a sentence: its alias, or without one its first address.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn called(arguments: &[Json]) -> Result<Json, String> {
    let link = &arguments[0];
    let name = link["alias"]
        .as_str()
        .or_else(|| link["endpoints"][0].as_str());
    Ok(name.unwrap_or("the link").into())
}

/// Whether the local cluster gave an error about the link that matches.
pub(super) fn reported(arguments: &[Json]) -> Result<Json, String> {
    Ok(find(&arguments[0], text(&arguments[1])?)?.is_some().into())
}

/// The text of the first such error, empty for none.
pub(super) fn report(arguments: &[Json]) -> Result<Json, String> {
    let found = find(&arguments[0], text(&arguments[1])?)?;
    Ok(found.unwrap_or_default().into())
}

/// Addresses as they are written in the settings; where there are none, as they were typed.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn addresses(arguments: &[Json]) -> Result<Json, String> {
    let link = &arguments[0];
    let listed = |key: &str| {
        let entries = link[key].as_array().map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(Json::as_str).collect::<Vec<_>>()
    };
    let mut written = listed("seeds");
    written.extend(link["proxy_address"].as_str());
    // Where one of the two settings is unknown, what was typed is no answer.
    let settings_known = link.get("seeds").is_some() == link.get("proxy_address").is_some();
    if written.is_empty() && settings_known {
        // The key of an endpoint ends with the server name where one is sent that differs.
        let typed = listed("endpoints").into_iter();
        written.extend(typed.map(|key| key.split('#').next().unwrap_or(key)));
    }
    Ok(written.into())
}

/// Publish addresses of the remote nodes for the link's model: of the remote cluster servers, or of the
/// transport ports in the certificate model. Empty where that is not known, or nothing listens.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all functions of checks have one form"
)]
pub(super) fn listening(arguments: &[Json]) -> Result<Json, String> {
    let (link, remote) = (&arguments[0], &arguments[1]);
    let model = [&link["model"], &link["intended_model"]]
        .into_iter()
        .find_map(Json::as_str);
    let nodes = remote["nodes"].as_object().into_iter().flatten();
    let address = |node: &Json| match model {
        Some("certificate") => node["transport_publish_address"].clone(),
        _ => node["remote_cluster_server"]["publish_address"].clone(),
    };
    let found = nodes.map(|(_, node)| address(node));
    Ok(found.filter(Json::is_string).collect())
}

fn reached(link: &Json) -> Result<bool, String> {
    Ok(got_through(link) || find(link, ANSWERS)?.is_some())
}

fn got_through(link: &Json) -> bool {
    let resolve = &link["resolve"];
    let resolved = resolve["connected"] == true && resolve["error"].is_null();
    let search = &link["search"];
    let searched = match search["cluster_status"].as_str() {
        Some(status) => status == "successful" || status == "partial",
        // Before 8.10 an answer says nothing of the single remotes.
        None => {
            search["status"] == 200
                && link["info"]["connected"] == true
                && link["errors"].as_array().is_some_and(Vec::is_empty)
        }
    };
    resolved || searched || only_searching_is_refused(link)
}

/// Whether a link that is meant for replication alone is connected and its key was accepted, the key
/// merely granting no search: every request of this tool is one of a search, so that more cannot be seen.
fn only_searching_is_refused(link: &Json) -> bool {
    let replicates = link["uses"]
        .as_array()
        .is_some_and(|uses| !uses.is_empty() && uses.iter().all(|it| it == "replication"));
    let errors = link["errors"].as_array().map_or(&[][..], Vec::as_slice);
    replicates
        && link["info"]["connected"] == true
        && !errors.is_empty()
        && errors.iter().all(|error| {
            error["reason"].as_str().is_some_and(|reason| {
                reason.contains("towards remote cluster is unauthorized")
                    && reason.contains("authenticated by API key id")
            })
        })
}

fn find(link: &Json, pattern: &str) -> Result<Option<String>, String> {
    let errors = link["errors"].as_array().map_or(&[][..], Vec::as_slice);
    if errors.is_empty() {
        return Ok(None); // and nothing to compile a pattern for
    }
    let regex = text::regex(&pattern.into())?;
    let texts = errors
        .iter()
        .flat_map(|error| [&error["reason"], &error["type"]]);
    let mut texts = texts.filter_map(Json::as_str);
    Ok(texts.find(|text| regex.is_match(text)).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_works_if_something_got_through() {
        for (link, expected) in [
            (json!({}), false),
            (json!({"info": {"connected": true}}), false),
            (json!({"resolve": {"connected": true, "error": null}}), true),
            // 8.14 calls a refused key connected, with the error beside it.
            (
                json!({"resolve": {"connected": true, "error": "unable to authenticate"}}),
                false,
            ),
            (
                json!({"resolve": {"connected": false, "error": null}}),
                false,
            ),
            (
                json!({"search": {"status": 200, "cluster_status": "partial"}}),
                true,
            ),
            (
                json!({"search": {"status": 200, "cluster_status": "skipped"}}),
                false,
            ),
            (
                json!({"search": {"status": 200, "cluster_status": null},
                       "info": {"connected": true}, "errors": []}),
                true,
            ),
            (
                json!({"search": {"status": 200, "cluster_status": null}}),
                false,
            ),
        ] {
            assert_eq!(
                works(std::slice::from_ref(&link)).unwrap(),
                json!(expected),
                "{link}"
            );
        }
    }

    #[test]
    fn a_link_for_replication_works_though_its_key_grants_no_search() {
        // 9.4.3, a key with access.replication only.
        let refusal = "action [indices:admin/resolve/cluster] towards remote cluster is unauthorized for \
                       user [elastic] with assigned roles [superuser] authenticated by API key id \
                       [-71fEKIBg5Y_hzw0QywF] of user [elastic], this action is granted by the index \
                       privileges [read_cross_cluster,view_index_metadata,manage,read,all]";
        for (uses, connected, reason, expected) in [
            (json!(["replication"]), true, refusal, true),
            (json!(["replication", "search"]), true, refusal, false),
            (json!([]), true, refusal, false),
            (json!(["replication"]), false, refusal, false),
            (
                json!(["replication"]),
                true,
                "unable to authenticate user [-71fEKIBg5Y_hzw0QywF]",
                false,
            ),
        ] {
            let link = json!({"uses": uses, "info": {"connected": connected},
                              "errors": [{"type": "", "reason": reason}]});
            assert_eq!(
                works(std::slice::from_ref(&link)).unwrap(),
                json!(expected),
                "{link}"
            );
        }
    }

    #[test]
    fn some_errors_come_only_after_tls() {
        let link = |reason: &str| json!({"errors": [{"type": "", "reason": reason}]});
        for (reason, expected) in [
            ("[][127.0.0.1:1] general node connection failure", true),
            ("[][127.0.0.1:1] handshake_timeout[30s]", true),
            ("[][127.0.0.1:1] connect_timeout[30s]", false),
            (
                "PKIX path building failed: unable to find valid certification path",
                false,
            ),
            ("unable to authenticate user [x] for action [y]", true),
            (
                "current license is non-compliant for [advanced-remote-cluster-security]",
                false,
            ),
            (
                "action [x] towards remote cluster [bee] is unauthorized for user [u] because no \
                 remote indices privileges apply for the target cluster",
                false,
            ),
        ] {
            assert_eq!(
                passed_tls(&[link(reason)]).unwrap(),
                json!(expected),
                "{reason}"
            );
        }
    }

    #[test]
    fn a_refusal_is_an_answer() {
        let link = |reason: &str| json!({"errors": [{"type": "", "reason": reason}]});
        for (reason, expected) in [
            ("unable to find apikey with id x", true),
            ("[][127.0.0.1:1] general node connection failure", false),
            ("Connection refused: b/10.0.0.5:9443", false),
        ] {
            assert_eq!(
                answered(&[link(reason)]).unwrap(),
                json!(expected),
                "{reason}"
            );
        }
        assert_eq!(answered(&[json!({})]).unwrap(), json!(false));
    }

    #[test]
    fn reports_are_found_and_their_absence_is_no_error() {
        let link = json!({"errors": [
            {"type": "a_exception", "reason": ""},
            {"type": "connect_exception", "reason": "Connection refused: b/10.0.0.5:9443"},
        ]});
        let ask = |pattern: &str| [link.clone(), json!(pattern)];
        assert_eq!(reported(&ask("refused")).unwrap(), json!(true));
        assert_eq!(
            report(&ask("refused")).unwrap(),
            json!("Connection refused: b/10.0.0.5:9443")
        );
        assert_eq!(report(&ask("reset")).unwrap(), json!(""));
        assert_eq!(reported(&[json!({}), json!("x")]).unwrap(), json!(false));
        assert!(reported(&ask("(")).is_err());
    }

    #[test]
    fn remote_nodes_say_where_they_listen() {
        let remote = json!({"nodes": {
            "n": {"transport_publish_address": "10.0.2.21:9300",
                  "remote_cluster_server": {"publish_address": "10.0.2.21:9443"}},
            "m": {"transport_publish_address": "10.0.2.22:9300", "remote_cluster_server": null},
        }});
        for (link, expected) in [
            (json!({"model": "api-key"}), json!(["10.0.2.21:9443"])),
            (json!({}), json!(["10.0.2.21:9443"])),
            (
                json!({"intended_model": "certificate"}),
                json!(["10.0.2.22:9300", "10.0.2.21:9300"]),
            ),
        ] {
            assert_eq!(listening(&[link, remote.clone()]).unwrap(), expected);
        }
        assert_eq!(listening(&[json!({}), Json::Null]).unwrap(), json!([]));
    }

    #[test]
    fn addresses_come_from_the_settings_first() {
        let link = json!({"proxy_address": null, "seeds": ["x:1", "y:2"], "endpoints": ["z:3"]});
        assert_eq!(addresses(&[link]).unwrap(), json!(["x:1", "y:2"]));
        let link = json!({"endpoints": ["z:3#name"]});
        assert_eq!(addresses(&[link]).unwrap(), json!(["z:3"]));
        let link = json!({"seeds": [], "endpoints": ["z:3"]});
        assert_eq!(addresses(&[link]).unwrap(), json!([]));
    }
}
