//! Peers that refuse, close, reset, say nothing or never end.

use super::*;

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
        assert_eq!(secured(attempt).outcome, outcome);
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
    assert_eq!(secured(only(&one)).outcome, TlsOutcome::TimedOut);
    let attempt = only(&two);
    assert_eq!(secured(attempt).outcome, TlsOutcome::Completed);
    assert_eq!(transport(attempt).outcome, TransportOutcome::TimedOut);
    assert!(attempt.http.is_unknown());
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
    assert_eq!(secured(only(&a)).outcome, TlsOutcome::NotTls);
    let banner = &only(&a).plaintext.known().unwrap().banner;
    assert_eq!(banner.as_ref().unwrap().len(), 120);
    assert_eq!(secured(only(&b)).outcome, TlsOutcome::TimedOut);
    assert_eq!(
        transport(only(&c)).outcome,
        TransportOutcome::NotElasticsearch
    );
}

#[tokio::test]
async fn an_interrupted_probe_ends_at_once() {
    let peer = peer(silence).await;
    let target = Target {
        address: peer.address(),
        source: EndpointSource::Typed,
        server_name: None,
    };
    let (deadline, interrupt) = Deadline::after(Duration::from_mins(1));
    let interruption = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        interrupt.interrupt();
    };
    let started = Instant::now();
    let probe = probe(&target, Identity::default(), &deadline);
    let (endpoint, ()) = tokio::join!(probe, interruption);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(only(&endpoint).tcp.outcome, TcpOutcome::Connected);
    assert!(only(&endpoint).tls.is_unknown());
}
