//! The evidence, laid out for judging: which subjects there are and what their names stand for.

use std::sync::Arc;

use super::expression::{Binding, Evaluator, Scope, Trace, View};
use super::file::SubjectKind;
use super::shape::Shape;
use crate::evidence::{Evidence, path};
use crate::report::Subject;

/// The names that the checks of each subject may use, and where in the document each one leads.
/// `[]` stands for any name.
pub(crate) fn variables(subject: SubjectKind) -> &'static [(&'static str, Leads)] {
    const COMMON: [(&str, Leads); 5] = [
        ("environment", Leads::To(&["environment"])),
        ("links", Leads::To(&["links"])),
        ("now", Leads::To(&["collected_at"])),
        ("purpose", Leads::To(&["purpose"])),
        ("vantage", Leads::To(&["vantage"])),
    ];
    const LINK: [(&str, Leads); 9] = [
        COMMON[0],
        COMMON[1],
        COMMON[2],
        COMMON[3],
        COMMON[4],
        ("endpoints", Leads::ToListOf(&["endpoints", "[]"])),
        ("link", Leads::To(&["links", "[]"])),
        ("local", Leads::To(&["clusters", "[]"])),
        ("remote", Leads::To(&["clusters", "[]"])),
    ];
    const ENDPOINT: [(&str, Leads); 10] = [
        LINK[0],
        LINK[1],
        LINK[2],
        LINK[3],
        LINK[4],
        LINK[5],
        LINK[6],
        LINK[7],
        LINK[8],
        ("endpoint", Leads::To(&["endpoints", "[]"])),
    ];
    const CLUSTER: [(&str, Leads); 6] = [
        COMMON[0],
        COMMON[1],
        COMMON[2],
        COMMON[3],
        COMMON[4],
        ("cluster", Leads::To(&["clusters", "[]"])),
    ];
    match subject {
        SubjectKind::Cluster => &CLUSTER,
        SubjectKind::Endpoint => &ENDPOINT,
        SubjectKind::Link => &LINK,
    }
}

/// Where a name leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leads {
    /// To one place.
    To(&'static [&'static str]),
    /// To a list of such places.
    ToListOf(&'static [&'static str]),
}

/// Makes ready what laying out a document needs.
pub(crate) fn prepare() {
    Shape::document();
}

/// The document with an evaluator over it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Evaluates expressions over it.
    pub(crate) evaluator: Evaluator,
    root: View,
}

/// One thing to be judged.
#[derive(Debug)]
pub(crate) struct Item {
    /// What it is.
    pub(crate) subject: Subject,
    /// What its names stand for.
    pub(crate) scope: Scope,
}

impl Document {
    /// Lays out the evidence.
    pub(crate) fn new(evidence: &Evidence) -> Self {
        let json = serde_json::to_value(evidence).expect("every unknown fact is left out");
        let trace = Arc::new(Trace::default());
        let root = View::document(&json, &trace);
        let evaluator = Evaluator::new(trace);
        Self { evaluator, root }
    }

    /// All subjects of a kind, in order of their keys.
    pub(crate) fn items(&self, kind: SubjectKind, evidence: &Evidence) -> Vec<Item> {
        match kind {
            SubjectKind::Cluster => {
                let clusters = evidence.clusters.keys();
                clusters.map(|cluster| self.cluster(cluster)).collect()
            }
            SubjectKind::Endpoint => {
                let links = evidence.links.iter();
                let pairs = links.flat_map(|(key, link)| {
                    link.endpoints.iter().map(move |endpoint| (key, endpoint))
                });
                pairs
                    .map(|(link, endpoint)| self.endpoint(link, endpoint))
                    .collect()
            }
            SubjectKind::Link => evidence.links.keys().map(|link| self.link(link)).collect(),
        }
    }

    /// The path in the document of a path that begins with a variable, such as `remote.version`.
    pub(crate) fn place(item: &Item, written: &str) -> Option<String> {
        let mut segments = written.split('.');
        let root = segments.next()?;
        let (_, binding) = item.scope.0.iter().find(|(name, _)| *name == root)?;
        match binding {
            Binding::One(view) => {
                let rest: Vec<&str> = segments.collect();
                let below = path(rest.iter().copied());
                let dot = if below.is_empty() || below.starts_with('[') {
                    ""
                } else {
                    "."
                };
                Some(format!("{}{dot}{below}", view.path()))
            }
            Binding::UnknownObject(view) => Some(view.path().to_owned()),
            Binding::UnknownText(path) => Some(path.clone()),
            Binding::List(_) => None,
        }
    }

    fn cluster(&self, key: &str) -> Item {
        let view = self.at(&["clusters", key]);
        let mut names = self.common(view.as_ref());
        names.push(("cluster", self.object(view, &["clusters", key])));
        Item {
            subject: Subject {
                cluster: Some(key.to_owned()),
                ..Subject::default()
            },
            scope: Scope(names),
        }
    }

    fn link(&self, key: &str) -> Item {
        Item {
            subject: Subject {
                link: Some(key.to_owned()),
                ..Subject::default()
            },
            scope: Scope(self.link_names(key)),
        }
    }

    fn endpoint(&self, link: &str, key: &str) -> Item {
        let mut names = self.link_names(link);
        let view = self.at(&["endpoints", key]);
        names.push(("endpoint", self.object(view, &["endpoints", key])));
        Item {
            subject: Subject {
                link: Some(link.to_owned()),
                endpoint: Some(key.to_owned()),
                ..Subject::default()
            },
            scope: Scope(names),
        }
    }

    fn link_names(&self, key: &str) -> Vec<(&'static str, Binding)> {
        let link = self.at(&["links", key]);
        let endpoints = link.as_ref().and_then(|link| link.child("endpoints"));
        let endpoints = endpoints
            .map_or(&[][..], View::elements)
            .iter()
            .filter_map(View::text);
        let endpoints = endpoints.map(|endpoint| {
            let place = ["endpoints", endpoint];
            let unknown = || self.evaluator.unknown(path(place));
            self.at(&place).unwrap_or_else(unknown)
        });
        let endpoints = Binding::list(endpoints);
        // Where it is not known which cluster a side is, nothing is known of that cluster.
        let side = |side: &'static str| match link
            .as_ref()
            .and_then(|link| link.child(side)?.text())
        {
            Some(cluster) => self.object(self.at(&["clusters", cluster]), &["clusters", cluster]),
            None => self.object(None, &["links", key, side]),
        };
        let (local, remote) = (side("local"), side("remote"));
        let mut names = self.common(match &local {
            Binding::One(view) => Some(view),
            _ => None,
        });
        names.push(("endpoints", endpoints));
        names.push(("local", local));
        names.push(("remote", remote));
        names.push(("link", self.object(link, &["links", key])));
        names
    }

    /// The names that every subject has. `cluster` is the reader's own.
    fn common(&self, cluster: Option<&View>) -> Vec<(&'static str, Binding)> {
        let told = self.at(&["environment"]);
        let seen = || {
            cluster
                .and_then(|cluster| cluster.child("environment"))
                .cloned()
        };
        let environment = told.or_else(seen).map_or_else(
            || Binding::UnknownText("environment".to_owned()),
            Binding::One,
        );
        vec![
            ("environment", environment),
            ("links", self.object(self.at(&["links"]), &["links"])),
            (
                "now",
                self.object(self.at(&["collected_at"]), &["collected_at"]),
            ),
            ("purpose", self.object(self.at(&["purpose"]), &["purpose"])),
            ("vantage", self.object(self.at(&["vantage"]), &["vantage"])),
        ]
    }

    fn at(&self, place: &[&str]) -> Option<View> {
        let root = Some(&self.root);
        place
            .iter()
            .fold(root, |view, key| view?.child(key))
            .cloned()
    }

    fn object(&self, view: Option<View>, place: &[&str]) -> Binding {
        let unknown = || self.evaluator.unknown(path(place.iter().copied()));
        view.map_or_else(|| Binding::UnknownObject(unknown()), Binding::One)
    }
}
