//! Whole frames of a peer, through every decoder that an answer goes through.

#![no_main]

use crosscheck::wire::{
    Frame, MAX_FRAME, decode_hello, decode_key_answer, decode_nodes, decode_port_answer, frame_length,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(length) = frame_length(bytes) {
        assert!(length <= MAX_FRAME);
    }
    let Ok(frame) = Frame::decode(bytes) else {
        return;
    };
    if let Ok(content) = frame.content() {
        assert!(content.len() <= MAX_FRAME);
    }
    let _ = decode_hello(frame);
    let _ = decode_port_answer(frame);
    let _ = decode_key_answer(frame);
    let _ = decode_nodes(frame);
});
