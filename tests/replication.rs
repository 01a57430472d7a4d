//! What a cluster tells only where it replicates, has remotes in its nodes' files, or is made to reload
//! its keystore: the simulated pair with these answers laid over those of its two HTTP APIs.
//!
//! The lab's nodes have no replication: its answers have the shapes of the Elasticsearch API specification
//! (`ccr.follow_info`, `ccr.stats`, `ccr.get_auto_follow_pattern`, `indices.get_settings`), with the errors
//! of `ShardFollowNodeTask` and `AutoFollowCoordinator`.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "filled/layer.rs"]
mod layer;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crosscheck::check::{CheckSet, JudgeOptions};
use crosscheck::demo::{self, Pair};
use crosscheck::evidence::{Evidence, Use};
use crosscheck::probe::{self, Deadline};
use crosscheck::report::{Outcome, Report};
use serde_json::{Value, json};
use url::Url;

/// What becomes of the answer to each call that begins like this.
type Changes = Vec<(&'static str, fn(Value) -> Value)>;

/// Stands before an API and changes some of its answers.
fn before(api: &Url, changes: Changes) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = format!("127.0.0.1:{}", api.port().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (api, changes) = (api.clone(), changes.clone());
            // A caller that is gone by then has given up by itself.
            std::thread::spawn(move || pass_on(&stream, &api, &changes));
        }
    });
    url.parse().unwrap()
}

/// Passes one call on, and the answer back.
fn pass_on(mut caller: &TcpStream, api: &str, changes: &Changes) -> std::io::Result<()> {
    let lines = BufReader::new(caller).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|it| !it.is_empty()).collect();
    let Some(request) = head.first() else {
        return Ok(());
    };
    let mut behind = TcpStream::connect(api)?;
    write!(behind, "{}\r\nconnection: close\r\n\r\n", head.join("\r\n"))?;
    let mut answer = String::new();
    behind.read_to_string(&mut answer)?;
    let change = changes
        .iter()
        .find(|(begins, _)| request.starts_with(begins));
    if let Some((_, change)) = change {
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body = change(serde_json::from_str(body)?).to_string();
        answer = format!(
            "HTTP/1.1 200 OK\r\nx-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
    }
    caller.write_all(answer.as_bytes())
}

fn followers(_: Value) -> Value {
    let follower = |index: &str, leader: &str, status: &str| json!({"follower_index": index, "remote_cluster": "bee", "leader_index": leader, "status": status});
    json!({"follower_indices": [
        follower("logs-copy", "logs", "active"),
        follower("metrics-copy", "metrics", "paused"),
        follower("traces-copy", "traces", "active"),
    ]})
}

fn stats(_: Value) -> Value {
    let shard = |follower: &str, leader: &str, more: Value| {
        let mut shard = json!({
            "remote_cluster": "bee", "leader_index": leader, "follower_index": follower, "shard_id": 0,
            "leader_global_checkpoint": 1024, "leader_max_seq_no": 1536, "follower_global_checkpoint": 768,
            "follower_max_seq_no": 896, "last_requested_seq_no": 897, "operations_written": 832,
            "time_since_last_read_millis": 8, "read_exceptions": [],
        });
        let whole = shard.as_object_mut().unwrap();
        whole.extend(more.as_object().unwrap().clone());
        json!({"index": follower, "total_global_checkpoint_lag": 256, "shards": [shard]})
    };
    let refused = json!({"type": "security_exception",
        "reason": "action [indices:data/read/xpack/ccr/shard_changes] is unauthorized"});
    let gone = json!({"type": "resource_not_found_exception", "reason":
        "Operations are no longer available for replicating. Existing retention leases [x]; maybe increase the retention lease period setting [index.soft_deletes.retention_lease.period]?"});
    json!({
        "auto_follow_stats": {
            "number_of_failed_follow_indices": 1, "number_of_failed_remote_cluster_state_requests": 0,
            "number_of_successful_follow_indices": 1,
            "recent_auto_follow_errors": [{
                "leader_index": "metrics:metrics-2", "timestamp": 1_700_000_000_000_u64,
                "auto_follow_exception": {"type": "exception", "reason":
                    "index to follow [metrics-2] for pattern [metrics] matches with other patterns [all]"},
            }],
            "auto_followed_clusters": [{"cluster_name": "bee", "time_since_last_check_millis": 12,
                "last_seen_metadata_version": 5}],
        },
        "follow_stats": {"indices": [
            shard("logs-copy", "logs", json!({"read_exceptions": [
                {"from_seq_no": 897, "retries": 7, "exception": refused}]})),
            shard("traces-copy", "traces", json!({"fatal_exception": gone})),
        ]},
    })
}

fn patterns(_: Value) -> Value {
    json!({"patterns": [{"name": "metrics", "pattern": {
        "active": true, "remote_cluster": "bee", "leader_index_patterns": ["metrics-*"],
        "leader_index_exclusion_patterns": [], "follow_index_pattern": "{{leader_index}}-copy",
        "max_outstanding_read_requests": 12,
    }}]})
}

fn leader(_: Value) -> Value {
    // The answer names the index that was asked for; who asked for another finds nothing of its own.
    let settings = json!({"settings": {"index.number_of_shards": "1", "index.uuid": "u"}});
    json!({"logs": settings, "metrics": settings, "traces": settings})
}

/// A remote that a node has in its `elasticsearch.yml` as well.
fn nodes(mut body: Value) -> Value {
    for (_, node) in body["nodes"].as_object_mut().into_iter().flatten() {
        node["settings"]["cluster"]["remote"] =
            json!({"bee": {"mode": "proxy", "proxy_address": "old.example.org:9443"}});
    }
    body
}

/// Recording `9.4.3/keystore_unknown_setting`.
fn reload(_: Value) -> Value {
    let text = include_str!("recordings/9.4.3.json");
    let recordings: Vec<Value> = serde_json::from_str(text).unwrap();
    let of_name = |it: &&Value| it["name"] == "keystore_unknown_setting";
    let recording = recordings.iter().find(of_name).unwrap();
    let answers = recording["local"].as_array().unwrap();
    let told = answers
        .iter()
        .find(|it| it["path"] == "/_nodes/reload_secure_settings");
    told.unwrap()["body"].clone()
}

async fn diagnose(pair: &mut Pair) -> (Evidence, Report) {
    let plan = &mut pair.plan;
    plan.reload_secure_settings = true;
    plan.intents[0].uses = vec![Use::Replication];
    plan.local.as_mut().unwrap().url = before(
        &pair.local_url,
        vec![
            ("GET /_all/_ccr/info", followers),
            ("GET /_ccr/stats", stats),
            ("GET /_ccr/auto_follow", patterns),
            ("GET /_nodes/", nodes),
            ("POST /_nodes/reload_secure_settings", reload),
        ],
    );
    plan.remote.as_mut().unwrap().url = before(
        &pair.remote_url,
        vec![
            ("GET /logs/_settings", leader),
            ("GET /metrics/_settings", leader),
            ("GET /traces/_settings", leader),
        ],
    );
    let (deadline, _interrupt) = Deadline::after(plan.timeout);
    let evidence = probe::collect(plan, &deadline, &probe::Silent).await;
    let report = CheckSet::embedded().judge(&evidence, &JudgeOptions::default());
    (evidence, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_files_and_reloads_are_seen_and_judged() {
    let scenario = demo::scenarios().iter().find(|it| it.name == "healthy");
    let mut pair = demo::start(scenario.unwrap()).await.unwrap();
    let (evidence, report) = diagnose(&mut pair).await;
    let failed = |code: &str| {
        let mut findings = report.findings.iter();
        findings.any(|it| it.code == code && it.outcome == Outcome::Fail)
    };
    for code in [
        "replication/auto-follow-conflict",
        "replication/follower-paused",
        "replication/operations-gone",
        "replication/reads-not-permitted",
        "settings/file-overridden",
    ] {
        assert!(failed(code), "{code}: {:#?}", evidence.links);
    }
    let reload = evidence.clusters["a"].reload.known().unwrap();
    let told = reload["a-node"].exception.as_ref().unwrap();
    assert!(told.contains("unknown secure setting"), "{told}");
    let link = &evidence.links[demo::ALIAS];
    let followers = link.followers.known().unwrap();
    // The second look, at a follower that is behind.
    assert!(followers[0].lag_later.is_known());
    layer::hold("clusters", [&evidence]);
}
