//! From a command to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::{Cli, Command, Exit, analyze, bundle, collect, offline, privileges, schema};

/// Runs a command. A panic, which the crash report has told of by then, becomes an exit code.
pub fn run(cli: &Cli) -> Exit {
    catch_unwind(AssertUnwindSafe(|| dispatch(cli))).unwrap_or(Exit::Internal)
}

fn dispatch(cli: &Cli) -> Exit {
    let look = cli.look;
    if let Some(document) = cli.schema {
        return schema::print_schema(document, look);
    }
    let Some(command) = &cli.command else {
        let kind = ErrorKind::MissingSubcommand;
        let error = Cli::command().error(kind, "a command is needed; --help lists them all");
        // Nothing is left to do where standard error is gone.
        let _ = error.print();
        return Exit::Usage;
    };
    match command {
        Command::Preflight(args) => collect::preflight(args, look),
        Command::Diagnose(args) => collect::diagnose(args, look),
        Command::Probe(args) => collect::probe(args, look),
        Command::Analyze(args) => analyze::analyze(args, look),
        Command::Explain(args) => offline::explain(args, look),
        Command::Bundle(args) => bundle::bundle(args, look),
        Command::Privileges(args) => privileges::privileges(args, look),
        Command::Checks(args) => offline::checks(args, look),
        Command::Demo(args) => collect::demo(args, look),
        Command::Completions { shell } => offline::completions(*shell, look),
        Command::Man => offline::man(look),
    }
}
