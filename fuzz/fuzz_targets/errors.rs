//! Bodies of error answers.

#![no_main]

use crosscheck::wire::{Exception, Refusal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(levels) = Exception::decode(body) {
        assert!(levels.len() <= 64);
        let _ = Refusal::of(&levels);
    }
});
