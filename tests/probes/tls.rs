//! Certificates, client certificates and versions of TLS.

use super::*;

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
        ..Identity::default()
    };
    let endpoint = look_as(&peer.address(), Some(NAME), identity, 10).await;
    let attempt = only(&endpoint);
    let tls = secured(attempt);
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
        let tls = secured(attempt);
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
        ..Identity::default()
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
    assert_eq!(secured(attempt).outcome, TlsOutcome::Alert);
    assert_eq!(secured(attempt).alert.as_deref(), Some("protocol_version"));
    assert!(attempt.plaintext.is_unknown());
    assert!(attempt.transport.is_unknown());
}

/// Certificate and key replaced one without the other: a node loads such a pair unchecked, and every
/// handshake with it fails.
#[tokio::test]
async fn a_key_that_does_not_belong_to_the_certificate() {
    let ca = Ca::new("remote-ca");
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let acceptor = mismatched(&ca, &[version]);
        let peer = tls_peer(acceptor, |stream| elasticsearch(stream, SERVER_9_4)).await;
        let endpoint = look(&peer.address(), 10).await;
        let attempt = only(&endpoint);
        assert_eq!(secured(attempt).outcome, TlsOutcome::Completed);
        assert_eq!(secured(attempt).key_proven, Fact::Known(false));
    }
}
