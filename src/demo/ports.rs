//! The ports of a pair, and what answers there.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::AbortHandle;
use url::Url;

use super::api::Api;
use super::certificates::Certificates;
use super::scenarios::{Listener, Setup};
use super::server;
use super::wire::NodeWire;

/// A port on loopback.
#[derive(Debug)]
pub(super) enum Port {
    /// Something will answer.
    Open(TcpListener),
    /// Bound and not listened at: the kernel refuses, and nobody else gets it while the pair runs.
    Closed(TcpSocket),
}

/// What keeps a pair alive.
#[derive(Debug)]
pub(super) enum Running {
    Served(AbortHandle),
    Reserved(#[expect(dead_code, reason = "held, not read")] Port),
}

/// All ports of a pair, before anything answers.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) local_http: Port,
    pub(super) remote_http: Port,
    /// b's remote cluster server.
    server: Port,
    /// Where the link dials, if that is none of the others.
    other: Port,
    local_transport: Port,
    remote_transport: Port,
    /// The port that the link dials.
    pub(super) link_port: u16,
}

impl Ports {
    pub(super) fn open(setup: &Setup) -> io::Result<Self> {
        let (server, other) = (
            Port::open()?,
            match setup.listener {
                Listener::Silent | Listener::Ssh => Port::open()?,
                _ => Port::closed()?,
            },
        );
        let remote_transport = match setup.listener {
            Listener::Transport => Port::open()?,
            _ => Port::closed()?,
        };
        let remote_http = Port::open()?;
        let link_port = match setup.listener {
            Listener::Closed | Listener::Silent | Listener::Ssh => other.number()?,
            Listener::Http => remote_http.number()?,
            Listener::RemoteClusterServer => server.number()?,
            Listener::Transport => remote_transport.number()?,
        };
        Ok(Self {
            local_http: Port::open()?,
            remote_http,
            server,
            other,
            local_transport: Port::closed()?,
            remote_transport,
            link_port,
        })
    }

    /// What stands for them in recorded answers.
    pub(super) fn texts(&self) -> io::Result<BTreeMap<&'static str, String>> {
        [
            ("link.port", Ok(self.link_port)),
            ("server.port", self.server.number()),
            ("local.http.port", self.local_http.number()),
            ("remote.http.port", self.remote_http.number()),
            ("local.transport.port", self.local_transport.number()),
            ("remote.transport.port", self.remote_transport.number()),
            ("dead.port", self.local_transport.number()),
        ]
        .into_iter()
        .map(|(name, port)| Ok((name, port?.to_string())))
        .collect()
    }

    /// Lets everything answer.
    pub(super) fn serve(
        self,
        listener: Listener,
        certificates: &Certificates,
        wire: NodeWire,
        local: Api,
        remote: Api,
    ) -> io::Result<Vec<Running>> {
        let wire = Arc::new(wire);
        let server_tls = certificates.server_config(false)?;
        let transport_tls = certificates.server_config(true)?;
        let server_wire = Arc::clone(&wire);
        Ok(vec![
            self.local_http.serve(|it| local.serve(it)),
            self.remote_http.serve(|it| remote.serve(it)),
            self.server
                .serve(|it| server::node_port(it, server_tls, server_wire)),
            self.other.serve(|it| match listener {
                Listener::Ssh => server::ssh(it),
                _ => server::silent(it),
            }),
            self.local_transport.serve(server::silent),
            self.remote_transport
                .serve(|it| server::node_port(it, transport_tls, wire)),
        ])
    }
}

impl Port {
    fn open() -> io::Result<Self> {
        let socket = bound()?;
        Ok(Self::Open(socket.listen(BACKLOG)?))
    }

    fn closed() -> io::Result<Self> {
        Ok(Self::Closed(bound()?))
    }

    pub(super) fn number(&self) -> io::Result<u16> {
        let address = match self {
            Self::Open(listener) => listener.local_addr(),
            Self::Closed(socket) => socket.local_addr(),
        };
        Ok(address?.port())
    }

    /// Base URL of an HTTP API there.
    pub(super) fn url(&self) -> io::Result<Url> {
        let url = format!("http://127.0.0.1:{}/", self.number()?);
        Url::parse(&url).map_err(io::Error::other)
    }

    fn serve(self, serve: impl FnOnce(TcpListener) -> AbortHandle) -> Running {
        match self {
            Self::Open(listener) => Running::Served(serve(listener)),
            closed @ Self::Closed(_) => Running::Reserved(closed),
        }
    }
}

impl Running {
    pub(super) fn stop(&self) {
        if let Self::Served(task) = self {
            task.abort();
        }
    }
}

/// Benchmarks dial a port many times at once.
const BACKLOG: u32 = 1024;

fn bound() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket)
}
