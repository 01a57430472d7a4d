//! Whether a certificate is valid for a host.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::text;

/// The rule of Java's `sun.security.util.HostnameChecker` for TLS, which Elasticsearch uses with
/// `verification_mode: full`: an IP address must be an iPAddress entry; a name must match a dNSName
/// entry, in which the left-most label may hold `*`; the common name counts only if there is no
/// dNSName entry.
pub(super) fn names(arguments: &[Json]) -> Result<Json, String> {
    let (certificate, host) = (&arguments[0], text(&arguments[1])?);
    if !certificate.is_object() {
        return Err("names is asked of something that is no certificate".to_owned());
    }
    let entries = |key: &str| certificate[key].as_array().cloned().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = host.parse::<IpAddr>() {
        let same = |entry: &Json| entry.as_str().and_then(|entry| entry.parse().ok()) == Some(ip);
        return Ok(entries("ip_addresses").iter().any(same).into());
    }
    let dns_names = entries("dns_names");
    let matches = |entry: &Json| entry.as_str().is_some_and(|pattern| matches(pattern, host));
    let named = if dns_names.is_empty() {
        matches(&certificate["common_name"])
    } else {
        dns_names.iter().any(matches)
    };
    Ok(named.into())
}

/// `HostnameChecker.matchLeftmostWildcard` with the rule that the wildcard's parent has two labels.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let host = host.trim_end_matches('.');
    let pattern = pattern.trim_end_matches('.');
    let (Some((pattern_label, pattern_rest)), Some((host_label, host_rest))) =
        (pattern.split_once('.'), host.split_once('.'))
    else {
        return !pattern.contains('*') && pattern == host;
    };
    if !pattern_label.contains('*') {
        return !pattern.contains('*') && pattern == host;
    }
    if pattern_rest != host_rest || pattern_rest.contains('*') || !pattern_rest.contains('.') {
        return false;
    }
    let parts: Vec<&str> = pattern_label.split('*').collect();
    let [first, middle @ .., last] = &parts[..] else {
        return false;
    };
    let Some(mut rest) = host_label
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    middle.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(certificate: &Json, host: &str) -> bool {
        names(&[certificate.clone(), json!(host)]).unwrap() == json!(true)
    }

    #[test]
    fn names_are_matched_as_java_does() {
        let certificate = json!({
            "common_name": "other.example.org",
            "dns_names": ["b.example.org", "*.c.example.org", "es-*.d.example.org", "*.org"],
            "ip_addresses": ["10.0.0.5", "2001:db8::5"],
        });
        for (host, expected) in [
            ("b.example.org", true),
            ("B.Example.ORG", true),
            ("x.c.example.org", true),
            ("x.y.c.example.org", false),
            ("c.example.org", false),
            ("es-1.d.example.org", true),
            ("kb-1.d.example.org", false),
            ("example.org", false),
            ("other.example.org", false),
            ("10.0.0.5", true),
            ("[2001:db8:0::5]", true),
            ("10.0.0.6", false),
        ] {
            assert_eq!(named(&certificate, host), expected, "{host}");
        }
    }

    #[test]
    fn the_common_name_counts_without_dns_names_only() {
        let certificate = json!({
            "common_name": "b.example.org", "dns_names": [], "ip_addresses": ["10.0.0.5"],
        });
        assert!(named(&certificate, "b.example.org"));
        assert!(!named(&certificate, "c.example.org"));
        let address = json!({ "common_name": "10.0.0.5", "dns_names": [], "ip_addresses": [] });
        assert!(!named(&address, "10.0.0.5"));
        let none = json!({ "common_name": null, "dns_names": [], "ip_addresses": [] });
        assert!(!named(&none, "b.example.org"));
    }
}
