//! What listens at the address that the link dials.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::wire::{NodeWire, PREFIX};

/// First byte of a TLS record that begins a handshake (RFC 8446 §5.1).
pub(super) const TLS_HANDSHAKE: u8 = 22;

/// What recording `9.4.3/net-service_ssh.json` met.
const SSH_BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";

/// Longest that one connection is served.
const PATIENCE: Duration = Duration::from_mins(1);

/// Serves every connection until the handle is used.
pub(super) fn accept<F, S>(listener: TcpListener, serve: F) -> AbortHandle
where
    F: Fn(TcpStream) -> S + Send + Sync + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let task = tokio::spawn(async move {
        // Dropping the set ends the connections with the listener.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    // As `transport.tcp.no_delay` and `http.tcp.no_delay` are by default.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(tokio::time::timeout(PATIENCE, serve(stream)));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    });
    task.abort_handle()
}

/// A port of a node that speaks the transport protocol inside TLS.
pub(super) fn node_port(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    wire: Arc<NodeWire>,
) -> AbortHandle {
    let acceptor = TlsAcceptor::from(tls);
    accept(listener, move |stream| {
        let (acceptor, wire) = (acceptor.clone(), Arc::clone(&wire));
        async move {
            // A node closes on plain text without a byte; rustls would send an alert.
            if first_byte(&stream).await == Some(TLS_HANDSHAKE)
                && let Ok(stream) = acceptor.accept(stream).await
            {
                // That the caller is gone is its affair.
                let _ = speak(stream, &wire).await;
            }
        }
    })
}

/// A service that greets like an SSH server.
pub(super) fn ssh(listener: TcpListener) -> AbortHandle {
    accept(listener, |mut stream| async move {
        let _ = stream.write_all(SSH_BANNER).await;
        drain(stream).await;
    })
}

/// A service that accepts and never says a word.
pub(super) fn silent(listener: TcpListener) -> AbortHandle {
    accept(listener, drain)
}

/// The byte that the caller sends first, which stays to be read.
pub(super) async fn first_byte(stream: &TcpStream) -> Option<u8> {
    let mut byte = [0];
    let read = stream.peek(&mut byte).await.ok()?;
    byte.first().copied().filter(|_| read == 1)
}

/// Reads until the caller closes.
pub(super) async fn drain(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin, wire: &NodeWire) -> io::Result<()> {
    let (read, write) = split(stream);
    let (mut read, mut write) = (BufReader::new(read), BufWriter::new(write));
    loop {
        let mut prefix = [0; PREFIX];
        read.read_exact(&mut prefix).await?;
        let reply = match NodeWire::length(prefix) {
            Err(last_words) => last_words,
            Ok(length) => {
                let mut frame = prefix.to_vec();
                frame.resize(PREFIX + length, 0);
                if let Some(rest) = frame.get_mut(PREFIX..) {
                    read.read_exact(rest).await?;
                }
                wire.reply(&frame)
            }
        };
        write.write_all(&reply.bytes).await?;
        if reply.close {
            return write.shutdown().await;
        }
        // What was asked at once is answered at once.
        if read.buffer().len() < PREFIX {
            write.flush().await?;
        }
    }
}
