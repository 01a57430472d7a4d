//! Address and server name, split and read as a node does it.

use std::net::{IpAddr, Ipv6Addr};

use rustls::pki_types::ServerName;

/// Host and port, split at the last colon, brackets of an IPv6 address removed
/// (`RemoteConnectionStrategy.parseConfiguredAddress`). `None` where no host or no port from 1 to
/// 65535 is there; a node refuses such an address.
pub(super) fn split(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let host = without_brackets(host);
    (!host.is_empty()).then_some((host, port))
}

/// What stands before the last colon, or all of it.
pub(super) fn host_part(address: &str) -> &str {
    without_brackets(address.rsplit_once(':').map_or(address, |(host, _)| host))
}

fn without_brackets(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Whether it is an IP address already, an IPv6 one with a zone included.
pub(super) fn is_literal(host: &str) -> bool {
    let with_zone = host.split_once('%').map(|(address, _)| address);
    host.parse::<IpAddr>().is_ok()
        || with_zone.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Whether it is `localhost` or below it, which no DNS server is asked for (RFC 6761 §6.3).
pub(super) fn is_this_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    last.eq_ignore_ascii_case("localhost")
}

/// The names of one endpoint as they matter for TLS.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Server name that is sent; `None` for none.
    pub sent: Option<ServerName<'static>>,
    /// Configured server name that cannot be sent.
    pub illegal: Option<String>,
    /// Names by which the certificate is accepted: a node takes either of server name and host.
    pub accepted: Vec<ServerName<'static>>,
}

impl Names {
    pub(super) fn of(host: &str, server_name: Option<&str>) -> Self {
        let host_name = ServerName::try_from(host.to_owned()).ok();
        let sent = match server_name {
            Some(name) => sendable(name),
            // As the JDK does it, `localhost` and names with a trailing dot are not sent.
            None if host.contains('.') && !host.starts_with('.') => sendable(host),
            None => None,
        };
        let illegal = server_name.filter(|_| sent.is_none()).map(str::to_owned);
        let mut accepted: Vec<_> = sent.iter().cloned().collect();
        accepted.extend(host_name.filter(|name| Some(name) != sent.as_ref()));
        Self {
            sent,
            illegal,
            accepted,
        }
    }

    /// The name that is sent, as text.
    pub(super) fn sent_text(&self) -> Option<String> {
        self.sent.as_ref().map(|name| name.to_str().into_owned())
    }
}

/// A server name that Java sends: letters, digits and hyphens in labels of at most 63 bytes
/// (`javax.net.ssl.SNIHostName`), other scripts in their ASCII form (RFC 5890).
fn sendable(name: &str) -> Option<ServerName<'static>> {
    let ascii = if name.is_ascii() {
        name.to_owned()
    } else {
        url::Host::parse(name).ok()?.to_string()
    };
    let legal = !ascii.is_empty()
        && ascii.len() <= 253
        && ascii.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if !legal {
        return None;
    }
    match ServerName::try_from(ascii).ok()? {
        name @ ServerName::DnsName(_) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_last_colon() {
        for (address, expected) in [
            ("b.example.org:9443", Some(("b.example.org", 9443))),
            ("::1:9443", Some(("::1", 9443))),
            ("[2001:db8::1]:9443", Some(("2001:db8::1", 9443))),
            ("https://b:9443", Some(("https://b", 9443))),
            ("b", None),
            ("b:", None),
            (":9443", None),
            ("b:0", None),
            ("b:70000", None),
            ("b:9443/", None),
            ("", None),
        ] {
            assert_eq!(split(address), expected, "{address}");
        }
    }

    #[test]
    fn names_are_sent_as_a_node_sends_them() {
        for (host, server_name, sent) in [
            ("b.example.org", None, Some("b.example.org")),
            ("b.example.org.", None, None),
            ("localhost", None, None),
            ("10.0.0.1", None, None),
            ("2001:db8::1", None, None),
            ("10.0.0.1", Some("b.example.org"), Some("b.example.org")),
            ("b.example.org", Some("x"), Some("x")),
            ("b_c.example.org", None, None),
            ("b", Some("bücher.example"), Some("xn--bcher-kva.example")),
        ] {
            let names = Names::of(host, server_name);
            assert_eq!(names.sent_text().as_deref(), sent, "{host}");
            assert_eq!(names.illegal, None, "{host}");
        }
    }

    #[test]
    fn illegal_server_names_are_told() {
        for name in [
            "b_c.example.org",
            "https://b",
            "b:9443",
            "b.example.org.",
            "",
            "a b",
            "10.0.0.1",
        ] {
            let names = Names::of("b.example.org", Some(name));
            assert_eq!(names.sent, None, "{name}");
            assert_eq!(names.illegal.as_deref(), Some(name));
            assert_eq!(names.accepted.len(), 1, "{name}");
        }
    }

    #[test]
    fn literals() {
        assert!(is_literal("10.0.0.1") && is_literal("::1") && is_literal("fe80::1%eth0"));
        assert!(is_this_host("LocalHost") && is_this_host("b.localhost."));
        assert!(!is_this_host("localhost.example.org"));
        assert!(!is_literal("localhost") && !is_literal("a%b"));
    }
}
