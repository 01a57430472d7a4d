//! Addresses as people type them: base URLs of clusters, `host:port` of endpoints.

use secrecy::SecretString;
use url::Url;

use super::problem::Problems;

/// A base URL, taken apart.
#[derive(Debug)]
pub(super) struct BaseUrl {
    /// Without user and password.
    pub(super) url: Url,
    /// User name in it.
    pub(super) user: Option<String>,
    /// Password in it.
    pub(super) password: Option<SecretString>,
}

/// Reads the base URL of a cluster's HTTP API. Its path is kept: it is the prefix of every call.
pub(super) fn base_url(text: &str, place: &str, problems: &mut Problems) -> Option<BaseUrl> {
    let shown = masked(text);
    if !text.contains("://") {
        problems.error(
            place,
            format!("\"{shown}\" is no URL"),
            format!("write https://{shown} (or http:// if the HTTP API has no TLS)"),
        );
        return None;
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => {
            problems.error(
                place,
                format!("\"{shown}\" is no URL: {error}"),
                "write it like https://host:9200 or https://[2001:db8::1]:9200",
            );
            return None;
        }
    };
    if !matches!(url.scheme(), "http" | "https") {
        problems.error(
            place,
            format!("\"{shown}\" is no URL of an HTTP API"),
            "write it with https:// or http://",
        );
        return None;
    }
    if url.query().is_some() || url.fragment().is_some() {
        problems.error(
            place,
            format!("\"{shown}\" ends in a query or fragment"),
            "give the base URL alone, such as https://host:9200/prefix",
        );
        return None;
    }
    let user = decoded(url.username());
    let password = url.password().and_then(decoded).map(SecretString::from);
    // Neither fails: the scheme is http or https, and such a URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if password.is_some() {
        problems.warn(format!(
            "{place}: a password in a URL ends up in shell histories and process lists; a file or \
             a variable keeps it out of them"
        ));
    }
    Some(BaseUrl {
        url,
        user,
        password,
    })
}

/// Checks an address that nodes would dial, `host:port`.
pub(super) fn endpoint(text: &str, place: &str, problems: &mut Problems) -> Option<String> {
    let trimmed = text.trim();
    let shown = masked(trimmed);
    if trimmed.contains("://") {
        let rest = trimmed.split_once("://").map_or(trimmed, |(_, rest)| rest);
        let rest = masked(rest.split('/').next().unwrap_or(rest));
        let rest = rest.rsplit('@').next().unwrap_or(&rest);
        problems.error(
            place,
            format!("\"{shown}\" is a URL, but nodes dial HOST:PORT"),
            format!("write {}", with_port(rest)),
        );
        return None;
    }
    if trimmed.contains(|it: char| it.is_whitespace() || it.is_control() || "/,;\"'".contains(it)) {
        let near = shown.split(['/', ',', ';', ' ']).next();
        let near = near.and_then(|it| it.rsplit('@').next());
        let near = near.filter(|it| it.contains(':') && !it.starts_with(':'));
        problems.error(
            place,
            format!("\"{}\" is not one HOST:PORT", shown.escape_debug()),
            format!("write {}", near.unwrap_or("HOST:9443").escape_debug()),
        );
        return None;
    }
    // Elasticsearch splits at the last colon; an IPv6 address may stand in brackets or without.
    let (host, port) = match trimmed.rsplit_once(':') {
        Some(("", port)) => {
            problems.error(
                place,
                format!("\"{shown}\" has no host"),
                format!("write HOST:{port}"),
            );
            return None;
        }
        Some((host, port)) if !host.ends_with(':') => (host, port),
        _ => {
            problems.error(
                place,
                format!("\"{shown}\" has no port"),
                format!("write {}", with_port(&shown)),
            );
            return None;
        }
    };
    if !matches!(port.parse::<u16>(), Ok(1..)) {
        problems.error(
            place,
            format!("\"{shown}\" has no port between 1 and 65535 after its last colon"),
            format!("write {}", with_port(&masked(host))),
        );
        return None;
    }
    Some(trimmed.to_owned())
}

fn with_port(host: &str) -> String {
    if host.is_empty() || host.contains(' ') {
        "HOST:9443".to_owned()
    } else if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:9443 (remote cluster server) or {host}:9300 (transport)")
    }
}

/// The text without anything that stands before its last `@`: user and password.
pub(super) fn masked(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://***@{after}"),
            None => format!("***@{after}"),
        },
        None => text.to_owned(),
    }
}

/// User and password of a URL, percent-decoded. Empty means none.
fn decoded(text: &str) -> Option<String> {
    let text = percent_decoded(text);
    (!text.is_empty()).then_some(text)
}

fn percent_decoded(text: &str) -> String {
    // A form of one key decodes just this, but would read "+" as a space.
    let form = format!("v={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let mut problems = Problems::default();
        let base = base_url(
            "https://elastic:p%40ss+w@[2001:db8::1]:9200/es/",
            "--local",
            &mut problems,
        )
        .unwrap();
        assert_eq!(base.url.as_str(), "https://[2001:db8::1]:9200/es/");
        assert_eq!(base.user.as_deref(), Some("elastic"));
        assert_eq!(base.password.unwrap().expose_secret(), "p@ss+w");
        assert!(problems.errors.is_empty());
        assert_eq!(problems.warnings.len(), 1);
    }

    #[test]
    fn what_is_no_url_is_said_without_its_password() {
        for (text, says) in [
            ("b.example.org:9200", "write https://b.example.org:9200"),
            ("elastic:hunter2@b:9200", "***@b:9200"),
            ("https://elastic:hunter2@b:port", "https://***@b:port"),
            ("ftp://b", "is no URL of an HTTP API"),
            ("https://b/?pretty", "query"),
        ] {
            let mut problems = Problems::default();
            assert!(base_url(text, "--local", &mut problems).is_none(), "{text}");
            let line = problems.errors[0].to_string();
            assert!(line.contains(says), "{line}");
            assert!(!line.contains("hunter2"), "{line}");
        }
    }

    #[test]
    fn an_endpoint_needs_a_host_and_a_port() {
        for good in ["b:9443", "10.0.0.5:9443", "[::1]:9443", "::1:9443"] {
            let mut problems = Problems::default();
            assert_eq!(
                endpoint(good, "--endpoint", &mut problems).as_deref(),
                Some(good)
            );
        }
        for (bad, says) in [
            ("https://b:9443/", "write b:9443"),
            ("b", "write b:9443"),
            ("b:http", "no port between"),
            ("b:0", "no port between"),
            (":9443", "has no host; write HOST:9443"),
            ("b:9443/x", "is not one HOST:PORT; write b:9443"),
            ("a b:1", "is not one HOST:PORT; write HOST:9443"),
            ("b:9443,c:9443", "write b:9443"),
            ("b\u{7}:9443", "b\\u{7}:9443"),
        ] {
            let mut problems = Problems::default();
            assert!(
                endpoint(bad, "--endpoint", &mut problems).is_none(),
                "{bad}"
            );
            assert!(problems.errors[0].to_string().contains(says), "{bad}");
        }
    }
}
