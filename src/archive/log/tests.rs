use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::check::CheckSet;
use crate::evidence::Fact;

/// As 9.4.3 wrote it, without most of the stack trace.
const JSON: &str = r#"{"@timestamp":"2026-11-25T00:04:56.020Z","log.level": "WARN","message":"Origin project [default] failed to connect to linked project [default] with alias [bee] on the initial connection attempt", "ecs.version": "1.2.0","service.name":"ES_ECS","event.dataset":"elasticsearch.server","process.thread.name":"elasticsearch[a-node][generic][T#2]","log.logger":"org.elasticsearch.transport.ProxyConnectionStrategy","elasticsearch.cluster.uuid":"8AcYQv0MRp2Pm23LgkpwHQ","elasticsearch.node.id":"J60YdkOqRXaCZ0Ge5yra8Q","elasticsearch.node.name":"a-node","elasticsearch.cluster.name":"a","error.type":"org.elasticsearch.transport.NoSeedNodeLeftException","error.message":"Unable to open any proxy connections to cluster [bee] at address [127.0.0.1:1], configuredAddress=[localhost:1], configuredServerName=[]","error.stack_trace":"org.elasticsearch.transport.NoSeedNodeLeftException: Unable to open any proxy connections to cluster [bee] at address [127.0.0.1:1], configuredAddress=[localhost:1], configuredServerName=[]\n\tat org.elasticsearch.server@9.4.3/org.elasticsearch.transport.ProxyConnectionStrategy.getNoSeedNodeLeftException(ProxyConnectionStrategy.java:228)\n"}"#;

/// As 8.14.1 wrote it, without most of the stack trace.
const PLAIN: &str = "\
[2026-11-25T00:04:57,020][WARN ][o.e.t.ProxyConnectionStrategy] [a-node] failed to open any proxy connections to cluster [bee]
org.elasticsearch.transport.ConnectTransportException: [][127.0.0.1:1] connect_exception
\tat org.elasticsearch.transport.TcpTransport$ChannelsConnectedListener.onFailure(TcpTransport.java:1145) ~[elasticsearch-8.14.1.jar:?]
Caused by: io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: localhost/127.0.0.1:1
Caused by: java.net.ConnectException: Connection refused
[2026-11-25T00:05:00,000][INFO ][o.e.n.Node               ] [a-node] started
";

fn search_in(text: impl AsRef<[u8]>) -> Scan {
    scan(text.as_ref(), "a.log", &CheckSet::embedded().signatures())
}

fn of<'a>(scan: &'a Scan, code: &str) -> &'a Sighting {
    let mut all = scan.sightings.iter();
    let found = all.find(|it| it.signature == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", scan.sightings))
}

#[test]
fn plain_and_json_say_the_same() {
    let text = format!("{PLAIN}{JSON}\n{PLAIN}");
    let scan = search_in(&text);
    assert_eq!(scan.lines, text.lines().count() as u64);
    assert_eq!(scan.last.unwrap().to_string(), "2026-11-25T00:05:00Z");
    let plain = of(&scan, "connection/not-connected");
    assert_eq!((plain.count, plain.line), (2, 1));
    assert_eq!(plain.alias, Fact::Known("bee".into()));
    assert_eq!(plain.node, Fact::Known("a-node".into()));
    let mut others = scan
        .sightings
        .iter()
        .filter(|it| it.cluster_name.is_known());
    let json = others.next().unwrap();
    assert_eq!((json.count, json.line), (1, 7));
    assert_eq!(
        json.cluster_uuid,
        Fact::Known("8AcYQv0MRp2Pm23LgkpwHQ".into())
    );
    assert_eq!(
        json.last.known().unwrap().to_string(),
        "2026-11-25T00:04:56.02Z"
    );
}

#[test]
fn packed_and_wrapped_logs_are_read() {
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let docker = |line: &str| serde_json::json!({"log": line, "stream": "stdout"}).to_string();
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let several = [
        gzip("[2026-11-24T00:00:00,000][INFO ][x] [n] rotated\n"),
        gzip(PLAIN),
    ]
    .concat();
    let prefix = "2026-11-25T00:04:57.020Z stdout F ";
    let kubernetes = format!(
        "{prefix}{}",
        PLAIN.trim_end().replace('\n', &format!("\n{prefix}"))
    );
    for (how, bytes) in [
        ("gzip members", several),
        ("docker", docker(PLAIN).into_bytes()),
        ("docker JSON", docker(JSON).into_bytes()),
        ("UTF-16", utf16(PLAIN)),
        ("Kubernetes", kubernetes.into_bytes()),
        ("CRLF", PLAIN.replace('\n', "\r\n").into_bytes()),
        (
            "no UTF-8",
            [b"\xff\xfe\xfd \xe9t\xe9\n".as_slice(), PLAIN.as_bytes()].concat()[2..].to_vec(),
        ),
    ] {
        let scan = search_in(bytes);
        let sighting = of(&scan, "connection/not-connected");
        assert_eq!(sighting.alias, Fact::Known("bee".into()), "{how}");
        assert_eq!(sighting.count, 1, "{how}");
        assert!(sighting.last.is_known(), "{how}");
    }
}

#[test]
fn an_event_counts_once_for_a_signature_wherever_blocks_end() {
    let filler = "[2026-11-25T00:00:00,000][INFO ][o.e.c.x] [a-node] nothing of interest here\n";
    for shift in [0, 1, 40, 150, 300, 700] {
        let mut text = filler.repeat((CHUNK + LONGEST_EVENT) / filler.len() - 5);
        text.push_str(&"x".repeat(shift));
        text.push('\n');
        text.push_str(&PLAIN.repeat(10));
        let scan = search_in(&text);
        assert_eq!(
            of(&scan, "connection/not-connected").count,
            10,
            "shifted by {shift}"
        );
        assert_eq!(scan.lines, text.lines().count() as u64);
    }
}

#[test]
fn a_line_without_end_is_searched_in_bounded_memory() {
    let endless = io::repeat(b'x').take(20 << 20).chain(PLAIN.as_bytes());
    let scan = scan(endless, "a.log", &CheckSet::embedded().signatures());
    assert_eq!(of(&scan, "connection/not-connected").count, 1);
    assert_eq!(scan.bytes, (20 << 20) + PLAIN.len() as u64);
}

#[test]
fn what_was_read_before_an_error_counts() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let noise = (0..200_000).map(|n: u64| format!("{}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    packed.write_all(PLAIN.as_bytes()).unwrap();
    packed
        .write_all(noise.collect::<String>().as_bytes())
        .unwrap();
    let mut packed = packed.finish().unwrap();
    packed.truncate(packed.len() / 2);
    let scan = search_in(packed);
    assert!(scan.problem.is_some());
    assert_eq!(of(&scan, "connection/not-connected").count, 1);
}

#[test]
fn credentials_are_not_kept() {
    let line = "[2026-11-25T00:00:00,000][WARN ][x] [n] failed to open any proxy connections to \
                cluster [bee] ApiKey S1I5U0NxSUJyTTBzaDNOcERMbkE6c2VjcmV0 at https://u:geheim@h/\n";
    let scan = search_in(line);
    let text = &of(&scan, "connection/not-connected").text;
    assert!(
        text.contains("ApiKey [redacted]") && text.contains("u:[redacted]@h"),
        "{text}"
    );
    assert!(!text.contains("S1I5") && !text.contains("geheim"), "{text}");
}
