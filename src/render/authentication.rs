//! How the API key was taken, for `probe`.

use super::sheet::{BAD, CARE, DIM, GOOD, Sheet};
use super::word;
use crate::evidence::{
    AcceptedKey, Attempt, Authentication, AuthenticationOutcome, PublishedNode, Withheld,
};

/// Writes what became of the key at one address, where it was to be tried.
pub(super) fn write(attempt: &Attempt, sheet: &mut Sheet) {
    if let Some(answer) = attempt.authentication.known() {
        authentication(answer, sheet);
    }
    if let Some(reason) = attempt.key_withheld {
        sheet.marked(
            "?",
            CARE,
            &format!("the key was not sent: {}", words(reason)),
        );
    }
}

fn authentication(answer: &Authentication, sheet: &mut Sheet) {
    if answer.outcome == AuthenticationOutcome::Accepted {
        let cluster = answer.cluster_name.known().map(String::as_str);
        let by = cluster.map_or_else(String::new, |it| format!(" by {it}"));
        let text = format!("the key {} is accepted{by}", answer.key_id);
        sheet.marked("✔", GOOD, &text);
        if let Some(key) = answer.key.known() {
            scope(key, sheet);
        }
        if let Some(nodes) = answer.nodes.known() {
            published(nodes, sheet);
        }
    } else {
        let detail = answer.detail.as_deref().unwrap_or("no reason was given");
        let text = format!(
            "the key {} is refused ({}): {detail}",
            answer.key_id,
            word(&answer.outcome)
        );
        sheet.marked("✘", BAD, &text);
    }
    if !answer.peer_verified {
        let text = "nobody verified the certificate before the key was sent (no --server-ca)";
        sheet.marked("!", CARE, text);
    }
}

fn scope(key: &AcceptedKey, sheet: &mut Sheet) {
    let name = key.name.as_deref().unwrap_or("without a name");
    sheet.indented(&format!("{name}, made by {}", key.owner), 2, DIM);
    let list = |patterns: &[String]| match patterns {
        [] => "nothing".to_owned(),
        some => some.join(", "),
    };
    let narrowed = if key.document_or_field_security {
        " (some documents or fields only)"
    } else {
        ""
    };
    let text = format!("may search {}{narrowed}", list(&key.search));
    sheet.indented(&text, 2, anstyle::Style::new());
    let text = format!("may replicate {}", list(&key.replication));
    sheet.indented(&text, 2, anstyle::Style::new());
}

/// Some of the nodes: a cluster may have hundreds.
fn published(nodes: &[PublishedNode], sheet: &mut Sheet) {
    const SHOWN: usize = 4;
    let each = nodes.iter().take(SHOWN);
    let each: Vec<_> = each
        .map(|node| format!("{} at {}", node.name, node.address))
        .collect();
    let more = match nodes.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!("remote cluster servers: {}{more}", each.join(", "));
    sheet.indented(&text, 2, DIM);
}

fn words(reason: Withheld) -> &'static str {
    match reason {
        Withheld::KeyNotProven => "the private key of the certificate was not proven",
        Withheld::NotEncoded => "what was given is no encoded key",
        Withheld::OtherCertificate => "a second connection met another certificate",
        Withheld::UntrustedChain => "no CA in --server-ca issued the certificate",
        Withheld::Unverified => "nothing verifies the certificate (no --server-ca)",
        Withheld::WrongName => "the certificate is for other names",
    }
}
