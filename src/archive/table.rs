//! Under which names support-diagnostics, esdiag and eck-diagnostics keep what, and which of it
//! matters here.

use crate::probe::elasticsearch::{Moment, Question};

use super::eck;
use super::place::Place;

/// An answer that a diagnostic keeps.
#[derive(Debug)]
pub(super) struct Kept {
    /// Name of the file without `.json`, and of the call in esdiag's manifest.
    pub(super) name: &'static str,
    /// What was asked.
    pub(super) question: Question,
    /// Whether `--mode light` collects it as well.
    light: bool,
}

/// The answers that are read (`elastic-rest.yml` of support-diagnostics, `sources.yml` of esdiag). Where
/// two answer one question, the first is preferred.
pub(super) static KEPT: [Kept; 11] = [
    kept("version", Question::Root, false),
    kept("nodes", Question::Nodes { server: false }, true),
    kept(
        "remote_cluster_info",
        Question::RemoteInfo(Moment::Before),
        false,
    ),
    kept("cluster_settings", Question::ClusterSettings, false),
    kept("cluster_settings_defaults", Question::ClusterSettings, true),
    kept("cluster_stats", Question::RemoteStats, true),
    kept("licenses", Question::License, false),
    kept("ssl_certs", Question::Certificates, true),
    kept("ccr_follower_info", Question::FollowInfo, false),
    kept("ccr_stats", Question::FollowStats(Moment::Before), false),
    kept("ccr_autofollow_patterns", Question::AutoFollow, false),
];

const fn kept(name: &'static str, question: Question, light: bool) -> Kept {
    Kept {
        name,
        question,
        light,
    }
}

/// The row of a file's name.
pub(super) fn row(name: &str) -> Option<&'static Kept> {
    let stem = name.strip_suffix(".json")?;
    KEPT.iter().find(|it| it.name == stem)
}

/// Why a diagnostic has no answer to a question.
pub(super) fn absent(question: &Question, tool: Option<&str>, light: bool) -> String {
    let rows = || KEPT.iter().filter(|it| it.question == *question);
    let Some(tool) = tool else {
        return "no file that was given holds an answer to it".into();
    };
    match rows().next() {
        None => format!("{tool} does not collect it"),
        Some(_) if light && !rows().any(|it| it.light) => {
            format!("{tool} ran with --mode light, which leaves it out")
        }
        Some(row) => format!("the archive has no {}.json", row.name),
    }
}

/// Folders of a diagnostic whose files belong to the folder above.
pub(super) fn root_of(folder: &str) -> &str {
    ["/commercial", "/cat"]
        .iter()
        .find_map(|it| folder.strip_suffix(it))
        .unwrap_or(folder)
}

/// Whether a file within a folder or an archive is worth opening.
pub(super) fn wants(place: &Place) -> bool {
    let name = place.name();
    let lower = name.to_ascii_lowercase();
    if is_log(place) || eck::is_named(place) {
        return true;
    }
    let Some((stem, ending)) = lower.rsplit_once('.') else {
        return false;
    };
    match ending {
        "json" => !IGNORED.contains(&stem) && !in_folder(place, &["cat", "kibana", "logstash"]),
        "zip" | "tar" | "tgz" | "gz" => true,
        "yml" | "yaml" => stem == "elasticsearch",
        "txt" => stem.contains("keystore") && !in_folder(place, &["syscalls"]),
        _ => false,
    }
}

/// Whether its name is that of a server log, rotated or compressed or not.
pub(super) fn is_log(place: &Place) -> bool {
    let lower = place.name().to_ascii_lowercase();
    let name = lower.strip_suffix(".gz").unwrap_or(&lower);
    if NO_SERVER_LOG.iter().any(|it| name.contains(it)) {
        return false;
    }
    let ending = |it: &str| name.ends_with(it);
    ending(".log")
        || name.contains(".log.")
        || ending("_server.json")
        || ending("_audit.json")
        || (name.contains("_server-") && ending(".json"))
        || matches!(name, "logs.txt" | "previous-logs.txt")
        || (name.starts_with("docker-logs") && ending(".txt"))
}

fn in_folder(place: &Place, names: &[&str]) -> bool {
    let folder = place.folder();
    let last = folder.rsplit('/').next().unwrap_or_default();
    names.contains(&last) && !place.inner.is_empty()
}

/// Logs of something else, or of no use.
const NO_SERVER_LOG: [&str; 8] = [
    "gc.log",
    "diagnostics.log",
    "eck-diagnostics.log",
    "slowlog",
    "slow_log",
    "deprecation",
    "controller.log",
    "hs_err_pid",
];

/// Answers that say nothing of remotes; some are large.
const IGNORED: [&str; 70] = [
    "alias",
    "allocation",
    "allocation_explain",
    "allocation_explain_disk",
    "autoscaling_capacity",
    "cluster_health",
    "cluster_pending_tasks",
    "cluster_state",
    "component_templates",
    "connectors",
    "count",
    "dangling_indices",
    "data_stream",
    "deprecation_info",
    "enrich_policies",
    "enrich_stats",
    "fielddata",
    "fielddata_stats",
    "geoip_stats",
    "ilm_explain",
    "ilm_explain_only_errors",
    "ilm_policies",
    "ilm_status",
    "index_templates",
    "indices",
    "indices_stats",
    "inference",
    "internal_desired_balance",
    "internal_health",
    "logstash_pipeline",
    "mapping",
    "master",
    "ml_anomaly_detectors",
    "ml_datafeeds",
    "ml_datafeeds_stats",
    "ml_dataframe",
    "ml_dataframe_stats",
    "ml_info",
    "ml_memory_stats",
    "ml_stats",
    "ml_trained_models",
    "ml_trained_models_stats",
    "nodes_short",
    "nodes_shutdown_status",
    "nodes_stats",
    "nodes_usage",
    "pipelines",
    "plugins",
    "profiling_status",
    "recovery",
    "repositories",
    "rollup_caps",
    "rollup_index_caps",
    "rollup_jobs",
    "searchable_snapshots_cache_stats",
    "searchable_snapshots_stats",
    "security_priv",
    "security_role_mappings",
    "security_roles",
    "security_users",
    "segments",
    "settings",
    "shard_stores",
    "shards",
    "snapshot",
    "system-digest",
    "tasks",
    "templates",
    "transform_stats",
    "xpack",
];
