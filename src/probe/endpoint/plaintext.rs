//! What a port says without TLS, asked where TLS could not be started.

use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::transport::{self, Conversation, Greeting};
use super::wait::{Ended, wait};
use super::{Dial, http, printable, tcp};
use crate::evidence::{Fact, HttpAnswer, Plaintext, PlaintextOutcome, Transport};
use crate::wire::HelloForm;

/// Longest wait for a service that speaks first.
const GREETING_LIMIT: Duration = Duration::from_secs(3);

/// Longest wait for an answer to anything: an HTTP port never answers a transport frame.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// What one connection brought.
#[derive(Debug, Default)]
struct Sign {
    /// Bytes that came and are no Elasticsearch handshake.
    bytes: Vec<u8>,
    transport: Option<Transport>,
    http: Option<HttpAnswer>,
    /// Whether the peer closed, reset or refused, rather than saying nothing.
    closed: bool,
    /// Whether the run ended before anything was known.
    cut_short: bool,
}

/// Looks at a port without TLS. `heard` is what came instead of TLS already: then only an HTTP
/// server is asked once more. Else three new connections, side by side, and no more than are needed:
/// the Elasticsearch handshake, an HTTP request, and silence for a service that speaks first. `None`
/// where the run ended before anything was known.
pub(super) async fn look(dial: &Dial<'_>, heard: Vec<u8>) -> Option<Plaintext> {
    if !heard.is_empty() {
        let mut sign = Sign {
            http: http::parse(&heard),
            ..Sign::default()
        };
        if sign.http.is_some() {
            let again = asked(dial).await;
            sign.http = better(sign.http, again.http);
        }
        sign.bytes = heard;
        return conclude(vec![sign]);
    }
    let mut tries: FuturesUnordered<Pin<Box<dyn Future<Output = Sign> + Send + '_>>> =
        FuturesUnordered::new();
    tries.push(Box::pin(greeted(dial)));
    tries.push(Box::pin(asked(dial)));
    tries.push(Box::pin(listened(dial)));
    let mut signs = Vec::new();
    while let Some(sign) = tries.next().await {
        let decisive = sign.transport.is_some() || sign.http.is_some();
        signs.push(sign);
        if decisive {
            break;
        }
    }
    conclude(signs)
}

async fn greeted(dial: &Dial<'_>) -> Sign {
    let Some(stream) = connect(dial).await else {
        return closed();
    };
    let mut conversation = Conversation::new(stream);
    let limit = dial.deadline.at_most(ANSWER_LIMIT);
    match conversation.greet(HelloForm::V7, &limit).await {
        Some(greeting @ Greeting::Hello(_)) => {
            let mut transport = transport::evidence(&greeting);
            if let Greeting::Hello(hello) = &greeting {
                let answers = conversation.ask(hello, dial.deadline).await;
                transport::add(&mut transport, answers);
            }
            Sign {
                transport: Some(transport),
                ..Sign::default()
            }
        }
        Some(Greeting::Foreign(bytes)) => Sign {
            http: http::parse(&bytes),
            bytes,
            ..Sign::default()
        },
        Some(Greeting::Closed | Greeting::Reset) => closed(),
        Some(_) => Sign::default(),
        None => cut_short(),
    }
}

async fn asked(dial: &Dial<'_>) -> Sign {
    let Some(mut stream) = connect(dial).await else {
        return closed();
    };
    match http::get(&mut stream, dial.host, dial.deadline).await {
        Ok((http, bytes)) => Sign {
            closed: bytes.is_empty(),
            bytes,
            http,
            ..Sign::default()
        },
        Err(Ended::Silent) => Sign::default(),
        Err(Ended::CutShort) => cut_short(),
    }
}

async fn listened(dial: &Dial<'_>) -> Sign {
    let Some(mut stream) = connect(dial).await else {
        return closed();
    };
    let mut chunk = [0; 512];
    match wait(dial.deadline, GREETING_LIMIT, stream.read(&mut chunk)).await {
        Ok(Ok(count)) if count > 0 => Sign {
            bytes: chunk[..count].to_vec(),
            ..Sign::default()
        },
        Err(Ended::CutShort) => cut_short(),
        // That it closes on who says nothing is no answer to anything.
        _ => Sign::default(),
    }
}

async fn connect(dial: &Dial<'_>) -> Option<TcpStream> {
    tcp::connect(dial.address, dial.deadline).await?.1
}

fn closed() -> Sign {
    Sign {
        closed: true,
        ..Sign::default()
    }
}

fn cut_short() -> Sign {
    Sign {
        cut_short: true,
        ..Sign::default()
    }
}

/// The answer to a proper request tells the status, the other one perhaps the product.
fn better(first: Option<HttpAnswer>, second: Option<HttpAnswer>) -> Option<HttpAnswer> {
    match (first, second) {
        (Some(first), Some(second)) => Some(HttpAnswer {
            status: second.status,
            elasticsearch: first.elasticsearch || second.elasticsearch,
            server: second.server.or(first.server),
        }),
        (first, second) => second.or(first),
    }
}

fn conclude(signs: Vec<Sign>) -> Option<Plaintext> {
    let closed = signs.iter().any(|sign| sign.closed);
    let cut_short = signs.iter().any(|sign| sign.cut_short);
    let mut transport = None;
    let mut http = None;
    let mut bytes = Vec::new();
    for sign in signs {
        transport = transport.or(sign.transport);
        http = http.or(sign.http);
        if bytes.is_empty() {
            bytes = sign.bytes;
        }
    }
    let outcome = if transport.is_some() {
        PlaintextOutcome::Elasticsearch
    } else if http.is_some() {
        PlaintextOutcome::Http
    } else if bytes.starts_with(b"SSH-") {
        PlaintextOutcome::Ssh
    } else if !bytes.is_empty() {
        PlaintextOutcome::Banner
    } else if closed {
        PlaintextOutcome::Closed
    } else if cut_short {
        return None;
    } else {
        PlaintextOutcome::Silent
    };
    Some(Plaintext {
        outcome,
        banner: (!bytes.is_empty()).then(|| printable(&bytes)),
        transport: Fact::from(transport),
        http: Fact::from(http),
    })
}
