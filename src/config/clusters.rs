//! How to reach the two clusters, and as whom.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::address::{self, BaseUrl};
use super::file::{ClusterSection, ConfigFile, LinkSection, Placed};
use super::inputs;
use super::plan::{ClusterTarget, Login};
use super::problem::{Problems, nearest};
use super::secret_variable;
use super::truststore::{self, StorePassword};
use crate::cli::ClusterOptions;

/// Everything typed or set for one side.
struct Typed<'a> {
    /// `local` or `remote`.
    side: &'static str,
    url: Option<&'a str>,
    user: Option<&'a str>,
    password_file: Option<&'a Path>,
    api_key_file: Option<&'a Path>,
    ca: Option<&'a Path>,
    ca_password_file: Option<&'a Path>,
}

/// The local and the remote cluster.
pub(super) fn targets(
    options: &ClusterOptions,
    file: &ConfigFile,
    links: &[(&String, &LinkSection)],
    problems: &mut Problems,
) -> (Option<ClusterTarget>, Option<ClusterTarget>) {
    let local = Typed {
        side: "local",
        url: options.local.as_deref(),
        user: options.local_user.as_deref(),
        password_file: options.local_password_file.as_deref(),
        api_key_file: options.local_api_key_file.as_deref(),
        ca: options.local_ca.as_deref(),
        ca_password_file: options.local_ca_password_file.as_deref(),
    };
    let remote = Typed {
        side: "remote",
        url: options.remote.as_deref(),
        user: options.remote_user.as_deref(),
        password_file: options.remote_password_file.as_deref(),
        api_key_file: options.remote_api_key_file.as_deref(),
        ca: options.remote_ca.as_deref(),
        ca_password_file: options.remote_ca_password_file.as_deref(),
    };
    let local_named = named(&local, file, links, |link| link.local.as_ref(), problems);
    let remote_named = named(&remote, file, links, |link| link.remote.as_ref(), problems);
    (
        target(&local, local_named, file, problems),
        target(&remote, remote_named, file, problems),
    )
}

/// The section of `crosscheck.toml` for one side: the one that the option names, else the one that
/// the links name, else the one that is called like the side.
fn named<'f>(
    typed: &Typed<'_>,
    file: &'f ConfigFile,
    links: &[(&String, &'f LinkSection)],
    side: impl Fn(&'f LinkSection) -> Option<&'f Placed<String>>,
    problems: &mut Problems,
) -> Option<&'f ClusterSection> {
    if let Some(url) = typed.url {
        // An option that is a URL stands for itself: a section's password is never sent to a host
        // that the section does not name.
        return file.clusters.get(url);
    }
    let names: Vec<&Placed<String>> = links.iter().filter_map(|(_, link)| side(link)).collect();
    let Some(first) = names.first() else {
        return file.clusters.get(typed.side);
    };
    if let Some(other) = names.iter().find(|name| name.value != first.value) {
        problems.error(
            other.place.clone(),
            format!(
                "these links have different {side} clusters, \"{}\" and \"{}\"",
                first.value,
                other.value,
                side = typed.side
            ),
            format!(
                "diagnose them one at a time, by alias, or choose with --{}",
                typed.side
            ),
        );
        return None;
    }
    let section = file.clusters.get(&first.value);
    if section.is_none() {
        let known = file.clusters.keys().map(String::as_str);
        problems.error(
            first.place.clone(),
            format!("there is no [clusters.{}]", first.value),
            match nearest(&first.value, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add [clusters.{}] with its url", first.value),
            },
        );
    }
    section
}

fn target(
    typed: &Typed<'_>,
    section: Option<&ClusterSection>,
    file: &ConfigFile,
    problems: &mut Problems,
) -> Option<ClusterTarget> {
    let side = typed.side;
    let base = match (typed.url, section) {
        (_, Some(section)) => {
            let Some(url) = &section.url else {
                problems.error(
                    format!("crosscheck.toml, {side} cluster"),
                    "its section has no url",
                    "add url = \"https://HOST:9200\"",
                );
                return None;
            };
            address::base_url(&url.value, &url.place, problems)
        }
        (Some(url), None) => typed_url(url, side, file, problems),
        (None, None) => {
            refuse_lone_options(typed, problems);
            None
        }
    };
    let ca = ca(typed, section, problems);
    let base = base?;
    let login = login(typed, section, &base, problems);
    Some(ClusterTarget {
        url: base.url,
        login: login?,
        ca: ca?,
    })
}

fn typed_url(url: &str, side: &str, file: &ConfigFile, problems: &mut Problems) -> Option<BaseUrl> {
    let place = format!("--{side}");
    if url.trim().is_empty() {
        problems.error(
            place,
            "it is empty",
            "give the URL of the cluster's HTTP API, such as https://host:9200",
        );
        return None;
    }
    let looks_like_name = !url.contains([':', '/', '.', '@']);
    if looks_like_name && !file.clusters.is_empty() {
        let known: Vec<&str> = file.clusters.keys().map(String::as_str).collect();
        problems.error(
            place,
            format!("\"{url}\" is neither a URL nor a cluster of crosscheck.toml"),
            match nearest(url, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("it knows {}", known.join(", ")),
            },
        );
        return None;
    }
    address::base_url(url, &place, problems)
}

fn refuse_lone_options(typed: &Typed<'_>, problems: &mut Problems) {
    let side = typed.side;
    for (given, option) in [
        (typed.user.is_some(), "user"),
        (typed.password_file.is_some(), "password-file"),
        (typed.api_key_file.is_some(), "api-key-file"),
        (typed.ca.is_some(), "ca"),
        (typed.ca_password_file.is_some(), "ca-password-file"),
    ] {
        if given {
            problems.error(
                format!("--{side}-{option}"),
                format!("it says nothing without the {side} cluster's URL"),
                format!("add --{side} https://HOST:9200"),
            );
        }
    }
}

fn ca(
    typed: &Typed<'_>,
    section: Option<&ClusterSection>,
    problems: &mut Problems,
) -> Option<Vec<rustls::pki_types::CertificateDer<'static>>> {
    let side = typed.side;
    let option = format!("--{side}-ca-password-file");
    let typed_password = typed.ca_password_file.map(|path| Placed {
        value: path.to_owned(),
        place: option.clone(),
    });
    let password = StorePassword {
        file: typed_password.or_else(|| section?.ca_password_file.clone()),
        variable: format!("CROSSCHECK_{}_CA_PASSWORD", side.to_uppercase()),
        option: Some(option),
    };
    if let Some(path) = typed.ca {
        return truststore::trusted(path, &format!("--{side}-ca"), &password, problems);
    }
    match section.and_then(|it| it.ca.as_ref()) {
        Some(Placed { value, place }) => truststore::trusted(value, place, &password, problems),
        None => Some(Vec::new()),
    }
}

/// Where a login may come from, the strongest first.
enum Source<'a> {
    Key(SecretOrigin<'a>),
    User(String),
}

enum SecretOrigin<'a> {
    File(&'a Path, String),
    Variable(SecretString),
}

fn login(
    typed: &Typed<'_>,
    section: Option<&ClusterSection>,
    base: &BaseUrl,
    problems: &mut Problems,
) -> Option<Login> {
    let side = typed.side;
    let place = |option: &str| format!("--{side}-{option}");
    if typed.api_key_file.is_some() && (typed.user.is_some() || typed.password_file.is_some()) {
        problems.error(
            place("api-key-file"),
            "an API key and a user with a password are two ways to log in",
            format!("leave one out: --{side}-api-key-file or --{side}-user"),
        );
        return None;
    }
    let upper = side.to_uppercase();
    let key_variable = secret_variable(&format!("CROSSCHECK_{upper}_API_KEY"), problems);
    let section_key = section.and_then(|it| it.api_key_file.as_ref());
    let section_user = section.and_then(|it| it.user.as_ref());
    let source = if let Some(path) = typed.api_key_file {
        Source::Key(SecretOrigin::File(path, place("api-key-file")))
    } else if let Some(user) = typed.user {
        Source::User(user.to_owned())
    } else if let Some(user) = &base.user {
        Source::User(user.clone())
    } else if let Some(key) = key_variable {
        Source::Key(SecretOrigin::Variable(key))
    } else if let Some(Placed { value, place }) = section_key {
        if let Some(user) = section_user {
            problems.error(
                user.place.clone(),
                "an API key and a user are two ways to log in",
                "leave one out: user or api_key_file",
            );
        }
        Source::Key(SecretOrigin::File(value, place.clone()))
    } else if let Some(user) = section_user {
        Source::User(user.value.clone())
    } else if typed.password_file.is_some() {
        problems.error(
            place("password-file"),
            "a password needs a user",
            format!("add --{side}-user NAME"),
        );
        return None;
    } else {
        return Some(Login::Anonymous);
    };
    match source {
        Source::Key(SecretOrigin::File(path, place)) => {
            let text = inputs::secret(path, &place, problems)?;
            api_key(text.expose_secret(), &place, problems)
        }
        Source::Key(SecretOrigin::Variable(text)) => {
            let place = format!("CROSSCHECK_{upper}_API_KEY");
            api_key(text.expose_secret(), &place, problems)
        }
        Source::User(user) => {
            let password = password(typed, section, base, &user, problems)?;
            Some(Login::Basic { user, password })
        }
    }
}

/// A REST API key in any of the forms that it is handed around in. It is the tool's own login, not
/// what is examined, so each of them will do.
pub(super) fn api_key(text: &str, place: &str, problems: &mut Problems) -> Option<Login> {
    let text = text.trim();
    let text = text
        .strip_prefix("ApiKey")
        .filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        .unwrap_or(text)
        .trim();
    if text.is_empty() {
        problems.error(
            place,
            "the API key is empty",
            "write the encoded API key into it",
        );
        return None;
    }
    if text.starts_with('{') {
        let answer: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let encoded = answer
            .as_ref()
            .and_then(|it| it.get("encoded"))
            .and_then(|it| it.as_str());
        if encoded.is_none() {
            problems.error(
                place,
                "it is JSON without the field \"encoded\"",
                "give the value of \"encoded\" in the answer that made the key",
            );
        }
        return encoded.map(|it| Login::ApiKey(SecretString::from(it)));
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) || !text.is_ascii() {
        problems.error(
            place,
            "the API key has white space or other foreign characters inside",
            "give the value of \"encoded\" in the answer that made the key, on one line",
        );
        return None;
    }
    if text.contains(':') {
        return Some(Login::ApiKey(SecretString::from(STANDARD.encode(text))));
    }
    Some(Login::ApiKey(SecretString::from(text)))
}

fn password(
    typed: &Typed<'_>,
    section: Option<&ClusterSection>,
    base: &BaseUrl,
    user: &str,
    problems: &mut Problems,
) -> Option<SecretString> {
    let side = typed.side;
    let variable = format!("CROSSCHECK_{}_PASSWORD", side.to_uppercase());
    let from_file = |path: &PathBuf, place: &str, problems: &mut Problems| {
        non_empty(inputs::secret(path, place, problems)?, place, problems)
    };
    if let Some(path) = typed.password_file {
        return from_file(
            &path.to_owned(),
            &format!("--{side}-password-file"),
            problems,
        );
    }
    if let Some(password) = &base.password {
        return Some(password.clone());
    }
    if let Some(password) = secret_variable(&variable, problems) {
        return Some(password);
    }
    if let Some(Placed { value, place }) = section.and_then(|it| it.password_file.as_ref()) {
        return from_file(value, place, problems);
    }
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let prompt = format!("Password of {user} on {}: ", base.url);
        match rpassword::prompt_password(prompt) {
            Ok(password) => return Some(SecretString::from(password)),
            Err(error) => {
                problems.error(
                    format!("--{side}-user"),
                    format!("the password could not be read: {error}"),
                    format!("use --{side}-password-file FILE or {variable}"),
                );
                return None;
            }
        }
    }
    problems.error(
        format!("--{side}-user"),
        format!("there is no password for {user}, and no terminal to ask for it"),
        format!("add --{side}-password-file FILE or set {variable}"),
    );
    None
}

fn non_empty(secret: SecretString, place: &str, problems: &mut Problems) -> Option<SecretString> {
    if secret.expose_secret().is_empty() {
        problems.error(
            place,
            "the file is empty",
            "write the password into it, and nothing else",
        );
        return None;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_api_key_logs_in() {
        let encoded = STANDARD.encode("id:secret");
        for text in [
            encoded.clone(),
            format!("{encoded}\n"),
            format!("ApiKey {encoded}"),
            "id:secret".to_owned(),
            format!(r#"{{"id":"id","api_key":"secret","encoded":"{encoded}"}}"#),
        ] {
            let mut problems = Problems::default();
            let Some(Login::ApiKey(key)) = api_key(&text, "--local-api-key-file", &mut problems)
            else {
                panic!("{text}: {problems:?}");
            };
            assert_eq!(key.expose_secret(), encoded, "{text}");
        }
        for text in ["", "ApiKey ", r#"{"id":"canary"}"#, "can ary", "canäry"] {
            let mut problems = Problems::default();
            assert!(api_key(text, "--local-api-key-file", &mut problems).is_none());
            assert!(!problems.errors[0].to_string().contains("canary"));
        }
    }
}
