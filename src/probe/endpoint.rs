//! One endpoint, from its name to the Elasticsearch handshake.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::{join, join_all};
use rustls::pki_types::CertificateDer;
use secrecy::SecretString;

use self::address::Names;
use self::attempt::attempt;
pub use self::gaps::gaps;
use super::Deadline;
use crate::config::plan::ClientIdentity;
pub use crate::evidence::derive_trust;
use crate::evidence::{Endpoint, EndpointSource, Fact, Resolution};
use crate::scrub;

mod address;
mod attempt;
mod authentication;
mod dns;
mod fingerprint;
mod gaps;
mod http;
mod other_names;
mod plaintext;
mod recorder;
mod tap;
mod tcp;
mod tls;
mod transport;
mod verdict;
mod wait;
mod way;

/// What is dialled.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address as written, such as `b.example.org:9443`.
    pub address: String,
    /// Where it comes from.
    pub source: EndpointSource,
    /// `server_name` of the settings or `--server-name`, if any.
    pub server_name: Option<String>,
}

/// What a probe presents, trusts and tries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// CAs of `--server-ca`; `None` for the system's roots.
    pub server_ca: Option<&'a [CertificateDer<'static>]>,
    /// Client certificate of the certificate model.
    pub client: Option<&'a ClientIdentity>,
    /// The API key to try where a remote cluster server answers.
    pub key: Option<Key<'a>>,
    /// Server names to try where the endpoint's own leads nowhere, such as the host of the remote
    /// cluster's HTTP API.
    pub other_names: &'a [String],
    /// How long a connection is left idle before it is used again; `None` for not at all.
    pub idle: Option<Duration>,
}

/// An API key that may be tried.
///
/// It goes to a peer that completed TLS, proved its certificate's key, and answered like a remote cluster
/// server. Where CAs were given it must be issued by one of them for one of the names that are dialled;
/// where none were, by a CA that this machine trusts, unless the reader typed address and key together.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The text as it was given.
    pub credential: &'a SecretString,
    /// Whether the reader asked to try it at this very address: then, without `--server-ca`, it is sent
    /// though nothing verifies who is there.
    pub typed_for_address: bool,
}

impl Target {
    /// Its key in [`Evidence::endpoints`](crate::evidence::Evidence::endpoints).
    pub fn key(&self) -> String {
        match &self.server_name {
            Some(name) if name != address::host_part(&self.address) => {
                format!("{}#{name}", self.address)
            }
            _ => self.address.clone(),
        }
    }
}

/// Looks at one endpoint, all its addresses side by side.
///
/// What the run's deadline or interruption cut short stays unknown; an address without a valid port
/// gives an endpoint with port 0 of which nothing else is known. Each wait has a limit of its own
/// (resolution, connecting, TLS and the Elasticsearch handshake 10 s each), so a probe takes at most
/// some 40 s even of the most obstinate peer, or its idle time where that is longer.
pub async fn probe(target: &Target, identity: Identity<'_>, deadline: &Deadline) -> Endpoint {
    verdict::prepare();
    let split = address::split(&target.address);
    let (host, port) = split.unwrap_or((address::host_part(&target.address), 0));
    let names = Names::of(host, target.server_name.as_deref());
    let mut endpoint = undialled(target);
    if split.is_none() {
        return endpoint;
    }
    let dial = |address| Dial {
        address,
        host,
        names: &names,
        identity,
        deadline,
    };
    let by_host = async {
        let (resolution, addresses) = dns::ask_host(host, port, deadline).await;
        let attempts = join_all(addresses.iter().map(|it| Box::pin(attempt(dial(*it)))));
        let idle = async {
            let Some(span) = identity.idle else {
                return Fact::Known(None);
            };
            // A node uses the first address alone.
            let first = addresses.first().map(|it| dial(*it));
            let left = async { Box::pin(way::leave_alone(&first?, span)).await };
            left.await.map(Some).into()
        };
        let (attempts, idle) = join(attempts, idle).await;
        (resolution, (attempts, idle))
    };
    let ((by_host, (mut attempts, idle)), by_dns) = if address::is_literal(host) {
        let (resolution, attempts) = by_host.await;
        let literal = resolution.map(|it| dns::literal(it.addresses));
        ((literal.clone(), attempts), literal)
    } else if address::is_this_host(host) {
        let (resolution, attempts) = by_host.await;
        let literal = resolution.clone().map(|it| dns::literal(it.addresses));
        ((resolution, attempts), literal)
    } else {
        join(by_host, dns::ask_servers(host, deadline)).await
    };
    let others = only_in_dns(&by_host, &by_dns, port);
    attempts.extend(join_all(others.into_iter().map(|it| attempt(dial(it)))).await);
    if by_host.is_known() {
        endpoint.attempts = attempts.into_iter().collect::<Option<Vec<_>>>().into();
    }
    endpoint.idle = idle;
    endpoint.host_resolution = by_host;
    endpoint.dns = by_dns;
    endpoint
}

/// An endpoint of which nothing is known but its address: what [`probe`] starts from, and all there
/// is where it was never dialled.
pub fn undialled(target: &Target) -> Endpoint {
    let split = address::split(&target.address);
    let (host, port) = split.unwrap_or((address::host_part(&target.address), 0));
    let names = Names::of(host, target.server_name.as_deref());
    Endpoint {
        address: target.address.clone(),
        host: host.to_owned(),
        port,
        source: target.source,
        server_name: names.sent_text(),
        illegal_server_name: names.illegal,
        dns: Fact::Unknown,
        host_resolution: Fact::Unknown,
        attempts: Fact::Unknown,
        idle: Fact::Unknown,
    }
}

/// One address of an endpoint and everything that is needed to dial it.
#[derive(Clone, Copy, Debug)]
struct Dial<'a> {
    address: SocketAddr,
    host: &'a str,
    names: &'a Names,
    identity: Identity<'a>,
    deadline: &'a Deadline,
}

/// Addresses that the DNS servers gave and the host did not.
fn only_in_dns(
    by_host: &Fact<Resolution>,
    by_dns: &Fact<Resolution>,
    port: u16,
) -> Vec<SocketAddr> {
    let of = |fact: &Fact<Resolution>| fact.known().map(|it| it.addresses.clone());
    let known = of(by_host).unwrap_or_default();
    let mut others: Vec<SocketAddr> = of(by_dns)
        .unwrap_or_default()
        .iter()
        .filter(|address| !known.contains(address))
        .filter_map(|address| Some(SocketAddr::new(address.parse().ok()?, port)))
        .collect();
    others.sort_by_key(SocketAddr::is_ipv6);
    others
}

/// Bytes of a stranger as text, at most 120 characters, without what could move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(480)]);
    let text = scrub::beginning(text.trim_end(), 120);
    text.replace(char::is_control, ".")
}
