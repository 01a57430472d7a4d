//! Every message of Elasticsearch that is known leads, pasted, to its row of the failure catalogue.
//!
//! The messages in `tests/messages/` are those that the failure catalogue quotes, and those that real
//! nodes of 8.14.1, 8.16.3 and 9.4.3 wrote.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crosscheck::check::{CheckSet, Meaning};

/// How many answers a reader looks at.
const FIRST: usize = 4;

static CHECKS: LazyLock<CheckSet> = LazyLock::new(CheckSet::embedded);

fn messages() -> Vec<(String, String)> {
    let files = [
        include_str!("messages/catalogue.toml"),
        include_str!("messages/lab-api.toml"),
        include_str!("messages/lab-net.toml"),
    ];
    let mut all = Vec::new();
    for file in files {
        let rows: BTreeMap<String, Vec<String>> =
            toml::from_str(file).expect("rows with their messages");
        for (row, texts) in rows {
            all.extend(texts.into_iter().map(|text| (row.clone(), text)));
        }
    }
    all
}

/// Whether the first answers name the row; else what they are.
fn leads_to(row: &str, text: &str) -> Result<(), String> {
    let meanings = CHECKS.explain_text(text);
    let first = &meanings[..meanings.len().min(FIRST)];
    if first.iter().any(|it| it.covers.iter().any(|it| it == row)) {
        return Ok(());
    }
    let codes: Vec<&str> = first.iter().map(code).collect();
    Err(format!("{row}: {text}\n    leads to {codes:?}"))
}

fn code(meaning: &Meaning) -> &str {
    &meaning.explanation.code
}

fn all_lead(form: impl Fn(&str) -> String) {
    let wrong: Vec<String> = messages()
        .into_iter()
        .filter_map(|(row, text)| leads_to(&row, &form(&text)).err())
        .collect();
    assert!(
        wrong.is_empty(),
        "{} messages:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn as_they_are_quoted() {
    all_lead(str::to_owned);
}

#[test]
fn in_a_plain_log() {
    all_lead(|text| {
        format!("[2026-11-25T00:04:56,020][WARN ][o.e.t.ProxyConnectionStrategy] [a-node] {text}")
    });
}

#[test]
fn in_a_json_log_of_a_container() {
    all_lead(|text| {
        let line = serde_json::json!({"@timestamp": "2026-11-25T00:04:56.020Z", "message": text});
        serde_json::json!({"log": format!("{line}\n"), "stream": "stdout"}).to_string()
    });
}

#[test]
fn wrapped_and_quoted_in_a_mail() {
    all_lead(|text| format!("> {}", textwrap::fill(text, 30).replace('\n', "\n> ")));
}

#[test]
fn with_other_names_and_ids() {
    all_lead(|text| {
        let others = [
            ("[bee]", "[my_Remote-2]"),
            ("[A]", "[my_Remote-2]"),
            ("KR9SCqIBrM0sh3NpDLnA", "q_9-CqIBrM0sh3NpDxyz"),
            ("[ID]", "[q_9-CqIBrM0sh3NpDxyz]"),
            ("127.0.0.1:9443", "[2001:db8::1]:19443"),
            ("localhost", "b-7.example.org"),
        ];
        others
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    });
}
