//! What was typed: commands, options and their help. What it means is [`crate::config`]'s matter.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::words;
use crate::evidence::{Environment, Model, Use};
use crate::probe::elasticsearch::Line;

mod analyze;
mod bundle;
mod collect;
mod crash;
mod dry_run;
mod format;
mod logs;
mod offline;
mod options;
mod outcome;
mod output;
mod privileges;
mod progress;
mod run;
mod schema;

pub use analyze::AnalyzeArgs;
pub use bundle::{BundleArgs, BundleCommand, PackingOptions};
pub use crash::install as install_crash_report;
pub use options::{
    CloudOptions, ClusterOptions, CollectOptions, Color, FolderOptions, Format, IdentityOptions,
    JudgeOptions, KubernetesOptions, LinkOptions, LookOptions, OutputOptions,
};
pub use outcome::Exit;
pub use run::run;
pub use schema::Document;

use options::{COLLECT, LINK, OUTPUT};

const AFTER_HELP: &str = "\
Any subset of the options is enough to start: what was not given becomes a gap in the report,
named with what would close it. Options beat environment variables, and those beat crosscheck.toml.

Exit codes:
  0    nothing at or above the threshold (--severity)
  1    findings
  2    wrong usage or configuration
  3    with --strict: evidence incomplete
  4    a check file is broken
  70   internal error
  130  interrupted by Ctrl-C; what was known by then is in the report";

/// Tells why one Elasticsearch cluster cannot search or replicate from another, and what to do
/// about it.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = AFTER_HELP,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Print the JSON schema of the report, of the evidence or of check files, and do nothing else.
    #[arg(
        long,
        value_enum,
        value_name = "DOCUMENT",
        global = true,
        exclusive = true,
        num_args = 0..=1,
        default_missing_value = "report",
        help_heading = OUTPUT
    )]
    pub schema: Option<Document>,
    /// How it looks.
    #[command(flatten)]
    pub look: LookOptions,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Before connecting: will this link work?
    Preflight(PreflightArgs),
    /// After connecting: why does it not work?
    Diagnose(DiagnoseArgs),
    /// Endpoints alone: what listens there, whom would a node trust there, does the key work?
    Probe(ProbeArgs),
    /// Files only: diagnostics archives, saved answers, saved evidence, of one or both sides.
    Analyze(AnalyzeArgs),
    /// What a finding or a pasted text of a log means and how to fix it, offline.
    Explain(ExplainArgs),
    /// A file with all that diagnose saw, redacted, to be sent to somebody else.
    Bundle(Box<BundleArgs>),
    /// The least privileges for diagnosing, searching and replicating, as requests to paste.
    Privileges(PrivilegesArgs),
    /// The checks: list them, lint them, run their tests.
    Checks(ChecksArgs),
    /// The main job on a simulated pair of clusters, over real sockets on loopback.
    Demo(DemoArgs),
    /// Prints a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Prints the manual page.
    Man,
}

/// Arguments of `diagnose`.
#[derive(Args, Debug)]
pub struct DiagnoseArgs {
    /// Remotes to look at; none: every remote of the local cluster.
    #[arg(value_name = "ALIAS")]
    pub aliases: Vec<String>,
    #[command(flatten)]
    pub clusters: ClusterOptions,
    #[command(flatten)]
    pub link: LinkOptions,
    #[command(flatten)]
    pub collect: CollectOptions,
    #[command(flatten)]
    pub judge: JudgeOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// Arguments of `preflight`.
#[derive(Args, Debug)]
pub struct PreflightArgs {
    #[command(flatten)]
    pub clusters: ClusterOptions,
    #[command(flatten)]
    pub link: LinkOptions,
    #[command(flatten)]
    pub collect: CollectOptions,
    #[command(flatten)]
    pub judge: JudgeOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// Arguments of `probe`.
#[derive(Args, Debug)]
pub struct ProbeArgs {
    /// Where to look, as a node of the local cluster would dial it; - reads a list from standard
    /// input, one a line, # begins a comment.
    #[arg(value_name = "HOST:PORT", required = true)]
    pub endpoints: Vec<String>,
    #[command(flatten)]
    pub identity: IdentityOptions,
    /// The security model that is meant: it decides which port is the right one.
    #[arg(long, value_parser = words::models(), help_heading = LINK)]
    pub model: Option<Model>,
    /// Deadline of the whole run, such as 30s or 2m [default: 30s].
    #[arg(
        long,
        value_name = "DURATION",
        env = "CROSSCHECK_TIMEOUT",
        hide_env_values = true,
        help_heading = COLLECT
    )]
    pub timeout: Option<String>,
    /// Warn of certificates that end within this time, such as 14d [default: 30d].
    #[arg(long, value_name = "DURATION", help_heading = COLLECT)]
    pub expiry_horizon: Option<String>,
    /// Leave a connection to each endpoint idle for so long and use it again: does something on the
    /// way cut or forget it?
    #[arg(long, value_name = "DURATION", help_heading = COLLECT)]
    pub idle: Option<String>,
    /// Save what was observed as JSON.
    #[arg(long, value_name = "FILE", help_heading = COLLECT)]
    pub save_evidence: Option<PathBuf>,
    #[command(flatten)]
    pub judge: JudgeOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// Code of a finding, such as keys/expired; a step of connecting, such as authentication; a row
    /// of the failure catalogue, such as KEY-003; or a line of a log or an answer of Elasticsearch,
    /// as it is; or - to read such a text from standard input.
    #[arg(required = true, value_name = "CODE|STEP|ROW|TEXT|-")]
    pub what: Vec<String>,
    #[command(flatten)]
    pub folder: FolderOptions,
}

/// Arguments of `privileges`.
#[derive(Args, Debug)]
pub struct PrivilegesArgs {
    /// Remotes that the privileges are for; none: every remote of the local cluster.
    #[arg(value_name = "ALIAS")]
    pub aliases: Vec<String>,
    /// What the link is for; none: everything.
    #[arg(long = "use", value_parser = words::uses(), value_delimiter = ',')]
    pub uses: Vec<Use>,
    /// Index pattern that will be searched or followed (repeatable, or a list with commas).
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub index: Vec<String>,
    /// How the two clusters authenticate [default: api-key].
    #[arg(long, value_parser = words::models())]
    pub model: Option<Model>,
    /// Where the local cluster runs.
    #[arg(long, value_parser = words::environments())]
    pub environment: Option<Environment>,
    /// Version of the local cluster, such as 9.4; without it, roles hold what every version takes.
    #[arg(long, value_name = "VERSION", value_parser = privileges::version)]
    pub local_version: Option<Line>,
    /// With what the call needs that makes nodes re-read their keystore.
    #[arg(long)]
    pub reload_secure_settings: bool,
    /// Format on standard output.
    #[arg(long, value_enum, default_value = "human", help_heading = OUTPUT)]
    pub format: PrivilegesFormat,
}

/// Formats of `privileges`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum PrivilegesFormat {
    /// For Dev Tools.
    #[default]
    Human,
    /// For programs.
    Json,
}

/// Arguments of `checks`.
#[derive(Args, Debug)]
pub struct ChecksArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ChecksCommand,
}

/// What to do with the checks.
#[derive(Debug, Subcommand)]
pub enum ChecksCommand {
    /// Lists every check with what a pass of it means.
    List {
        /// Areas or codes; none: all.
        only: Vec<String>,
        /// Lists the rows of the failure catalogue instead: which checks decide each, or why none can.
        #[arg(long, conflicts_with = "only")]
        coverage: bool,
        /// As one JSON array.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        folder: FolderOptions,
    },
    /// Finds mistakes in check files: unknown facts, unknown functions, missing tests.
    Lint(FolderOptions),
    /// Runs the tests that stand in the check files.
    Test {
        /// Areas or codes; none: all.
        only: Vec<String>,
        #[command(flatten)]
        folder: FolderOptions,
    },
}

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Name of the fault to show.
    pub fault: Option<String>,
    /// Lists the faults that can be shown.
    #[arg(long, conflicts_with = "fault")]
    pub list: bool,
    #[command(flatten)]
    pub judge: JudgeOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
