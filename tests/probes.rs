//! Endpoint probes against peers on loopback, one for each way in which a port can answer.

#![expect(clippy::unwrap_used, reason = "peers and helpers of tests")]

#[path = "probes/failures.rs"]
mod failures;
#[path = "probes/filled.rs"]
mod filled;
#[path = "probes/keys.rs"]
mod keys;
#[path = "filled/layer.rs"]
mod layer;
#[path = "probes/listeners.rs"]
mod listeners;
#[path = "probes/names.rs"]
mod names;
#[path = "probes/peers.rs"]
mod peers;
#[path = "probes/services.rs"]
mod services;
#[path = "probes/tls.rs"]
mod tls;
#[path = "probes/ways.rs"]
mod ways;

use std::time::{Duration, Instant};

use crosscheck::config::plan::ClientIdentity;
use crosscheck::evidence::{
    Attempt, Endpoint, EndpointSource, Fact, PlaintextOutcome, PortKind, ResolutionOutcome,
    TcpOutcome, Tls, TlsOutcome, Transport, TransportOutcome,
};
use crosscheck::probe::Deadline;
use crosscheck::probe::endpoint::{Identity, Target, gaps, probe};
use peers::{
    Ca, Node, SERVER_8_14, SERVER_9_4, TRANSPORT_9_4, TlsOptions, acceptor, banner, elasticsearch,
    http, mismatched, peer, silence, tls_peer,
};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NAME: &str = "b.example.org";

async fn look(address: &str, seconds: u64) -> Endpoint {
    look_as(address, Some(NAME), Identity::default(), seconds).await
}

async fn look_as(
    address: &str,
    server_name: Option<&str>,
    identity: Identity<'_>,
    seconds: u64,
) -> Endpoint {
    let target = Target {
        address: address.to_owned(),
        source: EndpointSource::Typed,
        server_name: server_name.map(str::to_owned),
    };
    let limit = Duration::from_secs(seconds);
    let (deadline, _interrupt) = Deadline::after(limit);
    let started = Instant::now();
    let endpoint = probe(&target, identity, &deadline).await;
    assert!(
        started.elapsed() < limit + Duration::from_secs(2),
        "the probe outlived its run"
    );
    endpoint
}

fn only(endpoint: &Endpoint) -> &Attempt {
    let attempts = endpoint.attempts.known().expect("attempts are known");
    assert_eq!(attempts.len(), 1);
    &attempts[0]
}

fn secured(attempt: &Attempt) -> &Tls {
    attempt.tls.known().expect("TLS was tried")
}

fn transport(attempt: &Attempt) -> &Transport {
    let transport = attempt.transport.known();
    transport.unwrap_or_else(|| panic!("no handshake: {attempt:#?}"))
}

async fn node(node: Node, identity: &ClientIdentity, options: &TlsOptions<'_>) -> peers::Peer {
    let acceptor = acceptor(identity, options);
    tls_peer(acceptor, move |stream| elasticsearch(stream, node)).await
}

fn cas(ca: &Ca) -> Vec<CertificateDer<'static>> {
    vec![ca.der.clone()]
}

fn gap_paths(endpoint: &Endpoint) -> Vec<String> {
    gaps("k", endpoint).into_iter().map(|it| it.path).collect()
}
