//! Connecting.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use super::wait::{Ended, millis_since, wait};
use crate::evidence::{Tcp, TcpOutcome};
use crate::probe::Deadline;

/// Longest wait for a connection: a lost SYN is sent again after 1, 3 and 7 seconds.
const LIMIT: Duration = Duration::from_secs(10);

/// The size that every path must carry (RFC 9293 §3.7.1).
const SMALL_SEGMENT: u32 = 536;

/// Connects to one address. `None` where the run ended before anything was known.
pub(super) async fn connect(
    address: SocketAddr,
    deadline: &Deadline,
) -> Option<(Tcp, Option<TcpStream>)> {
    connect_by(address, TcpStream::connect(address), deadline).await
}

/// Connects for segments of at most [`SMALL_SEGMENT`] bytes in both directions (RFC 9293 §3.7.1): what
/// passes so and not otherwise is lost for its size. `None` where that cannot be had here, or where
/// it does not connect.
pub(super) async fn connect_small(address: SocketAddr, deadline: &Deadline) -> Option<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let socket = socket.ok()?;
    limit_segments(&socket)?;
    connect_by(address, socket.connect(address), deadline)
        .await?
        .1
}

#[cfg(unix)]
fn limit_segments(socket: &TcpSocket) -> Option<()> {
    let socket = socket2::SockRef::from(socket);
    socket.set_tcp_mss(SMALL_SEGMENT).ok()
}

#[cfg(not(unix))]
fn limit_segments(_: &TcpSocket) -> Option<()> {
    None
}

async fn connect_by(
    address: SocketAddr,
    connecting: impl Future<Output = io::Result<TcpStream>>,
    deadline: &Deadline,
) -> Option<(Tcp, Option<TcpStream>)> {
    let started = Instant::now();
    let result = wait(deadline, LIMIT, connecting).await;
    let took_ms = millis_since(started);
    let failed = |outcome, words: &str| {
        let detail = Some(format!("connect {address}: {words}"));
        Some((
            Tcp {
                outcome,
                detail,
                took_ms,
            },
            None,
        ))
    };
    match result {
        Ok(Ok(stream)) => {
            // Frames are small and answered one by one.
            let _ = stream.set_nodelay(true);
            let tcp = Tcp {
                outcome: TcpOutcome::Connected,
                detail: None,
                took_ms,
            };
            Some((tcp, Some(stream)))
        }
        Ok(Err(error)) => failed(classify(&error), &error.to_string().to_lowercase()),
        Err(Ended::Silent) => {
            let words = format!("no answer within {:.1} s", took_ms / 1_000.0);
            failed(TcpOutcome::TimedOut, &words)
        }
        Err(Ended::CutShort) => None,
    }
}

fn classify(error: &io::Error) -> TcpOutcome {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => TcpOutcome::Refused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => TcpOutcome::Reset,
        io::ErrorKind::TimedOut => TcpOutcome::TimedOut,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => TcpOutcome::Unreachable,
        _ => TcpOutcome::Failed,
    }
}
