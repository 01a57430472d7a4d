//! Taking secrets out of what comes from outside: nodes, proxies and files repeat credentials in
//! errors and settings. Nothing that was observed leaves this program without having passed here.
//!
//! Two ways, both always: the secrets of the run are known and searched for; all others are
//! recognised by their shape ([`shapes`]).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::config::plan::{Login, Plan};
use crate::evidence::Evidence;
use crate::probe::needles;

mod shapes;

pub use shapes::{Secret, is_secret_name, secrets};

/// What stands in the place of a secret.
pub const MARK: &str = "[redacted]";

/// A secret shorter than this would be found in innocent words.
const SHORTEST: usize = 6;

/// The shortest beginning of a known secret at the end of a text that was cut off.
const SHORTEST_CUT: usize = 8;

/// Fields whose entries have names that came from outside, so that a name may tell a secret.
const OPEN_FIELDS: [&str; 4] = ["settings", "file_settings", "attributes", "metadata"];

/// The secrets of a run, and those that can be recognised.
#[derive(Debug, Default)]
pub struct Scrub {
    known: Vec<SecretString>,
}

impl Scrub {
    /// Knows the secrets of a plan, the Basic header of a login among them.
    pub fn of(plan: &Plan) -> Self {
        let credentials = plan.intents.iter().filter_map(|it| it.credential.as_ref());
        let mut known: Vec<SecretString> = credentials.flat_map(needles).collect();
        let deployments = plan.local_deployment.iter().chain(&plan.remote_deployment);
        let apis = deployments.map(|it| &it.api);
        for target in plan.local.iter().chain(&plan.remote).chain(apis) {
            match &target.login {
                Login::Anonymous => {}
                Login::ApiKey(key) => known.extend(needles(key)),
                Login::Basic { user, password } => {
                    let pair = format!("{user}:{}", password.expose_secret());
                    known.push(SecretString::from(STANDARD.encode(pair)));
                    if password.expose_secret().len() >= SHORTEST {
                        known.push(password.clone());
                    }
                }
            }
        }
        // The longest first: a part that is replaced hides the whole.
        known.sort_by_key(|it| std::cmp::Reverse(it.expose_secret().len()));
        Self { known }
    }

    /// The secrets that are searched for by themselves.
    pub fn known(&self) -> &[SecretString] {
        &self.known
    }

    /// The text without secrets.
    pub fn text(&self, mut text: String) -> String {
        for needle in self.known.iter().map(ExposeSecret::expose_secret) {
            if text.contains(needle) {
                text = text.replace(needle, MARK);
            }
            // A text that was cut off may end within a secret.
            let longest = needle.len().min(text.len());
            let cut = (SHORTEST_CUT..longest).rev().find(|length| {
                needle.is_char_boundary(*length) && text.ends_with(&needle[..*length])
            });
            if let Some(length) = cut {
                text.truncate(text.len() - length);
                text.push_str(MARK);
            }
        }
        let found = secrets(&text);
        for secret in found.iter().rev() {
            text.replace_range(secret.range.clone(), MARK);
        }
        text
    }

    /// The whole document without secrets. Of what there may be a thousand, one after the other is gone
    /// through.
    ///
    /// # Panics
    ///
    /// Never: states and moments stay, and every other text may be any text.
    pub fn evidence(&self, mut evidence: Evidence) -> Evidence {
        let endpoints = self.each(std::mem::take(&mut evidence.endpoints));
        let links = self.each(std::mem::take(&mut evidence.links));
        let gaps = std::mem::take(&mut evidence.gaps).into_iter();
        let gaps = gaps.map(|gap| self.part(gap)).collect();
        Evidence {
            links,
            endpoints,
            gaps,
            ..self.part(evidence)
        }
    }

    fn each<T: Serialize + DeserializeOwned>(
        &self,
        parts: BTreeMap<String, T>,
    ) -> BTreeMap<String, T> {
        let parts = parts.into_iter().map(|(mut key, part)| {
            self.name(&mut key);
            (key, self.part(part))
        });
        parts.collect()
    }

    fn part<T: Serialize + DeserializeOwned>(&self, part: T) -> T {
        let mut document = serde_json::to_value(&part)
            .expect("the document leaves unknown facts out, and its keys are texts");
        if self.walk(&mut document, false) {
            serde_json::from_value(document).expect("states and moments were left as they are")
        } else {
            part
        }
    }

    /// An answer of a cluster without secrets: of any entry whose name tells that it is one, too.
    pub fn answer(&self, answer: &mut Value) {
        self.walk(answer, true);
    }

    /// Returns whether there was anything to take out. `open`: whether names of entries came from
    /// outside.
    fn walk(&self, value: &mut Value, open: bool) -> bool {
        match value {
            Value::String(text) if is_state(text) || is_moment(text) => false,
            Value::String(text) => self.replace(text),
            Value::Array(list) => list
                .iter_mut()
                .fold(false, |changed, it| self.walk(it, open) | changed),
            Value::Object(map) => {
                let mut changed = open && hide_value(map);
                for (mut name, mut value) in std::mem::take(map) {
                    // Public by nature, long, and no words.
                    if name != "der" {
                        let open = open || OPEN_FIELDS.contains(&name.as_str());
                        changed |= match &mut value {
                            Value::String(text) if open && is_secret_name(&name) => {
                                let told = says_something(text);
                                if told {
                                    MARK.clone_into(text);
                                }
                                told
                            }
                            other => self.walk(other, open),
                        };
                    }
                    changed |= self.name(&mut name);
                    map.insert(name, value);
                }
                changed
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn name(&self, name: &mut String) -> bool {
        !is_state(name) && self.replace(name)
    }

    fn replace(&self, text: &mut String) -> bool {
        let clean = self.text(text.clone());
        let changed = clean != *text;
        *text = clean;
        changed
    }
}

/// The beginning of a text from outside, at most so many characters, without the secrets that their
/// shape tells. They are taken out before the cut: half a secret has no shape.
pub fn beginning(text: &str, most: usize) -> String {
    // What is far behind the cut need not be read.
    let read = text.char_indices().nth(most * 4 + 4096);
    let text = read.map_or(text, |(end, _)| &text[..end]);
    let clean = Scrub::default().text(text.to_owned());
    clean.chars().take(most).collect()
}

/// `value` beside a name that tells a secret, and in a list of a keystore's entries, where the control
/// plane never sends it and its documentation allows for it. Returns whether there was one.
fn hide_value(map: &mut Map<String, Value>) -> bool {
    let mut changed = false;
    if let Some(Value::Object(secrets)) = map.get_mut("secrets") {
        for value in secrets.values_mut().filter_map(|it| it.get_mut("value")) {
            *value = MARK.into();
            changed = true;
        }
    }
    let mut names = ["key", "name"]
        .iter()
        .filter_map(|it| map.get(*it)?.as_str());
    if names.any(is_secret_name)
        && let Some(value) = map.get_mut("value")
    {
        *value = MARK.into();
        changed = true;
    }
    changed
}

/// Names of fields, states, plain words: a password that is one cannot be told from it.
fn is_state(text: &str) -> bool {
    let letter = |it: u8| it.is_ascii_lowercase() || b"_-".contains(&it);
    text.bytes().all(letter)
}

fn is_moment(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

/// Elasticsearch's own mark for what it does not tell, and switches, are no secrets.
fn says_something(value: &str) -> bool {
    !matches!(value, "" | "::es_redacted::" | "true" | "false" | MARK)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn knowing(secret: &str) -> Scrub {
        Scrub {
            known: vec![secret.to_owned().into()],
        }
    }

    #[test]
    fn a_known_secret_goes_even_where_the_text_ends_within_it() {
        let scrub = knowing("correct-horse-battery");
        let text = |it: &str| scrub.text(it.to_owned());
        assert_eq!(text("no [correct-horse-battery]!"), "no [[redacted]]!");
        assert_eq!(text("…correct-horse-ba"), "…[redacted]");
        assert_eq!(text("correct"), "correct");
    }

    #[test]
    fn a_text_is_not_cut_within_a_secret() {
        let text = "denied: Bearer canary0bearer1token2value of x";
        for most in 0..text.len() {
            let cut = beginning(text, most);
            assert!(cut.len() <= most && !cut.contains("canary"), "{cut}");
        }
        assert_eq!(beginning("a word", 3), "a w");
    }

    /// A field of that kind would be found by the search of every bundle that has it.
    #[test]
    fn no_text_of_the_document_has_the_name_of_a_secret() {
        fn walk(schema: &Value, found: &mut Vec<String>) {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let texts = fields.filter(|(_, it)| it["type"].to_string().contains("string"));
            found.extend(texts.map(|(name, _)| name.clone()));
            let inner = schema.as_object().map(|it| it.values());
            let list = schema.as_array().map(|it| it.iter());
            for it in inner
                .into_iter()
                .flatten()
                .chain(list.into_iter().flatten())
            {
                walk(it, found);
            }
        }
        let mut names = Vec::new();
        for schema in ["evidence", "report", "bundle"] {
            let file = format!("schemas/{schema}-v1.json");
            let text = std::fs::read_to_string(&file).unwrap();
            walk(&serde_json::from_str(&text).unwrap(), &mut names);
        }
        assert!(names.len() > 100);
        for name in names {
            let field = format!("\"{name}\": \"value\"");
            assert_eq!(secrets(&field), [], "{field}");
        }
    }

    #[test]
    fn the_name_of_a_setting_tells_a_secret_and_a_field_of_the_document_does_not() {
        let mut answer = json!({
            "nodes": {"n": {"settings": {"xpack": {"oidc": {"rp.client_secret": "quiet"}}}}},
            "token": {"name": "t"},
            "cluster_credentials": "::es_redacted::",
            "secrets": {"plain.name": {"as_file": false, "value": {"pem": "quiet"}}},
            "tags": [{"key": "password", "value": "quiet"}, {"key": "team", "value": "search"}],
        });
        Scrub::default().answer(&mut answer);
        assert_eq!(
            answer["nodes"]["n"]["settings"]["xpack"]["oidc"]["rp.client_secret"],
            MARK
        );
        assert_eq!(answer["secrets"]["plain.name"]["value"], MARK);
        assert_eq!(answer["tags"][0]["value"], MARK);
        assert_eq!(answer["tags"][1]["value"], "search");
        assert_eq!(answer["token"]["name"], "t");
        assert_eq!(answer["cluster_credentials"], "::es_redacted::");
    }

    #[test]
    fn the_standard_case_holds_no_secret() {
        let evidence = crate::check::standard();
        assert_eq!(Scrub::default().evidence(evidence.clone()), evidence);
    }

    #[test]
    fn a_password_that_is_a_word_of_the_document_breaks_nothing() {
        let evidence = crate::check::standard();
        for password in [
            "clusters",
            "sniff",
            "remote-cluster-server",
            "2026-11",
            "00:00:00",
        ] {
            let scrubbed = knowing(password).evidence(evidence.clone());
            assert_eq!(scrubbed.collected_at, evidence.collected_at);
        }
    }
}
