//! The header in which a remote cluster server describes an accepted key, before its Base64.

#![no_main]

use crosscheck::wire::KeyAuthentication;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(key) = KeyAuthentication::from_bytes(bytes) {
        assert!(!key.id.is_empty());
    }
});
