//! What is unknown of a link, why, and what would close it.

use std::collections::BTreeMap;

use crate::evidence::{Endpoint, Fact, Gap, Link, Mode, Model, Purpose, Withheld, path};

use super::super::Stopped;
use super::super::elasticsearch::{Answer, Failure, Moment, Question, refusal};
use super::link::Maker;

/// Adds the gaps of a link. `unmatched` says why its remote cluster is not known.
pub(super) fn add(
    maker: &Maker<'_>,
    link: &Link,
    endpoints: &BTreeMap<String, Endpoint>,
    unmatched: Option<(String, String)>,
    gaps: &mut Vec<Gap>,
) {
    let mut gaps = Gaps { maker, gaps };
    if maker.plan.purpose == Purpose::Probe {
        for side in ["alias", "local", "remote"] {
            gaps.say(
                side,
                "the clusters' HTTP APIs",
                "a probe looks at endpoints alone",
                "crosscheck diagnose ALIAS --local URL",
            );
        }
    } else {
        if let Some((reason, remedy)) = unmatched {
            gaps.push("remote", "GET / on the remote cluster", reason, remedy);
        }
        if link.alias.is_unknown() {
            gaps.say("alias", "--alias", "no alias was given", "--alias NAME");
        }
        gaps.of_local(link);
    }
    gaps.of_intent(link);
    gaps.of_wire_answer(link, endpoints);
}

struct Gaps<'a> {
    maker: &'a Maker<'a>,
    gaps: &'a mut Vec<Gap>,
}

impl Gaps<'_> {
    fn push(&mut self, field: &str, probe: &str, reason: String, remedy: String) {
        self.gaps.push(Gap {
            path: path(
                ["links", &self.maker.sketch.key]
                    .into_iter()
                    .chain(field.split('.')),
            ),
            probe: probe.into(),
            reason,
            remedy,
        });
    }

    fn say(&mut self, field: &str, probe: &str, reason: &str, remedy: &str) {
        self.push(field, probe, reason.into(), remedy.into());
    }

    /// What the reader did not say.
    fn of_intent(&mut self, link: &Link) {
        let certificate = link.model == Fact::Known(Model::Certificate);
        if link.intended_model.is_unknown() {
            self.say(
                "intended_model",
                "--model",
                "the reader did not say which security model is meant",
                "--model api-key, or --model certificate",
            );
        }
        if link.credential.is_unknown() && !certificate {
            self.say(
                "credential",
                "--credentials-file",
                "the credential was not given",
                "--credentials-file FILE with the encoded cross-cluster API key",
            );
        }
        if let Fact::Known(Some(credential)) = &link.credential
            && credential.rest_answer.is_unknown()
        {
            self.say(
                "credential.rest_answer",
                "GET /_security/_authenticate with the key",
                "the remote cluster was not asked, or did not tell",
                "--remote URL",
            );
        }
        if link.signs.is_unknown() {
            self.say(
                "signs",
                "cluster.remote.<alias>.signing.*",
                "no API of Elasticsearch shows whether the local nodes sign their requests",
                "crosscheck diagnose once the link is used: the remote cluster tells whether it is content",
            );
        }
        if link.server_ca.is_unknown() {
            self.say(
                "server_ca",
                "--server-ca",
                "the CA that the local nodes trust was not given as a file",
                "--server-ca FILE",
            );
        }
        if link.mode.is_unknown() && link.planned {
            self.say(
                "mode",
                "--mode",
                "the reader did not say how the remote will be connected",
                "--mode proxy, or --mode sniff",
            );
        }
        if link.endpoints.is_empty() && (link.planned || self.maker.setup().is_none()) {
            self.say(
                "endpoints",
                "--endpoint",
                "no address to dial is known",
                "--endpoint HOST:PORT",
            );
        }
    }

    /// Why the key was not tried over the wire.
    fn of_wire_answer(&mut self, link: &Link, endpoints: &BTreeMap<String, Endpoint>) {
        let Fact::Known(Some(credential)) = &link.credential else {
            return;
        };
        if credential.wire_answer.is_known() {
            return;
        }
        let attempts = link.endpoints.iter();
        let attempts = attempts.filter_map(|key| {
            let endpoint = endpoints.get(key)?;
            Some(
                endpoint
                    .attempts
                    .known()?
                    .iter()
                    .map(move |it| (endpoint, it)),
            )
        });
        let withheld = attempts
            .flatten()
            .find_map(|(endpoint, attempt)| Some((endpoint, attempt.key_withheld?)));
        let (reason, remedy) = match withheld {
            Some((endpoint, reason)) => withheld_words(endpoint, reason),
            None => (
                "no address of the link answered as a remote cluster server".to_owned(),
                "make the remote cluster server reachable from here, or name its address: \
                 crosscheck probe HOST:PORT --credentials-file FILE"
                    .to_owned(),
            ),
        };
        let probe = "the remote cluster handshake with the key";
        self.push("credential.wire_answer", probe, reason, remedy);
    }

    /// What the local cluster did not tell.
    fn of_local(&mut self, link: &Link) {
        let Some(local) = self.maker.local else {
            self.say(
                "local",
                "GET / on the local cluster",
                "the local cluster's URL was not given",
                "--local URL with --local-user NAME, or --local-api-key-file FILE",
            );
            for field in of_local_api(link) {
                self.say(
                    field,
                    "the local cluster's HTTP API",
                    "the local cluster's URL was not given",
                    "--local URL",
                );
            }
            return;
        };
        for field in of_local_api(link) {
            let (probe, reason, remedy) = self.why(link, local.answers, field);
            self.push(field, &probe, reason, remedy);
        }
        for place in without_statistics(link) {
            let (probe, reason, remedy) = self.why(link, local.answers, "statistics");
            self.push(&place, &probe, reason, remedy);
        }
    }

    fn why(
        &self,
        link: &Link,
        answers: &[std::sync::Arc<Answer>],
        field: &str,
    ) -> (String, String, String) {
        let owned = |probe: &str, reason: &str, remedy: &str| {
            (probe.to_owned(), reason.to_owned(), remedy.to_owned())
        };
        let Some(setup) = self.maker.setup() else {
            let detail = self.maker.local.and_then(|it| it.setup.root.detail.clone());
            let reason = detail.unwrap_or_else(|| Stopped::TimedOut.to_string());
            let reason = format!("the local cluster did not answer: {reason}");
            return (
                "GET /".into(),
                reason,
                "make the local cluster answer (--local and its login), then run again".into(),
            );
        };
        if self.maker.sketch.alias.is_none() {
            return owned(
                "GET /_remote/info",
                "the link has no alias yet",
                "--alias NAME",
            );
        }
        let asked = answers
            .iter()
            .rev()
            .filter(|it| it.node.is_none() || field == "nodes")
            .filter(|it| self.fills(field, &it.question))
            .find_map(|it| Some((it, refusal(it, self.maker.local?.who())?)));
        if let Some((answer, (reason, remedy))) = asked {
            return (answer.question.call(), reason, remedy);
        }
        let interrupted = answers
            .iter()
            .any(|it| matches!(it.outcome, Err(Failure::Stopped(Stopped::Interrupted))));
        if interrupted {
            return owned(
                "the local cluster's HTTP API",
                "the run was interrupted",
                "let the next run end",
            );
        }
        if link.configured == Fact::Known(false) {
            return owned(
                "GET /_remote/info",
                "the alias is not configured on the local cluster, so nothing was tried",
                "configure the remote, then run crosscheck diagnose",
            );
        }
        if self.maker.is_of_files() {
            return self.not_in_files(field);
        }
        match field {
            "resolve" if setup.at_least(8, 13) == Some(false) => owned(
                "GET /_resolve/cluster",
                "Elasticsearch before 8.13 has no such call; a search was made instead",
                "upgrade to 8.13 or later; until then the search tells whether the link works",
            ),
            "search" | "errors" => owned(
                "GET /<alias>:*/_search",
                "the link does not work, and while skip_unavailable is true a search does not tell why",
                "look into the log of a local node, or set skip_unavailable to false for a moment and \
                 run again",
            ),
            "index_answers" => owned(
                "GET /_resolve/cluster/<alias>:<index>",
                "not asked, because the link does not work",
                "repair the link first",
            ),
            "nodes" => owned(
                "GET /_remote/info of each node",
                "no other node could be asked by itself",
                "run this on a machine that reaches the nodes' HTTP addresses",
            ),
            _ => owned(
                "the local cluster's HTTP API",
                "the run ended before it was asked, or the answer holds nothing of it",
                "allow more time with --timeout",
            ),
        }
    }

    /// What only a run against the cluster shows.
    fn not_in_files(&self, field: &str) -> (String, String, String) {
        let alias = self.maker.sketch.alias.as_deref().unwrap_or("ALIAS");
        let call = match field {
            "resolve" | "errors" => format!("GET /_resolve/cluster/{alias}:*"),
            "index_answers" => format!("GET /_resolve/cluster/{alias}:INDEX"),
            "search" => format!("GET /{alias}:*/_search?size=0"),
            "nodes" | "info" | "info_before" => "GET /_remote/info".into(),
            _ => "GET /_cluster/settings?flat_settings=true".into(),
        };
        let reason = match field {
            "nodes" => "the files hold the view of one node",
            "resolve" | "errors" | "index_answers" | "search" => {
                "the files do not show whether a request gets through"
            }
            _ => "the files hold no answer to it",
        };
        let remedy = match field {
            "nodes" => format!("crosscheck diagnose {alias} --local URL asks every node"),
            _ => format!(
                "crosscheck diagnose {alias} --local URL, or run {call} on the local cluster, save \
                 the answer, and give that file as well"
            ),
        };
        (call, reason.into(), remedy)
    }

    /// Whether a field of this link would come from the answer to a question.
    fn fills(&self, field: &str, question: &Question) -> bool {
        let alias = self.maker.sketch.alias.as_deref();
        let about = |asked: &str| alias == Some(asked);
        match question {
            Question::ClusterSettings => matches!(
                field,
                "settings" | "configured" | "mode" | "proxy_address" | "server_name" | "seeds"
            ),
            Question::Nodes { .. } => field == "file_settings",
            Question::FollowInfo => matches!(field, "followers" | "replicates"),
            Question::FollowStats(_) => field == "statistics",
            Question::AutoFollow => matches!(field, "auto_follow" | "replicates"),
            Question::RemoteInfo(Moment::Before) => {
                matches!(
                    field,
                    "info_before" | "model" | "credential_loaded" | "skip_unavailable"
                )
            }
            Question::RemoteInfo(Moment::After) => matches!(field, "info" | "nodes"),
            Question::Resolve { alias } => {
                about(alias) && matches!(field, "resolve" | "errors" | "index_answers")
            }
            Question::ResolveIndex { alias, .. } => about(alias) && field == "index_answers",
            Question::Search { alias, .. } => about(alias) && matches!(field, "search" | "errors"),
            _ => false,
        }
    }
}

/// Followers and patterns of which the statistics of replication told too little.
fn without_statistics(link: &Link) -> Vec<String> {
    let followers = link.followers.known().into_iter().flatten().enumerate();
    let followers = followers.filter_map(|(at, it)| {
        let behind = it.lag.known().is_some_and(|it| it.operations > 0);
        let open = it.running.is_unknown() || behind && it.lag_later.is_unknown();
        open.then(|| format!("followers.{at}"))
    });
    let patterns = link.auto_follow.known().into_iter().flatten().enumerate();
    let patterns = patterns
        .filter(|(_, it)| it.errors.is_unknown())
        .map(|(at, _)| format!("auto_follow.{at}"));
    followers.chain(patterns).collect()
}

fn withheld_words(endpoint: &Endpoint, reason: Withheld) -> (String, String) {
    let address = &endpoint.address;
    let anyway = format!(
        "to send it whoever listens there: crosscheck probe {address} --credentials-file FILE"
    );
    let (why, remedy) = match reason {
        Withheld::KeyNotProven => (
            "it did not prove that it holds the private key of its certificate",
            "give the remote cluster server a certificate and the key that belongs to it"
                .to_owned(),
        ),
        Withheld::NotEncoded => (
            "what was given is no encoded key",
            "give the value of `encoded` of the answer that made the key".to_owned(),
        ),
        Withheld::OtherCertificate => (
            "a second connection met another certificate, and there is no --server-ca to verify it by",
            "--server-ca FILE with the CA of the remote cluster server".to_owned(),
        ),
        Withheld::UntrustedChain => (
            "no CA in --server-ca issued its certificate",
            format!("--server-ca FILE with the CA that issued it; or, {anyway}"),
        ),
        Withheld::Unverified => (
            "there is no --server-ca, and this machine does not trust its certificate",
            format!("--server-ca FILE with the CA of the remote cluster server; or, {anyway}"),
        ),
        Withheld::WrongName => (
            "its certificate is for other names",
            format!("--server-name with a name that is in the certificate; or, {anyway}"),
        ),
    };
    (format!("the key was not sent to {address}: {why}"), remedy)
}

/// Unknown fields that the local cluster's API would have filled.
fn of_local_api(link: &Link) -> Vec<&'static str> {
    let proxy = link.mode != Fact::Known(Mode::Sniff);
    [
        ("configured", link.configured.is_unknown()),
        ("model", link.model.is_unknown()),
        ("credential_loaded", link.credential_loaded.is_unknown()),
        ("mode", link.mode.is_unknown() && !link.planned),
        ("proxy_address", proxy && link.proxy_address.is_unknown()),
        ("server_name", proxy && link.server_name.is_unknown()),
        ("seeds", link.seeds.is_unknown()),
        ("skip_unavailable", link.skip_unavailable.is_unknown()),
        ("settings", link.settings.is_unknown()),
        ("file_settings", link.file_settings.is_unknown()),
        ("followers", link.followers.is_unknown()),
        ("auto_follow", link.auto_follow.is_unknown()),
        ("replicates", link.replicates.is_unknown()),
        ("info_before", link.info_before.is_unknown()),
        ("info", link.info.is_unknown()),
        ("nodes", link.nodes.is_unknown()),
        ("resolve", link.resolve.is_unknown()),
        ("index_answers", link.index_answers.is_unknown()),
        ("search", link.search.is_unknown()),
        ("errors", link.errors.is_unknown()),
    ]
    .into_iter()
    .filter_map(|(field, open)| open.then_some(field))
    .collect()
}
