//! One address: connecting, then TLS or plain text, then who is there.

use std::pin::Pin;
use std::time::Duration;

use futures_util::future::{Either, join, maybe_done, select};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};
use tokio_rustls::client::TlsStream;

use super::authentication::{self, Tried};
use super::fingerprint::Heard;
use super::tap::Tap;
use super::transport::{self, Answers, Conversation, Greeting};
use super::wait::millis_since;
use super::way::Pinged;
use super::{Dial, fingerprint, http, other_names, plaintext, tcp, tls, verdict, way};
use crate::evidence::{
    Attempt, Fact, HttpAnswer, LargeRecord, NameTrial, PortKind, Tls, TlsOutcome, Transport,
};
use crate::wire::{Hello, HelloForm, PortAnswer};

/// Silence inside TLS after which HTTP is asked as well, beside the wait: an HTTP port never answers
/// a transport frame.
const HTTP_AFTER: Duration = Duration::from_millis(500);

/// Silence after the `ClientHello` after which the port is looked at without TLS as well.
const PLAINTEXT_AFTER: Duration = Duration::from_secs(3);

/// `None` where the run ended before it was known whether the address can be connected to.
pub(super) async fn attempt(dial: Dial<'_>) -> Option<Attempt> {
    let (tcp, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut attempt = Attempt::new(dial.address.to_string(), tcp);
    let Some(stream) = stream else {
        return Some(attempt);
    };
    let mut heard = Heard::default();
    if let Some(secured) = Box::pin(secure(stream, &dial)).await {
        let tls::Handshake {
            mut tls,
            stream,
            chain,
            ..
        } = secured.handshake;
        if let Some(look) = secured.look {
            attempt.plaintext = Fact::Known(look.plaintext);
            heard.plain = look.heard;
        }
        attempt.other_names = Fact::Known(secured.names);
        if secured.passes_when_small {
            attempt.large_record = Fact::Known(LargeRecord::LostInward);
        }
        let talk = async { Some(Box::pin(inside(stream?, &mut tls, &dial)).await) };
        let (talk, verdict) = join(talk, verdict::judge(&chain, &dial)).await;
        verdict.record(&mut tls);
        if let Some(inside) = talk {
            attempt.transport = inside.transport.into();
            attempt.http = inside.http.into();
            heard.inside = inside.heard;
            let large = inside.pinged.large.map(|passed| {
                if passed {
                    LargeRecord::Passed
                } else {
                    LargeRecord::LostOutward
                }
            });
            attempt.large_record = large.into();
            let trips = [
                Some(attempt.tcp.took_ms),
                inside.greeted,
                inside.pinged.round_trip,
            ];
            attempt.round_trips_ms = Fact::Known(trips.into_iter().flatten().collect());
            if let Some(tried) = inside.tried {
                tried.record(&mut attempt);
            }
        }
        attempt.tls = Fact::Known(tls);
    }
    attempt.listener = fingerprint::conclude(&attempt, &heard).into();
    Some(attempt)
}

/// What became of TLS, and what was looked at because of that.
struct Secured {
    handshake: tls::Handshake,
    look: Option<plaintext::Look>,
    names: Vec<NameTrial>,
    passes_when_small: bool,
}

/// Starts TLS; where that fails without TLS being spoken, or nothing comes for long, looks at the port
/// without TLS and tries other names and smaller packets. `None` where the run ended first.
async fn secure(stream: TcpStream, dial: &Dial<'_>) -> Option<Secured> {
    let handshake = Box::pin(tls::handshake(stream, dial));
    let (handshake, early) = match select(handshake, Box::pin(sleep(PLAINTEXT_AFTER))).await {
        Either::Left((handshake, _)) => (handshake, None),
        Either::Right(((), handshake)) => {
            let looks = Box::pin(join(
                plaintext::look(dial, Vec::new()),
                way::passes_when_small(dial),
            ));
            let (handshake, looks) = join(handshake, looks).await;
            (handshake, Some(looks))
        }
    };
    let mut handshake = handshake?;
    let outcome = handshake.tls.outcome;
    let no_chain = handshake.tls.chain.is_unknown();
    let other = other_names::worth_it(&handshake.tls, dial);
    let names = async {
        if other {
            Box::pin(other_names::try_all(dial)).await
        } else {
            Vec::new()
        }
    };
    let (look, names, passes_when_small) = match (outcome, early) {
        (TlsOutcome::TimedOut, Some((look, small))) => (look, Vec::new(), small),
        (TlsOutcome::NotTls | TlsOutcome::Closed | TlsOutcome::Reset | TlsOutcome::TimedOut, _)
            if no_chain =>
        {
            let heard = std::mem::take(&mut handshake.foreign);
            let (look, names) = Box::pin(join(plaintext::look(dial, heard), names)).await;
            (look, names, false)
        }
        _ => (None, names.await, false),
    };
    Some(Secured {
        handshake,
        look,
        names,
        passes_when_small,
    })
}

type TlsConnection = TlsStream<Tap<TcpStream>>;

/// What was found inside TLS.
#[derive(Default)]
struct Inside {
    transport: Option<Transport>,
    http: Option<HttpAnswer>,
    /// The words in full.
    heard: Vec<Vec<u8>>,
    /// Milliseconds until the Elasticsearch handshake was answered.
    greeted: Option<f64>,
    pinged: Pinged,
    tried: Option<Tried>,
}

/// Speaks the transport protocol inside TLS, and HTTP where that brings nothing; tries the key where a
/// remote cluster server answers.
async fn inside(stream: TlsConnection, tls: &mut Tls, dial: &Dial<'_>) -> Inside {
    let mut found = Inside::default();
    // The connection for the key is made meanwhile.
    let mut ready = maybe_done(Box::pin(authentication::prepare(dial)));
    let greeted = Box::pin(greet(Conversation::new(stream), &mut found, dial));
    let (conversation, greeting) = beside(greeted, &mut ready).await;
    let Some(greeting) = greeting else {
        return found;
    };
    let mut transport = transport::evidence(&greeting);
    match &greeting {
        Greeting::Hello(hello) => {
            let asked = Box::pin(ask(conversation, hello, dial));
            let (pinged, answers) = beside(asked, &mut ready).await;
            found.pinged = pinged;
            if answers.port == Some(PortAnswer::RemoteClusterServer) {
                (&mut ready).await;
                if let Some(ready) = Pin::new(&mut ready).take_output().flatten() {
                    found.tried = Box::pin(ready.try_key(hello, tls, dial)).await;
                }
            }
            transport::add(&mut transport, answers);
        }
        Greeting::Alert(name) => tls.alert = Some(name.clone()),
        Greeting::Foreign(bytes) => {
            found.http = found.http.take().or_else(|| http::parse(bytes));
            found.heard.push(bytes.clone());
        }
        _ => {}
    }
    if transport.port_kind.is_unknown()
        && matches!(greeting, Greeting::Hello(_) | Greeting::Alert(_))
        && tls.client_certificate_requested == Fact::Known(true)
    {
        transport.port_kind = Fact::Known(PortKind::Transport);
    }
    found.transport = Some(transport);
    found
}

/// Awaits a future while another one gets on.
async fn beside<T>(
    main: impl Future<Output = T> + Unpin,
    other: &mut (impl Future<Output = ()> + Unpin),
) -> T {
    match select(main, other).await {
        Either::Left((result, _)) => result,
        Either::Right(((), main)) => main.await,
    }
}

/// Says hello and, where no Elasticsearch answers, asks in HTTP too. Returns the connection that goes on.
async fn greet(
    mut conversation: Conversation<TlsConnection>,
    found: &mut Inside,
    dial: &Dial<'_>,
) -> (Conversation<TlsConnection>, Option<Greeting>) {
    let started = Instant::now();
    let hello = Box::pin(conversation.greet(HelloForm::V7, dial.deadline));
    let (greeting, mut http) = match select(hello, Box::pin(sleep(HTTP_AFTER))).await {
        Either::Left((greeting, _)) => (greeting, None),
        Either::Right(((), hello)) => match select(hello, Box::pin(https(dial))).await {
            Either::Left((greeting, _)) => (greeting, None),
            // An HTTP port is silent for ever: no need to wait for it any longer.
            Either::Right((Some(http @ (Some(_), _)), _)) => (Some(Greeting::Silent), Some(http)),
            Either::Right((Some((None, bytes)), _)) => (Some(Greeting::Foreign(bytes)), None),
            Either::Right((None, hello)) => (hello.await, None),
        },
    };
    found.greeted = matches!(greeting, Some(Greeting::Hello(_))).then(|| millis_since(started));
    let greeting = match greeting {
        Some(ended @ (Greeting::Closed | Greeting::Reset)) => {
            // Another form of the handshake may do, or it speaks HTTP and closes on all else.
            let (again, answer) = Box::pin(join(greet_again(dial), https(dial))).await;
            http = http.or(answer);
            match again {
                Some((again, Greeting::Hello(hello))) => {
                    conversation = again;
                    Some(Greeting::Hello(hello))
                }
                _ => Some(ended),
            }
        }
        Some(Greeting::Foreign(bytes)) => {
            // What complains of a frame in HTTP says to a proper request who it is.
            if http::parse(&bytes).is_some() {
                http = http.or(Box::pin(https(dial)).await);
            }
            Some(Greeting::Foreign(bytes))
        }
        greeting => greeting,
    };
    if let Some((answer, bytes)) = http {
        found.http = answer;
        found.heard.push(bytes);
    }
    (conversation, greeting)
}

/// Measures the way and asks which port it is.
async fn ask(
    mut conversation: Conversation<TlsConnection>,
    hello: &Hello,
    dial: &Dial<'_>,
) -> (Pinged, Answers) {
    if let Some((trip, mut answers)) = conversation.ping_and_ask(hello, dial.deadline).await {
        if answers.port.is_none() {
            let again = async { Some(connect(dial).await?.ask_port(hello, dial.deadline).await) };
            answers.port = Box::pin(again).await.and_then(|answers| answers.port);
        }
        let pinged = Pinged {
            round_trip: Some(trip),
            large: Some(true),
        };
        return (pinged, answers);
    }
    // One by one, on connections that nothing has spoilt yet.
    let measured = async {
        let mut again = connect(dial).await?;
        Some(way::measure(again.stream(), dial.deadline).await)
    };
    let asked = async { Some(connect(dial).await?.ask(hello, dial.deadline).await) };
    let (measured, asked) = Box::pin(join(measured, asked)).await;
    let silent = || Answers {
        release: hello.release.clone(),
        port: None,
    };
    (measured.unwrap_or_default(), asked.unwrap_or_else(silent))
}

/// The other form of the handshake on a new connection.
async fn greet_again(dial: &Dial<'_>) -> Option<(Conversation<TlsConnection>, Greeting)> {
    let mut conversation = connect(dial).await?;
    let greeting = conversation.greet(HelloForm::V8, dial.deadline).await?;
    Some((conversation, greeting))
}

/// An answer to `GET /` with its bytes; nothing where no bytes came.
async fn https(dial: &Dial<'_>) -> Option<(Option<HttpAnswer>, Vec<u8>)> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut stream = tls::handshake(stream?, dial).await?.stream?;
    let (answer, bytes) = http::get(&mut stream, dial.host, dial.deadline)
        .await
        .ok()?;
    (!bytes.is_empty()).then_some((answer, bytes))
}

/// A new connection with TLS.
pub(super) async fn connect(dial: &Dial<'_>) -> Option<Conversation<TlsConnection>> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let stream = tls::handshake(stream?, dial).await?.stream?;
    Some(Conversation::new(stream))
}
