//! Services that are no Elasticsearch, by the bytes that real ones sent (`tests/banners`), and routers.

use crosscheck::evidence::{Listener, ListenerKind};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;
use tokio::net::TcpStream;

use super::*;
use peers::unhex;

fn listener(endpoint: &Endpoint) -> &Listener {
    let attempt = only(endpoint);
    let listener = attempt.listener.known();
    listener.unwrap_or_else(|| panic!("no listener: {attempt:#?}"))
}

/// `MariaDB` and its like speak first; then whatever is sent is out of order.
#[tokio::test]
async fn databases() {
    let mariadb = peer(|mut stream| async move {
        let greeting = unhex(include_str!("../banners/mariadb-10.11.19.hex"));
        let _ = stream.write_all(&greeting).await;
        let _ = stream.read(&mut [0; 2048]).await;
    })
    .await;
    // Says nothing to a ClientHello or a frame, closes on HTTP, answers lines.
    let redis = peer(|mut stream| async move {
        let mut heard = [0; 2048];
        let count = stream.read(&mut heard).await.unwrap_or(0);
        match &heard[..count] {
            b"PING\r\n" => {
                let _ = stream.write_all(b"+PONG\r\n").await;
            }
            line if line.starts_with(b"GET ") => return,
            _ => {}
        }
        silence(stream).await;
    })
    .await;
    let postgresql = peer(|mut stream| async move {
        let mut heard = [0; 8];
        let _ = stream.read(&mut heard).await;
        if heard == [0, 0, 0, 8, 4, 210, 22, 47] {
            let _ = stream.write_all(b"N").await;
        }
    })
    .await;
    let (a, b, c) = (mariadb.address(), redis.address(), postgresql.address());
    let (a, b, c) = tokio::join!(look(&a, 15), look(&b, 15), look(&c, 15));
    assert_eq!(listener(&a).kind, ListenerKind::Mysql);
    assert_eq!(
        listener(&a).name,
        "MySQL or MariaDB (10.11.19-MariaDB-0+deb12u1)"
    );
    assert_eq!(listener(&b).kind, ListenerKind::Redis);
    assert_eq!(listener(&c).kind, ListenerKind::Postgresql);
    assert!(!listener(&c).inside_tls);
}

#[tokio::test]
async fn what_says_nothing_is_said_to_say_nothing() {
    let closes = peer(|mut stream| async move {
        let _ = stream.read(&mut [0; 2048]).await;
    })
    .await;
    let endpoint = look(&closes.address(), 10).await;
    assert_eq!(listener(&endpoint).kind, ListenerKind::Closes);
    // TLS, three looks without, a name and a last question.
    assert!(closes.connections() <= 6, "{}", closes.connections());
}

/// Inside TLS: Kibana complains of a frame without its name and answers `GET /` with it.
#[tokio::test]
async fn kibana_and_proxies_inside_tls() {
    let ca = Ca::new("http-ca");
    let leaf = ca.leaf(&[NAME], |_| ());
    let haproxy = include_str!("../banners/haproxy-2.6.12-http-hello.hex");
    let plain = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    let kibana = "HTTP/1.1 302 Found\r\nkbn-name: kibana\r\nlocation: /login\r\n\r\n";
    for (to_frames, to_get, kind, name) in [
        (plain.to_owned(), kibana, ListenerKind::Kibana, "Kibana"),
        (
            String::from_utf8(unhex(haproxy)).unwrap(),
            "HTTP/1.1 503 Service Unavailable\r\n\r\n",
            ListenerKind::HttpProxy,
            "HAProxy in HTTP mode",
        ),
        (
            plain.to_owned(),
            "HTTP/1.1 200 OK\r\nServer: Apache\r\n\r\n",
            ListenerKind::Http,
            "a web server (Apache)",
        ),
    ] {
        let acceptor = acceptor(&leaf, &TlsOptions::default());
        let peer = tls_peer(acceptor, move |mut stream| {
            let to_frames = to_frames.clone();
            async move {
                let mut heard = [0; 1024];
                let count = stream.read(&mut heard).await.unwrap_or(0);
                let answer = if heard[..count].starts_with(b"GET ") {
                    to_get
                } else {
                    &to_frames
                };
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        })
        .await;
        let endpoint = look(&peer.address(), 10).await;
        let listener = listener(&endpoint);
        assert_eq!((listener.kind, listener.name.as_str()), (kind, name));
        assert!(listener.inside_tls);
    }
}

/// Knows one name and has no certificate for others: rustls then refuses with an alert.
#[derive(Debug)]
struct Router(Arc<CertifiedKey>);

impl ResolvesServerCert for Router {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        (hello.server_name() == Some("remote.example.org")).then(|| Arc::clone(&self.0))
    }
}

pub(super) async fn router(reset: bool) -> peers::Peer {
    let ca = Ca::new("remote-ca");
    let leaf = ca.leaf(&["remote.example.org"], |_| ());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(leaf.key).unwrap();
    let resolver = Arc::new(Router(Arc::new(CertifiedKey::new(leaf.chain, key))));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    peer(move |mut stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut hello = [0; 2048];
            let count = stream.peek(&mut hello).await.unwrap_or(0);
            let known = hello[..count]
                .windows(18)
                .any(|it| it == b"remote.example.org");
            if known {
                if let Ok(stream) = acceptor.accept(stream).await {
                    elasticsearch(stream, SERVER_9_4).await;
                }
            } else if reset {
                let socket = socket2::Socket::from(stream.into_std().unwrap());
                socket.set_linger(Some(Duration::ZERO)).unwrap();
            } else {
                let _ = stream.read(&mut hello).await;
            }
        }
    })
    .await
}

/// A router that resets or closes names it does not know is told by a name that it knows.
#[tokio::test]
async fn a_router_by_server_name_shows_with_another_name() {
    let names = ["remote.example.org".to_owned()];
    for (reset, outcome) in [(false, TlsOutcome::Closed), (true, TlsOutcome::Reset)] {
        let router = router(reset).await;
        let identity = Identity {
            other_names: &names,
            ..Identity::default()
        };
        let endpoint = look_as(&router.address(), None, identity, 10).await;
        let attempt = only(&endpoint);
        assert_eq!(secured(attempt).outcome, outcome);
        let trials = attempt.other_names.known().unwrap();
        assert_eq!(trials.len(), 1);
        assert_eq!(trials[0].server_name.as_deref(), Some("remote.example.org"));
        assert_eq!(trials[0].outcome, TlsOutcome::Completed);
        assert_eq!(trials[0].subject.as_deref(), Some("CN=server"));
    }
}
