//! The checks along one path from a leaf to an anchor.

use jiff::Timestamp;

use super::constraint::{Constraints, Permitted};
use super::parsed::{DIGITAL_SIGNATURE, KEY_CERT_SIGN, Parsed};
use super::signature::{Taken, algorithm_taken, key_taken, signed_by};
use super::{Anchor, Refusal, RefusalReason};
use crate::evidence::same_serial;

/// Most intermediates that are not self-issued when a path is built
/// (`PKIXBuilderParameters.getMaxPathLength`).
const MAX_BUILT: usize = 5;

/// How a path came about, which decides what is checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// The certificates came in order and were validated as they came (`PKIXCertPathValidator`).
    Validated,
    /// They did not, and a path was built of them (`SunCertPathBuilder`).
    Built,
}

/// What the checks along a path gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// What Java refuses.
    pub(super) refusals: Vec<Refusal>,
    /// Why the path does not lead to the anchor, in the order of the path from the top.
    pub(super) broken: Vec<Broken>,
    /// What could not be judged, in words.
    pub(super) undecided: Vec<String>,
    /// Whether every signature was verified.
    pub(super) verified: bool,
    /// Whether the anchor is no CA, which Java finds only once it has settled on this path.
    pub(super) anchor_is_no_ca: bool,
}

impl Findings {
    /// Whether Java may settle on this path, to refuse its anchor in the end.
    pub(super) fn misleads(&self) -> bool {
        self.anchor_is_no_ca && self.broken.is_empty() && self.refusals.len() == 1
    }
}

/// A link of a path that does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Broken {
    /// The anchor's key did not sign the certificate below it, or its key identifier or serial number
    /// is not the one that the certificate names.
    Anchor,
    /// A presented certificate's key did not sign the one below it.
    Presented,
}

/// Checks a path, leaf first, to an anchor; without one, as far as it goes.
pub(super) fn check(
    path: &[&Parsed<'_>],
    anchor: Option<&Anchor<'_>>,
    way: Way,
    now: Timestamp,
) -> Findings {
    let mut walk = Walk {
        findings: Findings {
            verified: true,
            ..Findings::default()
        },
        way,
        now,
    };
    if let (Some(top), Some(anchor)) = (path.last(), anchor) {
        walk.anchor(top, anchor);
        // `ForwardBuilder` asks for no dates of an anchor right above the leaf. Above an intermediate
        // it does: its selector is the one that it used for the intermediate.
        if let Anchor::Known(anchor) = anchor
            && way == Way::Built
            && path.len() > 1
        {
            walk.dates(anchor);
        }
    }
    walk.lengths(path);
    let mut constraints: Vec<&Constraints> = Vec::new();
    for (index, certificate) in path.iter().enumerate().rev() {
        let is_leaf = index == 0;
        walk.readable(certificate);
        walk.dates(certificate);
        walk.algorithms(certificate);
        if let Some(issuer) = path.get(index + 1) {
            walk.signature(certificate, issuer, Broken::Presented);
        }
        if !is_leaf {
            walk.authority(certificate);
        }
        if is_leaf || !certificate.is_self_issued() {
            walk.names(certificate, &constraints);
        }
        constraints.extend(&certificate.constraints);
        walk.extensions(certificate);
    }
    if let Some(leaf) = path.first() {
        walk.purpose(leaf);
    }
    walk.findings
}

struct Walk {
    findings: Findings,
    way: Way,
    now: Timestamp,
}

impl Walk {
    fn refuse(&mut self, certificate: &Parsed<'_>, reason: RefusalReason, detail: String) {
        self.findings.refusals.push(Refusal {
            reason,
            subject: certificate.shown.subject.clone(),
            detail,
        });
    }

    /// What Java asks of an anchor is little: not its dates, its path length or its constraints.
    fn anchor(&mut self, top: &Parsed<'_>, anchor: &Anchor<'_>) {
        let Anchor::Known(anchor) = anchor else {
            self.findings.verified = false;
            return;
        };
        if self.way == Way::Validated && !names_key_of(top, anchor) {
            self.findings.broken.push(Broken::Anchor);
        } else {
            self.signature(top, anchor, Broken::Anchor);
        }
        self.key(anchor);
        if anchor.version == 3 {
            self.findings.anchor_is_no_ca = anchor.path_length.is_none() || !may_sign(anchor);
            if anchor.path_length.is_none() {
                self.refuse(anchor, RefusalReason::NotACa, NOT_A_CA.to_owned());
            } else if !may_sign(anchor) {
                self.refuse(anchor, RefusalReason::NotACa, NO_CERT_SIGN.to_owned());
            }
        } else if self.way == Way::Built {
            // `AdaptableX509CertSelector` asks old anchors to be valid as long as what they issued.
            let (own, below) = (anchor.shown, top.shown);
            if below.not_before < own.not_before || below.not_after > own.not_after {
                let detail = format!(
                    "it ends {} and has version {}",
                    own.not_after, anchor.version
                );
                self.refuse(anchor, RefusalReason::Expired, detail);
            }
        }
    }

    fn signature(&mut self, certificate: &Parsed<'_>, issuer: &Parsed<'_>, broken: Broken) {
        match signed_by(&certificate.x509, &issuer.x509) {
            Some(true) => {}
            Some(false) => self.findings.broken.push(broken),
            None => {
                self.findings.verified = false;
                // What is refused anyway needs no signature.
                if algorithm_taken(&certificate.x509) != Taken::No
                    && key_taken(issuer.x509.public_key()) != Taken::No
                {
                    self.undecided(format!(
                        "the signature of {} cannot be verified by this program ({} by {})",
                        certificate.shown.subject,
                        certificate.shown.signature_algorithm,
                        issuer.shown.key,
                    ));
                }
            }
        }
    }

    fn undecided(&mut self, text: String) {
        self.findings.undecided.push(text);
    }

    fn readable(&mut self, certificate: &Parsed<'_>) {
        if let Some(reason) = &certificate.unreadable {
            self.refuse(certificate, RefusalReason::Malformed, reason.clone());
        }
        if let Some(oid) = &certificate.doubtful {
            self.undecided(format!(
                "whether the nodes' version of Java takes {}, whose extension {oid} is malformed",
                certificate.shown.subject
            ));
        }
    }

    fn dates(&mut self, certificate: &Parsed<'_>) {
        let shown = certificate.shown;
        // Certificates tell whole seconds.
        if self.now.as_second() > shown.not_after.as_second() {
            let detail = format!("it ended {}", shown.not_after);
            self.refuse(certificate, RefusalReason::Expired, detail);
        } else if self.now < shown.not_before {
            let detail = format!("it begins {}", shown.not_before);
            self.refuse(certificate, RefusalReason::NotYetValid, detail);
        }
    }

    fn algorithms(&mut self, certificate: &Parsed<'_>) {
        let shown = &certificate.shown.signature_algorithm;
        match algorithm_taken(&certificate.x509) {
            Taken::Yes => {}
            Taken::No => {
                let detail = format!("it is signed with {shown}");
                self.refuse(certificate, RefusalReason::DisabledAlgorithm, detail);
            }
            Taken::Depends => self.undecided(format!(
                "whether the nodes' version of Java takes {shown}, which signed {}",
                certificate.shown.subject
            )),
        }
        self.key(certificate);
    }

    fn key(&mut self, certificate: &Parsed<'_>) {
        let key = &certificate.shown.key;
        match key_taken(certificate.x509.public_key()) {
            Taken::Yes => {}
            Taken::No => {
                let detail = format!("its key is {key}");
                self.refuse(certificate, RefusalReason::SmallKey, detail);
            }
            Taken::Depends => self.undecided(format!(
                "whether the nodes' version of Java takes the key of {}, {key}",
                certificate.shown.subject
            )),
        }
    }

    /// That a certificate above the leaf is a CA.
    fn authority(&mut self, certificate: &Parsed<'_>) {
        if !may_sign(certificate) {
            self.refuse(certificate, RefusalReason::NotACa, NO_CERT_SIGN.to_owned());
        }
    }

    /// Basic constraints and path lengths (`ConstraintsChecker.checkBasicConstraints`).
    fn lengths(&mut self, path: &[&Parsed<'_>]) {
        let mut left = u32::try_from(path.len()).unwrap_or(u32::MAX);
        let mut built = 0;
        let above = path.get(1..).unwrap_or_default();
        for (depth, certificate) in above.iter().rev().enumerate() {
            let rolled_over = depth == 0
                && self.way == Way::Validated
                && certificate.version < 3
                && certificate.is_self_issued();
            let length = if rolled_over {
                Some(u32::MAX)
            } else if certificate.version < 3 {
                None
            } else {
                certificate.path_length
            };
            let Some(length) = length else {
                self.refuse(certificate, RefusalReason::NotACa, NOT_A_CA.to_owned());
                continue;
            };
            if !certificate.is_self_issued() {
                built += 1;
                if left == 0 {
                    let detail = "a CA above it permits fewer CAs below".to_owned();
                    self.refuse(certificate, RefusalReason::PathLength, detail);
                }
                left = left.saturating_sub(1);
            }
            left = left.min(length);
        }
        if self.way == Way::Built && built > MAX_BUILT {
            let top = path[path.len() - 1];
            let detail = format!(
                "{built} intermediates that come out of order; Java sorts at most {MAX_BUILT}"
            );
            self.refuse(top, RefusalReason::PathLength, detail);
        }
    }

    fn names(&mut self, certificate: &Parsed<'_>, constraints: &[&Constraints]) {
        let verdicts: Vec<_> = constraints
            .iter()
            .map(|it| it.permit(certificate))
            .collect();
        if verdicts.contains(&Permitted::No) {
            let detail = "a CA above it does not permit its names".to_owned();
            self.refuse(certificate, RefusalReason::NameConstraints, detail);
        } else if verdicts.contains(&Permitted::Unknown) {
            self.undecided(format!(
                "whether the name constraints above {} permit it",
                certificate.shown.subject
            ));
        }
    }

    fn extensions(&mut self, certificate: &Parsed<'_>) {
        if !certificate.unknown_critical.is_empty() {
            let oids = certificate.unknown_critical.join(", ");
            let detail = format!("Java does not know its critical extension {oids}");
            self.refuse(certificate, RefusalReason::CriticalExtension, detail);
        }
        if certificate.key_usage == Some(0) {
            let detail = "its key usage permits nothing".to_owned();
            self.refuse(certificate, RefusalReason::KeyUsage, detail);
        }
        if certificate.asks_for_policies {
            self.undecided(format!(
                "whether the certificate policies that {} asks for are met",
                certificate.shown.subject
            ));
        }
    }

    /// `EndEntityChecker.checkTLSServer`, with the key exchanges of today.
    fn purpose(&mut self, leaf: &Parsed<'_>) {
        let usage = leaf.key_usage.filter(|usage| *usage != 0);
        if usage.is_some_and(|usage| usage & DIGITAL_SIGNATURE == 0) {
            let detail = "its key usage lacks digitalSignature".to_owned();
            self.refuse(leaf, RefusalReason::KeyUsage, detail);
        }
        if !leaf.for_servers {
            let usages = leaf.shown.extended_key_usage.as_deref().unwrap_or_default();
            let detail = format!("its extended key usage is {}", usages.join(", "));
            self.refuse(leaf, RefusalReason::ExtendedKeyUsage, detail);
        }
    }
}

const NOT_A_CA: &str = "its basic constraints do not say that it is a CA";
const NO_CERT_SIGN: &str = "its key usage lacks keyCertSign";

fn may_sign(certificate: &Parsed<'_>) -> bool {
    let usage = certificate.key_usage;
    usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0)
}

/// Whether the authority key identifier of a certificate fits an anchor; what it does not name fits.
fn names_key_of(certificate: &Parsed<'_>, anchor: &Parsed<'_>) -> bool {
    let needed = certificate.shown.authority_key_id.as_ref();
    if let (Some(needed), Some(key_id)) = (needed, &anchor.shown.subject_key_id)
        && needed != key_id
    {
        return false;
    }
    let serial = certificate.shown.issuer_serial();
    serial.is_none_or(|serial| anchor.version < 3 || same_serial(&serial, &anchor.shown.serial))
}
