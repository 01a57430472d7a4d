//! What the users of a link need, and its key, as Elasticsearch documents it.

use serde_json::{Value, json};

use crate::evidence::{Environment, Model, Use};

use super::{Grant, Part, Place, Request, Wish, role};

/// Versions whose roles know `remote_cluster` with `monitor_enrich`.
const ENRICH_SINCE: (u32, u32) = (8, 15);

/// Whoever searches.
pub(super) fn search(wish: &Wish) -> Vec<Grant> {
    let name = format!("{}-search", wish.link_name());
    let privileges = ["read", "read_cross_cluster"];
    let kibana = "Kibana's documentation asks for view_index_metadata beside these.";
    match wish.model {
        Model::ApiKey => {
            let body = json!({"remote_indices": [{
                "clusters": wish.clusters(), "names": wish.names(), "privileges": privileges,
            }]});
            let measured = "On 9.4 read alone is enough for _search; 8.14 refuses searches with \
                            ccs_minimize_roundtrips=false without read_cross_cluster.";
            vec![grant(
                Part::Search,
                Place::Local,
                role(&name, body),
                &[measured, kibana],
            )]
        }
        Model::Certificate => {
            let body = json!({"indices": [{"names": wish.names(), "privileges": privileges}]});
            of_one_name(Part::Search, &name, &json!({}), &body, &[kibana])
        }
    }
}

/// Whoever searches by ES|QL.
pub(super) fn esql(wish: &Wish) -> Vec<Grant> {
    let name = format!("{}-esql", wish.link_name());
    let privileges = ["read", "read_cross_cluster"];
    // ES|QL is refused by the local cluster where a user has no index privilege there at all.
    let local = json!({
        "cluster": ["cross_cluster_search"],
        "indices": [{"names": [""], "privileges": ["read"]}],
    });
    match wish.model {
        Model::ApiKey => {
            let mut body = local;
            body["remote_indices"] = json!([{
                "clusters": wish.clusters(), "names": wish.names(), "privileges": privileges,
            }]);
            let mut notes = vec!["From the documentation; not tried."];
            if wish.local_version.is_some_and(|it| it >= ENRICH_SINCE) {
                body["remote_cluster"] =
                    json!([{"clusters": wish.clusters(), "privileges": ["monitor_enrich"]}]);
                notes.push("remote_cluster is for ENRICH alone.");
            } else {
                notes.push(
                    "ENRICH also needs \"remote_cluster\":[{\"clusters\":[\"*\"],\
                     \"privileges\":[\"monitor_enrich\"]}], from 8.15 on.",
                );
            }
            vec![grant(Part::Esql, Place::Local, role(&name, body), &notes)]
        }
        Model::Certificate => {
            let body = json!({
                "cluster": ["monitor_enrich"],
                "indices": [{"names": wish.names(), "privileges": privileges}],
            });
            let notes = ["From the documentation; not tried. monitor_enrich is for ENRICH alone."];
            of_one_name(Part::Esql, &name, &local, &body, &notes)
        }
    }
}

/// Whoever replicates.
pub(super) fn replication(wish: &Wish) -> Vec<Grant> {
    let name = format!("{}-replication", wish.link_name());
    let mut local = json!({
        "cluster": ["manage_ccr"],
        "indices": [{
            "names": wish.names(),
            "privileges": ["monitor", "read", "write", "manage_follow_index"],
        }],
    });
    let notes = [
        "From the documentation. On the local cluster the names are those of the followers, which may \
         differ from those of the leaders.",
    ];
    match wish.model {
        Model::ApiKey => {
            local["remote_indices"] = json!([{
                "clusters": wish.clusters(),
                "names": wish.names(),
                "privileges": ["cross_cluster_replication"],
            }]);
            vec![grant(
                Part::Replication,
                Place::Local,
                role(&name, local),
                &notes,
            )]
        }
        Model::Certificate => {
            let remote = json!({
                "cluster": ["read_ccr"],
                "indices": [{"names": wish.names(), "privileges": ["monitor", "read"]}],
            });
            of_one_name(Part::Replication, &name, &local, &remote, &notes)
        }
    }
}

/// The key.
pub(super) fn key(wish: &Wish) -> Grant {
    let mut access = json!({});
    for (usage, word) in [(Use::Search, "search"), (Use::Replication, "replication")] {
        if wish.is_for(usage) {
            access[word] = json!([{"names": wish.names()}]);
        }
    }
    let mut notes = vec![
        "Whoever makes it needs the cluster privilege manage_security on the remote cluster, and must not \
         be authenticated by an API key.",
        "What a user may do through the link is what both this key and the user's role grant.",
    ];
    notes.extend(match wish.environment {
        Some(Environment::Eck) => Some(
            "Between clusters of one ECK operator the key is made by spec.remoteClusters[].apiKey.access of \
             the local cluster, with the same search and replication.",
        ),
        Some(Environment::Ech | Environment::Ece) => Some(
            "Store it in the local deployment's console: Security, Remote connections, Add API key.",
        ),
        Some(Environment::SelfManaged) | None => None,
    });
    let request = Request {
        method: "POST",
        path: "/_security/cross_cluster/api_key".into(),
        body: json!({"name": wish.link_name(), "access": access}),
    };
    grant(Part::Key, Place::Remote, request, &notes)
}

/// Whoever asks the control plane.
pub(super) fn control_plane(wish: &Wish) -> Option<Grant> {
    let (body, note) = match wish.environment? {
        Environment::Ech => (
            json!({
                "description": "crosscheck",
                "expiration": "30d",
                "role_assignments": {"deployment": [{
                    "role_id": "deployment-viewer",
                    "organization_id": "ORGANISATION_ID",
                    "all": false,
                    "deployment_ids": ["LOCAL_DEPLOYMENT_ID", "REMOTE_DEPLOYMENT_ID"],
                }]},
            }),
            "A key belongs to one organisation: make one in each where the deployments are in two \
             (--remote-cloud-api-key-file).",
        ),
        Environment::Ece => (
            json!({"description": "crosscheck"}),
            "Make it as a user with the role Deployment viewer: a key has the roles of its user.",
        ),
        Environment::Eck | Environment::SelfManaged => return None,
    };
    let request = Request {
        method: "POST",
        path: "/api/v1/users/auth/keys".into(),
        body,
    };
    let unknown = "From the documentation, which does not say whether this role may read the names in the \
                   keystore and the network security policies; where it may not, the report says so.";
    Some(grant(
        Part::Diagnosis,
        Place::ControlPlane,
        request,
        &[note, unknown],
    ))
}

/// Roles of one name on both clusters, as the certificate model wants them.
fn of_one_name(
    part: Part,
    name: &str,
    local: &Value,
    remote: &Value,
    notes: &[&str],
) -> Vec<Grant> {
    let same = "With certificates the remote cluster judges, by its own role of the same name.";
    let mut notes_of_remote = vec![same];
    notes_of_remote.extend(notes);
    vec![
        grant(part, Place::Local, role(name, local.clone()), &[same]),
        grant(
            part,
            Place::Remote,
            role(name, remote.clone()),
            &notes_of_remote,
        ),
    ]
}

fn grant(part: Part, on: Place, request: Request, notes: &[&str]) -> Grant {
    Grant {
        part,
        on,
        request,
        reasons: Vec::new(),
        notes: notes.iter().map(|&it| it.to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{grants, tests::wish};
    use super::*;

    #[test]
    fn a_key_grants_the_uses_and_no_other() {
        let wish = Wish {
            uses: vec![Use::Search],
            ..wish()
        };
        assert_eq!(
            key(&wish).request.body,
            json!({"name": "bee", "access": {"search": [{"names": ["logs*"]}]}})
        );
        assert!(grants(&wish).iter().all(|it| it.part != Part::Replication));
    }

    #[test]
    fn with_certificates_every_role_is_on_both_clusters() {
        let wish = Wish {
            model: Model::Certificate,
            ..wish()
        };
        for part in [Part::Diagnosis, Part::Search, Part::Esql, Part::Replication] {
            let grants = grants(&wish);
            let of_part: Vec<_> = grants.iter().filter(|it| it.part == part).collect();
            let [local, remote] = of_part.as_slice() else {
                panic!("{part:?}");
            };
            assert_eq!((local.on, remote.on), (Place::Local, Place::Remote));
            assert_eq!(local.request.path, remote.request.path);
        }
    }
}
