//! `GET /_ssl/certificates`: what the nodes load, own and trusted.

use serde_json::Value;

use crate::evidence::LoadedCertificate;

use super::values::{boolean, text};

/// The certificates of the answer, as the answering node has them.
pub(in super::super) fn loaded_certificates(body: &Value) -> Option<Vec<LoadedCertificate>> {
    Some(body.as_array()?.iter().filter_map(certificate).collect())
}

fn certificate(it: &Value) -> Option<LoadedCertificate> {
    Some(LoadedCertificate {
        path: text(it, &["path"]).into(),
        subject: text(it, &["subject_dn"])?,
        issuer: text(it, &["issuer"]).into(),
        serial: text(it, &["serial_number"])?.to_ascii_lowercase(),
        has_private_key: boolean(it, &["has_private_key"])?,
        not_after: text(it, &["expiry"]).and_then(|it| it.parse().ok()).into(),
    })
}
