//! What the benchmarks look at: the simulated pair of clusters, and relays in front of it that are as
//! far away as is wanted, because not every kernel can delay packets.
//!
//! `peers FOLDER [COUNT] [MILLISECONDS]` opens COUNT relays to the remote cluster server, each on an
//! address of loopback of its own, and one to the local cluster's HTTP API. Every round trip through
//! them takes MILLISECONDS; where that is 0, the server and the API themselves are what is measured. It
//! writes what a run needs into FOLDER, says "ready", and serves until its standard input ends.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by the shell script beside it"
)]

use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use crosscheck::demo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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
        let near = Ipv4Addr::new(127, 9, high, low);
        endpoints.push(far_away(near, server, latency).await?.to_string());
    }
    let api = far_away(Ipv4Addr::LOCALHOST, api, latency).await?;
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    write("endpoints", &endpoints.join("\n"))?;
    write("local-url", &format!("http://{api}"))?;
    write("local-user", pair.local_user)?;
    write("local-password", pair.password)?;
    write("ca.crt", &pair.server_ca_pem)?;
    write("key", &pair.credential)?;
    println!("ready");
    let ended = || io::copy(&mut io::stdin(), &mut io::sink());
    tokio::task::spawn_blocking(ended).await??;
    Ok(())
}

/// Where a server is found at an address that is so far away: the server itself if that is near.
async fn far_away(near: Ipv4Addr, server: SocketAddr, latency: Duration) -> io::Result<SocketAddr> {
    if latency.is_zero() {
        return Ok(server);
    }
    let listener = TcpListener::bind((near, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(relay(near, server, latency));
        }
    });
    Ok(address)
}

/// Carries what is asked for as long as a round trip takes, and answers at once: that costs the machine,
/// which also runs what is measured, less than two delays.
async fn relay(mut near: TcpStream, server: SocketAddr, latency: Duration) -> io::Result<()> {
    let mut far = TcpStream::connect(server).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut near_read, mut near_write) = near.split();
    let (mut far_read, mut far_write) = far.split();
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    let mut on_the_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut asks = true;
    loop {
        let due = on_the_way.front().map(|(due, _)| *due);
        tokio::select! {
            count = far_read.read(&mut answered) => match count? {
                0 => return near_write.shutdown().await,
                count => near_write.write_all(&answered[..count]).await?,
            },
            count = near_read.read(&mut asked), if asks => {
                let count = count?;
                asks = count > 0;
                on_the_way.push_back((Instant::now() + latency, asked[..count].to_vec()));
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let (_, bytes) = on_the_way.pop_front().ok_or(io::ErrorKind::Other)?;
                if bytes.is_empty() {
                    return far_write.shutdown().await;
                }
                far_write.write_all(&bytes).await?;
            }
        }
    }
}
