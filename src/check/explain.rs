//! What a finding means and how it is decided, without any evidence.

use super::CheckSet;
use super::catalogue;
use super::expression::{Expression, Mentioned};
use super::item::Check;
use super::problem::nearest;
use super::template::Template;
use crate::report::{Certainty, Fix, Kind, Severity, Stage};

/// All that can be said of a check. Names stand as `<alias>` where a finding has real ones.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its code.
    pub code: String,
    /// The healthy state in words.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// What a failure means.
    pub kind: Kind,
    /// The step of connecting at which a failure stops the link.
    pub stage: Stage,
    /// How sure a failure is.
    pub certainty: Certainty,
    /// How sure it is where the run did not look from a node of the local cluster, if that differs.
    pub certainty_from_afar: Option<Certainty>,
    /// What a failure says.
    pub message: String,
    /// Why it matters.
    pub why: String,
    /// What else shows the same, and how to tell.
    pub otherwise: Option<String>,
    /// What its tests are built from.
    pub from: Vec<String>,
    /// When the check applies (CEL); `None` for always.
    pub when: Option<String>,
    /// When all is well (CEL); `None` where texts alone tell of the fault.
    pub ok: Option<String>,
    /// Texts in logs and answers that tell of the fault.
    pub texts: Vec<String>,
    /// The facts that are looked at.
    pub reads: Vec<String>,
    /// Codes and titles of causes that explain this failure if they are there.
    pub explained_by: Vec<(String, String)>,
    /// Codes and titles of failures that this one explains.
    pub explains: Vec<(String, String)>,
    /// What to do, for every environment.
    pub fixes: Vec<Fix>,
    /// Rows of the failure catalogue.
    pub covers: Vec<String>,
    /// Documentation.
    pub links: Vec<String>,
    /// Former codes.
    pub aliases: Vec<String>,
}

/// A step of connecting, and what can stop a link at it.
#[derive(Clone, Debug)]
pub struct StagePage {
    /// The step.
    pub stage: Stage,
    /// What happens at it, and what a failure there says of the others.
    pub says: &'static str,
    /// Codes and titles of causes and symptoms, in order of the codes.
    pub checks: Vec<(String, String)>,
}

/// A code that no check has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no check has the code {code}{}", hint(.nearest.as_deref()))]
pub struct UnknownCode {
    /// What was asked for.
    pub code: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `crosscheck checks list` shows them all".to_owned(),
        |nearest| format!(" (did you mean `{nearest}`?)"),
    )
}

impl CheckSet {
    /// Explains a code; a former code, or a fault's name without its area if only one has it, will
    /// do.
    pub fn explain(&self, code: &str) -> Result<Explanation, UnknownCode> {
        let wanted = code.trim().to_lowercase();
        let former = || {
            let mut all = self.checks();
            all.find(|check| check.file.aliases.contains(&wanted))
        };
        let alone = || {
            let fault = |check: &&Check| check.code.split('/').nth(1) == Some(&wanted);
            let mut all = self.checks().filter(fault);
            all.next().filter(|_| all.next().is_none())
        };
        match self.find(&wanted).or_else(former).or_else(alone) {
            Some(check) => Ok(self.explanation(check)),
            None => Err(UnknownCode {
                code: code.to_owned(),
                nearest: self.near(&wanted),
            }),
        }
    }

    /// What was probably meant: a code, or the id of a row.
    fn near(&self, wanted: &str) -> Option<String> {
        let codes = self.checks().map(|check| check.code.as_str());
        let code = nearest(wanted, codes);
        let id = || {
            let wanted = wanted.to_uppercase();
            nearest(&wanted, catalogue::ids())
        };
        code.or_else(id).map(str::to_owned)
    }

    pub(crate) fn explanation(&self, check: &Check) -> Explanation {
        let file = &check.file;
        let named = |code: &str| {
            let title = self.find(code).map(|check| check.file.title.clone());
            (code.to_owned(), title.unwrap_or_default())
        };
        let follows = |other: &&Check| other.file.consequence_of.contains(&check.code);
        let fixes = file.fix.iter().map(|fix| Fix {
            text: in_general(&fix.text),
            commands: fix
                .commands
                .iter()
                .map(|command| in_general(command))
                .collect(),
            environments: fix.environments.clone(),
        });
        Explanation {
            code: check.code.clone(),
            title: file.title.clone(),
            severity: file.severity,
            kind: file.kind,
            stage: file.stage,
            certainty: file.certainty,
            certainty_from_afar: Some(check.certainty(false))
                .filter(|from_afar| *from_afar != file.certainty),
            message: in_general(&file.message),
            why: in_general(&file.why),
            otherwise: file.otherwise.as_ref().map(|text| in_general(text)),
            from: file.from.clone(),
            when: file.when.clone(),
            ok: file.ok.clone(),
            texts: file.log.iter().map(|log| log.text.clone()).collect(),
            reads: reads(check),
            explained_by: file.consequence_of.iter().map(|code| named(code)).collect(),
            explains: self
                .checks()
                .filter(follows)
                .map(|check| named(&check.code))
                .collect(),
            fixes: fixes.collect(),
            covers: file.covers.clone(),
            links: file.links.clone(),
            aliases: file.aliases.clone(),
        }
    }
}

fn in_general(text: &str) -> String {
    Template::parse(text).map_or_else(|_| text.to_owned(), |template| template.in_general())
}

/// The facts that a check looks at, in the order in which they are written.
fn reads(check: &Check) -> Vec<String> {
    let mut reads = Vec::new();
    for text in check.file.when.iter().chain(&check.file.ok) {
        let mentions = Expression::parse(text).map(|parsed| parsed.mentions());
        for mention in mentions.unwrap_or_default() {
            if let Mentioned::Path(path) = mention.what {
                let path = path.to_string();
                if !reads.contains(&path) {
                    reads.push(path);
                }
            }
        }
    }
    reads
}

impl CheckSet {
    /// Explains a step of connecting by its name, such as `authentication`.
    pub fn stage(&self, name: &str) -> Option<StagePage> {
        let name = serde_json::Value::from(name.trim().to_lowercase());
        let stage: Stage = serde_json::from_value(name).ok()?;
        let stopping = self.checks().filter(|check| {
            check.file.stage == stage && matches!(check.file.kind, Kind::Cause | Kind::Symptom)
        });
        Some(StagePage {
            stage,
            says: says_of(stage),
            checks: stopping
                .map(|check| (check.code.clone(), check.file.title.clone()))
                .collect(),
        })
    }
}

/// What happens at a step, and what a failure there says of the others.
fn says_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Settings => {
            "A local node reads cluster.remote.ALIAS.* of the cluster settings and elasticsearch.yml, and \
             the key from its own keystore. Whatever is wrong here is wrong before any packet is sent, \
             and needs no look at the network."
        }
        Stage::Name => {
            "Each local node looks up the name of proxy_address or of a seed with its own resolver. \
             Another machine may get another answer."
        }
        Stage::Connect => {
            "Each local node with the role remote_cluster_client opens TCP connections of its own: \
             18 in proxy mode, unless set otherwise, or to three remote nodes in sniff mode. Firewalls, \
             load balancers and listeners decide. A failure here says nothing of certificates, keys or \
             privileges: they have not been tried."
        }
        Stage::Tls => {
            "The local node checks the certificate that the remote shows: is its issuer trusted, is its \
             name the one dialled, is it in date? With API keys only the remote shows a certificate; in the \
             certificate model each side checks the other. Address and port are reached where this fails."
        }
        Stage::Protocol => {
            "Both ends speak the transport protocol and compare their versions. A failure here means the \
             wrong port, a proxy that does not pass the protocol through, or versions that do not \
             understand each other."
        }
        Stage::Authentication => {
            "The remote checks the API key that comes with each request (or, in the certificate model, the \
             certificate's name). Network and TLS are well where this fails. The caller is told little; \
             the reason is in the log of the remote cluster."
        }
        Stage::Licence => {
            "Both clusters ask whether their licence covers what is wanted: API keys between clusters need \
             Enterprise on both sides, replication Platinum. The key has been accepted where this fails on \
             the remote."
        }
        Stage::Authorisation => {
            "What is allowed is what the user's role on the local cluster (remote_indices) and the API key \
             on the remote both grant. In the certificate model, the roles of the same name on the remote \
             decide. The link itself works where this fails."
        }
        Stage::Result => {
            "The link works and the request was allowed; the question is whether the answer is whole. \
             skip_unavailable may leave a remote out of a search that reports success, and a follower may \
             stand still."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_explained() {
        let checks = CheckSet::embedded();
        let explanation = checks
            .explain("versions/api-key-model-unsupported")
            .unwrap();
        for path in ["link.model", "local.version", "remote.version"] {
            assert!(explanation.reads.iter().any(|read| read == path), "{path}");
        }
        let text = &explanation.message;
        assert!(text.contains("The local cluster runs <version>"), "{text}");
        assert!(checks.explain("API-key-model-unsupported").is_ok());
    }

    #[test]
    fn near_codes_are_offered() {
        let unknown = CheckSet::embedded()
            .explain("versions/api-key-model-unsuported")
            .unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "no check has the code versions/api-key-model-unsuported (did you mean \
             `versions/api-key-model-unsupported`?)"
        );
        let nothing = CheckSet::embedded().explain("zzz").unwrap_err();
        assert!(nothing.to_string().contains("checks list"));
    }

    #[test]
    fn every_step_has_a_page() {
        let checks = CheckSet::embedded();
        for check in checks.checks() {
            let name = serde_json::to_value(check.file.stage).unwrap();
            let page = checks.stage(name.as_str().unwrap()).unwrap();
            assert_eq!(page.stage, check.file.stage);
        }
        assert!(checks.stage("keys").is_none());
        let unknown = checks.explain("KEY-0003").unwrap_err();
        assert!(unknown.nearest.unwrap().starts_with("KEY-00"));
    }
}
