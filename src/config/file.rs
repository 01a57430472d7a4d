//! `crosscheck.toml`: clusters by name, links by alias, with the keys of the options.
//!
//! It is walked by hand rather than deserialised: every mistake is reported at once, with file,
//! line and column, and no message quotes a value, which may be a secret in the wrong place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::inputs::in_words;
use super::problem::{Problems, did_you_mean, nearest};
use super::words;
use crate::evidence::{Environment, Mode, Model, Use};

/// The name that is looked for in the working directory.
pub(super) const NAME: &str = "crosscheck.toml";

/// A value with the place where it stands, for messages.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: String,
}

/// The whole file.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    pub(super) clusters: BTreeMap<String, ClusterSection>,
    pub(super) links: BTreeMap<String, LinkSection>,
}

/// `[clusters.NAME]`.
#[derive(Clone, Debug, Default)]
pub(super) struct ClusterSection {
    pub(super) url: Option<Placed<String>>,
    pub(super) user: Option<Placed<String>>,
    pub(super) password_file: Option<Placed<PathBuf>>,
    pub(super) api_key_file: Option<Placed<PathBuf>>,
    pub(super) ca: Option<Placed<PathBuf>>,
    pub(super) ca_password_file: Option<Placed<PathBuf>>,
}

/// `[links.ALIAS]`.
#[derive(Clone, Debug, Default)]
pub(super) struct LinkSection {
    pub(super) local: Option<Placed<String>>,
    pub(super) remote: Option<Placed<String>>,
    pub(super) endpoints: Vec<Placed<String>>,
    pub(super) server_name: Option<Placed<String>>,
    pub(super) mode: Option<Mode>,
    pub(super) model: Option<Model>,
    pub(super) credentials_file: Option<Placed<PathBuf>>,
    pub(super) server_ca: Option<Placed<PathBuf>>,
    pub(super) server_ca_password_file: Option<Placed<PathBuf>>,
    pub(super) client_cert: Option<Placed<PathBuf>>,
    pub(super) client_key: Option<Placed<PathBuf>>,
    pub(super) keystore_list: Option<Placed<PathBuf>>,
    pub(super) uses: Vec<Use>,
    pub(super) indices: Vec<String>,
    pub(super) environment: Option<Environment>,
}

const CLUSTER_KEYS: &[&str] = &[
    "url",
    "user",
    "password_file",
    "api_key_file",
    "ca",
    "ca_password_file",
];
const LINK_KEYS: &[&str] = &[
    "local",
    "remote",
    "endpoint",
    "server_name",
    "mode",
    "model",
    "credentials_file",
    "server_ca",
    "server_ca_password_file",
    "client_cert",
    "client_key",
    "keystore_list",
    "use",
    "index",
    "environment",
];
/// Keys that people write though a secret does not belong into this file.
const SECRET_KEYS: &[(&str, &str)] = &[
    ("password", "password_file"),
    ("api_key", "api_key_file"),
    ("credentials", "credentials_file"),
];

impl ConfigFile {
    /// Reads the given file, or the one in the working directory if there is one.
    pub(super) fn load(given: Option<&Path>, problems: &mut Problems) -> Self {
        let path = given.unwrap_or(Path::new(NAME));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path, problems),
            Err(error) if given.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Self::default()
            }
            Err(error) => {
                problems.error(
                    path.display().to_string(),
                    format!("cannot be read: {}", in_words(&error)),
                    "check the path and its permissions, and that it is text",
                );
                Self::default()
            }
        }
    }

    fn parse(text: &str, path: &Path, problems: &mut Problems) -> Self {
        let mut walker = Walker {
            text,
            path,
            problems,
        };
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let place = walker.place(offset);
                let message = error.message().lines().next().unwrap_or("").to_owned();
                walker
                    .problems
                    .error(place, format!("no TOML: {message}"), "correct that line");
                return Self::default();
            }
        };
        let root = root.get_ref();
        walker.refuse_unknown(root, &["clusters", "links"], "a table of this file");
        Self {
            clusters: walker.sections(root, "clusters", Walker::cluster),
            links: walker.sections(root, "links", Walker::link),
        }
    }
}

struct Walker<'a> {
    text: &'a str,
    path: &'a Path,
    problems: &'a mut Problems,
}

impl Walker<'_> {
    fn sections<T>(
        &mut self,
        root: &DeTable<'_>,
        key: &str,
        section: impl Fn(&mut Self, &DeTable<'_>) -> T,
    ) -> BTreeMap<String, T> {
        let mut sections = BTreeMap::new();
        let Some(value) = find(root, key) else {
            return sections;
        };
        let Some(tables) = self.table(value, &format!("[{key}.NAME] tables")) else {
            return sections;
        };
        for (name, value) in tables {
            if let Some(table) = self.table(value, &format!("a table [{key}.{}]", name.get_ref())) {
                sections.insert(name.get_ref().to_string(), section(self, table));
            }
        }
        sections
    }

    fn cluster(&mut self, table: &DeTable<'_>) -> ClusterSection {
        self.refuse_unknown(table, CLUSTER_KEYS, "a key of a cluster");
        ClusterSection {
            url: self.string(table, "url"),
            user: self.string(table, "user"),
            password_file: self.file(table, "password_file"),
            api_key_file: self.file(table, "api_key_file"),
            ca: self.file(table, "ca"),
            ca_password_file: self.file(table, "ca_password_file"),
        }
    }

    fn link(&mut self, table: &DeTable<'_>) -> LinkSection {
        self.refuse_unknown(table, LINK_KEYS, "a key of a link");
        LinkSection {
            local: self.string(table, "local"),
            remote: self.string(table, "remote"),
            endpoints: self.strings(table, "endpoint"),
            server_name: self.string(table, "server_name"),
            mode: self.word(table, "mode", words::MODES),
            model: self.word(table, "model", words::MODELS),
            credentials_file: self.file(table, "credentials_file"),
            server_ca: self.file(table, "server_ca"),
            server_ca_password_file: self.file(table, "server_ca_password_file"),
            client_cert: self.file(table, "client_cert"),
            client_key: self.file(table, "client_key"),
            keystore_list: self.file(table, "keystore_list"),
            uses: self
                .strings(table, "use")
                .into_iter()
                .filter_map(|it| self.one_of(&it, words::USES))
                .collect(),
            indices: self
                .strings(table, "index")
                .into_iter()
                .map(|it| it.value)
                .collect(),
            environment: self.word(table, "environment", words::ENVIRONMENTS),
        }
    }

    fn refuse_unknown(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let name = key.get_ref();
            if known.contains(&name.as_ref()) {
                continue;
            }
            let place = self.place(key.span().start);
            let remedy = match SECRET_KEYS.iter().find(|(secret, _)| secret == name) {
                Some((_, instead)) if known.contains(instead) => format!(
                    "secrets do not stand in this file: put it into a file of its own and name \
                     that with {instead}"
                ),
                _ => did_you_mean(name, known.iter().copied()),
            };
            self.problems
                .error(place, format!("\"{name}\" is not {what}"), remedy);
        }
    }

    fn table<'t, 'i>(
        &mut self,
        value: &'t Spanned<DeValue<'i>>,
        wanted: &str,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, wanted);
        }
        table
    }

    fn string(&mut self, table: &DeTable<'_>, key: &str) -> Option<Placed<String>> {
        let value = find(table, key)?;
        self.text_of(value, &format!("{key} in quotes"))
    }

    /// A string, or a list of strings.
    fn strings(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Placed<String>> {
        let Some(value) = find(table, key) else {
            return Vec::new();
        };
        let wanted = format!("{key} in quotes, or a list of such");
        match value.get_ref().as_array() {
            Some(items) => items
                .iter()
                .filter_map(|item| self.text_of(item, &wanted))
                .collect(),
            None => self.text_of(value, &wanted).into_iter().collect(),
        }
    }

    /// A file's name; a relative one starts at the folder of `crosscheck.toml`.
    fn file(&mut self, table: &DeTable<'_>, key: &str) -> Option<Placed<PathBuf>> {
        let Placed { value, place } = self.string(table, key)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Some(Placed {
            value: folder.join(value),
            place: format!("{place} {key}"),
        })
    }

    fn word<T: serde::de::DeserializeOwned>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        known: &[&str],
    ) -> Option<T> {
        let word = self.string(table, key)?;
        self.one_of(&word, known)
    }

    fn one_of<T: serde::de::DeserializeOwned>(
        &mut self,
        word: &Placed<String>,
        known: &[&str],
    ) -> Option<T> {
        let parsed = words::parse(&word.value).ok();
        if parsed.is_none() {
            let what = match nearest(&word.value, known.iter().copied()) {
                Some(_) => format!("\"{}\" is not known here", word.value),
                None => "this word is not known here".to_owned(),
            };
            self.problems.error(
                word.place.clone(),
                what,
                did_you_mean(&word.value, known.iter().copied()),
            );
        }
        parsed
    }

    fn text_of(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<Placed<String>> {
        match value.get_ref().as_str() {
            Some("") => {
                let place = self.place(value.span().start);
                self.problems.error(
                    place,
                    "the text is empty",
                    "fill it in or leave the key out",
                );
                None
            }
            Some(text) => Some(Placed {
                value: text.to_owned(),
                place: self.place(value.span().start),
            }),
            None => {
                self.wrong_type(value, wanted);
                None
            }
        }
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let place = self.place(value.span().start);
        self.problems.error(
            place,
            format!("here stands a TOML {}", value.get_ref().type_str()),
            format!("write {wanted}"),
        );
    }

    /// `crosscheck.toml:3:7`, columns counted in characters.
    fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }
}

fn find<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (ConfigFile, Vec<String>) {
        let mut problems = Problems::default();
        let file = ConfigFile::parse(text, Path::new("conf/crosscheck.toml"), &mut problems);
        let lines = problems.errors.iter().map(ToString::to_string).collect();
        (file, lines)
    }

    #[test]
    fn a_whole_file() {
        let (file, errors) = parse(
            "[clusters.a]\nurl = \"https://a:9200\"\nuser = \"elastic\"\npassword_file = \"a.pw\"\n\
             [links.bee]\nlocal = \"a\"\nendpoint = \"b:9443\"\nmode = \"proxy\"\n\
             use = [\"search\", \"replication\"]\nindex = \"logs*\"\nserver_ca = \"/etc/ca.crt\"\n",
        );
        assert_eq!(errors, [""; 0]);
        let a = &file.clusters["a"];
        assert_eq!(
            a.password_file.as_ref().unwrap().value,
            Path::new("conf/a.pw")
        );
        let bee = &file.links["bee"];
        assert_eq!(bee.mode, Some(Mode::Proxy));
        assert_eq!(bee.uses, [Use::Search, Use::Replication]);
        assert_eq!(bee.endpoints[0].value, "b:9443");
        assert_eq!(
            bee.server_ca.as_ref().unwrap().value,
            Path::new("/etc/ca.crt")
        );
    }

    #[test]
    fn every_mistake_is_said_at_once_with_line_and_column() {
        let (_, errors) = parse(
            "[cluster.a]\nurl = \"x\"\n[clusters.b]\nulr = \"https://b\"\npassword = \"canary\"\n\
             url = 9200\n[links.bee]\nserver-name = \"b\"\nmode = \"proxi\"\nendpoint = [1]\n",
        );
        assert_eq!(
            errors,
            [
                "conf/crosscheck.toml:1:2: \"cluster\" is not a table of this file; \
                 did you mean \"clusters\"?",
                "conf/crosscheck.toml:5:1: \"password\" is not a key of a cluster; secrets do not \
                 stand in this file: put it into a file of its own and name that with password_file",
                "conf/crosscheck.toml:4:1: \"ulr\" is not a key of a cluster; did you mean \"url\"?",
                "conf/crosscheck.toml:6:7: here stands a TOML integer; write url in quotes",
                "conf/crosscheck.toml:8:1: \"server-name\" is not a key of a link; \
                 did you mean \"server_name\"?",
                "conf/crosscheck.toml:10:13: here stands a TOML integer; \
                 write endpoint in quotes, or a list of such",
                "conf/crosscheck.toml:9:8: \"proxi\" is not known here; did you mean \"proxy\"?",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_said_without_quoting_it() {
        let (_, errors) = parse("[clusters.a]\nurl = canary\n");
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].starts_with("conf/crosscheck.toml:2:7: no TOML: "),
            "{errors:?}"
        );
        assert!(!errors[0].contains("canary"), "{errors:?}");
    }
}
