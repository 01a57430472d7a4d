//! Ways that lose large packets, cut idle connections, or break after some bytes.

use crosscheck::evidence::{IdleOutcome, LargeRecord};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::*;

/// What a relay does to the bytes that it carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Writes of more than a packet's worth towards the node are lost, and all behind them: TCP waits
    /// for the lost segment.
    LosesLargeRequests,
    /// Answers of more than a packet's worth are lost, unless the client has announced small segments.
    LosesLargeAnswers,
    /// Closes after so long without a byte.
    ClosesIdle(Duration),
    /// Resets after so long without a byte.
    ResetsIdle(Duration),
    /// Swallows everything after so long without a byte.
    ForgetsIdle(Duration),
    /// Resets after so many bytes towards the client.
    ResetsAfter(usize),
}

/// A packet's worth on Ethernet.
const PACKET: usize = 1460;

pub(super) async fn relay(to: String, way: Way) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let to = to.clone();
            tokio::spawn(async move {
                let node = TcpStream::connect(&to).await.unwrap();
                carry(client, node, way).await;
            });
        }
    });
    address
}

async fn carry(mut client: TcpStream, mut node: TcpStream, way: Way) {
    let small = socket2::SockRef::from(&client)
        .tcp_mss()
        .unwrap_or(u32::MAX)
        <= 600;
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut sent_down = 0;
    let idle = match way {
        Way::ClosesIdle(after) | Way::ResetsIdle(after) | Way::ForgetsIdle(after) => after,
        _ => Duration::from_hours(1),
    };
    loop {
        tokio::select! {
            count = client.read(&mut up) => match count {
                Ok(count) if count > 0 => {
                    if matches!(way, Way::LosesLargeRequests) && count > PACKET {
                        return forget(client).await;
                    }
                    if node.write_all(&up[..count]).await.is_err() { return; }
                }
                _ => return,
            },
            count = node.read(&mut down) => match count {
                Ok(count) if count > 0 => {
                    if matches!(way, Way::LosesLargeAnswers) && count > 600 && !small {
                        return forget(client).await;
                    }
                    sent_down += count;
                    if let Way::ResetsAfter(limit) = way && sent_down > limit {
                        return reset(client);
                    }
                    if client.write_all(&down[..count]).await.is_err() { return; }
                }
                _ => return,
            },
            () = sleep(idle) => match way {
                Way::ClosesIdle(_) => return,
                Way::ResetsIdle(_) => return reset(client),
                _ => return forget(client).await,
            },
        }
    }
}

async fn forget(client: impl AsyncRead + AsyncWrite + Unpin) {
    silence(client).await;
}

fn reset(client: TcpStream) {
    let socket = socket2::Socket::from(client.into_std().unwrap());
    socket.set_linger(Some(Duration::ZERO)).unwrap();
}

pub(super) async fn server() -> peers::Peer {
    let ca = Ca::new("remote-ca");
    node(
        SERVER_9_4,
        &ca.leaf(&[NAME], |_| ()),
        &TlsOptions::default(),
    )
    .await
}

#[tokio::test]
async fn a_way_that_carries_everything() {
    let server = server().await;
    let endpoint = look(&server.address(), 10).await;
    let attempt = only(&endpoint);
    assert_eq!(attempt.large_record, Fact::Known(LargeRecord::Passed));
    let trips = attempt.round_trips_ms.known().unwrap();
    assert_eq!(trips.len(), 3, "connecting, handshake, ping");
    assert_eq!(endpoint.idle, Fact::Known(None));
}

#[tokio::test]
async fn large_packets_are_lost_one_way_or_the_other() {
    let server = server().await;
    let outward = relay(server.address(), Way::LosesLargeRequests).await;
    let inward = relay(server.address(), Way::LosesLargeAnswers).await;
    let (outward, inward) = tokio::join!(look(&outward, 25), look(&inward, 25));
    let attempt = only(&outward);
    assert_eq!(transport(attempt).outcome, TransportOutcome::Answered);
    assert_eq!(attempt.large_record, Fact::Known(LargeRecord::LostOutward));
    // The port was asked on another connection.
    assert_eq!(
        transport(attempt).port_kind,
        Fact::Known(PortKind::RemoteClusterServer)
    );
    let attempt = only(&inward);
    assert_eq!(secured(attempt).outcome, TlsOutcome::TimedOut);
    assert_eq!(attempt.large_record, Fact::Known(LargeRecord::LostInward));
}

#[tokio::test]
async fn idle_connections_are_cut_in_every_way() {
    let server = server().await;
    let idle = Duration::from_secs(3);
    let cut = Duration::from_secs(1);
    let identity = Identity {
        idle: Some(idle),
        ..Identity::default()
    };
    let direct = server.address();
    let closes = relay(server.address(), Way::ClosesIdle(cut)).await;
    let resets = relay(server.address(), Way::ResetsIdle(cut)).await;
    let forgets = relay(server.address(), Way::ForgetsIdle(cut)).await;
    let (direct, closes, resets, forgets) = tokio::join!(
        look_as(&direct, Some(NAME), identity, 30),
        look_as(&closes, Some(NAME), identity, 30),
        look_as(&resets, Some(NAME), identity, 30),
        look_as(&forgets, Some(NAME), identity, 30),
    );
    let seen = |endpoint: &Endpoint| endpoint.idle.known().unwrap().clone().unwrap();
    assert_eq!(seen(&direct).outcome, IdleOutcome::Alive);
    assert!(seen(&direct).seconds >= 3.0);
    for (endpoint, outcome) in [
        (&closes, IdleOutcome::Closed),
        (&resets, IdleOutcome::Reset),
    ] {
        let idle = seen(endpoint);
        assert_eq!(idle.outcome, outcome);
        assert!((1.0..2.9).contains(&idle.seconds), "{idle:?}");
    }
    assert_eq!(seen(&forgets).outcome, IdleOutcome::Forgotten);
    // What was told of the port was told before.
    let answered = transport(only(&forgets)).outcome;
    assert_eq!(answered, TransportOutcome::Answered);
}

#[tokio::test]
async fn a_connection_that_breaks_after_some_bytes() {
    let server = server().await;
    let in_tls = relay(server.address(), Way::ResetsAfter(0)).await;
    let endpoint = look(&in_tls, 10).await;
    assert_eq!(secured(only(&endpoint)).outcome, TlsOutcome::Reset);
    assert!(only(&endpoint).large_record.is_unknown());
}
