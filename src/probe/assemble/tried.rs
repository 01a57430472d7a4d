//! What trying a link gave: the answers of the local cluster that are about one alias.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::evidence::{
    ErrorLevel, ErrorSource, Fact, IndexAnswer, NodeView, Resolve, SearchAnswer,
};

use super::super::elasticsearch::{
    Answer, Moment, Question, RemoteEntry, error_levels, index_answer, remote_info, resolve,
    search_answer, search_errors,
};

/// What trying a link gave.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pub(super) before: Fact<Option<RemoteEntry>>,
    pub(super) after: Fact<Option<RemoteEntry>>,
    pub(super) nodes: BTreeMap<String, NodeView>,
    pub(super) resolve: Fact<Resolve>,
    pub(super) indices: Vec<IndexAnswer>,
    pub(super) search: Fact<SearchAnswer>,
    pub(super) errors: Fact<Vec<ErrorLevel>>,
}

impl Tried {
    /// Reads the answers about an alias.
    pub(super) fn of<A: Borrow<Answer>>(answers: &[A], alias: &str) -> Self {
        let mut tried = Self::default();
        let mut levels = Levels::default();
        for answer in answers.iter().map(Borrow::borrow) {
            tried.take(answer, alias, &mut levels);
        }
        tried.errors = levels.finish(&tried);
        tried
    }

    fn take(&mut self, answer: &Answer, alias: &str, levels: &mut Levels) {
        match &answer.question {
            Question::RemoteInfo(moment) => {
                self.take_info(answer, alias, *moment, levels);
            }
            Question::Resolve { alias: asked } if asked == alias => {
                if let Some((answer, found)) = resolve(answer, alias) {
                    levels.replace_resolve(found);
                    levels.answered |= answer.status.is_some();
                    self.resolve = Fact::Known(answer);
                }
            }
            Question::ResolveIndex { alias: asked, .. } if asked == alias => {
                if let Some((answer, found)) = index_answer(answer) {
                    levels.add(found);
                    self.indices.push(answer);
                }
            }
            Question::Search { alias: asked, .. } if asked == alias => {
                if let Some(found) = search_answer(answer) {
                    levels.answered |= found.status.is_some();
                    levels.add(search_errors(answer, alias));
                    self.search = Fact::Known(found);
                }
            }
            _ => {}
        }
    }

    fn take_info(&mut self, answer: &Answer, alias: &str, moment: Moment, levels: &mut Levels) {
        let entry: Fact<Option<RemoteEntry>> = answer
            .json()
            .map(|body| remote_info(body).remove(alias))
            .into();
        // A node without the role refuses with 400; other refusals are about the caller.
        let refused = answer
            .body()
            .filter(|_| answer.status() == Some(400))
            .and_then(|body| body.get("error"))
            .map(|error| error_levels(error, ErrorSource::Info));
        match (&answer.node, moment) {
            (Some(node), _) => {
                let error = refused
                    .and_then(|it| it.into_iter().next())
                    .map(|it| it.reason);
                if entry.is_known() || error.is_some() {
                    let info = entry.map(|it| it.map(|it| it.info));
                    self.nodes.insert(node.clone(), NodeView { info, error });
                }
            }
            (None, Moment::Before) => {
                levels.add(refused.unwrap_or_default());
                self.before = entry;
            }
            (None, Moment::After) => {
                levels.add(refused.unwrap_or_default());
                self.after = entry;
            }
        }
    }
}

/// The messages of all errors.
#[derive(Default)]
struct Levels {
    all: Vec<ErrorLevel>,
    answered: bool,
}

impl Levels {
    fn add(&mut self, found: Vec<ErrorLevel>) {
        for level in found {
            if !self.all.contains(&level) {
                self.all.push(level);
            }
        }
    }

    /// A repeated call replaces the first one.
    fn replace_resolve(&mut self, found: Vec<ErrorLevel>) {
        self.all.retain(|it| it.source != ErrorSource::Resolve);
        self.add(found);
    }

    /// Known where a call told the reason, or where the link was used and none came. A link that is
    /// dead without a word was not used: then nothing is known.
    fn finish(self, tried: &Tried) -> Fact<Vec<ErrorLevel>> {
        let dead = tried
            .resolve
            .known()
            .is_some_and(|it| it.connected != Fact::Known(true));
        let searched = tried.search.known().is_some_and(|it| it.status.is_some());
        if self.all.is_empty() && (!self.answered || dead && !searched) {
            return Fact::Unknown;
        }
        Fact::Known(self.all)
    }
}
