//! One cluster of the document.

use std::collections::BTreeSet;

use url::Url;

use crate::config::plan::Plan;
use crate::evidence::{ApiAccess, Cluster, Fact, Gap, Side, path};

use super::super::elasticsearch::{
    Answer, Privilege, Question, Who, api_key, caller, common_names, features_used,
    followed_remotes, leader, license, loaded_certificates, privileges, privileges_of_key, refusal,
    reloads, remote_stats,
};
use super::{Part, environment, fact};

/// Makes the cluster of its answers, and a gap of each that is missing.
pub(super) fn cluster(plan: &Plan, part: &Part<'_>, gaps: &mut Vec<Gap>) -> Cluster {
    let setup = &part.setup;
    let root = &setup.root;
    let mut cluster = Cluster {
        side: Fact::Known(part.side),
        url: fact(part.target.map(|it| without_login(&it.url))),
        access: root
            .contact
            .map(|contact| ApiAccess {
                contact,
                detail: root.detail.clone(),
            })
            .into(),
        name: root.name.clone(),
        uuid: root.uuid.clone(),
        version: root.version.clone(),
        build_flavor: root.build_flavor.clone(),
        minimum_wire_compatibility_version: root.minimum_wire_compatibility_version.clone(),
        environment: environment::environment(part),
        nodes: fact(setup.nodes.clone()),
        settings: fact(setup.settings.clone()),
        ..Cluster::default()
    };
    if part.side == Side::Local {
        cluster.aliases = setup.aliases().into();
        cluster.keystore = plan.keystore.clone().into();
        cluster.followed_remotes = followed_remotes(part.answers);
    }
    for answer in part.answers {
        take(&mut cluster, answer);
    }
    // A cluster without a node's remote cluster server metric is older than that server.
    if setup.at_least(8, 10) == Some(false)
        && let Fact::Known(nodes) = &mut cluster.nodes
    {
        for node in nodes.values_mut() {
            node.remote_cluster_server = Fact::Known(None);
        }
    }
    add_gaps(part, &cluster, gaps);
    cluster
}

fn without_login(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for URLs that cannot have them.
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}

fn take(cluster: &mut Cluster, answer: &Answer) {
    let json = answer.json();
    match &answer.question {
        Question::License => cluster.license = license(answer),
        Question::FeatureUsage => cluster.features_used = json.and_then(features_used).into(),
        Question::Certificates => cluster.certificates = json.and_then(loaded_certificates).into(),
        Question::Caller => cluster.caller = json.and_then(caller).into(),
        Question::Privileges => cluster.privileges = json.and_then(privileges).into(),
        Question::OwnKey { id } => {
            cluster.privileges = json.and_then(|it| privileges_of_key(it, id)).into();
        }
        Question::RemoteStats => cluster.remote_stats = json.map(remote_stats).into(),
        Question::ReloadSecureSettings => {
            let reloads = json.and_then(reloads);
            if let Some(names) = reloads.as_ref().and_then(common_names) {
                cluster.keystore = Fact::Known(names);
            }
            cluster.reload = reloads.into();
        }
        Question::ApiKey { id } => {
            if let Fact::Known(key) = api_key(answer, id) {
                let mut keys = std::mem::take(&mut cluster.api_keys)
                    .into_known()
                    .unwrap_or_default();
                keys.insert(id.clone(), key);
                cluster.api_keys = Fact::Known(keys);
            }
        }
        Question::Leader { index } => {
            if let Fact::Known(found) = leader(answer, index) {
                let mut leaders = std::mem::take(&mut cluster.leaders)
                    .into_known()
                    .unwrap_or_default();
                leaders.insert(index.clone(), found);
                cluster.leaders = Fact::Known(leaders);
            }
        }
        Question::AutoFollow
        | Question::Cloud(_)
        | Question::ClusterSettings
        | Question::Credential { .. }
        | Question::FollowInfo
        | Question::FollowStats(_)
        | Question::Nodes { .. }
        | Question::RemoteInfo(_)
        | Question::Resolve { .. }
        | Question::ResolveIndex { .. }
        | Question::Root
        | Question::Search { .. } => {}
    }
}

fn add_gaps(part: &Part<'_>, cluster: &Cluster, gaps: &mut Vec<Gap>) {
    let who = part.who();
    let mut push = |field: Option<&str>, probe: String, reason: String, remedy: String| {
        let place = ["clusters", &part.key];
        gaps.push(Gap {
            path: path(place.into_iter().chain(field)),
            probe,
            reason,
            remedy,
        });
    };
    if !part.setup.root.answered() {
        let (reason, remedy) = no_contact(part, who);
        push(None, "GET /".into(), reason, remedy);
        return;
    }
    let open = open_fields(part, cluster);
    let mut told = BTreeSet::new();
    // The last answer of a repeated call is the one that counts.
    for answer in part.answers.iter().rev().filter(|it| it.node.is_none()) {
        let fields = answer.question.fills();
        let Some((reason, remedy)) = refusal(answer, who) else {
            continue;
        };
        for field in fields.iter().filter(|it| open.contains(*it)) {
            if told.insert(*field) {
                push(
                    Some(field),
                    answer.question.call(),
                    reason.clone(),
                    remedy.clone(),
                );
            }
        }
    }
    for field in open.into_iter().filter(|it| !told.contains(it)) {
        let (probe, reason, remedy) = not_asked(part, field);
        push(Some(field), probe.into(), reason.into(), remedy.into());
    }
    if cluster.version.is_unknown() {
        for field in ["name", "uuid", "version"] {
            let (reason, remedy) = no_contact(part, who);
            push(Some(field), "GET /".into(), reason, remedy);
        }
    }
    for alias in without_remote_stats(cluster) {
        // Each by itself: the remote stands in the answer, only nothing is told of it.
        for field in ["uuid", "versions"] {
            let (reason, remedy) = untold(part, who);
            gaps.push(Gap {
                path: path(["clusters", &part.key, "remote_stats", alias, field]),
                probe: "GET /_cluster/stats?include_remotes=true".into(),
                reason,
                remedy,
            });
        }
    }
}

/// Remotes of which the statistics tell nothing.
fn without_remote_stats(cluster: &Cluster) -> Vec<&str> {
    let stats = cluster.remote_stats.known().into_iter().flatten();
    stats
        .filter(|(_, it)| it.versions.is_unknown())
        .map(|(alias, _)| alias.as_str())
        .collect()
}

/// Why they tell nothing of a remote that was asked.
fn untold(part: &Part<'_>, who: Who<'_>) -> (String, String) {
    if part.setup.at_least(8, 17) == Some(false) {
        return (
            "8.16 calls every remote with an API key unavailable".into(),
            "this check needs 8.17 or later; every other one goes without it".into(),
        );
    }
    let privilege = Privilege::RemoteCluster("monitor_stats").to_string();
    (
        "the remote cluster told this user nothing of itself".into(),
        who.grant(&privilege),
    )
}

/// Why nothing is known of a cluster.
fn no_contact(part: &Part<'_>, who: Who<'_>) -> (String, String) {
    let first = part.answers.iter().find(|it| it.question == Question::Root);
    let said = first.and_then(|it| refusal(it, who));
    let detail = part.setup.root.detail.clone();
    match (said, detail) {
        (Some((_, remedy)), Some(detail)) => (detail, remedy),
        (Some((reason, remedy)), None) => (reason, remedy),
        (None, Some(detail)) => (
            detail,
            format!("give the URL of Elasticsearch with {}", who.option()),
        ),
        (None, None) if part.target.is_none() => (
            "the files hold no answer to it".into(),
            "run GET / on that cluster, save the answer, and give that file as well".into(),
        ),
        (None, None) => (
            "the run ended before it was asked".into(),
            "allow more time with --timeout".into(),
        ),
    }
}

/// Fields that this side should have and has not.
fn open_fields(part: &Part<'_>, cluster: &Cluster) -> Vec<&'static str> {
    let local = part.side == Side::Local;
    [
        ("nodes", cluster.nodes.is_unknown()),
        ("settings", cluster.settings.is_unknown()),
        ("license", cluster.license.is_unknown()),
        ("features_used", cluster.features_used.is_unknown()),
        ("certificates", cluster.certificates.is_unknown()),
        ("caller", cluster.caller.is_unknown()),
        ("privileges", local && cluster.privileges.is_unknown()),
        ("aliases", local && cluster.aliases.is_unknown()),
        ("keystore", local && cluster.keystore.is_unknown()),
        ("reload", local && cluster.reload.is_unknown()),
        ("remote_stats", local && cluster.remote_stats.is_unknown()),
        (
            "followed_remotes",
            local && cluster.followed_remotes.is_unknown(),
        ),
        ("leaders", !local && cluster.leaders.is_unknown()),
        ("api_keys", !local && cluster.api_keys.is_unknown()),
    ]
    .into_iter()
    .filter_map(|(field, open)| open.then_some(field))
    .collect()
}

/// Why a field was never asked for.
fn not_asked(part: &Part<'_>, field: &str) -> (&'static str, &'static str, &'static str) {
    match field {
        "keystore" if part.target.is_none() => (
            "bin/elasticsearch-keystore list",
            "no list of the names in the keystore was given",
            "save the output of `bin/elasticsearch-keystore list` of a node, and give that file as well",
        ),
        "reload" if part.target.is_none() => (
            "POST /_nodes/reload_secure_settings",
            "no answer of a reload was given",
            "crosscheck diagnose ALIAS --local URL --reload-secure-settings",
        ),
        "api_keys" if part.target.is_none() => (
            "GET /_security/api_key",
            "no diagnostic collects the cross-cluster API keys",
            "run GET /_security/api_key?id=ID on that cluster, save the answer, and give that file \
             as well",
        ),
        "keystore" if part.setup.at_least(9, 3) == Some(true) => (
            "POST /_nodes/reload_secure_settings",
            "names in the keystore are told only by a node that re-reads it",
            "--reload-secure-settings, or --keystore-list FILE with the output of \
             `bin/elasticsearch-keystore list`",
        ),
        "keystore" => (
            "bin/elasticsearch-keystore list",
            "no API of this version tells the names in the keystore",
            "--keystore-list FILE with the output of `bin/elasticsearch-keystore list` of a node",
        ),
        "reload" => (
            "POST /_nodes/reload_secure_settings",
            "not asked: it makes nodes re-read their keystore",
            "--reload-secure-settings",
        ),
        "remote_stats" if part.setup.at_least(8, 16) == Some(false) => (
            "GET /_cluster/stats?include_remotes=true",
            "this version does not tell",
            "this check needs 8.16 or later; every other one goes without it",
        ),
        "remote_stats" => (
            "GET /_cluster/stats?include_remotes=true",
            "not asked: it dials every remote, and not every one answers",
            "run again once every remote of this cluster answers",
        ),
        "leaders" => (
            "GET /<index>/_settings",
            "no index is known that is followed",
            "--use replication --index NAME of the index that will be followed",
        ),
        "api_keys" => (
            "GET /_security/api_key?id=…",
            "no key is known whose id could be asked for",
            "--credentials-file FILE with the encoded key",
        ),
        "aliases" => (
            "GET /_remote/info",
            "neither the settings nor the remotes could be read",
            "name the remote, such as crosscheck diagnose ALIAS",
        ),
        _ => (
            "its HTTP API",
            "the run ended before it was asked, or the answer could not be read",
            "allow more time with --timeout",
        ),
    }
}
