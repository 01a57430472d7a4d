//! The control plane, and the deployments that it is asked about.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret as _, SecretString};

use super::deployment::DeploymentName;
use super::plan::{ClusterTarget, DeploymentTarget, Login};
use super::problem::Problems;
use super::truststore::{self, StorePassword};
use super::{address, clusters, inputs, secret_variable};
use crate::cli::CloudOptions;

const CA_PASSWORD: &str = "CROSSCHECK_CLOUD_CA_PASSWORD";
const KEY: &str = "CROSSCHECK_CLOUD_API_KEY";
const REMOTE_KEY: &str = "CROSSCHECK_REMOTE_CLOUD_API_KEY";

/// The deployments of the local and of the remote cluster.
pub(super) fn targets(
    options: &CloudOptions,
    problems: &mut Problems,
) -> (Option<DeploymentTarget>, Option<DeploymentTarget>) {
    let ca = match &options.cloud_ca {
        Some(path) => {
            let password = StorePassword {
                file: None,
                variable: CA_PASSWORD.to_owned(),
                option: None,
            };
            truststore::trusted(path, "--cloud-ca", &password, problems)
        }
        None => Some(Vec::new()),
    };
    let key = secret(
        options.cloud_api_key_file.as_deref(),
        "--cloud-api-key-file",
        KEY,
        problems,
    );
    let remote_key = secret(
        options.remote_cloud_api_key_file.as_deref(),
        "--remote-cloud-api-key-file",
        REMOTE_KEY,
        problems,
    );
    let mut target = |text: Option<&str>, option: &str, key: Option<&Key>| {
        let name = name(text?, option, problems)?;
        let Some((key, place)) = key else {
            problems.error(
                option,
                "the control plane tells nothing without an API key",
                format!("add --cloud-api-key-file FILE, or set {KEY}"),
            );
            return None;
        };
        let login = clusters::api_key(key.expose_secret(), place, problems)?;
        api(options, login, ca.as_ref(), problems).map(|api| DeploymentTarget { api, name })
    };
    let local = target(
        options.local_deployment.as_deref(),
        "--local-deployment",
        key.as_ref(),
    );
    let remote = target(
        options.remote_deployment.as_deref(),
        "--remote-deployment",
        remote_key.as_ref().or(key.as_ref()),
    );
    (local, remote)
}

/// A key, and where it was given.
type Key = (SecretString, &'static str);

fn secret(
    file: Option<&Path>,
    option: &'static str,
    variable: &'static str,
    problems: &mut Problems,
) -> Option<Key> {
    match file {
        Some(path) => inputs::secret(path, option, problems).map(|key| (key, option)),
        None => secret_variable(variable, problems).map(|key| (key, variable)),
    }
}

fn name(text: &str, option: &str, problems: &mut Problems) -> Option<DeploymentName> {
    match DeploymentName::parse(text) {
        Ok(name) => Some(name),
        Err(why) => {
            problems.error(
                option,
                format!("\"{}\" names no deployment: {why}", address::masked(text)),
                "give the deployment ID or the cluster ID (32 hexadecimal digits each), the Cloud ID, \
                 or the endpoint",
            );
            None
        }
    }
}

fn api(
    options: &CloudOptions,
    login: Login,
    ca: Option<&Vec<CertificateDer<'static>>>,
    problems: &mut Problems,
) -> Option<ClusterTarget> {
    let mut url = address::base_url(&options.cloud_url, "--cloud-url", problems)?.url;
    // People paste the base URL of the documentation, which ends in it.
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/api/v1").unwrap_or(path).to_owned();
    url.set_path(&path);
    Some(ClusterTarget {
        url,
        login,
        ca: ca?.clone(),
    })
}
