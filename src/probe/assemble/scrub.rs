//! Taking secrets out of texts from outside: nodes echo credentials in some of their errors.

use secrecy::{ExposeSecret, SecretString};

use crate::config::plan::{Login, Plan};
use crate::evidence::ErrorLevel;

use super::super::credential::needles;

/// The secrets of a run. Passwords are not among them: they travel hashed into one header that
/// nothing echoes, and a short one would be found in innocent words.
pub(super) struct Scrub {
    needles: Vec<SecretString>,
}

impl Scrub {
    pub(super) fn of(plan: &Plan) -> Self {
        let credentials = plan.intents.iter().filter_map(|it| it.credential.as_ref());
        let logins = plan.local.iter().chain(&plan.remote);
        let keys = logins.filter_map(|it| match &it.login {
            Login::ApiKey(key) => Some(key),
            Login::Anonymous | Login::Basic { .. } => None,
        });
        Self {
            needles: credentials.chain(keys).flat_map(needles).collect(),
        }
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
