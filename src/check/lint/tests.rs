use super::*;

const GOOD: &str = r#"
title = "t"
severity = "error"
kind = "cause"
stage = "tls"
certainty = "proof"
subject = "link"
ok = 'OK'
message = "m"
why = "w"
[[fix]]
text = "f"
[[test]]
name = "a"
expect = "pass"
[[test]]
name = "b"
expect = "fail"
[[test]]
name = "c"
expect = "unknown"
"#;

fn lint(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tls")).unwrap();
    std::fs::write(folder.path().join("tls/x.toml"), text).unwrap();
    let set = CheckSet::folder(folder.path()).unwrap();
    let show =
        |problem: Problem| format!("{}:{}: {}", problem.line, problem.column, problem.message);
    set.lint().into_iter().map(show).collect()
}

fn lint_ok(ok: &str) -> Vec<String> {
    lint(&GOOD.replace("OK", ok))
}

#[test]
fn a_good_check_has_no_problem() {
    for ok in [
        "link.model == \"api-key\" && remote.version.atLeast(\"8.14.0\")",
        "endpoints.all(e, e.attempts.exists(a, a.tls.chain[0].names(e.host)))",
        "link.settings.mode == null || has(link.settings.skip_unavailable)",
        "remote.api_keys[link.credential.id].search.exists(p, p == \"*\")",
        "local.nodes.all(n, \"x\" in local.nodes[n].roles)",
        "link.errors.filter(e, e.type != \"\").all(e, e.reason.size() > 0)",
        "remote.license.type in [\"trial\"] ? true : local.features_used.size() == 0",
    ] {
        assert_eq!(lint_ok(ok), Vec::<String>::new(), "{ok}");
    }
}

#[test]
fn typos_are_found_with_their_place() {
    for (ok, problem) in [
        (
            "link.alias.capture(\"[[]\") == null",
            "\"[[]\" is no regular expression",
        ),
        (
            "link.modle == \"x\"",
            "8:11: the evidence has no link.modle (did you mean `model`?)",
        ),
        (
            "lnk.model == \"x\"",
            "nothing is called lnk (did you mean `link`?)",
        ),
        ("cluster.name == \"x\"", "nothing is called cluster"),
        (
            "link.alias.lowr() == \"x\"",
            "there is no function lowr (did you mean `lower`?)",
        ),
        (
            "endpoints.all(e, e.hots == \"x\")",
            "the evidence has no endpoints[].hots",
        ),
        (
            "endpoints.filter(e, true)[0].hots == \"x\"",
            "the evidence has no endpoints[].hots",
        ),
        (
            "link.seeds.first == \"x\"",
            "link.seeds is a list and has no first",
        ),
        ("has(link.inf)", "the evidence has no link.inf"),
        ("link.model == ", "8:"),
        ("link.?model == \"x\"", "unsupported syntax"),
    ] {
        let found = lint_ok(ok);
        assert!(
            found.iter().any(|found| found.contains(problem)),
            "{ok}: {found:?}"
        );
    }
    let template = lint(
        &GOOD
            .replace("\"m\"", "\"of {link.alais} there\"")
            .replace("OK", "true"),
    );
    assert_eq!(
        template,
        ["9:20: the evidence has no link.alais (did you mean `alias`?)"]
    );
}

#[test]
fn files_that_are_no_checks_say_what_is_wrong() {
    let good = GOOD.replace("OK", "true");
    for (from, to, problem) in [
        ("why =", "wyh =", "10:1: unknown field `wyh`"),
        ("\"proof\"", "\"prof\"", "(did you mean `proof`?)"),
        ("title = \"t\"", "", "missing field `title`"),
        (
            "subject = \"link\"",
            "subject = \"link\"\nsubject = \"link\"",
            "duplicate key",
        ),
        (
            "text = \"f\"",
            "text = \"f\"\nfor = [\"eckk\"]",
            "(did you mean `eck`?)",
        ),
    ] {
        let found = lint(&good.replace(from, to));
        assert!(
            found.iter().any(|found| found.contains(problem)),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn what_a_check_lacks_is_said() {
    let good = GOOD.replace("OK", "true");
    for (from, to, problem) in [
        ("[[fix]]\ntext = \"f\"", "", "there is no [[fix]]"),
        (
            "expect = \"fail\"",
            "expect = \"skip\"",
            "no [[test]] expects \"fail\"",
        ),
        ("name = \"b\"", "name = \"a\"", "two tests are called \"a\""),
        (
            "name = \"b\"",
            "name = \"b\"\ngiven = '{\"lnk\":1}'",
            "lnk is no variable",
        ),
        (
            "ok =",
            "consequence_of = [\"tls/y\"]\nok =",
            "no check of kind cause has the code tls/y",
        ),
        (
            "ok =",
            "consequence_of = [\"tls/x\"]\nok =",
            "is itself a consequence",
        ),
        (
            "ok =",
            "aliases = [\"tls/x\"]\nok =",
            "is that of tls/x too",
        ),
    ] {
        let found = lint(&good.replace(from, to));
        assert!(
            found.iter().any(|found| found.contains(problem)),
            "{to}: {found:?}"
        );
    }
}
