//! The functions that checks can call, besides those of CEL. Pure: values in, a value out.
//!
//! Every function can be written `x.name(y)` or `name(x, y)`.

use serde_json::Value as Json;

mod address;
mod certificate;
mod identity;
mod key;
mod link;
mod overlap;
mod patience;
mod pattern;
mod text;
mod time;
mod version;

pub(crate) use text::is_near;

/// A function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many arguments it takes, the receiver included.
    pub(crate) arguments: usize,
    /// How it is written and what it answers, in a line.
    pub(crate) usage: &'static str,
    /// Whether it takes null for what is not known, instead of its answer being unknown.
    pub(crate) lenient: bool,
    /// Path of the fact below its first argument that it judges by, though its answer is never unknown:
    /// what is said of the finding names it.
    pub(crate) looks_at: &'static [&'static str],
    run: fn(&[Json]) -> Result<Json, String>,
}

/// All of them, by name.
pub(crate) static ALL: &[Function] = &[
    Function {
        lenient: true,
        ..function(
            "access",
            2,
            "access(link, remote): JSON of what the link's API key is to grant: what it grants and what is wanted",
            key::access,
        )
    },
    function(
        "addresses",
        1,
        "addresses(link): its addresses as written in the settings, else as typed",
        link::addresses,
    ),
    function(
        "answered",
        1,
        "answered(link): whether the remote was seen to answer a local node, be it by refusing",
        link::answered,
    ),
    function(
        "atLeast",
        2,
        r#"v.atLeast("8.14.0"): whether version v is that one or newer"#,
        version::at_least,
    ),
    function(
        "before",
        2,
        r#"v.before("8.14.0"): whether version v is older than that one"#,
        version::before,
    ),
    function(
        "called",
        1,
        "called(link): its alias, or without one its first address",
        link::called,
    ),
    function(
        "capture",
        2,
        r#"s.capture("regex"): first group of the first match, null for none"#,
        text::capture,
    ),
    function(
        "ccrSupported",
        2,
        "ccrSupported(follower, leader): whether the pair may replicate",
        version::ccr_supported,
    ),
    function(
        "ccsSupported",
        2,
        "ccsSupported(local, remote): whether Elastic supports searching",
        version::ccs_supported,
    ),
    function(
        "connectTimeout",
        1,
        "settings.connectTimeout(): milliseconds that a node with these settings gives TCP and TLS",
        patience::connect_timeout,
    ),
    function(
        "covers",
        2,
        "covers(patterns, name): whether index patterns cover an index or pattern",
        pattern::covers,
    ),
    function("date", 1, r#"t.date(): "2026-11-21 09:14 UTC""#, time::date),
    function("days", 1, "days(n): n days in seconds", time::days),
    function(
        "fromNow",
        2,
        r#"t.fromNow(now): "2 days ago", "in 3 days""#,
        time::from_now,
    ),
    function(
        "hexText",
        1,
        "s.hexText(): the text that hexadecimal digits spell",
        text::hex_text,
    ),
    function(
        "host",
        1,
        "address.host(): before the last colon, brackets removed",
        address::host,
    ),
    function("hours", 1, "hours(n): n hours in seconds", time::hours),
    function(
        "identityHint",
        2,
        "identityHint(name, pattern): why a key's pattern does not match a certificate's name, empty if that does not show",
        identity::identity_hint,
    ),
    function(
        "identityMatches",
        2,
        "identityMatches(name, pattern): whether the whole name matches, null for a pattern that only Java reads",
        identity::identity_matches,
    ),
    function(
        "identityOf",
        1,
        "identityOf(name): the pattern for that name alone, as JSON",
        identity::identity_of,
    ),
    function(
        "isCloud",
        1,
        "host.isCloud(): whether it is a name of Elastic Cloud",
        address::is_cloud,
    ),
    function(
        "isIp",
        1,
        "host.isIp(): whether it is an IP address",
        address::is_ip,
    ),
    function(
        "isPrivate",
        1,
        "host.isPrivate(): whether it is an address that is not routed publicly",
        address::is_private,
    ),
    function(
        "isServerName",
        1,
        "host.isServerName(): whether Java accepts it as a TLS server name",
        address::is_server_name,
    ),
    function(
        "join",
        2,
        r#"list.join(", "): the elements as one text"#,
        text::join,
    ),
    function(
        "keepIdle",
        1,
        "settings.keepIdle(): seconds of silence after which a node with these settings sends a keep-alive",
        patience::keep_idle,
    ),
    Function {
        looks_at: &["credential", "wire_answer", "outcome"],
        ..function(
            "keyAnswer",
            1,
            r#"keyAnswer(link): how its key was taken over the wire, "" for not asked"#,
            key::key_answer,
        )
    },
    Function {
        looks_at: &["credential", "wire_answer", "key"],
        ..function(
            "keyGrants",
            2,
            r#"keyGrants(link, "search"): patterns that its key grants as told over the wire, null for not told"#,
            key::key_grants,
        )
    },
    Function {
        lenient: true,
        ..function(
            "listening",
            2,
            "listening(link, remote): where the remote's nodes say that they listen for the link's model",
            link::listening,
        )
    },
    function("lower", 1, "s.lower(): in lower case", text::lower),
    function(
        "matchesAny",
        2,
        "matchesAny(patterns, alias): whether a pattern for aliases matches",
        pattern::matches_any,
    ),
    function(
        "mentioned",
        2,
        r#"mentioned(errors, "regex"): first group found in an error, null for none"#,
        text::mentioned,
    ),
    function(
        "mentions",
        2,
        r#"mentions(errors, "regex"): whether an error's reason or type matches"#,
        text::mentions,
    ),
    function(
        "milliseconds",
        1,
        r#"t.milliseconds(): those of a time as settings have it, such as "30s""#,
        time::milliseconds,
    ),
    function(
        "namedKey",
        1,
        "namedKey(link): id of the API key that the remote cluster names in an error, null for none",
        key::named_key,
    ),
    function(
        "names",
        2,
        "certificate.names(host): whether it is valid for the host, as Java judges",
        certificate::names,
    ),
    function(
        "passedTls",
        1,
        "passedTls(link): whether a node was seen to be content with the remote's TLS",
        link::passed_tls,
    ),
    function(
        "port",
        1,
        "address.port(): behind the last colon, -1 for none",
        address::port,
    ),
    function(
        "report",
        2,
        r#"report(link, "regex"): text of an error that the local cluster gave, empty for none"#,
        link::report,
    ),
    function(
        "reported",
        2,
        r#"reported(link, "regex"): whether the local cluster gave such an error"#,
        link::reported,
    ),
    function(
        "sameMinor",
        2,
        "v.sameMinor(w): whether major and minor number are equal",
        version::same_minor,
    ),
    function(
        "seconds",
        1,
        "t.seconds(): seconds since 1970",
        time::seconds,
    ),
    function(
        "sharesTls",
        3,
        "sharesTls(client, server, model): whether two nodes with these settings have a TLS version and a cipher suite in common",
        overlap::shares_tls,
    ),
    function(
        "similar",
        2,
        "similar(s, list): elements that s may have been meant to be",
        text::similar,
    ),
    function(
        "spokenTls",
        3,
        r#"spokenTls(settings, model, "client"): the TLS that a node with these settings speaks, and which setting says so"#,
        overlap::spoken_tls,
    ),
    function(
        "wireCompatible",
        2,
        "wireCompatible(local, remote): whether nodes of the two can talk",
        version::wire_compatible,
    ),
    function(
        "works",
        1,
        "works(link): whether a request was seen to get through",
        link::works,
    ),
];

/// The functions and conversions that CEL brings along and checks may use.
pub(crate) static OF_CEL: &[&str] = &[
    "bool",
    "bytes",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "int",
    "matches",
    "max",
    "min",
    "size",
    "startsWith",
    "string",
    "type",
    "uint",
];

impl Function {
    /// Calls it. The error says what is wrong with the arguments.
    pub(crate) fn call(&self, arguments: &[Json]) -> Result<Json, String> {
        if arguments.len() != self.arguments {
            return Err(format!("it is used as {}", self.usage));
        }
        (self.run)(arguments)
    }
}

const fn function(
    name: &'static str,
    arguments: usize,
    usage: &'static str,
    run: fn(&[Json]) -> Result<Json, String>,
) -> Function {
    Function {
        name,
        arguments,
        usage,
        lenient: false,
        looks_at: &[],
        run,
    }
}

/// An argument that must be text.
fn text(value: &Json) -> Result<&str, String> {
    value
        .as_str()
        .ok_or_else(|| format!("{} is no text", kind(value)))
}

/// An argument that must be a list.
fn list(value: &Json) -> Result<&[Json], String> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| format!("{} is no list", kind(value)))
}

/// An argument that must be a whole number.
fn integer(value: &Json) -> Result<i64, String> {
    value
        .as_i64()
        .ok_or_else(|| format!("{} is no whole number", kind(value)))
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Array(_) => "a list",
        Json::Bool(_) => "a boolean",
        Json::Null => "null",
        Json::Number(_) => "a number",
        Json::Object(_) => "an object",
        Json::String(_) => "a text",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn are_in_order_and_named_once() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn say_how_they_are_used() {
        let host = ALL.iter().find(|function| function.name == "host").unwrap();
        assert!(host.call(&[]).unwrap_err().contains("address.host()"));
        assert_eq!(host.call(&[json!(3)]).unwrap_err(), "a number is no text");
    }
}
