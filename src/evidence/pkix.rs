//! What a node's JVM says of a presented chain. No I/O.
//!
//! Elasticsearch gives the CAs of a TLS context to the PKIX trust manager of the JDK, whose rules differ
//! from those of browsers and of OpenSSL: an anchor's dates do not count, a trusted leaf is taken as it
//! is, SHA-1 and RSA of 1,024 bits are taken under private anchors, a common name may name the host.
//! The rules here are those of `sun.security.validator.PKIXValidator` and
//! `sun.security.provider.certpath`; `tests/jvm.rs` holds them against real JVMs.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::same_name;
use super::{Certificate, LoadedCertificate, same_serial};
use parsed::{Bytes, Parsed};
use path::{Broken, Findings, Way, check};

mod constraint;
mod parsed;
mod path;
mod signature;
#[cfg(test)]
mod tests;

pub(super) use signature::{rsa_bits, signed_by};

/// Most paths that are tried. Cross-signed CAs multiply them; a chain in earnest has a handful.
const MAX_PATHS: usize = 64;

/// Something that a node's JVM refuses in a presented chain.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Refusal {
    /// The kind.
    pub reason: RefusalReason,
    /// Subject of the certificate.
    pub subject: String,
    /// What is wrong with it, such as `it is signed with md5WithRSAEncryption`.
    pub detail: String,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// A critical extension that Java does not know.
    CriticalExtension,
    /// MD2 or MD5 (`jdk.certpath.disabledAlgorithms`).
    DisabledAlgorithm,
    /// It has expired. The dates of a trusted certificate do not count.
    Expired,
    /// The extended key usage of the leaf does not permit a server.
    ExtendedKeyUsage,
    /// The key usage of the leaf does not permit signing a handshake.
    KeyUsage,
    /// Java cannot read it.
    Malformed,
    /// A CA above does not permit its names (RFC 5280 §4.2.1.10).
    NameConstraints,
    /// It issued another one and is no CA by basic constraints or key usage.
    NotACa,
    /// It is not yet valid.
    NotYetValid,
    /// More CAs follow than one above permits (RFC 5280 §4.2.1.9), or than Java sorts.
    PathLength,
    /// RSA or DSA below 1,024 bits, EC below 224.
    SmallKey,
}

/// A certificate that is taken for trusted.
pub(super) enum Trusted<'a> {
    /// With its key.
    Known(&'a Certificate),
    /// By its names and serial number alone.
    Named(&'a LoadedCertificate),
}

/// The verdict on a chain.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// Whether the chain leads to a trusted certificate.
    pub(super) outcome: Outcome,
    /// Whether all signatures that the outcome rests on were verified.
    pub(super) verified: bool,
    /// What is refused besides, along the path that comes closest.
    pub(super) refusals: Vec<Refusal>,
    /// What could not be judged. Unless something is refused, the verdict is open then.
    pub(super) undecided: Vec<String>,
}

/// How following the chain ended. Positions are those in the chain as presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// At a trusted certificate.
    Trusted,
    /// A trusted certificate has the name of the issuer of this one, but another key.
    OtherKey(usize),
    /// No trusted certificate has the name of the issuer of this one.
    NoIssuer(usize),
}

/// A chain that could be read, and what may be trusted.
struct Chain<'a> {
    presented: Vec<Parsed<'a>>,
    anchors: Vec<Anchor<'a>>,
    witnesses: &'a [Certificate],
    now: Timestamp,
}

enum Anchor<'a> {
    Known(Box<Parsed<'a>>),
    Named(&'a LoadedCertificate),
}

/// Judges a chain as presented, leaf first, as with `verification_mode: certificate`: whatever the
/// host is called. `None` where there is no chain, or a certificate in it cannot be read.
///
/// `witnesses` are not trusted; they show which key an issuer's name stands for.
pub(super) fn judge(
    presented: &[Certificate],
    trusted: &[Trusted<'_>],
    witnesses: &[Certificate],
    now: Timestamp,
) -> Option<Verdict> {
    let bytes: Option<Vec<Bytes>> = presented.iter().map(Bytes::of).collect();
    let bytes = bytes?;
    let parsed = presented.iter().zip(&bytes);
    let parsed: Option<Vec<_>> = parsed.map(|(it, bytes)| Parsed::of(it, bytes)).collect();
    let anchors: Vec<_> = trusted
        .iter()
        .map(|it| match it {
            Trusted::Known(it) => Bytes::of(it),
            Trusted::Named(_) => None,
        })
        .collect();
    let anchors = trusted.iter().zip(&anchors);
    let anchors = anchors.filter_map(|(it, bytes)| match it {
        Trusted::Known(it) => Some(Anchor::Known(Box::new(Parsed::of(it, bytes.as_ref()?)?))),
        Trusted::Named(it) => Some(Anchor::Named(it)),
    });
    let chain = Chain {
        presented: parsed.filter(|it| !it.is_empty())?,
        anchors: anchors.collect(),
        witnesses,
        now,
    };
    Some(chain.judge())
}

impl Chain<'_> {
    fn judge(&self) -> Verdict {
        let leaf = &self.presented[0];
        // Java looks no further at a leaf that is itself trusted.
        if let Some(anchor) = self.anchors.iter().find(|it| it.is(leaf)) {
            return Verdict {
                outcome: Outcome::Trusted,
                verified: matches!(anchor, Anchor::Known(_)),
                refusals: Vec::new(),
                undecided: Vec::new(),
            };
        }
        let (way, paths, complete) = self.paths();
        let mut best: Option<(&Vec<usize>, Findings)> = None;
        let mut misled = false;
        for path in &paths {
            for anchor in self.anchors_above(path) {
                let mut findings = check(&self.along(path), Some(anchor), way, self.now);
                if self.has_other_key(anchor, path) {
                    findings.broken.push(Broken::Anchor);
                }
                misled |= findings.misleads();
                let is_better = best
                    .as_ref()
                    .is_none_or(|(_, it)| rank(&findings) < rank(it));
                if is_better {
                    best = Some((path, findings));
                }
            }
        }
        let Some((path, findings)) = best else {
            return self.unfounded();
        };
        let outcome = match findings.broken.first() {
            None => Outcome::Trusted,
            Some(Broken::Anchor) => Outcome::OtherKey(path[path.len() - 1]),
            Some(Broken::Presented) => Outcome::NoIssuer(self.last_sound(path)),
        };
        let mut undecided = findings.undecided;
        if misled && findings.refusals.is_empty() {
            // The order of a hash table decides.
            let text = "which of several trusted certificates that fit Java takes first, of which one is no CA";
            undecided.push(text.to_owned());
        }
        if !complete {
            undecided.push("the certificates can be put together in too many ways".to_owned());
        }
        Verdict {
            outcome,
            verified: findings.verified,
            refusals: findings.refusals,
            undecided,
        }
    }

    /// The paths to try, each leaf first, how they came about, and whether these are all. Follows
    /// `PKIXValidator.engineValidate`.
    fn paths(&self) -> (Way, Vec<Vec<usize>>, bool) {
        let mut ordered = vec![0];
        for (index, certificate) in self.presented.iter().enumerate().skip(1) {
            if certificate.subject != self.presented[index - 1].issuer {
                return self.built();
            }
            if self.is_trusted(certificate) {
                return (Way::Validated, vec![ordered], true);
            }
            ordered.push(index);
        }
        if self.anchors_above(&ordered).next().is_some() {
            return (Way::Validated, vec![ordered], true);
        }
        self.built()
    }

    /// Every way in which the presented certificates lead from the leaf to an anchor by their names.
    fn built(&self) -> (Way, Vec<Vec<usize>>, bool) {
        let mut paths = Vec::new();
        let mut open = vec![vec![0]];
        let mut steps = 0;
        while let Some(path) = open.pop() {
            steps += 1;
            if steps > MAX_PATHS {
                return (Way::Built, paths, false);
            }
            for next in (0..self.presented.len()).rev() {
                if self.may_follow(&path, next) {
                    open.push([&path[..], &[next]].concat());
                }
            }
            if self.anchors_above(&path).next().is_some() {
                paths.push(path);
            }
        }
        (Way::Built, paths, true)
    }

    fn may_follow(&self, path: &[usize], next: usize) -> bool {
        let certificate = &self.presented[next];
        let last = &self.presented[path[path.len() - 1]];
        let repeated = path.iter().any(|it| {
            let it = &self.presented[*it];
            let names =
                |it: &Parsed<'_>| (it.shown.dns_names.clone(), it.shown.ip_addresses.clone());
            it.subject == certificate.subject
                && it.has_key_of(certificate)
                && names(it) == names(certificate)
        });
        // `SunCertPathBuilder` gives up after two self-issued ones in a row.
        let two_roots = path.len() > 1 && last.is_self_issued() && certificate.is_self_issued();
        certificate.subject == last.issuer && !repeated && !two_roots
    }

    fn anchors_above(&self, path: &[usize]) -> impl Iterator<Item = &Anchor<'_>> {
        let top = &self.presented[path[path.len() - 1]];
        self.anchors.iter().filter(move |it| it.issues(top))
    }

    fn is_trusted(&self, certificate: &Parsed<'_>) -> bool {
        self.anchors.iter().any(|anchor| {
            let same_key = match anchor {
                Anchor::Known(it) => {
                    it.subject == certificate.subject && it.has_key_of(certificate)
                }
                Anchor::Named(_) => false,
            };
            same_key || anchor.is(certificate)
        })
    }

    /// Whether an anchor that is known by its names alone shows to have another key than the issuer
    /// of the path's top: which of several certificates of that name it was shows if the issuer was
    /// presented or is known, or by its serial number in the authority key identifier.
    fn has_other_key(&self, anchor: &Anchor<'_>, path: &[usize]) -> bool {
        let Anchor::Named(named) = anchor else {
            return false;
        };
        let top = self.presented[path[path.len() - 1]].shown;
        let is_anchor = |it: &Certificate| {
            same_name(&named.subject, &it.subject) && same_serial(&named.serial, &it.serial)
        };
        let presented = self.presented.iter().map(|it| it.shown);
        let issuers: Vec<_> = presented
            .chain(self.witnesses)
            .filter(|it| same_name(&it.subject, &top.issuer) && by_key(top, it) != Some(false))
            .collect();
        if issuers.is_empty() {
            let serial = top.issuer_serial();
            return serial.is_some_and(|serial| !same_serial(&serial, &named.serial));
        }
        let is_root = |it: &&Certificate| same_name(&it.subject, &it.issuer);
        !issuers.iter().any(|it| is_anchor(it)) && issuers.iter().all(is_root)
    }

    fn along(&self, path: &[usize]) -> Vec<&Parsed<'_>> {
        path.iter().map(|it| &self.presented[*it]).collect()
    }

    /// The verdict where no name leads to an anchor.
    fn unfounded(&self) -> Verdict {
        let mut path = vec![0];
        while let Some(next) = (0..self.presented.len()).find(|next| self.may_follow(&path, *next))
        {
            path.push(next);
        }
        let end = self.last_sound(&path);
        let length = path.iter().position(|it| *it == end);
        path.truncate(length.map_or(1, |at| at + 1));
        // A root at the end may be trusted after all, and then is looked at no more.
        if path.len() > 1 && self.presented[end].is_self_issued() {
            path.pop();
        }
        let findings = check(&self.along(&path), None, Way::Validated, self.now);
        Verdict {
            outcome: Outcome::NoIssuer(end),
            verified: true,
            refusals: findings.refusals,
            undecided: Vec::new(),
        }
    }

    /// The last certificate of a path that is signed by none of the presented ones that follow.
    fn last_sound(&self, path: &[usize]) -> usize {
        let sound = path.windows(2).position(|pair| {
            let (certificate, issuer) = (&self.presented[pair[0]], &self.presented[pair[1]]);
            signed_by(&certificate.x509, &issuer.x509) == Some(false)
        });
        sound.map_or(path[path.len() - 1], |at| path[at])
    }
}

impl Anchor<'_> {
    /// Whether it is this certificate.
    fn is(&self, certificate: &Parsed<'_>) -> bool {
        match self {
            Self::Known(it) => it.is_same(certificate),
            Self::Named(it) => {
                same_name(&it.subject, &certificate.shown.subject)
                    && same_serial(&it.serial, &certificate.shown.serial)
            }
        }
    }

    /// Whether it has the name of the certificate's issuer.
    fn issues(&self, certificate: &Parsed<'_>) -> bool {
        match self {
            Self::Known(it) => it.subject == certificate.issuer,
            Self::Named(it) => same_name(&it.subject, &certificate.shown.issuer),
        }
    }
}

/// Whether the issuer's key signed the certificate, by their key identifiers where the signature cannot
/// be computed; `None` where neither tells.
fn by_key(certificate: &Certificate, issuer: &Certificate) -> Option<bool> {
    certificate.is_signed_by(issuer).or_else(|| {
        let needed = certificate.authority_key_id.as_ref()?;
        Some(needed == issuer.subject_key_id.as_ref()?)
    })
}

/// The lower, the closer to being accepted.
fn rank(findings: &Findings) -> (usize, usize, usize, bool) {
    (
        findings.broken.len(),
        findings.refusals.len(),
        findings.undecided.len(),
        !findings.verified,
    )
}
