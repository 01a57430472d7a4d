//! Nodes of both kinds and versions, and everything else that may listen on a port.

use super::*;

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
        ..Identity::default()
    };
    let endpoint = look_as(&peer.address(), Some(NAME), identity, 10).await;
    assert_eq!(endpoint.server_name.as_deref(), Some(NAME));
    let resolution = endpoint.dns.known().unwrap();
    assert_eq!(resolution.outcome, ResolutionOutcome::Literal);
    let attempt = only(&endpoint);
    assert_eq!(attempt.address, peer.address());
    assert_eq!(attempt.tcp.outcome, TcpOutcome::Connected);
    let tls = secured(attempt);
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
        assert_eq!(secured(attempt).outcome, TlsOutcome::NotTls);
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

/// A transport port without TLS: closes on a `ClientHello`, answers frames.
pub(super) async fn plain_transport() -> peers::Peer {
    peer(|stream| async move {
        let mut first = [0; 1];
        if stream.peek(&mut first).await.is_ok() && first == *b"E" {
            elasticsearch(stream, TRANSPORT_9_4).await;
        }
    })
    .await
}

#[tokio::test]
async fn elasticsearch_without_tls() {
    let peer = plain_transport().await;
    let endpoint = look(&peer.address(), 10).await;
    let attempt = only(&endpoint);
    assert!(matches!(
        secured(attempt).outcome,
        TlsOutcome::Closed | TlsOutcome::Reset
    ));
    let plaintext = attempt.plaintext.known().unwrap();
    assert_eq!(plaintext.outcome, PlaintextOutcome::Elasticsearch);
    let transport = plaintext.transport.known().unwrap();
    assert_eq!(transport.version_line, Fact::Known("9.4".to_owned()));
    assert_eq!(transport.port_kind, Fact::Known(PortKind::Transport));
}

/// What the HTTP port of a node says to who does not log in.
pub(super) const WITHOUT_LOGIN: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"security\", \
     charset=\"UTF-8\"\r\nWWW-Authenticate: ApiKey\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn http_inside_tls() {
    let ca = Ca::new("http-ca");
    let leaf = ca.leaf(&[NAME], |_| ());
    let kibana = "HTTP/1.1 302 Found\r\nkbn-name: kibana\r\nlocation: /login\r\n\r\n";
    for (answer, elasticsearch, server) in [
        (WITHOUT_LOGIN, true, None),
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
