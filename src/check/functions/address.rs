//! Addresses and host names.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::text;

/// Splits as Elasticsearch does (`RemoteConnectionStrategy.parseHost`): at the last colon.
fn split(address: &str) -> (&str, Option<&str>) {
    // An IPv6 address in brackets without a port ends with its bracket.
    if address.ends_with(']') {
        return (address, None);
    }
    match address.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (address, None),
    }
}

fn unbracketed(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

pub(super) fn host(arguments: &[Json]) -> Result<Json, String> {
    Ok(unbracketed(split(text(&arguments[0])?).0).into())
}

pub(super) fn port(arguments: &[Json]) -> Result<Json, String> {
    let port = split(text(&arguments[0])?)
        .1
        .and_then(|port| port.parse::<u16>().ok());
    Ok(port.map_or(-1, i64::from).into())
}

fn ip(host: &str) -> Option<IpAddr> {
    // A zone such as %eth0 is part of an address for Java too.
    let address = unbracketed(host).split('%').next().unwrap_or_default();
    address.parse().ok()
}

pub(super) fn is_ip(arguments: &[Json]) -> Result<Json, String> {
    Ok(ip(text(&arguments[0])?).is_some().into())
}

/// Addresses that are not routed publicly: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6,
/// and loopback.
pub(super) fn is_private(arguments: &[Json]) -> Result<Json, String> {
    let private = match ip(text(&arguments[0])?).map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(v4)) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        Some(IpAddr::V6(v6)) => {
            v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
        None => false,
    };
    Ok(private.into())
}

/// What `javax.net.ssl.SNIHostName` takes: `IDN.toASCII` with STD3 rules (RFC 1122 §2.1), so labels
/// of letters, digits and inner hyphens; a name in another script is converted; no trailing dot. An
/// IPv4 address is accepted.
pub(super) fn is_server_name(arguments: &[Json]) -> Result<Json, String> {
    let name = text(&arguments[0])?;
    let label = |label: &str| {
        let edges_fit = !label.starts_with('-') && !label.ends_with('-');
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii();
        !label.is_empty() && label.len() <= 63 && edges_fit && label.chars().all(letter)
    };
    Ok((name.len() <= 253 && name.split('.').all(label)).into())
}

/// The domains under which Elastic Cloud Hosted answers.
const CLOUD: [&str; 3] = ["elastic-cloud.com", "found.io", "cloud.es.io"];

pub(super) fn is_cloud(arguments: &[Json]) -> Result<Json, String> {
    let host = text(&arguments[0])?
        .trim_end_matches('.')
        .to_ascii_lowercase();
    let below = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    Ok(CLOUD.into_iter().any(below).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(function: fn(&[Json]) -> Result<Json, String>, value: &str) -> Json {
        function(&[json!(value)]).unwrap()
    }

    #[test]
    fn addresses_are_split_at_the_last_colon() {
        for (address, of_host, of_port) in [
            ("b.example.org:9443", "b.example.org", 9443),
            ("[2001:db8::5]:9443", "2001:db8::5", 9443),
            ("2001:db8::5:9443", "2001:db8::5", 9443),
            ("[2001:db8::5]", "2001:db8::5", -1),
            ("b.example.org", "b.example.org", -1),
            ("https://b.example.org:9443", "https://b.example.org", 9443),
            ("https://b.example.org", "https", -1),
            ("b.example.org:94430", "b.example.org", -1),
        ] {
            assert_eq!(ask(host, address), json!(of_host), "{address}");
            assert_eq!(ask(port, address), json!(of_port), "{address}");
        }
    }

    #[test]
    fn kinds_of_hosts() {
        for (value, literal, private) in [
            ("10.1.2.3", true, true),
            ("100.64.0.1", true, true),
            ("100.128.0.1", true, false),
            ("169.254.0.1", true, true),
            ("127.0.0.1", true, true),
            ("::1", true, true),
            ("[fd00::1]", true, true),
            ("fe80::1%eth0", true, true),
            ("::ffff:10.0.0.1", true, true),
            ("2001:db8::5", true, false),
            ("192.0.2.7", true, false),
            ("b.example.org", false, false),
        ] {
            assert_eq!(ask(is_ip, value), json!(literal), "{value}");
            assert_eq!(ask(is_private, value), json!(private), "{value}");
        }
        assert_eq!(ask(is_cloud, "abc.us-east-1.aws.found.io"), json!(true));
        assert_eq!(
            ask(is_cloud, "abc.eastus2.azure.elastic-cloud.com"),
            json!(true)
        );
        assert_eq!(ask(is_cloud, "notfound.io"), json!(false));
        assert_eq!(ask(is_cloud, "b.example.org"), json!(false));
    }

    #[test]
    fn server_names_as_java_takes_them() {
        for (name, taken) in [
            ("b.example.org", true),
            ("localhost", true),
            ("10.0.0.5", true),
            ("bücher.example", true),
            ("https://localhost:9443", false),
            ("b_1.example.org", false),
            ("b.example.org.", false),
            ("-b.example.org", false),
            ("b..example.org", false),
            ("::1", false),
            ("", false),
        ] {
            assert_eq!(ask(is_server_name, name), json!(taken), "{name}");
        }
    }
}
