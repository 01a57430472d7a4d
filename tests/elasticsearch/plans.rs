//! How the nodes of a pair are set up.

use anyhow::Result;

use crate::{
    certificates::{Certificates, Flaw},
    keystore::Entries,
    node::Plan,
};

/// Settings of the odd node.
pub(crate) const ODD: &[&str] = &[
    "node.roles: [ master, data, ingest ]",
    "remote_cluster_server.enabled: true",
    "xpack.security.remote_cluster_server.ssl.certificate: server.crt",
    "xpack.security.remote_cluster_server.ssl.key: server.key",
    "xpack.security.remote_cluster_server.ssl.client_authentication: required",
    "xpack.security.remote_cluster_server.ssl.certificate_authorities: [ remote-ca.crt ]",
    "xpack.security.transport.ssl.enabled: true",
    "xpack.security.transport.ssl.verification_mode: none",
    "xpack.security.transport.ssl.client_authentication: none",
    "xpack.security.transport.ssl.certificate: server.crt",
    "xpack.security.transport.ssl.key: server.key",
    "xpack.security.filter.always_allow_bound_address: false",
    "xpack.security.http.filter.enabled: false",
];

pub(crate) fn local_plan<'a>(
    name: &'a str,
    certificates: &Certificates,
    more: &[&str],
) -> Plan<'a> {
    let mut settings = lines(&[
        "xpack.security.transport.ssl.enabled: false",
        "xpack.security.remote_cluster_client.ssl.enabled: true",
        "xpack.security.remote_cluster_client.ssl.certificate_authorities: [ remote-ca.crt ]",
    ]);
    settings.extend(lines(more));
    Plan {
        name,
        settings,
        files: vec![("remote-ca.crt", certificates.authority_pem().to_owned())],
        keystore: Entries::new(),
    }
}

pub(crate) fn remote_plan<'a>(name: &'a str, certificates: &Certificates) -> Result<Plan<'a>> {
    Ok(Plan {
        name,
        settings: lines(&[
            "xpack.security.transport.ssl.enabled: false",
            "remote_cluster_server.enabled: true",
            "xpack.security.remote_cluster_server.ssl.enabled: true",
            "xpack.security.remote_cluster_server.ssl.certificate: server.crt",
            "xpack.security.remote_cluster_server.ssl.key: server.key",
            "xpack.security.remote_cluster_server.ssl.certificate_authorities: [ chain.crt ]",
        ]),
        files: vec![
            ("server.crt", certificates.server(Flaw::None)?.pem()),
            ("server.key", certificates.key_pem()),
            ("remote-ca.crt", certificates.authority_pem().to_owned()),
            ("chain.crt", certificates.chain_pem()),
        ],
        keystore: Entries::new(),
    })
}

/// Mutual TLS between nodes, with the same authority as the remote cluster server.
pub(crate) fn transport_tls() -> Vec<String> {
    lines(&[
        "xpack.security.transport.ssl.enabled: true",
        "xpack.security.transport.ssl.verification_mode: certificate",
        "xpack.security.transport.ssl.client_authentication: required",
        "xpack.security.transport.ssl.certificate: server.crt",
        "xpack.security.transport.ssl.key: server.key",
        "xpack.security.transport.ssl.certificate_authorities: [ remote-ca.crt ]",
    ])
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}
