//! Sending a question to a cluster's HTTP API.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use rustls::client::WebPkiServerVerifier;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::plan::{ClusterTarget, HttpProxy, Login};
use crate::probe::roots;
use crate::scrub;

use super::super::{Deadline, Stopped};
use super::failure::connection_failure;
use super::pinned::PinnedOrIssued;
use super::{Answer, Body, Failure, Question, Reply};

/// Most that is read of one answer. The nodes of a large cluster take about a tenth of it.
const MAX_BODY: usize = 16 << 20;

/// Most characters that are kept of an answer that is no JSON.
const MAX_EXCERPT: usize = 120;

/// Most bytes that are looked at of such an answer.
const MAX_READ: usize = 8 << 10;

/// A client of one cluster.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    login: Option<HeaderValue>,
    /// The proxy of the environment that requests go through, such as `http://proxy:3128`.
    proxy: Option<String>,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A CA file holds something that is no CA certificate.
    #[error("the CA given for {place} cannot be used: {detail}")]
    Ca {
        /// The cluster's URL.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The user, password or key cannot be written into a header.
    #[error("the login given for {place} holds characters that no HTTP header can carry")]
    Login {
        /// The cluster's URL.
        place: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client for {place} could not be set up: {detail}")]
    Setup {
        /// The cluster's URL.
        place: String,
        /// Its words.
        detail: String,
    },
}

impl Client {
    /// A client for a cluster, with its own trust and login.
    pub fn new(target: &ClusterTarget, proxy: HttpProxy) -> Result<Self, ClientError> {
        let place = || super::failure::place(&target.url);
        let tls = tls_config(target).map_err(|detail| ClientError::Ca {
            place: place(),
            detail,
        })?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("crosscheck/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(10));
        if proxy == HttpProxy::Off {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| ClientError::Setup {
            place: place(),
            detail: error.to_string(),
        })?;
        let login =
            login_header(&target.login).ok_or_else(|| ClientError::Login { place: place() })?;
        Ok(Self {
            http,
            base: target.url.clone(),
            login,
            proxy: (proxy == HttpProxy::Environment)
                .then(|| proxy_for(&target.url))
                .flatten(),
        })
    }

    /// The URL that is asked, without user and password.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The same trust and login at another address of the same cluster.
    #[must_use]
    pub fn at(&self, base: Url) -> Self {
        Self {
            base,
            ..self.clone()
        }
    }

    /// The same trust and address, authenticated by an encoded API key. `None` where it holds
    /// characters that no header can carry.
    pub fn with_api_key(&self, key: &SecretString) -> Option<Self> {
        Some(Self {
            login: Some(api_key_header(key)?),
            ..self.clone()
        })
    }

    /// Asks and waits for the whole answer, no longer than the deadline.
    pub async fn ask(
        &self,
        question: Question,
        node: Option<String>,
        deadline: &Deadline,
    ) -> Answer {
        let start = Instant::now();
        let outcome = match deadline.run(self.send(&question)).await {
            Ok(outcome) => outcome,
            Err(stopped) => Err(stopped.into()),
        };
        Answer {
            question,
            node,
            outcome,
            took_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }

    async fn send(&self, question: &Question) -> Result<Reply, Failure> {
        let failed = |error: reqwest::Error| {
            if error.is_timeout() {
                Failure::Stopped(Stopped::TimedOut)
            } else {
                connection_failure(&error, &self.base, self.proxy.as_deref())
            }
        };
        let method = match question.method() {
            "POST" => reqwest::Method::POST,
            _ => reqwest::Method::GET,
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(login) = &self.login {
            headers.insert(AUTHORIZATION, login.clone());
        }
        let mut response = self
            .http
            .request(method, self.url(question))
            .headers(headers)
            .send()
            .await
            .map_err(failed)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(Failure::TooLarge { limit: MAX_BODY });
            }
            bytes.extend_from_slice(&chunk);
        }
        let header = |name: &str| response.headers().get(name).and_then(|it| it.to_str().ok());
        Ok(Reply {
            status: response.status().as_u16(),
            product: header("x-elastic-product") == Some("Elasticsearch"),
            location: header("location").map(str::to_owned),
            body: body(&bytes),
        })
    }

    /// The question's URL below the prefix of the cluster's URL.
    fn url(&self, question: &Question) -> Url {
        let path = question.path();
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path.as_str(), None),
        };
        let mut url = self.base.clone();
        let prefix = self.base.path().trim_end_matches('/');
        url.set_path(&format!("{prefix}{path}"));
        url.set_query(query);
        url
    }
}

/// The proxy that the environment names for a URL, without user and password.
fn proxy_for(url: &Url) -> Option<String> {
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let uri = proxy.uri();
    let host = uri.authority()?.as_str().rsplit('@').next()?;
    Some(format!("{}://{host}", uri.scheme_str()?))
}

fn body(bytes: &[u8]) -> Body {
    serde_json::from_slice(bytes).map_or_else(
        |_| {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_READ)]);
            let text = scrub::beginning(&text, 4 * MAX_EXCERPT);
            let words: Vec<&str> = text.split_whitespace().collect();
            let printable = words
                .join(" ")
                .chars()
                .filter(|it| !it.is_control())
                .take(MAX_EXCERPT)
                .collect();
            Body::Text(printable)
        },
        Body::Json,
    )
}

fn tls_config(target: &ClusterTarget) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if target.url.scheme() == "https" {
        if target.ca.is_empty()
            && let Some(system) = roots::read()
        {
            roots = RootCertStore::clone(&system);
        }
        for certificate in &target.ca {
            roots
                .add(certificate.clone())
                .map_err(|error| error.to_string())?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = if target.ca.is_empty() || roots.is_empty() {
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        let issued = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = PinnedOrIssued {
            issued: issued.build().map_err(|error| error.to_string())?,
            given: target.ca.clone(),
        };
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// `Some(None)` for nobody; `None` where the login fits into no header.
#[expect(
    clippy::option_option,
    reason = "no login and no possible login are two things"
)]
fn login_header(login: &Login) -> Option<Option<HeaderValue>> {
    match login {
        Login::Anonymous => Some(None),
        Login::ApiKey(key) => Some(Some(api_key_header(key)?)),
        Login::Basic { user, password } => {
            let pair = SecretString::from(format!("{user}:{}", password.expose_secret()));
            let encoded = SecretString::from(STANDARD.encode(pair.expose_secret()));
            Some(Some(sensitive("Basic", &encoded)?))
        }
    }
}

fn api_key_header(key: &SecretString) -> Option<HeaderValue> {
    sensitive("ApiKey", key)
}

fn sensitive(scheme: &str, secret: &SecretString) -> Option<HeaderValue> {
    let text = SecretString::from(format!("{scheme} {}", secret.expose_secret()));
    let mut value = HeaderValue::from_str(text.expose_secret()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str) -> Client {
        let target = ClusterTarget {
            url: url.parse().unwrap(),
            login: Login::Basic {
                user: "u".into(),
                password: "geheim".into(),
            },
            ca: Vec::new(),
        };
        Client::new(&target, HttpProxy::Off).unwrap()
    }

    #[test]
    fn keeps_a_path_prefix_and_ipv6() {
        let url = client("http://[::1]:9200/es/").url(&Question::License);
        assert_eq!(url.as_str(), "http://[::1]:9200/es/_license");
        let url = client("http://h").url(&Question::Root);
        assert_eq!(url.as_str(), "http://h/");
    }

    #[test]
    fn the_login_is_not_in_debug_output() {
        let shown = format!("{:?}", client("http://h"));
        assert!(
            !shown.contains("geheim") && !shown.contains("dTpnZWhlaW0"),
            "{shown}"
        );
    }
}
