//! Certificates: as presented by an endpoint, as given by the reader, as loaded by nodes.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

mod der;

pub use der::name_from_der;

/// An X.509 certificate (RFC 5280), with the facts that decide trust.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Certificate {
    /// Subject distinguished name (RFC 4514 order as Elasticsearch prints it, `CN=server,O=x`).
    pub subject: String,
    /// Issuer distinguished name.
    pub issuer: String,
    /// Serial number, lower-case hexadecimal without leading zeros, as in `GET /_ssl/certificates`.
    pub serial: String,
    /// First moment of validity.
    #[schemars(with = "String")]
    pub not_before: Timestamp,
    /// Last moment of validity.
    #[schemars(with = "String")]
    pub not_after: Timestamp,
    /// dNSName entries of the subject alternative name.
    pub dns_names: Vec<String>,
    /// iPAddress entries of the subject alternative name.
    pub ip_addresses: Vec<String>,
    /// otherName entries of type 2.5.4.3 (common name), by which Elastic's trust restrictions match.
    #[serde(default)]
    pub other_names: Vec<String>,
    /// Common name of the subject; `null` where there is none.
    pub common_name: Option<String>,
    /// Whether basic constraints say that it is a CA.
    pub is_ca: bool,
    /// Whether subject and issuer are equal and its own key verifies it.
    pub self_signed: bool,
    /// Extended key usages by their RFC 5280 names (`serverAuth`, `clientAuth`) or as OID; `null`
    /// where the extension is absent, which permits every use.
    pub extended_key_usage: Option<Vec<String>>,
    /// Subject key identifier, lower-case hexadecimal; `null` where absent.
    pub subject_key_id: Option<String>,
    /// Authority key identifier, lower-case hexadecimal; `null` where absent.
    pub authority_key_id: Option<String>,
    /// Key type and size, such as `RSA 2048` or `EC P-256`.
    pub key: String,
    /// Name of the signature algorithm, such as `sha256WithRSAEncryption`, or its OID.
    pub signature_algorithm: String,
    /// SHA-1 of the DER, lower-case hexadecimal: what Elasticsearch calls a fingerprint.
    pub sha1: String,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub sha256: String,
    /// The DER itself, Base64; public by nature.
    pub der: String,
}

/// A certificate that the nodes of a cluster have loaded (`GET /_ssl/certificates`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LoadedCertificate {
    /// File that it was read from, relative to the configuration folder or absolute.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub path: Fact<String>,
    /// Subject distinguished name.
    pub subject: String,
    /// Issuer distinguished name.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub issuer: Fact<String>,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Whether the node also holds its private key: then it is the node's own, not a trusted CA.
    pub has_private_key: bool,
    /// Last moment of validity.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub not_after: Fact<Timestamp>,
}

/// Why bytes are no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The DER does not parse.
    #[error("malformed certificate: {0}")]
    Malformed(String),
}
