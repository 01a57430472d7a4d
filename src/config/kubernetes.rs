//! The Elasticsearch resources of Elastic Cloud on Kubernetes, in files or in the API.

use std::fmt;
use std::sync::Arc;

use super::plan::{KubernetesApi, ResourceSource, ResourceTarget};
use super::problem::Problems;
use crate::archive::manifests;
use crate::cli::KubernetesOptions;
use crate::probe::kubernetes::Told;

/// Namespace and name of an Elasticsearch resource.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ResourceName {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ResourceName {
    /// Reads `NAMESPACE/NAME`.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it, in words that end a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let Some((namespace, name)) = text.split_once('/') else {
            return Err("it has no namespace");
        };
        let is_name = |it: &str| {
            let letters =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
            !it.is_empty() && it.len() <= 253 && it.bytes().all(letters)
        };
        if !is_name(namespace) || !is_name(name) {
            return Err("names in Kubernetes are lower-case letters, digits, - and .");
        }
        Ok(Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The resources of the local and of the remote cluster.
pub(super) fn targets(
    options: &KubernetesOptions,
    aliases: &[String],
    problems: &mut Problems,
) -> (Option<ResourceTarget>, Option<ResourceTarget>) {
    let before = problems.errors.len();
    let local = named(
        options.local_kubernetes.as_deref(),
        "--local-kubernetes",
        problems,
    );
    let remote = named(
        options.remote_kubernetes.as_deref(),
        "--remote-kubernetes",
        problems,
    );
    if problems.errors.len() > before {
        return (None, None);
    }
    if !options.kubernetes.is_empty() {
        return of_files(options, local, remote, aliases, problems);
    }
    let api = |name, context: &Option<String>| ResourceTarget {
        name,
        source: ResourceSource::Api(KubernetesApi {
            context: context.clone(),
            kubeconfig: options.kubeconfig.clone(),
            operator_namespace: options.kube_operator_namespace.clone(),
        }),
    };
    let remote_context = options
        .remote_kube_context
        .as_ref()
        .or(options.kube_context.as_ref());
    (
        local.map(|it| api(it, &options.kube_context)),
        remote.map(|it| api(it, &remote_context.cloned())),
    )
}

fn named(text: Option<&str>, option: &str, problems: &mut Problems) -> Option<ResourceName> {
    match ResourceName::parse(text?) {
        Ok(name) => Some(name),
        Err(why) => {
            problems.error(
                option,
                format!("\"{}\" names no Elasticsearch resource: {why}", text?),
                "write NAMESPACE/NAME, as kubectl get elasticsearch -A shows them",
            );
            None
        }
    }
}

/// Files hold the resources; which of them is which side is told, or follows from the remotes that
/// they declare.
fn of_files(
    options: &KubernetesOptions,
    local: Option<ResourceName>,
    remote: Option<ResourceName>,
    aliases: &[String],
    problems: &mut Problems,
) -> (Option<ResourceTarget>, Option<ResourceTarget>) {
    let before = problems.errors.len();
    let told = manifests::read(&options.kubernetes, problems);
    if problems.errors.len() > before {
        return (None, None);
    }
    let resources = told.resources();
    let names: Vec<String> = resources.iter().map(|(it, _)| it.to_string()).collect();
    if names.is_empty() {
        problems.error(
            "--kubernetes",
            "no Elasticsearch resource is in the files",
            "kubectl get elasticsearch -n NAMESPACE -o yaml > FILE",
        );
        return (None, None);
    }
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            problems.error(
                "--kubernetes",
                format!("the Elasticsearch resource {name} is in the files twice"),
                "give each resource once: the newest that kubectl shows",
            );
            return (None, None);
        }
    }
    for (name, option) in [
        (&local, "--local-kubernetes"),
        (&remote, "--remote-kubernetes"),
    ] {
        if let Some(name) = name
            && !names.contains(&name.to_string())
        {
            problems.error(
                option,
                format!(
                    "{name} is not in the files, which hold {}",
                    names.join(", ")
                ),
                "name one of those, or add its file with --kubernetes",
            );
            return (None, None);
        }
    }
    let (guess, remote_guess) = sides(&told, aliases, local.as_ref());
    let local = local.or_else(|| guess.filter(|it| Some(it) != remote.as_ref()));
    let remote = remote.or(remote_guess);
    if local.is_none() && remote.is_none() {
        problems.error(
            "--kubernetes",
            format!(
                "which side each resource plays does not follow from them: {}",
                names.join(", ")
            ),
            "add --local-kubernetes NAMESPACE/NAME or --remote-kubernetes NAMESPACE/NAME",
        );
        return (None, None);
    }
    let told = Arc::new(told);
    let target = |name| ResourceTarget {
        name,
        source: ResourceSource::Files(Arc::clone(&told)),
    };
    (local.map(target), remote.map(target))
}

/// The resource that declares a remote, and the one that it declares.
fn sides(
    told: &Told,
    aliases: &[String],
    local: Option<&ResourceName>,
) -> (Option<ResourceName>, Option<ResourceName>) {
    let resources = told.resources();
    let mut links = resources.iter().flat_map(|(name, remotes)| {
        let wanted = remotes
            .iter()
            .filter(|it| aliases.is_empty() || aliases.contains(&it.alias));
        wanted.map(move |it| (name, it))
    });
    let link = links.find(|(name, _)| local.is_none_or(|it| it == *name));
    let Some((name, remote)) = link else {
        return (None, None);
    };
    let remote = ResourceName {
        namespace: remote.namespace.clone(),
        name: remote.name.clone(),
    };
    let known = resources.iter().any(|(it, _)| *it == remote);
    (Some(name.clone()), known.then_some(remote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_has_a_namespace_and_a_name() {
        let name = ResourceName::parse("ns1/cluster1").unwrap();
        assert_eq!(name.to_string(), "ns1/cluster1");
        for text in [
            "cluster1",
            "ns1/",
            "/x",
            "ns1/a/b",
            "ns1/Cluster",
            "ns1/a b",
        ] {
            assert!(ResourceName::parse(text).is_err(), "{text}");
        }
    }
}
