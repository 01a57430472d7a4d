//! One endpoint, from its name to the Elasticsearch handshake.

use rustls::pki_types::CertificateDer;

use crate::config::plan::ClientIdentity;
use crate::evidence::{Endpoint, EndpointSource, Evidence};

use super::Deadline;

/// What is dialled.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address as written, such as `b.example.org:9443`.
    pub address: String,
    /// Where it comes from.
    pub source: EndpointSource,
    /// `server_name` of the settings or `--server-name`, if any.
    pub server_name: Option<String>,
}

/// What a probe presents and trusts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// CAs of `--server-ca`; `None` for the system's roots.
    pub server_ca: Option<&'a [CertificateDer<'static>]>,
    /// Client certificate of the certificate model.
    pub client: Option<&'a ClientIdentity>,
}

impl Target {
    /// Its key in [`Evidence::endpoints`].
    pub fn key(&self) -> String {
        match &self.server_name {
            Some(name) => format!("{}#{name}", self.address),
            None => self.address.clone(),
        }
    }
}

/// Looks at one endpoint.
pub async fn probe(target: &Target, identity: Identity<'_>, deadline: &Deadline) -> Endpoint {
    let _ = (target, identity, deadline);
    unreachable!("written by its owner")
}

/// Fills [`crate::evidence::Attempt::trust`] of every attempt, once clusters, links and endpoints
/// are known.
pub fn derive_trust(evidence: &mut Evidence) {
    let _ = evidence;
}
