//! Names: asked of the DNS servers, and of the host itself.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolveHosts;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use tokio::time::Instant;

use super::wait::{wait, whole_millis_since};
use crate::evidence::{Fact, Resolution, ResolutionOutcome};
use crate::probe::Deadline;

/// Time for one try at one server; there are two.
const TRY: Duration = Duration::from_secs(2);

/// Longest wait for either kind of resolution.
const LIMIT: Duration = Duration::from_secs(10);

/// An IP address needs no answer.
pub(super) fn literal(host: &str) -> Resolution {
    Resolution {
        outcome: ResolutionOutcome::Literal,
        addresses: vec![host.to_owned()],
        detail: None,
        took_ms: 0,
    }
}

/// Asks the servers of the system's configuration for A and AAAA records, side by side.
pub(super) async fn ask_servers(host: &str, deadline: &Deadline) -> Fact<Resolution> {
    let started = Instant::now();
    let lookup = async {
        let resolver = resolver()?;
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
        Ok(Err(error)) => (classify(&error), Vec::new(), Some(error.to_string())),
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

fn resolver() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
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
        Some((outcome, error)) => (outcome, addresses, Some(error.to_string())),
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
