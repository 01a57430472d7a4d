//! What the benchmarks look at: the simulated pair of clusters, and relays in front of it that are as
//! far away as is wanted, because not every kernel can delay packets.
//!
//! `peers FOLDER [COUNT] [MILLISECONDS]` opens COUNT relays to the remote cluster server, each on an
//! address of loopback of its own, and one to the local cluster's HTTP API. Every round trip through
//! them takes MILLISECONDS. It writes what a run needs into FOLDER, says "ready", and serves until its
//! standard input ends.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by the shell script beside it"
)]

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use crosscheck::demo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("peers FOLDER [COUNT] [MILLISECONDS]")?;
    let count: u32 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let latency: u64 = arguments.next().as_deref().unwrap_or("0").parse()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(serve(
        folder.as_ref(),
        count,
        Duration::from_millis(latency),
    ))
}

async fn serve(folder: &Path, count: u32, latency: Duration) -> Result<(), Box<dyn Error>> {
    let healthy = demo::scenarios().iter().find(|it| it.name == "healthy");
    let pair = demo::start(healthy.ok_or("there is no healthy scenario")?).await?;
    let server: SocketAddr = pair.address.parse()?;
    let api = pair.local_url.socket_addrs(|| None)?;
    let api = *api.first().ok_or("the URL has no address")?;
    let mut endpoints = Vec::new();
    for index in 0..count {
        let [.., high, low] = index.to_be_bytes();
        let listener = TcpListener::bind((Ipv4Addr::new(127, 9, high, low), 0)).await?;
        endpoints.push(listener.local_addr()?.to_string());
        tokio::spawn(relay(listener, server, latency));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    write("endpoints", &endpoints.join("\n"))?;
    write("local-url", &format!("http://{}", listener.local_addr()?))?;
    write("local-user", pair.local_user)?;
    write("local-password", pair.password)?;
    write("ca.crt", &pair.server_ca_pem)?;
    write("key", &pair.credential)?;
    tokio::spawn(relay(listener, api, latency));
    println!("ready");
    let ended = || io::copy(&mut io::stdin(), &mut io::sink());
    tokio::task::spawn_blocking(ended).await??;
    Ok(())
}

async fn relay(listener: TcpListener, target: SocketAddr, latency: Duration) {
    while let Ok((near, _)) = listener.accept().await {
        tokio::spawn(async move {
            let far = TcpStream::connect(target).await?;
            near.set_nodelay(true)?;
            far.set_nodelay(true)?;
            let (near_read, near_write) = near.into_split();
            let (far_read, far_write) = far.into_split();
            tokio::spawn(carry(near_read, far_write, latency / 2));
            carry(far_read, near_write, latency / 2).await;
            io::Result::Ok(())
        });
    }
}

/// Carries bytes one way, each of them for as long as the way takes.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, takes: Duration) {
    let (send, mut on_the_way) = mpsc::channel::<(Instant, Vec<u8>)>(64);
    tokio::spawn(async move {
        while let Some((due, bytes)) = on_the_way.recv().await {
            sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
    let mut chunk = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        let due = Instant::now() + takes;
        if send.send((due, chunk[..count].to_vec())).await.is_err() {
            return;
        }
    }
}
