//! Do the nodes trust it? Each presented chain is followed to what the local cluster's nodes are known
//! to trust. No I/O.

use super::name::same_name;
use super::{
    Anchors, Attempt, Certificate, Cluster, Evidence, Fact, Link, LoadedCertificate, NodeTrust,
    Side, TrustOutcome,
};

#[cfg(test)]
mod tests;

/// Most issuers that are followed from a missing one to a trusted one.
const MAX_STEPS: usize = 8;

/// Fills [`Attempt::trust`] and [`Attempt::given_trust`] of every attempt, once clusters, links and
/// endpoints are known.
///
/// What the nodes of the local cluster load without a private key counts first: `--server-ca` only
/// says what the reader believes, and lends its keys to what is loaded under the same name and serial
/// number. Where nodes load nothing of that kind they use the roots of their JDK, and trust stays
/// unknown ([`super::Tls::publicly_trusted`] tells); so it does where only those roots can be what
/// makes a publicly trusted chain acceptable.
pub fn derive_trust(evidence: &mut Evidence) {
    let keys: Vec<String> = evidence.endpoints.keys().cloned().collect();
    let known = known_issuers(evidence);
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
            let of = |trusted: &Option<Trusted>| trust(attempt, trusted.as_ref()?, &known);
            let given_trust = of(&by_given);
            let trust = match &by_loaded {
                Some(_) => of(&by_loaded),
                None => given_trust.clone(),
            };
            attempt.trust = trust.into();
            attempt.given_trust = given_trust.into();
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

fn trust(attempt: &Attempt, trusted: &Trusted, known: &[Issued]) -> Option<NodeTrust> {
    let chain = presented_chain(attempt);
    let reached = reachable(chain);
    let last = *reached.last()?;
    // That no name fits needs no signature.
    let mut verified = matches!(trusted, Trusted::Given(_));
    let mut other_key = None;
    let mut is_trusted = false;
    for certificate in &reached {
        match trusted.holds(certificate, chain) {
            Holds::Yes { by_key } => {
                is_trusted = true;
                verified = by_key;
                break;
            }
            Holds::OtherKey { by_key } => {
                verified = by_key;
                other_key = other_key.or(Some(*certificate));
            }
            Holds::No => {}
        }
    }
    let outcome = if is_trusted {
        TrustOutcome::Trusted
    } else if other_key.is_some() {
        TrustOutcome::SameNameOtherKey
    } else if publicly_trusted(attempt) && matches!(trusted, Trusted::Loaded { .. }) {
        return None;
    } else if !is_self_issued(last) && leads_to(last, trusted, known) {
        TrustOutcome::IntermediateMissing
    } else {
        TrustOutcome::UnknownIssuer
    };
    let missing = (!is_trusted).then(|| other_key.unwrap_or(last));
    Some(NodeTrust {
        anchors: match trusted {
            Trusted::Given(_) => Anchors::Given,
            Trusted::Loaded { .. } => Anchors::Loaded,
        },
        outcome,
        verified,
        trusted_subjects: trusted.subjects(),
        missing_subject: missing.map(|it| it.issuer.clone()),
        missing_key_id: missing.and_then(|it| issuer_key_id(it, chain)),
    })
}

/// The leaf and all presented certificates that lead on from it, leaf first.
fn reachable(chain: &[Certificate]) -> Vec<&Certificate> {
    let mut reached: Vec<&Certificate> = chain.first().into_iter().collect();
    let mut next = 0;
    while let Some(certificate) = reached.get(next).copied() {
        next += 1;
        for issuer in chain {
            let is_new = !reached.iter().any(|it| it.sha256 == issuer.sha256);
            if is_new
                && same_name(&issuer.subject, &certificate.issuer)
                && by_key(certificate, issuer) != Some(false)
            {
                reached.push(issuer);
            }
        }
    }
    reached
}

/// Whether the issuer's key signed the certificate, by their key identifiers where the signature cannot
/// be computed; `None` where neither tells.
fn by_key(certificate: &Certificate, issuer: &Certificate) -> Option<bool> {
    certificate.is_signed_by(issuer).or_else(|| {
        let needed = certificate.authority_key_id.as_ref()?;
        Some(needed == issuer.subject_key_id.as_ref()?)
    })
}

/// What the trusted certificates are to one presented certificate.
enum Holds {
    /// It is one of them, or issued by one of them.
    Yes { by_key: bool },
    /// One of them has its issuer's name and another key.
    OtherKey { by_key: bool },
    /// None has its issuer's name.
    No,
}

impl Trusted {
    fn holds(&self, certificate: &Certificate, chain: &[Certificate]) -> Holds {
        let verdicts: Vec<Holds> = match self {
            Self::Given(anchors) => {
                let anchors = anchors.iter();
                anchors
                    .map(|anchor| by_given(anchor, certificate))
                    .collect()
            }
            Self::Loaded { anchors, given } => {
                let anchors = anchors.iter();
                anchors
                    .map(|anchor| loaded(anchor, certificate, chain, given))
                    .collect()
            }
        };
        // Several may share a name, such as an old and a new CA: one that fits is enough.
        let rank = |it: &Holds| match it {
            Holds::Yes { by_key: true } => 0,
            Holds::Yes { by_key: false } => 1,
            Holds::OtherKey { .. } => 2,
            Holds::No => 3,
        };
        let best = verdicts.into_iter().min_by_key(rank);
        best.unwrap_or(Holds::No)
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

fn by_given(anchor: &Certificate, certificate: &Certificate) -> Holds {
    if anchor.sha256 == certificate.sha256 {
        return Holds::Yes { by_key: true };
    }
    if !same_name(&anchor.subject, &certificate.issuer) {
        return Holds::No;
    }
    let computed = certificate.is_signed_by(anchor).is_some();
    match by_key(certificate, anchor) {
        Some(false) => Holds::OtherKey { by_key: computed },
        Some(true) | None => Holds::Yes { by_key: computed },
    }
}

/// By names and serial numbers alone, unless the same certificate was given.
fn loaded(
    anchor: &LoadedCertificate,
    certificate: &Certificate,
    chain: &[Certificate],
    given: &[Certificate],
) -> Holds {
    let is_anchor = |it: &Certificate| {
        same_name(&anchor.subject, &it.subject) && same_serial(&anchor.serial, &it.serial)
    };
    if let Some(known) = given.iter().find(|it| is_anchor(it)) {
        return by_given(known, certificate);
    }
    if is_anchor(certificate) {
        return Holds::Yes { by_key: false };
    }
    if !same_name(&anchor.subject, &certificate.issuer) {
        return Holds::No;
    }
    // Which of several certificates of that name it was shows if the issuer itself was presented or
    // given, or by its serial number in the authority key identifier.
    let issuers: Vec<_> = chain
        .iter()
        .chain(given)
        .filter(|it| same_name(&it.subject, &certificate.issuer))
        .filter(|it| by_key(certificate, it) != Some(false))
        .collect();
    let named = certificate.issuer_serial();
    let differs = if issuers.is_empty() {
        named.is_some_and(|serial| !same_serial(&serial, &anchor.serial))
    } else {
        !issuers.iter().any(|it| is_anchor(it)) && issuers.iter().all(|it| is_self_issued(it))
    };
    if differs {
        Holds::OtherKey { by_key: false }
    } else {
        Holds::Yes { by_key: false }
    }
}

fn same_serial(one: &str, other: &str) -> bool {
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
fn leads_to(last: &Certificate, trusted: &Trusted, known: &[Issued]) -> bool {
    let subjects = trusted.subjects();
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
