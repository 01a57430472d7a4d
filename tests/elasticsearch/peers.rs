//! Foreign services and a relay, served by the test process itself.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::node::RUNTIME;

/// A listener on loopback. Dropping it closes it and every connection that it took.
pub(crate) struct Peer {
    pub(crate) port: u16,
    task: JoinHandle<()>,
}

impl Peer {
    /// Accepts and never says a word.
    pub(crate) fn silent() -> Result<Self> {
        Self::saying(b"")
    }

    /// Greets as an SSH server does, and then says nothing.
    pub(crate) fn ssh() -> Result<Self> {
        Self::saying(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    }

    /// Passes everything on to another port on loopback.
    pub(crate) fn relay(target: u16) -> Result<Self> {
        Self::relay_at(0, target)
    }

    /// As [`Peer::relay`], at a known port.
    pub(crate) fn relay_at(port: u16, target: u16) -> Result<Self> {
        let listener = listen(port)?;
        let port = listener.local_addr()?.port();
        let task = RUNTIME.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                connections.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Ok(Self { port, task })
    }

    fn saying(greeting: &'static [u8]) -> Result<Self> {
        let listener = listen(0)?;
        let port = listener.local_addr()?.port();
        let task = RUNTIME.spawn(async move {
            let mut connections = Vec::new();
            while let Ok((mut connection, _)) = listener.accept().await {
                let _ = connection.write_all(greeting).await;
                connections.push(connection);
            }
        });
        Ok(Self { port, task })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
        // The listener is closed once the task is gone; a relay comes back at the same port.
        while !self.task.is_finished() {
            std::thread::yield_now();
        }
    }
}

/// A port on loopback where nothing listens.
pub(crate) fn closed_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn listen(port: u16) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(RUNTIME.block_on(TcpListener::bind(address))?)
}
