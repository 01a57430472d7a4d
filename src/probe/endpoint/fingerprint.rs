//! What listens there, by its own words. Pure: bytes and answers in, a name out.

use super::{http, printable};
use crate::evidence::{
    Attempt, HttpAnswer, Listener, ListenerKind, PlaintextOutcome, PortKind, TlsOutcome, Transport,
    TransportOutcome,
};

/// Everything that an address said.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Inside TLS: answers to `GET /` and to a frame.
    pub inside: Vec<Vec<u8>>,
    /// Without TLS.
    pub plain: Vec<Vec<u8>>,
}

/// `OpenSearch` marks its transport versions with this bit (`LegacyESVersion`, mask 0x08000000).
const OPENSEARCH: u32 = 0x0800_0000;

/// What listens at an address; `None` where it could not be connected to, or where the run ended
/// before it had said anything.
pub(super) fn conclude(attempt: &Attempt, heard: &Heard) -> Option<Listener> {
    let inside = attempt.transport.known().and_then(of_transport);
    let inside = inside.or_else(|| of_all(&heard.inside));
    if let Some((kind, name)) = inside {
        return Some(Listener {
            kind,
            name,
            inside_tls: true,
        });
    }
    let plain = attempt.plaintext.known();
    let transport = plain.and_then(|it| of_transport(it.transport.known()?));
    if let Some((kind, name)) = transport.or_else(|| of_all(&heard.plain)) {
        return Some(Listener {
            kind,
            name,
            inside_tls: false,
        });
    }
    let tls = attempt.tls.known()?;
    let completed = tls.outcome == TlsOutcome::Completed;
    let (kind, name) = match attempt.transport.known().map(|it| it.outcome) {
        Some(TransportOutcome::Closed | TransportOutcome::Reset) => CLOSES,
        Some(TransportOutcome::TimedOut) => SILENT,
        _ if completed || tls.chain.is_known() || tls.alert.is_some() => {
            let name = match &tls.alert {
                Some(alert) => with("a TLS server that refuses", alert),
                None => "a TLS server that ends its handshake".to_owned(),
            };
            return Some(Listener {
                kind: ListenerKind::Tls,
                name,
                inside_tls: true,
            });
        }
        _ => match plain?.outcome {
            PlaintextOutcome::Closed => CLOSES,
            _ => SILENT,
        },
    };
    Some(Listener {
        kind,
        name: format!("{name}{}", usual(&attempt.address)),
        inside_tls: completed,
    })
}

const CLOSES: (ListenerKind, &str) = (
    ListenerKind::Closes,
    "something that closes every connection",
);
const SILENT: (ListenerKind, &str) = (ListenerKind::Silent, "something that never answers");

fn of_transport(transport: &Transport) -> Option<(ListenerKind, String)> {
    if let Some(version) = transport.transport_version.known()
        && version & OPENSEARCH != 0
    {
        let name = "the transport port of OpenSearch";
        return Some((ListenerKind::OpensearchTransport, name.to_owned()));
    }
    let kind = transport.port_kind.known();
    let (kind, name) = match (transport.outcome, kind) {
        (_, Some(PortKind::RemoteClusterServer)) => (
            ListenerKind::RemoteClusterServer,
            "the remote cluster server of Elasticsearch",
        ),
        (_, Some(PortKind::Transport)) => (
            ListenerKind::Transport,
            "the transport port of Elasticsearch",
        ),
        (TransportOutcome::Answered, None) => (
            ListenerKind::Elasticsearch,
            "a port of Elasticsearch that does not tell which",
        ),
        _ => return None,
    };
    let version = transport.release.known();
    let version = version.or(transport.version_line.known());
    Some((kind, with(name, version.map_or("", String::as_str))))
}

/// The answer that tells most.
fn of_all(answers: &[Vec<u8>]) -> Option<(ListenerKind, String)> {
    let named = answers.iter().filter_map(|bytes| of_bytes(bytes));
    named.min_by_key(|(kind, _)| match kind {
        ListenerKind::HttpProxy => 1,
        ListenerKind::Http => 2,
        ListenerKind::Unnamed => 3,
        _ => 0,
    })
}

/// What a service is by the bytes that it sent, unasked or as an answer to a `ClientHello`, a
/// transport frame, `GET /` or `PING`. `None` where it sent nothing.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<(ListenerKind, String)> {
    if bytes.is_empty() {
        return None;
    }
    if let Some(answer) = http::parse(bytes) {
        return Some(of_http(bytes, &answer));
    }
    let line = first_line(bytes);
    let (kind, name) = of_binary(bytes)
        .or_else(|| of_greeting(&line))
        .unwrap_or_else(|| {
            let name = format!("a service that says \"{line}\"");
            (ListenerKind::Unnamed, name)
        });
    Some((kind, name))
}

/// Greetings of protocols in lines.
fn of_greeting(line: &str) -> Option<(ListenerKind, String)> {
    let lower = line.to_ascii_lowercase();
    let starts = |prefix: &str| lower.starts_with(prefix);
    let says = |part: &str| lower.contains(part);
    let rest = |from: usize| line.get(from..).unwrap_or("").trim().to_owned();
    Some(match () {
        () if starts("ssh-") => {
            let software = line.splitn(3, '-').nth(2).unwrap_or("");
            (ListenerKind::Ssh, with("an SSH server", software))
        }
        () if starts("this is not a") && says("http port") => (
            ListenerKind::Transport,
            "the transport port of Elasticsearch".to_owned(),
        ),
        () if starts("220") && (says("ftp") || says("filezilla")) => {
            (ListenerKind::Ftp, with("an FTP server", &rest(4)))
        }
        () if starts("220") || starts("554 ") || starts("421 ") => {
            (ListenerKind::Smtp, with("a mail server (SMTP)", &rest(4)))
        }
        () if starts("+ok") => (ListenerKind::Pop3, with("a mail server (POP3)", &rest(3))),
        () if starts("* ok") || starts("* bye") || starts("* preauth") => {
            (ListenerKind::Imap, with("a mail server (IMAP)", &rest(5)))
        }
        () if starts("+pong") || starts("-err") || starts("-noauth") || starts("-denied") => {
            (ListenerKind::Redis, "Redis".to_owned())
        }
        () if line == "ERROR" => (ListenerKind::Memcached, "Memcached".to_owned()),
        () if starts("rfb 00") => (ListenerKind::Vnc, "a VNC server".to_owned()),
        () if says("mongodb over http") => (ListenerKind::Mongodb, "MongoDB".to_owned()),
        () if says("http request to an https server") || says("http request was sent to https") => {
            (ListenerKind::Https, "a web server with TLS".to_owned())
        }
        () => return None,
    })
}

/// Protocols that are no text.
fn of_binary(bytes: &[u8]) -> Option<(ListenerKind, String)> {
    match bytes {
        // Protocol version 10: https://mariadb.com/kb/en/connection/, after length and sequence number.
        [_, _, 0, 0, 10, version @ ..] => {
            let end = version.iter().position(|byte| *byte == 0)?;
            let version = printable(&version[..end]);
            // MariaDB puts this before its own version, for old replicas.
            let version = version.strip_prefix("5.5.5-").unwrap_or(&version);
            Some((ListenerKind::Mysql, with("MySQL or MariaDB", version)))
        }
        // An error packet: a host that is not let in.
        [_, _, 0, 0, 0xff, _, _, ..] => Some((ListenerKind::Mysql, "MySQL or MariaDB".to_owned())),
        // Answers to its request for TLS, or an ErrorResponse.
        b"S" | b"N" | [b'E', 0, 0, ..] => Some((ListenerKind::Postgresql, "PostgreSQL".to_owned())),
        [b'A', b'M', b'Q', b'P', ..] => Some((
            ListenerKind::Amqp,
            "a message broker (AMQP, such as RabbitMQ)".to_owned(),
        )),
        // IAC followed by WILL, WONT, DO or DONT.
        [0xff, 0xfb..=0xfe, ..] => Some((ListenerKind::Telnet, "a telnet server".to_owned())),
        _ => None,
    }
}

/// Proxies by what they put into the header `Server` or `Via`, or into the body of their own errors.
const PROXIES: [(&str, &str); 14] = [
    ("server: awselb", "an AWS load balancer in HTTP mode"),
    ("server: envoy", "Envoy in HTTP mode"),
    ("server: istio-envoy", "Istio's Envoy in HTTP mode"),
    ("server: cloudflare", "Cloudflare"),
    ("server: haproxy", "HAProxy in HTTP mode"),
    ("server: google frontend", "a Google load balancer"),
    ("via: 1.1 google", "a Google load balancer"),
    (
        "server: microsoft-azure-application-gateway",
        "an Azure Application Gateway",
    ),
    ("server: openresty", "nginx (OpenResty) in HTTP mode"),
    ("server: nginx", "nginx in HTTP mode"),
    ("server: traefik", "Traefik in HTTP mode"),
    ("server: squid", "Squid, a web proxy"),
    (
        "default backend - 404",
        "an ingress controller's default backend",
    ),
    (
        "<h1>400 bad request</h1>\nyour browser sent an invalid request.",
        "HAProxy in HTTP mode",
    ),
];

/// Servers that say themselves that they were spoken to without TLS.
const WANTS_TLS: [&str; 4] = [
    "plain http request was sent to https port",
    "client sent an http request to an https server",
    "speaking plain http to an ssl-enabled server port",
    "this combination of host and port requires tls",
];

fn of_http(bytes: &[u8], answer: &HttpAnswer) -> (ListenerKind, String) {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let says = |part: &str| text.contains(part);
    if answer.elasticsearch {
        let name = "the HTTP port of Elasticsearch";
        return (ListenerKind::ElasticsearchHttp, name.to_owned());
    }
    if says("basic realm=\"opensearch") || says("\"distribution\" : \"opensearch\"") {
        let name = "the HTTP port of OpenSearch";
        return (ListenerKind::OpensearchHttp, name.to_owned());
    }
    if says("\r\nkbn-name:") || says("\r\nkbn-license-sig:") {
        return (ListenerKind::Kibana, "Kibana".to_owned());
    }
    if says("it looks like you are trying to access mongodb") {
        return (ListenerKind::Mongodb, "MongoDB".to_owned());
    }
    if says("\r\nx-found-handling-") || says("\r\nx-cloud-request-id:") {
        let name = "a proxy of Elastic Cloud on its HTTP port";
        return (ListenerKind::ElasticCloudProxy, name.to_owned());
    }
    let server = answer.server.as_deref().unwrap_or("");
    if WANTS_TLS.iter().any(|it| says(it)) {
        return (ListenerKind::Https, with("a web server with TLS", server));
    }
    let proxy = PROXIES.iter().find(|(sign, _)| says(sign));
    if let Some((_, name)) = proxy {
        return (ListenerKind::HttpProxy, (*name).to_owned());
    }
    (ListenerKind::Http, with("a web server", server))
}

/// Services that say nothing to strangers, by the port that they use by default.
fn usual(address: &str) -> String {
    let port = address.rsplit_once(':').map_or("", |(_, port)| port);
    let name = match port {
        "389" | "636" => "LDAP",
        "445" => "Windows file sharing",
        "2181" => "ZooKeeper",
        "3389" => "Windows remote desktop",
        "5044" => "Logstash",
        "5432" => "PostgreSQL",
        "6379" => "Redis",
        "9042" => "Cassandra",
        "9092" | "9093" => "Kafka",
        "27017" => "MongoDB",
        _ => return String::new(),
    };
    format!(" (port {port} is usually {name})")
}

fn with(name: &str, detail: &str) -> String {
    if detail.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({detail})")
    }
}

fn first_line(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    printable(&bytes[..end.unwrap_or(bytes.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.chunks(2).map(|pair| byte(pair).unwrap()).collect()
    }

    /// See `tests/banners/README.md`.
    #[test]
    fn recorded_services_are_named() {
        for (hex, kind, name) in [
            (
                include_str!("../../../tests/banners/ssh-openssh-9.2p1.hex"),
                ListenerKind::Ssh,
                "an SSH server (OpenSSH_9.2p1 Debian-2+deb12u10)",
            ),
            (
                include_str!("../../../tests/banners/redis-7.0.15-ping.hex"),
                ListenerKind::Redis,
                "Redis",
            ),
            (
                include_str!("../../../tests/banners/mariadb-10.11.19.hex"),
                ListenerKind::Mysql,
                "MySQL or MariaDB (10.11.19-MariaDB-0+deb12u1)",
            ),
            (
                include_str!("../../../tests/banners/postgresql-15-sslrequest.hex"),
                ListenerKind::Postgresql,
                "PostgreSQL",
            ),
            (
                include_str!("../../../tests/banners/nginx-1.22.1-http-hello.hex"),
                ListenerKind::HttpProxy,
                "nginx in HTTP mode",
            ),
            (
                include_str!("../../../tests/banners/nginx-1.22.1-https-plain-get.hex"),
                ListenerKind::Https,
                "a web server with TLS (nginx/1.22.1)",
            ),
            (
                include_str!("../../../tests/banners/haproxy-2.6.12-http-hello.hex"),
                ListenerKind::HttpProxy,
                "HAProxy in HTTP mode",
            ),
        ] {
            let (found, words) = of_bytes(&recorded(hex)).unwrap();
            assert_eq!((found, words.as_str()), (kind, name));
        }
    }

    /// The answers of nodes are the lab's; the others are what the projects document.
    #[test]
    fn other_services_are_named() {
        for (said, kind) in [
            (
                "HTTP/1.0 400 Bad Request\r\nX-elastic-product: Elasticsearch\r\n\r\n",
                ListenerKind::ElasticsearchHttp,
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{ \"name\" : \"n\", \
                 \"tagline\" : \"You Know, for Search\" }",
                ListenerKind::ElasticsearchHttp,
            ),
            ("This is not an HTTP port", ListenerKind::Transport),
            (
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"OpenSearch \
                 Security\"\r\n\r\nUnauthorized",
                ListenerKind::OpensearchHttp,
            ),
            (
                "HTTP/1.1 200 OK\r\n\r\n{\"version\" : { \"distribution\" : \"opensearch\" } }",
                ListenerKind::OpensearchHttp,
            ),
            (
                "HTTP/1.1 302 Found\r\nkbn-name: kibana\r\nlocation: /login\r\n\r\n",
                ListenerKind::Kibana,
            ),
            (
                "HTTP/1.1 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
                ListenerKind::Https,
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\nServer: awselb/2.0\r\n\r\n",
                ListenerKind::HttpProxy,
            ),
            (
                "HTTP/1.1 404 Not Found\r\n\r\ndefault backend - 404",
                ListenerKind::HttpProxy,
            ),
            (
                "HTTP/1.1 404 Not Found\r\nX-Cloud-Request-Id: abc\r\n\r\n{\"ok\":false}",
                ListenerKind::ElasticCloudProxy,
            ),
            (
                "HTTP/1.1 200 OK\r\nServer: Apache\r\n\r\n",
                ListenerKind::Http,
            ),
            (
                "HTTP/1.0 200 OK\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on \
                 the native driver port.\r\n",
                ListenerKind::Mongodb,
            ),
            ("220 mail.example.org ESMTP Postfix\r\n", ListenerKind::Smtp),
            ("220 (vsFTPd 3.0.3)\r\n", ListenerKind::Ftp),
            ("+OK Dovecot ready.\r\n", ListenerKind::Pop3),
            (
                "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n",
                ListenerKind::Imap,
            ),
            ("-NOAUTH Authentication required.\r\n", ListenerKind::Redis),
            ("ERROR\r\n", ListenerKind::Memcached),
            ("RFB 003.008\n", ListenerKind::Vnc),
            ("AMQP\0\0\u{9}\u{1}", ListenerKind::Amqp),
            ("hello, stranger\n", ListenerKind::Unnamed),
        ] {
            assert_eq!(of_bytes(said.as_bytes()).unwrap().0, kind, "{said}");
        }
        let refused = b"\x45\x00\x00\x00\xff\x6a\x04Host '10.0.1.1' is not allowed";
        assert_eq!(of_bytes(refused).unwrap().0, ListenerKind::Mysql);
        let telnet = b"\xff\xfd\x18\xff\xfd\x20";
        assert_eq!(of_bytes(telnet).unwrap().0, ListenerKind::Telnet);
        assert_eq!(of_bytes(b""), None);
        assert!(usual("10.0.0.1:9092").contains("Kafka"));
        assert_eq!(usual("[::1]:9443"), "");
    }

    /// No bytes move a terminal's cursor, and none make a name without end.
    #[test]
    fn names_are_bounded_and_printable() {
        let mut worst = b"SSH-2.0-".to_vec();
        worst.extend(b"\x1b[31m".repeat(1000));
        let (_, name) = of_bytes(&worst).unwrap();
        assert!(
            name.len() < 200 && !name.chars().any(char::is_control),
            "{name}"
        );
    }
}
