//! The way to an address: large packets, round trips, and what becomes of a connection left alone.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use super::transport::Greeting;
use super::wait::{Ended, millis_since, wait};
use super::{Dial, attempt, tcp, tls};
use crate::evidence::{Idle, IdleOutcome, TlsOutcome};
use crate::probe::{Deadline, Stopped};
use crate::wire::HelloForm;

/// A frame without a message, which a node sends back as it is, before any authentication
/// (`TransportKeepAlive`).
const PING: [u8; 6] = *b"ES\xff\xff\xff\xff";

/// Pings in one record: more bytes than a packet of Ethernet carries.
const MANY: usize = 256;

/// Longest wait for pings to come back: a lost segment is sent again after 0.2, 0.6, 1.4, 3 s.
const PING_LIMIT: Duration = Duration::from_secs(4);

/// Longest wait for an answer on a connection that was left alone.
const AWAKE_LIMIT: Duration = Duration::from_secs(10);

/// Sends so many pings in one piece and waits until all are back. Returns the milliseconds that it
/// took, `Ok(None)` where they did not come back, and an error where the run ended or the peer closed.
async fn ping(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    count: usize,
    limit: Duration,
    deadline: &Deadline,
) -> Result<Option<f64>, ()> {
    let started = Instant::now();
    let exchange = async {
        stream.write_all(&PING.repeat(count)).await?;
        stream.flush().await?;
        let mut answer = vec![0; PING.len() * count];
        stream.read_exact(&mut answer).await?;
        Ok::<_, io::Error>(answer.chunks(PING.len()).all(|it| it == PING))
    };
    match wait(deadline, limit, exchange).await {
        Ok(Ok(true)) => Ok(Some(millis_since(started))),
        Err(Ended::Silent) => Ok(None),
        Ok(_) | Err(Ended::CutShort) => Err(()),
    }
}

/// Sends one ping, many in one record, and what goes behind them, without waiting in between. Returns
/// the milliseconds of the first one where all of them came back; `None` tells nothing of why not.
pub(super) async fn ping_through(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    behind: &[u8],
    deadline: &Deadline,
) -> Option<f64> {
    let started = Instant::now();
    let many = PING.repeat(MANY);
    let exchange = async {
        for piece in [&PING[..], &many, behind] {
            stream.write_all(piece).await?;
            stream.flush().await?;
        }
        let mut answer = vec![0; PING.len()];
        stream.read_exact(&mut answer).await?;
        let took = millis_since(started);
        answer.resize(PING.len() + many.len(), 0);
        stream.read_exact(&mut answer[PING.len()..]).await?;
        let pings = answer.chunks(PING.len()).all(|it| it == PING);
        io::Result::Ok(pings.then_some(took))
    };
    wait(deadline, PING_LIMIT, exchange).await.ok()?.ok()?
}

/// What pings over an open connection told.
#[derive(Debug, Default)]
pub(super) struct Pinged {
    /// Milliseconds of a ping.
    pub round_trip: Option<f64>,
    /// Whether a large record came back; `None` where nothing is known.
    pub large: Option<bool>,
}

/// One ping, then many in one record. Where the record is lost, the connection leads nowhere any more.
pub(super) async fn measure(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    deadline: &Deadline,
) -> Pinged {
    let Ok(Some(round_trip)) = ping(stream, 1, PING_LIMIT, deadline).await else {
        return Pinged::default();
    };
    let large = ping(stream, MANY, PING_LIMIT, deadline).await;
    Pinged {
        round_trip: Some(round_trip),
        large: large.ok().map(|it| it.is_some()),
    }
}

/// Whether TLS completes with small segments, asked where it got no answer with large ones.
pub(super) async fn passes_when_small(dial: &Dial<'_>) -> bool {
    let Some(stream) = tcp::connect_small(dial.address, dial.deadline).await else {
        return false;
    };
    let handshake = tls::handshake(stream, dial).await;
    handshake.is_some_and(|it| it.tls.outcome == TlsOutcome::Completed)
}

/// Opens a connection, leaves it alone and uses it again. `None` where Elasticsearch does not answer
/// on it in the first place, or where the run ended first.
pub(super) async fn leave_alone(dial: &Dial<'_>, span: Duration) -> Option<Idle> {
    let mut conversation = attempt::connect(dial).await?;
    let greeting = conversation.greet(HelloForm::V7, dial.deadline).await?;
    if !matches!(greeting, Greeting::Hello(_)) {
        return None;
    }
    watch(conversation.stream(), span, dial.deadline).await
}

async fn watch(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    span: Duration,
    deadline: &Deadline,
) -> Option<Idle> {
    let started = Instant::now();
    let mut byte = [0; 64];
    let ended = async {
        loop {
            match stream.read(&mut byte).await {
                Ok(0) => return IdleOutcome::Closed,
                // Nodes with a ping schedule send pings of their own.
                Ok(_) => {}
                Err(error) => return of_error(&error),
            }
        }
    };
    let waited = async {
        tokio::select! {
            outcome = ended => Some(outcome),
            () = sleep(span) => None,
        }
    };
    let outcome = match deadline.run(waited).await {
        Ok(outcome) => outcome,
        Err(Stopped::Interrupted | Stopped::TimedOut) => return None,
    };
    let seconds = started.elapsed().as_secs_f64();
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => awake(stream, deadline).await?,
    };
    Some(Idle { outcome, seconds })
}

async fn awake(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    deadline: &Deadline,
) -> Option<IdleOutcome> {
    let exchange = async {
        stream.write_all(&PING).await?;
        stream.flush().await?;
        let mut answer = [0; PING.len()];
        stream.read_exact(&mut answer).await
    };
    match wait(deadline, AWAKE_LIMIT, exchange).await {
        Ok(Ok(_)) => Some(IdleOutcome::Alive),
        Ok(Err(error)) => Some(of_error(&error)),
        Err(Ended::Silent) => Some(IdleOutcome::Forgotten),
        Err(Ended::CutShort) => None,
    }
}

fn of_error(error: &io::Error) -> IdleOutcome {
    match error.kind() {
        // Also what TLS says of a connection that was closed without its farewell.
        io::ErrorKind::UnexpectedEof => IdleOutcome::Closed,
        _ => IdleOutcome::Reset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node's half: every ping comes back.
    async fn echo(mut stream: tokio::io::DuplexStream) {
        let mut frame = [0; PING.len()];
        while stream.read_exact(&mut frame).await.is_ok() {
            let _ = stream.write_all(&frame).await;
        }
    }

    #[tokio::test]
    async fn pings_come_back_or_not() {
        let (deadline, _interrupt) = Deadline::after(Duration::from_secs(20));
        let (mut ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(echo(theirs));
        let seen = measure(&mut ours, &deadline).await;
        assert!(seen.round_trip.is_some());
        assert_eq!(seen.large, Some(true));
        let trip = ping_through(&mut ours, &PING, &deadline).await;
        assert!(trip.is_some());
        let mut behind = [0; PING.len()];
        ours.read_exact(&mut behind).await.unwrap();
        assert_eq!(behind, PING);

        let (mut ours, theirs) = tokio::io::duplex(1 << 16);
        drop(theirs);
        let seen = measure(&mut ours, &deadline).await;
        assert_eq!((seen.round_trip, seen.large), (None, None));
        assert_eq!(ping_through(&mut ours, &[], &deadline).await, None);
    }

    #[tokio::test]
    async fn idle_connections_live_close_or_are_forgotten() {
        let (deadline, _interrupt) = Deadline::after(Duration::from_secs(200));
        let span = Duration::from_millis(300);
        let (mut ours, theirs) = tokio::io::duplex(64);
        tokio::spawn(echo(theirs));
        let idle = watch(&mut ours, span, &deadline).await.unwrap();
        assert_eq!(idle.outcome, IdleOutcome::Alive);
        assert!(idle.seconds >= 0.3);

        let (mut ours, theirs) = tokio::io::duplex(64);
        tokio::spawn(async move {
            sleep(Duration::from_millis(100)).await;
            drop(theirs);
        });
        let idle = watch(&mut ours, span, &deadline).await.unwrap();
        assert_eq!(idle.outcome, IdleOutcome::Closed);
        assert!((0.1..0.3).contains(&idle.seconds));
    }
}
