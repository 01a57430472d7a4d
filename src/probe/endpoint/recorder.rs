//! The two callbacks of a TLS handshake that see what matters: they write down and agree.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme};

use super::tls::protocol;
use crate::config::plan::ClientIdentity;
use crate::evidence::{Certificate, Fact, Tls, TlsOutcome, name_from_der};

/// Classic groups, close to what a JVM offers: the long `ClientHello` of post-quantum groups is
/// dropped by some middleboxes.
static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    Arc::new(CryptoProvider {
        kx_groups: vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        ..default_provider()
    })
});

/// The cryptography of every probe.
pub(super) fn provider() -> &'static Arc<CryptoProvider> {
    &PROVIDER
}

/// Writes down what the server presents and asks for; accepts everything.
#[derive(Debug)]
pub(super) struct Recorder {
    seen: Mutex<Seen>,
    client: Option<Arc<CertifiedKey>>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    protocol: Option<ProtocolVersion>,
    /// Whether the server's signature is that of the key in its certificate.
    key_proven: Option<bool>,
    accepted_client_cas: Option<Vec<String>>,
}

impl Recorder {
    pub(super) fn new(client: Option<&ClientIdentity>) -> Self {
        let client = client.and_then(|identity| {
            let key = PROVIDER.key_provider;
            let key = key.load_private_key(identity.key.clone_key()).ok()?;
            Some(Arc::new(CertifiedKey::new(identity.chain.clone(), key)))
        });
        Self {
            seen: Mutex::default(),
            client,
        }
    }

    /// The chain as presented, leaf first.
    pub(super) fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.seen().chain.clone()
    }

    /// What was written down; outcome and times are to be filled in.
    pub(super) fn facts(&self) -> Tls {
        let seen = self.seen();
        let parsed: Vec<_> = seen
            .chain
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect();
        let chain: Vec<_> = parsed.into_iter().filter_map(Result::ok).collect();
        let malformed = seen.chain.len() - chain.len();
        // A certificate or a request for one is the sign that the server got that far.
        let presented = !seen.chain.is_empty();
        let asked = seen.accepted_client_cas.is_some();
        Tls {
            outcome: TlsOutcome::Failed,
            detail: None,
            alert: None,
            protocol: seen.protocol.map(protocol).into(),
            cipher_suite: Fact::Unknown,
            client_certificate_requested: (presented || asked).then_some(asked).into(),
            accepted_client_cas: seen.accepted_client_cas.clone().into(),
            chain: presented.then_some(chain).into(),
            malformed_certificates: u32::try_from(malformed).unwrap_or(u32::MAX),
            key_proven: seen.key_proven.into(),
            webpki_error: Fact::Unknown,
            publicly_trusted: Fact::Unknown,
            took_ms: 0.0,
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signature(&self, version: ProtocolVersion, result: &Result<HandshakeSignatureValid, Error>) {
        let mut seen = self.seen();
        seen.protocol = Some(version);
        seen.key_proven = match result {
            Ok(_) => Some(true),
            Err(Error::InvalidCertificate(CertificateError::BadSignature))
                if is_strong(seen.chain.first()) =>
            {
                Some(false)
            }
            // Certificates that webpki does not read and keys that it does not take.
            Err(_) => None,
        };
    }
}

/// RSA keys below 2,048 bits make webpki report a bad signature.
fn is_strong(leaf: Option<&CertificateDer<'_>>) -> bool {
    let Some(Ok(leaf)) = leaf.map(|der| Certificate::from_der(der)) else {
        return false;
    };
    let bits = leaf.key.strip_prefix("RSA ").map(str::parse::<u32>);
    !matches!(bits, Some(Ok(bits)) if bits < 2048)
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        self.seen().chain = chain.map(|der| der.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &PROVIDER.signature_verification_algorithms;
        let result = verify_tls12_signature(message, cert, dss, algorithms);
        self.signature(ProtocolVersion::TLSv1_2, &result);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &PROVIDER.signature_verification_algorithms;
        let result = verify_tls13_signature(message, cert, dss, algorithms);
        self.signature(ProtocolVersion::TLSv1_3, &result);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ResolvesClientCert for Recorder {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let names = root_hint_subjects.iter();
        let names = names.filter_map(|der| name_from_der(der)).collect();
        self.seen().accepted_client_cas = Some(names);
        self.client.clone()
    }

    fn has_certs(&self) -> bool {
        // `resolve` is to be asked whether there is one or not.
        true
    }
}
