//! Every message of Elasticsearch that is known leads, pasted, to its row of the failure catalogue.
//!
//! The messages in `tests/messages/` are those that the failure catalogue quotes, and those that real
//! nodes of 8.14.1, 8.16.3 and 9.4.3 wrote.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crosscheck::archive::log::scan;
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

#[test]
fn below_what_it_caused() {
    all_lead(|text| {
        format!(
            "org.elasticsearch.ElasticsearchException: a request failed\n\tat org.elasticsearch.server@9.4.3/\
             org.elasticsearch.action.Action.run(Action.java:42)\nCaused by: {text}\n\t... 12 more"
        )
    });
}

#[test]
fn in_an_answer_that_kibana_shows() {
    all_lead(|text| {
        let answer =
            serde_json::json!({"error": {"root_cause": [], "type": "exception", "reason": text}});
        let toast = serde_json::json!({"statusCode": 500, "error": "Internal Server Error",
            "message": answer.to_string()});
        serde_json::to_string_pretty(&toast).expect("JSON")
    });
}

/// What is cut off says less, but it never leads nobody or astray: to its row, or to that of another
/// text that begins in the same way.
#[test]
fn cut_off_at_the_edge_of_a_terminal() {
    for columns in [80, 120] {
        let (mut lead, mut all) = (0, 0);
        for (row, text) in messages() {
            let cut: String = text.chars().take(columns).collect();
            if cut.len() == text.len() {
                continue;
            }
            all += 1;
            match leads_to(&row, &cut) {
                Ok(()) => lead += 1,
                Err(why) => eprintln!("{columns} columns: {why}"),
            }
        }
        assert!(
            lead * 20 >= all * 17,
            "{lead} of {all} at {columns} columns"
        );
    }
}

/// What real nodes of 8.14.1 and 9.4.3 write while nothing is wrong with their remotes.
#[test]
fn logs_of_healthy_nodes_say_nothing() {
    let log = include_str!("messages/healthy.log");
    let scan = scan(log.as_bytes(), "healthy.log", &CHECKS.signatures());
    assert!(scan.sightings.is_empty(), "{:?}", scan.sightings);
    for line in log.lines() {
        let found = CHECKS.explain_text(line);
        let codes: Vec<&str> = found.iter().map(code).collect();
        assert!(codes.is_empty(), "{line}\n    leads to {codes:?}");
    }
}
