//! Every scenario: what is wrong, where, and which recorded answers show it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Scenario;
use super::certificates::Chain;

/// How a scenario's pair is set up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) local: &'static Release,
    pub(super) remote: &'static Release,
    /// File of answers that is laid over the healthy ones.
    pub(super) answers: Option<&'static str>,
    pub(super) listener: Listener,
    pub(super) address: Address,
    pub(super) chain: Chain,
    pub(super) credential: Credential,
    /// Names in a's keystore, where the reader lists them.
    pub(super) keystore: Option<&'static [&'static str]>,
    /// What the reader wants to search.
    pub(super) index: &'static str,
    pub(super) skip_unavailable: bool,
    /// Who asks a.
    pub(super) user: &'static str,
}

/// A version of which recordings are embedded.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) answers: &'static str,
    pub(super) wire: &'static str,
}

/// What listens where the link dials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Listener {
    /// Nothing: the kernel refuses.
    Closed,
    /// b's HTTP port.
    Http,
    /// b's remote cluster server.
    RemoteClusterServer,
    /// Something that accepts and stays silent.
    Silent,
    /// An SSH server.
    Ssh,
    /// b's transport port, which asks for a client certificate.
    Transport,
}

/// How the address is written in the settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Address {
    /// `127.0.0.1:port`.
    Plain,
    /// A name that no DNS server knows (RFC 6761 §6.4).
    UnknownHost,
    /// `https://127.0.0.1:port`.
    Url,
}

/// The credential that the reader has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Credential {
    /// Encoded as it should be, with the key's id.
    Encoded(&'static str),
    /// `id:secret` as it is.
    IdColonSecret(&'static str),
}

/// 22 characters, as every key's secret.
const SECRET: &str = "demoSecretOfTheKey2026";

impl Credential {
    /// The text that the reader has.
    pub(super) fn text(self) -> String {
        match self {
            Self::Encoded(id) => STANDARD.encode(format!("{id}:{SECRET}")),
            Self::IdColonSecret(id) => format!("{id}:{SECRET}"),
        }
    }
}

impl Setup {
    /// Names in a's keystore, where the reader lists them.
    pub(super) fn keystore_names(&self) -> Option<Vec<String>> {
        let names = self.keystore?;
        Some(names.iter().map(|&it| it.to_owned()).collect())
    }
}

/// Id of the good key in the recordings of 9.4.3.
const GOOD: &str = "3oFhCqIBFsqsHzwCTQPw";

static V9: Release = Release {
    answers: include_str!("answers/healthy-9.4.3.json"),
    wire: include_str!("answers/wire-9.4.3.json"),
};
static V8: Release = Release {
    answers: include_str!("answers/healthy-8.14.1.json"),
    wire: include_str!("answers/wire-8.14.1.json"),
};

const HEALTHY: Setup = Setup {
    local: &V9,
    remote: &V9,
    answers: None,
    listener: Listener::RemoteClusterServer,
    address: Address::Plain,
    chain: Chain::Good,
    credential: Credential::Encoded(GOOD),
    keystore: Some(&[
        "bootstrap.password",
        "cluster.remote.bee.credentials",
        "keystore.seed",
    ]),
    index: "logs",
    skip_unavailable: true,
    user: "elastic",
};

macro_rules! fault {
    ($name:literal) => {
        Some(include_str!(concat!("answers/faults/", $name, ".json")))
    };
}

const fn scenario(
    name: &'static str,
    root_cause: Option<&'static str>,
    title: &'static str,
    setup: Setup,
) -> Scenario {
    Scenario {
        name,
        title,
        root_cause,
        setup,
    }
}

const fn key(id: &'static str, answers: Option<&'static str>) -> Setup {
    Setup {
        answers,
        credential: Credential::Encoded(id),
        ..HEALTHY
    }
}

const fn chain(chain: Chain, answers: Option<&'static str>) -> Setup {
    Setup {
        answers,
        chain,
        ..HEALTHY
    }
}

const fn listener(listener: Listener, answers: Option<&'static str>) -> Setup {
    Setup {
        answers,
        listener,
        ..HEALTHY
    }
}

const fn keystore(
    keystore: Option<&'static [&'static str]>,
    answers: Option<&'static str>,
) -> Setup {
    Setup {
        answers,
        keystore,
        ..HEALTHY
    }
}

const fn changed(answers: Option<&'static str>) -> Setup {
    Setup { answers, ..HEALTHY }
}

pub(super) static ALL: &[Scenario] = &[
    scenario(
        "key-expired",
        Some("keys/expired"),
        "the cross-cluster API key has expired",
        key("5IFlCqIBFsqsHzwCggPH", fault!("key-expired")),
    ),
    scenario("healthy", None, "nothing is wrong", HEALTHY),
    scenario(
        "skip-false",
        None,
        "nothing is wrong, skip_unavailable is false",
        Setup {
            skip_unavailable: false,
            ..HEALTHY
        },
    ),
    scenario(
        "sniff",
        None,
        "nothing is wrong, mode sniff",
        changed(fault!("sniff")),
    ),
    scenario(
        "other-alias-dead",
        None,
        "nothing is wrong with bee; another remote is down",
        changed(fault!("other-alias-dead")),
    ),
    scenario(
        "healthy-8.14",
        None,
        "nothing is wrong, both clusters are 8.14.1",
        Setup {
            local: &V8,
            remote: &V8,
            credential: Credential::Encoded("GpFhCqIB3zIp3NQVqM6O"),
            skip_unavailable: false,
            ..HEALTHY
        },
    ),
    scenario(
        "key-unknown",
        Some("keys/unknown-key"),
        "the remote cluster knows no key of that id",
        key("Zm9vYmFyYmF6cXV4cXV4", fault!("key-unknown")),
    ),
    scenario(
        "key-invalidated",
        Some("keys/invalidated"),
        "the key was invalidated",
        key("4oFkCqIBFsqsHzwC2wPm", fault!("key-invalidated")),
    ),
    scenario(
        "key-wrong-secret",
        Some("keys/wrong-secret"),
        "right id, wrong secret",
        key(GOOD, fault!("key-wrong-secret")),
    ),
    scenario(
        "key-rest-type",
        Some("keys/wrong-type"),
        "a REST API key in place of a cross-cluster one",
        key("5YFmCqIBFsqsHzwCFgNb", fault!("key-rest-type")),
    ),
    scenario(
        "key-not-encoded",
        Some("keys/not-encoded"),
        "id:secret was stored, not its encoded form",
        Setup {
            credential: Credential::IdColonSecret(GOOD),
            ..changed(fault!("key-not-encoded"))
        },
    ),
    scenario(
        "key-no-search",
        Some("keys/no-search-access"),
        "the key allows replication only",
        key("6YFmCqIBFsqsHzwCnAOM", fault!("key-no-search")),
    ),
    scenario(
        "key-other-index",
        Some("keys/index-not-granted"),
        "the key covers other indices",
        key("6YFmCqIBFsqsHzwCnAOM", fault!("key-other-index")),
    ),
    scenario(
        "credential-missing",
        Some("keystore/credential-absent"),
        "the keystore holds no credential for bee",
        keystore(
            Some(&["bootstrap.password", "keystore.seed"]),
            fault!("credential-missing"),
        ),
    ),
    scenario(
        "credential-not-loaded",
        Some("keystore/credential-not-loaded"),
        "no credential is loaded; what the keystore holds is not known",
        keystore(None, fault!("credential-missing")),
    ),
    scenario(
        "credential-not-reloaded",
        Some("keystore/credential-not-reloaded"),
        "stored, but never loaded",
        changed(fault!("credential-not-reloaded")),
    ),
    scenario(
        "credential-other-alias",
        Some("keystore/credential-under-other-name"),
        "stored under a misspelt alias",
        keystore(
            Some(&[
                "bootstrap.password",
                "cluster.remote.beee.credentials",
                "keystore.seed",
            ]),
            fault!("credential-other-alias"),
        ),
    ),
    scenario(
        "credential-stale",
        Some("keystore/credential-stale"),
        "replaced in the keystore, the old one is still loaded",
        changed(fault!("credential-stale")),
    ),
    scenario(
        "refused",
        Some("connection/refused"),
        "nothing listens at the address",
        Setup {
            skip_unavailable: false,
            ..listener(Listener::Closed, fault!("refused"))
        },
    ),
    scenario(
        "skip-hides",
        Some("connection/refused"),
        "the remote is down and skip_unavailable hides it",
        listener(Listener::Closed, fault!("refused")),
    ),
    scenario(
        "unknown-host",
        Some("connection/name-not-found"),
        "the name does not exist",
        Setup {
            address: Address::UnknownHost,
            ..listener(Listener::Closed, fault!("unknown-host"))
        },
    ),
    scenario(
        "silent",
        Some("connection/silent"),
        "something accepts and never answers",
        listener(Listener::Silent, fault!("silent")),
    ),
    scenario(
        "http-port",
        Some("ports/http-port"),
        "the address is b's HTTP port",
        listener(Listener::Http, fault!("http-port")),
    ),
    scenario(
        "transport-port",
        Some("ports/transport-port"),
        "the address is b's transport port",
        listener(Listener::Transport, fault!("transport-port")),
    ),
    scenario(
        "other-service",
        Some("ports/other-service"),
        "an SSH server listens at the address",
        listener(Listener::Ssh, fault!("other-service")),
    ),
    scenario(
        "server-disabled",
        Some("ports/server-disabled"),
        "b's remote cluster server is not enabled",
        listener(Listener::Closed, fault!("server-disabled")),
    ),
    scenario(
        "ca-unknown",
        Some("tls/issuer-not-trusted"),
        "a does not trust the CA of b's certificate",
        chain(Chain::CaUnknown, fault!("ca-unknown")),
    ),
    scenario(
        "ca-same-name",
        Some("tls/ca-same-name-other-key"),
        "the CA was made anew under the same name",
        chain(Chain::CaSameName, fault!("ca-same-name")),
    ),
    scenario(
        "intermediate-missing",
        Some("tls/intermediate-missing"),
        "b does not send the intermediate CA",
        chain(Chain::IntermediateMissing, fault!("intermediate-missing")),
    ),
    scenario(
        "wrong-name",
        Some("tls/name-mismatch"),
        "the certificate names another host",
        chain(Chain::WrongName, fault!("wrong-name")),
    ),
    scenario(
        "cert-expired",
        Some("tls/expired"),
        "b's certificate has expired",
        chain(Chain::Expired, fault!("cert-expired")),
    ),
    scenario(
        "alias-not-configured",
        Some("settings/alias-not-configured"),
        "a knows no remote bee",
        changed(fault!("alias-not-configured")),
    ),
    scenario(
        "address-url",
        Some("settings/address-is-url"),
        "the address begins with https://",
        Setup {
            address: Address::Url,
            ..changed(fault!("address-url"))
        },
    ),
    scenario(
        "version-mismatch",
        Some("versions/wire-incompatible"),
        "8.14.1 cannot talk to 9.4.3",
        Setup {
            local: &V8,
            ..changed(fault!("version-mismatch"))
        },
    ),
    scenario(
        "licence-local",
        Some("licence/local-insufficient"),
        "a has a basic licence",
        changed(fault!("licence-local")),
    ),
    scenario(
        "licence-remote",
        Some("licence/remote-insufficient"),
        "b has a basic licence",
        changed(fault!("licence-remote")),
    ),
    scenario(
        "role-missing",
        Some("nodes/client-role-missing"),
        "a's node lacks the role remote_cluster_client",
        changed(fault!("role-missing")),
    ),
    scenario(
        "no-remote-indices",
        Some("privileges/no-remote-indices"),
        "the user may read no index of a remote",
        Setup {
            user: "norem",
            ..changed(fault!("no-remote-indices"))
        },
    ),
    scenario(
        "index-missing",
        Some("search/index-missing"),
        "b has no such index",
        Setup {
            index: "logs-nope",
            ..changed(fault!("index-missing"))
        },
    ),
];
