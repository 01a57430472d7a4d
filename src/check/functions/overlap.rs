//! What TLS a node speaks by its settings, and whether two nodes have some of it in common.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::text;

/// What a node speaks unless told otherwise (`SslConfigurationLoader.DEFAULT_PROTOCOLS`), as far as the JVMs
/// of 7.17 and later still allow it: older versions are in `jdk.tls.disabledAlgorithms`, also where a setting
/// names them.
const VERSIONS: [&str; 2] = ["TLSv1.3", "TLSv1.2"];

/// `SslConfigurationLoader.DEFAULT_CIPHERS`: what a node speaks unless told otherwise. JVMs from 24 on leave
/// out those that begin with `TLS_RSA`; they stay here, as nothing tells which JVM a node has.
const SUITES: [&str; 23] = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
];

/// Whether a node of the local cluster and one of the remote cluster have a TLS version and a cipher suite of
/// that version in common, by their settings.
pub(super) fn shares_tls(arguments: &[Json]) -> Result<Json, String> {
    let model = text(&arguments[2])?;
    let client = Spoken::of(&arguments[0], client_context(model));
    let server = Spoken::of(&arguments[1], server_context(model));
    let suites: Vec<&String> = client.suites.intersection(&server.suites).collect();
    let shared = client.versions.intersection(&server.versions);
    let mut usable = shared.filter(|&&version| suites.iter().any(|it| is_of(it, version)));
    Ok(usable.next().is_some().into())
}

/// What a node speaks towards remotes (`client`), or to those that it is the remote of (`server`), and which
/// setting says so.
pub(super) fn spoken_tls(arguments: &[Json]) -> Result<Json, String> {
    let model = text(&arguments[1])?;
    let context = match text(&arguments[2])? {
        "client" => client_context(model),
        _ => server_context(model),
    };
    let settings = &arguments[0];
    let spoken = Spoken::of(settings, context);
    let versions: Vec<&str> = VERSIONS
        .into_iter()
        .filter(|version| spoken.versions.contains(version))
        .collect();
    let mut said = if versions.is_empty() {
        "no TLS version that Java still allows".to_owned()
    } else {
        versions.join(" and ")
    };
    if let Some(suites) = listed(settings, context, "cipher_suites") {
        said = format!("{said} with only {}", suites.join(", "));
    }
    let written: Vec<String> = ["supported_protocols", "cipher_suites"]
        .into_iter()
        .filter(|name| listed(settings, context, name).is_some())
        .map(|name| format!("{context}.{name}"))
        .collect();
    let by = match written.as_slice() {
        [] => "the default".to_owned(),
        written => written.join(", "),
    };
    Ok(format!("{said} ({by})").into())
}

/// What a node speaks in one TLS context.
struct Spoken {
    versions: BTreeSet<&'static str>,
    suites: BTreeSet<String>,
}

impl Spoken {
    fn of(settings: &Json, context: &str) -> Self {
        let listed_versions = listed(settings, context, "supported_protocols");
        let versions = VERSIONS.into_iter().filter(|version| {
            let mut listed = listed_versions.iter().flatten();
            listed_versions.is_none() || listed.any(|it| it == version)
        });
        let suites = listed(settings, context, "cipher_suites")
            .unwrap_or_else(|| SUITES.map(str::to_owned).to_vec());
        Self {
            versions: versions.collect(),
            suites: suites.into_iter().collect(),
        }
    }
}

/// The values of a list setting; `None` where it is not set.
fn listed(settings: &Json, context: &str, name: &str) -> Option<Vec<String>> {
    let written = settings[format!("{context}.{name}")].as_str()?;
    let values = written
        .trim_matches(['[', ']'])
        .split(',')
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty());
    let values: Vec<String> = values.collect();
    // An empty list is as good as none.
    (!values.is_empty()).then_some(values)
}

/// Names of suites of TLS 1.3 have no key exchange.
fn is_of(suite: &str, version: &str) -> bool {
    (version == "TLSv1.3") != suite.contains("_WITH_")
}

fn client_context(model: &str) -> &'static str {
    match model {
        "api-key" => "xpack.security.remote_cluster_client.ssl",
        _ => "xpack.security.transport.ssl",
    }
}

fn server_context(model: &str) -> &'static str {
    match model {
        "api-key" => "xpack.security.remote_cluster_server.ssl",
        _ => "xpack.security.transport.ssl",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CLIENT: &str = "xpack.security.remote_cluster_client.ssl";
    const SERVER: &str = "xpack.security.remote_cluster_server.ssl";

    fn settings(context: &str, protocols: &str, suites: &str) -> Json {
        json!({
            format!("{context}.supported_protocols"): protocols,
            format!("{context}.cipher_suites"): suites,
        })
    }

    #[test]
    fn versions_and_suites_must_meet() {
        for (client, server, shared) in [
            (("", ""), ("", ""), true),
            (("TLSv1.2", ""), ("TLSv1.3", ""), false),
            (("TLSv1.2", ""), ("[TLSv1.3, TLSv1.2]", ""), true),
            (("", ""), ("TLSv1.1", ""), false),
            (("TLSv1.1,TLSv1.2", ""), ("", ""), true),
            (("TLSv1.2", ""), ("", "TLS_AES_256_GCM_SHA384"), false),
            (
                ("TLSv1.3", ""),
                ("", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                false,
            ),
            (
                ("", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                ("", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                false,
            ),
            (
                ("", ""),
                ("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                true,
            ),
            (("", ""), ("", "TLS_DHE_RSA_WITH_AES_256_CCM"), false),
        ] {
            let arguments = [
                settings(CLIENT, client.0, client.1),
                settings(SERVER, server.0, server.1),
                json!("api-key"),
            ];
            let found = shares_tls(&arguments).unwrap();
            assert_eq!(found, json!(shared), "{client:?} {server:?}");
        }
    }

    #[test]
    fn the_certificate_model_uses_the_transport_settings() {
        let transport = |versions: &str| settings("xpack.security.transport.ssl", versions, "");
        let model = json!("certificate");
        let arguments = [transport("TLSv1.2"), transport("TLSv1.3"), model.clone()];
        assert_eq!(shares_tls(&arguments).unwrap(), json!(false));
        let arguments = [settings(CLIENT, "TLSv1.2", ""), transport("TLSv1.3"), model];
        assert_eq!(shares_tls(&arguments).unwrap(), json!(true));
    }

    #[test]
    fn what_is_spoken_is_said_with_its_setting() {
        for (protocols, suites, said) in [
            ("", "", "TLSv1.3 and TLSv1.2 (the default)".to_owned()),
            (
                "TLSv1.2",
                "",
                format!("TLSv1.2 ({SERVER}.supported_protocols)"),
            ),
            (
                "TLSv1.1",
                "",
                format!("no TLS version that Java still allows ({SERVER}.supported_protocols)"),
            ),
            (
                "",
                "TLS_X",
                format!("TLSv1.3 and TLSv1.2 with only TLS_X ({SERVER}.cipher_suites)"),
            ),
        ] {
            let arguments = [
                settings(SERVER, protocols, suites),
                json!("api-key"),
                json!("server"),
            ];
            assert_eq!(spoken_tls(&arguments).unwrap(), json!(said));
        }
    }
}
