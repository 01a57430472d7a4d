//! Reading files that clusters leave behind.

pub mod log;
