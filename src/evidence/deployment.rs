//! A deployment of Elastic Cloud or Elastic Cloud Enterprise, as its control plane tells it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// A deployment and its Elasticsearch resource (`GET /api/v1/deployments/{id}`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Deployment {
    /// Its id: 32 hexadecimal digits. Never valid in trust or in a network security policy.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Id of its Elasticsearch resource, which the console calls "cluster ID": 32 hexadecimal digits,
    /// what trust and policies name.
    pub elasticsearch_id: String,
    /// The label of that resource in paths, such as `main-elasticsearch`.
    pub ref_id: String,
    /// Its region, such as `aws-eu-west-1`; `ece-region` for Elastic Cloud Enterprise.
    pub region: String,
    /// Id of its organisation (Elastic Cloud).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub organization_id: Fact<String>,
    /// Host names of its endpoint: the one that begins with the cluster ID, then the one with the alias.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Whether the control plane calls it healthy.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub healthy: Fact<bool>,
    /// State of the Elasticsearch resource, such as `started` or `reconfiguring`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub status: Fact<String>,
    /// Whether a change of its plan is being carried out.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub change_pending: Fact<bool>,
    /// Versions that its instances run, in order.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub versions: Fact<Vec<String>>,
    /// Whether it is one of Elastic Cloud Enterprise's own system deployments.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub system_owned: Fact<bool>,
    /// Whom its nodes trust (certificate model); `null` where the deployment has no trust settings.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub trust: Fact<Option<Vec<TrustedEnvironment>>>,
    /// Names in its keystore; values cannot be read.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub keystore: Fact<Vec<KeystoreEntry>>,
    /// Remote clusters that the control plane manages: certificate model and same organisation only.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub managed_remotes: Fact<Vec<ManagedRemote>>,
    /// Network security policies of the organisation, as far as the key may see them.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub policies: Fact<Vec<NetworkPolicy>>,
    /// The other deployments that the key may see.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub siblings: Fact<Vec<Sibling>>,
}

/// Another deployment of the same organisation (`GET /api/v1/deployments`).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Sibling {
    /// Deployment id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Id of its Elasticsearch resource; `null` where it has none.
    pub elasticsearch_id: Option<String>,
}

/// One entry of a deployment's trust.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TrustedEnvironment {
    /// Which list it stands in.
    pub kind: TrustKind,
    /// Organisation (`account_id`), trust relationship, or `scope_id`; `null` where a direct entry has
    /// none.
    pub id: Option<String>,
    /// Its name; `null` where it has none.
    pub name: Option<String>,
    /// Whether all clusters of that environment are trusted; then `allowed` counts for nothing.
    pub all: bool,
    /// Ids of the Elasticsearch clusters that are trusted.
    pub allowed: Vec<String>,
    /// Exact names of further nodes (direct entries).
    #[serde(default)]
    pub node_names: Vec<String>,
    /// CA certificates (direct entries).
    #[serde(default)]
    pub certificates: Vec<TrustedCertificate>,
}

/// The lists of a deployment's trust.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustKind {
    /// An organisation of the same Elastic Cloud, the own one included.
    Account,
    /// Another environment by its CA: another Elastic Cloud Enterprise, Elastic Cloud, one's own nodes.
    Direct,
    /// Another Elastic Cloud Enterprise by a trust relationship of the platform.
    External,
    /// The CA of a proxy, for the API-key model.
    Proxy,
}

/// A CA certificate of a direct entry.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TrustedCertificate {
    /// Fingerprint as the control plane writes it.
    pub fingerprint: Option<String>,
    /// Last moment of validity.
    #[schemars(with = "Option<String>")]
    pub valid_to: Option<Timestamp>,
}

/// An entry of a deployment's keystore.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct KeystoreEntry {
    /// Name of the secure setting.
    pub name: String,
    /// Whether it is stored as a file; a credential must not be.
    pub as_file: bool,
}

/// A remote cluster that the control plane manages.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ManagedRemote {
    /// Its alias.
    pub alias: String,
    /// Its deployment.
    pub deployment_id: String,
    /// Whether this deployment trusts it.
    pub trusted: Option<bool>,
    /// Whether it trusts this deployment.
    pub trusted_back: Option<bool>,
    /// Whether the versions fit.
    pub compatible: Option<bool>,
}

/// A network security policy ("traffic filter ruleset" in the API).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NetworkPolicy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type: `ip`, `vpce`, `azure_private_endpoint`, `gcp_private_service_connect_endpoint`,
    /// `remote_cluster`, `egress_firewall`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its region.
    pub region: String,
    /// Whether it is attached to this deployment.
    pub attached: bool,
    /// Its rules; traffic that any rule of any attached policy matches may pass.
    pub rules: Vec<NetworkRule>,
}

/// A rule of a policy; what it does not look at is `null`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NetworkRule {
    /// IP address, CIDR block or private endpoint.
    pub source: Option<String>,
    /// Id of the Elasticsearch cluster that connects.
    pub remote_cluster_id: Option<String>,
    /// Organisation (Elastic Cloud Enterprise: environment) of the cluster that connects.
    pub remote_cluster_org_id: Option<String>,
}
