//! Answers with secrets in them: of nodes, the control plane, Kubernetes and a remote cluster server.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::peers::{self, SERVER_9_4};
use super::secrets::{KEY_SECRET, PASSWORD, of, secrets};

/// Id of the deployment.
pub(super) const DEPLOYMENT: &str = "61042f21dbfb4a2c87627998bded9e04";
const CLUSTER: &str = "9b2c80e3248b40f78d3014f54e642c9b";

/// Bodies with their status, by the beginning of the path.
pub(super) type Answers = BTreeMap<String, (u16, Value)>;

/// A refusal in the words of all three at once: nodes (`error`), control plane (`errors`), Kubernetes
/// (`message`).
pub(super) fn refusal(asked: &str) -> Value {
    let text = format!("refused [{asked}]\n{}", planted());
    json!({
        "error": {"type": "security_exception", "reason": text, "root_cause": [],
                  "header": {"Authorization": text}, "caused_by": {"type": "x", "reason": text}},
        "errors": [{"code": "root.unauthorized", "message": text, "fields": [text]}],
        "kind": "Status", "status": "Failure", "message": text, "details": {"name": text},
    })
}

/// Secrets that their shape tells, each on a line of its own.
pub(super) fn planted() -> String {
    let mut lines: Vec<String> = by_shape()
        .map(|it| format!("{} [{}]", it.0, it.1))
        .collect();
    // A key without an end goes on to the end.
    lines.sort_by_key(|it| it.contains("-BEGIN") && !it.contains("-END"));
    lines.join("\n")
}

/// Whatever a run must not repeat: those that only their owner could tell are given to the run as well.
pub(super) fn by_shape() -> impl Iterator<Item = (&'static str, String, String)> {
    let bare = [PASSWORD, KEY_SECRET];
    secrets()
        .into_iter()
        .filter(move |it| !bare.contains(&it.2.as_str()))
}

/// Followers and patterns whose errors repeat credentials. Shapes of recordings of 9.4.3.
pub(super) fn replication() -> Answers {
    let text = planted();
    let error = json!({"type": "exception", "reason": text,
                       "caused_by": {"type": "security_exception", "reason": text}});
    let (index, alias) = (of("index"), of("alias"));
    let shard = json!({
        "remote_cluster": alias, "leader_index": index, "follower_index": index, "shard_id": 0,
        "leader_global_checkpoint": 12, "follower_global_checkpoint": 10,
        "time_since_last_read_millis": 5, "fatal_exception": error,
        "read_exceptions": [{"from_seq_no": 1, "retries": 3, "exception": error}],
    });
    let pattern = json!({"active": true, "remote_cluster": alias,
                         "leader_index_patterns": [format!("{index}*")],
                         "follow_index_pattern": "{{leader_index}}"});
    let stats = json!({
        "follow_stats": {"indices": [{"index": index, "shards": [shard]}]},
        "auto_follow_stats": {
            "number_of_failed_follow_indices": 1, "auto_followed_clusters": [],
            "recent_auto_follow_errors": [
                {"leader_index": format!("p1:{index}"), "timestamp": 1, "auto_follow_exception": error}
            ],
        },
    });
    let follower = json!({"follower_index": index, "remote_cluster": alias, "leader_index": index,
                          "status": "active", "parameters": {"note": text}});
    let answers = [
        ("/_ccr/stats", stats),
        ("/_all/_ccr/info", json!({"follower_indices": [follower]})),
        (
            "/_ccr/auto_follow",
            json!({"patterns": [{"name": "p1", "pattern": pattern}]}),
        ),
    ];
    let answers = answers.map(|(path, body)| (path.to_owned(), (200, body)));
    answers.into()
}

/// A deployment with secrets in every text, by the shapes of the `OpenAPI` document.
pub(super) fn control_plane() -> Answers {
    let text = planted();
    let info = json!({
        "cluster_id": CLUSTER, "cluster_name": text, "status": text, "healthy": true,
        "plan_info": {"current": {"plan": {"elasticsearch": {"user_settings_override_yaml": text}}}},
        "topology": {"instances": [{"service_version": "9.4.3", "instance_name": text}]},
        "metadata": {"endpoint": format!("{CLUSTER}.eu-west-1.aws.found.io"), "cloud_id": text},
        "settings": {"trust": {"accounts": [{"account_id": text, "name": text, "trust_all": true}],
            "external": [{"trust_relationship_id": text, "trust_all": true}],
            "direct": [{"scope_id": text, "type": "generic", "name": text, "additional_node_names": [text],
                        "certificates": [{"pem": text, "metadata": {"fingerprint": text}}]}]}},
        "credentials": {"username": "elastic", "password": "canary-keystore"},
    });
    let deployment = json!({
        "id": DEPLOYMENT, "name": text, "alias": text, "healthy": true,
        "metadata": {"organization_id": text, "tags": [{"key": "password", "value": "canary-bind"}]},
        "resources": {"elasticsearch": [
            {"ref_id": "main-elasticsearch", "id": CLUSTER, "region": "aws-eu-west-1", "info": info}
        ]},
    });
    let one = format!("/api/v1/deployments/{DEPLOYMENT}");
    let keystore = json!({"secrets": {
        format!("cluster.remote.{}.credentials", of("alias")): {"value": "canary-keystore", "as_file": false},
        text.clone(): {"as_file": false},
    }});
    let remotes =
        json!({"resources": [{"alias": text, "deployment_id": text, "info": {"note": text}}]});
    let policies = json!({"rulesets": [{
        "id": text, "name": text, "type": "ip", "region": "aws-eu-west-1", "description": text,
        "associations": [{"entity_type": "deployment", "id": DEPLOYMENT}],
        "rules": [{"source": text, "description": text, "remote_cluster_id": text}],
    }]});
    let listed = json!({"deployments": [{"id": DEPLOYMENT, "name": text, "resources": [
        {"ref_id": "main-elasticsearch", "id": CLUSTER, "kind": "elasticsearch", "region": "aws-eu-west-1"}]}]});
    let answers = [
        ("/api/v1/deployments".to_owned(), listed),
        (
            "/api/v1/deployments/traffic-filter/rulesets".into(),
            policies,
        ),
        (
            format!("{one}/elasticsearch/main-elasticsearch/keystore"),
            keystore,
        ),
        (
            format!("{one}/elasticsearch/main-elasticsearch/remote-clusters"),
            remotes,
        ),
        (one, deployment),
    ];
    let answers = answers.map(|(path, body)| (path, (200, body)));
    answers.into()
}

/// A resource and what is around it, with secrets in annotations, events and labels; and a server that
/// sends Secrets with their values, whatever it was asked for.
pub(super) fn kubernetes() -> Answers {
    let text = planted();
    let applied = json!({"kubectl.kubernetes.io/last-applied-configuration": text,
                         "elasticsearch.k8s.elastic.co/managed-remote-clusters": text,
                         "common.k8s.elastic.co/controller-version": text});
    let metadata = json!({"name": "c1", "namespace": "ns1", "annotations": applied,
                          "labels": {"note": text, "elasticsearch.k8s.elastic.co/cluster-name": "c1"}});
    let resource = json!({
        "apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch", "metadata": metadata,
        "spec": {"version": "9.4.3", "secureSettings": [{"secretName": "more"}],
                 "nodeSets": [{"name": "default", "count": 1, "config": {"note": text, "node.attr.password": "canary-bind"}}],
                 "remoteClusters": [{"name": of("alias"), "apiKey": {"access": {}},
                                     "elasticsearchRef": {"name": "c2", "namespace": "ns2"}}]},
        "status": {"phase": text, "health": text, "version": "9.4.3"},
    });
    let event = json!({"metadata": {"name": "e", "namespace": "ns1"}, "type": "Warning", "reason": "Unexpected",
                       "involvedObject": {"kind": "Elasticsearch", "name": "c1", "namespace": "ns1"},
                       "message": text, "lastTimestamp": "2026-11-25T04:00:00Z", "count": 1});
    let secret = json!({"kind": "Secret", "apiVersion": "v1",
        "metadata": {"name": "more", "namespace": "ns1", "annotations": applied},
        "data": {"s3.client.default.secret_key": STANDARD.encode("canary/aws+secret0"), "elastic": STANDARD.encode(PASSWORD)},
        "stringData": {"pem": text}});
    let list =
        |items: Value| json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items});
    let answers = [
        (
            "/apis/elasticsearch.k8s.elastic.co/v1/namespaces/ns1/elasticsearches/c1",
            resource,
        ),
        ("/api/v1/namespaces/ns1/events", list(json!([event]))),
        ("/api/v1/namespaces/ns1/services", list(json!([]))),
        ("/api/v1/namespaces/ns1/secrets/", secret),
    ];
    let answers = answers.map(|(path, body)| (path.to_owned(), (200, body)));
    answers.into()
}

/// A remote cluster server that repeats the request in its refusal, as nodes do in some errors: the
/// recorded refusal of 9.4.3 with other words in it.
pub(super) async fn repeating(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while let Some(frame) = peers::next_frame(&mut stream).await {
        let form = u32::from_be_bytes(frame[9..13].try_into().unwrap());
        let has_key = frame.windows(6).any(|it| it == b"ApiKey");
        let mut answer = match (frame[8] & 8 != 0, form) {
            (true, 7_170_099) => peers::unhex(SERVER_9_4.hello),
            (true, _) => peers::unhex(SERVER_9_4.hello_with_release.unwrap()),
            (false, _) if has_key => saying(&String::from_utf8_lossy(&frame)),
            (false, _) => peers::unhex(SERVER_9_4.question[0]),
        };
        answer[6..14].copy_from_slice(&frame[..8]);
        let _ = stream.write_all(&answer).await;
        let _ = stream.flush().await;
        if frame[8] & 8 == 0 {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

/// The recorded refusal with this message (`StreamOutput#writeString`).
fn saying(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(char::is_ascii).collect();
    let text = format!("refused [{text}]\n{}", planted());
    let recorded = peers::unhex(SERVER_9_4.question[0]);
    // All before the innermost message and the two bytes of its length; behind it the recorded one ends.
    let words = b"Cross cluster requests";
    let message = recorded.windows(words.len()).position(|it| it == words);
    let mut frame = recorded[..message.unwrap() - 2].to_vec();
    let mut length = text.len();
    while length >= 0x80 {
        frame.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    frame.push(u8::try_from(length).unwrap());
    frame.extend(text.bytes());
    let length = u32::try_from(frame.len() - 6).unwrap();
    frame[2..6].copy_from_slice(&length.to_be_bytes());
    frame
}
