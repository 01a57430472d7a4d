//! An endpoint: a host:port as the local cluster would dial it, and what happened there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Authentication, Certificate, Fact, Refusal, Withheld};

mod listener;
mod way;

pub use listener::{Listener, ListenerKind};
pub use way::{Idle, IdleOutcome, LargeRecord, NameTrial};

/// One endpoint and every attempt at it.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Endpoint {
    /// The address as written, such as `b.example.org:9443`.
    pub address: String,
    /// Host part as Elasticsearch splits it (at the last colon), without brackets.
    pub host: String,
    /// Port; 0 where the address has none that is valid. A node refuses such an address, and
    /// neither resolution nor attempts are known.
    pub port: u16,
    /// Where the address comes from.
    pub source: EndpointSource,
    /// Server name (SNI) that was sent; `null` where none was. A node sends `server_name`, or the
    /// host if it has a dot and is no IP address.
    pub server_name: Option<String>,
    /// Configured server name that cannot be sent (RFC 6066 §3: no underscore, scheme, port, IP
    /// address or trailing dot), so that none was sent: a node refuses to connect with most of
    /// these (`invalid DiscoveryNode server_name`). `null` where there is none.
    #[serde(default)]
    pub illegal_server_name: Option<String>,
    /// Answer of the DNS servers of the system's configuration.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub dns: Fact<Resolution>,
    /// Answer of the host's own resolution (hosts file and all): what a JVM uses.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub host_resolution: Fact<Resolution>,
    /// One entry for each address, in the order in which a node prefers them: those of the host's own
    /// answer with IPv4 first, then those that only DNS gave. A node uses the first one alone.
    /// Empty where the name has no address.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub attempts: Fact<Vec<Attempt>>,
    /// What became of a connection to the first address that was left idle (`--idle`); `null` where
    /// that was not asked for, unknown where Elasticsearch did not answer.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub idle: Fact<Option<Idle>>,
}

/// Where an endpoint's address comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointSource {
    /// Setting `proxy_address`.
    ProxyAddress,
    /// A publish address of a remote node.
    Publish,
    /// One of the setting `seeds`.
    Seed,
    /// Option `--endpoint`, or argument of `probe`.
    Typed,
}

/// How looking up a name ended.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Resolution {
    /// The outcome.
    pub outcome: ResolutionOutcome,
    /// IP addresses, in the order given.
    pub addresses: Vec<String>,
    /// The failure in the resolver's words; `null` where it answered.
    pub detail: Option<String>,
    /// Milliseconds that it took.
    pub took_ms: u64,
}

/// The kinds of answer to a name (RFC 1035 §4.1.1, RFC 2308).
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionOutcome {
    /// At least one address.
    Answered,
    /// Any other failure, such as no server configured.
    Failed,
    /// It is an IP address already, or `localhost`, which no server is asked for (RFC 6761 §6.3).
    Literal,
    /// The name exists and has no address (NODATA).
    NoData,
    /// The name does not exist (NXDOMAIN).
    NxDomain,
    /// The server refused to answer (REFUSED).
    Refused,
    /// The server could not answer (SERVFAIL).
    ServFail,
    /// No server answered in time.
    TimedOut,
}

/// What happened at one address of an endpoint.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Attempt {
    /// `ip:port`, IPv6 in brackets.
    pub address: String,
    /// Connecting.
    pub tcp: Tcp,
    /// The TLS handshake; unknown where TCP did not connect.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub tls: Fact<Tls>,
    /// What is known of a local node's trust in the presented chain: by what nodes load where they
    /// told, else by `--server-ca`. Unknown where no chain came or nothing is known of either.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub trust: Fact<NodeTrust>,
    /// The same by `--server-ca` alone: what the reader believes to be loaded.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub given_trust: Fact<NodeTrust>,
    /// What a node's JVM refuses in the presented chain besides, along the path that it would take
    /// to what is trusted; empty for nothing, as where the leaf itself is trusted. Where trust is not
    /// known, what it refuses in the certificates that were presented below the root. With
    /// `verification_mode: none` a node refuses nothing. Unknown where no chain came, or where
    /// something could not be judged and nothing is refused: see `undecided`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub refusals: Fact<Vec<Refusal>>,
    /// What of the presented chain could not be judged, in words.
    #[serde(default)]
    pub undecided: Vec<String>,
    /// The Elasticsearch handshake inside TLS; unknown where TLS was not completed.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transport: Fact<Transport>,
    /// How it took the given API key; unknown where none was given, where it is no remote cluster server,
    /// and where the key was withheld.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub authentication: Fact<Authentication>,
    /// Why the given API key was not sent there, though it behaves like a remote cluster server; `null`
    /// where it was sent or there was none to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_withheld: Option<Withheld>,
    /// Answer to `GET /` inside TLS, asked where the Elasticsearch handshake was not answered; unknown
    /// where none came.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub http: Fact<HttpAnswer>,
    /// What it said without TLS, asked where TLS could not be started.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub plaintext: Fact<Plaintext>,
    /// What listens there; unknown where TCP did not connect, or where nothing tells.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub listener: Fact<Listener>,
    /// What happens with other server names, tried where TLS was refused before a certificate came or
    /// where the certificate is for none of the names; empty where none was tried.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub other_names: Fact<Vec<NameTrial>>,
    /// Whether large records arrive; unknown where nothing was answered.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub large_record: Fact<LargeRecord>,
    /// Milliseconds of each round trip that was seen: connecting, the Elasticsearch handshake, a ping.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub round_trips_ms: Fact<Vec<f64>>,
}

impl Attempt {
    /// An attempt of which nothing is known but how connecting ended.
    pub fn new(address: String, tcp: Tcp) -> Self {
        Self {
            address,
            tcp,
            tls: Fact::Unknown,
            trust: Fact::Unknown,
            given_trust: Fact::Unknown,
            refusals: Fact::Unknown,
            undecided: Vec::new(),
            transport: Fact::Unknown,
            authentication: Fact::Unknown,
            key_withheld: None,
            http: Fact::Unknown,
            plaintext: Fact::Unknown,
            listener: Fact::Unknown,
            other_names: Fact::Unknown,
            large_record: Fact::Unknown,
            round_trips_ms: Fact::Unknown,
        }
    }
}

/// How connecting ended.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Tcp {
    /// The outcome.
    pub outcome: TcpOutcome,
    /// The failure with system call and address, such as `connect 10.0.0.5:9443: connection
    /// refused`; `null` where it connected.
    pub detail: Option<String>,
    /// Milliseconds, with fractions, until it connected or failed.
    pub took_ms: f64,
}

/// The kinds of outcome of `connect(2)`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TcpOutcome {
    /// It connected.
    Connected,
    /// Any other error.
    Failed,
    /// `ECONNREFUSED`: nothing listens, or a firewall rejects.
    Refused,
    /// `ECONNRESET` while connecting.
    Reset,
    /// No answer in time.
    TimedOut,
    /// `EHOSTUNREACH`, `ENETUNREACH` or an administrative refusal.
    Unreachable,
}

/// How the TLS handshake went, whatever anybody thinks of the certificate.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Tls {
    /// The outcome.
    pub outcome: TlsOutcome,
    /// The failure in words; `null` where it completed.
    pub detail: Option<String>,
    /// Fatal alert that came from the peer, by its RFC 8446 name such as `bad_certificate`, during
    /// the handshake or as the first thing after it; `null` where none came.
    pub alert: Option<String>,
    /// `TLSv1.3` or `TLSv1.2`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub protocol: Fact<String>,
    /// Cipher suite by its IANA name.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub cipher_suite: Fact<String>,
    /// Whether the server asked for a client certificate.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub client_certificate_requested: Fact<bool>,
    /// Distinguished names of the CAs that the server says it accepts for clients.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub accepted_client_cas: Fact<Vec<String>>,
    /// The chain as presented, leaf first; empty where none was.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub chain: Fact<Vec<Certificate>>,
    /// Number of presented certificates that could not be parsed.
    #[serde(default)]
    pub malformed_certificates: u32,
    /// Whether the server proved that it holds the private key of the certificate that it presents
    /// (RFC 8446 §4.4.3). `false` where certificate and key of its configuration do not belong
    /// together: a node then fails every handshake. Unknown where this program cannot compute it.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub key_proven: Fact<bool>,
    /// Verdict of this machine's verifier (webpki against `--server-ca`, or the system's roots
    /// where none was given): `null` where it trusts chain and name, else its words. A node's JVM may
    /// judge otherwise.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub webpki_error: Fact<Option<String>>,
    /// Whether the chain leads to one of this machine's roots, whatever its names and dates: whether
    /// it is publicly trusted.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub publicly_trusted: Fact<bool>,
    /// Milliseconds until it completed or failed.
    pub took_ms: f64,
}

/// The kinds of outcome of a TLS handshake.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsOutcome {
    /// A fatal alert came instead of an answer.
    Alert,
    /// The peer closed without a word.
    Closed,
    /// It completed.
    Completed,
    /// Any other failure, such as a handshake that breaks the protocol.
    Failed,
    /// What came back is no TLS; see [`Attempt::plaintext`].
    NotTls,
    /// The peer reset the connection.
    Reset,
    /// Nothing came in time.
    TimedOut,
}

/// Whether a chain leads to something that the local cluster's nodes trust. Names and validity are
/// not part of it: they are in the chain.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NodeTrust {
    /// What was taken for the nodes' trust.
    pub anchors: Anchors,
    /// The outcome.
    pub outcome: TrustOutcome,
    /// Whether signatures were verified. `GET /_ssl/certificates` gives names and serial numbers
    /// only, and not for which of a node's TLS contexts a certificate is loaded.
    pub verified: bool,
    /// Subjects of the certificates that were taken for trusted.
    pub trusted_subjects: Vec<String>,
    /// Subject of the CA that would have to be trusted (the issuer of the last presented
    /// certificate, or that certificate itself if self-signed); `null` where the chain is trusted.
    pub missing_subject: Option<String>,
    /// Its key identifier as the chain names it, lower-case hexadecimal; `null` where not named.
    pub missing_key_id: Option<String>,
}

/// What was taken for the nodes' trust.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchors {
    /// The file given with `--server-ca`.
    Given,
    /// What the nodes say that they load (`GET /_ssl/certificates`), whatever the context.
    Loaded,
}

/// The kinds of outcome of following a chain to a trusted certificate (RFC 5280 §6).
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustOutcome {
    /// The issuer that is missing in the chain is itself issued by a trusted CA.
    IntermediateMissing,
    /// A trusted certificate has the needed name, but another key.
    SameNameOtherKey,
    /// The chain leads to a trusted certificate (with names and serial numbers only: it seems to).
    Trusted,
    /// No trusted certificate has the needed name.
    UnknownIssuer,
}

/// How the Elasticsearch transport handshake went.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Transport {
    /// The outcome.
    pub outcome: TransportOutcome,
    /// The failure, or the first bytes of a foreign answer made printable; `null` where it answered.
    pub detail: Option<String>,
    /// Transport version id of the node, such as 9348007.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transport_version: Fact<u32>,
    /// Release line by that id, such as `9.4`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub version_line: Fact<String>,
    /// Exact release, where the node told it (8.18 and later).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub release: Fact<String>,
    /// Which of a node's ports it is, by its answer to a call without credentials or by its asking
    /// for a client certificate.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub port_kind: Fact<PortKind>,
}

/// The kinds of outcome of a transport handshake.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransportOutcome {
    /// A TLS alert came instead (no acceptable client certificate, mostly).
    Alert,
    /// Elasticsearch answered.
    Answered,
    /// The peer closed without a word, or refused the handshake (see the detail).
    Closed,
    /// Something that speaks HTTP answered.
    Http,
    /// Something else answered.
    NotElasticsearch,
    /// The peer reset the connection.
    Reset,
    /// Nothing came in time.
    TimedOut,
}

/// Which port of a node.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortKind {
    /// Remote cluster server (9443 by default): API-key model.
    RemoteClusterServer,
    /// Transport port (9300 by default): certificate model.
    Transport,
}

/// An answer to `GET /` inside TLS or in plain text.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// Whether it is Elasticsearch: the header `X-elastic-product: Elasticsearch` came, or the
    /// challenge `Basic realm="security"` of a 401, which comes without that header.
    pub elasticsearch: bool,
    /// Header `Server`, or `Kibana` and the value of header `kbn-name`; `null` where neither came.
    pub server: Option<String>,
}

/// What a port said without TLS.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Plaintext {
    /// The outcome.
    pub outcome: PlaintextOutcome,
    /// First bytes that came, made printable, at most 120 characters; `null` where none came.
    pub banner: Option<String>,
    /// The Elasticsearch handshake without TLS, where that answered.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub transport: Fact<Transport>,
    /// An HTTP answer without TLS, where that came.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub http: Fact<HttpAnswer>,
}

/// The kinds of plain-text answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaintextOutcome {
    /// Some service's greeting or answer; see the banner.
    Banner,
    /// The peer closes whatever it is sent.
    Closed,
    /// An Elasticsearch transport port without TLS.
    Elasticsearch,
    /// An HTTP server without TLS.
    Http,
    /// Nothing came in time.
    Silent,
    /// An SSH server.
    Ssh,
}
