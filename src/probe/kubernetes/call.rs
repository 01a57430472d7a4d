//! The calls to the API of Kubernetes. All of them read, and of Secrets only metadata.

use crate::config::plan::{KubernetesApi, ResourceName};

/// One call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Call {
    /// The Elasticsearch resource itself.
    Resource(ResourceName),
    /// Services of a namespace.
    Services(String),
    /// Events about the resource.
    Events(ResourceName),
    /// Network policies of a namespace.
    Policies(String),
    /// The report of the operator in its namespace.
    License(String),
    /// The operator itself in its namespace.
    Operator(String),
    /// The namespace whose UID stands for the Kubernetes cluster.
    Identity,
    /// Metadata of a Secret; nothing else of it is sent.
    Secret {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// What is asked beside the resource, whatever it holds.
pub(super) fn around(api: &KubernetesApi, name: &ResourceName) -> [Call; 7] {
    [
        Call::Services(name.namespace.clone()),
        Call::Events(name.clone()),
        Call::Policies(name.namespace.clone()),
        Call::License(api.operator_namespace.clone()),
        Call::Operator(api.operator_namespace.clone()),
        Call::Identity,
        Call::Secret {
            namespace: name.namespace.clone(),
            name: format!("{}-es-remote-api-keys", name.name),
        },
    ]
}

/// The calls for a resource, with `<…>` where they depend on an answer, for `--dry-run`.
pub fn planned(api: &KubernetesApi, name: &ResourceName) -> Vec<Call> {
    let mut calls = vec![Call::Resource(name.clone())];
    calls.extend(around(api, name));
    calls.push(Call::Secret {
        namespace: name.namespace.clone(),
        name: "<secureSettings>".into(),
    });
    calls
}

impl Call {
    /// Path and query.
    pub fn path(&self) -> String {
        match self {
            Self::Resource(ResourceName { namespace, name }) => format!(
                "/apis/elasticsearch.k8s.elastic.co/v1/namespaces/{namespace}/elasticsearches/{name}"
            ),
            Self::Services(namespace) => format!("/api/v1/namespaces/{namespace}/services"),
            Self::Events(ResourceName { namespace, name }) => format!(
                "/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.name%3D{name}"
            ),
            Self::Policies(namespace) => {
                format!("/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies")
            }
            Self::License(namespace) => {
                format!("/api/v1/namespaces/{namespace}/configmaps/elastic-licensing")
            }
            Self::Operator(namespace) => {
                format!("/apis/apps/v1/namespaces/{namespace}/statefulsets/elastic-operator")
            }
            Self::Identity => "/api/v1/namespaces/kube-system".into(),
            Self::Secret { namespace, name } => {
                format!("/api/v1/namespaces/{namespace}/secrets/{name}")
            }
        }
    }

    /// What it is asked for.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::Resource(_) => "the manifest of the cluster and its state",
            Self::Services(_) => "what leads to its nodes, and by which ports",
            Self::Events(_) => "what the operator has said of it within the last hour",
            Self::Policies(_) => "which connections are permitted",
            Self::License(_) => "the licence of the operator",
            Self::Operator(_) => "the version of the operator",
            Self::Identity => "which Kubernetes cluster it is",
            Self::Secret { .. } => "names of entries, as metadata without any value",
        }
    }

    /// Kind of the objects that come.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Resource(_) => "Elasticsearch",
            Self::Services(_) => "Service",
            Self::Events(_) => "Event",
            Self::Policies(_) => "NetworkPolicy",
            Self::License(_) => "ConfigMap",
            Self::Operator(_) => "StatefulSet",
            Self::Identity => "Namespace",
            Self::Secret { .. } => "Secret",
        }
    }

    /// The namespace of which it lists all objects of a kind; `None` where it asks for one.
    pub(super) fn namespace(&self) -> Option<&str> {
        match self {
            Self::Services(namespace) | Self::Policies(namespace) => Some(namespace),
            Self::Events(about) => Some(&about.namespace),
            _ => None,
        }
    }

    /// Verb, resource and namespace that a role has to permit.
    pub(super) fn permission(&self) -> String {
        let (verb, resource, namespace) = match self {
            Self::Resource(it) => (
                "get",
                "elasticsearches.elasticsearch.k8s.elastic.co",
                it.namespace.as_str(),
            ),
            Self::Services(namespace) => ("list", "services", namespace.as_str()),
            Self::Events(it) => ("list", "events", it.namespace.as_str()),
            Self::Policies(namespace) => (
                "list",
                "networkpolicies.networking.k8s.io",
                namespace.as_str(),
            ),
            Self::License(namespace) => ("get", "configmaps", namespace.as_str()),
            Self::Operator(namespace) => ("get", "statefulsets.apps", namespace.as_str()),
            Self::Identity => return "get on the namespace kube-system".into(),
            Self::Secret { namespace, .. } => ("get", "secrets", namespace.as_str()),
        };
        format!("{verb} on {resource} in the namespace {namespace}")
    }

    /// What is accepted as an answer. Of Secrets it is metadata alone: an API server that cannot give
    /// that refuses, and never sends the values instead.
    pub(super) fn accept(&self) -> &'static str {
        match self {
            Self::Secret { .. } => "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            _ => "application/json",
        }
    }
}
