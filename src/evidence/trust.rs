//! Do the nodes trust it? Each presented chain is followed to what the local cluster's nodes are known
//! to trust. No I/O.

use jiff::Timestamp;

use super::name::same_name;
use super::pkix::{Outcome, Trusted as Anchor, Verdict, judge};
use super::{
    Anchors, Attempt, Certificate, Cluster, Evidence, Fact, Link, LoadedCertificate, NodeTrust,
    Side, TrustOutcome,
};

#[cfg(test)]
mod tests;

/// Most issuers that are followed from a missing one to a trusted one.
const MAX_STEPS: usize = 8;

/// Fills [`Attempt::trust`], [`Attempt::given_trust`] and [`Attempt::refusals`] of every attempt, once
/// clusters, links and endpoints are known.
///
/// What the nodes of the local cluster load without a private key counts first: `--server-ca` only
/// says what the reader believes, and lends its keys to what is loaded under the same name and serial
/// number. Where nodes load nothing of that kind they use the roots of their JDK, and trust stays
/// unknown ([`super::Tls::publicly_trusted`] tells); so it does where only those roots can be what
/// makes a publicly trusted chain acceptable.
pub fn derive_trust(evidence: &mut Evidence) {
    let keys: Vec<String> = evidence.endpoints.keys().cloned().collect();
    let known = known_issuers(evidence);
    let now = evidence.collected_at;
    for key in keys {
        let given = given_for(evidence, &key);
        let loaded = loaded_for(evidence, &key);
        let endpoint = evidence.endpoints.get_mut(&key);
        let Some(Fact::Known(attempts)) = endpoint.map(|it| &mut it.attempts) else {
            continue;
        };
        let by_given = given.clone().map(Trusted::Given);
        let by_loaded = loaded.map(|anchors| Trusted::Loaded {
            anchors,
            given: given.unwrap_or_default(),
        });
        for attempt in attempts {
            let of =
                |trusted: &Option<Trusted>| judge_attempt(attempt, trusted.as_ref()?, &known, now);
            let given = of(&by_given);
            let counts = match &by_loaded {
                Some(_) => of(&by_loaded),
                None => given.clone(),
            };
            let given_trust = given.map(|(trust, _)| trust);
            let verdict = match &counts {
                Some((_, verdict)) => Some(verdict.clone()),
                None => judge(presented_chain(attempt), &[], &[], now),
            };
            attempt.trust = counts.map(|(trust, _)| trust).into();
            attempt.given_trust = given_trust.into();
            attempt.undecided = verdict
                .as_ref()
                .map_or(Vec::new(), |it| it.undecided.clone());
            let refusals = verdict.map(|it| it.refusals);
            let open = |refusals: &Vec<_>| refusals.is_empty() && !attempt.undecided.is_empty();
            attempt.refusals = refusals.filter(|it| !open(it)).into();
        }
    }
}

/// What the nodes that dial an endpoint trust.
enum Trusted {
    Given(Vec<Certificate>),
    /// The certificates of `--server-ca` tell the keys of those that are also loaded.
    Loaded {
        anchors: Vec<LoadedCertificate>,
        given: Vec<Certificate>,
    },
}

/// A certificate that is known by its names only: its subject, and who issued it.
struct Issued {
    subject: String,
    issuer: String,
}

fn links_to<'a>(evidence: &'a Evidence, endpoint: &'a str) -> impl Iterator<Item = &'a Link> {
    let links = evidence.links.values();
    links.filter(move |link| link.endpoints.iter().any(|key| key == endpoint))
}

fn given_for(evidence: &Evidence, endpoint: &str) -> Option<Vec<Certificate>> {
    let given = links_to(evidence, endpoint).find_map(|link| link.server_ca.known())?;
    (!given.is_empty()).then(|| given.clone())
}

fn loaded_for(evidence: &Evidence, endpoint: &str) -> Option<Vec<LoadedCertificate>> {
    let mut links = links_to(evidence, endpoint);
    let loaded = links.find_map(|link| local(evidence, link)?.certificates.known())?;
    // With its private key it is the node's own, not one that it trusts.
    let trusted = loaded.iter().filter(|it| !it.has_private_key);
    let trusted: Vec<_> = trusted.cloned().collect();
    (!trusted.is_empty()).then_some(trusted)
}

fn local<'a>(evidence: &'a Evidence, link: &Link) -> Option<&'a Cluster> {
    if let Some(key) = link.local.known() {
        return evidence.clusters.get(key);
    }
    let mut clusters = evidence.clusters.values();
    clusters.find(|cluster| cluster.side == Fact::Known(Side::Local))
}

/// Every certificate that anything in the document names, for who issued a missing one.
fn known_issuers(evidence: &Evidence) -> Vec<Issued> {
    let loaded = evidence.clusters.values();
    let loaded = loaded.filter_map(|cluster| cluster.certificates.known());
    let loaded = loaded.flatten().filter_map(|certificate| {
        Some(Issued {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.known()?.clone(),
        })
    });
    let given = evidence.links.values();
    let given = given.filter_map(|link| link.server_ca.known()).flatten();
    let presented = evidence.endpoints.values();
    let presented = presented.filter_map(|endpoint| endpoint.attempts.known());
    let presented = presented.flatten().flat_map(presented_chain);
    let certificates = given.chain(presented).map(|certificate| Issued {
        subject: certificate.subject.clone(),
        issuer: certificate.issuer.clone(),
    });
    loaded.chain(certificates).collect()
}

/// The chain, where all of it could be read.
fn presented_chain(attempt: &Attempt) -> &[Certificate] {
    let tls = attempt.tls.known();
    let tls = tls.filter(|tls| tls.malformed_certificates == 0);
    let chain = tls.and_then(|tls| tls.chain.known());
    chain.map_or(&[], Vec::as_slice)
}

/// The verdict, and what it means for trust.
fn judge_attempt(
    attempt: &Attempt,
    trusted: &Trusted,
    known: &[Issued],
    now: Timestamp,
) -> Option<(NodeTrust, Verdict)> {
    let chain = presented_chain(attempt);
    let verdict = judge(chain, &trusted.anchors(), trusted.given(), now)?;
    let subjects = trusted.subjects();
    let (outcome, missing) = match verdict.outcome {
        Outcome::Trusted => (TrustOutcome::Trusted, None),
        Outcome::OtherKey(at) => (TrustOutcome::SameNameOtherKey, Some(&chain[at])),
        Outcome::NoIssuer(_) if publicly_trusted(attempt) && trusted.is_loaded() => return None,
        Outcome::NoIssuer(at) => {
            let last = &chain[at];
            let outcome = if !is_self_issued(last) && leads_to(last, &subjects, known) {
                TrustOutcome::IntermediateMissing
            } else {
                TrustOutcome::UnknownIssuer
            };
            (outcome, Some(last))
        }
    };
    // That no name fits needs no signature.
    let verified = match verdict.outcome {
        Outcome::NoIssuer(_) => !trusted.is_loaded(),
        _ => verdict.verified,
    };
    let trust = NodeTrust {
        anchors: if trusted.is_loaded() {
            Anchors::Loaded
        } else {
            Anchors::Given
        },
        outcome,
        verified,
        trusted_subjects: subjects,
        missing_subject: missing.map(|it| it.issuer.clone()),
        missing_key_id: missing.and_then(|it| issuer_key_id(it, chain)),
    };
    Some((trust, verdict))
}

impl Trusted {
    fn is_loaded(&self) -> bool {
        matches!(self, Self::Loaded { .. })
    }

    fn given(&self) -> &[Certificate] {
        match self {
            Self::Given(given) | Self::Loaded { given, .. } => given,
        }
    }

    fn anchors(&self) -> Vec<Anchor<'_>> {
        match self {
            Self::Given(given) => given.iter().map(Anchor::Known).collect(),
            Self::Loaded { anchors, given } => anchors
                .iter()
                .map(|loaded| {
                    let known = given.iter().find(|it| {
                        same_name(&loaded.subject, &it.subject)
                            && same_serial(&loaded.serial, &it.serial)
                    });
                    known.map_or(Anchor::Named(loaded), Anchor::Known)
                })
                .collect(),
        }
    }

    fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = match self {
            Self::Given(anchors) => anchors.iter().map(|it| it.subject.clone()).collect(),
            Self::Loaded { anchors, .. } => anchors.iter().map(|it| it.subject.clone()).collect(),
        };
        subjects.sort();
        subjects.dedup();
        subjects
    }
}

/// Whether two serial numbers are the same, however they are written.
pub(super) fn same_serial(one: &str, other: &str) -> bool {
    let digits = |serial: &str| serial.trim_start_matches('0').to_ascii_lowercase();
    digits(one) == digits(other)
}

fn is_self_issued(certificate: &Certificate) -> bool {
    same_name(&certificate.subject, &certificate.issuer)
}

fn publicly_trusted(attempt: &Attempt) -> bool {
    let tls = attempt.tls.known();
    tls.is_some_and(|tls| tls.publicly_trusted == Fact::Known(true))
}

/// Whether the issuer that was not presented is known to be issued, over a few steps, by a trusted
/// one: by what any node loads, by any chain seen, or by what the certificate says of its issuer.
fn leads_to(last: &Certificate, subjects: &[String], known: &[Issued]) -> bool {
    let is_trusted = |name: &str| subjects.iter().any(|subject| same_name(subject, name));
    let mut names = vec![last.issuer.clone()];
    names.extend(last.issuer_of_issuer());
    let named = names.get(1).is_some_and(|name| is_trusted(name));
    if named {
        return true;
    }
    let mut next = 0;
    while next < names.len() && names.len() <= MAX_STEPS {
        let found: Vec<_> = known
            .iter()
            .filter(|it| same_name(&it.subject, &names[next]))
            .map(|it| &it.issuer)
            .collect();
        for issuer in found {
            if is_trusted(issuer) {
                return true;
            }
            if !names.iter().any(|name| same_name(name, issuer)) {
                names.push(issuer.clone());
            }
        }
        next += 1;
    }
    false
}

/// Key identifier of the issuer: as the certificate names it, or of the presented issuer.
fn issuer_key_id(certificate: &Certificate, chain: &[Certificate]) -> Option<String> {
    certificate.authority_key_id.clone().or_else(|| {
        let mut issuers = chain.iter();
        let issuer = issuers.find(|it| same_name(&it.subject, &certificate.issuer));
        issuer.and_then(|it| it.subject_key_id.clone())
    })
}
