//! Endpoint probes against peers on loopback, one for each way in which a port can answer.

#![expect(clippy::unwrap_used, reason = "peers and helpers of tests")]

#[path = "probes/peers.rs"]
mod peers;

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
    http, peer, silence, tls_peer,
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

fn tls(attempt: &Attempt) -> &Tls {
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

#[tokio::test]
async fn remote_cluster_server_in_good_health() {
    let ca = Ca::new("remote-ca");
    let peer = node(
        SERVER_9_4,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await;
    let trusted = cas(&ca);
    let identity = Identity {
        server_ca: Some(&trusted),
        client: None,
    };
    let endpoint = look_as(&peer.address(), Some(NAME), identity, 10).await;
    assert_eq!(endpoint.server_name.as_deref(), Some(NAME));
    let resolution = endpoint.dns.known().unwrap();
    assert_eq!(resolution.outcome, ResolutionOutcome::Literal);
    let attempt = only(&endpoint);
    assert_eq!(attempt.address, peer.address());
    assert_eq!(attempt.tcp.outcome, TcpOutcome::Connected);
    let tls = tls(attempt);
    assert_eq!(tls.outcome, TlsOutcome::Completed);
    assert_eq!(tls.protocol, Fact::Known("TLSv1.3".to_owned()));
    assert_eq!(
        tls.cipher_suite,
        Fact::Known("TLS_AES_256_GCM_SHA384".to_owned())
    );
    assert_eq!(tls.client_certificate_requested, Fact::Known(false));
    assert_eq!(tls.key_proven, Fact::Known(true));
    assert_eq!(tls.webpki_error, Fact::Known(None));
    let chain = tls.chain.known().unwrap();
    assert_eq!(chain[0].subject, "CN=server");
    assert_eq!(chain[0].issuer, "CN=remote-ca");
    assert_eq!(chain[0].dns_names, [NAME]);
    let transport = transport(attempt);
    assert_eq!(transport.outcome, TransportOutcome::Answered);
    assert_eq!(transport.transport_version, Fact::Known(9_348_007));
    assert_eq!(transport.version_line, Fact::Known("9.4".to_owned()));
    assert_eq!(transport.release, Fact::Known("9.4.3".to_owned()));
    assert_eq!(
        transport.port_kind,
        Fact::Known(PortKind::RemoteClusterServer)
    );
    assert!(attempt.http.is_unknown() && attempt.plaintext.is_unknown());
    // Trust is derived later, from what else is known.
    let missing = gap_paths(&endpoint);
    assert!(missing.contains(&"endpoints.k.attempts.0.trust".to_owned()));
    assert!(missing.len() <= 2, "{missing:?}");
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn remote_cluster_server_of_8_14_tells_its_line_only() {
    let ca = Ca::new("remote-ca");
    let peer = node(
        SERVER_8_14,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await;
    let endpoint = look(&peer.address(), 10).await;
    let transport = transport(only(&endpoint));
    assert_eq!(transport.version_line, Fact::Known("8.14".to_owned()));
    assert!(transport.release.is_unknown());
    assert_eq!(
        transport.port_kind,
        Fact::Known(PortKind::RemoteClusterServer)
    );
    assert_eq!(peer.connections(), 1);
}

/// A node that would close on a second handshake still tells which port it is.
#[tokio::test]
async fn a_refused_second_handshake_costs_one_connection() {
    let node_of_8_18 = Node {
        hello: "455300000017000000000000000109006d6833000000020000c2c69b04",
        ..SERVER_8_14
    };
    let ca = Ca::new("remote-ca");
    let peer = node(
        node_of_8_18,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await;
    let endpoint = look(&peer.address(), 10).await;
    let transport = transport(only(&endpoint));
    assert_eq!(transport.version_line, Fact::Known("8.18".to_owned()));
    assert_eq!(
        transport.port_kind,
        Fact::Known(PortKind::RemoteClusterServer)
    );
    assert_eq!(peer.connections(), 2);
}

#[tokio::test]
async fn the_chain_is_kept_whatever_is_wrong_with_it() {
    let ca = Ca::new("remote-ca");
    let leaf = ca.leaf(&["other.example.org"], |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let peer = node(SERVER_9_4, &leaf, &TlsOptions::default()).await;
    let stranger = cas(&Ca::new("stranger"));
    let identity = Identity {
        server_ca: Some(&stranger),
        client: None,
    };
    let endpoint = look_as(&peer.address(), Some(NAME), identity, 10).await;
    let attempt = only(&endpoint);
    let tls = tls(attempt);
    assert_eq!(tls.outcome, TlsOutcome::Completed);
    let leaf = &tls.chain.known().unwrap()[0];
    assert_eq!(leaf.not_after.to_string(), "2021-01-01T00:00:00Z");
    assert_eq!(leaf.dns_names, ["other.example.org"]);
    let error = tls.webpki_error.known().unwrap().as_deref().unwrap();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert!(error.contains("other.example.org"), "{error}");
    assert_eq!(transport(attempt).outcome, TransportOutcome::Answered);
}

#[tokio::test]
async fn client_certificate_refused_late_in_tls_1_3_and_early_in_1_2() {
    let ca = Ca::new("transport-ca");
    let leaf = ca.leaf(&[NAME], |_| ());
    for (version, late) in [
        (&rustls::version::TLS13, true),
        (&rustls::version::TLS12, false),
    ] {
        let options = TlsOptions {
            versions: &[version],
            clients: Some(&ca),
        };
        let peer = node(TRANSPORT_9_4, &leaf, &options).await;
        let endpoint = look(&peer.address(), 10).await;
        let attempt = only(&endpoint);
        let tls = tls(attempt);
        assert_eq!(tls.client_certificate_requested, Fact::Known(true));
        assert_eq!(
            tls.accepted_client_cas,
            Fact::Known(vec!["CN=transport-ca".to_owned()])
        );
        assert_eq!(tls.chain.known().unwrap().len(), 1);
        let alert = tls.alert.as_deref().unwrap();
        if late {
            assert_eq!(tls.outcome, TlsOutcome::Completed);
            assert_eq!(alert, "certificate_required");
            let transport = transport(attempt);
            assert_eq!(transport.outcome, TransportOutcome::Alert);
            assert_eq!(transport.port_kind, Fact::Known(PortKind::Transport));
        } else {
            assert_eq!(tls.outcome, TlsOutcome::Alert);
            assert_eq!(tls.protocol, Fact::Known("TLSv1.2".to_owned()));
            assert!(attempt.transport.is_unknown());
        }
        assert!(attempt.plaintext.is_unknown());
    }
}

#[tokio::test]
async fn client_certificate_presented() {
    let ca = Ca::new("transport-ca");
    let options = TlsOptions {
        clients: Some(&ca),
        ..TlsOptions::default()
    };
    let peer = node(TRANSPORT_9_4, &ca.leaf(&[NAME], |_| ()), &options).await;
    let client = ca.leaf(&["a.example.org"], |_| ());
    let identity = Identity {
        server_ca: None,
        client: Some(&client),
    };
    let endpoint = look_as(&peer.address(), Some(NAME), identity, 10).await;
    let transport = transport(only(&endpoint));
    assert_eq!(transport.outcome, TransportOutcome::Answered);
    assert_eq!(transport.port_kind, Fact::Known(PortKind::Transport));
}

#[tokio::test]
async fn no_common_protocol_is_an_alert() {
    // What a server without TLS 1.2 and 1.3 in common says: 15 03 03 00 02 02 46.
    let peer = peer(|mut stream| async move {
        let mut hello = [0; 64];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(b"\x15\x03\x03\x00\x02\x02\x46").await;
        let _ = stream.shutdown().await;
        silence(stream).await;
    })
    .await;
    let endpoint = look(&peer.address(), 10).await;
    let attempt = only(&endpoint);
    assert_eq!(tls(attempt).outcome, TlsOutcome::Alert);
    assert_eq!(tls(attempt).alert.as_deref(), Some("protocol_version"));
    assert!(attempt.plaintext.is_unknown());
    assert!(attempt.transport.is_unknown());
}

#[tokio::test]
async fn refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let endpoint = look(&address, 10).await;
    let attempt = only(&endpoint);
    assert_eq!(attempt.tcp.outcome, TcpOutcome::Refused);
    let detail = attempt.tcp.detail.as_deref().unwrap();
    assert!(detail.starts_with(&format!("connect {address}: connection refused")));
    assert!(attempt.tls.is_unknown());
    assert_eq!(gap_paths(&endpoint), ["endpoints.k.attempts.0.tls"]);
}

#[tokio::test]
async fn closed_and_reset_without_a_word() {
    for (linger, outcome) in [(false, TlsOutcome::Closed), (true, TlsOutcome::Reset)] {
        let peer = peer(move |mut stream| async move {
            let mut hello = [0; 2048];
            let _ = stream.read(&mut hello).await;
            if linger {
                let socket = stream.into_std().unwrap();
                let socket = socket2::Socket::from(socket);
                socket.set_linger(Some(Duration::ZERO)).unwrap();
            }
        })
        .await;
        let endpoint = look(&peer.address(), 10).await;
        let attempt = only(&endpoint);
        assert_eq!(tls(attempt).outcome, outcome);
        assert!(attempt.transport.is_unknown());
        let plaintext = attempt.plaintext.known().unwrap();
        assert_eq!(plaintext.outcome, PlaintextOutcome::Closed);
        assert_eq!(plaintext.banner, None);
    }
}

#[tokio::test]
async fn silent_after_accept_and_after_tls() {
    let ca = Ca::new("remote-ca");
    let accepts = peer(silence).await;
    let speaks_tls = tls_peer(
        acceptor(&ca.leaf(&[NAME], |_| ()), &TlsOptions::default()),
        silence,
    )
    .await;
    let (one, two) = (accepts.address(), speaks_tls.address());
    let (one, two) = tokio::join!(look(&one, 4), look(&two, 4));
    assert_eq!(tls(only(&one)).outcome, TlsOutcome::TimedOut);
    let attempt = only(&two);
    assert_eq!(tls(attempt).outcome, TlsOutcome::Completed);
    assert_eq!(transport(attempt).outcome, TransportOutcome::TimedOut);
    assert!(attempt.http.is_unknown());
}

fn gap_paths(endpoint: &Endpoint) -> Vec<String> {
    gaps("k", endpoint).into_iter().map(|it| it.path).collect()
}

/// A run that ends at once says nothing of a silent peer.
#[tokio::test]
async fn what_the_run_cuts_short_stays_unknown() {
    let peer = peer(silence).await;
    let endpoint = look(&peer.address(), 1).await;
    let attempt = only(&endpoint);
    assert_eq!(attempt.tcp.outcome, TcpOutcome::Connected);
    assert!(attempt.tls.is_unknown());
    assert_eq!(gap_paths(&endpoint), ["endpoints.k.attempts.0.tls"]);
}

#[tokio::test]
async fn services_without_tls_are_named() {
    let ssh = peer(|stream| banner(stream, "SSH-2.0-OpenSSH_9.2p1\r\n")).await;
    let smtp = peer(|stream| banner(stream, "220 mail.example.org ESMTP\r\n")).await;
    let bad = "HTTP/1.0 400 Bad Request\r\nX-elastic-product: Elasticsearch\r\n\
               content-type: application/json\r\ncontent-length: 0\r\n\r\n";
    let elastic = peer(move |mut stream| async move {
        // Answers a ClientHello and anything else that is no HTTP with 400, as 9.4.3 does.
        let mut first = [0; 4];
        let _ = stream.read_exact(&mut first).await;
        let answer = if &first == b"GET " {
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"security\"\r\n\r\n"
        } else {
            bad
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        silence(stream).await;
    })
    .await;
    let (a, b, c) = (ssh.address(), smtp.address(), elastic.address());
    let (ssh, smtp, elastic) = tokio::join!(look(&a, 10), look(&b, 10), look(&c, 10));
    let said = |endpoint: &Endpoint| {
        let attempt = only(endpoint);
        assert_eq!(tls(attempt).outcome, TlsOutcome::NotTls);
        attempt.plaintext.known().unwrap().clone()
    };
    assert_eq!(said(&ssh).outcome, PlaintextOutcome::Ssh);
    assert_eq!(said(&ssh).banner.as_deref(), Some("SSH-2.0-OpenSSH_9.2p1"));
    assert_eq!(said(&smtp).outcome, PlaintextOutcome::Banner);
    let elastic = said(&elastic);
    assert_eq!(elastic.outcome, PlaintextOutcome::Http);
    let answer = elastic.http.known().unwrap();
    assert_eq!((answer.status, answer.elasticsearch), (401, true));
}

#[tokio::test]
async fn elasticsearch_without_tls() {
    let peer = peer(|stream| async move {
        let mut first = [0; 1];
        // Closes on a ClientHello, answers frames.
        if stream.peek(&mut first).await.is_ok() && first == *b"E" {
            elasticsearch(stream, TRANSPORT_9_4).await;
        }
    })
    .await;
    let endpoint = look(&peer.address(), 10).await;
    let attempt = only(&endpoint);
    assert!(matches!(
        tls(attempt).outcome,
        TlsOutcome::Closed | TlsOutcome::Reset
    ));
    let plaintext = attempt.plaintext.known().unwrap();
    assert_eq!(plaintext.outcome, PlaintextOutcome::Elasticsearch);
    let transport = plaintext.transport.known().unwrap();
    assert_eq!(transport.version_line, Fact::Known("9.4".to_owned()));
    assert_eq!(transport.port_kind, Fact::Known(PortKind::Transport));
}

#[tokio::test]
async fn http_inside_tls() {
    let ca = Ca::new("http-ca");
    let leaf = ca.leaf(&[NAME], |_| ());
    let elastic = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"security\", \
                   charset=\"UTF-8\"\r\nWWW-Authenticate: ApiKey\r\ncontent-length: 0\r\n\r\n";
    let kibana = "HTTP/1.1 302 Found\r\nkbn-name: kibana\r\nlocation: /login\r\n\r\n";
    for (answer, elasticsearch, server) in [
        (elastic, true, None),
        (kibana, false, Some("Kibana kibana")),
    ] {
        let acceptor = acceptor(&leaf, &TlsOptions::default());
        let peer = tls_peer(acceptor, move |stream| http(stream, answer)).await;
        let started = Instant::now();
        let endpoint = look(&peer.address(), 20).await;
        assert!(started.elapsed() < Duration::from_secs(3));
        let attempt = only(&endpoint);
        assert_eq!(transport(attempt).outcome, TransportOutcome::TimedOut);
        let http = attempt.http.known().unwrap();
        assert_eq!(http.elasticsearch, elasticsearch);
        assert_eq!(http.server.as_deref(), server);
    }
}

#[tokio::test]
async fn proxy_that_ends_tls() {
    let ca = Ca::new("proxy-ca");
    let leaf = ca.leaf(&[NAME], |_| ());
    let level_7 = acceptor(&leaf, &TlsOptions::default());
    // haproxy and nginx answer frames at once.
    let level_7 = tls_peer(level_7, |mut stream| async move {
        let mut frame = [0; 64];
        let _ = stream.read(&mut frame).await;
        let answer = "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    })
    .await;
    // A proxy with a plaintext backend: the node closes on what it cannot read.
    let level_4 = acceptor(&leaf, &TlsOptions::default());
    let level_4 = tls_peer(level_4, |mut stream| async move {
        let mut frame = [0; 64];
        let _ = stream.read(&mut frame).await;
        let _ = stream.shutdown().await;
    })
    .await;
    let endpoint = look(&level_7.address(), 10).await;
    let attempt = only(&endpoint);
    assert_eq!(transport(attempt).outcome, TransportOutcome::Http);
    let http = attempt.http.known().unwrap();
    assert_eq!(http.server.as_deref(), Some("nginx/1.22.1"));
    let endpoint = look(&level_4.address(), 10).await;
    assert_eq!(transport(only(&endpoint)).outcome, TransportOutcome::Closed);
    // The second form of the handshake and HTTP were tried as well.
    assert_eq!(level_4.connections(), 3);
    assert!(only(&endpoint).http.is_unknown());
}

#[tokio::test]
async fn endless_and_dripping_peers_end() {
    let endless =
        peer(|mut stream| async move { while stream.write_all(&[b'x'; 4096]).await.is_ok() {} })
            .await;
    let drips = peer(|mut stream| async move {
        // The start of a ServerHello, a byte at a time.
        for byte in b"\x16\x03\x03\x40\x00\x02".iter().chain(&[0; 1000]) {
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let ca = Ca::new("remote-ca");
    let acceptor = acceptor(&ca.leaf(&[NAME], |_| ()), &TlsOptions::default());
    let endless_inside = tls_peer(acceptor, |mut stream| async move {
        // A frame that announces two gigabytes.
        let _ = stream.write_all(b"ES\x7f\xff\xff\xff").await;
        while stream.write_all(&[0; 4096]).await.is_ok() {}
    })
    .await;
    let (a, b, c) = (endless.address(), drips.address(), endless_inside.address());
    let (a, b, c) = tokio::join!(look(&a, 5), look(&b, 5), look(&c, 5));
    assert_eq!(tls(only(&a)).outcome, TlsOutcome::NotTls);
    let banner = &only(&a).plaintext.known().unwrap().banner;
    assert_eq!(banner.as_ref().unwrap().len(), 120);
    assert_eq!(tls(only(&b)).outcome, TlsOutcome::TimedOut);
    assert_eq!(
        transport(only(&c)).outcome,
        TransportOutcome::NotElasticsearch
    );
}

#[tokio::test]
async fn names_as_they_resolve_and_as_they_do_not() {
    let ca = Ca::new("remote-ca");
    let leaf = ca.leaf(&["localhost"], |_| ());
    let peer = node(SERVER_9_4, &leaf, &TlsOptions::default()).await;
    let address = format!("localhost:{}", peer.port);
    let endpoint = look_as(&address, None, Identity::default(), 15).await;
    assert_eq!(endpoint.server_name, None);
    let dns = endpoint.dns.known().unwrap();
    assert_eq!(dns.outcome, ResolutionOutcome::Literal);
    let attempts = endpoint.attempts.known().unwrap();
    assert_eq!(attempts[0].address, peer.address());
    assert_eq!(transport(&attempts[0]).outcome, TransportOutcome::Answered);

    // No label may be longer than 63 bytes: no server is asked.
    let impossible = format!("{}.invalid:9443", "x".repeat(64));
    let endpoint = look_as(&impossible, None, Identity::default(), 15).await;
    assert_eq!(endpoint.attempts, Fact::Known(Vec::new()));
    let by_host = endpoint.host_resolution.known().unwrap();
    assert_ne!(by_host.outcome, ResolutionOutcome::Answered);
    assert!(by_host.detail.is_some());

    for (address, host) in [
        ("b.example.org", "b.example.org"),
        (":9443", ""),
        ("b:x", "b"),
    ] {
        let endpoint = look_as(address, None, Identity::default(), 5).await;
        assert_eq!((endpoint.host.as_str(), endpoint.port), (host, 0));
        assert!(endpoint.attempts.is_unknown() && endpoint.dns.is_unknown());
        assert_eq!(gap_paths(&endpoint), ["endpoints.k"]);
    }
}

#[tokio::test]
async fn an_illegal_server_name_is_told_and_not_sent() {
    let ca = Ca::new("remote-ca");
    let peer = node(
        SERVER_9_4,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await;
    let endpoint = look_as(
        &peer.address(),
        Some("b_c.example.org"),
        Identity::default(),
        10,
    )
    .await;
    assert_eq!(endpoint.server_name, None);
    assert_eq!(
        endpoint.illegal_server_name.as_deref(),
        Some("b_c.example.org")
    );
    let attempt = only(&endpoint);
    assert_eq!(transport(attempt).outcome, TransportOutcome::Answered);
}

/// Not a benchmark: shows the order of magnitude with `--nocapture`.
#[tokio::test]
async fn time_of_a_healthy_probe() {
    let ca = Ca::new("remote-ca");
    let peer = node(
        SERVER_9_4,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await;
    let address = peer.address();
    look(&address, 10).await;
    let started = Instant::now();
    for _ in 0..10 {
        look(&address, 10).await;
    }
    println!("one healthy probe: {:?}", started.elapsed() / 10);
}
