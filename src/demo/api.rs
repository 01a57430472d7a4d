//! The HTTP API of a simulated cluster. It answers reading calls and refuses all others.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::answers::{Answer, Answers, Part};
use super::server;

/// A call that one of the clusters was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Which cluster.
    pub part: Part,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Whether it can only read, or re-reads the keystore.
    pub kind: CallKind,
}

/// What a call can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallKind {
    /// It reads.
    Reading,
    /// It makes nodes re-read their keystore; only allowed on request.
    Reload,
    /// It is none that crosscheck may make.
    Forbidden,
}

/// Every call so far.
pub(super) type Record = Arc<Mutex<Vec<Asked>>>;

/// One cluster's HTTP API.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) part: Part,
    pub(super) answers: Answers,
    pub(super) user: &'static str,
    pub(super) password: &'static str,
    pub(super) record: Record,
}

/// What a node's HTTP port says to a TLS client (recording `9.4.3/port_http.json`).
const ASKED_IN_TLS: &[u8] = include_bytes!("answers/http-port-asked-in-tls.txt");

/// The beginnings of reading calls; nothing but these is answered.
const READING: [&str; 14] = [
    "/_all/_ccr/info",
    "/_ccr/auto_follow",
    "/_ccr/stats",
    "/_cluster/settings",
    "/_cluster/stats",
    "/_license",
    "/_license/feature_usage",
    "/_nodes",
    "/_remote/info",
    "/_resolve/cluster/",
    "/_security/_authenticate",
    "/_security/api_key",
    "/_security/user/_privileges",
    "/_ssl/certificates",
];

impl CallKind {
    /// What a call can do, by its method and path without query.
    pub fn of(method: &str, path: &str) -> Self {
        let reading = path == "/"
            || path.ends_with("/_search") && path.contains(':')
            || path.ends_with("/_settings") && path.matches('/').count() == 2
            || path.starts_with("/_nodes/") && !path.ends_with("reload_secure_settings")
            || READING
                .iter()
                .any(|it| path == *it || it.ends_with('/') && path.starts_with(it));
        match method {
            "GET" | "HEAD" if reading => Self::Reading,
            "POST" if path == "/_nodes/reload_secure_settings" => Self::Reload,
            _ => Self::Forbidden,
        }
    }
}

impl Api {
    /// Serves the API at the listener.
    pub(super) fn serve(self, listener: TcpListener) -> AbortHandle {
        let api = Arc::new(self);
        server::accept(listener, move |stream| connection(stream, Arc::clone(&api)))
    }

    fn answer(&self, request: &Request<Incoming>) -> Answer {
        let (method, uri) = (request.method().as_str(), request.uri());
        let path = decoded(uri.path());
        let kind = CallKind::of(method, &path);
        self.record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Asked {
                part: self.part,
                method: method.to_owned(),
                path: uri.to_string(),
                kind,
            });
        if kind == CallKind::Forbidden {
            return Answer {
                status: 405,
                body: json!({"error": format!("{method} {path} is no reading call"), "status": 405}),
            };
        }
        let credentials = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|it| it.to_str().ok());
        match credentials {
            None => refusal(&format!("missing authentication credentials for REST request [{uri}]")),
            Some(it) if it.starts_with("ApiKey ") => self
                .answers
                .key_shown()
                .filter(|_| path == "/_security/_authenticate")
                .unwrap_or_else(|| refusal("unable to authenticate with provided credentials and anonymous access is not allowed for this request")),
            Some(it) if it == self.login() => self
                .answers
                .get(method, &path, uri.query().unwrap_or_default())
                .unwrap_or_else(|| no_handler(method, &uri.to_string())),
            Some(_) => refusal(&format!("unable to authenticate user for REST request [{uri}]")),
        }
    }

    fn login(&self) -> String {
        let pair = format!("{}:{}", self.user, self.password);
        format!("Basic {}", STANDARD.encode(pair))
    }
}

async fn connection(mut stream: TcpStream, api: Arc<Api>) {
    match server::first_byte(&stream).await {
        None => {}
        Some(server::TLS_HANDSHAKE) => {
            let _ = stream.write_all(ASKED_IN_TLS).await;
        }
        // The transport protocol's marker: a node's HTTP port waits for the end of a line.
        Some(b'E') => server::drain(stream).await,
        Some(_) => {
            let service = service_fn(|request: Request<Incoming>| {
                let response = response(&api.answer(&request));
                async move { Ok::<_, Infallible>(response) }
            });
            // That the caller is gone is its affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    }
}

fn response(answer: &Answer) -> Response<Full<Bytes>> {
    let mut response = Response::builder()
        .status(answer.status)
        .header("X-elastic-product", "Elasticsearch")
        .header(CONTENT_TYPE, "application/json");
    if answer.status == 401 {
        response = response
            .header(
                WWW_AUTHENTICATE,
                r#"Basic realm="security", charset="UTF-8""#,
            )
            .header(WWW_AUTHENTICATE, "ApiKey");
    }
    response
        .body(Full::from(answer.body.to_string()))
        .unwrap_or_else(|_| Response::new(Full::default()))
}

fn refusal(reason: &str) -> Answer {
    let header =
        json!({"WWW-Authenticate": [r#"Basic realm="security", charset="UTF-8""#, "ApiKey"]});
    let error = json!({"type": "security_exception", "reason": reason, "header": header});
    let mut outer = error.clone();
    outer["root_cause"] = json!([error]);
    Answer {
        status: 401,
        body: json!({"error": outer, "status": 401}),
    }
}

fn no_handler(method: &str, uri: &str) -> Answer {
    Answer {
        status: 400,
        body: json!({
            "error": format!("no handler found for uri [{uri}] and method [{method}]"),
            "status": 400,
        }),
    }
}

/// The path with its `%` escapes undone, as a node reads it.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_reading_calls() {
        for (method, path, kind) in [
            ("GET", "/", CallKind::Reading),
            ("GET", "/_nodes/settings,http", CallKind::Reading),
            ("GET", "/_resolve/cluster/bee:*", CallKind::Reading),
            ("GET", "/bee:logs/_search", CallKind::Reading),
            ("GET", "/logs/_search", CallKind::Forbidden),
            ("POST", "/bee:logs/_search", CallKind::Forbidden),
            ("PUT", "/_cluster/settings", CallKind::Forbidden),
            ("GET", "/_nodes/reload_secure_settings", CallKind::Forbidden),
            ("POST", "/_nodes/reload_secure_settings", CallKind::Reload),
        ] {
            assert_eq!(CallKind::of(method, path), kind, "{method} {path}");
        }
    }

    #[test]
    fn undoes_escapes() {
        assert_eq!(
            decoded("/_resolve/cluster/bee%3A%2A"),
            "/_resolve/cluster/bee:*"
        );
        assert_eq!(decoded("/100%"), "/100%");
    }
}
