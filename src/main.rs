//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use crosscheck::cli::{self, Cli};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::install_crash_report();
    // Help and version end in here with 0, wrong usage with 2.
    let cli = Cli::parse();
    cli::run(&cli).into()
}
