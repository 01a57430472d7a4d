//! Which places of the evidence these peers fill.

use crosscheck::check::standard;
use crosscheck::evidence::Evidence;

use super::listeners::router;
use super::services::{WITHOUT_LOGIN, plain_transport};
use super::ways::{Way, relay, server};
use super::*;

#[tokio::test]
async fn checks_may_read_what_probes_fill() {
    let node = server().await;
    let cut = relay(node.address(), Way::ClosesIdle(Duration::from_secs(1))).await;
    let idle = Identity {
        idle: Some(Duration::from_secs(2)),
        ..Identity::default()
    };
    let names = ["remote.example.org".to_owned()];
    let with_names = Identity {
        other_names: &names,
        ..Identity::default()
    };
    let router = router(false).await;
    let plain = plain_transport().await;
    let leaf = Ca::new("http-ca").leaf(&[NAME], |_| ());
    let http = tls_peer(acceptor(&leaf, &TlsOptions::default()), |stream| {
        http(stream, WITHOUT_LOGIN)
    })
    .await;
    let (router, plain, http) = (router.address(), plain.address(), http.address());
    let (cut, router, plain, http) = tokio::join!(
        look_as(&cut, Some(NAME), idle, 30),
        look_as(&router, None, with_names, 30),
        look(&plain, 30),
        look(&http, 30),
    );
    let endpoints = [cut, router, plain, http].map(|it| (it.address.clone(), it));
    // Of the standard case nothing but the frame of the document.
    let document = Evidence {
        clusters: [].into(),
        links: [].into(),
        endpoints: endpoints.into(),
        ..standard()
    };
    layer::hold("probes", [&document]);
}
