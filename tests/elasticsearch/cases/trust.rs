//! Certificates that the local cluster must refuse.

use anyhow::Result;

use super::{Case, broken};
use crate::{certificates::Flaw, pair::Pair, tool::Ask};

pub(super) fn cases() -> Vec<Case> {
    vec![
        broken(
            "tls unknown authority",
            |pair| flawed(pair, Flaw::UnknownIssuer),
            &["tls/issuer-not-trusted"],
        )
        .proof(&["unable to find valid certification path"]),
        broken(
            "tls wrong name",
            |pair| flawed(pair, Flaw::OtherName),
            &["tls/name-mismatch"],
        )
        .proof(&["No subject alternative DNS name matching"]),
        broken(
            "tls expired",
            |pair| flawed(pair, Flaw::Expired),
            &["tls/expired"],
        )
        .proof(&["certificate_expired_exception"]),
        broken(
            "tls not yet valid",
            |pair| flawed(pair, Flaw::NotYetValid),
            &["tls/not-yet-valid"],
        )
        .proof(&["certificate_not_yet_valid_exception"]),
        broken(
            "tls intermediate missing",
            |pair| flawed(pair, Flaw::IntermediateMissing),
            &["tls/intermediate-missing"],
        )
        .proof(&["unable to find valid certification path"])
        .also_locally(&["tls/issuer-not-trusted"]),
        broken(
            "tls authority regenerated",
            |pair| flawed(pair, Flaw::RegeneratedIssuer),
            &["tls/ca-same-name-other-key"],
        )
        .proof(&["Path does not chain with any of the trust anchors"]),
    ]
}

fn flawed(pair: &mut Pair, flaw: Flaw) -> Result<Ask> {
    pair.reconnect_with(flaw)?;
    Ok(Ask::of(pair))
}
