//! The options that commands share, under the headings of their help.
#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments as help, as they are"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::words;
use crate::evidence::{Environment, Mode, Model, Use};
use crate::report::Severity;

const CLUSTERS: &str = "Clusters";
const CLOUD: &str = "Elastic Cloud and Elastic Cloud Enterprise";
const KUBERNETES: &str = "Elastic Cloud on Kubernetes";
pub(super) const LINK: &str = "The link";
pub(super) const COLLECT: &str = "Collecting";
const JUDGE: &str = "Judging";
pub(super) const OUTPUT: &str = "Output";

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
    /// Index pattern that will be searched or followed (repeatable, or a list with commas); searches leave
    /// out what begins with -, as in "logs-*,-logs-old".
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
