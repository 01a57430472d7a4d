//! What logs tell: they fill in where nothing else is known, and never overrule what was asked.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::check::item::Check;
use crate::check::signature::{LogFile, Writer};
use crate::evidence::{Endpoint, Evidence, Fact, Link, Sighting};
use crate::report::{Certainty, Finding, Outcome, Reading, Subject};

/// What is older than this when the evidence was collected only hints at what is the matter now.
/// Plain logs do not tell their time zone, so it must be well above half a day.
const RECENT: SignedDuration = SignedDuration::from_hours(48);

/// A sighting that concerns the subject of a finding.
struct Told<'a> {
    /// Where it stands in the evidence.
    position: usize,
    sighting: &'a Sighting,
    log: &'a LogFile,
    certainty: Certainty,
}

/// Lets the sightings of a check's own texts speak: a fault that nothing else could decide is there;
/// one that is known not to be there was there once. `true` where the finding became a failure.
pub(super) fn apply(check: &Check, evidence: &Evidence, finding: &mut Finding) -> bool {
    let told = told(check, evidence, &finding.subject);
    let healthy_since = told
        .iter()
        .filter(|it| it.log.healthy)
        .filter_map(|it| it.sighting.last.known())
        .max();
    let is_over = |it: &&Told<'_>| match (it.sighting.last.known(), healthy_since) {
        (Some(last), Some(since)) => last <= since,
        _ => false,
    };
    let faults = told.iter().filter(|it| !it.log.healthy);
    let (over, open): (Vec<&Told<'_>>, Vec<&Told<'_>>) = faults.partition(is_over);
    let undecided = finding.outcome == Outcome::Unknown
        || (check.file.ok.is_none() && finding.outcome == Outcome::Skip);
    match finding.outcome {
        _ if undecided && !open.is_empty() => {
            read(finding, &open, evidence);
            finding.outcome = Outcome::Fail;
            finding.message = in_words(&open, evidence);
            finding.missing.clear();
            let best = open.iter().map(|it| it.certainty).min();
            finding.certainty = finding.certainty.max(best.unwrap_or(Certainty::Hint));
            true
        }
        Outcome::Unknown | Outcome::Pass if !(over.is_empty() && open.is_empty()) => {
            let past: Vec<&Told<'_>> = over.into_iter().chain(open).collect();
            read(finding, &past, evidence);
            let words = in_words(&past, evidence);
            finding.message = format!("{} In the past: {words}", finding.message);
            finding.message = finding.message.trim().to_owned();
            false
        }
        Outcome::Fail => {
            read(finding, &open, evidence);
            false
        }
        _ => false,
    }
}

/// The sightings of a check that concern a subject, the surest and latest first.
fn told<'a>(check: &'a Check, evidence: &'a Evidence, subject: &Subject) -> Vec<Told<'a>> {
    let all = evidence.sightings.iter().enumerate();
    let own = all.filter(|(_, it)| it.signature == check.code);
    let mut told: Vec<Told<'a>> = own
        .filter_map(|(position, sighting)| {
            let logs = check.file.log.iter();
            let log = logs.filter(|log| log.text == sighting.pattern);
            let (log, concern) = log
                .filter_map(|log| Some((log, concern(sighting, log.by, evidence, subject)?)))
                .min_by_key(|(_, certainty)| *certainty)?;
            let certainty = log.certainty.unwrap_or(Certainty::Strong);
            Some(Told {
                position,
                sighting,
                log,
                certainty: certainty
                    .max(concern)
                    .max(age(sighting, evidence.collected_at)),
            })
        })
        .collect();
    told.sort_by_key(|it| {
        let last = it.sighting.last.known().copied();
        (it.certainty, std::cmp::Reverse(last), it.position)
    });
    told
}

fn age(sighting: &Sighting, now: Timestamp) -> Certainty {
    match sighting.last.known() {
        Some(last) if now.duration_since(*last) <= RECENT => Certainty::Strong,
        _ => Certainty::Hint,
    }
}

/// How surely a sighting is about a subject; `None` where it is about another one.
fn concern(
    sighting: &Sighting,
    by: Writer,
    evidence: &Evidence,
    subject: &Subject,
) -> Option<Certainty> {
    if let Some(cluster) = &subject.cluster {
        let links = || evidence.links.values();
        let may_write = links().any(|link| writes(link, by, cluster)) || evidence.links.is_empty();
        return match sighting.cluster.known() {
            Some(writer) => (writer == cluster && may_write).then_some(Certainty::Strong),
            None => may_write.then_some(Certainty::Hint),
        };
    }
    let key = subject.link.as_ref()?;
    let of_link = concerns_link(sighting, by, evidence, key)?;
    let Some(endpoint) = &subject.endpoint else {
        return Some(of_link);
    };
    let endpoints = &evidence.links.get(key)?.endpoints;
    let here = evidence.endpoints.get(endpoint);
    match sighting.address.known() {
        Some(address) => here.is_some_and(|it| is_of(address, it)).then_some(of_link),
        None if endpoints.len() == 1 => Some(of_link),
        None => Some(Certainty::Hint),
    }
}

fn concerns_link(
    sighting: &Sighting,
    by: Writer,
    evidence: &Evidence,
    key: &str,
) -> Option<Certainty> {
    let link = evidence.links.get(key)?;
    let writer = sighting.cluster.known();
    let could_be = |link: &Link| writer.is_none_or(|writer| writes(link, by, writer));
    if !could_be(link) {
        return None;
    }
    if let (Fact::Known(named), Fact::Known(own)) = (&sighting.alias, &link.alias) {
        return (named == own).then_some(Certainty::Strong);
    }
    let own_key = link.credential.known().and_then(Option::as_ref);
    if let (Fact::Known(named), Some(Fact::Known(own))) =
        (&sighting.key, own_key.map(|credential| &credential.id))
    {
        return (named == own).then_some(Certainty::Strong);
    }
    if let Fact::Known(address) = &sighting.address {
        let mut endpoints = link
            .endpoints
            .iter()
            .filter_map(|it| evidence.endpoints.get(it));
        if endpoints.any(|it| is_of(address, it)) {
            return Some(Certainty::Strong);
        }
    }
    let alone = evidence.links.values().filter(|it| could_be(it)).count() == 1;
    Some(
        if alone && (writer.is_some() || evidence.clusters.is_empty()) {
            Certainty::Strong
        } else {
            Certainty::Hint
        },
    )
}

/// Whether a cluster is on the side of a link that writes a text. Which clusters a link joins may
/// not be known.
fn writes(link: &Link, by: Writer, cluster: &str) -> bool {
    let is = |side: &Fact<String>| side.known().map(|key| key == cluster);
    match by {
        Writer::Local => is(&link.local).unwrap_or(is(&link.remote) != Some(true)),
        Writer::Remote => is(&link.remote).unwrap_or(is(&link.local) != Some(true)),
        Writer::Either => is(&link.local) != Some(false) || is(&link.remote) != Some(false),
    }
}

/// Whether an address as logs write it, `b.example.org/10.0.2.21:9443`, is that of an endpoint.
fn is_of(address: &str, endpoint: &Endpoint) -> bool {
    let (name, dialled) = match address.rsplit_once('/') {
        Some((name, dialled)) => (name, dialled),
        None => ("", address),
    };
    let port = dialled.rsplit_once(':').map(|(_, port)| port);
    let named = port.map(|port| format!("{name}:{port}"));
    let attempts = endpoint.attempts.known().into_iter().flatten();
    endpoint.address == dialled
        || named.is_some_and(|named| endpoint.address == named)
        || attempts.map(|it| &it.address).any(|it| it == dialled)
}

/// Names the sightings as what was read.
fn read(finding: &mut Finding, told: &[&Told<'_>], evidence: &Evidence) {
    for it in told {
        let sighting = &evidence.sightings[it.position];
        finding.evidence.push(Reading {
            path: format!("sightings[{}]", it.position),
            value: json!({
                "file": sighting.file,
                "line": sighting.line,
                "count": sighting.count,
                "text": sighting.text,
            }),
        });
    }
}

/// What the log says, how often and until when, and where to find it.
fn in_words(told: &[&Told<'_>], evidence: &Evidence) -> String {
    let Some(best) = told.first() else {
        return String::new();
    };
    let sighting = best.sighting;
    let says = best.log.says(|name| named(sighting, name));
    let same: Vec<&&Told<'_>> = told
        .iter()
        .filter(|it| it.log.says(|name| named(it.sighting, name)) == says)
        .collect();
    let count: u64 = same.iter().map(|it| it.sighting.count).sum();
    let times = if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    };
    let last = same.iter().filter_map(|it| it.sighting.last.known()).max();
    let last = last.map_or_else(String::new, |last| {
        format!(", last {}", last.strftime("%Y-%m-%d %H:%M"))
    });
    let of = sighting
        .cluster
        .known()
        .and_then(|key| evidence.clusters.get(key));
    let of = of
        .and_then(|it| it.name.known())
        .or(sighting.cluster_name.known());
    let of = of.map_or_else(String::new, |name| format!(" of {name}"));
    format!(
        "{says}: the log{of} has it {times}{last} ({}:{}): “{}”.",
        sighting.file, sighting.line, sighting.text
    )
}

/// What a sighting names.
fn named<'a>(sighting: &'a Sighting, name: &str) -> Option<&'a str> {
    let fact = match name {
        "address" => &sighting.address,
        "alias" => &sighting.alias,
        "context" => &sighting.context,
        "host" => &sighting.host,
        "index" => &sighting.index,
        "issuer" => &sighting.issuer,
        "key" => &sighting.key,
        "subject" => &sighting.subject,
        "user" => &sighting.user,
        _ => return None,
    };
    fact.known().map(String::as_str)
}
