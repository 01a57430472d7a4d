//! `crosscheck` tells an Elasticsearch operator why one cluster cannot search or replicate from
//! another, and what to do about it.
//!
//! One direction: **collect → evidence → judge → render.** [`probe`] observes and never judges,
//! [`check`] judges and never observes, [`render`] shows and never decides.

pub mod archive;
pub mod bundle;
pub mod check;
pub mod cli;
pub mod config;
pub mod demo;
pub mod evidence;
pub mod privileges;
pub mod probe;
pub mod render;
pub mod report;
pub mod scrub;
pub mod wire;
