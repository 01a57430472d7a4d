//! The client of the API of Kubernetes.

use std::error::Error;

use http_body_util::{BodyExt as _, Limited};
use hyper::Request;
use hyper::header::ACCEPT;
use kube::client::{AuthError, Body};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use serde_json::Value;

use super::Call;
use crate::archive::manifests;
use crate::config::plan::KubernetesApi;
use crate::scrub;

/// Bytes of an answer that are read at most.
const LARGEST: usize = 16 << 20;

/// Characters of a reason that are kept.
pub(super) const REASON: usize = 400;

/// A reply, whatever it was.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// The JSON, without values of Secrets; null where it is something else.
    pub(super) body: Value,
}

/// Makes a client: of the kubeconfig and context that were named, else as kubectl finds them, else of the
/// service account of the pod that this runs in.
pub(super) async fn client(api: &KubernetesApi) -> Result<Client, String> {
    let options = KubeConfigOptions {
        context: api.context.clone(),
        ..KubeConfigOptions::default()
    };
    let config = match &api.kubeconfig {
        Some(path) => {
            let kubeconfig = Kubeconfig::read_from(path).map_err(|it| words(&it))?;
            Config::from_custom_kubeconfig(kubeconfig, &options)
                .await
                .map_err(|it| words(&it))?
        }
        None if api.context.is_some() => Config::from_kubeconfig(&options)
            .await
            .map_err(|it| words(&it))?,
        None => Config::infer().await.map_err(|it| words(&it))?,
    };
    Client::try_from(config).map_err(|it| words(&it))
}

/// Asks one call.
pub(super) async fn get(client: &Client, call: &Call) -> Result<Reply, String> {
    let request = Request::get(call.path())
        .header(ACCEPT, call.accept())
        .body(Body::empty())
        .map_err(|it| words(&it))?;
    let response = client.send(request).await.map_err(|it| words(&it))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(format!(
                "the answer is larger than {} MiB and was given up",
                LARGEST >> 20
            ));
        }
        Err(error) => return Err(words(&*error)),
    };
    Ok(Reply {
        status,
        body: manifests::answer(&body).unwrap_or_default(),
    })
}

/// The innermost reason: those around it name modules of the client.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    loop {
        if let Some(said) = without_quotes(innermost) {
            return said;
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => break,
        }
    }
    let text = innermost.to_string();
    let line = text.lines().next().unwrap_or_default();
    scrub::beginning(line, REASON)
}

/// Errors whose own words quote the kubeconfig or what a program for logging in printed: both hold
/// secrets.
fn without_quotes(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(KubeconfigError::Parse(yaml)) = error.downcast_ref() {
        let place = yaml.location().map_or_else(String::new, |at| {
            format!(", line {}, column {}", at.line(), at.column())
        });
        return Some(format!("the kubeconfig is no YAML of that kind{place}"));
    }
    match error.downcast_ref()? {
        AuthError::AuthExecRun { out, .. } => Some(format!(
            "the kubeconfig's program for logging in failed ({})",
            out.status
        )),
        AuthError::AuthExec(_) | AuthError::AuthExecParse(_) | AuthError::ParseTokenKey(_) => {
            Some("the kubeconfig's program for logging in printed no credential".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CANARY: &str = "canary-5d21";

    async fn refused(kubeconfig: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, kubeconfig).unwrap();
        let api = KubernetesApi {
            context: None,
            kubeconfig: Some(path),
            operator_namespace: "elastic-system".into(),
        };
        let client = match client(&api).await {
            Ok(client) => client,
            Err(said) => return said,
        };
        get(&client, &Call::Identity).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_kubeconfig_is_not_quoted() {
        for broken in [
            format!("apiVersion: v1\nusers: [{{user: {{token: {CANARY}: x\n"),
            format!("apiVersion: v1\nusers: {CANARY}\n"),
            format!("- {CANARY}\n"),
        ] {
            let said = refused(&broken).await;
            assert!(said.contains("no YAML") && !said.contains(CANARY), "{said}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_for_logging_in_is_not_quoted() {
        for (script, expected) in [
            (format!("echo {CANARY}; exit 3"), "failed (exit status: 3)"),
            (format!("echo {CANARY}"), "printed no credential"),
            (
                format!("echo '{{\\\"kind\\\": [\\\"{CANARY}\\\"'"),
                "printed no credential",
            ),
        ] {
            let said = refused(&format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
                 clusters: [{{name: c, cluster: {{server: \"http://127.0.0.1:1\"}}}}]\n\
                 contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
                 users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, \
                 interactiveMode: Never, command: sh, args: [\"-c\", \"{script}\"]}}}}}}]\n"
            ))
            .await;
            assert!(said.contains(expected) && !said.contains(CANARY), "{said}");
        }
    }
}
