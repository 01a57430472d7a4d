use serde_json::json;

use super::*;
use crate::check::document::{Document, Item};
use crate::check::file::SubjectKind;
use crate::check::standard::with_given;

/// Evaluates an expression over the standard case with changes.
fn evaluate(given: &str, source: &str) -> (Answer<Json>, Recorded) {
    let evidence = with_given(SubjectKind::Endpoint, given).unwrap();
    let document = Document::new(&evidence);
    let item: Item = document.items(SubjectKind::Endpoint, &evidence).remove(0);
    let expression = Expression::parse(source).unwrap();
    let answer = document.evaluator.value(&expression, &item.scope);
    (answer, document.evaluator.take())
}

fn known(given: &str, source: &str) -> Json {
    match evaluate(given, source).0 {
        Answer::Known(value) => value,
        other => panic!("{source}: {other:?}"),
    }
}

const LESS: &str = r#"{ "remote": { "version": "__absent__", "nodes": "__absent__" },
                        "link": { "info": "__absent__" } }"#;

#[test]
fn unknown_is_absorbed_as_in_kleene_logic() {
    for (source, value) in [
        ("remote.version == 'x' && false", false),
        ("false && remote.version == 'x'", false),
        ("remote.version == 'x' || true", true),
        ("true || remote.version == 'x'", true),
        (
            "['x', remote.name].exists(v, v == 'b' || v == remote.version)",
            true,
        ),
        (
            "['y', remote.name].all(v, v == 'b' && v != remote.version)",
            false,
        ),
    ] {
        assert_eq!(known(LESS, source), json!(value), "{source}");
    }
    for source in [
        "remote.version == 'x'",
        "!(remote.version == 'x')",
        "remote.version == 'x' || false",
        "remote.version != null",
        "has(remote.version)",
        "has(link.info.connected)",
        "link.info.connected",
        "remote.nodes.all(n, true)",
        "size(remote.nodes) > 0",
        "remote.version.atLeast('8.0.0')",
        "remote.version == 'x' ? true : true",
        "remote.api_keys['other'].invalidated",
    ] {
        assert_eq!(evaluate(LESS, source).0, Answer::Unknown, "{source}");
    }
}

#[test]
fn both_missing_paths_are_told() {
    let (answer, recorded) = evaluate(LESS, "remote.version == 'x' || link.info.connected");
    assert_eq!(answer, Answer::Unknown);
    assert_eq!(recorded.missed, ["clusters.b.version", "links.bee.info"]);
}

#[test]
fn none_is_not_unknown() {
    for (source, value) in [
        ("link.server_name == null", json!(true)),
        ("has(link.server_name)", json!(true)),
        ("link.settings.mode", json!("proxy")),
        ("link.settings.seeds == null", json!(true)),
        ("has(link.settings.seeds)", json!(false)),
        ("'seeds' in link.settings", json!(false)),
        ("local.settings['cluster.remote.bee.mode']", json!("proxy")),
        ("link.credential.id in remote.api_keys", json!(true)),
        ("size(endpoints)", json!(1)),
        (
            "endpoint.attempts[0].tls.chain[0].names(endpoint.host)",
            json!(true),
        ),
        ("now.seconds() - days(1)", json!(1_795_338_840)),
        (
            "local.nodes.all(n, 'data' in local.nodes[n].roles)",
            json!(true),
        ),
        ("remote.license.expiry.fromNow(now)", json!("in 364 days")),
        ("environment", json!("self-managed")),
        ("links.all(l, links[l].local == 'a')", json!(true)),
    ] {
        assert_eq!(known("{}", source), value, "{source}");
    }
}

#[test]
fn what_is_unknown_as_a_whole_is_unknown() {
    let nothing = r#"{ "remote": "__absent__", "environment": "__absent__",
                       "local": { "environment": "__absent__" } }"#;
    for (source, missing) in [
        ("remote.version == 'x'", "clusters.b"),
        ("environment == 'ece'", "environment"),
        ("remote.nodes.exists(n, true)", "clusters.b"),
    ] {
        let (answer, recorded) = evaluate(nothing, source);
        assert_eq!(answer, Answer::Unknown, "{source}");
        assert_eq!(recorded.missed, [missing], "{source}");
    }
    let unnamed = r#"{ "link": { "remote": "__absent__" } }"#;
    assert_eq!(
        evaluate(unnamed, "remote.version").1.missed,
        ["links.bee.remote"]
    );
}

#[test]
fn mistakes_are_no_answers() {
    for source in [
        "link.alias > 3",
        "link.alias.host(3)",
        "link.server_name.host()",
        "link.seeds[0]",
        "link.server_name.x",
        "1 + 'a'",
    ] {
        assert!(
            matches!(evaluate("{}", source).0, Answer::Broken(_)),
            "{source}"
        );
    }
}

#[test]
fn what_was_read_is_recorded_with_its_path() {
    let given = r#"{ "link": { "errors": [
        { "source": "search", "type": "x", "reason": "other" },
        { "source": "search", "type": "x", "reason": "key [k1] expired" } ] } }"#;
    let source = "mentions(link.errors, 'expired') && endpoint.attempts.exists(a, a.tcp.outcome == 'connected') && 'search' in link.uses";
    let (answer, recorded) = evaluate(given, source);
    assert_eq!(answer, Answer::Known(json!(true)));
    let read: Vec<&str> = recorded.read.keys().map(String::as_str).collect();
    assert_eq!(
        read,
        [
            "endpoints[\"b.example.org:9443\"].attempts.0.tcp.outcome",
            "links.bee.errors",
            "links.bee.errors.1.reason",
            "links.bee.uses",
        ]
    );
}

#[test]
fn syntax_errors_have_a_place() {
    let error = Expression::parse("link.alias ==").unwrap_err();
    assert_eq!(error.offset, 13, "{error}");
    assert!(Expression::parse("link.?alias").is_err());
    assert!(Expression::parse(&"a".repeat(LONGEST + 1)).is_err());
    for hostile in [
        "(".repeat(1000),
        "!".repeat(1000),
        "- ! ".repeat(400),
        "[".repeat(30),
        "a?b:".repeat(300),
    ] {
        let _ = Expression::parse(&hostile);
    }
    for long in [
        format!("true{}", " && true".repeat(200)),
        format!("link{}", ".a".repeat(900)),
    ] {
        Expression::parse(&long).unwrap().mentions();
    }
}

#[test]
fn integers_are_signed() {
    assert_eq!(known("{}", "link.info.connections - 20"), json!(-2));
}

#[test]
fn both_parsers_read_every_shipped_expression_alike() {
    let ids = regex::Regex::new(r"id: \d+, ").unwrap();
    let checks = crate::check::CheckSet::embedded();
    for check in checks.checks() {
        for source in check.file.when.iter().chain(&check.file.ok) {
            let mut slow = ENV.compile(source).unwrap().expression().clone();
            replace_has(&mut slow);
            let quick = Expression::parse(source).unwrap().root;
            let plain = |root: &IdedExpr| ids.replace_all(&format!("{root:?}"), "").into_owned();
            assert_eq!(plain(&quick), plain(&slow), "{}", check.code);
        }
    }
}
