//! The least privileges as Dev Tools take them: requests, and what must be known as comments.

use std::fmt::Write as _;

use serde_json::Value;

use super::text::{Width, ascii, wrap};
use crate::privileges::{Grant, Part, Place, Request};

/// Every grant, in its order.
pub fn privileges(grants: &[Grant], width: Width, in_ascii: bool) -> String {
    let mut text = String::new();
    for (index, grant) in grants.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        write_grant(grant, width, &mut text);
    }
    if in_ascii { ascii(&text) } else { text }
}

fn write_grant(grant: &Grant, width: Width, text: &mut String) {
    comment(&heading(grant), "", width, text);
    for reason in &grant.reasons {
        let line = format!("{}: {}", reason.privilege, reason.needed_for.join("; "));
        comment(&line, "- ", width, text);
    }
    text.push_str(&request(&grant.request));
    for note in &grant.notes {
        comment(note, "", width, text);
    }
}

fn heading(grant: &Grant) -> String {
    let who = match grant.part {
        Part::Diagnosis => "Whoever runs crosscheck",
        Part::Key => "The API key of the link",
        Part::Replication => "Whoever replicates through the link",
        Part::Search => "Whoever searches through the link",
        Part::Esql => "Whoever searches through the link by ES|QL",
    };
    let place = match grant.on {
        Place::ControlPlane => "in the control plane",
        Place::Local => "on the local cluster",
        Place::Remote => "on the remote cluster",
    };
    format!("{who}, {place}")
}

fn comment(note: &str, bullet: &str, width: Width, text: &mut String) {
    let indent = " ".repeat(bullet.len());
    for (index, line) in wrap(note, width.0.saturating_sub(2 + bullet.len()))
        .iter()
        .enumerate()
    {
        let start = if index == 0 { bullet } else { &indent };
        let _ = writeln!(text, "# {start}{line}");
    }
}

/// Method, path and body, each field of the body on a line.
fn request(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, request.path);
    let Value::Object(fields) = &request.body else {
        return text;
    };
    text.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n  {}: {value}", Value::from(name.as_str()));
    }
    text.push_str("\n}\n");
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::privileges::Reason;

    #[test]
    fn what_is_no_request_is_a_comment() {
        let grant = Grant {
            part: Part::Diagnosis,
            on: Place::Local,
            request: Request {
                method: "PUT",
                path: "/_security/role/x".into(),
                body: json!({"cluster": ["monitor"], "indices": [{"names": ["a\u{1b}"]}]}),
            },
            reasons: vec![Reason {
                privilege: "the cluster privilege `monitor`".into(),
                needed_for: vec!["the licence", "the state of the remotes as it was found"],
            }],
            notes: vec!["Give it to a user.".into()],
        };
        assert_eq!(
            privileges(&[grant], Width(60), true),
            "# Whoever runs crosscheck, on the local cluster\n\
             # - the cluster privilege `monitor`: the licence; the state\n\
             #   of the remotes as it was found\n\
             PUT /_security/role/x\n\
             {\n  \"cluster\": [\"monitor\"],\n  \"indices\": [{\"names\":[\"a\\u001b\"]}]\n}\n\
             # Give it to a user.\n"
        );
    }
}
