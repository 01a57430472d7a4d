//! The way of a connection from one cluster to the other, hop by hop, and where it breaks: what the
//! findings say of each step, beside what was seen there.

use crate::evidence::{
    Attempt, Endpoint, Evidence, Link, Mode, Model, PortKind, Purpose, ResolutionOutcome,
    TcpOutcome, TlsOutcome, TransportOutcome,
};
use crate::render::story::Story;
use crate::render::text::{clip, plain};
use crate::render::word;
use crate::report::{Finding, Kind, Outcome, Severity, Stage};

/// One step.
#[derive(Debug)]
pub(super) struct Hop {
    /// Its name.
    pub(super) label: &'static str,
    /// How it stands.
    pub(super) state: State,
    /// What was seen there.
    pub(super) seen: Vec<String>,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It works.
    Works,
    /// It works, with a warning.
    Warns,
    /// The link breaks here.
    Breaks,
    /// Nobody knows.
    Unknown,
    /// The link broke before it.
    NotReached,
}

impl State {
    /// The name of its style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Works => "good",
            Self::Warns => "care",
            Self::Breaks => "bad",
            Self::Unknown => "open",
            Self::NotReached => "dim",
        }
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Works => "in order",
            Self::Warns => "in order, with a warning",
            Self::Breaks => "breaks here",
            Self::Unknown => "not known",
            Self::NotReached => "not reached",
        }
    }
}

/// Most characters of a line.
const MOST: usize = 200;

/// Every step, in the order of connecting.
pub(super) fn route(story: &Story<'_>, evidence: &Evidence) -> Vec<Hop> {
    let alias = story.link.map(|it| it.alias.as_str());
    let link = alias.and_then(|it| evidence.links.get(it));
    let endpoint = first_endpoint(alias, link, evidence);
    let attempt = endpoint.and_then(|it| it.attempts.known()?.first());
    let works = link.is_some_and(answers);
    let mut steps = vec![
        (Stage::Settings, "Settings", settings(link)),
        (Stage::Name, "Name", name(endpoint)),
        (Stage::Connect, "TCP", tcp(attempt)),
        (Stage::Tls, "TLS", tls(attempt)),
        (Stage::Protocol, "Protocol", protocol(attempt)),
        (Stage::Authentication, credential(link), identity(link)),
        (Stage::Licence, "Licence", licences(link, evidence)),
        (Stage::Authorisation, "Rights", rights(link, evidence)),
        (Stage::Result, "Answer", result(link)),
    ];
    if evidence.purpose == Purpose::Probe {
        // An endpoint alone has no settings, and nobody asks the clusters.
        steps.retain(|(stage, ..)| (Stage::Name..=Stage::Authentication).contains(stage));
    }
    let mut broken = false;
    let mut hops = Vec::new();
    for (stage, label, seen) in steps {
        let state = state(story, stage, seen.works, works, broken);
        broken |= state == State::Breaks;
        hops.push(Hop {
            label,
            state,
            seen: seen.lines.iter().map(|it| plain(&clip(it, MOST))).collect(),
        });
    }
    hops
}

fn state(
    story: &Story<'_>,
    stage: Stage,
    seen: Option<bool>,
    link_works: bool,
    broken_before: bool,
) -> State {
    let of_stage = || story.findings.iter().filter(|it| it.stage == stage);
    let alone = |it: &&&Finding| it.outcome == Outcome::Fail && it.explained_by.is_none();
    let breaks = |it: &&Finding| matches!(it.kind, Kind::Cause | Kind::Symptom);
    if of_stage()
        .filter(alone)
        .any(|it| breaks(it) && it.severity == Severity::Error)
    {
        return State::Breaks;
    }
    // What only shows once a connection gets that far.
    let needs_connection = matches!(
        stage,
        Stage::Connect | Stage::Tls | Stage::Protocol | Stage::Authentication | Stage::Result
    );
    let was_seen = link_works || seen == Some(true);
    if broken_before && needs_connection && !was_seen {
        return State::NotReached;
    }
    if of_stage()
        .filter(alone)
        .any(|it| it.severity != Severity::Info)
    {
        return State::Warns;
    }
    if was_seen {
        return State::Works;
    }
    let passes = of_stage().any(|it| it.outcome == Outcome::Pass);
    let is_open = |it: &&Finding| match it.outcome {
        Outcome::Fail => it.severity != Severity::Info,
        Outcome::Unknown | Outcome::Broken => true,
        Outcome::Pass | Outcome::Skip => false,
    };
    if passes && !needs_connection && !of_stage().any(is_open) {
        return State::Works;
    }
    if broken_before {
        State::NotReached
    } else {
        State::Unknown
    }
}

/// What evidence says of a step: whether it was seen to work, and in which words.
struct Seen {
    works: Option<bool>,
    lines: Vec<String>,
}

impl Seen {
    fn nothing() -> Self {
        Self {
            works: None,
            lines: Vec::new(),
        }
    }

    fn works(works: bool, lines: Vec<String>) -> Self {
        Self {
            works: Some(works),
            lines,
        }
    }
}

fn first_endpoint<'a>(
    alias: Option<&str>,
    link: Option<&Link>,
    evidence: &'a Evidence,
) -> Option<&'a Endpoint> {
    let key = link.and_then(|it| it.endpoints.first());
    let key = key.map(String::as_str).or(alias)?;
    evidence.endpoints.get(key)
}

/// Whether nodes say that requests get through.
fn answers(link: &Link) -> bool {
    let connected = link.info.known().and_then(Option::as_ref);
    let resolved = link.resolve.known();
    connected.is_some_and(|it| it.connected)
        && resolved.is_none_or(|it| it.error.is_none() && it.connected.known() != Some(&false))
}

fn settings(link: Option<&Link>) -> Seen {
    let Some(link) = link else {
        return Seen::nothing();
    };
    let mut lines = Vec::new();
    if let Some(Some(address)) = link.proxy_address.known() {
        lines.push(format!("proxy_address {address}"));
    }
    if let Some(seeds) = link.seeds.known()
        && !seeds.is_empty()
    {
        lines.push(format!("seeds {}", seeds.join(", ")));
    }
    if let Some(mode) = link.mode.known() {
        lines.push(match mode {
            Mode::Proxy => "proxy mode".to_owned(),
            Mode::Sniff => "sniff mode".to_owned(),
        });
    }
    Seen { works: None, lines }
}

fn name(endpoint: Option<&Endpoint>) -> Seen {
    let Some(endpoint) = endpoint else {
        return Seen::nothing();
    };
    let answer = endpoint.host_resolution.known().or(endpoint.dns.known());
    let Some(answer) = answer else {
        return Seen::nothing();
    };
    let addresses = &answer.addresses;
    let line = if answer.outcome == ResolutionOutcome::Literal {
        format!("{} needs no lookup", endpoint.host)
    } else if addresses.is_empty() {
        let detail = answer.detail.clone();
        format!(
            "{}: {}",
            endpoint.host,
            detail.unwrap_or_else(|| word(&answer.outcome))
        )
    } else {
        let shown = addresses.iter().take(3).cloned().collect::<Vec<_>>();
        let more = addresses.len().saturating_sub(3);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        format!("{} is {}{more}", endpoint.host, shown.join(", "))
    };
    Seen::works(!addresses.is_empty(), vec![line])
}

fn tcp(attempt: Option<&Attempt>) -> Seen {
    let Some(attempt) = attempt else {
        return Seen::nothing();
    };
    let tcp = &attempt.tcp;
    let works = tcp.outcome == TcpOutcome::Connected;
    let line = match &tcp.detail {
        _ if works => format!("{} connected in {:.1} ms", attempt.address, tcp.took_ms),
        Some(detail) => detail.clone(),
        None => format!("{} {}", attempt.address, word(&tcp.outcome)),
    };
    Seen::works(works, vec![line])
}

fn tls(attempt: Option<&Attempt>) -> Seen {
    let Some(tls) = attempt.and_then(|it| it.tls.known()) else {
        return Seen::nothing();
    };
    let works = tls.outcome == TlsOutcome::Completed;
    let mut lines = Vec::new();
    if works {
        lines.extend(tls.protocol.known().cloned());
    } else {
        let detail = tls.detail.as_deref().unwrap_or("");
        lines.push(format!("{}: {detail}", word(&tls.outcome)));
    }
    let leaf = tls.chain.known().and_then(|it| it.first());
    if let Some(leaf) = leaf {
        lines.push(format!("certificate {}", leaf.subject));
        lines.push(format!("until {}", leaf.not_after.strftime("%F %R UTC")));
    }
    if let Some(trust) = attempt.and_then(|it| it.trust.known()) {
        lines.push(format!("trust: {}", word(&trust.outcome)));
    }
    Seen::works(works, lines)
}

fn protocol(attempt: Option<&Attempt>) -> Seen {
    let Some(transport) = attempt.and_then(|it| it.transport.known()) else {
        return Seen::nothing();
    };
    let works = transport.outcome == TransportOutcome::Answered;
    let version = transport.release.known();
    let version = version.or(transport.version_line.known());
    let mut lines = vec![if works {
        format!(
            "Elasticsearch {} answers",
            version.map_or("", String::as_str)
        )
    } else {
        format!(
            "{}: {}",
            word(&transport.outcome),
            transport.detail.as_deref().unwrap_or("no answer")
        )
    }];
    lines.extend(transport.port_kind.known().map(|it| match it {
        PortKind::RemoteClusterServer => "remote cluster server".to_owned(),
        PortKind::Transport => "transport port".to_owned(),
    }));
    // Both ports speak the protocol; whether it is the right one, the findings say.
    Seen::works(works, lines)
}

fn credential(link: Option<&Link>) -> &'static str {
    match link.and_then(|it| it.model.known()) {
        Some(Model::Certificate) => "Certificate",
        Some(Model::ApiKey) | None => "API key",
    }
}

fn identity(link: Option<&Link>) -> Seen {
    let Some(link) = link else {
        return Seen::nothing();
    };
    let mut lines = Vec::new();
    match link.credential_loaded.known() {
        Some(true) => lines.push("a credential is loaded".to_owned()),
        Some(false) => lines.push("no credential is loaded".to_owned()),
        None => {}
    }
    let given = link.credential.known().and_then(Option::as_ref);
    if let Some(id) = given.and_then(|it| it.id.known()) {
        lines.push(format!("key {id}"));
    }
    Seen { works: None, lines }
}

fn licences(link: Option<&Link>, evidence: &Evidence) -> Seen {
    let Some(link) = link else {
        return Seen::nothing();
    };
    let keys = [&link.local, &link.remote];
    let clusters = keys.iter().filter_map(|it| it.known());
    let lines = clusters.filter_map(|key| {
        let licence = evidence.clusters.get(key)?.license.known()?;
        Some(match licence {
            Some(it) => format!("{key}: {}, {}", it.kind, it.status),
            None => format!("{key}: none"),
        })
    });
    Seen {
        works: None,
        lines: lines.collect(),
    }
}

fn rights(link: Option<&Link>, evidence: &Evidence) -> Seen {
    let local = link.and_then(|it| it.local.known());
    let local = local.and_then(|key| evidence.clusters.get(key));
    let Some(caller) = local.and_then(|it| it.caller.known()) else {
        return Seen::nothing();
    };
    Seen {
        works: None,
        lines: vec![
            format!("asked as {}", caller.username),
            format!("roles {}", caller.roles.join(", ")),
        ],
    }
}

fn result(link: Option<&Link>) -> Seen {
    let Some(link) = link else {
        return Seen::nothing();
    };
    let mut lines = Vec::new();
    if let Some(Some(info)) = link.info.known() {
        lines.push(format!(
            "connected: {}, {} of {} connections",
            info.connected, info.connections, info.max_connections
        ));
    }
    if let Some(search) = link.search.known() {
        let status = search
            .status
            .map_or_else(|| "no answer".to_owned(), |it| it.to_string());
        lines.push(match &search.cluster_status {
            Some(of_remote) => format!("search: {status}, {of_remote}"),
            None => format!("search: {status}"),
        });
    }
    let connected = link.info.known().and_then(Option::as_ref);
    Seen {
        works: connected.map(|it| it.connected),
        lines,
    }
}
