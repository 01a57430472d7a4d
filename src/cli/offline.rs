//! The commands that look at nothing but the binary itself.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::output::{complain, print_and};
use super::{Cli, Exit, FolderOptions, LookOptions};
use crate::check::CheckSet;

/// The shipped checks and those of `--checks`. What is wrong with these is said here.
pub(super) fn check_set(options: &FolderOptions) -> Result<CheckSet, Exit> {
    let Some(folder) = &options.checks else {
        return Ok(CheckSet::embedded());
    };
    if !folder.is_dir() {
        complain(&format!("--checks: {} is no folder", folder.display()));
        return Err(Exit::Usage);
    }
    CheckSet::with_folder(folder).map_err(|error| {
        complain(&format!("--checks {}: {error:#}", folder.display()));
        Exit::BrokenCheck
    })
}

pub(super) fn completions(shell: Shell, look: LookOptions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "crosscheck", &mut script);
    print_and(&script, look, Exit::Clean)
}

/// The manual page of the program, followed by those of its commands.
pub(super) fn man(look: LookOptions) -> Exit {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .expect("writing into memory does not fail");
    print_and(&page, look, Exit::Clean)
}
