//! Names that resolve and names that do not; server names that cannot be sent.

use super::*;

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

#[tokio::test]
async fn ipv6_with_and_without_brackets() {
    // Nothing listens on port 1; whether IPv6 is there at all does not matter.
    for address in ["[::1]:1", "::1:1"] {
        let endpoint = look_as(address, None, Identity::default(), 15).await;
        assert_eq!((endpoint.host.as_str(), endpoint.port), ("::1", 1));
        let attempt = only(&endpoint);
        assert_eq!(attempt.address, "[::1]:1");
        assert_ne!(attempt.tcp.outcome, TcpOutcome::Connected);
    }
}

#[test]
fn keys_name_a_server_name_that_differs() {
    let key = |server_name: Option<&str>| {
        let target = Target {
            address: "b.example.org:9443".to_owned(),
            source: EndpointSource::Typed,
            server_name: server_name.map(str::to_owned),
        };
        target.key()
    };
    assert_eq!(key(None), "b.example.org:9443");
    assert_eq!(key(Some("b.example.org")), "b.example.org:9443");
    assert_eq!(key(Some("x")), "b.example.org:9443#x");
}
