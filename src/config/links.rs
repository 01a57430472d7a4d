//! What is known or meant of the links.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::address;
use super::file::{LinkSection, Placed};
use super::inputs;
use super::plan::{ClientIdentity, LinkIntent};
use super::problem::Problems;
use super::secret_variable;
use super::truststore::{self, StorePassword};
use crate::cli::LinkOptions;
use crate::evidence::Mode;

const CREDENTIALS: &str = "CROSSCHECK_CREDENTIALS";
const SERVER_CA_PASSWORD: &str = "--server-ca-password-file";

/// The intents: one for each link of `crosscheck.toml`, over which lies what was typed, and one for
/// what was typed of a link that the file does not know.
pub(super) fn intents(
    typed_options: &LinkOptions,
    aliases: &[String],
    sections: &[(&String, &LinkSection)],
    problems: &mut Problems,
) -> Vec<LinkIntent> {
    let typed = typed(typed_options, "--endpoint", problems);
    let mut intents: Vec<LinkIntent> = sections
        .iter()
        .map(|(alias, section)| from_section(alias, section, problems))
        .collect();
    let Some(mut typed) = typed else {
        return intents;
    };
    match (aliases, intents.as_mut_slice()) {
        ([alias], []) => {
            typed.alias = Some(alias.clone());
            intents.push(typed);
        }
        ([_] | [], [only]) => override_with(only, typed),
        // Several links: it holds for those that the file does not know.
        (_, []) => intents.push(typed),
        _ => {
            problems.error(
                "options of the link",
                "they were given for several links of crosscheck.toml at once",
                "name one link, or write them into its [links.ALIAS]",
            );
        }
    }
    intents
}

/// Proxy mode is meant where an address was typed for a planned link and no mode: it is the only mode of
/// Elastic Cloud, and what the documentation sets up.
pub(super) fn plan_proxy_mode(intent: &mut LinkIntent) {
    if !intent.endpoints.is_empty() {
        intent.mode.get_or_insert(Mode::Proxy);
    }
}

/// What was typed of the link; `None` where nothing was.
pub(super) fn typed(
    options: &LinkOptions,
    endpoint_place: &str,
    problems: &mut Problems,
) -> Option<LinkIntent> {
    let identity = &options.identity;
    let endpoints: Vec<String> = options
        .endpoint
        .iter()
        .filter_map(|text| address::endpoint(text, endpoint_place, problems))
        .collect();
    let placed = |path: &Option<PathBuf>, place: &str| {
        path.clone().map(|value| Placed {
            value,
            place: place.to_owned(),
        })
    };
    let credential = match &identity.credentials_file {
        Some(path) => inputs::secret(path, "--credentials-file", problems),
        None => secret_variable(CREDENTIALS, problems),
    };
    let (server_ca, server_ca_path) = server_ca(
        placed(&identity.server_ca, "--server-ca").as_ref(),
        placed(&identity.server_ca_password_file, SERVER_CA_PASSWORD),
        problems,
    );
    let client = client(
        placed(&identity.client_cert, "--client-cert").as_ref(),
        placed(&identity.client_key, "--client-key").as_ref(),
        problems,
    );
    let nothing = options.endpoint.is_empty()
        && identity.server_name.is_none()
        && options.mode.is_none()
        && options.model.is_none()
        && credential.is_none()
        && server_ca.is_none()
        && client.is_none()
        && options.uses.is_empty()
        && options.index.is_empty();
    let Patterns {
        indices,
        exclusions,
    } = index_patterns(&options.index);
    (!nothing).then(|| LinkIntent {
        alias: None,
        endpoints,
        server_name: identity.server_name.clone(),
        mode: options.mode,
        model: options.model,
        credential,
        server_ca,
        server_ca_path,
        client,
        uses: options.uses.clone(),
        indices,
        exclusions,
    })
}

fn from_section(alias: &str, section: &LinkSection, problems: &mut Problems) -> LinkIntent {
    let credential: Option<SecretString> = section
        .credentials_file
        .as_ref()
        .and_then(|Placed { value, place }| inputs::secret(value, place, problems));
    let (server_ca, server_ca_path) = server_ca(
        section.server_ca.as_ref(),
        section.server_ca_password_file.clone(),
        problems,
    );
    let Patterns {
        indices,
        exclusions,
    } = index_patterns(&section.indices);
    LinkIntent {
        alias: Some(alias.to_owned()),
        endpoints: section
            .endpoints
            .iter()
            .filter_map(|it| address::endpoint(&it.value, &it.place, problems))
            .collect(),
        server_name: section.server_name.as_ref().map(|it| it.value.clone()),
        mode: section.mode,
        model: section.model,
        credential,
        server_ca,
        server_ca_path,
        client: client(
            section.client_cert.as_ref(),
            section.client_key.as_ref(),
            problems,
        ),
        uses: section.uses.clone(),
        indices,
        exclusions,
    }
}

/// What was written as `--index`.
#[derive(Debug, Default, PartialEq)]
struct Patterns {
    /// Single index patterns, as a key or a role grants them.
    indices: Vec<String>,
    /// What searches leave out, with its `-`.
    exclusions: Vec<String>,
}

/// Takes lists apart and the `ALIAS:` of a search expression off. `-ALIAS:*`, which leaves out a whole
/// remote, is about no index.
fn index_patterns(written: &[String]) -> Patterns {
    let single = written.iter().flat_map(|list| list.split(','));
    let mut patterns = Patterns::default();
    for pattern in single.map(str::trim) {
        let own = without_alias(pattern);
        if own != pattern && pattern.starts_with('-') || own.is_empty() {
            continue;
        }
        let list = if own.starts_with('-') {
            &mut patterns.exclusions
        } else {
            &mut patterns.indices
        };
        list.push(own.to_owned());
    }
    patterns
}

/// `bee:logs` is `logs`. Date math (`<logs-{now/d}>`) and selectors (`logs::failures`) have colons too.
fn without_alias(pattern: &str) -> &str {
    match pattern.split_once(':') {
        Some((alias, index)) if !alias.contains('<') && !index.starts_with(':') => index,
        _ => pattern,
    }
}

/// Replaces what the file says by what was typed.
fn override_with(intent: &mut LinkIntent, typed: LinkIntent) {
    if !typed.endpoints.is_empty() {
        intent.endpoints = typed.endpoints;
    }
    if !typed.uses.is_empty() {
        intent.uses = typed.uses;
    }
    if !typed.indices.is_empty() || !typed.exclusions.is_empty() {
        intent.indices = typed.indices;
        intent.exclusions = typed.exclusions;
    }
    if typed.server_ca.is_some() {
        intent.server_ca = typed.server_ca;
        intent.server_ca_path = typed.server_ca_path;
    }
    intent.server_name = typed.server_name.or(intent.server_name.take());
    intent.mode = typed.mode.or(intent.mode);
    intent.model = typed.model.or(intent.model);
    intent.credential = typed.credential.or(intent.credential.take());
    intent.client = typed.client.or(intent.client.take());
}

type ServerCa = Option<Vec<rustls::pki_types::CertificateDer<'static>>>;

fn server_ca(
    given: Option<&Placed<PathBuf>>,
    password_file: Option<Placed<PathBuf>>,
    problems: &mut Problems,
) -> (ServerCa, Option<PathBuf>) {
    let Some(Placed { value, place }) = given else {
        if let Some(file) = password_file {
            problems.error(
                file.place,
                "it says nothing without the truststore that it opens",
                "add --server-ca FILE (server_ca in crosscheck.toml)",
            );
        }
        return (None, None);
    };
    let password = StorePassword {
        file: password_file,
        variable: "CROSSCHECK_SERVER_CA_PASSWORD".to_owned(),
        option: Some(SERVER_CA_PASSWORD.to_owned()),
    };
    (
        truststore::trusted(value, place, &password, problems),
        Some(value.clone()),
    )
}

fn client(
    certificate: Option<&Placed<PathBuf>>,
    key: Option<&Placed<PathBuf>>,
    problems: &mut Problems,
) -> Option<ClientIdentity> {
    fn pair(it: &Placed<PathBuf>) -> (&Path, &str) {
        (&it.value, &it.place)
    }
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            inputs::client_identity(pair(certificate), pair(key), problems)
        }
        (Some(alone), None) => {
            problems.error(
                alone.place.clone(),
                "a client certificate needs its private key",
                "add --client-key FILE (client_key in crosscheck.toml)",
            );
            None
        }
        (None, Some(alone)) => {
            problems.error(
                alone.place.clone(),
                "a client key needs its certificate",
                "add --client-cert FILE (client_cert in crosscheck.toml)",
            );
            None
        }
        (None, None) => None,
    }
}

/// Names in the local keystore: the typed list, else that of the first link that has one.
pub(super) fn keystore(
    typed: &LinkOptions,
    sections: &[(&String, &LinkSection)],
    problems: &mut Problems,
) -> Option<Vec<String>> {
    if let Some(path) = &typed.keystore_list {
        return inputs::keystore_names(path, "--keystore-list", problems);
    }
    let Placed { value, place } = sections
        .iter()
        .find_map(|(_, section)| section.keystore_list.as_ref())?;
    inputs::keystore_names(value, place, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_patterns_are_taken_apart() {
        for (written, indices, exclusions) in [
            (&["logs*"][..], &["logs*"][..], &[][..]),
            (&["logs,metrics"], &["logs", "metrics"], &[]),
            (&["bee:logs*", "bee:a, bee:b"], &["logs*", "a", "b"], &[]),
            (&["logs*", "-logs-x"], &["logs*"], &["-logs-x"]),
            (&["logs*,-bee:*,bee:-a"], &["logs*"], &["-a"]),
            (&["-logs-x"], &[], &["-logs-x"]),
            (
                &["<logs-{now/d{yyyy.MM.dd|+12:00}}>"],
                &["<logs-{now/d{yyyy.MM.dd|+12:00}}>"],
                &[],
            ),
            (&["logs::failures"], &["logs::failures"], &[]),
            (&["bee:logs::failures"], &["logs::failures"], &[]),
        ] {
            let written: Vec<String> = written.iter().map(|it| (*it).to_owned()).collect();
            let found = index_patterns(&written);
            assert_eq!(found.indices, indices, "{written:?}");
            assert_eq!(found.exclusions, exclusions, "{written:?}");
        }
    }

    #[test]
    fn what_is_left_out_stands_behind_what_it_is_taken_from() {
        for (written, searched) in [
            (&["-a,logs*"][..], &["logs*", "-a"][..]),
            (&["-a"], &["*", "-a"]),
            (&[], &[]),
        ] {
            let written: Vec<String> = written.iter().map(|it| (*it).to_owned()).collect();
            let Patterns {
                indices,
                exclusions,
            } = index_patterns(&written);
            let intent = LinkIntent {
                indices,
                exclusions,
                ..LinkIntent::default()
            };
            assert_eq!(intent.searched(), searched);
        }
    }
}
