//! Endpoints that say too much, too little, or the wrong thing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Server, server};

const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

pub(super) type Peers = Vec<(String, Server)>;

/// Sends what it has, a piece at a time, until nobody listens.
async fn sending(
    name: &str,
    pieces: Vec<Vec<u8>>,
    pause: Duration,
    for_ever: bool,
) -> (String, Server) {
    let pieces = Arc::new(pieces);
    let server = server(move |mut stream: TcpStream| {
        let pieces = Arc::clone(&pieces);
        async move {
            loop {
                for piece in pieces.iter() {
                    stream.write_all(piece).await?;
                    tokio::time::sleep(pause).await;
                }
                if !for_ever {
                    return silence(stream).await;
                }
            }
        }
    })
    .await;
    (name.to_owned(), server)
}

async fn silence(mut stream: impl AsyncRead + Unpin) -> io::Result<()> {
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    std::future::pending().await
}

pub(super) async fn without_tls() -> Peers {
    let now = Duration::ZERO;
    let second = Duration::from_secs(1);
    let bytes = |text: &[u8]| -> Vec<Vec<u8>> { text.iter().map(|it| vec![*it]).collect() };
    vec![
        sending("silence", Vec::new(), now, false).await,
        sending("an endless banner", vec![vec![b'x'; 65_536]], now, true).await,
        sending(
            "an endless line of escapes",
            vec![b"\x1b[2J\x1b]0;x\x07".repeat(4096)],
            now,
            true,
        )
        .await,
        sending(
            "a banner that drips",
            bytes(b"SSH-2.0-\x1b[31mhidden"),
            second,
            true,
        )
        .await,
        sending(
            "a TLS record that drips",
            bytes(&[22, 3, 3, 64, 0, 2, 0, 63, 255]),
            second,
            true,
        )
        .await,
        sending(
            "an endless HTTP head",
            vec![b"HTTP/1.1 200 OK\r\n".to_vec(), b"a: b\r\n".repeat(10_000)],
            now,
            true,
        )
        .await,
        sending(
            "a frame of two gigabytes",
            vec![b"ES\x7f\xff\xff\xff".to_vec(), vec![0; 65_536]],
            now,
            true,
        )
        .await,
        sending(
            "a frame of negative length",
            vec![b"ES\xff\xff\xff\xfe".to_vec()],
            now,
            false,
        )
        .await,
    ]
}

/// TLS that stops for ever after some of its bytes: after the `ClientHello`, within and after each of
/// its messages, and when all of it is done.
pub(super) async fn stalling() -> Peers {
    let mut peers = Vec::new();
    for (version, versions) in [("1.2", TLS12), ("1.3", TLS13)] {
        let acceptor = acceptor(&leaf(|_| ()), versions);
        let whole = flight(&acceptor).await;
        for bytes in [
            0,
            1,
            5,
            40,
            whole / 3,
            whole / 2,
            whole - 40,
            whole - 1,
            usize::MAX,
        ] {
            let acceptor = acceptor.clone();
            let server = server(move |stream: TcpStream| {
                let acceptor = acceptor.clone();
                async move {
                    let left = Arc::new(AtomicUsize::new(bytes));
                    silence(acceptor.accept(Limited { stream, left }).await?).await
                }
            })
            .await;
            peers.push((
                format!("TLS {version} that stops after {bytes} bytes"),
                server,
            ));
        }
    }
    peers
}

/// How many bytes a server sends until the handshake is done.
async fn flight(acceptor: &TlsAcceptor) -> usize {
    let (near, far) = tokio::io::duplex(1 << 20);
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let limited = Limited {
        stream: far,
        left: Arc::clone(&left),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = "b.example.org".try_into().unwrap();
    // The client refuses the chain; the server's flight has come by then.
    let _ = tokio::join!(acceptor.accept(limited), connector.connect(name, near));
    usize::MAX - left.load(Ordering::Relaxed)
}

/// A connection of which only so many bytes get out.
struct Limited<S> {
    stream: S,
    left: Arc<AtomicUsize>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Limited<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Limited<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Pending;
        }
        let some = &bytes[..bytes.len().min(left)];
        let written = Pin::new(&mut self.stream).poll_write(context, some);
        if let Poll::Ready(Ok(count)) = written {
            self.left.fetch_sub(count, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A leaf of a CA that nobody knows, with its key.
struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

fn leaf(change: impl FnOnce(&mut CertificateParams)) -> Leaf {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority_der = authority.self_signed(&authority_key).unwrap().der().clone();
    let issuer = Issuer::new(authority, authority_key);
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &issuer).unwrap().der().clone();
    Leaf {
        chain: vec![leaf, authority_der],
        key,
    }
}

fn acceptor(leaf: &Leaf, versions: &[&'static SupportedProtocolVersion]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let pair = Arc::new(CertifiedKey::new(leaf.chain.clone(), key));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    TlsAcceptor::from(Arc::new(config))
}

pub(super) async fn with_odd_certificates() -> Peers {
    let odd_name = "b\u{1b}[2J\u{202e}gro.elpmaxe\r\nCause\u{0}\u{9b}31m";
    let named = leaf(|it| {
        it.distinguished_name.push(DnType::CommonName, odd_name);
        it.distinguished_name
            .push(DnType::OrganizationName, "x".repeat(20_000));
    });
    let many_names = leaf(|it| {
        let name =
            |index: u32| SanType::DnsName(format!("n{index}.example.org").try_into().unwrap());
        it.subject_alt_names = (0..2_000).map(name).collect();
    });
    let mut long = leaf(|_| ());
    let authority = long.chain[1].clone();
    long.chain.extend(std::iter::repeat_n(authority, 100));
    let mut malformed = leaf(|_| ());
    malformed.chain[0] = CertificateDer::from(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x1b]);
    let mut cut = leaf(|_| ());
    let der = cut.chain[0].to_vec();
    cut.chain[0] = CertificateDer::from(der[..der.len() / 2].to_vec());
    let mut empty = leaf(|_| ());
    empty.chain = vec![CertificateDer::from(Vec::new())];
    let mut broken_authority = leaf(|_| ());
    broken_authority.chain[1] = CertificateDer::from(vec![0; 30_000]);
    let mut nested = leaf(|_| ());
    nested.chain[0] = CertificateDer::from([0x30, 0x80].repeat(10_000));

    let mut peers = Vec::new();
    for (name, leaf) in [
        ("a name with escapes", named),
        ("two thousand names", many_names),
        ("a chain of a hundred", long),
        ("a malformed certificate", malformed),
        ("half a certificate", cut),
        ("an empty certificate", empty),
        ("a malformed CA", broken_authority),
        ("nested without end", nested),
    ] {
        for versions in [TLS12, TLS13] {
            let acceptor = acceptor(&leaf, versions);
            let server = server(move |stream: TcpStream| {
                let acceptor = acceptor.clone();
                async move { silence(acceptor.accept(stream).await?).await }
            })
            .await;
            peers.push((format!("{name}, {versions:?}"), server));
        }
    }
    peers
}

/// A record of TLS 1.2 (RFC 5246 §6.2.1).
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

/// A handshake message in as many records as it takes.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let message = [&[kind], &length[1..], body].concat();
    message
        .chunks(16_384)
        .flat_map(|it| record(22, it))
        .collect()
}

/// Takes the `ClientHello` and answers these bytes, again and again if wanted.
async fn answering_hello(name: &str, answer: Vec<u8>, then: Vec<u8>) -> (String, Server) {
    let (answer, then) = (Arc::new(answer), Arc::new(then));
    let server = server(move |mut stream: TcpStream| {
        let (answer, then) = (Arc::clone(&answer), Arc::clone(&then));
        async move {
            let mut hello = [0; 2048];
            let _ = stream.read(&mut hello).await?;
            stream.write_all(&answer).await?;
            while !then.is_empty() {
                stream.write_all(&then).await?;
            }
            silence(stream).await
        }
    })
    .await;
    (name.to_owned(), server)
}

pub(super) async fn with_odd_messages() -> Peers {
    // ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, no session, no extensions.
    let hello = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2b, 0]].concat();
    let hello = message(2, &hello);
    let certificates = |total: usize| {
        let [_, length @ ..] = u32::try_from(total).unwrap().to_be_bytes();
        let [_, inner @ ..] = u32::try_from(total - 3).unwrap().to_be_bytes();
        message(
            11,
            &[&length[..], &inner[..], &vec![0x30; total - 3]].concat(),
        )
    };
    let after_hello = |more: Vec<u8>| [hello.clone(), more].concat();
    let none = Vec::new;
    vec![
        answering_hello(
            "ten megabytes of certificate",
            after_hello(certificates(10_000_000)),
            none(),
        )
        .await,
        answering_hello(
            "a certificate without end",
            hello.clone(),
            record(22, &[11; 16_384]),
        )
        .await,
        answering_hello("alerts without end", none(), record(21, &[1, 90])).await,
        answering_hello("empty records without end", none(), record(22, &[])).await,
        answering_hello(
            "cipher changes without end",
            hello.clone(),
            record(20, &[1]),
        )
        .await,
        answering_hello(
            "a record that is too long",
            [&[22, 3, 3, 0xff, 0xff][..], &vec![2; 65_535]].concat(),
            none(),
        )
        .await,
        answering_hello("a message of all zeros", message(0, &[0; 100]), none()).await,
        answering_hello("the hello of another version", message(2, &[9; 38]), none()).await,
        answering_hello("application data at once", record(23, b"\x1b[2J"), none()).await,
    ]
}

/// Peers that speak TLS well and nonsense in it.
pub(super) async fn inside_tls() -> Peers {
    let acceptor = acceptor(&leaf(|_| ()), TLS13);
    let mut peers = Vec::new();
    let frame = |length: u32, rest: &[u8]| [b"ES", &length.to_be_bytes()[..], rest].concat();
    for (name, answer, for_ever) in [
        (
            "a frame of two gigabytes",
            frame(0x7fff_ffff, &vec![0; 65_536]),
            true,
        ),
        ("a frame of no length", frame(0, b""), false),
        ("an answer to nothing", frame(23, &[0xff; 23]), false),
        (
            "an error that is cut off",
            frame(
                40,
                &[
                    &[
                        0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0x6d, 0x68, 0x33, 0, 0, 0, 2, 0, 0,
                    ][..],
                    &[1; 21],
                ]
                .concat(),
            ),
            false,
        ),
        (
            "escapes without end",
            b"\x1b[2J\x1b]0;x\x07".repeat(1_000),
            true,
        ),
        (
            "an HTTP head without end",
            [&b"HTTP/1.1 200 OK\r\n"[..], &b"a: b\r\n".repeat(1_000)].concat(),
            true,
        ),
    ] {
        let (acceptor, answer) = (acceptor.clone(), Arc::new(answer));
        let server = server(move |stream: TcpStream| {
            let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
            async move {
                let mut stream = acceptor.accept(stream).await?;
                loop {
                    stream.write_all(&answer).await?;
                    stream.flush().await?;
                    if !for_ever {
                        return silence(stream).await;
                    }
                }
            }
        })
        .await;
        peers.push((format!("inside TLS: {name}"), server));
    }
    peers
}
