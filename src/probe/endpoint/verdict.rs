//! What this machine's own verifier says of a chain.

use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;

use super::Dial;
use crate::evidence::{Fact, Tls};

/// The system's roots, read once.
static ROOTS: OnceLock<Option<Arc<RootCertStore>>> = OnceLock::new();

/// Begins to read the system's roots, so that they are there when a chain comes.
pub(super) fn prepare() {
    if ROOTS.get().is_none() {
        tokio::task::spawn_blocking(system_roots);
    }
}

/// Fills in the verdicts on a chain as presented.
pub(super) async fn judge(tls: &mut Tls, chain: &[CertificateDer<'_>], dial: &Dial<'_>) {
    let Some((leaf, intermediates)) = chain.split_first() else {
        return;
    };
    let system = tokio::task::spawn_blocking(system_roots).await;
    let system = system.ok().flatten();
    let judged = |roots: &RootCertStore| verify(leaf, intermediates, roots, dial);
    if let Some(roots) = &system {
        tls.publicly_trusted = Fact::Known(chain_error(leaf, intermediates, roots).is_none());
    }
    tls.webpki_error = match dial.identity.server_ca {
        Some(given) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(given.iter().cloned());
            Fact::Known(judged(&roots))
        }
        None => system.map(|roots| judged(&roots)).into(),
    };
}

/// `None` where there are none or they cannot be read: then nothing is known of public trust.
fn system_roots() -> Option<Arc<RootCertStore>> {
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        (!roots.is_empty()).then(|| Arc::new(roots))
    };
    ROOTS.get_or_init(load).clone()
}

/// What is wrong with chain and name, in webpki's words; `None` for nothing.
fn verify(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    dial: &Dial<'_>,
) -> Option<String> {
    let chain = chain_error(leaf, intermediates, roots);
    let problems: Vec<_> = chain.into_iter().chain(name_error(leaf, dial)).collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

fn chain_error(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
) -> Option<String> {
    let algorithms = super::recorder::provider().signature_verification_algorithms;
    ParsedCertificate::try_from(leaf)
        .and_then(|leaf| {
            verify_server_cert_signed_by_trust_anchor(
                &leaf,
                roots,
                intermediates,
                UnixTime::now(),
                algorithms.all,
            )
        })
        .err()
        .map(|error| error.to_string())
}

/// One of the names is enough, as for a node.
fn name_error(leaf: &CertificateDer<'_>, dial: &Dial<'_>) -> Option<String> {
    let leaf = ParsedCertificate::try_from(leaf).ok()?;
    let mut first = None;
    for name in &dial.names.accepted {
        match verify_server_name(&leaf, name) {
            Ok(()) => return None,
            Err(error) => first = first.or(Some(error.to_string())),
        }
    }
    first
}
