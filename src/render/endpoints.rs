//! What was seen at each endpoint, for `probe`: one readable page from its name to the handshake.

use jiff::Timestamp;

use super::sheet::{BAD, CARE, GOOD, Sheet};
use super::word;
use crate::evidence::{
    Attempt, Certificate, Endpoint, Evidence, Fact, HttpAnswer, Plaintext, PortKind, Resolution,
    ResolutionOutcome, TcpOutcome, Tls, TlsOutcome, Transport, TransportOutcome, TrustOutcome,
};

/// Most names of a certificate that are shown.
const MOST_NAMES: usize = 12;

/// Writes what was seen at these endpoints.
pub(super) fn write(evidence: &Evidence, keys: &[&String], sheet: &mut Sheet) {
    let known = keys.iter().filter_map(|key| evidence.endpoints.get(*key));
    for endpoint in known {
        sheet.blank();
        sheet.label("At");
        names(endpoint, sheet);
        let Some(attempts) = endpoint.attempts.known() else {
            sheet.marked("?", CARE, "it was not dialled");
            continue;
        };
        for it in attempts {
            if it.address != endpoint.address {
                sheet.blank();
                sheet.text(&it.address);
            }
            attempt(it, evidence.collected_at, sheet);
        }
    }
}

/// What answers there, in a few words: that of the first address that says something.
pub(super) fn listens(endpoint: &Endpoint) -> String {
    let Some(attempts) = endpoint.attempts.known() else {
        return "not dialled".to_owned();
    };
    let Some(first) = attempts.iter().min_by_key(|it| !says_something(it)) else {
        let resolution = endpoint.host_resolution.known();
        return resolution.map_or_else(String::new, |it| word(&it.outcome));
    };
    if first.tcp.outcome != TcpOutcome::Connected {
        return word(&first.tcp.outcome);
    }
    let http = first.http.known();
    let plaintext = first.plaintext.known();
    match (first.transport.known(), http, plaintext) {
        (Some(it), ..) if it.outcome == TransportOutcome::Answered => elasticsearch(it),
        (_, Some(http), _) => server(http),
        (Some(it), ..) if it.port_kind.known() == Some(&PortKind::Transport) => {
            "transport port".to_owned()
        }
        (Some(it), ..) => format!("TLS, then {}", word(&it.outcome)),
        (_, _, Some(it)) => without_tls(it),
        (None, None, None) => match first.tls.known() {
            Some(tls) => format!("TLS {}", word(&tls.outcome)),
            None => "not known".to_owned(),
        },
    }
}

/// Whole days until the presented certificate ends; negative where it has ended.
pub(super) fn days_left(endpoint: &Endpoint, now: Timestamp) -> Option<i64> {
    let attempts = endpoint.attempts.known()?;
    let leaves = attempts
        .iter()
        .filter_map(|it| it.tls.known()?.chain.known()?.first());
    leaves.map(|leaf| days(now, leaf.not_after)).min()
}

fn days(now: Timestamp, end: Timestamp) -> i64 {
    const DAY: i64 = 24 * 60 * 60;
    (end.as_second() - now.as_second()).div_euclid(DAY)
}

fn says_something(attempt: &Attempt) -> bool {
    attempt.tcp.outcome == TcpOutcome::Connected
}

/// The endpoint as it was dialled, and the answers to its name.
fn names(endpoint: &Endpoint, sheet: &mut Sheet) {
    let sent = match &endpoint.server_name {
        Some(name) if *name == endpoint.host => "which is sent as server name".to_owned(),
        Some(name) => format!("server name {name}"),
        None => "without a server name".to_owned(),
    };
    sheet.text(&format!("{}, {sent}", endpoint.address));
    let resolutions = (endpoint.dns.known(), endpoint.host_resolution.known());
    let is_literal = |it: &Resolution| it.outcome == ResolutionOutcome::Literal;
    match resolutions {
        (Some(dns), Some(host)) if is_literal(dns) && is_literal(host) => {}
        (Some(dns), Some(host)) if same_answer(dns, host) => {
            sheet.note(&format!("DNS and this host: {}", answer(dns)));
        }
        (dns, host) => {
            for (who, resolution) in [("DNS", dns), ("this host", host)] {
                if let Some(resolution) = resolution {
                    sheet.note(&format!("{who}: {}", answer(resolution)));
                }
            }
        }
    }
}

fn same_answer(one: &Resolution, other: &Resolution) -> bool {
    let sorted = |it: &Resolution| {
        let mut addresses = it.addresses.clone();
        addresses.sort();
        addresses
    };
    !one.addresses.is_empty() && sorted(one) == sorted(other)
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

fn attempt(attempt: &Attempt, now: Timestamp, sheet: &mut Sheet) {
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
        tls(it, now, sheet);
    }
    trust(attempt, sheet);
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

/// Whether a node would trust the chain, as far as anybody said what nodes trust.
fn trust(attempt: &Attempt, sheet: &mut Sheet) {
    let tls = attempt.tls.known();
    match attempt.trust.known() {
        Some(trust) if trust.outcome == TrustOutcome::Trusted => {
            let by = trust.trusted_subjects.join(", ");
            sheet.marked("✔", GOOD, &format!("it leads to a trusted CA: {by}"));
        }
        Some(trust) => {
            let missing = trust.missing_subject.as_deref().unwrap_or("its issuer");
            let text = format!("not trusted ({}): {missing}", word(&trust.outcome));
            sheet.marked("✘", BAD, &text);
        }
        None if tls.is_some_and(|it| it.publicly_trusted == Fact::Known(true)) => {
            let text = "a public CA issued it; whether the nodes trust that is not known";
            sheet.marked("?", CARE, text);
        }
        None if tls.is_some_and(|it| it.chain.is_known()) => {
            sheet.marked("?", CARE, "whether the nodes trust it is not known");
        }
        None => {}
    }
}

fn tls(tls: &Tls, now: Timestamp, sheet: &mut Sheet) {
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
    let chain = tls.chain.known().map_or(&[][..], Vec::as_slice);
    for (index, it) in chain.iter().enumerate() {
        certificate((chain.len() > 1).then_some(index), it, now, sheet);
    }
    if tls.malformed_certificates > 0 {
        let text = format!("{} certificates cannot be read", tls.malformed_certificates);
        sheet.marked("✘", BAD, &text);
    }
}

/// A certificate; the index tells its place in a chain of several, the leaf first.
fn certificate(index: Option<usize>, certificate: &Certificate, now: Timestamp, sheet: &mut Sheet) {
    let plain = anstyle::Style::new();
    let number = index.map_or_else(String::new, |index| format!("{index}: "));
    let subject = format!("{number}{}, {}", certificate.subject, certificate.key);
    sheet.indented(&subject, 2, plain);
    let further = 2 + number.len();
    let names: Vec<&str> = certificate
        .dns_names
        .iter()
        .chain(&certificate.ip_addresses)
        .take(MOST_NAMES)
        .map(String::as_str)
        .collect();
    let count = certificate.dns_names.len() + certificate.ip_addresses.len();
    let more = match count.saturating_sub(MOST_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !names.is_empty() {
        sheet.indented(&format!("for {}{more}", names.join(", ")), further, plain);
    }
    let (from, to) = (certificate.not_before, certificate.not_after);
    let until = to.strftime("%F %R UTC");
    let validity = if from > now {
        format!(
            "valid from {} to {until}: not yet",
            from.strftime("%F %R UTC")
        )
    } else if to < now {
        format!("was valid until {until}, {} days ago", -days(now, to))
    } else {
        format!("valid until {until}, {} days from now", days(now, to))
    };
    sheet.indented(&validity, further, plain);
    let issuer = if certificate.self_signed {
        "self-signed".to_owned()
    } else {
        format!("issued by {}", certificate.issuer)
    };
    sheet.indented(&issuer, further, plain);
}

fn transport(transport: &Transport, sheet: &mut Sheet) {
    if transport.outcome == TransportOutcome::Answered {
        let model = match transport.port_kind.known() {
            Some(PortKind::RemoteClusterServer) => " (API-key model)",
            Some(PortKind::Transport) => " (certificate model)",
            None => "",
        };
        sheet.marked("✔", GOOD, &format!("{}{model}", elasticsearch(transport)));
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

/// `Elasticsearch 9.4.3, remote cluster server`.
fn elasticsearch(transport: &Transport) -> String {
    let version = transport.release.known().or(transport.version_line.known());
    let version = version.map_or_else(String::new, |it| format!(" {it}"));
    let port = match transport.port_kind.known() {
        Some(PortKind::RemoteClusterServer) => ", remote cluster server",
        Some(PortKind::Transport) => ", transport port",
        None => "",
    };
    format!("Elasticsearch{version}{port}")
}

fn http(place: &str, answer: &HttpAnswer, sheet: &mut Sheet) {
    let text = format!(
        "{} answers {place} with status {}",
        server(answer),
        answer.status
    );
    sheet.marked("!", CARE, &text);
}

fn server(answer: &HttpAnswer) -> String {
    match (&answer.server, answer.elasticsearch) {
        (_, true) => "Elasticsearch's HTTP API".to_owned(),
        (Some(server), false) => server.clone(),
        (None, false) => "an HTTP server".to_owned(),
    }
}

fn without_tls(plaintext: &Plaintext) -> String {
    match (plaintext.transport.known(), plaintext.http.known()) {
        (Some(it), _) => format!("{}, without TLS", elasticsearch(it)),
        (None, Some(it)) => format!("{}, without TLS", server(it)),
        (None, None) => match &plaintext.banner {
            Some(banner) => format!("\"{}\"", banner.chars().take(24).collect::<String>()),
            None => format!("no TLS, {}", word(&plaintext.outcome)),
        },
    }
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
