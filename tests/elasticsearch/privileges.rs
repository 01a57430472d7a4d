//! The least roles: made exactly as `crosscheck privileges` prints them, they show what a superuser sees; and none of
//! their privileges can be left out.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    keystore::Entries,
    node::{Node, PASSWORD},
    pair::{ALIAS, Pair, search_logs},
    tool::{self, Ask, Given},
};

/// Role and user for whoever diagnoses.
const LEAST: &str = "least";

/// What only a full distribution answers: the nodes of these tests have no replication, so that nothing is lost
/// without it. That the privilege grants the action, and `monitor` does not, is asked of the nodes instead.
const NOT_HERE: &str = "cluster:admin/xpack/ccr/auto_follow_pattern/get";

pub(crate) fn with_api_keys(pair: &mut Pair) -> Result<()> {
    pair.reset()?;
    let printed = printed(pair, &[])?;
    examine(pair, &printed, Ask::of)?;
    as_api_key(pair, &printed)?;
    read_auto_follow(&pair.a)?;
    search(pair, &printed)?;

    // The same on a link that is broken, where other questions count.
    let mut body = search_logs();
    body["expiration"] = json!("1s");
    let expired = pair.create_key(&body)?;
    pair.use_credential(expired.encoded.as_bytes())?;
    std::thread::sleep(std::time::Duration::from_millis(1500));
    grant(pair, &printed.local, &printed.remote)?;
    let ask = |pair: &Pair| Ask::of(pair).credential(expired.encoded.as_bytes());
    alike(
        &seen(pair, &ask(pair))?,
        &seen(pair, &ask(pair).both_users(LEAST))?,
    )
    .context("with an expired key")
}

pub(crate) fn with_certificates(pair: &mut Pair) -> Result<()> {
    pair.reset()?;
    pair.clear_remotes()?;
    pair.store_all(Entries::new())?;
    pair.reload()?;
    let address = format!("localhost:{}", pair.b.transport);
    pair.connect(&json!({ "proxy_address": address }))?;
    pair.until_connected(ALIAS)?;
    let printed = printed(pair, &["--model", "certificate"])?;
    examine(pair, &printed, |pair| Ask::of(pair).without_credential())
}

/// The roles for whoever diagnoses, and that for whoever searches.
struct Printed {
    local: Value,
    remote: Value,
    search: Value,
}

fn printed(pair: &Pair, more: &[&str]) -> Result<Printed> {
    let (_, root) = pair.a.get("/")?;
    let version = root["version"]["number"].as_str().context("no version")?;
    let mut arguments = vec!["privileges", ALIAS, "--index", "logs", "--use", "search"];
    arguments.extend(["--local-version", version]);
    arguments.extend(more);
    let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    let answer = tool::run(&arguments)?;
    let body = |part: &str, on: &str| {
        let grants = answer["grants"].as_array().into_iter().flatten();
        let mut grants = grants.filter(|it| it["part"] == part && it["on"] == on);
        let grant = grants.next();
        grant
            .map(|it| it["request"]["body"].clone())
            .with_context(|| format!("no grant for {part} on {on} in {answer}"))
    };
    Ok(Printed {
        local: body("diagnosis", "local")?,
        remote: body("diagnosis", "remote")?,
        search: body("search", "local")?,
    })
}

/// What is seen as superuser is seen with the roles too, and less of it without any one privilege.
fn examine(pair: &Pair, printed: &Printed, ask: fn(&Pair) -> Ask) -> Result<()> {
    let Printed { local, remote, .. } = printed;
    grant(pair, local, remote)?;
    let all = seen(pair, &ask(pair))?;
    let least = seen(pair, &ask(pair).both_users(LEAST))?;
    alike(&all, &least)?;
    let mut complaints = Vec::new();
    for (on, role) in [("local", local), ("remote", remote)] {
        for (privilege, role) in without_each(role) {
            if privilege == NOT_HERE {
                continue;
            }
            match on {
                "local" => grant(pair, &role, remote)?,
                _ => grant(pair, local, &role)?,
            }
            if seen(pair, &ask(pair).both_users(LEAST))? == least {
                complaints.push(format!("{privilege} on the {on} cluster costs nothing"));
            }
        }
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

fn grant(pair: &Pair, local: &Value, remote: &Value) -> Result<()> {
    for (node, role) in [(&pair.a, local), (&pair.b, remote)] {
        let (name, user) = (LEAST, json!({ "password": PASSWORD, "roles": [LEAST] }));
        node.must("PUT", &format!("/_security/role/{name}"), Some(role))?;
        node.must("PUT", &format!("/_security/user/{name}"), Some(&user))?;
    }
    Ok(())
}

/// A role without each of its privileges, by the name of that one.
fn without_each(role: &Value) -> Vec<(String, Value)> {
    let mut lists = vec!["/cluster".to_owned()];
    for field in ["indices", "remote_indices", "remote_cluster"] {
        lists.push(format!("/{field}/0/privileges"));
    }
    let mut found = Vec::new();
    for list in lists {
        let privileges = role.pointer(&list).and_then(Value::as_array);
        for (index, privilege) in privileges.into_iter().flatten().enumerate() {
            let mut less = role.clone();
            let left = less.pointer_mut(&list).and_then(Value::as_array_mut);
            if let Some(left) = left {
                left.remove(index);
                if left.is_empty() {
                    let field = list.split('/').nth(1).unwrap_or_default();
                    less.as_object_mut().map(|it| it.remove(field));
                }
            }
            found.push((privilege.as_str().unwrap_or_default().to_owned(), less));
        }
    }
    found
}

/// Outcome of every check, and every gap.
#[derive(Debug, PartialEq)]
struct Seen {
    outcomes: BTreeMap<String, String>,
    gaps: Vec<String>,
}

fn seen(pair: &Pair, ask: &Ask) -> Result<Seen> {
    let folder = pair.folder.join("least");
    let arguments = ask.arguments(Given::Everything, pair.authority_pem(), &folder)?;
    seen_by(&arguments)
}

fn seen_by(arguments: &[String]) -> Result<Seen> {
    let report = tool::run(arguments)?;
    let findings = report["findings"].as_array().context("no findings")?;
    let outcome = |it: &Value| {
        let key = format!("{} of {}", it["code"], it["subject"]);
        (key, format!("{} {}", it["outcome"], it["missing"]))
    };
    let gaps = report["gaps"].as_array().context("no gaps")?;
    Ok(Seen {
        outcomes: findings.iter().map(outcome).collect(),
        gaps: gaps.iter().map(|it| it["path"].to_string()).collect(),
    })
}

fn alike(all: &Seen, least: &Seen) -> Result<()> {
    // How long something took is another matter each time.
    let outcomes = all
        .outcomes
        .iter()
        .filter(|(check, _)| !check.contains("connection/slow"));
    let differing = outcomes.filter_map(|(check, outcome)| {
        let other = least.outcomes.get(check);
        (other != Some(outcome)).then(|| format!("{check}: {outcome}, but {other:?}"))
    });
    let mut complaints: Vec<String> = differing.collect();
    let gaps = least.gaps.iter().filter(|it| !all.gaps.contains(it));
    complaints.extend(gaps.map(|it| format!("a gap more: {it}")));
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// API keys with the roles see the same.
fn as_api_key(pair: &Pair, printed: &Printed) -> Result<()> {
    let all = seen(pair, &Ask::of(pair))?;
    let folder = pair.folder.join("least");
    let mut arguments =
        Ask::of(pair).arguments(Given::Everything, pair.authority_pem(), &folder)?;
    for (node, side, role) in [
        (&pair.a, "local", &printed.local),
        (&pair.b, "remote", &printed.remote),
    ] {
        let body = json!({ "name": LEAST, "role_descriptors": { LEAST: role } });
        let key = crate::pair::create_key(node, &body)?;
        let file = folder.join(format!("{side}-key"));
        std::fs::write(&file, key.encoded)?;
        for option in ["user", "password-file"] {
            let option = format!("--{side}-{option}");
            let at = arguments.iter().position(|it| *it == option);
            let at = at.context("no login")?;
            arguments.drain(at..at + 2);
        }
        arguments.push(format!("--{side}-api-key-file"));
        arguments.push(file.display().to_string());
    }
    alike(&all, &seen_by(&arguments)?).context("as an API key")
}

/// The names of actions grant what `monitor` does not.
fn read_auto_follow(node: &Node) -> Result<()> {
    for (privilege, expected) in [("monitor", false), ("read_ccr", false), (NOT_HERE, true)] {
        let role = json!({ "cluster": [privilege] });
        node.must("PUT", "/_security/role/auto", Some(&role))?;
        let user = json!({ "password": PASSWORD, "roles": ["auto"] });
        node.must("PUT", "/_security/user/auto", Some(&user))?;
        let question = json!({ "cluster": [NOT_HERE] });
        let path = "/_security/user/_has_privileges";
        let (_, answer) = crate::node::request(&node.url(), "auto", "POST", path, Some(&question))?;
        ensure!(
            answer["cluster"][NOT_HERE] == expected,
            "{privilege}: {answer}"
        );
    }
    Ok(())
}

/// Whoever searches may do so in every way. On 8.14.1 `read` alone is refused where roundtrips are not minimized.
fn search(pair: &Pair, printed: &Printed) -> Result<()> {
    pair.a
        .must("PUT", "/_security/role/searcher", Some(&printed.search))?;
    let user = json!({ "password": PASSWORD, "roles": ["searcher"] });
    pair.a
        .must("PUT", "/_security/user/searcher", Some(&user))?;
    for (method, path) in [
        ("GET", "/bee:logs/_search?size=0"),
        (
            "GET",
            "/bee:logs/_search?size=0&ccs_minimize_roundtrips=false",
        ),
        ("GET", "/bee:logs/_search?size=1&scroll=1m"),
        ("GET", "/bee:logs/_field_caps?fields=*"),
        ("POST", "/bee:logs/_pit?keep_alive=1m"),
    ] {
        let (status, answer) = crate::node::request(&pair.a.url(), "searcher", method, path, None)?;
        let skipped = answer["_clusters"]["skipped"].as_u64().unwrap_or(0);
        ensure!(status == 200 && skipped == 0, "{path} {status} {answer}");
    }
    Ok(())
}
