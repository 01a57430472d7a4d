//! The commands that look at nothing but the binary itself: the checks, completions, the manual.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

use super::output::{complain, print_and};
use super::{ChecksArgs, ChecksCommand, Cli, Exit, ExplainArgs, FolderOptions, LookOptions};
use crate::check::{Check, CheckError, CheckSet};
use crate::config::{self, nearest};
use crate::render::{Width, explanation};

/// The shipped checks and those of `--checks`. What is wrong with these is said here.
pub(super) fn check_set(options: &FolderOptions) -> Result<CheckSet, Exit> {
    match &options.checks {
        None => Ok(CheckSet::embedded()),
        Some(folder) => read(folder, CheckSet::with_folder),
    }
}

/// The checks of `--checks` alone, else the shipped ones: those that are linted and tested.
fn own_checks(options: &FolderOptions) -> Result<CheckSet, Exit> {
    match &options.checks {
        None => Ok(CheckSet::embedded()),
        Some(folder) => read(folder, CheckSet::folder),
    }
}

fn read(
    folder: &Path,
    load: impl Fn(&Path) -> Result<CheckSet, CheckError>,
) -> Result<CheckSet, Exit> {
    if !folder.is_dir() {
        complain(&format!("--checks: {} is no folder", folder.display()));
        return Err(Exit::Usage);
    }
    load(folder).map_err(|error| {
        complain(&format!("--checks: {error}"));
        Exit::BrokenCheck
    })
}

pub(super) fn checks(args: &ChecksArgs, look: LookOptions) -> Exit {
    let result = match &args.command {
        ChecksCommand::List { only, json, folder } => list(only, *json, folder, look),
        ChecksCommand::Lint(folder) => lint(folder, look),
        ChecksCommand::Test { only, folder } => test(only, folder, look),
    };
    result.unwrap_or_else(|exit| exit)
}

fn list(
    only: &[String],
    as_json: bool,
    folder: &FolderOptions,
    look: LookOptions,
) -> Result<Exit, Exit> {
    let set = check_set(folder)?;
    let chosen = chosen(&set, only)?;
    let text = if as_json {
        let checks: Vec<serde_json::Value> = chosen
            .iter()
            .map(|check| {
                json!({
                    "code": check.code,
                    "area": check.area(),
                    "title": check.file.title.get_ref(),
                    "severity": check.file.severity,
                    "kind": check.file.kind,
                    "stage": check.file.stage,
                    "certainty": check.file.certainty,
                    "covers": check.file.covers,
                })
            })
            .collect();
        format!("{:#}\n", serde_json::Value::from(checks))
    } else {
        let width = chosen.iter().map(|it| it.code.len()).max().unwrap_or(0);
        let mut text = String::new();
        for check in chosen {
            let _ = writeln!(
                text,
                "{:width$}  {}",
                check.code,
                check.file.title.get_ref()
            );
        }
        text
    };
    Ok(print_and(text.as_bytes(), look, Exit::Clean))
}

/// The checks of the given areas and codes; a word that stands for none is wrong usage.
fn chosen<'a>(set: &'a CheckSet, only: &[String]) -> Result<Vec<&'a Check>, Exit> {
    refuse_unknown(set, only)?;
    Ok(set
        .checks()
        .filter(|check| only.is_empty() || only.iter().any(|word| is_meant(check, word)))
        .collect())
}

fn is_meant(check: &Check, word: &str) -> bool {
    check.code == word || check.area() == word || check.file.aliases.iter().any(|it| it == word)
}

/// Says which areas or codes there are not.
pub(super) fn refuse_unknown(set: &CheckSet, only: &[String]) -> Result<(), Exit> {
    let mut fine = true;
    for word in only {
        if set.checks().any(|check| is_meant(check, word)) {
            continue;
        }
        let known = set.checks().flat_map(|it| [it.code.as_str(), it.area()]);
        let remedy = match nearest(word, known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "crosscheck checks list shows them all".to_owned(),
        };
        complain(&format!("there is no area or check \"{word}\"; {remedy}"));
        fine = false;
    }
    if fine { Ok(()) } else { Err(Exit::Usage) }
}

fn lint(folder: &FolderOptions, look: LookOptions) -> Result<Exit, Exit> {
    let set = own_checks(folder)?;
    let problems = set.lint();
    let mut text = String::new();
    for problem in &problems {
        let _ = writeln!(text, "{problem}");
    }
    let _ = writeln!(
        text,
        "{} checks, {} mistakes",
        set.checks().count() + set.unreadable().len(),
        problems.len()
    );
    let exit = if problems.is_empty() {
        Exit::Clean
    } else {
        Exit::BrokenCheck
    };
    Ok(print_and(text.as_bytes(), look, exit))
}

fn test(only: &[String], folder: &FolderOptions, look: LookOptions) -> Result<Exit, Exit> {
    let set = own_checks(folder)?;
    refuse_unknown(&set, only)?;
    let (mut passed, mut failed, mut text) = (0_usize, 0_usize, String::new());
    for problem in set.unreadable() {
        failed += 1;
        let _ = writeln!(text, "FAILED  {problem}");
    }
    let is_chosen = |name: &str| {
        let code = name.split(" :: ").next().unwrap_or(name);
        only.is_empty()
            || set
                .checks()
                .any(|it| it.code == code && only.iter().any(|word| is_meant(it, word)))
    };
    for test in set.tests().filter(|it| is_chosen(&it.name())) {
        match test.run() {
            Ok(()) => {
                passed += 1;
                if look.verbose {
                    let _ = writeln!(text, "passed  {}", test.name());
                }
            }
            Err(reason) => {
                failed += 1;
                let reason = reason.replace('\n', "\n        ");
                let _ = writeln!(text, "FAILED  {}\n        {reason}", test.name());
            }
        }
    }
    let _ = writeln!(text, "{passed} tests passed, {failed} failed");
    let exit = if failed == 0 {
        Exit::Clean
    } else {
        Exit::BrokenCheck
    };
    Ok(print_and(text.as_bytes(), look, exit))
}

pub(super) fn explain(args: &ExplainArgs, look: LookOptions) -> Exit {
    let set = match check_set(&args.folder) {
        Ok(set) => set,
        Err(exit) => return exit,
    };
    match set.explain(&args.code) {
        Ok(it) => {
            let in_ascii = !config::speaks_utf8();
            let text = explanation(&it, Width::of_terminal(), in_ascii, look.verbose);
            print_and(text.as_bytes(), look, Exit::Clean)
        }
        Err(error) => {
            let hint = if args.code.contains('/') {
                ""
            } else {
                "; explain takes the code of a finding, such as keys/expired"
            };
            complain(&format!("explain: {error}{hint}"));
            Exit::Usage
        }
    }
}

pub(super) fn completions(shell: Shell, look: LookOptions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "crosscheck", &mut script);
    print_and(&script, look, Exit::Clean)
}

/// The manual page of the program, followed by those of its commands.
pub(super) fn man(look: LookOptions) -> Exit {
    let mut program = Cli::command();
    program.build();
    let mut pages = Vec::new();
    let commands = program
        .get_subcommands()
        .filter(|it| it.get_name() != "help");
    for command in std::iter::once(&program).chain(commands) {
        clap_mangen::Man::new(command.clone())
            .render(&mut pages)
            .expect("writing into memory does not fail");
    }
    print_and(&pages, look, Exit::Clean)
}
