//! Strong identity (9.3 and later): keys that are bound to the certificate with which the local cluster signs.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    cases,
    certificates::Signing,
    pair::{ALIAS, Pair, search_logs},
    peers::closed_port,
    tool::{self, Ask, Given},
};

/// How signing is set up, and what must be said.
struct Row {
    name: &'static str,
    /// The key's pattern, if it has one.
    bound_to: Option<&'static str>,
    signs: bool,
    trusted: bool,
    /// False for an address at which nothing listens.
    reachable: bool,
    cause: Option<&'static str>,
    /// What the message of the cause says.
    says: &'static str,
}

const HEALTHY: Row = Row {
    name: "signed, trusted, bound to the name",
    bound_to: Some("CN=local-a,OU=a.b,O=Org,C=NL"),
    signs: true,
    trusted: true,
    reachable: true,
    cause: None,
    says: "",
};

const ROWS: [Row; 8] = [
    HEALTHY,
    Row {
        name: "signed, trusted, not bound",
        bound_to: None,
        ..HEALTHY
    },
    Row {
        name: "bound, and nothing is signed",
        signs: false,
        cause: Some("keys/needs-identity"),
        says: "sign nothing",
        ..HEALTHY
    },
    Row {
        name: "bound to the beginning of the name",
        bound_to: Some("CN=local-a"),
        cause: Some("keys/identity-mismatch"),
        says: "is left over",
        ..HEALTHY
    },
    Row {
        name: "bound to the name in another form",
        bound_to: Some("CN=local-a, OU=a.b, O=Org, C=NL"),
        cause: Some("keys/identity-mismatch"),
        says: "without blanks",
        ..HEALTHY
    },
    Row {
        name: "bound, signed, and not trusted",
        trusted: false,
        cause: Some("keys/signature-not-trusted"),
        says: "CN=local-a",
        ..HEALTHY
    },
    Row {
        name: "not bound, signed, and not trusted",
        bound_to: None,
        trusted: false,
        cause: Some("keys/signature-not-trusted"),
        says: "CN=local-a",
        ..HEALTHY
    },
    Row {
        name: "as it should be, but nothing listens",
        reachable: false,
        cause: Some("connection/refused"),
        says: "refuse",
        ..HEALTHY
    },
];

/// Every row, on versions that know of it.
pub(crate) fn every_fault(pair: &mut Pair) -> Result<()> {
    if !knows(pair)? {
        return Ok(());
    }
    let signing = Signing::new()?;
    pair.a.write_config("signing.crt", &signing.certificate)?;
    pair.a.write_config("signing.key", &signing.key)?;
    pair.b.write_config("signing-ca.crt", &signing.authority)?;
    let mut complaints = Vec::new();
    for row in &ROWS {
        if let Err(error) = examine(pair, row) {
            complaints.push(format!("{}: {error:#}", row.name));
        }
    }
    set(&pair.b.url(), &json!({ "cluster.remote.signing.*": null }))?;
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

fn knows(pair: &Pair) -> Result<bool> {
    let (_, root) = pair.a.get("/")?;
    let version = root["version"]["number"].as_str().context("no version")?;
    let line: Vec<u32> = version
        .split('.')
        .filter_map(|it| it.parse().ok())
        .collect();
    Ok(line >= vec![9, 3])
}

fn examine(pair: &mut Pair, row: &Row) -> Result<()> {
    pair.reset()?;
    let trust = row.trusted.then_some("signing-ca.crt");
    set(
        &pair.b.url(),
        &json!({ "cluster.remote.signing.certificate_authorities": trust }),
    )?;
    let mut body = search_logs();
    if let Some(pattern) = row.bound_to {
        body["certificate_identity"] = json!(pattern);
    }
    let key = pair.create_key(&body)?;
    pair.use_credential(key.encoded.as_bytes())?;
    let (certificate, private) = (
        row.signs.then_some("signing.crt"),
        row.signs.then_some("signing.key"),
    );
    let prefix = format!("cluster.remote.{ALIAS}.signing");
    set(
        &pair.a.url(),
        &json!({ format!("{prefix}.certificate"): certificate, format!("{prefix}.key"): private }),
    )?;
    if !row.reachable {
        let address = format!("localhost:{}", closed_port()?);
        pair.connect(&json!({ "proxy_address": address }))?;
    }
    ask(pair, row, Given::LocalOnly, &key.encoded).context("locally")?;
    let report = ask(pair, row, Given::Everything, &key.encoded)?;
    if row.cause == Some("keys/identity-mismatch") {
        heal(pair, &report).context("the fix")?;
        ask(pair, &HEALTHY, Given::Everything, &key.encoded).context("after the fix")?;
    }
    cases::invalidate(pair, &key)
}

fn ask(pair: &Pair, row: &Row, given: Given, credential: &str) -> Result<Value> {
    let ask = Ask::of(pair).credential(credential.as_bytes());
    let folder = pair.folder.join("identity");
    let arguments = ask.arguments(given, pair.authority_pem(), &folder)?;
    let report = tool::run(&arguments)?;
    tool::keep(&report, &format!("identity {} {given:?}", row.name))?;
    let from_one_side = given == Given::LocalOnly;
    let Some(cause) = row.cause else {
        tool::must_be_healthy(&report, from_one_side)?;
        return Ok(report);
    };
    tool::must_blame(&report, &[cause], false)?;
    let findings = report["findings"].as_array().context("no findings")?;
    let finding = findings.iter().find(|it| it["code"] == cause);
    match finding
        .and_then(|it| it["message"].as_str())
        .map(str::to_owned)
    {
        Some(message) if message.contains(row.says) => Ok(report),
        other => bail!("{other:?} does not say {:?}", row.says),
    }
}

/// Does on b what the first fix of the root cause says.
fn heal(pair: &Pair, report: &Value) -> Result<()> {
    let cause = &report["links"][0]["root_cause"];
    let findings = report["findings"].as_array().context("no findings")?;
    let finding = findings.iter().find(|it| it["code"] == *cause);
    let command = finding.and_then(|it| it["fixes"][0]["commands"][0].as_str());
    let command = command.context("no command")?;
    let mut words = command.splitn(3, ' ');
    let (Some(method), Some(path), Some(body)) = (words.next(), words.next(), words.next()) else {
        bail!("{command}");
    };
    let body = serde_json::from_str(body).context(command.to_owned())?;
    pair.b.must(method, path, Some(&body)).map(drop)
}

fn set(url: &str, settings: &Value) -> Result<()> {
    let body = json!({ "persistent": settings });
    let (status, answer) =
        crate::node::request(url, "elastic", "PUT", "/_cluster/settings", Some(&body))?;
    ensure!(status == 200, "{settings}: {answer}");
    // Nothing tells when trust is in use.
    std::thread::sleep(std::time::Duration::from_millis(500));
    Ok(())
}
