//! The certificate authorities that this machine trusts.

use std::env;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// The system's roots, read once; `None` where there are none or they cannot be read.
static ROOTS: OnceLock<Option<Arc<RootCertStore>>> = OnceLock::new();

/// Whether [`read`] has nothing left to do.
pub(super) fn are_read() -> bool {
    ROOTS.get().is_some()
}

/// The roots. The first time takes some milliseconds of a thread that may block.
pub(super) fn read() -> Option<Arc<RootCertStore>> {
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates());
        (!roots.is_empty()).then(|| Arc::new(roots))
    };
    ROOTS.get_or_init(load).clone()
}

/// Where systems have files of certificates they have them all in one, and once more one by one in its
/// folder: the file is enough, unless the reader names another folder.
fn certificates() -> Vec<CertificateDer<'static>> {
    let in_file = cfg!(unix) && !cfg!(target_vendor = "apple");
    let enough = |file: &PathBuf| {
        env::var_os("SSL_CERT_DIR").is_none_or(|folder| file.parent() == Some(folder.as_ref()))
    };
    if in_file && let Some(file) = openssl_probe::probe().cert_file.filter(enough) {
        let found = rustls_native_certs::load_certs_from_paths(Some(&file), None);
        if !found.certs.is_empty() {
            return found.certs;
        }
    }
    rustls_native_certs::load_native_certs().certs
}
