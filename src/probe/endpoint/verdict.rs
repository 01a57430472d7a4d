//! What this machine's own verifier says of a chain.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;

use super::Dial;
use crate::evidence::{Certificate, Fact, Tls};
use crate::probe::roots;

/// Begins to read the system's roots, so that they are there when a chain comes.
pub(super) fn prepare() {
    if !roots::are_read() {
        tokio::task::spawn_blocking(roots::read);
    }
}

/// What was found of a chain as presented.
#[derive(Default)]
pub(super) struct Verdict {
    publicly_trusted: Fact<bool>,
    webpki_error: Fact<Option<String>>,
}

impl Verdict {
    /// Writes it down.
    pub(super) fn record(self, tls: &mut Tls) {
        tls.publicly_trusted = self.publicly_trusted;
        tls.webpki_error = self.webpki_error;
    }
}

/// Judges a chain as presented. The system's roots, which take a while to read, may have to be waited for.
pub(super) async fn judge(chain: &[CertificateDer<'_>], dial: &Dial<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let Some((leaf, intermediates)) = chain.split_first() else {
        return verdict;
    };
    let system = system_roots().await;
    let judged = |roots: &RootCertStore| verify(leaf, intermediates, roots, dial);
    if let Some(roots) = &system {
        // Dates are in the chain; this is about who issued it.
        let error = chain_error(leaf, intermediates, roots, while_valid(leaf));
        verdict.publicly_trusted = Fact::Known(error.is_none());
    }
    verdict.webpki_error = match dial.identity.server_ca {
        Some(given) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(given.iter().cloned());
            Fact::Known(judged(&roots))
        }
        None => system.map(|roots| judged(&roots)).into(),
    };
    verdict
}

/// Whether a chain proves who presents it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    /// It is what was given, or leads to what was given, or without that to this machine's roots, and it
    /// names what was dialled.
    Verified,
    /// Nothing was given, and this machine's roots do not prove it.
    NothingToGoBy,
    /// It does not lead to what was given.
    Untrusted,
    /// It leads there, and names something else.
    WrongName,
}

/// Judges a chain before a secret is sent to whoever presented it. Its dates do not matter here: an expired
/// certificate is a fault, and still its owner's.
pub(super) async fn proof(chain: &[CertificateDer<'_>], dial: &Dial<'_>) -> Proof {
    let Some((leaf, intermediates)) = chain.split_first() else {
        return Proof::NothingToGoBy;
    };
    let leads_to = |roots: &RootCertStore| {
        chain_error(leaf, intermediates, roots, while_valid(leaf)).is_none()
    };
    let named = !dial.names.accepted.is_empty() && name_error(leaf, dial).is_none();
    match dial.identity.server_ca {
        Some(given) if given.contains(leaf) => Proof::Verified,
        Some(given) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(given.iter().cloned());
            match (leads_to(&roots), named) {
                (true, true) => Proof::Verified,
                (true, false) => Proof::WrongName,
                (false, _) => Proof::Untrusted,
            }
        }
        None => match system_roots().await {
            Some(roots) if named && leads_to(&roots) => Proof::Verified,
            _ => Proof::NothingToGoBy,
        },
    }
}

/// `None` where there are none or they cannot be read: then nothing is known of public trust.
async fn system_roots() -> Option<Arc<RootCertStore>> {
    if roots::are_read() {
        return roots::read();
    }
    tokio::task::spawn_blocking(roots::read).await.ok()?
}

/// What is wrong with chain and name, in webpki's words; `None` for nothing.
fn verify(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    dial: &Dial<'_>,
) -> Option<String> {
    let now = chain_error(leaf, intermediates, roots, UnixTime::now());
    // webpki stops at a date; what else is wrong shows at a time when the leaf was valid.
    let then = chain_error(leaf, intermediates, roots, while_valid(leaf));
    let mut problems = Vec::from_iter(now);
    problems.extend(then.filter(|then| !problems.contains(then)));
    problems.extend(name_error(leaf, dial));
    (!problems.is_empty()).then(|| problems.join("; "))
}

fn chain_error(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    time: UnixTime,
) -> Option<String> {
    let algorithms = super::recorder::provider().signature_verification_algorithms;
    ParsedCertificate::try_from(leaf)
        .and_then(|leaf| {
            verify_server_cert_signed_by_trust_anchor(
                &leaf,
                roots,
                intermediates,
                time,
                algorithms.all,
            )
        })
        .err()
        .map(words)
}

/// One of the names is enough, as for a node.
pub(super) fn name_error(leaf: &CertificateDer<'_>, dial: &Dial<'_>) -> Option<String> {
    let leaf = ParsedCertificate::try_from(leaf).ok()?;
    let mut first = None;
    for name in &dial.names.accepted {
        match verify_server_name(&leaf, name) {
            Ok(()) => return None,
            Err(error) => first = first.or(Some(words(error))),
        }
    }
    first
}

fn words(error: rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// The middle of a certificate's validity; now, where it cannot be read.
fn while_valid(leaf: &CertificateDer<'_>) -> UnixTime {
    let middle = Certificate::from_der(leaf).ok().and_then(|leaf| {
        let (from, to) = (leaf.not_before.as_second(), leaf.not_after.as_second());
        u64::try_from(from.midpoint(to)).ok()
    });
    middle.map_or_else(UnixTime::now, |seconds| {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    })
}
