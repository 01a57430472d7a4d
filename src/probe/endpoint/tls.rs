//! The TLS handshake: everything is written down, nothing is refused.

use std::io;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ProtocolVersion};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Dial;
use super::recorder::{Recorder, provider};
use super::tap::Tap;
use super::wait::{Ended, millis_since, wait};
use crate::evidence::{Fact, Tls, TlsOutcome};

/// Longest wait for the handshake to complete.
const LIMIT: Duration = Duration::from_secs(10);

/// A handshake and what is left of its connection.
#[derive(Debug)]
pub(super) struct Handshake {
    /// What happened.
    pub tls: Tls,
    /// The connection, where it completed.
    pub stream: Option<TlsStream<Tap<TcpStream>>>,
    /// First bytes that came, where they are no TLS.
    pub foreign: Vec<u8>,
    /// The chain as presented, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
}

/// Shakes hands over a new connection. `None` where the run ended before anything was known.
pub(super) async fn handshake(stream: TcpStream, dial: &Dial<'_>) -> Option<Handshake> {
    let started = Instant::now();
    let recorder = Arc::new(Recorder::new(dial.identity.client));
    let connector = TlsConnector::from(Arc::new(config(&recorder, dial.names.sent.is_some())));
    // Without a name to send any IP address does: it only keeps the extension away.
    let name = dial.names.sent.clone();
    let name = name.unwrap_or_else(|| ServerName::from(dial.address.ip()));
    let tap = Tap::new(stream);
    let heard = tap.heard();
    let result = wait(dial.deadline, LIMIT, connector.connect(name, tap)).await;
    let took_ms = millis_since(started);
    let heard = heard.bytes();
    let mut foreign = Vec::new();
    let (outcome, detail, alert, stream) = match result {
        Ok(Ok(stream)) => (TlsOutcome::Completed, None, None, Some(stream)),
        Err(Ended::CutShort) => return None,
        _ if is_foreign(&heard) => {
            foreign = heard;
            let detail = "what came back is no TLS".to_owned();
            (TlsOutcome::NotTls, Some(detail), None, None)
        }
        Ok(Err(error)) => {
            let (outcome, detail) = classify(&error, !heard.is_empty());
            (outcome, Some(detail), alert_of(&error), None)
        }
        Err(Ended::Silent) => {
            let seconds = took_ms / 1_000.0;
            let detail = if heard.is_empty() {
                format!("nothing came within {seconds:.1} s of the ClientHello")
            } else {
                format!("the handshake was not complete within {seconds:.1} s")
            };
            (TlsOutcome::TimedOut, Some(detail), None, None)
        }
    };
    let mut tls = Tls {
        outcome,
        detail,
        alert,
        took_ms,
        ..recorder.facts()
    };
    if let Some(stream) = &stream {
        let (_, connection) = stream.get_ref();
        tls.protocol = Fact::from(connection.protocol_version().map(protocol));
        tls.cipher_suite = Fact::from(connection.negotiated_cipher_suite().map(|suite| {
            let name = format!("{:?}", suite.suite());
            name.replacen("TLS13_", "TLS_", 1)
        }));
    }
    Some(Handshake {
        tls,
        stream,
        foreign,
        chain: recorder.chain(),
    })
}

/// Fatal alert in an error, by its RFC 8446 name.
pub(super) fn alert_of(error: &io::Error) -> Option<String> {
    match inner(error)? {
        rustls::Error::AlertReceived(alert) => Some(alert_name(*alert)),
        _ => None,
    }
}

/// `TLSv1.3` and `TLSv1.2`, as Java writes them.
pub(super) fn protocol(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The configuration of one connection: the common one, with its recorder.
fn config(recorder: &Arc<Recorder>, send_name: bool) -> ClientConfig {
    static COMMON: LazyLock<ClientConfig> = LazyLock::new(|| {
        let nobody = Arc::new(Recorder::new(None));
        let mut config = ClientConfig::builder_with_provider(Arc::clone(provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .expect("the provider has suites for both versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&nobody) as _)
            .with_client_cert_resolver(nobody);
        // Every connection is to show the whole chain.
        config.resumption = rustls::client::Resumption::disabled();
        config
    });
    let mut config = COMMON.clone();
    let mut dangerous = config.dangerous();
    dangerous.set_certificate_verifier(Arc::clone(recorder) as _);
    config.client_auth_cert_resolver = Arc::clone(recorder) as _;
    config.enable_sni = send_name;
    config
}

/// Whether bytes came that do not begin a TLS record (RFC 8446 §5.1).
fn is_foreign(heard: &[u8]) -> bool {
    match heard {
        [] => false,
        [kind] => !(20..=24).contains(kind),
        [kind, major, ..] => !(20..=24).contains(kind) || *major != 3,
    }
}

fn classify(error: &io::Error, heard: bool) -> (TlsOutcome, String) {
    let text = error.to_string();
    if let Some(tls) = inner(error) {
        return match tls {
            rustls::Error::AlertReceived(alert) => {
                let detail = format!("the peer sent the fatal alert {}", alert_name(*alert));
                (TlsOutcome::Alert, detail)
            }
            _ => (TlsOutcome::Failed, text),
        };
    }
    let when = if heard {
        "in the middle of the handshake"
    } else {
        "without an answer to the ClientHello"
    };
    match error.kind() {
        io::ErrorKind::UnexpectedEof => (
            TlsOutcome::Closed,
            format!("the peer closed the connection {when}"),
        ),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => (
            TlsOutcome::Reset,
            format!("the peer reset the connection {when}"),
        ),
        _ => (TlsOutcome::Failed, text),
    }
}

fn inner(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn alert_name(alert: AlertDescription) -> String {
    let name = match alert {
        AlertDescription::UnknownCA => "unknown_ca",
        AlertDescription::UnrecognisedName => "unrecognized_name",
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity",
        AlertDescription::EncryptedClientHelloRequired => "ech_required",
        AlertDescription::Unknown(code) => return format!("alert_{code}"),
        // The others are the RFC's names without underscores.
        known => return snake_case(&format!("{known:?}")),
    };
    name.to_owned()
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_rfc() {
        for (code, name) in [
            (40, "handshake_failure"),
            (42, "bad_certificate"),
            (46, "certificate_unknown"),
            (48, "unknown_ca"),
            (70, "protocol_version"),
            (112, "unrecognized_name"),
            (116, "certificate_required"),
            (200, "alert_200"),
        ] {
            assert_eq!(alert_name(AlertDescription::from(code)), name);
        }
    }

    #[test]
    fn records_are_told_from_other_services() {
        assert!(!is_foreign(b""));
        assert!(!is_foreign(b"\x16\x03\x03"));
        assert!(!is_foreign(b"\x15"));
        assert!(is_foreign(b"HTTP/1.0 400"));
        assert!(is_foreign(b"SSH-2.0"));
        assert!(is_foreign(b"\x16\x00"));
    }
}
