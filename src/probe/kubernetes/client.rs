//! The client of the API of Kubernetes.

use http_body_util::{BodyExt as _, Limited};
use hyper::Request;
use hyper::header::ACCEPT;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;

use super::Call;
use crate::archive::manifests;
use crate::config::plan::KubernetesApi;

/// Bytes of an answer that are read at most.
const LARGEST: usize = 16 << 20;

/// Characters of a reason that are kept.
const REASON: usize = 400;

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
pub(super) fn words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(REASON).collect()
}
