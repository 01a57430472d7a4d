//! The calls to the control plane of Elastic Cloud and Elastic Cloud Enterprise. All of them read.

/// One call below `/api/v1`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Call {
    /// All deployments that the key may see.
    Deployments,
    /// One deployment with its settings.
    Deployment {
        /// Its id.
        id: String,
    },
    /// Names in the keystore of a deployment.
    Keystore {
        /// Id of the deployment.
        id: String,
        /// Label of its Elasticsearch resource.
        ref_id: String,
    },
    /// Remote clusters that the control plane manages.
    Remotes {
        /// Id of the deployment.
        id: String,
        /// Label of its Elasticsearch resource.
        ref_id: String,
    },
    /// Network security policies, and where they are attached.
    Policies {
        /// Region of the deployment.
        region: String,
    },
}

impl Call {
    /// Path and query.
    pub fn path(&self) -> String {
        let below = |id: &str, ref_id: &str, what: &str| {
            format!("/api/v1/deployments/{id}/elasticsearch/{ref_id}/{what}")
        };
        match self {
            Self::Deployments => "/api/v1/deployments".into(),
            Self::Deployment { id } => format!(
                "/api/v1/deployments/{id}?show_settings=true&show_plans=true\
                 &enrich_with_template=false&show_instance_configurations=false"
            ),
            Self::Keystore { id, ref_id } => below(id, ref_id, "keystore"),
            Self::Remotes { id, ref_id } => below(id, ref_id, "remote-clusters"),
            Self::Policies { region } => format!(
                "/api/v1/deployments/traffic-filter/rulesets?include_associations=true\
                 &region={region}"
            ),
        }
    }

    /// What it is asked for.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::Deployments => "which deployment an id belongs to",
            Self::Deployment { .. } => "identity, health, versions and trust of the deployment",
            Self::Keystore { .. } => "the names in its keystore",
            Self::Remotes { .. } => "trust of the remote clusters that the control plane manages",
            Self::Policies { .. } => "the network security policies",
        }
    }

    /// The field of a deployment's evidence that it fills.
    pub(super) fn fills(&self) -> &'static str {
        match self {
            Self::Deployments => "siblings",
            Self::Deployment { .. } => "trust",
            Self::Keystore { .. } => "keystore",
            Self::Remotes { .. } => "managed_remotes",
            Self::Policies { .. } => "policies",
        }
    }
}
