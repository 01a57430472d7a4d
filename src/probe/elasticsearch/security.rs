//! `/_security/…`: who asks, what they may do, and what is known of a key.

use serde_json::Value;

use crate::evidence::{ApiKey, Caller, Fact, Privileges, RemoteIndices, RestAnswer};

use super::Answer;
use super::values::{at, boolean, millis, text, texts};

/// Reads `GET /_security/_authenticate`.
pub(in super::super) fn caller(body: &Value) -> Option<Caller> {
    Some(Caller {
        username: text(body, &["username"])?,
        roles: texts(body, &["roles"]).unwrap_or_default(),
        authentication_type: text(body, &["authentication_type"]).into(),
    })
}

/// Reads `GET /_security/user/_privileges`. `remote_indices` is left out where there are none.
pub(in super::super) fn privileges(body: &Value) -> Option<Privileges> {
    let indices = at(body, &["indices"]).and_then(Value::as_array);
    Some(Privileges {
        cluster: texts(body, &["cluster"])?,
        indices: indices.map(|it| all_names(it.iter())).into(),
        remote_indices: remote_indices(body).collect(),
    })
}

fn remote_indices(role: &Value) -> impl Iterator<Item = RemoteIndices> {
    let entries = at(role, &["remote_indices"]).and_then(Value::as_array);
    entries.into_iter().flatten().map(|it| RemoteIndices {
        clusters: texts(it, &["clusters"]).unwrap_or_default(),
        names: texts(it, &["names"]).unwrap_or_default(),
        privileges: texts(it, &["privileges"]).unwrap_or_default(),
    })
}

/// Reads what an API key with roles of its own grants. What its owner may not do, the key may not do
/// either: that is not told here.
pub(in super::super) fn privileges_of_key(body: &Value, id: &str) -> Option<Privileges> {
    let keys = at(body, &["api_keys"])?.as_array()?;
    let key = keys
        .iter()
        .find(|it| text(it, &["id"]).as_deref() == Some(id))?;
    let roles = at(key, &["role_descriptors"])?.as_object()?;
    let roles = || roles.values();
    let indices = roles().filter_map(|it| at(it, &["indices"])?.as_array());
    Some(Privileges {
        cluster: roles()
            .filter_map(|it| texts(it, &["cluster"]))
            .flatten()
            .collect(),
        indices: Fact::Known(all_names(indices.flatten())),
        remote_indices: roles().flat_map(remote_indices).collect(),
    })
}

/// How the REST API took a cross-cluster API key (lab findings §4). `None` where the answer is
/// about something else.
pub(in super::super) fn rest_answer(answer: &Answer) -> Option<RestAnswer> {
    match answer.status()? {
        200 => answer
            .json()
            .filter(|body| at(body, &["username"]).is_some())
            .map(|_| RestAnswer::Rest),
        401 => {
            let reason = text(answer.body()?, &["error", "reason"])?;
            Some(if reason.contains("has type [cross_cluster]") {
                RestAnswer::CrossCluster
            } else {
                RestAnswer::Refused
            })
        }
        _ => None,
    }
}

/// What the cluster knows of one key; known to be none where it says so. Unknown keys are 404 in
/// some versions and an empty list in others.
pub(in super::super) fn api_key(answer: &Answer, id: &str) -> Fact<Option<ApiKey>> {
    let listed = answer.body().and_then(|body| at(body, &["api_keys"]));
    match (answer.status(), listed.and_then(Value::as_array)) {
        (Some(200), Some(keys)) => {
            let key = keys
                .iter()
                .find(|it| text(it, &["id"]).as_deref() == Some(id));
            match key.map(read_key) {
                None => Fact::Known(None),
                Some(None) => Fact::Unknown,
                Some(key) => Fact::Known(key),
            }
        }
        // Of a handler that is not there it says `no handler found`.
        (Some(404), _)
            if answer
                .body()
                .is_some_and(|body| at(body, &["error"]).is_none_or(|it| !it.is_string())) =>
        {
            Fact::Known(None)
        }
        _ => Fact::Unknown,
    }
}

fn read_key(key: &Value) -> Option<ApiKey> {
    let invalidated = boolean(key, &["invalidated"])?;
    let kind = text(key, &["type"]);
    let scope = Scope::of(key, kind.as_deref());
    Some(ApiKey {
        name: text(key, &["name"]).unwrap_or_default(),
        kind: kind.into(),
        invalidated,
        invalidated_at: match millis(key, &["invalidation"]) {
            Some(at) => Fact::Known(Some(at)),
            None if !invalidated => Fact::Known(None),
            None => Fact::Unknown,
        },
        created_at: millis(key, &["creation"]).into(),
        expiration: millis(key, &["expiration"]),
        username: text(key, &["username"]).into(),
        search: scope.search,
        replication: scope.replication,
        document_or_field_security: scope.restricted,
        certificate_identity: Fact::Known(text(key, &["certificate_identity"])),
    })
}

/// What a key may do.
#[derive(Default)]
struct Scope {
    search: Fact<Vec<String>>,
    replication: Fact<Vec<String>>,
    restricted: Fact<bool>,
}

impl Scope {
    fn of(key: &Value, kind: Option<&str>) -> Self {
        if let Some(access) = at(key, &["access"]) {
            return Self::of_access(access);
        }
        match at(key, &["role_descriptors"]).and_then(Value::as_object) {
            // Of a REST key without roles of its own the owner's roles hold: not told here.
            Some(roles) if kind == Some("cross_cluster") => Self::of_roles(roles.values()),
            _ => Self::default(),
        }
    }

    fn of_access(access: &Value) -> Self {
        let part = |key| at(access, &[key]).and_then(Value::as_array);
        let names = |key| {
            let entries = part(key).into_iter().flatten();
            Fact::Known(all_names(entries))
        };
        let restricted = part("search").into_iter().flatten().any(restricts);
        Self {
            search: names("search"),
            replication: names("replication"),
            restricted: Fact::Known(restricted),
        }
    }

    /// The privileges that Elasticsearch derives from `access` (catalogue A10).
    fn of_roles<'a>(roles: impl Iterator<Item = &'a Value>) -> Self {
        let entries: Vec<&Value> = roles
            .filter_map(|role| at(role, &["indices"])?.as_array())
            .flatten()
            .collect();
        let with = |privilege: &str| {
            let having = entries.iter().copied().filter(|entry| {
                texts(entry, &["privileges"]).is_some_and(|it| it.iter().any(|it| it == privilege))
            });
            having.collect::<Vec<_>>()
        };
        let search = with("read_cross_cluster");
        Self {
            restricted: Fact::Known(search.iter().copied().any(restricts)),
            search: Fact::Known(all_names(search.into_iter())),
            replication: Fact::Known(all_names(with("cross_cluster_replication").into_iter())),
        }
    }
}

fn restricts(entry: &Value) -> bool {
    at(entry, &["query"]).is_some() || at(entry, &["field_security"]).is_some()
}

fn all_names<'a>(entries: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut names = Vec::new();
    for name in entries.filter_map(|it| texts(it, &["names"])).flatten() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_with_roles_tells_what_they_grant() {
        // Answer: 9.4.3, a key asked about itself, shortened.
        let body = json!({"api_keys": [{"id": "k2", "type": "rest", "invalidated": false, "username": "elastic",
            "role_descriptors": {"x": {"cluster": ["monitor"], "indices": [], "remote_indices":
                [{"names": ["logs*"], "privileges": ["read"], "clusters": ["bee"]}]}}}]});
        let privileges = privileges_of_key(&body, "k2").unwrap();
        assert_eq!(privileges.cluster, ["monitor"]);
        assert_eq!(privileges.indices, Fact::Known(Vec::new()));
        assert_eq!(privileges.remote_indices[0].names, ["logs*"]);
        assert_eq!(privileges_of_key(&body, "k3"), None);
    }

    #[test]
    fn a_scope_is_read_from_either_form() {
        let roles = json!({"cross_cluster": {"indices": [
            {"names": ["logs*"], "privileges": ["read", "read_cross_cluster", "view_index_metadata"], "query": "{}"},
            {"names": ["metrics"], "privileges": ["cross_cluster_replication", "cross_cluster_replication_internal"]}]}});
        let access = json!({"search": [{"names": ["logs*"], "query": "{}"}],
            "replication": [{"names": ["metrics"]}]});
        for key in [
            json!({"name": "x", "type": "cross_cluster", "invalidated": false, "role_descriptors": roles}),
            json!({"name": "x", "type": "cross_cluster", "invalidated": false, "access": access}),
        ] {
            let key = read_key(&key).unwrap();
            assert_eq!(key.search, Fact::Known(vec!["logs*".into()]));
            assert_eq!(key.replication, Fact::Known(vec!["metrics".into()]));
            assert_eq!(key.document_or_field_security, Fact::Known(true));
            assert_eq!(key.expiration, None);
        }
    }
}
