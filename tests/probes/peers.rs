//! Peers on loopback that behave as real ones did, and the certificates that they present.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crosscheck::config::plan::ClientIdentity;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority.
pub(crate) struct Ca {
    pub(crate) der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        Self { der, issuer }
    }

    /// A leaf for these host names, changed as the test wants it.
    pub(crate) fn leaf(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> ClientIdentity {
        let mut params = params("server", names);
        params.use_authority_key_identifier_extension = true;
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        ClientIdentity {
            chain: vec![leaf.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }
}

fn params(name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// How a peer does TLS.
pub(crate) struct TlsOptions<'a> {
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
    /// CA whose clients are let in; `None` asks for no certificate.
    pub(crate) clients: Option<&'a Ca>,
}

impl Default for TlsOptions<'_> {
    fn default() -> Self {
        Self {
            versions: rustls::ALL_VERSIONS,
            clients: None,
        }
    }
}

pub(crate) fn acceptor(identity: &ClientIdentity, options: &TlsOptions<'_>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(options.versions)
        .unwrap();
    let builder = match options.clients {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(ca.der.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let config = builder
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Presents one leaf of the CA and signs with the key of another.
pub(crate) fn mismatched(ca: &Ca, versions: &[&'static SupportedProtocolVersion]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (one, other) = (ca.leaf(&[], |_| ()), ca.leaf(&[], |_| ()));
    let key = provider.key_provider.load_private_key(other.key).unwrap();
    let pair = Arc::new(CertifiedKey::new(one.chain, key));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    TlsAcceptor::from(Arc::new(config))
}

/// A peer; how many connections it had is told by `connections`.
pub(crate) struct Peer {
    pub(crate) port: u16,
    connections: Arc<Mutex<usize>>,
}

impl Peer {
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// Listens on loopback and does the same to every connection.
pub(crate) async fn peer<F, R>(serve: F) -> Peer
where
    F: Fn(TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *counter.lock().unwrap() += 1;
            tokio::spawn(serve(stream));
        }
    });
    Peer { port, connections }
}

/// The same inside TLS.
pub(crate) async fn tls_peer<F, R>(acceptor: TlsAcceptor, serve: F) -> Peer
where
    F: Fn(tokio_rustls::server::TlsStream<TcpStream>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    peer(move |stream| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream).await;
            }
        }
    })
    .await
}

/// What a node says, recorded (`tests/frames`).
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// Answer to the first form of the handshake.
    pub(crate) hello: &'static str,
    /// Answer to the second form; `None` closes the connection.
    pub(crate) hello_with_release: Option<&'static str>,
    /// Answers to the call without credentials.
    pub(crate) question: &'static [&'static str],
    /// Whether the connection is closed after them.
    pub(crate) closes: bool,
}

pub(crate) const SERVER_9_4: Node = Node {
    hello: "455300000017000000000000000109006d6833000000020000a7c7ba04",
    hello_with_release: Some(
        "45530000001d00000000000000010900864700000000020000a7c7ba0405392e342e33",
    ),
    // Twice, as the lab found: one answer from the request's path, one from its headers.
    question: &[
        include_str!("../frames/c1-remote-cluster-server-9.4.3.hex"),
        include_str!("../frames/c1-remote-cluster-server-9.4.3.hex"),
    ],
    closes: true,
};

pub(crate) const SERVER_8_14: Node = Node {
    hello: "455300000017000000000000000109006d6833000000020000e18c8f04",
    hello_with_release: None,
    question: &[include_str!(
        "../frames/c1-remote-cluster-server-8.14.1.hex"
    )],
    closes: true,
};

pub(crate) const TRANSPORT_9_4: Node = Node {
    question: &[include_str!("../frames/c1-transport-9.4.3.hex")],
    closes: false,
    ..SERVER_9_4
};

/// The next frame behind its length; pings before it come back as they are. `None` where none comes.
pub(crate) async fn next_frame(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Option<Vec<u8>> {
    loop {
        let mut head = [0; 6];
        stream.read_exact(&mut head).await.ok()?;
        let length = head.strip_prefix(b"ES")?;
        if head == *b"ES\xff\xff\xff\xff" {
            let _ = stream.write_all(&head).await;
            let _ = stream.flush().await;
            continue;
        }
        let length = u32::from_be_bytes(length.try_into().unwrap());
        let mut frame = vec![0; length as usize];
        stream.read_exact(&mut frame).await.ok()?;
        return Some(frame);
    }
}

/// Answers frames as that node does.
pub(crate) async fn elasticsearch(mut stream: impl AsyncRead + AsyncWrite + Unpin, node: Node) {
    while let Some(frame) = next_frame(&mut stream).await {
        let id = &frame[..8];
        let is_handshake = frame[8] & 8 != 0;
        let form = u32::from_be_bytes(frame[9..13].try_into().unwrap());
        let answers: Vec<&str> = match (is_handshake, form) {
            (true, 7_170_099) => vec![node.hello],
            (true, _) => node.hello_with_release.into_iter().collect(),
            (false, _) => node.question.to_vec(),
        };
        if answers.is_empty() {
            return;
        }
        for answer in answers {
            let mut bytes = unhex(answer);
            bytes[6..14].copy_from_slice(id);
            stream.write_all(&bytes).await.unwrap();
        }
        let _ = stream.flush().await;
        if !is_handshake && node.closes {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

/// Answers every HTTP request with these bytes and closes; says nothing to what ends in no line.
pub(crate) async fn http(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &'static str) {
    let mut heard = Vec::new();
    let mut chunk = [0; 1024];
    while !heard.windows(2).any(|end| end == b"\r\n") {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => heard.extend_from_slice(&chunk[..count]),
            _ => return,
        }
    }
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Says these bytes at once and then reads on.
pub(crate) async fn banner(mut stream: TcpStream, text: &'static str) {
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

/// Reads and never answers.
pub(crate) async fn silence(mut stream: impl AsyncRead + Unpin) {
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}
