//! The commands that look at nothing but the binary itself: the checks, completions, the manual.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread::{self, ScopedJoinHandle};

use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

use super::output::{complain, print_and};
use super::{ChecksArgs, ChecksCommand, Cli, Exit, ExplainArgs, FolderOptions, LookOptions};
use crate::check::{Check, CheckError, CheckSet, InFileTest, LONGEST_TEXT};
use crate::config::{self, nearest};
use crate::render::{
    Width, coverage as rendered_coverage, explanation, meaning, row_page, stage_page,
};

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
        ChecksCommand::List {
            coverage: true,
            json,
            folder,
            ..
        } => coverage(*json, folder, look),
        ChecksCommand::List {
            only, json, folder, ..
        } => list(only, *json, folder, look),
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
                    "title": check.file.title,
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
            let _ = writeln!(text, "{:width$}  {}", check.code, check.file.title);
        }
        text
    };
    Ok(print_and(text.as_bytes(), look, Exit::Clean))
}

/// What becomes of each row of the failure catalogue.
fn coverage(as_json: bool, folder: &FolderOptions, look: LookOptions) -> Result<Exit, Exit> {
    let rows = check_set(folder)?.coverage();
    let text = if as_json {
        format!("{:#}\n", json!(rows))
    } else {
        rendered_coverage(&rows, Width::of_terminal(), !config::speaks_utf8())
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
    let tests: Vec<_> = set.tests().filter(|it| is_chosen(&it.name())).collect();
    for (test, result) in tests.iter().zip(run_side_by_side(&tests)) {
        match result {
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

/// Runs each test, on all processors; the results are in the order of the tests.
fn run_side_by_side(tests: &[InFileTest<'_>]) -> Vec<Result<(), String>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = tests.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let run = |part: &[InFileTest<'_>]| part.iter().map(InFileTest::run).collect::<Vec<_>>();
        let parts = tests.chunks(share);
        let parts: Vec<_> = parts.map(|part| scope.spawn(move || run(part))).collect();
        let parts = parts.into_iter().map(ScopedJoinHandle::join);
        parts
            .flat_map(|part| part.unwrap_or_else(|it| resume_unwind(it)))
            .collect()
    })
}

/// Explains a code, or a text that somebody pastes.
pub(super) fn explain(args: &ExplainArgs, look: LookOptions) -> Exit {
    let set = match check_set(&args.folder) {
        Ok(set) => set,
        Err(exit) => return exit,
    };
    let what = match pasted(args) {
        Ok(what) => what,
        Err(error) => {
            complain(&format!("explain: standard input cannot be read: {error}"));
            return Exit::Usage;
        }
    };
    let (width, in_ascii) = (Width::of_terminal(), !config::speaks_utf8());
    if let Some(row) = set.row(&what) {
        let text = row_page(&row, &set, width, in_ascii, look.verbose);
        return print_and(text.as_bytes(), look, Exit::Clean);
    }
    if let Some(stage) = set.stage(&what) {
        let text = stage_page(&stage, width, in_ascii);
        return print_and(text.as_bytes(), look, Exit::Clean);
    }
    let unknown = match set.explain(&what) {
        Ok(it) => {
            let text = explanation(&it, width, in_ascii, look.verbose);
            return print_and(text.as_bytes(), look, Exit::Clean);
        }
        Err(unknown) => unknown,
    };
    let meanings = set.explain_text(&what);
    if let Some((best, others)) = meanings.split_first() {
        let text = meaning(best, others, width, in_ascii, look.verbose);
        return print_and(text.as_bytes(), look, Exit::Clean);
    }
    let is_code = !what.trim().is_empty() && !what.trim().contains(char::is_whitespace);
    complain(&if is_code {
        let hint = if what.contains('/') {
            ""
        } else {
            "; explain takes the code of a finding (keys/expired), a step of connecting (tls), a row \
             of the failure catalogue (KEY-003) or a text of a log"
        };
        format!("explain: {unknown}{hint}")
    } else {
        "explain: no check knows this text. Paste the whole event, with its lines \"Caused by\" and \
         \"Suppressed\"; the cause often stands there alone. Or let crosscheck look itself: \
         crosscheck diagnose --local https://HOST:9200 --logs FILE"
            .to_owned()
    });
    Exit::Usage
}

/// What is to be explained: several words are one text.
fn pasted(args: &ExplainArgs) -> io::Result<String> {
    if args.what.len() > 1 || args.what[0] != "-" {
        return Ok(args.what.join(" "));
    }
    let mut text = Vec::new();
    let stdin = io::stdin().lock();
    stdin.take(LONGEST_TEXT as u64).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
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
