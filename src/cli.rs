//! What was typed: commands, options and their help. What it means is [`crate::config`]'s matter.
#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments as help, as they are"
)]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::words;
use crate::evidence::{Environment, Mode, Model, Use};
use crate::probe::elasticsearch::Line;
use crate::report::Severity;

mod analyze;
mod bundle;
mod collect;
mod crash;
mod dry_run;
mod format;
mod logs;
mod offline;
mod outcome;
mod output;
mod privileges;
mod progress;
mod run;
mod schema;

pub use analyze::AnalyzeArgs;
pub use bundle::{BundleArgs, BundleCommand, PackingOptions};
pub use crash::install as install_crash_report;
pub use outcome::Exit;
pub use run::run;
pub use schema::Document;

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

const CLUSTERS: &str = "Clusters";
const CLOUD: &str = "Elastic Cloud and Elastic Cloud Enterprise";
const KUBERNETES: &str = "Elastic Cloud on Kubernetes";
const LINK: &str = "The link";
const COLLECT: &str = "Collecting";
const JUDGE: &str = "Judging";
const OUTPUT: &str = "Output";

/// How to reach the two clusters' HTTP APIs. Secrets come from a file, a variable or a prompt.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = CLUSTERS)]
pub struct ClusterOptions {
    /// HTTP API of the cluster that queries or follows, or its name in crosscheck.toml.
    #[arg(
        long,
        value_name = "URL",
        env = "CROSSCHECK_LOCAL",
        hide_env_values = true
    )]
    pub local: Option<String>,
    /// User for it [password: --local-password-file, CROSSCHECK_LOCAL_PASSWORD or a prompt].
    #[arg(
        long,
        value_name = "NAME",
        env = "CROSSCHECK_LOCAL_USER",
        hide_env_values = true
    )]
    pub local_user: Option<String>,
    /// File with the password.
    #[arg(long, value_name = "FILE")]
    pub local_password_file: Option<PathBuf>,
    /// File with an encoded API key for it [or: CROSSCHECK_LOCAL_API_KEY].
    #[arg(long, value_name = "FILE")]
    pub local_api_key_file: Option<PathBuf>,
    /// CA certificates (PEM, DER or a truststore) that its HTTP certificate is checked against.
    #[arg(
        long,
        value_name = "FILE",
        env = "CROSSCHECK_LOCAL_CA",
        hide_env_values = true
    )]
    pub local_ca: Option<PathBuf>,
    /// File with the password of that truststore [or: CROSSCHECK_LOCAL_CA_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub local_ca_password_file: Option<PathBuf>,
    /// HTTP API of the cluster that is queried or followed, or its name in crosscheck.toml.
    #[arg(
        long,
        value_name = "URL",
        env = "CROSSCHECK_REMOTE",
        hide_env_values = true
    )]
    pub remote: Option<String>,
    /// User for it [password: --remote-password-file, CROSSCHECK_REMOTE_PASSWORD or a prompt].
    #[arg(
        long,
        value_name = "NAME",
        env = "CROSSCHECK_REMOTE_USER",
        hide_env_values = true
    )]
    pub remote_user: Option<String>,
    /// File with the password.
    #[arg(long, value_name = "FILE")]
    pub remote_password_file: Option<PathBuf>,
    /// File with an encoded API key for it [or: CROSSCHECK_REMOTE_API_KEY].
    #[arg(long, value_name = "FILE")]
    pub remote_api_key_file: Option<PathBuf>,
    /// CA certificates (PEM, DER or a truststore) that its HTTP certificate is checked against.
    #[arg(
        long,
        value_name = "FILE",
        env = "CROSSCHECK_REMOTE_CA",
        hide_env_values = true
    )]
    pub remote_ca: Option<PathBuf>,
    /// File with the password of that truststore [or: CROSSCHECK_REMOTE_CA_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub remote_ca_password_file: Option<PathBuf>,
    #[command(flatten)]
    pub cloud: CloudOptions,
    #[command(flatten)]
    pub kubernetes: KubernetesOptions,
}

/// How to ask the control plane of Elastic Cloud or Elastic Cloud Enterprise.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = CLOUD)]
pub struct CloudOptions {
    /// Deployment of the local cluster: its ID, cluster ID, Cloud ID or endpoint.
    #[arg(
        long,
        value_name = "ID",
        env = "CROSSCHECK_LOCAL_DEPLOYMENT",
        hide_env_values = true
    )]
    pub local_deployment: Option<String>,
    /// Deployment of the remote cluster, likewise.
    #[arg(
        long,
        value_name = "ID",
        env = "CROSSCHECK_REMOTE_DEPLOYMENT",
        hide_env_values = true
    )]
    pub remote_deployment: Option<String>,
    /// API of the control plane; of Elastic Cloud Enterprise https://COORDINATOR:12443.
    #[arg(
        long,
        value_name = "URL",
        env = "CROSSCHECK_CLOUD_URL",
        hide_env_values = true,
        default_value = "https://api.elastic-cloud.com"
    )]
    pub cloud_url: String,
    /// File with a key for it that may read deployments [or: CROSSCHECK_CLOUD_API_KEY].
    #[arg(long, value_name = "FILE")]
    pub cloud_api_key_file: Option<PathBuf>,
    /// Key of the remote deployment's organisation, where it is another one
    /// [or: CROSSCHECK_REMOTE_CLOUD_API_KEY].
    #[arg(long, value_name = "FILE")]
    pub remote_cloud_api_key_file: Option<PathBuf>,
    /// CA certificates (PEM, DER or a truststore, whose password is in CROSSCHECK_CLOUD_CA_PASSWORD)
    /// that the control plane's certificate is checked against.
    #[arg(
        long,
        value_name = "FILE",
        env = "CROSSCHECK_CLOUD_CA",
        hide_env_values = true
    )]
    pub cloud_ca: Option<PathBuf>,
}

/// Where Elastic Cloud on Kubernetes tells of the clusters that it runs.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = KUBERNETES)]
pub struct KubernetesOptions {
    /// Elasticsearch resource of the local cluster.
    #[arg(
        long,
        value_name = "NAMESPACE/NAME",
        env = "CROSSCHECK_LOCAL_KUBERNETES",
        hide_env_values = true
    )]
    pub local_kubernetes: Option<String>,
    /// Elasticsearch resource of the remote cluster, where spec.remoteClusters of the local one does not
    /// name it.
    #[arg(
        long,
        value_name = "NAMESPACE/NAME",
        env = "CROSSCHECK_REMOTE_KUBERNETES",
        hide_env_values = true
    )]
    pub remote_kubernetes: Option<String>,
    /// Read resources from files or folders (YAML, JSON) instead of asking Kubernetes (repeatable). Of
    /// Secrets nothing but names is kept.
    #[arg(long, value_name = "FILE")]
    pub kubernetes: Vec<PathBuf>,
    /// Context of the kubeconfig; the current one unless said.
    #[arg(long, value_name = "NAME")]
    pub kube_context: Option<String>,
    /// Context for the remote cluster, where it is another one.
    #[arg(long, value_name = "NAME")]
    pub remote_kube_context: Option<String>,
    /// The kubeconfig, where it is not the one that kubectl takes.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Namespace of the operator.
    #[arg(long, value_name = "NAME", default_value = "elastic-system")]
    pub kube_operator_namespace: String,
}

/// What is known or meant of the link.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = LINK)]
pub struct LinkOptions {
    /// Alias of the remote on the local cluster.
    #[arg(long, value_name = "NAME")]
    pub alias: Option<String>,
    /// Address that the nodes dial (repeatable).
    #[arg(long, value_name = "HOST:PORT")]
    pub endpoint: Vec<String>,
    #[command(flatten)]
    pub identity: IdentityOptions,
    /// How the local cluster finds the remote's nodes; preflight of an --endpoint takes proxy for meant.
    #[arg(long, value_parser = words::modes())]
    pub mode: Option<Mode>,
    /// How the two clusters authenticate.
    #[arg(long, value_parser = words::models())]
    pub model: Option<Model>,
    /// Saved output of `elasticsearch-keystore list` on a node of the local cluster.
    #[arg(long, value_name = "FILE")]
    pub keystore_list: Option<PathBuf>,
    /// What the link is for.
    #[arg(long = "use", value_parser = words::uses(), value_delimiter = ',')]
    pub uses: Vec<Use>,
    /// Index pattern that will be searched or followed (repeatable, or a list with commas).
    #[arg(long, value_name = "PATTERN")]
    pub index: Vec<String>,
}

/// What is presented to an endpoint, and what it is checked against.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = LINK)]
pub struct IdentityOptions {
    /// Server name to send, as in cluster.remote.ALIAS.server_name.
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,
    /// File with the cross-cluster API key, encoded, as it goes into the keystore
    /// [or: CROSSCHECK_CREDENTIALS].
    #[arg(long, value_name = "FILE")]
    pub credentials_file: Option<PathBuf>,
    /// What the local cluster trusts for the remote (PEM, DER, or a truststore: PKCS#12 or JKS).
    #[arg(
        long,
        value_name = "FILE",
        env = "CROSSCHECK_SERVER_CA",
        hide_env_values = true
    )]
    pub server_ca: Option<PathBuf>,
    /// File with the password of that truststore [or: CROSSCHECK_SERVER_CA_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub server_ca_password_file: Option<PathBuf>,
    /// Client certificate chain of the certificate model (PEM).
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// Its private key, not encrypted (PEM).
    #[arg(long, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
}

/// How evidence is collected.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = COLLECT)]
pub struct CollectOptions {
    /// Configuration file [default: crosscheck.toml, if there is one].
    #[arg(
        long,
        value_name = "FILE",
        env = "CROSSCHECK_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    /// Where the local cluster runs; fixes are chosen by it.
    #[arg(long, value_parser = words::environments(), env = "CROSSCHECK_ENVIRONMENT", hide_env_values = true)]
    pub environment: Option<Environment>,
    /// Deadline of the whole run, such as 30s or 2m [default: 30s].
    #[arg(
        long,
        value_name = "DURATION",
        env = "CROSSCHECK_TIMEOUT",
        hide_env_values = true
    )]
    pub timeout: Option<String>,
    /// Warn of certificates that end within this time, such as 14d [default: 30d].
    #[arg(long, value_name = "DURATION")]
    pub expiry_horizon: Option<String>,
    /// Log files of nodes of either cluster, or folders of them, to read as well; plain, JSON and
    /// gzipped ones (repeatable).
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub logs: Vec<PathBuf>,
    /// Leave a connection to each endpoint idle for so long and use it again: does something on the
    /// way cut or forget it?
    #[arg(long, value_name = "DURATION")]
    pub idle: Option<String>,
    /// Allow the one call that makes nodes re-read their keystore.
    #[arg(long)]
    pub reload_secure_settings: bool,
    /// Print the calls that the run would make, and make none.
    #[arg(long)]
    pub dry_run: bool,
    /// Save what was observed as JSON; it alone reproduces the report.
    #[arg(long, value_name = "FILE")]
    pub save_evidence: Option<PathBuf>,
}

/// What is judged.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = JUDGE)]
pub struct JudgeOptions {
    #[command(flatten)]
    pub folder: FolderOptions,
    /// Judge only this area or code (repeatable).
    #[arg(long, value_name = "AREA|CODE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Least severity of a failed check that makes the exit code 1.
    #[arg(long, value_parser = words::severities(), default_value = "error")]
    pub severity: Severity,
    /// Exit with 3 where a check lacks its evidence and nothing failed.
    #[arg(long)]
    pub strict: bool,
}

/// A folder of one's own checks.
#[derive(Args, Clone, Debug, Default)]
pub struct FolderOptions {
    /// Folder with more checks; one of the same code replaces the shipped one.
    #[arg(
        long,
        value_name = "DIR",
        env = "CROSSCHECK_CHECKS",
        hide_env_values = true
    )]
    pub checks: Option<PathBuf>,
}

/// Where the report goes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct OutputOptions {
    /// Format on standard output.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// Also write the report to a file, in the format of its ending: .json, .txt, .md, .xml (JUnit),
    /// .sarif or .html (repeatable).
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
}

/// How it looks.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct LookOptions {
    /// Colour.
    #[arg(
        long,
        value_enum,
        global = true,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub color: Color,
    /// Only the verdict, one line for each link.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every finding with the values that it read, and every call that was made.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// Formats of the report.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// To read.
    #[default]
    Human,
    /// For programs (--schema report).
    Json,
    /// For a ticket.
    #[value(alias = "md")]
    Markdown,
    /// For CI servers.
    Junit,
    /// For code scanning (SARIF 2.1.0).
    Sarif,
    /// A page with everything, in one file.
    Html,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
