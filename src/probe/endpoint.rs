//! One endpoint, from its name to the Elasticsearch handshake.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::{Either, join, join_all, select};
use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::client::TlsStream;

use self::address::Names;
pub use self::gaps::gaps;
use self::tap::Tap;
use self::transport::{Answers, Conversation, Greeting};
use super::Deadline;
use crate::config::plan::ClientIdentity;
pub use crate::evidence::derive_trust;
use crate::evidence::{
    Attempt, Endpoint, EndpointSource, Fact, HttpAnswer, Plaintext, PortKind, Resolution, Tls,
    TlsOutcome, Transport,
};
use crate::wire::{self, HelloForm};

mod address;
mod dns;
mod gaps;
mod http;
mod plaintext;
mod recorder;
mod tap;
mod tcp;
mod tls;
mod transport;
mod verdict;
mod wait;

/// Silence inside TLS after which HTTP is asked as well, beside the wait: an HTTP port never answers
/// a transport frame.
const HTTP_AFTER: Duration = Duration::from_millis(500);

/// Silence after the `ClientHello` after which the port is looked at without TLS as well.
const PLAINTEXT_AFTER: Duration = Duration::from_secs(3);

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

/// What a probe presents and trusts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// CAs of `--server-ca`; `None` for the system's roots.
    pub server_ca: Option<&'a [CertificateDer<'static>]>,
    /// Client certificate of the certificate model.
    pub client: Option<&'a ClientIdentity>,
}

impl Target {
    /// Its key in [`Evidence::endpoints`].
    pub fn key(&self) -> String {
        match &self.server_name {
            Some(name) => format!("{}#{name}", self.address),
            None => self.address.clone(),
        }
    }
}

/// Looks at one endpoint, all its addresses side by side.
///
/// What the run's deadline or interruption cut short stays unknown; an address without a valid port
/// gives an endpoint with port 0 of which nothing else is known. Each wait has a limit of its own
/// (resolution, connecting, TLS and the Elasticsearch handshake 10 s each), so a probe takes at most
/// some 40 s even of the most obstinate peer.
pub async fn probe(target: &Target, identity: Identity<'_>, deadline: &Deadline) -> Endpoint {
    verdict::prepare();
    let split = address::split(&target.address);
    let (host, port) = split.unwrap_or((address::host_part(&target.address), 0));
    let names = Names::of(host, target.server_name.as_deref());
    let mut endpoint = Endpoint {
        address: target.address.clone(),
        host: host.to_owned(),
        port,
        source: target.source,
        server_name: names.sent_text(),
        illegal_server_name: names.illegal.clone(),
        dns: Fact::Unknown,
        host_resolution: Fact::Unknown,
        attempts: Fact::Unknown,
    };
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
        let attempts = join_all(addresses.iter().map(|it| attempt(dial(*it)))).await;
        (resolution, attempts)
    };
    let ((by_host, mut attempts), by_dns) = if address::is_literal(host) {
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
    endpoint.host_resolution = by_host;
    endpoint.dns = by_dns;
    endpoint
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

/// `None` where the run ended before it was known whether the address can be connected to.
async fn attempt(dial: Dial<'_>) -> Option<Attempt> {
    let (tcp, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut attempt = Attempt {
        address: dial.address.to_string(),
        tcp,
        tls: Fact::Unknown,
        trust: Fact::Unknown,
        given_trust: Fact::Unknown,
        transport: Fact::Unknown,
        http: Fact::Unknown,
        plaintext: Fact::Unknown,
    };
    let Some(stream) = stream else {
        return Some(attempt);
    };
    let (handshake, plaintext) = secure(stream, &dial).await;
    attempt.plaintext = plaintext.into();
    if let Some(tls::Handshake {
        mut tls, stream, ..
    }) = handshake
    {
        if let Some(stream) = stream {
            let (transport, http) = Box::pin(inside(stream, &mut tls, &dial)).await;
            attempt.transport = transport.into();
            attempt.http = http.into();
        }
        attempt.tls = Fact::Known(tls);
    }
    Some(attempt)
}

/// Starts TLS; where that fails without TLS being spoken, or nothing comes for long, looks at the port
/// without TLS.
async fn secure(stream: TcpStream, dial: &Dial<'_>) -> (Option<tls::Handshake>, Option<Plaintext>) {
    let handshake = Box::pin(tls::handshake(stream, dial));
    let (handshake, plaintext) = match select(handshake, Box::pin(sleep(PLAINTEXT_AFTER))).await {
        Either::Left((handshake, _)) => (handshake, None),
        Either::Right(((), handshake)) => {
            let (handshake, plaintext) = join(handshake, plaintext::look(dial, Vec::new())).await;
            (handshake, plaintext)
        }
    };
    let Some(mut done) = handshake else {
        return (None, None);
    };
    let plaintext = match (done.tls.outcome, plaintext) {
        (TlsOutcome::TimedOut, Some(plaintext)) => Some(plaintext),
        (TlsOutcome::NotTls | TlsOutcome::Closed | TlsOutcome::Reset | TlsOutcome::TimedOut, _)
            if done.tls.chain.is_unknown() =>
        {
            let heard = std::mem::take(&mut done.foreign);
            plaintext::look(dial, heard).await
        }
        _ => None,
    };
    (Some(done), plaintext)
}

type TlsConnection = TlsStream<Tap<TcpStream>>;

/// Speaks the transport protocol inside TLS, and HTTP where that brings nothing.
async fn inside(
    stream: TlsConnection,
    tls: &mut Tls,
    dial: &Dial<'_>,
) -> (Option<Transport>, Option<HttpAnswer>) {
    let mut conversation = Conversation::new(stream);
    let greet = Box::pin(conversation.greet(HelloForm::V7, dial.deadline));
    let (greeting, mut http) = match select(greet, Box::pin(sleep(HTTP_AFTER))).await {
        Either::Left((greeting, _)) => (greeting, None),
        Either::Right(((), greet)) => match select(greet, Box::pin(https(dial))).await {
            Either::Left((greeting, _)) => (greeting, None),
            // An HTTP port is silent for ever: no need to wait for it any longer.
            Either::Right((Some(http), _)) => (Some(Greeting::Silent), Some(http)),
            Either::Right((None, greet)) => (greet.await, None),
        },
    };
    let greeting = match greeting {
        Some(ended @ (Greeting::Closed | Greeting::Reset)) => {
            // Another form of the handshake may do, or it speaks HTTP and closes on all else.
            let (again, answer) = join(greet_again(dial), https(dial)).await;
            http = http.or(answer);
            match again {
                Some((again, Greeting::Hello(hello))) => {
                    conversation = again;
                    Some(Greeting::Hello(hello))
                }
                _ => Some(ended),
            }
        }
        greeting => greeting,
    };
    let Some(greeting) = greeting else {
        return (None, http);
    };
    let mut transport = transport::evidence(&greeting);
    match &greeting {
        Greeting::Hello(hello) => {
            let mut answers = conversation.ask(hello, dial.deadline).await;
            let asked_both = hello.transport_version >= wire::FIRST_WITH_RELEASE;
            if asked_both
                && answers == Answers::default()
                && let Some(mut again) = connect(dial).await
            {
                answers = again.ask_port(hello, dial.deadline).await;
            }
            transport::add(&mut transport, answers);
        }
        Greeting::Alert(name) => tls.alert = Some(name.clone()),
        Greeting::Foreign(bytes) if http.is_none() => http = http::parse(bytes),
        _ => {}
    }
    if transport.port_kind.is_unknown()
        && matches!(greeting, Greeting::Hello(_) | Greeting::Alert(_))
        && tls.client_certificate_requested == Fact::Known(true)
    {
        transport.port_kind = Fact::Known(PortKind::Transport);
    }
    (Some(transport), http)
}

/// The other form of the handshake on a new connection.
async fn greet_again(dial: &Dial<'_>) -> Option<(Conversation<TlsConnection>, Greeting)> {
    let mut conversation = connect(dial).await?;
    let greeting = conversation.greet(HelloForm::V8, dial.deadline).await?;
    Some((conversation, greeting))
}

async fn https(dial: &Dial<'_>) -> Option<HttpAnswer> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut stream = tls::handshake(stream?, dial).await?.stream?;
    http::get(&mut stream, dial.host, dial.deadline)
        .await
        .ok()?
        .0
}

async fn connect(dial: &Dial<'_>) -> Option<Conversation<TlsConnection>> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let stream = tls::handshake(stream?, dial).await?.stream?;
    Some(Conversation::new(stream))
}

/// Bytes of a stranger as text, at most 120 characters, without what could move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(480)]);
    let text = text.trim_end().chars().take(120);
    text.map(|c| if c.is_control() { '.' } else { c }).collect()
}
