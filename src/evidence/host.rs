//! Which hosts a certificate is valid for, by the rule of a node's JVM.

use std::net::IpAddr;

use super::Certificate;

impl Certificate {
    /// Whether it names a host: see [`names_host`].
    pub fn names(&self, host: &str) -> bool {
        let common_name = self.common_name.as_deref();
        names_host(&self.dns_names, &self.ip_addresses, common_name, host)
    }
}

/// Whether a certificate with these dNSName entries, iPAddress entries and common name is valid for
/// a host, by the rule of Java's `sun.security.util.HostnameChecker` for TLS, which Elasticsearch uses
/// with `verification_mode: full`.
///
/// An IP address must be an iPAddress entry. A name must match a dNSName entry; the most specific
/// common name counts only if there is no dNSName entry, though there may be others.
pub fn names_host(
    dns_names: &[String],
    ip_addresses: &[String],
    common_name: Option<&str>,
    host: &str,
) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Some(ip) = address(host) {
        let mut addresses = ip_addresses.iter();
        return addresses.any(|it| it.parse::<IpAddr>().is_ok_and(|it| it.to_canonical() == ip));
    }
    // The trust manager takes one dot away, `SNIHostName` takes none.
    let host = host.strip_suffix('.').unwrap_or(host);
    if !is_server_name(host) {
        return false;
    }
    if dns_names.is_empty() {
        common_name.is_some_and(|name| matches(name, host))
    } else {
        dns_names.iter().any(|name| matches(name, host))
    }
}

/// An address as `IPAddressUtil` reads it: also `10.5` for 10.0.0.5.
fn address(host: &str) -> Option<IpAddr> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    let parts: Option<Vec<u32>> = host.split('.').map(|part| part.parse().ok()).collect();
    let parts = parts.filter(|parts| parts.len() <= 4 && !host.contains('+'))?;
    let (last, first) = parts.split_last()?;
    let high = first.iter().try_fold(0_u32, |high, part| {
        (*part < 256).then_some(high << 8 | part)
    })?;
    let free = 8 * (4 - u32::try_from(first.len()).ok()?);
    let fits = free == 32 || *last < 1 << free;
    let bits = if free == 32 {
        *last
    } else {
        high << free | last
    };
    fits.then(|| IpAddr::from(std::net::Ipv4Addr::from_bits(bits)))
}

/// What `SNIHostName` takes: letters, digits and hyphens in labels that hyphens do not end
/// (`IDN.toASCII` with `USE_STD3_ASCII_RULES`).
fn is_server_name(name: &str) -> bool {
    !name.is_empty()
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() < 64
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || it == '-')
        })
}

/// `HostnameChecker.isMatched`: in the left-most label any number of `*` stand for any characters.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let after_wildcard = pattern.rsplit_once('*').map(|(_, after)| after);
    let is_legal = match after_wildcard {
        Some(after) => pattern != "*." && after.contains('.'),
        None => true,
    };
    if !is_legal || !is_server_name(&pattern.replace('*', "z")) {
        return false;
    }
    let split = |name: &str| {
        let at = name.find('.').unwrap_or(name.len());
        (name[..at].to_owned(), name[at..].to_owned())
    };
    let ((pattern, pattern_rest), (host, host_rest)) = (split(&pattern), split(&host));
    pattern_rest == host_rest && matches_label(&pattern, &host)
}

fn matches_label(pattern: &str, label: &str) -> bool {
    // Java compares such labels in Unicode, where the letters of their encoding are not there.
    if label.starts_with("xn--") && pattern.contains('*') {
        return pattern == "*";
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = label.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_as_java_does() {
        let owned =
            |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
        let dns_names = owned(&[
            "b.example.org",
            "*.c.example.org",
            "es-*.d.example.org",
            "*.org",
        ]);
        let ip_addresses = owned(&["10.0.0.5", "2001:db8::5"]);
        for (host, expected) in [
            ("b.example.org", true),
            ("b.example.org.", true),
            ("B.Example.ORG", true),
            ("x.c.example.org", true),
            ("x.y.c.example.org", false),
            ("c.example.org", false),
            ("es-1.d.example.org", true),
            ("kb-1.d.example.org", false),
            ("example.org", true),
            ("es_1.c.example.org", false),
            ("other.example.org", false),
            ("10.0.0.5", true),
            ("[2001:db8:0::5]", true),
            ("10.0.0.6", false),
            ("10.5", true),
            ("10.6", false),
            ("1.2.3.4.5", false),
            ("xn--mller-kva.c.example.org", true),
            ("xn--mller-kva.d.example.org", false),
        ] {
            let found = names_host(&dns_names, &ip_addresses, Some("other.example.org"), host);
            assert_eq!(found, expected, "{host}");
        }
    }

    #[test]
    fn the_common_name_counts_without_dns_names_only() {
        let address = ["10.0.0.5".to_owned()];
        let other = ["c.example.org".to_owned()];
        let name = Some("b.example.org");
        assert!(names_host(&[], &address, name, "b.example.org"));
        assert!(!names_host(&[], &address, name, "c.example.org"));
        assert!(!names_host(&[], &[], Some("10.0.0.5"), "10.0.0.5"));
        assert!(!names_host(&other, &[], name, "b.example.org"));
        assert!(!names_host(&[], &[], None, "b.example.org"));
    }
}
