//! What a port says without TLS, asked where TLS could not be started.

use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::transport::{self, Conversation, Greeting};
use super::wait::Ended;
use super::{Dial, http, printable, tcp};
use crate::evidence::{Fact, HttpAnswer, Plaintext, PlaintextOutcome, Transport};
use crate::probe::Stopped;
use crate::wire::HelloForm;

/// Longest wait for a service that speaks first, after which it is asked `PING`: Redis and
/// Memcached answer lines only, and Redis closes on HTTP.
const GREETING_LIMIT: Duration = Duration::from_millis(1_500);
const PING: &[u8] = b"PING\r\n";

/// `PostgreSQL` closes on everything but this request for TLS, which it answers with one letter
/// (`SSLRequest` of its frontend protocol).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

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

/// What a port says without TLS, and the words it said in full.
#[derive(Debug)]
pub(super) struct Look {
    pub plaintext: Plaintext,
    pub heard: Vec<Vec<u8>>,
}

/// Looks at a port without TLS. `heard` is what came instead of TLS already: then only an HTTP
/// server is asked once more. Else three new connections, side by side, and no more than are needed:
/// the Elasticsearch handshake, an HTTP request, and silence for a service that speaks first. What
/// closes all of them is asked once more, as a database. `None` where the run ended before anything
/// was known.
pub(super) async fn look(dial: &Dial<'_>, heard: Vec<u8>) -> Option<Look> {
    if !heard.is_empty() {
        let mut sign = Sign {
            http: http::parse(&heard),
            ..Sign::default()
        };
        let mut all = Vec::new();
        if sign.http.is_some() {
            let again = asked(dial).await;
            sign.http = better(sign.http, again.http);
            all.push(again.bytes);
        }
        sign.bytes.clone_from(&heard);
        all.push(heard);
        let plaintext = conclude(vec![sign])?;
        return Some(Look {
            plaintext,
            heard: all,
        });
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
    drop(tries);
    let mute = signs.iter().all(|sign| {
        sign.transport.is_none() && sign.http.is_none() && sign.bytes.is_empty() && !sign.cut_short
    });
    if mute && signs.iter().filter(|sign| sign.closed).count() > 1 {
        signs.push(asked_for_tls(dial).await);
    }
    let heard = signs.iter().map(|sign| sign.bytes.clone()).collect();
    let plaintext = conclude(signs)?;
    Some(Look { plaintext, heard })
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
    match words(&mut stream, GREETING_LIMIT, dial).await {
        // That it closes on who says nothing is no answer to anything.
        Some(Sign {
            closed: false,
            bytes,
            ..
        }) if bytes.is_empty() => {}
        Some(sign) => {
            return Sign {
                closed: false,
                ..sign
            };
        }
        None => return cut_short(),
    }
    let _ = stream.write_all(PING).await;
    let sign = words(&mut stream, GREETING_LIMIT, dial).await;
    sign.map_or_else(cut_short, |sign| Sign {
        http: http::parse(&sign.bytes),
        ..sign
    })
}

async fn asked_for_tls(dial: &Dial<'_>) -> Sign {
    let Some(mut stream) = connect(dial).await else {
        return closed();
    };
    let _ = stream.write_all(&SSL_REQUEST).await;
    let sign = words(&mut stream, GREETING_LIMIT, dial).await;
    sign.unwrap_or_else(cut_short)
}

/// What comes next; `None` where the run ended first.
async fn words(stream: &mut TcpStream, limit: Duration, dial: &Dial<'_>) -> Option<Sign> {
    let mut chunk = [0; 512];
    match dial
        .deadline
        .at_most(limit)
        .run(stream.read(&mut chunk))
        .await
    {
        Ok(Ok(count)) if count > 0 => Some(Sign {
            bytes: chunk[..count].to_vec(),
            ..Sign::default()
        }),
        Ok(_) => Some(closed()),
        Err(_) if dial.deadline.remaining().is_zero() => None,
        Err(Stopped::Interrupted) => None,
        Err(Stopped::TimedOut) => Some(Sign::default()),
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
