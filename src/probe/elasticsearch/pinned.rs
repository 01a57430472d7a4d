//! Trust in a certificate that was given as its own CA.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::evidence::Certificate;

/// Verifies as rustls does, and also takes a server's certificate that is itself among the given ones,
/// as curl and Java do: webpki refuses a CA as a server, which a certificate by `openssl req -x509` is.
/// Its dates and names count all the same.
#[derive(Debug)]
pub(super) struct PinnedOrIssued {
    /// Judges what is issued by the given ones.
    pub(super) issued: Arc<WebPkiServerVerifier>,
    /// The given ones.
    pub(super) given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for PinnedOrIssued {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let issued = self.issued.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match issued {
            Err(_) if self.given.contains(end_entity) => {
                pinned(end_entity, server_name, now)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.issued.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.issued.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.issued.supported_verify_schemes()
    }
}

/// What is left to ask of a certificate that is trusted itself.
fn pinned(
    certificate: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), CertificateError> {
    let certificate =
        Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    if now > certificate.not_after {
        return Err(CertificateError::Expired);
    }
    if now < certificate.not_before {
        return Err(CertificateError::NotValidYet);
    }
    if !certificate.names(&server_name.to_str()) {
        return Err(CertificateError::NotValidForName);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::RootCertStore;

    use super::*;

    const NOW: u64 = 1_780_000_000;

    /// As `openssl req -x509 -subj /CN=es.example.org -addext subjectAltName=…` makes it: a CA.
    fn own_ca() -> CertificateDer<'static> {
        let mut params = rcgen::CertificateParams::new(vec!["es.example.org".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    fn verifier(given: &CertificateDer<'static>) -> PinnedOrIssued {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(given.clone()).unwrap();
        let issued = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        PinnedOrIssued {
            issued: issued.build().unwrap(),
            given: vec![given.clone()],
        }
    }

    fn verdict(verifier: &PinnedOrIssued, shown: &CertificateDer<'_>, name: &str, at: u64) -> bool {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
        let verdict = verifier.verify_server_cert(shown, &[], &name, &[], at);
        verdict.is_ok()
    }

    #[test]
    fn a_certificate_that_is_its_own_ca_is_taken_while_it_is_valid_for_its_names() {
        let own = own_ca();
        let verifier = verifier(&own);
        assert!(verdict(&verifier, &own, "es.example.org", NOW));
        assert!(!verdict(&verifier, &own, "other.example.org", NOW));
        assert!(!verdict(
            &verifier,
            &own,
            "es.example.org",
            NOW + 400 * 86_400
        ));
        assert!(!verdict(
            &verifier,
            &own,
            "es.example.org",
            NOW - 400 * 86_400
        ));
        assert!(!verdict(&verifier, &own_ca(), "es.example.org", NOW));
    }
}
