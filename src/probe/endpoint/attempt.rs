//! One address: connecting, then TLS or plain text, then who is there.

use std::time::Duration;

use futures_util::future::{Either, join, select};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::client::TlsStream;

use super::authentication::{self, Tried};
use super::tap::Tap;
use super::transport::{self, Answers, Conversation, Greeting};
use super::{Dial, http, plaintext, tcp, tls};
use crate::evidence::{Attempt, Fact, HttpAnswer, Plaintext, PortKind, Tls, TlsOutcome, Transport};
use crate::wire::{self, HelloForm, PortAnswer};

/// Silence inside TLS after which HTTP is asked as well, beside the wait: an HTTP port never answers
/// a transport frame.
const HTTP_AFTER: Duration = Duration::from_millis(500);

/// Silence after the `ClientHello` after which the port is looked at without TLS as well.
const PLAINTEXT_AFTER: Duration = Duration::from_secs(3);

/// `None` where the run ended before it was known whether the address can be connected to.
pub(super) async fn attempt(dial: Dial<'_>) -> Option<Attempt> {
    let (tcp, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut attempt = Attempt {
        address: dial.address.to_string(),
        tcp,
        tls: Fact::Unknown,
        trust: Fact::Unknown,
        given_trust: Fact::Unknown,
        refusals: Fact::Unknown,
        undecided: Vec::new(),
        transport: Fact::Unknown,
        authentication: Fact::Unknown,
        key_withheld: None,
        http: Fact::Unknown,
        plaintext: Fact::Unknown,
    };
    let Some(stream) = stream else {
        return Some(attempt);
    };
    let (handshake, plaintext) = secure(stream, &dial).await;
    attempt.plaintext = plaintext.into();
    if let Some(tls::Handshake {
        mut tls, stream, ..
    }) = handshake
    {
        if let Some(stream) = stream {
            let said = Box::pin(inside(stream, &mut tls, &dial)).await;
            attempt.transport = said.transport.into();
            attempt.http = said.http.into();
            if let Some(tried) = said.tried {
                tried.record(&mut attempt);
            }
        }
        attempt.tls = Fact::Known(tls);
    }
    Some(attempt)
}

/// Starts TLS; where that fails without TLS being spoken, or nothing comes for long, looks at the port
/// without TLS.
async fn secure(stream: TcpStream, dial: &Dial<'_>) -> (Option<tls::Handshake>, Option<Plaintext>) {
    let handshake = Box::pin(tls::handshake(stream, dial));
    let (handshake, plaintext) = match select(handshake, Box::pin(sleep(PLAINTEXT_AFTER))).await {
        Either::Left((handshake, _)) => (handshake, None),
        Either::Right(((), handshake)) => {
            let (handshake, plaintext) = join(handshake, plaintext::look(dial, Vec::new())).await;
            (handshake, plaintext)
        }
    };
    let Some(mut done) = handshake else {
        return (None, None);
    };
    let plaintext = match (done.tls.outcome, plaintext) {
        (TlsOutcome::TimedOut, Some(plaintext)) => Some(plaintext),
        (TlsOutcome::NotTls | TlsOutcome::Closed | TlsOutcome::Reset | TlsOutcome::TimedOut, _)
            if done.tls.chain.is_unknown() =>
        {
            let heard = std::mem::take(&mut done.foreign);
            plaintext::look(dial, heard).await
        }
        _ => None,
    };
    (Some(done), plaintext)
}

type TlsConnection = TlsStream<Tap<TcpStream>>;

/// What a peer said inside TLS.
#[derive(Default)]
struct Said {
    transport: Option<Transport>,
    http: Option<HttpAnswer>,
    tried: Option<Tried>,
}

/// Speaks the transport protocol inside TLS, and HTTP where that brings nothing; tries the key where a
/// remote cluster server answers.
async fn inside(stream: TlsConnection, tls: &mut Tls, dial: &Dial<'_>) -> Said {
    let mut conversation = Conversation::new(stream);
    let greet = Box::pin(conversation.greet(HelloForm::V7, dial.deadline));
    let (greeting, mut http) = match select(greet, Box::pin(sleep(HTTP_AFTER))).await {
        Either::Left((greeting, _)) => (greeting, None),
        Either::Right(((), greet)) => match select(greet, Box::pin(https(dial))).await {
            Either::Left((greeting, _)) => (greeting, None),
            // An HTTP port is silent for ever: no need to wait for it any longer.
            Either::Right((Some(http), _)) => (Some(Greeting::Silent), Some(http)),
            Either::Right((None, greet)) => (greet.await, None),
        },
    };
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
        greeting => greeting,
    };
    let Some(greeting) = greeting else {
        return Said {
            http,
            ..Said::default()
        };
    };
    let mut tried = None;
    let mut transport = transport::evidence(&greeting);
    match &greeting {
        Greeting::Hello(hello) => {
            let asked = conversation.ask(hello, dial.deadline);
            // The connection for the key is made meanwhile.
            let (mut answers, ready) = join(asked, Box::pin(authentication::prepare(dial))).await;
            let asked_both = hello.transport_version >= wire::FIRST_WITH_RELEASE;
            if asked_both
                && answers == Answers::default()
                && let Some(mut again) = connect(dial).await
            {
                answers = again.ask_port(hello, dial.deadline).await;
            }
            if answers.port == Some(PortAnswer::RemoteClusterServer)
                && let Some(ready) = ready
            {
                tried = Box::pin(ready.try_key(hello, tls, dial)).await;
            }
            transport::add(&mut transport, answers);
        }
        Greeting::Alert(name) => tls.alert = Some(name.clone()),
        Greeting::Foreign(bytes) if http.is_none() => http = http::parse(bytes),
        _ => {}
    }
    if transport.port_kind.is_unknown()
        && matches!(greeting, Greeting::Hello(_) | Greeting::Alert(_))
        && tls.client_certificate_requested == Fact::Known(true)
    {
        transport.port_kind = Fact::Known(PortKind::Transport);
    }
    Said {
        transport: Some(transport),
        http,
        tried,
    }
}

/// The other form of the handshake on a new connection.
async fn greet_again(dial: &Dial<'_>) -> Option<(Conversation<TlsConnection>, Greeting)> {
    let mut conversation = connect(dial).await?;
    let greeting = conversation.greet(HelloForm::V8, dial.deadline).await?;
    Some((conversation, greeting))
}

async fn https(dial: &Dial<'_>) -> Option<HttpAnswer> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let mut stream = tls::handshake(stream?, dial).await?.stream?;
    http::get(&mut stream, dial.host, dial.deadline)
        .await
        .ok()?
        .0
}

async fn connect(dial: &Dial<'_>) -> Option<Conversation<TlsConnection>> {
    let (_, stream) = tcp::connect(dial.address, dial.deadline).await?;
    let stream = tls::handshake(stream?, dial).await?.stream?;
    Some(Conversation::new(stream))
}
