//! What listens at an address.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What listens at an address, as its own words tell.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Listener {
    /// What it is.
    pub kind: ListenerKind,
    /// The same in words that fit behind "is" and "to", with what it says of itself:
    /// `an SSH server (OpenSSH_9.2p1)`.
    pub name: String,
    /// Whether it spoke inside TLS.
    pub inside_tls: bool,
}

/// The kinds of what may listen where a remote cluster is expected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerKind {
    /// A message broker that speaks AMQP 0-9-1 (`RabbitMQ`).
    Amqp,
    /// It accepts connections and closes them, whatever is said.
    Closes,
    /// A load balancer or proxy of Elastic Cloud or ECE, which answers HTTP.
    ElasticCloudProxy,
    /// Elasticsearch in its transport protocol, on a port of which it did not tell what it is.
    Elasticsearch,
    /// The HTTP port of Elasticsearch.
    ElasticsearchHttp,
    /// An FTP server (RFC 959).
    Ftp,
    /// Some web server.
    Http,
    /// A load balancer or reverse proxy that speaks HTTP itself.
    HttpProxy,
    /// A web server that wants TLS and was spoken to without.
    Https,
    /// An IMAP server (RFC 9051).
    Imap,
    /// Kibana.
    Kibana,
    /// Memcached.
    Memcached,
    /// `MongoDB`.
    Mongodb,
    /// `MySQL` or `MariaDB`.
    Mysql,
    /// The HTTP port of `OpenSearch`.
    OpensearchHttp,
    /// The transport port of `OpenSearch`.
    OpensearchTransport,
    /// A POP3 server (RFC 1939).
    Pop3,
    /// `PostgreSQL`.
    Postgresql,
    /// Redis, or one that speaks its protocol.
    Redis,
    /// Remote cluster server of Elasticsearch.
    RemoteClusterServer,
    /// It accepts connections and says nothing, whatever is said.
    Silent,
    /// An SMTP server (RFC 5321).
    Smtp,
    /// An SSH server (RFC 4253).
    Ssh,
    /// A telnet server (RFC 854).
    Telnet,
    /// It speaks TLS, and refused before what is behind it had shown.
    Tls,
    /// Transport port of Elasticsearch.
    Transport,
    /// It said something that is not known here.
    Unnamed,
    /// A VNC server (RFC 6143).
    Vnc,
}
