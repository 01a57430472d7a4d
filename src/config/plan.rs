//! The plan: what a run is to look at, with every option, variable and file already read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use url::Url;

pub use super::deployment::DeploymentName;
pub use super::kubernetes::ResourceName;
use crate::evidence::{Environment, Mode, Model, Purpose, Use};
use crate::probe::kubernetes::Told;

/// Deadline of a run unless told otherwise.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long certificates are to stay valid unless told otherwise.
pub(super) const DEFAULT_HORIZON: Duration = Duration::from_hours(30 * 24);

/// What one run collects.
#[derive(Debug)]
pub struct Plan {
    /// What the run is for.
    pub purpose: Purpose,
    /// Where the local cluster runs, if the reader said so.
    pub environment: Option<Environment>,
    /// The local cluster's HTTP API.
    pub local: Option<ClusterTarget>,
    /// The remote cluster's HTTP API.
    pub remote: Option<ClusterTarget>,
    /// The local cluster's deployment, where a control plane is to be asked.
    pub local_deployment: Option<DeploymentTarget>,
    /// The remote cluster's deployment, likewise.
    pub remote_deployment: Option<DeploymentTarget>,
    /// The local cluster's resource, where Kubernetes is to tell of it.
    pub local_kubernetes: Option<ResourceTarget>,
    /// The remote cluster's resource, likewise.
    pub remote_kubernetes: Option<ResourceTarget>,
    /// Aliases to look at; empty for every remote of the local cluster.
    pub aliases: Vec<String>,
    /// What the reader knows or means of each link. At most one has no alias: it holds for all
    /// links that have none of their own.
    pub intents: Vec<LinkIntent>,
    /// Names in the local keystore, from `--keystore-list`.
    pub keystore: Option<Vec<String>>,
    /// Whether the one call that makes nodes re-read their keystore is allowed.
    pub reload_secure_settings: bool,
    /// HTTP proxy of the environment for cluster APIs, `None` for none.
    pub http_proxy: HttpProxy,
    /// Deadline of the whole run.
    pub timeout: Duration,
    /// How long certificates are to stay valid.
    pub expiry_horizon: Duration,
    /// How long one connection to each endpoint is left idle before it is used again; `None` for not
    /// at all.
    pub idle: Option<Duration>,
}

impl Plan {
    /// A plan that looks at nothing yet.
    pub fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            environment: None,
            local: None,
            remote: None,
            local_deployment: None,
            remote_deployment: None,
            local_kubernetes: None,
            remote_kubernetes: None,
            aliases: Vec::new(),
            intents: Vec::new(),
            keystore: None,
            reload_secure_settings: false,
            http_proxy: HttpProxy::Off,
            timeout: DEFAULT_TIMEOUT,
            expiry_horizon: DEFAULT_HORIZON,
            idle: None,
        }
    }
}

/// Whether cluster APIs are asked through a proxy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum HttpProxy {
    /// As `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    #[default]
    Environment,
    /// Never.
    Off,
}

/// How to reach one cluster's HTTP API.
#[derive(Debug)]
pub struct ClusterTarget {
    /// Base URL without user and password; its path is the prefix of every call.
    pub url: Url,
    /// Who asks.
    pub login: Login,
    /// CAs that are trusted for it; empty for the system's roots.
    pub ca: Vec<CertificateDer<'static>>,
}

/// A deployment, and the control plane that knows it.
#[derive(Debug)]
pub struct DeploymentTarget {
    /// The API of Elastic Cloud or Elastic Cloud Enterprise.
    pub api: ClusterTarget,
    /// Which deployment.
    pub name: DeploymentName,
}

/// An Elasticsearch resource of Elastic Cloud on Kubernetes, and who tells of it.
#[derive(Debug)]
pub struct ResourceTarget {
    /// Which resource.
    pub name: ResourceName,
    /// Who tells.
    pub source: ResourceSource,
}

/// Who tells of a resource.
#[derive(Debug)]
pub enum ResourceSource {
    /// The API of Kubernetes.
    Api(KubernetesApi),
    /// Files that were read.
    Files(Arc<Told>),
}

/// How to reach the API of Kubernetes.
#[derive(Clone, Debug)]
pub struct KubernetesApi {
    /// Context of the kubeconfig; `None` for the current one.
    pub context: Option<String>,
    /// The kubeconfig; `None` for what kubectl finds, or the service account of the pod.
    pub kubeconfig: Option<PathBuf>,
    /// Namespace of the operator.
    pub operator_namespace: String,
}

/// How the tool authenticates to a cluster's HTTP API.
#[derive(Debug)]
pub enum Login {
    /// As nobody.
    Anonymous,
    /// By a REST API key, encoded.
    ApiKey(SecretString),
    /// By user and password.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: SecretString,
    },
}

/// What the reader knows or means of a link.
#[derive(Debug, Default)]
pub struct LinkIntent {
    /// The alias it is about; `None` for every link without an intent of its own.
    pub alias: Option<String>,
    /// Addresses `host:port` to dial, in addition to what the settings name.
    pub endpoints: Vec<String>,
    /// Server name to send.
    pub server_name: Option<String>,
    /// Connection mode.
    pub mode: Option<Mode>,
    /// Security model.
    pub model: Option<Model>,
    /// The encoded cross-cluster API key, untouched.
    pub credential: Option<SecretString>,
    /// What the local cluster is believed to trust for the remote cluster server.
    pub server_ca: Option<Vec<CertificateDer<'static>>>,
    /// File that `server_ca` was read from, for messages.
    pub server_ca_path: Option<PathBuf>,
    /// Client certificate and key of the certificate model.
    pub client: Option<ClientIdentity>,
    /// What the link is for.
    pub uses: Vec<Use>,
    /// Index patterns that will be searched or followed.
    pub indices: Vec<String>,
    /// Patterns of what searches leave out, each with its `-`. Nobody needs access for these.
    pub exclusions: Vec<String>,
}

impl LinkIntent {
    /// What is searched: patterns first, as an exclusion only takes from what stands before it.
    pub fn searched(&self) -> Vec<String> {
        let mut all = self.indices.clone();
        if all.is_empty() && !self.exclusions.is_empty() {
            all.push("*".to_owned());
        }
        all.extend(self.exclusions.iter().cloned());
        all
    }
}

/// A client certificate with its key.
#[derive(Debug)]
pub struct ClientIdentity {
    /// The chain, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key.
    pub key: PrivateKeyDer<'static>,
}

impl Clone for ClientIdentity {
    fn clone(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            key: self.key.clone_key(),
        }
    }
}
