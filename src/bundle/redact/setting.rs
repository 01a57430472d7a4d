//! Settings: where their names hold a name, and which of their values identify nobody.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::fields::Class;

/// A name within the name of a setting.
pub(super) struct Part {
    pub(super) range: Range<usize>,
    pub(super) class: Class,
}

/// Settings whose last part is one of these hold a state.
const STATES: [&str; 20] = [
    "enabled",
    "mode",
    "type",
    "roles",
    "verification_mode",
    "client_authentication",
    "supported_protocols",
    "cipher_suites",
    "skip_unavailable",
    "compress",
    "compression_scheme",
    "ping_schedule",
    "port",
    "order",
    "allow_default",
    "preset",
    "keepalive",
    "tcp_no_delay",
    "reuse_address",
    "license",
];

/// The name that a setting's name holds: an alias, a realm, a profile, an attribute.
pub(super) fn name_within(setting: &str) -> Option<Part> {
    static ALIAS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^cluster\.remote\.(?P<s>.+)\.(?:mode|seeds|proxy|proxy_address|server_name|skip_unavailable|node_connections|proxy_socket_connections|credentials|signing\..+|transport\..+)$|^cluster\.remote\.(?P<rest>[^.]+)(?:\..+)?$",
        )
        .expect("a constant pattern")
    });
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:xpack\.security\.authc\.realms\.[^.]+|transport\.profiles|xpack\.notification\.[^.]+\.account)\.(?P<s>[^.]+)(?:\..+)?$",
        )
        .expect("a constant pattern")
    });
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^node\.attr\.(?P<s>.+)$").expect("a constant pattern"));
    const INITIAL: [&str; 2] = ["initial_connect_timeout", "connect"];
    if let Some(found) = ALIAS.captures(setting) {
        let range = found.name("s").or_else(|| found.name("rest"))?.range();
        let is_alias = !(INITIAL.contains(&&setting[range.clone()]) || range.is_empty());
        return is_alias.then_some(Part {
            range,
            class: Class::Alias,
        });
    }
    let found = OTHER
        .captures(setting)
        .or_else(|| ATTRIBUTE.captures(setting))?;
    let range = found.name("s")?.range();
    Some(Part {
        range,
        class: Class::Name,
    })
}

/// Whether a setting's value is a state, a number, a duration or a size.
pub(super) fn is_plain(setting: &str, value: &str) -> bool {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:nanos|micros|ms|s|m|h|d|b|kb|mb|gb|tb|pb|%)?|[0-9]+-[0-9]+|_[a-z0-9:]+_|\[redacted\])?$",
        )
        .expect("a constant pattern")
    });
    let last = setting.rsplit('.').next().unwrap_or(setting);
    STATES.contains(&last) || PLAIN.is_match(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_within_names_are_found() {
        for (setting, name) in [
            ("cluster.remote.bee.mode", Some("bee")),
            ("cluster.remote.b.e.e.credentials", Some("b.e.e")),
            (
                "cluster.remote.bee.signing.keystore.secure_password",
                Some("bee"),
            ),
            ("cluster.remote.initial_connect_timeout", None),
            ("xpack.security.authc.realms.ldap.acme.url", Some("acme")),
            ("transport.profiles.inner.port", Some("inner")),
            ("node.attr.rack", Some("rack")),
            ("keystore.seed", None),
        ] {
            let found = name_within(setting).map(|it| &setting[it.range]);
            assert_eq!(found, name, "{setting}");
        }
    }

    #[test]
    fn states_and_numbers_are_plain() {
        assert!(is_plain("cluster.remote.bee.mode", "sniff"));
        assert!(is_plain("transport.connect_timeout", "30s"));
        assert!(is_plain("network.host", "_site_"));
        assert!(!is_plain("network.host", "10.0.0.5"));
        assert!(!is_plain("node.name", "fra-1"));
    }
}
