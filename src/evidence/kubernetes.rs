//! An Elasticsearch resource of Elastic Cloud on Kubernetes, and what Kubernetes has around it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// A resource `elasticsearches.elasticsearch.k8s.elastic.co`, which the operator makes a cluster of.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct ElasticsearchResource {
    /// Its namespace.
    pub namespace: String,
    /// Its name, which is also that of the cluster.
    pub name: String,
    /// UID of the namespace `kube-system`: which Kubernetes cluster it is.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub kubernetes_id: Fact<String>,
    /// Version that is wanted (`spec.version`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub version: Fact<String>,
    /// Lowest version that runs (`status.version`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub running_version: Fact<String>,
    /// `status.phase`: `Ready`, `ApplyingChanges`, `MigratingData`, `Stalled`, `Invalid`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub phase: Fact<String>,
    /// `status.health`: `green`, `yellow`, `red`, `unknown`.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub health: Fact<String>,
    /// Version of the operator (annotation `eck.k8s.elastic.co/…controller-version`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub operator_version: Fact<String>,
    /// Licence of the operator: `basic`, `trial`, `enterprise`, `enterprise_trial` (`eck_license_level` in
    /// the `ConfigMap` `elastic-licensing`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub operator_license: Fact<String>,
    /// Remotes that the operator is to connect (`spec.remoteClusters`).
    #[serde(default)]
    pub remote_clusters: Vec<DeclaredRemote>,
    /// Aliases that the operator has written into the settings of the cluster, which it writes again
    /// (annotation `elasticsearch.k8s.elastic.co/managed-remote-clusters`).
    #[serde(default)]
    pub managed_aliases: Vec<String>,
    /// Keys that the operator has made for the cluster's remotes, by alias (annotation
    /// `elasticsearch.k8s.elastic.co/remote-cluster-api-keys` of the Secret `<name>-es-remote-api-keys`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub issued_keys: Fact<BTreeMap<String, IssuedKey>>,
    /// Whether the remote cluster server is to be on (`spec.remoteClusterServer.enabled`).
    #[serde(default)]
    pub remote_cluster_server: bool,
    /// Whether the operator makes the certificates of the nodes; not where
    /// `spec.transport.tls.selfSignedCertificates.disabled` is set.
    #[serde(default)]
    pub makes_certificates: bool,
    /// `ConfigMap` of CAs that all transport connections trust
    /// (`spec.transport.tls.certificateAuthorities`); `null` for none.
    #[serde(default)]
    pub trusted_authorities: Option<String>,
    /// The groups of nodes.
    #[serde(default)]
    pub node_sets: Vec<NodeSet>,
    /// Secrets whose entries go into the keystore (`spec.secureSettings`).
    #[serde(default)]
    pub secure_settings: Vec<SecureSettings>,
    /// Services of its namespace that lead to its nodes.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub services: Fact<Vec<Service>>,
    /// Network policies of its namespace that are, or may be, about its nodes.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub network_policies: Fact<Vec<PodPolicy>>,
    /// Events about it; Kubernetes keeps them for an hour.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub events: Fact<Vec<ResourceEvent>>,
}

/// A remote in `spec.remoteClusters`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DeclaredRemote {
    /// Its alias.
    pub alias: String,
    /// Namespace of the remote's resource.
    pub namespace: String,
    /// Name of the remote's resource.
    pub name: String,
    /// Whether the operator is to make a cross-cluster API key for it; else certificates are used.
    pub api_key: bool,
    /// The seed that the operator writes for it (`remotecluster` of the operator).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub seed: Fact<String>,
}

/// A key that the operator has made.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct IssuedKey {
    /// Namespace of the cluster that knows the key.
    pub namespace: String,
    /// Name of the cluster that knows the key.
    pub name: String,
    /// Id of the key.
    pub id: String,
}

/// A group of nodes with one configuration.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NodeSet {
    /// Its name.
    pub name: String,
    /// Number of nodes.
    pub count: u64,
    /// `node.roles`; `null` where it is not set and a node has all roles.
    pub roles: Option<Vec<String>>,
    /// Its settings that concern remotes, transport and TLS, flat. Lists are written `a,b`.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// A Secret whose entries go into the keystore.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SecureSettings {
    /// Name of the Secret.
    pub secret_name: String,
    /// Whether there is such a Secret.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub exists: Fact<bool>,
    /// Names that its entries get in the keystore; values are never read.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub names: Fact<Vec<String>>,
}

/// A Service that leads to nodes of the cluster.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Addresses outside Kubernetes: of its load balancer, and external IPs.
    pub addresses: Vec<String>,
    /// Names of the groups of nodes that it leads to.
    pub node_sets: Vec<String>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ServicePort {
    /// Its name; `null` for none.
    pub name: Option<String>,
    /// The port that is dialled.
    pub port: u16,
    /// The port of the nodes that it leads to; `null` for a name that no port of theirs has.
    pub target: Option<u16>,
}

/// A `NetworkPolicy`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PodPolicy {
    /// Its name.
    pub name: String,
    /// Whether it is about the nodes; unknown where it selects by labels that are not the operator's.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub applies: Fact<bool>,
    /// Who may connect to the nodes; `null` where it does not restrict that.
    pub ingress: Option<Vec<TrafficRule>>,
    /// Whom the nodes may connect to; `null` where it does not restrict that.
    pub egress: Option<Vec<TrafficRule>>,
}

/// A rule of a `NetworkPolicy`: what it matches is permitted.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TrafficRule {
    /// Ports, both ends included; `null` for all.
    pub ports: Option<Vec<PortRange>>,
    /// Namespaces whose Elasticsearch nodes it permits; `null` for all. Unknown where it selects by
    /// labels or addresses that were not seen.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub namespaces: Fact<Option<Vec<String>>>,
}

/// Ports from one to another.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PortRange {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// An event about the resource.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ResourceEvent {
    /// Its reason, such as `AssociationError`.
    pub reason: String,
    /// What it says.
    pub message: String,
    /// When it came last; `null` where that is not told.
    #[schemars(with = "Option<String>")]
    pub last: Option<Timestamp>,
}
