//! The words that options and `crosscheck.toml` share for modes, models, uses and environments.
//! They are those of the evidence document.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;

use crate::evidence::{Environment, Mode, Model, Use};
use crate::report::Severity;

pub(super) const ENVIRONMENTS: &[&str] = &["self-managed", "ech", "ece", "eck"];
pub(super) const MODELS: &[&str] = &["api-key", "certificate"];
pub(super) const MODES: &[&str] = &["proxy", "sniff"];
pub(super) const USES: &[&str] = &["search", "replication"];
const SEVERITIES: &[&str] = &["error", "warning", "info"];

/// Values of `--environment`.
pub fn environments() -> impl TypedValueParser<Value = Environment> {
    one_of(ENVIRONMENTS)
}

/// Values of `--mode`.
pub fn modes() -> impl TypedValueParser<Value = Mode> {
    one_of(MODES)
}

/// Values of `--model`.
pub fn models() -> impl TypedValueParser<Value = Model> {
    one_of(MODELS)
}

/// Values of `--use`.
pub fn uses() -> impl TypedValueParser<Value = Use> {
    one_of(USES)
}

/// Values of `--severity`.
pub fn severities() -> impl TypedValueParser<Value = Severity> {
    one_of(SEVERITIES)
}

fn one_of<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| parse(&name))
}

/// The value that a word of the evidence document stands for.
pub(super) fn parse<T: DeserializeOwned>(word: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_value() {
        for word in ENVIRONMENTS {
            parse::<Environment>(word).unwrap();
        }
        for word in MODES {
            parse::<Mode>(word).unwrap();
        }
        for word in MODELS {
            parse::<Model>(word).unwrap();
        }
        for word in USES {
            parse::<Use>(word).unwrap();
        }
        for word in SEVERITIES {
            parse::<Severity>(word).unwrap();
        }
    }
}
