//! `elasticsearch.yml`: its settings, nested or flat, as the nodes' API tells them.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Mappings and lists within each other.
const DEPTH: usize = 32;

/// Most settings of one file.
const MOST: usize = 10_000;

/// The settings of a file, flat; `None` where it is no mapping. What comes after a mistake is left out:
/// a node does not start with it, but what stands before it is told.
pub(super) fn settings(text: &str) -> Option<Map<String, Value>> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else {
            break;
        };
        if !reader.take(event) {
            break;
        }
    }
    (!reader.settings.is_empty()).then_some(reader.settings)
}

/// What is open while the events pass by.
#[derive(Default)]
struct Reader {
    open: Vec<Level>,
    settings: Map<String, Value>,
}

enum Level {
    /// A mapping: its own name, and the key whose value comes next.
    Mapping(String, Option<String>),
    /// A list: its name and its values.
    List(String, Vec<Value>),
}

impl Reader {
    /// Whether to go on.
    fn take(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::MappingStart(..) => {
                let name = self.name();
                self.open.push(Level::Mapping(name, None));
            }
            Event::SequenceStart(..) => {
                let name = self.name();
                self.open.push(Level::List(name, Vec::new()));
            }
            Event::MappingEnd => {
                self.open.pop();
                self.next_key();
            }
            Event::SequenceEnd => {
                if let Some(Level::List(name, values)) = self.open.pop() {
                    self.add(name, Value::Array(values));
                }
                self.next_key();
            }
            Event::Scalar(text, ..) => self.scalar(text.into_owned()),
            // What stands for something else is not looked up.
            Event::Alias(_) => self.scalar(String::new()),
            Event::DocumentEnd => return false,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        self.open.len() < DEPTH && self.settings.len() < MOST
    }

    fn scalar(&mut self, text: String) {
        match self.open.last_mut() {
            Some(Level::List(_, values)) if values.len() < MOST => values.push(text.into()),
            Some(Level::Mapping(_, key @ None)) => *key = Some(text),
            Some(Level::Mapping(..)) => {
                let name = self.name();
                self.add(name, text.into());
                self.next_key();
            }
            _ => {}
        }
    }

    /// The whole name of what comes next.
    fn name(&self) -> String {
        match self.open.last() {
            Some(Level::Mapping(prefix, Some(key))) if prefix.is_empty() => key.clone(),
            Some(Level::Mapping(prefix, Some(key))) => format!("{prefix}.{key}"),
            Some(Level::Mapping(name, None) | Level::List(name, _)) => name.clone(),
            None => String::new(),
        }
    }

    fn next_key(&mut self) {
        if let Some(Level::Mapping(_, key)) = self.open.last_mut() {
            *key = None;
        }
    }

    fn add(&mut self, name: String, value: Value) {
        if !name.is_empty() {
            self.settings.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_and_flat_settings_are_the_same() {
        let text = "# ======\ncluster.name: a\nnode:\n  name: n1 # first\n  roles: [ data, remote_cluster_client ]\n\
                    cluster:\n  remote.bee:\n    seeds:\n      - \"b1:9300\"\n      - b2:9300\n\
                    xpack.security.enabled: true\nremote_cluster_server.enabled: ${ON}\n";
        assert_eq!(
            Value::Object(settings(text).unwrap()),
            json!({
                "cluster.name": "a", "node.name": "n1", "node.roles": ["data", "remote_cluster_client"],
                "cluster.remote.bee.seeds": ["b1:9300", "b2:9300"],
                "xpack.security.enabled": "true", "remote_cluster_server.enabled": "${ON}",
            })
        );
    }

    #[test]
    fn mistakes_and_bombs_end_it() {
        let cut = settings("cluster.name: a\nnode: [\n").unwrap();
        assert_eq!(cut["cluster.name"], "a");
        assert_eq!(settings("just text"), None);
        assert_eq!(settings(""), None);
        let deep = format!("a: 1\nb: {}", "[".repeat(1000));
        assert!(settings(&deep).is_some());
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert_eq!(settings(bomb).unwrap()["c"], json!(["", ""]));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[a-z:\\-\\[\\]{}&*#'\"\n ]{0,80}") {
            settings(&text);
        }
    }
}
