//! The binary as a user runs it: help, wrong input, exit codes, secrets, documents.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/documents.rs"]
mod documents;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/input.rs"]
mod input;
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/offline.rs"]
mod offline;
#[path = "cli/probe.rs"]
mod probe;
#[path = "cli/secrets.rs"]
mod secrets;

/// The binary in an empty environment.
fn crosscheck() -> Command {
    let mut command = Command::new(assert_cmd::cargo_bin!("crosscheck"));
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .timeout(std::time::Duration::from_mins(5));
    command
}

/// Runs it in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    crosscheck()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}
