//! One event: its line and what continues it, plain or JSON.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use memchr::{memchr, memmem, memrchr};
use serde::Deserialize;
use serde_json::Value as Json;

/// What an event says, and who says it.
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    pub(super) time: Option<Timestamp>,
    pub(super) node: Option<Cow<'a, str>>,
    pub(super) cluster_name: Option<Cow<'a, str>>,
    pub(super) cluster_uuid: Option<Cow<'a, str>>,
    /// Message and stack trace.
    pub(super) text: Cow<'a, str>,
}

impl<'a> Event<'a> {
    /// Reads an event.
    pub(super) fn of(raw: &'a [u8]) -> Self {
        let start = memchr(b'{', &raw[..raw.len().min(80)]);
        let json =
            start.and_then(|start| serde_json::from_slice::<JsonLine<'a>>(&raw[start..]).ok());
        json.and_then(Self::of_json)
            .unwrap_or_else(|| Self::of_plain(String::from_utf8_lossy(raw)))
    }

    fn of_json(line: JsonLine<'a>) -> Option<Self> {
        // A container engine or a shipper wraps the line of the node, which may be JSON itself.
        if let Some(Json::String(log)) = &line.log {
            let inner = Event::of(log.as_bytes()).into_owned();
            return Some(inner);
        }
        let message = line.message?;
        if message.starts_with('{') || message.starts_with("[20") {
            return Some(Event::of(message.as_bytes()).into_owned());
        }
        let nested = |object: Option<Json>, key: &str| {
            let value = object?.get(key)?.as_str()?.to_owned();
            Some(Cow::Owned(value))
        };
        let trace = match line.stacktrace {
            Some(Json::Array(lines)) => {
                let lines: Vec<&str> = lines.iter().filter_map(Json::as_str).collect();
                Some(Cow::Owned(lines.join("\n")))
            }
            Some(Json::String(trace)) => Some(Cow::Owned(trace)),
            _ => line
                .error_stack_trace
                .or_else(|| nested(line.error, "stack_trace")),
        };
        let text = match trace {
            Some(trace) => Cow::Owned(format!("{message}\n{trace}")),
            None => message,
        };
        let time = line.at_timestamp.or(line.timestamp);
        Some(Self {
            time: time.and_then(|time| moment(&time)),
            node: line.elasticsearch_node_name.or(line.node_name),
            cluster_name: line.elasticsearch_cluster_name.or(line.cluster_name),
            cluster_uuid: line.elasticsearch_cluster_uuid.or(line.cluster_uuid),
            text,
        })
    }

    /// `[2026-11-25T00:04:56,020][WARN ][o.e.t.RemoteClusterService] [a-node] message`, with or
    /// without what a container engine writes before it.
    fn of_plain(text: Cow<'a, str>) -> Self {
        let line = text.lines().next().unwrap_or_default();
        let mut head = 0;
        let mut event = Event::default();
        if let Some(start) = line.find("[20").filter(|start| *start < 80) {
            let mut rest = &line[start..];
            let mut parts = Vec::new();
            while parts.len() < 4
                && let Some(inner) = rest.trim_start().strip_prefix('[')
                && let Some((part, behind)) = inner.split_once(']')
            {
                parts.push(part);
                rest = behind;
            }
            event.time = parts.first().and_then(|time| moment(time));
            if let [_, _, _, node] = parts[..] {
                event.node = Some(Cow::Owned(node.trim().to_owned()));
                head = line.len() - rest.len();
            }
        }
        event.text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text[head..].trim()),
            Cow::Owned(text) => Cow::Owned(text[head..].trim().to_owned()),
        };
        event
    }

    fn into_owned<'b>(self) -> Event<'b> {
        let own = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Event {
            time: self.time,
            node: own(self.node),
            cluster_name: own(self.cluster_name),
            cluster_uuid: own(self.cluster_uuid),
            text: Cow::Owned(self.text.into_owned()),
        }
    }
}

/// A line of a JSON log: of 7.x (`cluster.name`, `stacktrace`), and of 8.x and later (ECS).
#[derive(Deserialize)]
struct JsonLine<'a> {
    #[serde(borrow, default, rename = "@timestamp")]
    at_timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "elasticsearch.node.name")]
    elasticsearch_node_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "node.name")]
    node_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "elasticsearch.cluster.name")]
    elasticsearch_cluster_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "cluster.name")]
    cluster_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "elasticsearch.cluster.uuid")]
    elasticsearch_cluster_uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "cluster.uuid")]
    cluster_uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "error.stack_trace")]
    error_stack_trace: Option<Cow<'a, str>>,
    #[serde(default)]
    stacktrace: Option<Json>,
    #[serde(default)]
    error: Option<Json>,
    #[serde(default)]
    log: Option<Json>,
}

/// The event around a position of a block, as a range. It does not begin before `from`.
pub(super) fn around(block: &[u8], position: usize, from: usize) -> Range<usize> {
    let mut start = position;
    loop {
        start = memrchr(b'\n', &block[from..start]).map_or(from, |newline| from + newline + 1);
        if start == from || !continues(&block[start..]) {
            break;
        }
        start -= 1;
    }
    let mut end = position;
    loop {
        let Some(newline) = memchr(b'\n', &block[end..]) else {
            return start..block.len();
        };
        end += newline + 1;
        if !continues(&block[end..]) {
            return start..end;
        }
    }
}

/// Where the last event of a block begins, which may not be whole yet; where that is longer than an
/// event may be, the end of the last whole line, or of the block.
pub(super) fn last_start(block: &[u8], longest: usize) -> usize {
    let mut end = block.len();
    let mut last_line = None;
    while let Some(newline) = memrchr(b'\n', &block[..end]) {
        let start = newline + 1;
        last_line = last_line.or(Some(start));
        // Of a line that has hardly begun nobody knows what it is.
        if block.len() - start >= 64 && !continues(&block[start..]) {
            return start;
        }
        if block.len() - start > longest {
            break;
        }
        end = newline;
    }
    last_line.unwrap_or(block.len())
}

/// The time of the last event that has one, of those near the end.
pub(super) fn last_time(block: &[u8]) -> Option<Timestamp> {
    let tail = &block[block.len().saturating_sub(1 << 18)..];
    let mut end = tail.len();
    for _ in 0..1000 {
        let start = memrchr(b'\n', &tail[..end]).map_or(0, |newline| newline + 1);
        let line = &tail[start..end];
        if !continues(line)
            && let Some(time) = Event::of(line).time
        {
            return Some(time);
        }
        if start == 0 {
            return None;
        }
        end = start - 1;
    }
    None
}

/// Whether a line continues the event before it, by how it begins.
fn continues(line: &[u8]) -> bool {
    match &line[wrapping(line)..] {
        [] | [b' ' | b'\t' | b'\r' | b'\n' | b'}' | b')' | b']', ..] => true,
        [b'[' | b'{', ..] => false,
        line => {
            [&b"Caused by: "[..], b"Suppressed: ", b"... ", b"at "]
                .iter()
                .any(|word| line.starts_with(word))
                || is_exception(line)
        }
    }
}

/// Length of what Kubernetes writes before each line: `2026-11-25T00:04:57.020Z stdout F `.
fn wrapping(line: &[u8]) -> usize {
    if !line.starts_with(b"20") {
        return 0;
    }
    let head = &line[..line.len().min(64)];
    let ends = [
        &b" stdout F "[..],
        b" stderr F ",
        b" stdout P ",
        b" stderr P ",
    ];
    let found = ends
        .iter()
        .find_map(|end| memmem::find(head, end).map(|at| at + end.len()));
    found.unwrap_or_default()
}

/// `org.elasticsearch.transport.ConnectTransportException: …`, alone or with its message.
fn is_exception(line: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$');
    let length = line
        .iter()
        .take(200)
        .take_while(|byte| is_name(byte))
        .count();
    let name = &line[..length];
    let ends = [&b"Exception"[..], b"Error", b"ExceptionWrapper"];
    name.contains(&b'.') && ends.iter().any(|end| name.ends_with(end))
}

/// A time as logs write it; without a zone it is read as UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().replacen(',', ".", 1);
    let zoned = || text.parse::<Timestamp>().ok();
    let civil = || {
        let time: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    };
    zoned().or_else(civil)
}
