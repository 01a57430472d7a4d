//! Server certificates that the local cluster must refuse, and odd ones that it takes.

use anyhow::Result;

use super::{Case, broken, sound};
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
        broken(
            "tls made for clients",
            |pair| flawed(pair, Flaw::ForClients),
            &["tls/wrong-key-usage"],
        )
        .proof(&["Extended key usage does not permit use for TLS server authentication"]),
        sound("healthy with a name in the subject alone", |pair| {
            flawed(pair, Flaw::CommonNameOnly)
        }),
        sound("healthy with an expired authority among several", |pair| {
            pair.trust(&pair.several_authorities())?;
            let mut ask = flawed(pair, Flaw::ExpiredIssuer)?;
            ask.authority = Some(pair.several_authorities());
            Ok(ask)
        }),
    ]
}

fn flawed(pair: &mut Pair, flaw: Flaw) -> Result<Ask> {
    pair.reconnect_with(flaw)?;
    Ok(Ask::of(pair))
}
