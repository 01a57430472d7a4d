//! The connection drawn: the two clusters, every hop between them, and where it breaks.

use askama::Template;

use super::route::{Hop, State};
use crate::evidence::Purpose;
use crate::render::Page;
use crate::render::story::Story;
use crate::render::text::{clip, plain};

/// Where the first and the last hop stand.
const FIRST: usize = 188;
const LAST: usize = 812;

/// The drawing.
#[derive(Template)]
#[template(path = "picture.svg", escape = "html")]
pub(super) struct Picture {
    local: Ends,
    remote: Ends,
    says: String,
    dots: Vec<Dot>,
    lines: Vec<Line>,
}

/// A cluster at one end.
struct Ends {
    name: String,
    version: String,
}

struct Dot {
    x: usize,
    label: &'static str,
    class: &'static str,
    state: State,
}

struct Line {
    from: usize,
    to: usize,
    class: &'static str,
}

impl Picture {
    pub(super) fn of(story: &Story<'_>, page: &Page<'_>, hops: &[Hop]) -> Self {
        let link = story.link;
        let is_probe = page.evidence.purpose == Purpose::Probe;
        let host = page.evidence.vantage.host.known();
        let short = |text: Option<&String>, other: &str| {
            let text = text.map_or(other, String::as_str);
            let text = plain(text);
            if text.chars().count() > 15 {
                let start: String = text.chars().take(14).collect();
                start + "…"
            } else {
                text
            }
        };
        let version = |version: Option<&String>| short(version, "");
        let local = Ends {
            name: short(
                link.and_then(|it| it.local.as_ref()).or(host),
                "local cluster",
            ),
            version: version(link.and_then(|it| it.local_version.as_ref())),
        };
        let remote = Ends {
            name: short(
                link.and_then(|it| it.remote.as_ref().or(is_probe.then_some(&it.alias))),
                "remote cluster",
            ),
            version: version(link.and_then(|it| it.remote_version.as_ref())),
        };
        let gaps = hops.len().saturating_sub(1).max(1);
        let dots: Vec<Dot> = hops
            .iter()
            .enumerate()
            .map(|(index, hop)| Dot {
                x: FIRST + index * (LAST - FIRST) / gaps,
                label: hop.label,
                class: hop.state.class(),
                state: hop.state,
            })
            .collect();
        Self {
            says: says(&local, &remote, hops),
            lines: lines(&dots),
            dots,
            local,
            remote,
        }
    }
}

/// The same in a sentence, for those who do not see it.
fn says(local: &Ends, remote: &Ends, hops: &[Hop]) -> String {
    let breaks = hops.iter().find(|it| it.state == State::Breaks);
    let end = match breaks {
        Some(hop) => format!("breaks at: {}", hop.label),
        None if hops.iter().all(|it| it.state == State::Works) => "works at every step".to_owned(),
        None => "was not seen to break".to_owned(),
    };
    let says = format!(
        "The connection from {} to {} {end}.",
        local.name, remote.name
    );
    clip(&says, 300).into_owned()
}

/// From box to box: whole as far as the link was seen to get.
fn lines(dots: &[Dot]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut from = 140;
    let mut broken = false;
    let mut known = true;
    for dot in dots {
        known &= !matches!(dot.state, State::Unknown | State::NotReached);
        lines.push(Line {
            from,
            to: dot.x,
            class: match (broken, known) {
                (true, _) => "dead",
                (false, true) => "alive",
                (false, false) => "unsure",
            },
        });
        broken |= dot.state == State::Breaks;
        from = dot.x;
    }
    let class = match (broken, known) {
        (true, _) => "dead",
        (false, true) => "alive",
        (false, false) => "unsure",
    };
    lines.push(Line {
        from,
        to: 860,
        class,
    });
    lines
}
