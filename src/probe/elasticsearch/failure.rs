//! Why a connection to an HTTP API failed, in words.

use std::error::Error;
use std::io;

use rustls::CertificateError;
use url::Url;

use crate::evidence::Contact;

use super::Failure;

/// Reads the chain of an error of the HTTP client. Where a proxy is asked instead of the cluster, it may
/// be the proxy that failed.
pub(super) fn connection_failure(
    error: &reqwest::Error,
    url: &Url,
    proxy: Option<&str>,
) -> Failure {
    let place = match proxy {
        Some(proxy) => format!(
            "{} through the proxy {proxy} of the environment",
            place(url)
        ),
        None => place(url),
    };
    let (contact, words) = if let Some(tls) = find::<rustls::Error>(error) {
        (Contact::TlsFailed, tls_words(tls, url))
    } else if mentions(error, "dns error") {
        let reason = innermost(error);
        (
            Contact::NameUnresolved,
            format!("the host name does not resolve ({reason})"),
        )
    } else if let Some(kind) = io_kind(error) {
        (Contact::NotReached, io_words(kind, error, url))
    } else if closed_without_answer(error) {
        (Contact::NotReached, closed_words(url))
    } else if error.is_decode() || mentions(error, "invalid HTTP") {
        (
            Contact::NotElasticsearch,
            format!("what answers is no HTTP ({})", innermost(error)),
        )
    } else {
        (Contact::NotReached, innermost(error))
    };
    Failure::Connection {
        contact,
        detail: format!("{place}: {words}"),
    }
}

/// Scheme, host and port of a URL: what the reader typed, without user, password or path.
pub(super) fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

fn tls_words(error: &rustls::Error, url: &Url) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_words(certificate, url),
        rustls::Error::InvalidMessage(_) => {
            "the port does not speak TLS; for a cluster without TLS on HTTP write http:// in the URL"
                .into()
        }
        rustls::Error::AlertReceived(alert) => {
            format!("the server ended TLS with the alert {alert:?}")
        }
        other => format!("TLS failed: {other}"),
    }
}

fn certificate_words(error: &CertificateError, url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate is issued by a CA that is not trusted here; give that CA as a file"
                .into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".into()
        }
        CertificateError::NotValidForName => format!("its certificate is not made for {host}"),
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "its certificate is not made for {host}; it names {}",
            if presented.is_empty() {
                "nothing".to_owned()
            } else {
                presented.join(", ")
            }
        ),
        other => format!("its certificate is not acceptable: {other}"),
    }
}

fn io_words(kind: io::ErrorKind, error: &reqwest::Error, url: &Url) -> String {
    match kind {
        io::ErrorKind::ConnectionRefused => "connection refused: nothing listens there".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            format!("connection reset; {}", closed_words(url))
        }
        io::ErrorKind::UnexpectedEof => closed_words(url),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("not reachable from here ({})", innermost(error))
        }
        _ => innermost(error),
    }
}

fn closed_words(url: &Url) -> String {
    if url.scheme() == "http" {
        "the connection was closed without an answer; a port with TLS does so when it is spoken to \
         without: try https:// in the URL"
            .into()
    } else {
        "the connection was closed without an answer".into()
    }
}

fn closed_without_answer(error: &reqwest::Error) -> bool {
    mentions(error, "connection closed before message completed")
        || mentions(error, "connection error")
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error)
        .filter_map(|it| it.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .find(|kind| *kind != io::ErrorKind::Other && *kind != io::ErrorKind::InvalidData)
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|it| it.downcast_ref::<T>())
}

fn mentions(error: &reqwest::Error, text: &str) -> bool {
    chain(error).any(|it| it.to_string().contains(text))
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The error and its sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |it| source(*it))
}

/// An `io::Error` that wraps another error does not name it as its source, but that one's source: it
/// is looked into as well.
fn source<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
