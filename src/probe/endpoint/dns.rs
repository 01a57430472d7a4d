//! Names: asked of the DNS servers, and of the host itself.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::ResolveHosts;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use tokio::time::Instant;

use super::wait::{wait, whole_millis_since};
use crate::evidence::{Fact, Resolution, ResolutionOutcome};
use crate::probe::Deadline;

type Builder = ResolverBuilder<TokioRuntimeProvider>;

/// Time for one try at one server; there are two.
const TRY: Duration = Duration::from_secs(2);

/// Longest wait for either kind of resolution.
const LIMIT: Duration = Duration::from_secs(10);

/// An IP address needs no answer, nor does a name that means this host.
pub(super) fn literal(addresses: Vec<String>) -> Resolution {
    Resolution {
        outcome: ResolutionOutcome::Literal,
        addresses,
        detail: None,
        took_ms: 0,
    }
}

/// Asks the servers of the system's configuration for A and AAAA records, side by side.
pub(super) async fn ask_servers(host: &str, deadline: &Deadline) -> Fact<Resolution> {
    ask(TokioResolver::builder_tokio(), host, deadline).await
}

async fn ask(
    builder: Result<Builder, NetError>,
    host: &str,
    deadline: &Deadline,
) -> Fact<Resolution> {
    let started = Instant::now();
    let lookup = async {
        let resolver = resolver(builder?)?;
        let (v4, v6) =
            futures_util::future::join(resolver.ipv4_lookup(host), resolver.ipv6_lookup(host))
                .await;
        let mut addresses = Vec::new();
        let mut failures = Vec::new();
        for answer in [v4, v6] {
            match answer {
                Ok(lookup) => addresses.extend(
                    lookup
                        .answers()
                        .iter()
                        .filter_map(|record| record.data.ip_addr()),
                ),
                Err(error) => failures.push(error),
            }
        }
        Ok::<_, NetError>((addresses, failures))
    };
    let (outcome, addresses, detail) = match wait(deadline, LIMIT, lookup).await {
        Err(super::wait::Ended::CutShort) => return Fact::Unknown,
        Err(super::wait::Ended::Silent) => timed_out(),
        Ok(Err(error)) => (classify(&error), Vec::new(), Some(in_words(&error))),
        Ok(Ok((addresses, failures))) => outcome_of(addresses, &failures),
    };
    Fact::Known(Resolution {
        outcome,
        addresses: texts(addresses),
        detail,
        took_ms: whole_millis_since(started),
    })
}

/// Asks the host (`getaddrinfo`), which is what a JVM does. The addresses come in a node's order:
/// IPv4 first.
pub(super) async fn ask_host(
    host: &str,
    port: u16,
    deadline: &Deadline,
) -> (Fact<Resolution>, Vec<SocketAddr>) {
    let started = Instant::now();
    let (outcome, addresses, detail) =
        match wait(deadline, LIMIT, tokio::net::lookup_host((host, port))).await {
            Err(super::wait::Ended::CutShort) => return (Fact::Unknown, Vec::new()),
            Err(super::wait::Ended::Silent) => {
                let (outcome, _, detail) = timed_out();
                (outcome, Vec::new(), detail)
            }
            Ok(Ok(found)) => in_order(found),
            Ok(Err(error)) => {
                let text = error.to_string();
                (classify_host(&text), Vec::new(), Some(text))
            }
        };
    let resolution = Resolution {
        outcome,
        addresses: texts(addresses.iter().map(SocketAddr::ip)),
        detail,
        took_ms: whole_millis_since(started),
    };
    (Fact::Known(resolution), addresses)
}

fn resolver(mut builder: Builder) -> Result<TokioResolver, NetError> {
    let options = builder.options_mut();
    options.timeout = TRY;
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

type Outcome<T> = (ResolutionOutcome, Vec<T>, Option<String>);

fn timed_out() -> Outcome<IpAddr> {
    let detail = Some("no answer in time".to_owned());
    (ResolutionOutcome::TimedOut, Vec::new(), detail)
}

fn in_order(found: impl Iterator<Item = SocketAddr>) -> Outcome<SocketAddr> {
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses.sort_by_key(SocketAddr::is_ipv6);
    if addresses.is_empty() {
        return (ResolutionOutcome::NoData, addresses, None);
    }
    (ResolutionOutcome::Answered, addresses, None)
}

/// One family may fail while the other answers. Without any address the failure that leaves most
/// open counts.
fn outcome_of(addresses: Vec<IpAddr>, failures: &[NetError]) -> Outcome<IpAddr> {
    if !addresses.is_empty() {
        return (ResolutionOutcome::Answered, addresses, None);
    }
    let worst = failures
        .iter()
        .map(|error| (classify(error), error))
        .min_by_key(|(outcome, _)| openness(*outcome));
    match worst {
        Some((outcome, error)) => (outcome, addresses, Some(in_words(error))),
        None => (ResolutionOutcome::NoData, addresses, None),
    }
}

fn openness(outcome: ResolutionOutcome) -> u8 {
    match outcome {
        ResolutionOutcome::Answered | ResolutionOutcome::Literal => 0,
        ResolutionOutcome::TimedOut => 1,
        ResolutionOutcome::ServFail => 2,
        ResolutionOutcome::Refused => 3,
        ResolutionOutcome::Failed => 4,
        ResolutionOutcome::NoData => 5,
        ResolutionOutcome::NxDomain => 6,
    }
}

fn classify(error: &NetError) -> ResolutionOutcome {
    match error {
        NetError::Timeout => ResolutionOutcome::TimedOut,
        NetError::Dns(DnsError::NoRecordsFound(none)) => of_code(none.response_code),
        NetError::Dns(DnsError::ResponseCode(code)) => of_code(*code),
        _ => ResolutionOutcome::Failed,
    }
}

/// What a server answered; the resolver's own words for it are its types.
fn in_words(error: &NetError) -> String {
    let code = match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => none.response_code,
        NetError::Dns(DnsError::ResponseCode(code)) => *code,
        other => return other.to_string(),
    };
    match code {
        ResponseCode::NoError => "the DNS server knows the name, and no address of it".to_owned(),
        ResponseCode::NXDomain => "the DNS server knows no such name".to_owned(),
        other => format!("the DNS server answered: {other}"),
    }
}

fn of_code(code: ResponseCode) -> ResolutionOutcome {
    match code {
        ResponseCode::NoError => ResolutionOutcome::NoData,
        ResponseCode::NXDomain => ResolutionOutcome::NxDomain,
        ResponseCode::ServFail => ResolutionOutcome::ServFail,
        ResponseCode::Refused => ResolutionOutcome::Refused,
        _ => ResolutionOutcome::Failed,
    }
}

/// The standard library keeps only the text of a failure (glibc's, musl's and Apple's words).
fn classify_host(text: &str) -> ResolutionOutcome {
    let says = |part: &str| text.contains(part);
    if says("Name or service not known")
        || says("Name does not resolve")
        || says("nodename nor servname provided")
    {
        ResolutionOutcome::NxDomain
    } else if says("No address associated with hostname") || says("Name has no usable address") {
        ResolutionOutcome::NoData
    } else {
        ResolutionOutcome::Failed
    }
}

fn texts(addresses: impl IntoIterator<Item = IpAddr>) -> Vec<String> {
    addresses.into_iter().map(|it| it.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use tokio::net::UdpSocket;

    use super::*;

    /// A server on loopback that gives every question the same answer: this response code, and for
    /// questions of type A this address.
    async fn server(code: u8, address: Option<[u8; 4]>) -> Builder {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                let answer = answer(&query[..length], code, address);
                let _ = socket.send_to(&answer, from).await;
            }
        });
        at(port)
    }

    fn at(port: u16) -> Builder {
        let mut udp = ConnectionConfig::udp();
        udp.port = port;
        let loopback = [127, 0, 0, 1].into();
        let server = NameServerConfig::new(loopback, true, vec![udp]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    }

    /// RFC 1035 §4.1: header, the question as it came, at most one address.
    fn answer(query: &[u8], code: u8, address: Option<[u8; 4]>) -> Vec<u8> {
        let name = query[12..].iter().position(|byte| *byte == 0).unwrap();
        let question = &query[12..12 + name + 5];
        let is_a = question[name + 1..name + 3] == [0, 1];
        let address = address.filter(|_| is_a);
        let mut out = query[..2].to_vec();
        let answers = u8::from(address.is_some());
        out.extend([0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0]);
        out.extend_from_slice(question);
        if let Some(address) = address {
            out.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            out.extend(address);
        }
        out
    }

    async fn outcome(builder: Builder) -> (ResolutionOutcome, Vec<String>) {
        let (deadline, _interrupt) = Deadline::after(Duration::from_secs(15));
        let resolution = ask(Ok(builder), "b.example.org", &deadline).await;
        let resolution = resolution.into_known().unwrap();
        let answered = resolution.outcome == ResolutionOutcome::Answered;
        assert_eq!(resolution.detail.is_none(), answered, "{resolution:?}");
        (resolution.outcome, resolution.addresses)
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        for (code, address, expected) in [
            (0, Some([10, 0, 0, 5]), ResolutionOutcome::Answered),
            (0, None, ResolutionOutcome::NoData),
            (2, None, ResolutionOutcome::ServFail),
            (3, None, ResolutionOutcome::NxDomain),
            (5, None, ResolutionOutcome::Refused),
        ] {
            let (outcome, addresses) = outcome(server(code, address).await).await;
            assert_eq!(outcome, expected, "response code {code}");
            assert_eq!(addresses.len(), usize::from(address.is_some()));
        }
    }

    #[tokio::test]
    async fn silence_is_a_time_out() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let silent = at(socket.local_addr().unwrap().port());
        assert_eq!(outcome(silent).await.0, ResolutionOutcome::TimedOut);
    }

    #[test]
    fn words_of_the_host_are_understood() {
        for (text, expected) in [
            (
                "failed to lookup address information: Name or service not known",
                ResolutionOutcome::NxDomain,
            ),
            (
                "failed to lookup address information: No address associated with hostname",
                ResolutionOutcome::NoData,
            ),
            (
                "failed to lookup address information: Temporary failure in name resolution",
                ResolutionOutcome::Failed,
            ),
        ] {
            assert_eq!(classify_host(text), expected);
        }
    }
}
