//! What the first answers of a cluster say, as far as later questions depend on it.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{EndpointSource, Fact, Mode, Node};

use super::nodes::http_hosts;
use super::remote_info::{RemoteEntry, remote_info};
use super::settings::{alias_settings, cluster_settings};
use super::{Answer, Moment, Question, Root, nodes, root};

/// Settings by node name.
pub(in super::super) type ByNode = BTreeMap<String, BTreeMap<String, String>>;

/// A cluster as its first answers show it. `None` is unknown.
#[derive(Debug, Default)]
pub(in super::super) struct Setup {
    /// `GET /`.
    pub(in super::super) root: Root,
    /// Cluster settings, flat.
    pub(in super::super) settings: Option<BTreeMap<String, String>>,
    /// The nodes by name.
    pub(in super::super) nodes: Option<BTreeMap<String, Node>>,
    /// `_remote/info` before anything was provoked.
    pub(in super::super) before: Option<BTreeMap<String, RemoteEntry>>,
    /// HTTP address of each node as it publishes it.
    pub(super) hosts: BTreeMap<String, String>,
    by_alias: BTreeMap<String, BTreeMap<String, String>>,
}

impl Setup {
    /// Reads what is there of the answers to the first questions.
    pub(in super::super) fn of<A: Borrow<Answer>>(answers: &[A]) -> Self {
        let mut setup = Self::default();
        for answer in answers.iter().map(Borrow::borrow) {
            match (&answer.question, answer.json()) {
                (Question::Root, _) => setup.root = root(answer),
                (Question::ClusterSettings, Some(body)) => {
                    let settings = cluster_settings(body);
                    setup.by_alias = alias_settings(&settings);
                    setup.settings = Some(settings);
                }
                (Question::Nodes { server }, Some(body)) => {
                    setup.nodes = Some(nodes(body, *server));
                    setup.hosts = http_hosts(body);
                }
                (Question::RemoteInfo(Moment::Before), Some(body)) => {
                    setup.before = Some(remote_info(body));
                }
                _ => {}
            }
        }
        setup
    }

    /// Whether its version is at least `major.minor`; `None` where the version is unknown.
    pub(in super::super) fn at_least(&self, major: u32, minor: u32) -> Option<bool> {
        let version = self.root.version.known()?;
        let mut parts = version.split(['.', '-']);
        let mut part = || parts.next()?.parse::<u32>().ok();
        Some((part()?, part()?) >= (major, minor))
    }

    /// The cluster settings of an alias, without prefix.
    pub(in super::super) fn of_alias(&self, alias: &str) -> Fact<BTreeMap<String, String>> {
        self.settings
            .as_ref()
            .map(|_| self.by_alias.get(alias).cloned().unwrap_or_default())
            .into()
    }

    /// The settings of an alias in the nodes' files; nodes without any are left out.
    pub(in super::super) fn file_settings(&self, alias: &str) -> Fact<ByNode> {
        let of_node = |node: &Node| alias_settings(node.settings.known()?).remove(alias);
        self.nodes
            .as_ref()
            .map(|nodes| {
                nodes
                    .iter()
                    .filter_map(|(name, node)| Some((name.clone(), of_node(node)?)))
                    .collect()
            })
            .into()
    }

    /// One setting of an alias: that of the cluster, else that of the first file that has it.
    pub(in super::super) fn setting(&self, alias: &str, name: &str) -> Fact<Option<String>> {
        let Fact::Known(settings) = self.of_alias(alias) else {
            // A file is better than nothing, though the cluster's settings would beat it.
            let files = self.file_settings(alias).into_known().unwrap_or_default();
            let value = files.values().find_map(|it| it.get(name).cloned());
            return value.map(Some).into();
        };
        if let Some(value) = settings.get(name) {
            return Fact::Known(Some(value.clone()));
        }
        match self.file_settings(alias) {
            Fact::Known(files) => Fact::Known(files.values().find_map(|it| it.get(name).cloned())),
            Fact::Unknown => Fact::Unknown,
        }
    }

    /// Every alias in `_remote/info`, the cluster settings or a file; `None` where nothing of it is
    /// known.
    pub(in super::super) fn aliases(&self) -> Option<Vec<String>> {
        let mut aliases: BTreeSet<String> = self.by_alias.keys().cloned().collect();
        aliases.extend(self.before.iter().flatten().map(|(alias, _)| alias.clone()));
        for node in self.nodes.iter().flatten().map(|(_, node)| node) {
            if let Some(settings) = node.settings.known() {
                aliases.extend(alias_settings(settings).into_keys());
            }
        }
        let told = self.settings.is_some() || self.before.is_some() || !aliases.is_empty();
        told.then(|| aliases.into_iter().collect())
    }

    /// Whether the cluster has an address for the alias.
    pub(in super::super) fn configured(&self, alias: &str) -> Option<bool> {
        if self
            .before
            .as_ref()
            .is_some_and(|it| it.contains_key(alias))
            || !self.addresses(alias).is_empty()
        {
            return Some(true);
        }
        (self.settings.is_some() || self.before.is_some()).then_some(false)
    }

    /// The mode in use.
    pub(in super::super) fn mode(&self, alias: &str) -> Fact<Mode> {
        if let Some(entry) = self.entry(alias) {
            return Fact::Known(entry.info.mode);
        }
        if self.configured(alias) != Some(true) {
            return Fact::Unknown;
        }
        self.setting(alias, "mode")
            .map(|mode| match mode.as_deref() {
                Some(it) if it.eq_ignore_ascii_case("proxy") => Mode::Proxy,
                _ => Mode::Sniff,
            })
    }

    /// `skip_unavailable` in effect: as told by `_remote/info`, as set, or the version's default,
    /// which is true from 8.15 on.
    pub(in super::super) fn skip_unavailable(&self, alias: &str) -> Fact<bool> {
        if let Some(entry) = self.entry(alias) {
            return Fact::Known(entry.info.skip_unavailable);
        }
        match self.setting(alias, "skip_unavailable") {
            Fact::Known(Some(value)) => value.parse().ok().into(),
            Fact::Known(None) => self.at_least(8, 15).into(),
            Fact::Unknown => Fact::Unknown,
        }
    }

    /// `proxy_address` as written.
    pub(in super::super) fn proxy_address(&self, alias: &str) -> Fact<Option<String>> {
        self.setting(alias, "proxy_address")
            .map(|it| it.filter(|it| !it.is_empty()))
            .or(self.told(alias, |entry| entry.proxy_address.clone()))
    }

    /// `server_name` as written.
    pub(in super::super) fn server_name(&self, alias: &str) -> Fact<Option<String>> {
        self.setting(alias, "server_name")
            .map(|it| it.filter(|it| !it.is_empty()))
            .or(self.told(alias, |entry| entry.server_name.clone()))
    }

    /// `seeds` as written.
    pub(in super::super) fn seeds(&self, alias: &str) -> Fact<Vec<String>> {
        self.setting(alias, "seeds")
            .map(|it| {
                it.unwrap_or_default()
                    .split(',')
                    .map(|it| it.trim().to_owned())
                    .filter(|it| !it.is_empty())
                    .collect()
            })
            .or(self.told(alias, |entry| entry.seeds.clone()))
    }

    /// The addresses that the settings name.
    pub(in super::super) fn addresses(&self, alias: &str) -> Vec<(String, EndpointSource)> {
        let proxy = self.proxy_address(alias).into_known().flatten();
        let seeds = self.seeds(alias).into_known().unwrap_or_default();
        let proxy = proxy.map(|it| (it, EndpointSource::ProxyAddress));
        let seeds = seeds.into_iter().map(|it| (it, EndpointSource::Seed));
        proxy.into_iter().chain(seeds).collect()
    }

    fn entry(&self, alias: &str) -> Option<&RemoteEntry> {
        self.before.as_ref()?.get(alias)
    }

    fn told<T>(&self, alias: &str, f: impl FnOnce(&RemoteEntry) -> T) -> Fact<T> {
        self.entry(alias).map(f).into()
    }
}
