//! The rows of the matrix: how a link is broken, what the nodes then say, and what the tool must say.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    certificates::Flaw,
    keystore::Entries,
    pair::{ALIAS, ENTRY, Key, Pair, clear_remotes, connect, search_logs, until_connected},
    peers::{Peer, closed_port},
    tool::Ask,
};

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Changes the clusters of a healthy pair.
    pub(crate) inject: fn(&mut Pair) -> Result<Ask>,
    /// At least one of these texts is in the nodes' own answers; empty if they have nothing to say.
    pub(crate) proof: &'static [&'static str],
    /// Codes of which one must be the root cause; empty for a healthy link.
    pub(crate) causes: &'static [&'static str],
    /// Codes that are right as well where nothing but the local cluster's URL is known.
    pub(crate) also_locally: &'static [&'static str],
    /// Codes that must be among the failures, if everything is given.
    pub(crate) mentions: &'static [&'static str],
    /// True if the clusters cannot be healed afterwards.
    pub(crate) spoils: bool,
}

/// The row of two versions that cannot talk.
pub(crate) const OTHER_VERSION: Case = broken(
    "with another version",
    no_change,
    &["versions/wire-incompatible"],
)
.proof(&["connection reset", "Unable to open any proxy connections"]);

/// Every row.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = keys();
    cases.extend(keystore());
    cases.extend(addresses());
    cases.extend(certificates());
    cases.extend(settings_and_rights());
    cases.extend(healthy());
    cases.extend(licences());
    cases
}

const fn broken(
    name: &'static str,
    inject: fn(&mut Pair) -> Result<Ask>,
    causes: &'static [&'static str],
) -> Case {
    Case {
        name,
        inject,
        proof: &[],
        causes,
        also_locally: &[],
        mentions: &[],
        spoils: false,
    }
}

const fn sound(name: &'static str, inject: fn(&mut Pair) -> Result<Ask>) -> Case {
    broken(name, inject, &[]).proof(&["\"connected\":true"])
}

impl Case {
    const fn proof(mut self, texts: &'static [&'static str]) -> Self {
        self.proof = texts;
        self
    }

    const fn also_locally(mut self, codes: &'static [&'static str]) -> Self {
        self.also_locally = codes;
        self
    }

    const fn mentioning(mut self, codes: &'static [&'static str]) -> Self {
        self.mentions = codes;
        self
    }

    const fn spoiling(mut self) -> Self {
        self.spoils = true;
        self
    }
}

// Keys.

const REFUSED: &[&str] = &["keys/refused"];
const MALFORMED: &[&str] = &["error attempting to authenticate request"];

fn keys() -> Vec<Case> {
    vec![
        broken(
            "keys unknown id",
            |pair| {
                with_key(
                    pair,
                    &encode("AAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"),
                )
            },
            &["keys/unknown-key"],
        )
        .proof(&[
            "unable to find apikey with id",
            "unable to authenticate user",
        ])
        .also_locally(REFUSED),
        broken("keys invalidated", invalidated, &["keys/invalidated"])
            .proof(&["has been invalidated", "unable to authenticate user"])
            .also_locally(REFUSED),
        broken("keys expired", expired, &["keys/expired"])
            .proof(&["api key is expired", "unable to authenticate user"])
            .also_locally(REFUSED),
        broken("keys wrong secret", wrong_secret, &["keys/wrong-secret"])
            .proof(&[
                "invalid credentials for API key",
                "unable to authenticate user",
            ])
            .also_locally(REFUSED),
        broken("keys of the REST type", rest_type, &["keys/wrong-type"])
            .proof(&["authentication expected API key type of"])
            .also_locally(REFUSED),
        broken(
            "keys raw secret",
            |pair| {
                let key = pair.key.secret.clone();
                with_key(pair, &key)
            },
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(REFUSED),
        broken(
            "keys id and secret not encoded",
            not_encoded,
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(REFUSED),
        broken(
            "keys JSON pasted",
            |pair| {
                let key = pair.key.answer.to_string();
                with_key(pair, &key)
            },
            &["keys/not-encoded"],
        )
        .proof(MALFORMED)
        .also_locally(REFUSED),
        broken(
            "keys trailing newline",
            |pair| {
                let key = format!("{}\n", pair.key.encoded);
                with_key(pair, &key)
            },
            &["keys/damaged"],
        )
        .proof(MALFORMED)
        .also_locally(REFUSED),
        broken(
            "keys without search",
            without_search,
            &["keys/no-search-access"],
        )
        .proof(&["towards remote cluster is unauthorized"])
        .also_locally(&["keys/index-not-granted", "privileges/refused-by-remote"]),
        broken(
            "keys for another index",
            other_index,
            &["keys/index-not-granted"],
        )
        .proof(&["towards remote cluster is unauthorized"])
        .also_locally(&["privileges/refused-by-remote"]),
    ]
}

fn with_key(pair: &mut Pair, credential: &str) -> Result<Ask> {
    pair.use_credential(credential.as_bytes())?;
    Ok(Ask::of(pair).credential(credential.as_bytes()))
}

fn invalidated(pair: &mut Pair) -> Result<Ask> {
    let key = pair.create_key(&search_logs())?;
    invalidate(pair, &key)?;
    with_key(pair, &key.encoded)
}

fn expired(pair: &mut Pair) -> Result<Ask> {
    let mut body = search_logs();
    body["expiration"] = json!("1s");
    let key = pair.create_key(&body)?;
    std::thread::sleep(Duration::from_millis(1500));
    with_key(pair, &key.encoded)
}

fn wrong_secret(pair: &mut Pair) -> Result<Ask> {
    let credential = encode(&pair.key.id, "BBBBBBBBBBBBBBBBBBBBBB");
    with_key(pair, &credential)
}

fn rest_type(pair: &mut Pair) -> Result<Ask> {
    let key = pair.create_key(&json!({ "name": "rest" }))?;
    with_key(pair, &key.encoded)
}

fn not_encoded(pair: &mut Pair) -> Result<Ask> {
    let credential = format!("{}:{}", pair.key.id, pair.key.secret);
    with_key(pair, &credential)
}

fn without_search(pair: &mut Pair) -> Result<Ask> {
    let body = json!({ "name": "cross", "access": { "replication": [{ "names": ["logs*"] }] } });
    let key = pair.create_key(&body)?;
    with_key(pair, &key.encoded)
}

fn other_index(pair: &mut Pair) -> Result<Ask> {
    let body = json!({ "name": "cross", "access": { "search": [{ "names": ["metrics*"] }] } });
    let key = pair.create_key(&body)?;
    Ok(with_key(pair, &key.encoded)?.always_index("logs"))
}

// Keystore.

const NOT_LOADED: &[&str] = &["keystore/credential-not-loaded"];
const NO_CREDENTIALS: &[&str] = &["no cluster_credentials"];

fn keystore() -> Vec<Case> {
    vec![
        broken(
            "keystore missing",
            |pair| without_entry(pair, None),
            &["keystore/credential-absent"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore never reloaded",
            never_reloaded,
            &["keystore/credential-not-reloaded"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore changed and not reloaded",
            changed_not_reloaded,
            &["keystore/credential-stale"],
        )
        .proof(&["has been invalidated", "unable to authenticate user"])
        .also_locally(&["keys/invalidated", "keys/refused"]),
        broken(
            "keystore other alias",
            |pair| without_entry(pair, Some("cluster.remote.wasp.credentials")),
            &["keystore/credential-under-other-name"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore other case",
            |pair| without_entry(pair, Some("cluster.remote.Bee.credentials")),
            &["keystore/credential-under-other-name"],
        )
        .proof(NO_CREDENTIALS)
        .also_locally(NOT_LOADED),
        broken(
            "keystore missing with transport TLS",
            missing_with_tls,
            &[
                "keystore/credential-not-loaded",
                "keystore/credential-absent",
            ],
        )
        .proof(NO_CREDENTIALS),
    ]
}

fn without_entry(pair: &mut Pair, other: Option<&str>) -> Result<Ask> {
    pair.clear_remotes()?;
    let value = pair.key.encoded.clone().into_bytes();
    pair.store_all(
        other
            .map(|name| (name.to_owned(), value))
            .into_iter()
            .collect(),
    )?;
    pair.reload()?;
    let address = pair.address();
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

fn never_reloaded(pair: &mut Pair) -> Result<Ask> {
    without_entry(pair, None)?;
    let value = pair.key.encoded.clone();
    pair.store(ENTRY, value.as_bytes())?;
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

fn changed_not_reloaded(pair: &mut Pair) -> Result<Ask> {
    let old = pair.create_key(&search_logs())?;
    with_key(pair, &old.encoded)?;
    pair.until_connected(ALIAS)?;
    let new = pair.create_key(&search_logs())?;
    pair.store(ENTRY, new.encoded.as_bytes())?;
    invalidate(pair, &old)?;
    Ok(Ask::of(pair)
        .credential(new.encoded.as_bytes())
        .keystore_list(pair.keystore_list()))
}

fn missing_with_tls(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    let local = spare.d.url();
    let mut ask = Ask::of(pair);
    ask.local = local;
    Ok(ask)
}

// Addresses and ports.

fn addresses() -> Vec<Case> {
    vec![
        broken(
            "network refused",
            |pair| dialling(pair, closed_port()?),
            &["connection/refused"],
        )
        .proof(&["Connection refused"]),
        broken(
            "network unknown host",
            unknown_host,
            &["connection/name-not-found", "connection/name-lookup-failed"],
        )
        .proof(&["unknown host [no-such-host.invalid]"]),
        broken(
            "network silent after accept",
            |pair| foreign(pair, Peer::silent()?),
            &["connection/silent"],
        )
        .proof(&["connect_timeout["]),
        broken(
            "ports HTTP port",
            |pair| dialling(pair, pair.b.http),
            &["ports/http-port"],
        )
        .proof(&["not an SSL/TLS record: 485454502f"]),
        broken(
            "ports plain transport port",
            |pair| dialling(pair, pair.b.transport),
            &["ports/transport-port", "ports/plain-port"],
        )
        .proof(&[
            "Connection closed while SSL/TLS handshake was in progress",
            "closed_channel_exception",
        ]),
        broken(
            "ports mutual TLS transport port",
            mutual_tls_port,
            &["ports/transport-port"],
        )
        .proof(&[
            "bad_certificate",
            "certificate_required",
            "handshake failed because connection reset",
        ]),
        broken(
            "ports another service",
            |pair| foreign(pair, Peer::ssh()?),
            &["ports/other-service"],
        )
        .proof(&["not an SSL/TLS record: 5353482d"]),
        broken(
            "ports remote cluster server disabled",
            server_disabled,
            &["ports/server-disabled"],
        )
        .proof(&["Connection refused"])
        .also_locally(&["connection/refused"]),
        broken(
            "results skipped behind 200",
            skipped,
            &["connection/refused"],
        )
        .proof(&["Connection refused"])
        .mentioning(&["search/failures-hidden"]),
    ]
}

fn dialling(pair: &mut Pair, port: u16) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(&json!({ "proxy_address": format!("localhost:{port}") }))?;
    Ok(Ask::of(pair))
}

fn foreign(pair: &mut Pair, peer: Peer) -> Result<Ask> {
    Ok(dialling(pair, peer.port)?.keeping(peer))
}

fn unknown_host(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(&json!({ "proxy_address": "no-such-host.invalid:9443" }))?;
    Ok(Ask::of(pair))
}

fn mutual_tls_port(pair: &mut Pair) -> Result<Ask> {
    let port = pair.spare()?.c.transport;
    towards_spare(pair, port)
}

fn server_disabled(pair: &mut Pair) -> Result<Ask> {
    let port = pair.spare()?.c.remote;
    towards_spare(pair, port)
}

/// From `a` to a port of the spare remote cluster, with a key of that cluster.
fn towards_spare(pair: &mut Pair, port: u16) -> Result<Ask> {
    let spare = pair.spare()?;
    let (key, remote) = (spare.key.encoded.clone(), spare.c.url());
    pair.clear_remotes()?;
    pair.store(ENTRY, key.as_bytes())?;
    pair.reload()?;
    let mut ask = dialling(pair, port)?.credential(key.as_bytes());
    ask.remote = remote;
    Ok(ask)
}

fn skipped(pair: &mut Pair) -> Result<Ask> {
    let port = closed_port()?;
    pair.clear_remotes()?;
    pair.connect(
        &json!({ "proxy_address": format!("localhost:{port}"), "skip_unavailable": true }),
    )?;
    Ok(Ask::of(pair))
}

// Certificates.

fn certificates() -> Vec<Case> {
    vec![
        broken(
            "tls unknown authority",
            |pair| flawed(pair, Flaw::UnknownIssuer),
            &["tls/issuer-not-trusted"],
        )
        .proof(&["unable to find valid certification path"]),
        broken(
            "tls wrong name",
            |pair| flawed(pair, Flaw::OtherName),
            &["tls/name-mismatch"],
        )
        .proof(&["No subject alternative DNS name matching"]),
        broken(
            "tls expired",
            |pair| flawed(pair, Flaw::Expired),
            &["tls/expired"],
        )
        .proof(&["certificate_expired_exception"]),
        broken(
            "tls not yet valid",
            |pair| flawed(pair, Flaw::NotYetValid),
            &["tls/not-yet-valid"],
        )
        .proof(&["certificate_not_yet_valid_exception"]),
        broken(
            "tls intermediate missing",
            |pair| flawed(pair, Flaw::IntermediateMissing),
            &["tls/intermediate-missing"],
        )
        .proof(&["unable to find valid certification path"])
        .also_locally(&["tls/issuer-not-trusted"]),
        broken(
            "tls authority regenerated",
            |pair| flawed(pair, Flaw::RegeneratedIssuer),
            &["tls/ca-same-name-other-key"],
        )
        .proof(&["Path does not chain with any of the trust anchors"]),
    ]
}

fn flawed(pair: &mut Pair, flaw: Flaw) -> Result<Ask> {
    pair.reconnect_with(flaw)?;
    Ok(Ask::of(pair))
}

// Settings, roles, privileges, results.

fn settings_and_rights() -> Vec<Case> {
    vec![
        broken(
            "settings alias not configured",
            not_configured,
            &["settings/alias-not-configured"],
        )
        .proof(&["no such remote cluster"]),
        broken(
            "settings address with scheme",
            with_scheme,
            &["settings/address-is-url"],
        )
        .proof(&["unknown host [https://localhost]"]),
        broken(
            "settings bad server name",
            bad_server_name,
            &["tls/server-name-illegal"],
        )
        .proof(&["Contains non-LDH ASCII characters"]),
        broken(
            "nodes without the client role",
            without_role,
            &["nodes/client-role-missing"],
        )
        .proof(&["does not have the"]),
        broken(
            "privileges no remote indices",
            |pair| Ok(Ask::of(pair).user("stranger")),
            &["privileges/no-remote-indices"],
        )
        .proof(&["because no remote indices privileges apply"]),
        broken(
            "results index missing",
            |pair| Ok(Ask::of(pair).always_index("logs-nope")),
            &["search/index-missing"],
        )
        .proof(&["no such index [logs-nope]"]),
    ]
}

fn not_configured(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    Ok(Ask::of(pair))
}

fn with_scheme(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    let address = format!("https://{}", pair.address());
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair))
}

fn bad_server_name(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    let address = pair.address();
    let server_name = format!("https://{address}");
    pair.connect(&json!({ "proxy_address": address, "server_name": server_name }))?;
    Ok(Ask::of(pair))
}

fn without_role(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    let local = pair.without_role()?;
    clear_remotes(local)?;
    connect(local, ALIAS, &json!({ "proxy_address": address }))?;
    let url = local.url();
    let mut ask = Ask::of(pair);
    ask.local = url;
    Ok(ask)
}

// Versions.

pub(crate) fn other_version(local: &mut Pair, remote: &mut Pair) -> Result<Ask> {
    let key = remote.key.encoded.clone();
    local.clear_remotes()?;
    local.store(ENTRY, key.as_bytes())?;
    local.reload()?;
    let address = remote.address();
    local.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::about(&local.a, &remote.b, &key))
}

// Healthy links.

fn healthy() -> Vec<Case> {
    vec![
        sound("healthy with default settings", no_change),
        sound("healthy with skip_unavailable", |pair| skipping(pair, true)),
        sound("healthy without skip_unavailable", |pair| {
            skipping(pair, false)
        }),
        sound("healthy in sniff mode", sniffing),
        sound("healthy by address", by_address),
        sound("healthy with a server name of no meaning", odd_server_name),
        sound("healthy after rotating the key", rotated),
        sound("healthy with a dead remote beside it", dead_neighbour),
        sound("healthy for the least privileged user", |pair| {
            Ok(Ask::of(pair).user("reader"))
        }),
        sound("healthy just after an interruption", interrupted),
        sound("healthy with a key of long validity", long_validity),
        sound(
            "healthy certificate model in plain text",
            plain_certificate_model,
        ),
        sound(
            "healthy certificate model with mutual TLS",
            certificate_model,
        ),
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every injection")]
fn no_change(pair: &mut Pair) -> Result<Ask> {
    Ok(Ask::of(pair).keystore_list(pair.keystore_list()))
}

fn skipping(pair: &mut Pair, skip: bool) -> Result<Ask> {
    let address = pair.address();
    linked(
        pair,
        &json!({ "proxy_address": address, "skip_unavailable": skip }),
    )
}

fn sniffing(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    linked(pair, &json!({ "mode": "sniff", "seeds": [address] }))
}

fn by_address(pair: &mut Pair) -> Result<Ask> {
    let address = format!("127.0.0.1:{}", pair.b.remote);
    linked(pair, &json!({ "proxy_address": address }))
}

/// Host name or server name: one of them in the certificate is enough.
fn odd_server_name(pair: &mut Pair) -> Result<Ask> {
    let address = pair.address();
    linked(
        pair,
        &json!({ "proxy_address": address, "server_name": "other.example.org" }),
    )
}

fn linked(pair: &mut Pair, settings: &Value) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.connect(settings)?;
    pair.until_connected(ALIAS)?;
    Ok(Ask::of(pair))
}

fn rotated(pair: &mut Pair) -> Result<Ask> {
    let old = pair.create_key(&search_logs())?;
    with_key(pair, &old.encoded)?;
    pair.until_connected(ALIAS)?;
    let new = pair.create_key(&search_logs())?;
    pair.store(ENTRY, new.encoded.as_bytes())?;
    pair.reload()?;
    invalidate(pair, &old)?;
    Ok(Ask::of(pair)
        .credential(new.encoded.as_bytes())
        .keystore_list(pair.keystore_list()))
}

fn dead_neighbour(pair: &mut Pair) -> Result<Ask> {
    let port = closed_port()?;
    connect(
        &pair.a,
        "wasp",
        &json!({ "proxy_address": format!("localhost:{port}") }),
    )?;
    Ok(Ask::of(pair))
}

/// Nobody reconnects on his own: the state that is found says "not connected" of a healthy link.
fn interrupted(pair: &mut Pair) -> Result<Ask> {
    let relay = Peer::relay(pair.b.remote)?;
    let port = relay.port;
    linked(
        pair,
        &json!({ "proxy_address": format!("localhost:{port}") }),
    )?;
    drop(relay);
    std::thread::sleep(Duration::from_millis(500));
    let relay = Peer::relay_at(port, pair.b.remote)?;
    Ok(Ask::of(pair).keeping(relay))
}

fn long_validity(pair: &mut Pair) -> Result<Ask> {
    let mut body = search_logs();
    body["expiration"] = json!("3650d");
    let key = pair.create_key(&body)?;
    let ask = with_key(pair, &key.encoded)?;
    pair.until_connected(ALIAS)?;
    Ok(ask)
}

fn plain_certificate_model(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    pair.store_all(Entries::new())?;
    pair.reload()?;
    let address = format!("localhost:{}", pair.b.transport);
    Ok(linked(pair, &json!({ "proxy_address": address }))?.without_credential())
}

fn certificate_model(pair: &mut Pair) -> Result<Ask> {
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    let address = format!("localhost:{}", spare.c.transport);
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    until_connected(&spare.d, ALIAS)?;
    Ok(Ask::about(&spare.d, &spare.c, "").without_credential())
}

// Licences, last because they cannot be healed.

fn licences() -> Vec<Case> {
    vec![
        broken(
            "licence basic on the local cluster",
            basic_local,
            &["licence/local-insufficient"],
        )
        .proof(&["current license is non-compliant"]),
        broken(
            "licence basic on the remote cluster",
            basic_remote,
            &["licence/remote-insufficient"],
        )
        .proof(&["current license is non-compliant"])
        .spoiling(),
    ]
}

fn basic_local(pair: &mut Pair) -> Result<Ask> {
    let (address, key) = (pair.address(), pair.key.encoded.clone());
    let spare = pair.spare()?;
    clear_remotes(&spare.d)?;
    spare
        .d
        .write_keystore(&Entries::from([(ENTRY.to_owned(), key.into_bytes())]))?;
    spare
        .d
        .must("POST", "/_nodes/reload_secure_settings", Some(&json!({})))?;
    connect(&spare.d, ALIAS, &json!({ "proxy_address": address }))?;
    until_connected(&spare.d, ALIAS)?;
    start_basic(&spare.d)?;
    let url = spare.d.url();
    let mut ask = Ask::of(pair);
    ask.local = url;
    // A trial cannot be had twice: the nodes go when the question is answered.
    let spare = pair
        .take_spare()
        .context("the spare nodes were just used")?;
    Ok(ask.keeping(spare))
}

fn basic_remote(pair: &mut Pair) -> Result<Ask> {
    pair.clear_remotes()?;
    start_basic(&pair.b)?;
    let address = pair.address();
    pair.connect(&json!({ "proxy_address": address }))?;
    Ok(Ask::of(pair))
}

fn start_basic(node: &crate::node::Node) -> Result<Value> {
    node.must("POST", "/_license/start_basic?acknowledge=true", None)
}

fn invalidate(pair: &Pair, key: &Key) -> Result<()> {
    let body = json!({ "ids": [key.id] });
    pair.b
        .must("DELETE", "/_security/api_key", Some(&body))
        .map(drop)
}

fn encode(id: &str, secret: &str) -> String {
    BASE64_STANDARD.encode(format!("{id}:{secret}"))
}
