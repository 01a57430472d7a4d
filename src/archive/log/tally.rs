//! What was seen how often.

use std::collections::HashMap;

use super::event::Event;
use crate::check::{Reading, Signatures};
use crate::evidence::{Fact, Sighting};
use crate::scrub::Scrub;

/// Most sightings of one log: an event may name a new thing each time.
const MOST: usize = 2000;

/// Longest text of a sighting, in characters.
const LONGEST_TEXT: usize = 600;

/// The sightings of one log.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    file: &'a str,
    signatures: &'a Signatures,
    sightings: Vec<Sighting>,
    /// Which sighting an event belongs to: its signature, what it names, who wrote it.
    known: HashMap<String, usize>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(file: &'a str, signatures: &'a Signatures) -> Self {
        Self {
            file,
            signatures,
            sightings: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Takes an event in, of which some signatures may be found.
    pub(super) fn add(&mut self, event: &Event<'_>, candidates: &[usize], line: u64) {
        for index in candidates {
            let Some(reading) = self.signatures.get(*index).read(&event.text) else {
                continue;
            };
            let mut identity = index.to_string();
            let of_event = [&event.node, &event.cluster_name, &event.cluster_uuid];
            let of_event = of_event
                .into_iter()
                .map(|it| it.as_deref().unwrap_or_default());
            for part in reading
                .values
                .iter()
                .map(|(_, value)| *value)
                .chain(of_event)
            {
                identity.push('\0');
                identity.push_str(part);
            }
            if let Some(known) = self.known.get(&identity) {
                again(&mut self.sightings[*known], event);
            } else if self.sightings.len() < MOST {
                self.known.insert(identity, self.sightings.len());
                let sighting = self.first(*index, event, &reading, line);
                self.sightings.push(sighting);
            }
        }
    }

    pub(super) fn sightings(self) -> Vec<Sighting> {
        self.sightings
    }

    fn first(&self, index: usize, event: &Event<'_>, reading: &Reading<'_>, line: u64) -> Sighting {
        let signature = self.signatures.get(index);
        let value = |name| reading.value(name).map(str::to_owned).into();
        let own = |text: &Option<_>| Fact::from(text.as_deref().map(str::to_owned));
        Sighting {
            signature: signature.code.clone(),
            pattern: signature.text.clone(),
            cluster: Fact::Unknown,
            cluster_name: own(&event.cluster_name),
            cluster_uuid: own(&event.cluster_uuid),
            node: own(&event.node),
            alias: value("alias"),
            address: value("address"),
            host: value("host"),
            key: value("key"),
            user: value("user"),
            subject: value("subject"),
            issuer: value("issuer"),
            context: value("context"),
            index: value("index"),
            first: event.time.into(),
            last: event.time.into(),
            count: 1,
            file: self.file.to_owned(),
            line,
            text: text(&event.text, reading.whole),
        }
    }
}

fn again(sighting: &mut Sighting, event: &Event<'_>) {
    sighting.count += 1;
    let Some(time) = event.time else { return };
    let first = sighting
        .first
        .known()
        .map_or(time, |first| time.min(*first));
    let last = sighting.last.known().map_or(time, |last| time.max(*last));
    sighting.first = Fact::Known(first);
    sighting.last = Fact::Known(last);
}

/// The message, and the line that matched where that is another one.
fn text(all: &str, matched: &str) -> String {
    let message = all.lines().next().unwrap_or_default().trim();
    let start = matched.as_ptr() as usize - all.as_ptr() as usize;
    let line_start = all[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = all[line_start..].lines().next().unwrap_or_default().trim();
    // Before the cut: half a secret has no shape.
    let clean = |text: &str| Scrub::default().text(text.to_owned());
    let (message, line, matched) = (clean(message), clean(line), clean(matched));
    if line_start == 0 {
        short(&message, &matched)
    } else {
        format!("{} … {}", short(&message, &message), short(&line, &matched))
    }
}

/// A line, cut to the room that it has so that what matched stays in it.
fn short(line: &str, matched: &str) -> String {
    const ROOM: usize = LONGEST_TEXT / 2 - 8;
    if line.chars().count() <= ROOM {
        return line.to_owned();
    }
    let matched = matched.lines().next().unwrap_or_default();
    let start = line.find(matched).unwrap_or_default();
    let before = line[..start].chars().count();
    let skipped = before.saturating_sub(ROOM / 4);
    let cut: String = line.chars().skip(skipped).take(ROOM).collect();
    let head = if skipped > 0 { "…" } else { "" };
    format!("{head}{cut}…")
}
