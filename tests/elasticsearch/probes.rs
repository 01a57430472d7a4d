//! One endpoint and a key, with nothing else in hand: what `probe` says of every state that a key can be in.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    cases::{encode, invalidate},
    pair::{Pair, search_logs},
    tool,
};

/// A key and what must be said of it: the outcome of trying it, and the cause that follows; none for a good key.
struct Row {
    name: &'static str,
    credential: String,
    outcome: &'static str,
    cause: Option<&'static str>,
}

/// Asks about every kind of key at b's remote cluster server, and about a good one at b's other ports.
pub(crate) fn every_key(pair: &mut Pair) -> Result<()> {
    let address = pair.address();
    let mut complaints = Vec::new();
    for row in rows(pair)? {
        if let Err(error) = ask(pair, &address, &row) {
            complaints.push(format!("{}: {error:#}", row.name));
        }
    }
    for (name, port) in [
        ("transport port", pair.b.transport),
        ("HTTP port", pair.b.http),
    ] {
        let address = format!("localhost:{port}");
        let (_, answer) = probe(pair, &address, &pair.key.encoded)?;
        if answer.is_some() {
            complaints.push(format!("the key was sent to the {name}"));
        }
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Asks about a good key where the licence of the remote cluster does not permit any.
pub(crate) fn basic_licence(pair: &Pair) -> Result<()> {
    let row = Row {
        name: "licence",
        credential: pair.key.encoded.clone(),
        outcome: "licence",
        cause: Some("licence/remote-insufficient"),
    };
    ask(pair, &pair.address(), &row)
}

fn rows(pair: &Pair) -> Result<Vec<Row>> {
    let invalidated = pair.create_key(&search_logs())?;
    invalidate(pair, &invalidated)?;
    let mut expiring = search_logs();
    expiring["expiration"] = json!("1s");
    let expired = pair.create_key(&expiring)?;
    let rest = pair.create_key(&json!({ "name": "rest" }))?;
    std::thread::sleep(Duration::from_millis(1500));
    let row = |name, credential, outcome, cause| Row {
        name,
        credential,
        outcome,
        cause: Some(cause),
    };
    let (good, id) = (&pair.key.encoded, &pair.key.id);
    let mut rows = vec![
        Row {
            name: "good",
            credential: good.clone(),
            outcome: "accepted",
            cause: None,
        },
        row(
            "unknown id",
            encode("AAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"),
            "unknown-key",
            "keys/unknown-key",
        ),
        row(
            "wrong secret",
            encode(id, "BBBBBBBBBBBBBBBBBBBBBB"),
            "wrong-secret",
            "keys/wrong-secret",
        ),
        row(
            "invalidated",
            invalidated.encoded,
            "invalidated",
            "keys/invalidated",
        ),
        row("expired", expired.encoded, "expired", "keys/expired"),
        row("REST type", rest.encoded, "wrong-type", "keys/wrong-type"),
        row("cut", encode(id, "short"), "malformed", "keys/damaged"),
    ];
    let mut bound = search_logs();
    bound["certificate_identity"] = json!("CN=local-a");
    // Before 9.3 there is no such thing.
    if let Ok(bound) = pair.create_key(&bound) {
        rows.push(Row {
            name: "bound to a certificate",
            credential: bound.encoded,
            outcome: "needs-identity",
            cause: None,
        });
    }
    Ok(rows)
}

fn ask(pair: &Pair, address: &str, row: &Row) -> Result<()> {
    let (report, answer) = probe(pair, address, &row.credential)?;
    tool::keep(&report, &format!("probe {}", row.name))?;
    let answer = answer.context("the key was not tried")?;
    ensure!(
        answer["outcome"] == row.outcome,
        "taken as {}, expected {}: {answer}",
        answer["outcome"],
        row.outcome
    );
    if row.outcome == "accepted" {
        ensure!(answer["cluster_name"] == "b", "{answer}");
        ensure!(answer["key"]["search"] == json!(["logs*"]), "{answer}");
        let published = &answer["nodes"][0]["address"];
        let port = format!(":{}", pair.b.remote);
        ensure!(
            published.as_str().is_some_and(|it| it.ends_with(&port)),
            "{answer}"
        );
    }
    match row.cause {
        Some(cause) => tool::must_blame(&report, &[cause], false),
        None => tool::must_be_healthy(&report, true),
    }
}

/// The report, and how the key was taken, if it was tried.
fn probe(pair: &Pair, address: &str, credential: &str) -> Result<(Value, Option<Value>)> {
    let folder = pair.folder.join("probe");
    fs::create_dir_all(&folder)?;
    let (key, evidence) = (folder.join("key"), folder.join("evidence.json"));
    fs::write(&key, credential)?;
    let arguments = [
        "probe",
        address,
        "--credentials-file",
        &key.display().to_string(),
        "--save-evidence",
        &evidence.display().to_string(),
    ];
    let report = tool::run(&arguments.map(str::to_owned))?;
    let evidence: Value = serde_json::from_slice(&fs::read(&evidence)?)?;
    let mut endpoints = evidence["endpoints"].as_object().into_iter().flatten();
    let answer = endpoints.find_map(|(_, endpoint)| {
        let attempts = endpoint["attempts"].as_array()?;
        attempts
            .iter()
            .find_map(|it| it.get("authentication").cloned())
    });
    Ok((report, answer))
}
