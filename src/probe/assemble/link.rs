//! One link of the document.

use std::collections::BTreeMap;

use crate::config::plan::{LinkIntent, Plan};
use crate::evidence::{
    Certificate, Cluster, Credential, Endpoint, EndpointSource, Fact, Gap, Link, Mode, Model,
    NodeView, RemoteInfo, Use, answer_to_key,
};

use super::super::credential;
use super::super::elasticsearch::{Question, RemoteEntry, Setup, replication, rest_answer};
use super::super::endpoint::undialled;
use super::super::link::{Sketch, configured, intended_model, mode, published_for, typed};
use super::tried::Tried;
use super::{Part, link_gaps, matching};

/// All that a link is made of.
pub(super) struct Maker<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sketch: &'a Sketch,
    pub(super) intent: Option<&'a LinkIntent>,
    pub(super) local: Option<&'a Part<'a>>,
    pub(super) remote: Option<&'a Part<'a>>,
    /// Keys of the local and the remote cluster, where anybody told of them.
    pub(super) managed: &'a [Option<String>; 2],
    /// Whether it is the only link of the run.
    pub(super) alone: bool,
}

impl Maker<'_> {
    /// Makes the link, sets the source of its endpoints, and adds a gap for what is unknown.
    pub(super) fn link(
        &self,
        clusters: &BTreeMap<String, Cluster>,
        endpoints: &mut BTreeMap<String, Endpoint>,
        gaps: &mut Vec<Gap>,
    ) -> Link {
        let tried = self.tried();
        let mut link = self.settled();
        if link.intended_model.is_unknown() {
            link.intended_model = declared_model(clusters, &link);
        }
        self.add_tried(&mut link, tried);
        link.replicates = self.replicates(&link);
        link.signs = self.signs(&link);
        link.endpoints = self.endpoint_keys(endpoints);
        if let Fact::Known(Some(credential)) = &mut link.credential
            && let Some(id) = credential.id.known()
        {
            let attempts = link.endpoints.iter();
            let attempts = attempts.filter_map(|key| endpoints.get(key)?.attempts.known());
            credential.wire_answer = answer_to_key(attempts.flatten(), id);
        }
        let matched = matching::remote(self, &link, clusters, endpoints);
        link.remote = matched.as_ref().ok().cloned().into();
        // What another cluster says of the key is no answer.
        if matched.is_err()
            && let Fact::Known(Some(credential)) = &mut link.credential
        {
            credential.rest_answer = Fact::Unknown;
        }
        link_gaps::add(self, &link, endpoints, matched.err(), gaps);
        link
    }

    /// The local cluster's setup, where it answered.
    pub(super) fn setup(&self) -> Option<&Setup> {
        self.local
            .map(|it| &it.setup)
            .filter(|it| it.root.answered())
    }
    /// Whether the local cluster's answers come from files: nothing was provoked or dialled then.
    pub(super) fn is_of_files(&self) -> bool {
        self.local.is_some_and(|it| it.target.is_none())
    }

    fn local_key(&self) -> Option<String> {
        let asked = self.local.map(|it| it.key.clone());
        asked.or_else(|| self.managed[0].clone())
    }

    fn tried(&self) -> Tried {
        match (self.local, self.sketch.alias.as_deref()) {
            (Some(local), Some(alias)) => Tried::of(local.answers, alias),
            _ => Tried::default(),
        }
    }

    /// What settings and the reader say.
    fn settled(&self) -> Link {
        let alias = self.sketch.alias.as_deref();
        let mut link = Link {
            alias: self.sketch.alias.clone().into(),
            local: self.local_key().into(),
            planned: self.sketch.planned,
            intended_model: intended_model(self.intent).into(),
            mode: mode(self.setup(), alias, self.intent).into(),
            credential: self.credential(),
            server_ca: self
                .intent
                .and_then(|it| it.server_ca.as_ref())
                .map(|it| {
                    it.iter()
                        .filter_map(|der| Certificate::from_der(der).ok())
                        .collect()
                })
                .into(),
            uses: self.intent.map_or_else(Vec::new, |it| it.uses.clone()),
            indices: self.intent.map_or_else(Vec::new, |it| it.indices.clone()),
            expiry_horizon_s: Fact::Known(self.plan.expiry_horizon.as_secs()),
            ..Link::default()
        };
        if let (Some(setup), Some(alias)) = (self.setup(), alias) {
            link.configured = setup.configured(alias).into();
            link.settings = setup.of_alias(alias);
            link.file_settings = setup.file_settings(alias);
            link.skip_unavailable = setup.skip_unavailable(alias);
            if let Some(local) = self.local {
                let told = replication(local.answers, alias);
                link.followers = told.followers;
                link.auto_follow = told.patterns;
            }
            if !self.sketch.planned {
                link.proxy_address = setup.proxy_address(alias);
                link.server_name = setup.server_name(alias);
                link.seeds = setup.seeds(alias);
            }
        }
        if self.sketch.planned {
            self.plan_addresses(&mut link);
        }
        link
    }

    /// Whether the link is used or meant for replication. Where nobody can be asked, what the reader
    /// said is all there is.
    fn replicates(&self, link: &Link) -> Fact<bool> {
        let follows = link.followers.known().is_some_and(|it| !it.is_empty())
            || link.auto_follow.known().is_some_and(|it| !it.is_empty());
        if follows || link.uses.contains(&Use::Replication) {
            return Fact::Known(true);
        }
        let told = link.followers.is_known() && link.auto_follow.is_known();
        if told || !link.uses.is_empty() || self.setup().is_none() || self.sketch.planned {
            return Fact::Known(false);
        }
        Fact::Unknown
    }

    /// Whether the nodes sign. The settings are hidden from every API (measured on 9.4.3), so that their
    /// absence shows nothing; in files they show.
    fn signs(&self, link: &Link) -> Fact<bool> {
        const SIGNED: [&str; 2] = [
            "does not match API Key certificate identity pattern",
            "Failed to verify cross cluster api key signature certificate",
        ];
        let of_files = link.file_settings.known().into_iter().flatten();
        let mut settings = of_files
            .map(|(_, settings)| settings)
            .chain(link.settings.known());
        if settings.any(|it| it.keys().any(|name| name.starts_with("signing."))) {
            return Fact::Known(true);
        }
        if self.setup().and_then(|it| it.at_least(9, 3)) == Some(false) {
            return Fact::Known(false);
        }
        let said = |text: &str| {
            let mut errors = link.errors.known().into_iter().flatten();
            errors.any(|it| it.reason.contains(text))
        };
        if SIGNED.iter().any(|text| said(text)) {
            return Fact::Known(true);
        }
        // Only nodes are meant: what this program sends by itself is never signed, and stands elsewhere.
        said("but no certificate was provided")
            .then_some(false)
            .into()
    }

    /// What a planned link will be set to, as far as the reader said.
    fn plan_addresses(&self, link: &mut Link) {
        let typed = self.intent.map_or(&[][..], |it| &it.endpoints);
        match link.mode {
            Fact::Known(Mode::Proxy) => {
                link.proxy_address = typed.first().cloned().map(Some).into();
                link.server_name = Fact::Known(self.intent.and_then(|it| it.server_name.clone()));
                link.seeds = Fact::Known(Vec::new());
            }
            Fact::Known(Mode::Sniff) => {
                link.proxy_address = Fact::Known(None);
                link.server_name = Fact::Known(None);
                link.seeds = Some(typed.to_vec()).filter(|it| !it.is_empty()).into();
            }
            Fact::Unknown => {
                link.server_name = self
                    .intent
                    .and_then(|it| it.server_name.clone())
                    .map(Some)
                    .into();
            }
        }
    }

    fn add_tried(&self, link: &mut Link, tried: Tried) {
        let info = |entry: &Fact<Option<RemoteEntry>>| {
            entry
                .clone()
                .map(|entry: Option<RemoteEntry>| entry.map(|it| it.info))
        };
        link.info_before = info(&tried.before);
        link.info = info(&tried.after);
        // Where nothing could be provoked the state as it was found is the state.
        if link.configured == Fact::Known(false) || self.is_of_files() {
            link.info = link.info.clone().or(link.info_before.clone());
        }
        let latest: Option<RemoteInfo> = link
            .info
            .clone()
            .or(link.info_before.clone())
            .into_known()
            .flatten();
        if let Some(latest) = &latest {
            link.credential_loaded = Fact::Known(latest.credentials);
            link.mode = Fact::Known(latest.mode);
            link.skip_unavailable = Fact::Known(latest.skip_unavailable);
        }
        link.model = match latest {
            _ if self.sketch.planned => link.intended_model,
            Some(it) if it.credentials => Fact::Known(Model::ApiKey),
            Some(_) => Fact::Known(Model::Certificate),
            None => link.intended_model,
        };
        link.nodes = self.node_views(&tried, &link.info);
        link.errors = tried.errors;
        link.resolve = tried.resolve;
        if !tried.indices.is_empty() || link.indices.is_empty() && link.resolve.is_known() {
            link.index_answers = Fact::Known(tried.indices);
        }
        link.search = tried.search;
    }

    /// Every node's view; of a cluster with one node that of the one that answered.
    fn node_views(
        &self,
        tried: &Tried,
        info: &Fact<Option<RemoteInfo>>,
    ) -> Fact<BTreeMap<String, NodeView>> {
        if !tried.nodes.is_empty() {
            return Fact::Known(tried.nodes.clone());
        }
        let nodes = self.setup().and_then(|it| it.nodes.as_ref());
        match (nodes, info) {
            (Some(nodes), Fact::Known(_)) if nodes.len() == 1 => Fact::Known(
                nodes
                    .keys()
                    .map(|name| {
                        let view = NodeView {
                            info: info.clone(),
                            error: None,
                        };
                        (name.clone(), view)
                    })
                    .collect(),
            ),
            _ => Fact::Unknown,
        }
    }

    fn credential(&self) -> Fact<Option<Credential>> {
        let Some(intent) = self.intent else {
            return Fact::Unknown;
        };
        let Some(given) = &intent.credential else {
            return match intent.model {
                Some(Model::Certificate) => Fact::Known(None),
                _ => Fact::Unknown,
            };
        };
        let mut shape = credential::shape(given);
        shape.rest_answer = self
            .remote
            .and_then(|remote| {
                let asked = Question::Credential {
                    alias: intent.alias.clone(),
                };
                let answer = remote.answers.iter().find(|it| it.question == asked)?;
                rest_answer(answer)
            })
            .into();
        Fact::Known(Some(shape))
    }

    /// Keys of the link's endpoints: of the settings in their order, then typed, then published.
    /// An endpoint that was typed and is also set counts as set.
    fn endpoint_keys(&self, endpoints: &mut BTreeMap<String, Endpoint>) -> Vec<String> {
        let remote = self
            .remote
            .map(|it| &it.setup)
            .filter(|it| it.root.answered());
        let set = match (self.setup(), self.sketch.alias.as_deref()) {
            (Some(setup), Some(alias)) => configured(setup, alias),
            _ => Vec::new(),
        };
        let only = self.sketch.endpoint.as_ref();
        let typed = typed(self.intent).into_iter();
        let typed = typed.filter(|it| only.is_none_or(|only| it.address == *only));
        let others = typed.chain(published_for(
            self.sketch,
            self.setup(),
            remote,
            self.intent,
        ));
        let mut keys: Vec<String> = Vec::new();
        for target in set.into_iter().chain(others) {
            let key = target.key();
            // A run that ended early has not dialled it: it is there, and unknown.
            let endpoint = endpoints
                .entry(key.clone())
                .or_insert_with(|| undialled(&target));
            if endpoint.source == EndpointSource::Typed {
                endpoint.source = target.source;
            }
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// The model that the resource of the local cluster declares for a remote.
fn declared_model(clusters: &BTreeMap<String, Cluster>, link: &Link) -> Fact<Model> {
    let resource = link
        .local
        .known()
        .and_then(|key| clusters.get(key)?.kubernetes.known()?.as_ref());
    let mut declared = resource.into_iter().flat_map(|it| &it.remote_clusters);
    let declared = declared.find(|it| link.alias.known() == Some(&it.alias));
    let model = declared.map(|it| {
        if it.api_key {
            Model::ApiKey
        } else {
            Model::Certificate
        }
    });
    model.into()
}
