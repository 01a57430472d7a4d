//! Taking secrets out of texts from outside: nodes echo credentials in some of their errors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::config::plan::{Login, Plan};
use crate::evidence::ErrorLevel;

use super::super::credential::needles;

/// The secrets of a run, the Basic header of a login among them: a proxy or a node may echo it.
pub(super) struct Scrub {
    needles: Vec<SecretString>,
}

impl Scrub {
    pub(super) fn of(plan: &Plan) -> Self {
        let credentials = plan.intents.iter().filter_map(|it| it.credential.as_ref());
        let mut all: Vec<SecretString> = credentials.flat_map(needles).collect();
        let deployments = plan.local_deployment.iter().chain(&plan.remote_deployment);
        let apis = deployments.map(|it| &it.api);
        for target in plan.local.iter().chain(&plan.remote).chain(apis) {
            match &target.login {
                Login::Anonymous => {}
                Login::ApiKey(key) => all.extend(needles(key)),
                Login::Basic { user, password } => {
                    let pair = format!("{user}:{}", password.expose_secret());
                    all.push(SecretString::from(STANDARD.encode(pair)));
                    // A shorter one would be found in innocent words.
                    if password.expose_secret().len() >= 6 {
                        all.push(password.clone());
                    }
                }
            }
        }
        // The longest first: a part that is replaced hides the whole.
        all.sort_by_key(|it| std::cmp::Reverse(it.expose_secret().len()));
        Self { needles: all }
    }

    /// The text without any of them.
    pub(super) fn text(&self, mut text: String) -> String {
        for needle in &self.needles {
            if text.contains(needle.expose_secret()) {
                text = text.replace(needle.expose_secret(), "[redacted]");
            }
        }
        text
    }

    pub(super) fn levels(&self, levels: Vec<ErrorLevel>) -> Vec<ErrorLevel> {
        levels
            .into_iter()
            .map(|level| ErrorLevel {
                reason: self.text(level.reason),
                ..level
            })
            .collect()
    }
}
