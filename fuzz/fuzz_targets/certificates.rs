//! Certificates of a peer, and what is read of them afterwards.

#![no_main]

use crosscheck::evidence::{Certificate, name_from_der};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| {
    let _ = name_from_der(der);
    if let Ok(certificate) = Certificate::from_der(der) {
        let _ = certificate.is_signed_by(&certificate);
    }
});
