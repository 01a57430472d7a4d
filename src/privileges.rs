//! The least privileges of everybody who has a part in a link, as requests to paste.
//!
//! What whoever diagnoses needs is derived from the questions that this program asks
//! ([`Question::privileges`]); what the users of a link need is what Elasticsearch documents for
//! cross-cluster search and replication.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::evidence::{Environment, Model, Side, Use};
use crate::probe::elasticsearch::{Line, Privilege, Question};
use crate::probe::elasticsearch::{local_questions, remote_questions};

mod users;

/// The name of the role for whoever diagnoses.
const DIAGNOSIS: &str = "crosscheck";

/// What stands for indices that were not named.
const SOME_INDICES: &str = "INDEX*";

/// What privileges are wanted for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The remotes; empty for every one.
    pub aliases: Vec<String>,
    /// What the link is for; empty for everything.
    pub uses: Vec<Use>,
    /// What will be searched or followed; empty where that is not known.
    pub indices: Vec<String>,
    /// How the clusters authenticate.
    pub model: Model,
    /// Where the local cluster runs.
    pub environment: Option<Environment>,
    /// Version of the local cluster.
    pub local_version: Option<Line>,
    /// Whether the nodes' keystores are to be re-read.
    pub reload_secure_settings: bool,
}

/// One request that grants what one part in a link needs.
#[derive(Clone, Debug, Serialize)]
pub struct Grant {
    /// Who gets it.
    pub part: Part,
    /// Where the request is sent.
    pub on: Place,
    /// The request.
    pub request: Request,
    /// What each privilege is for; empty where the documentation is the source.
    pub reasons: Vec<Reason>,
    /// What else must be known.
    pub notes: Vec<String>,
}

/// Who has a part in a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Whoever runs this program.
    Diagnosis,
    /// The key with which the local cluster authenticates.
    Key,
    /// Whoever replicates.
    Replication,
    /// Whoever searches.
    Search,
    /// Whoever searches by ES|QL.
    Esql,
}

/// Where a request is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The control plane of Elastic Cloud or Elastic Cloud Enterprise.
    ControlPlane,
    /// The local cluster.
    Local,
    /// The remote cluster.
    Remote,
}

/// A request as Dev Tools take it.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// HTTP method.
    pub method: &'static str,
    /// Path.
    pub path: String,
    /// Body.
    pub body: Value,
}

/// What a privilege is for.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// The privilege, such as `the cluster privilege monitor`.
    pub privilege: String,
    /// What goes unknown without it.
    pub needed_for: Vec<&'static str>,
}

/// Everything that has to be granted.
pub fn grants(wish: &Wish) -> Vec<Grant> {
    let mut grants = vec![wish.diagnosis(Side::Local), wish.diagnosis(Side::Remote)];
    grants.extend(users::control_plane(wish));
    if wish.is_for(Use::Search) {
        grants.extend(users::search(wish));
        grants.extend(users::esql(wish));
    }
    if wish.is_for(Use::Replication) {
        grants.extend(users::replication(wish));
    }
    if wish.model == Model::ApiKey {
        grants.push(users::key(wish));
    }
    grants
}

impl Wish {
    fn is_for(&self, usage: Use) -> bool {
        self.uses.is_empty() || self.uses.contains(&usage)
    }

    fn clusters(&self) -> Vec<String> {
        match self.aliases.as_slice() {
            [] => vec!["*".into()],
            aliases => aliases.to_vec(),
        }
    }

    fn names(&self) -> Vec<String> {
        match self.indices.as_slice() {
            [] => vec![SOME_INDICES.into()],
            indices => indices.to_vec(),
        }
    }

    /// What stands for the name of the link where a request needs one.
    fn link_name(&self) -> &str {
        self.aliases.first().map_or("ALIAS", String::as_str)
    }

    /// The role of whoever diagnoses on one of the clusters.
    fn diagnosis(&self, side: Side) -> Grant {
        let needed = self.needed(side);
        let mut role = Role::default();
        for privilege in needed.keys() {
            role.grant(*privilege);
        }
        let reasons = needed.iter().map(|(privilege, questions)| Reason {
            privilege: privilege.to_string(),
            needed_for: questions.clone(),
        });
        Grant {
            part: Part::Diagnosis,
            on: side.into(),
            request: role.request(DIAGNOSIS, self),
            reasons: reasons.collect(),
            notes: self.diagnosis_notes(side),
        }
    }

    /// The privileges that the questions to a cluster need, and the purposes of these.
    fn needed(&self, side: Side) -> BTreeMap<Privilege, Vec<&'static str>> {
        let mut needed: BTreeMap<Privilege, Vec<&'static str>> = BTreeMap::new();
        let mut add = |privilege, purpose| {
            let purposes = needed.entry(privilege).or_default();
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        };
        for question in self.questions(side) {
            for privilege in question.privileges(self.local_version) {
                match (privilege, self.model) {
                    // In the certificate model the remote cluster judges, by its own roles.
                    (
                        Privilege::RemoteIndex(_) | Privilege::RemoteCluster(_),
                        Model::Certificate,
                    ) => {}
                    _ => add(privilege, question.purpose()),
                }
            }
        }
        if side == Side::Remote && self.model == Model::Certificate {
            let purpose = "the searches of size 0 through the link";
            add(Privilege::Index("read"), purpose);
        }
        needed
    }

    fn questions(&self, side: Side) -> Vec<Question> {
        match side {
            Side::Local => {
                let links = self.clusters().into_iter();
                let links: Vec<_> = links.map(|alias| (alias, self.names())).collect();
                local_questions(&links, self.reload_secure_settings)
            }
            Side::Remote => {
                let mut leaders = self.names();
                leaders.retain(|_| self.is_for(Use::Replication));
                let mut keys = vec!["ID".to_owned()];
                keys.retain(|_| self.model == Model::ApiKey);
                remote_questions(&leaders, &keys)
            }
        }
    }

    fn diagnosis_notes(&self, side: Side) -> Vec<String> {
        let mut notes = Vec::new();
        let side_name = side.name();
        notes.push(format!(
            "Give the role to a user (--{side_name}-user), or make an API key with it on the {side_name} \
             cluster (--{side_name}-api-key-file): POST /_security/api_key {{\"name\":\"{DIAGNOSIS}\",\
             \"role_descriptors\":{{\"{DIAGNOSIS}\":…}}}}. A key can do no more than the user who made it."
        ));
        if self.indices.is_empty() {
            notes.push(format!(
                "{SOME_INDICES} stands for what will be searched or followed: --index names it."
            ));
        }
        if side == Side::Local && self.model == Model::ApiKey && self.local_version.is_none() {
            notes.push(
                "From 8.17 on, \"remote_cluster\":[{\"clusters\":[\"*\"],\"privileges\":[\"monitor_stats\"]}] \
                 shows the remote cluster's versions as well; older versions refuse a role with it. \
                 --local-version adds it."
                    .into(),
            );
        }
        if side == Side::Remote && self.model == Model::Certificate {
            notes.push(
                "With certificates the remote cluster looks up the local user's roles by name: the role \
                 must be called the same on both clusters. An API key of the local cluster cannot be used \
                 through such a link."
                    .into(),
            );
        }
        if side == Side::Local && !self.reload_secure_settings {
            notes.push(
                "To re-read the keystore with --reload-secure-settings the cluster privilege manage is \
                 needed too (8.13 to 8.15: and manage_security)."
                    .into(),
            );
        }
        if self.environment == Some(Environment::Ech) || self.environment == Some(Environment::Ece)
        {
            notes.push(
                "The role viewer, which read-only users of the console get in a deployment, has no cluster \
                 privilege that helps here: with it nearly everything stays unknown."
                    .into(),
            );
        }
        notes
    }
}

impl From<Side> for Place {
    fn from(side: Side) -> Self {
        match side {
            Side::Local => Self::Local,
            Side::Remote => Self::Remote,
        }
    }
}

/// A role in the making.
#[derive(Default)]
struct Role {
    cluster: Vec<&'static str>,
    index: Vec<&'static str>,
    remote_index: Vec<&'static str>,
    remote_cluster: Vec<&'static str>,
}

impl Role {
    fn grant(&mut self, privilege: Privilege) {
        match privilege {
            Privilege::Cluster(name) => self.cluster.push(name),
            Privilege::Index(name) => self.index.push(name),
            Privilege::RemoteIndex(name) => self.remote_index.push(name),
            Privilege::RemoteCluster(name) => self.remote_cluster.push(name),
        }
    }

    fn request(&self, name: &str, wish: &Wish) -> Request {
        let (clusters, names) = (wish.clusters(), wish.names());
        let mut body = Map::new();
        if !self.cluster.is_empty() {
            body.insert("cluster".into(), json!(self.cluster));
        }
        if !self.index.is_empty() {
            body.insert(
                "indices".into(),
                json!([{ "names": names, "privileges": self.index }]),
            );
        }
        if !self.remote_index.is_empty() {
            body.insert(
                "remote_indices".into(),
                json!([{ "clusters": clusters, "names": names, "privileges": self.remote_index }]),
            );
        }
        if !self.remote_cluster.is_empty() {
            body.insert(
                "remote_cluster".into(),
                json!([{ "clusters": clusters, "privileges": self.remote_cluster }]),
            );
        }
        role(name, body.into())
    }
}

/// The request that makes a role.
fn role(name: &str, body: Value) -> Request {
    Request {
        method: "PUT",
        path: format!("/_security/role/{name}"),
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn wish() -> Wish {
        Wish {
            aliases: vec!["bee".into()],
            uses: Vec::new(),
            indices: vec!["logs*".into()],
            model: Model::ApiKey,
            environment: None,
            local_version: Some((9, 4)),
            reload_secure_settings: false,
        }
    }

    fn body(wish: &Wish, on: Place) -> Value {
        let grants = grants(wish);
        let mut grants = grants.iter().filter(|it| it.part == Part::Diagnosis);
        let grant = grants.find(|it| it.on == on).unwrap();
        grant.request.body.clone()
    }

    #[test]
    fn whoever_diagnoses_gets_what_the_questions_need_and_no_more() {
        assert_eq!(
            body(&wish(), Place::Local),
            json!({
                "cluster": [
                    "cluster:admin/xpack/ccr/auto_follow_pattern/get",
                    "cluster:admin/xpack/license/feature_usage",
                    "monitor",
                ],
                "remote_indices": [{"clusters": ["bee"], "names": ["logs*"], "privileges": ["read"]}],
                "remote_cluster": [{"clusters": ["bee"], "privileges": ["monitor_stats"]}],
            })
        );
        assert_eq!(
            body(&wish(), Place::Remote),
            json!({
                "cluster": ["cluster:admin/xpack/license/feature_usage", "monitor", "read_security"],
                "indices": [{"names": ["logs*"], "privileges": ["view_index_metadata"]}],
            })
        );
    }

    #[test]
    fn an_old_or_unknown_version_gets_no_privilege_that_it_would_refuse() {
        for version in [None, Some((8, 14)), Some((8, 16))] {
            let local_version = version;
            let role = body(
                &Wish {
                    local_version,
                    ..wish()
                },
                Place::Local,
            );
            assert!(role.get("remote_cluster").is_none(), "{role}");
        }
    }

    #[test]
    fn certificates_are_judged_by_the_remote_cluster() {
        let model = Model::Certificate;
        let wish = Wish {
            model,
            uses: vec![Use::Search],
            ..wish()
        };
        assert!(body(&wish, Place::Local).get("remote_indices").is_none());
        assert_eq!(
            body(&wish, Place::Remote)["indices"],
            json!([{"names": ["logs*"], "privileges": ["read"]}])
        );
    }

    #[test]
    fn the_keystore_is_re_read_only_where_that_is_wanted() {
        for (version, expected) in [
            (Some((8, 14)), &["manage", "manage_security"][..]),
            (Some((9, 4)), &["manage"]),
        ] {
            let wish = Wish {
                reload_secure_settings: true,
                local_version: version,
                ..wish()
            };
            let role = body(&wish, Place::Local);
            let cluster: Vec<&str> = role["cluster"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .filter(|it| it.starts_with("manage"))
                .collect();
            assert_eq!(cluster, expected);
        }
    }
}
