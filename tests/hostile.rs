//! Servers that are not what they should be: HTTP APIs here, endpoints in their own file. Every run ends
//! in time and in bounded memory, says what it could not find out, and finds out the rest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "hostile/endpoints.rs"]
mod endpoints;
#[path = "hostile/peers.rs"]
mod peers;

use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crosscheck::config::plan::{ClusterTarget, Login, Plan};
use crosscheck::demo::{self, CallKind, Pair, Part};
use crosscheck::evidence::{Contact, Evidence, Side};
use crosscheck::probe::{self, Deadline};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// Long enough for a real cluster on loopback, short enough to wait for.
const DEADLINE: Duration = Duration::from_secs(8);
/// What a run may take beyond its deadline on a busy machine.
const GRACE: Duration = Duration::from_secs(4);
/// Canary: it may reach the server that it is meant for and nobody else.
const PASSWORD: &str = "canary-7f3a9d";

/// A server on loopback; it stops when dropped.
struct Server {
    url: Url,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn server<F, S>(serve: F) -> Server
where
    F: Fn(TcpStream) -> S + Send + 'static,
    S: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    let url = format!("http://{address}/").parse().unwrap();
    Server { url, task }
}

/// A server that gives every request the same answer and closes.
async fn answering(answer: impl Into<Vec<u8>>) -> Server {
    let answer = Arc::new(answer.into());
    server(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            request(&mut stream).await?;
            stream.write_all(&answer).await?;
            stream.shutdown().await
        }
    })
    .await
}

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The head of one request.
async fn request(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A healthy pair whose local cluster is asked at another place.
async fn pair_with_local_at(url: &Url) -> (Pair, Plan) {
    let scenario = demo::scenarios().iter().find(|it| it.name == "healthy");
    let mut pair = demo::start(scenario.unwrap()).await.unwrap();
    let mut plan = pair.local_plan();
    std::mem::swap(&mut plan, &mut pair.plan);
    plan.timeout = DEADLINE;
    plan.local = Some(ClusterTarget {
        url: url.clone(),
        login: Login::Basic {
            user: "reader".into(),
            password: SecretString::from(PASSWORD),
        },
        ca: Vec::new(),
    });
    (pair, plan)
}

/// Runs against the server as local cluster and checks what holds for every bad server.
async fn survives(name: &str, server: &Server) -> Evidence {
    let (_pair, plan) = pair_with_local_at(&server.url).await;
    let (deadline, _interrupt) = Deadline::after(DEADLINE);
    let began = Instant::now();
    let evidence = probe::collect(&plan, &deadline, &probe::Silent).await;
    let took = began.elapsed();
    assert!(took < DEADLINE + GRACE, "{name}: took {took:?}");

    let side = |wanted| {
        let mut clusters = evidence.clusters.values();
        clusters.find(|it| it.side.known() == Some(&wanted))
    };
    let remote = side(Side::Remote).unwrap_or_else(|| panic!("{name}: the remote cluster is lost"));
    assert_eq!(
        remote.version.known().map(String::as_str),
        Some("9.4.3"),
        "{name}"
    );
    assert!(
        remote.license.is_known(),
        "{name}: the rest of the run did not go on"
    );

    assert!(!evidence.gaps.is_empty(), "{name}: no gap");
    for gap in &evidence.gaps {
        for text in [&gap.reason, &gap.remedy] {
            assert!(!text.trim().is_empty(), "{name}: {gap:?}");
            assert!(!text.contains('\n') && text.len() < 2500, "{name}: {gap:?}");
        }
    }
    let document = serde_json::to_string(&evidence).unwrap();
    assert!(
        !document.contains(PASSWORD),
        "{name}: the password is in the evidence"
    );
    evidence
}

fn contact(evidence: &Evidence) -> Option<Contact> {
    let mut clusters = evidence.clusters.values();
    let local = clusters.find(|it| it.side.known() == Some(&Side::Local))?;
    local.access.known().map(|it| it.contact)
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_none() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let html = "<html><body><h1>It works!</h1></body></html>";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
    for (name, answer, expected) in [
        (
            "a web server",
            format!("{head}content-length: {}\r\n\r\n{html}", html.len()),
            Some(Contact::NotElasticsearch),
        ),
        ("HTML of Elasticsearch", json("200 OK", html), None),
        (
            "JSON of something else",
            json("200 OK", r#"{"hello":"world"}"#),
            None,
        ),
        ("no JSON", json("200 OK", r#"{"name": "#), None),
        ("deep JSON", json("200 OK", &deep), None),
        ("an empty body", json("200 OK", ""), None),
        (
            "401",
            json(
                "401 Unauthorized",
                r#"{"error":{"type":"security_exception","reason":"unable to authenticate user [reader] for REST request [/]"},"status":401}"#,
            ),
            Some(Contact::Unauthenticated),
        ),
        (
            "403",
            json(
                "403 Forbidden",
                r#"{"error":{"type":"security_exception","reason":"action [cluster:monitor/main] is unauthorized for user [reader]"},"status":403}"#,
            ),
            None,
        ),
        ("500", json("500 Internal Server Error", "{}"), None),
        (
            "a gateway",
            format!(
                "HTTP/1.1 503 Service Unavailable\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
                html.len()
            ),
            None,
        ),
        ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n".to_owned(), None),
        ("nothing", String::new(), None),
        (
            "half a body",
            "HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-length: 1000\r\n\r\n{"
                .to_owned(),
            None,
        ),
        (
            "endless headers",
            format!("HTTP/1.1 200 OK\r\n{}", "x-header: 1\r\n".repeat(100_000)),
            None,
        ),
    ] {
        let server = answering(answer).await;
        let evidence = survives(name, &server).await;
        if expected.is_some() {
            assert_eq!(contact(&evidence), expected, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers() {
    let server = server(|mut stream| async move {
        request(&mut stream).await?;
        std::future::pending().await
    })
    .await;
    let evidence = survives("silent after accept", &server).await;
    assert_eq!(contact(&evidence), Some(Contact::TimedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_and_never_ends() {
    let server = server(|mut stream| async move {
        request(&mut stream).await?;
        let head = "HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n\r\n{\"name\":\"";
        stream.write_all(head.as_bytes()).await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    survives("slow drip", &server).await;
}

/// Ten gigabytes would take memory and time; that the server is not even asked for them proves more
/// than a measurement of memory.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_ten_gigabytes() {
    const TEN_GIGABYTES: u64 = 10 << 30;
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let server = server(move |mut stream| {
        let counter = Arc::clone(&counter);
        async move {
            request(&mut stream).await?;
            let head = format!("HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\ncontent-length: {TEN_GIGABYTES}\r\n\r\n{{\"name\":\"");
            stream.write_all(head.as_bytes()).await?;
            let block = vec![b'x'; 64 * 1024];
            for _ in 0..TEN_GIGABYTES / 65_536 {
                stream.write_all(&block).await?;
                counter.fetch_add(65_536, Ordering::Relaxed);
            }
            Ok(())
        }
    })
    .await;
    survives("ten gigabytes", &server).await;
    let megabytes = sent.load(Ordering::Relaxed) >> 20;
    assert!(megabytes < 1024, "{megabytes} MB were read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_does_not_carry_the_password_away() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let elsewhere = server(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            let head = request(&mut stream).await?;
            seen.lock().unwrap().push(head);
            stream.write_all(json("200 OK", "{}").as_bytes()).await
        }
    })
    .await;
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url
    );
    survives("a redirect", &answering(answer).await).await;
    for head in heads.lock().unwrap().iter() {
        let authorised = head.to_lowercase().contains("authorization:");
        assert!(!authorised, "the redirect was followed with the password");
    }
}

/// Changes nothing: in no state of the pair, healthy or not, is anything asked but reading calls.
#[tokio::test(flavor = "multi_thread")]
async fn only_reading_calls_are_made() {
    for name in [
        "healthy",
        "key-expired",
        "no-remote-indices",
        "role-missing",
        "refused",
    ] {
        let scenario = demo::scenarios().iter().find(|it| it.name == name).unwrap();
        let pair = demo::start(scenario).await.unwrap();
        let (deadline, _interrupt) = Deadline::after(pair.plan.timeout);
        probe::collect(&pair.plan, &deadline, &probe::Silent).await;
        let asked = pair.asked();
        for part in [Part::Local, Part::Remote] {
            assert!(
                asked.iter().any(|it| it.part == part),
                "{name}: {part:?} was not asked"
            );
        }
        for call in asked {
            assert_eq!(call.kind, CallKind::Reading, "{name}: {call:?}");
        }
    }
}

/// The one call that makes nodes re-read their keystore is made on request, once, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn the_keystore_is_reloaded_on_request_only() {
    let scenario = demo::scenarios()
        .iter()
        .find(|it| it.name == "credential-other-alias");
    let mut pair = demo::start(scenario.unwrap()).await.unwrap();
    pair.plan.reload_secure_settings = true;
    let (deadline, _interrupt) = Deadline::after(pair.plan.timeout);
    probe::collect(&pair.plan, &deadline, &probe::Silent).await;
    let kinds: Vec<CallKind> = pair.asked().iter().map(|it| it.kind).collect();
    let count = |kind| kinds.iter().filter(|&&it| it == kind).count();
    assert_eq!(count(CallKind::Reload), 1);
    assert_eq!(count(CallKind::Forbidden), 0);
}
