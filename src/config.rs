//! What was typed, set in the environment or written in `crosscheck.toml`, and what it means.

pub mod plan;
