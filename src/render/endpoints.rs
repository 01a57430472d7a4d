//! What was seen at each endpoint, for `probe`: one readable page from its name to the handshake.

use super::sheet::{BAD, CARE, GOOD, Sheet};
use super::word;
use crate::evidence::{
    Attempt, Certificate, Endpoint, Evidence, Fact, HttpAnswer, Plaintext, PortKind, Resolution,
    TcpOutcome, Tls, TlsOutcome, Transport, TransportOutcome, TrustOutcome,
};

/// Writes every endpoint of the document.
pub(super) fn write(evidence: &Evidence, sheet: &mut Sheet) {
    for (key, endpoint) in &evidence.endpoints {
        sheet.blank();
        sheet.label("At");
        sheet.text(key);
        names(endpoint, sheet);
        let Some(attempts) = endpoint.attempts.known() else {
            sheet.marked("?", CARE, "its addresses were not tried");
            continue;
        };
        for it in attempts {
            sheet.blank();
            sheet.text(&it.address);
            attempt(it, sheet);
        }
    }
}

fn names(endpoint: &Endpoint, sheet: &mut Sheet) {
    let sent = match &endpoint.server_name {
        Some(name) => format!("server name sent: {name}"),
        None => "no server name was sent".to_owned(),
    };
    sheet.note(&sent);
    for (who, resolution) in [
        ("DNS", &endpoint.dns),
        ("this host", &endpoint.host_resolution),
    ] {
        if let Some(resolution) = resolution.known() {
            sheet.note(&format!("{who}: {}", answer(resolution)));
        }
    }
}

fn answer(resolution: &Resolution) -> String {
    if !resolution.addresses.is_empty() {
        return resolution.addresses.join(", ");
    }
    let outcome = word(&resolution.outcome);
    match &resolution.detail {
        Some(detail) => format!("{detail} ({outcome})"),
        None => outcome,
    }
}

fn attempt(attempt: &Attempt, sheet: &mut Sheet) {
    let tcp = &attempt.tcp;
    if tcp.outcome == TcpOutcome::Connected {
        sheet.marked(
            "✔",
            GOOD,
            &format!("TCP connected in {:.1} ms", tcp.took_ms),
        );
    } else {
        let detail = tcp.detail.as_deref().unwrap_or("");
        sheet.marked("✘", BAD, &format!("TCP {}: {detail}", word(&tcp.outcome)));
    }
    if let Some(it) = attempt.tls.known() {
        tls(it, sheet);
    }
    if let Some(trust) = attempt.trust.known() {
        match (&trust.outcome, &trust.missing_subject) {
            (TrustOutcome::Trusted, _) => {
                sheet.marked("✔", GOOD, "the chain leads to a trusted certificate");
            }
            (outcome, missing) => {
                let missing = missing.as_deref().unwrap_or("its issuer");
                let text = format!("not trusted ({}): {missing}", word(outcome));
                sheet.marked("✘", BAD, &text);
            }
        }
    }
    if let Some(it) = attempt.transport.known() {
        transport(it, sheet);
    }
    super::authentication::write(attempt, sheet);
    if let Some(it) = attempt.http.known() {
        http("inside TLS", it, sheet);
    }
    if let Some(it) = attempt.plaintext.known() {
        plaintext(it, sheet);
    }
}

fn tls(tls: &Tls, sheet: &mut Sheet) {
    let known = |fact: &Fact<String>| fact.known().cloned().unwrap_or_default();
    if tls.outcome == TlsOutcome::Completed {
        let text = format!("{} {}", known(&tls.protocol), known(&tls.cipher_suite));
        sheet.marked("✔", GOOD, text.trim());
    } else {
        let detail = tls.detail.as_deref().unwrap_or("");
        sheet.marked("✘", BAD, &format!("TLS {}: {detail}", word(&tls.outcome)));
    }
    if let Some(alert) = &tls.alert {
        sheet.indented(
            &format!("alert from the peer: {alert}"),
            2,
            super::sheet::DIM,
        );
    }
    if tls.client_certificate_requested.known() == Some(&true) {
        sheet.indented("it asks for a client certificate", 2, anstyle::Style::new());
    }
    for (index, it) in tls.chain.known().into_iter().flatten().enumerate() {
        certificate(index, it, sheet);
    }
    if let Some(Some(error)) = tls.webpki_error.known() {
        let text = format!("this machine would not trust it: {error}");
        sheet.marked("!", CARE, &text);
    }
}

fn certificate(index: usize, certificate: &Certificate, sheet: &mut Sheet) {
    let plain = anstyle::Style::new();
    sheet.indented(&format!("{index}: {}", certificate.subject), 2, plain);
    if certificate.self_signed {
        sheet.indented("self-signed", 5, plain);
    } else {
        sheet.indented(&format!("issued by {}", certificate.issuer), 5, plain);
    }
    sheet.indented(
        &format!(
            "valid {} to {}, {}",
            certificate.not_before.strftime("%F %R UTC"),
            certificate.not_after.strftime("%F %R UTC"),
            certificate.key
        ),
        5,
        plain,
    );
    let names: Vec<&str> = certificate
        .dns_names
        .iter()
        .chain(&certificate.ip_addresses)
        .map(String::as_str)
        .collect();
    if !names.is_empty() {
        sheet.indented(&format!("for {}", names.join(", ")), 5, plain);
    }
}

fn transport(transport: &Transport, sheet: &mut Sheet) {
    if transport.outcome == TransportOutcome::Answered {
        let version = transport
            .release
            .known()
            .or(transport.version_line.known())
            .map_or_else(String::new, |it| format!(" {it}"));
        let port = match transport.port_kind.known() {
            Some(PortKind::RemoteClusterServer) => ", remote cluster server (API-key model)",
            Some(PortKind::Transport) => ", transport port (certificate model)",
            None => "",
        };
        sheet.marked("✔", GOOD, &format!("Elasticsearch{version} answers{port}"));
    } else {
        let detail = transport.detail.as_deref().unwrap_or("");
        let text = format!(
            "Elasticsearch's handshake was not answered ({}): {detail}",
            word(&transport.outcome)
        );
        sheet.marked("✘", BAD, text.trim_end_matches([' ', ':']));
        if transport.port_kind.known() == Some(&PortKind::Transport) {
            sheet.indented("it behaves like a transport port", 2, anstyle::Style::new());
        }
    }
}

fn http(place: &str, answer: &HttpAnswer, sheet: &mut Sheet) {
    let who = match (&answer.server, answer.elasticsearch) {
        (_, true) => "Elasticsearch's HTTP API".to_owned(),
        (Some(server), false) => server.clone(),
        (None, false) => "an HTTP server".to_owned(),
    };
    let text = format!("{who} answers {place} with status {}", answer.status);
    sheet.marked("!", CARE, &text);
}

fn plaintext(plaintext: &Plaintext, sheet: &mut Sheet) {
    let mut text = format!("without TLS: {}", word(&plaintext.outcome));
    if let Some(banner) = &plaintext.banner {
        text = format!("{text}, \"{banner}\"");
    }
    sheet.marked("!", CARE, &text);
    if let Some(it) = plaintext.transport.known() {
        transport(it, sheet);
    }
    if let Some(it) = plaintext.http.known() {
        http("without TLS", it, sheet);
    }
}
