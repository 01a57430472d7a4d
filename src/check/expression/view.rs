//! The evidence as CEL sees it: a tree that knows the path of every value, and records which paths
//! were read and which were missed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt};
use cel::common::value::Val;
use serde_json::Value as Json;

use super::trace::Trace;
use crate::check::shape::Shape;
use crate::evidence::path;

mod traits;

/// Longest value, as JSON, that is recorded when a list or an object is read as a whole.
const LONGEST_RECORD: usize = 600;

/// A value of the document. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct View(Arc<Node>);

#[derive(Debug)]
struct Node {
    path: String,
    trace: Arc<Trace>,
    content: Content,
    /// A list or an object as one value, made when it is needed first: many checks look at the same
    /// link.
    whole: OnceLock<Whole>,
    /// What functions answered about it.
    answers: Mutex<Vec<GivenAnswer>>,
}

/// An answer of a function: its name, its second argument, the answer.
type GivenAnswer = (&'static str, String, Result<Json, String>);

#[derive(Debug)]
struct Whole {
    json: Json,
    /// Whether it is recorded when it is read.
    is_short: bool,
}

#[derive(Debug)]
enum Content {
    List(Vec<View>),
    Map {
        entries: BTreeMap<String, View>,
        /// The keys again, as `map.all(key, …)` hands them out.
        keys: Vec<CelString<'static>>,
        /// Whether an absent key is known to be none.
        complete: bool,
    },
    Scalar {
        json: Json,
        value: Box<dyn Val>,
    },
    /// Nothing is known, and the path says of what.
    Unknown,
}

impl View {
    /// The whole document.
    pub(crate) fn document(json: &Json, trace: &Arc<Trace>) -> Self {
        Self::build(json, &mut Vec::new(), Some(Shape::document()), trace)
    }

    /// A value that nobody could find out.
    pub(crate) fn unknown(path: String, trace: &Arc<Trace>) -> Self {
        Self(Arc::new(Node {
            path,
            trace: Arc::clone(trace),
            content: Content::Unknown,
            whole: OnceLock::new(),
            answers: Mutex::default(),
        }))
    }

    /// Path in the document.
    pub(crate) fn path(&self) -> &str {
        &self.0.path
    }

    /// What is below a key, without recording that it was read.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        match &self.0.content {
            Content::Map { entries, .. } => entries.get(key),
            _ => None,
        }
    }

    /// The value as text, without recording that it was read.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.0.content {
            Content::Scalar { json, .. } => json.as_str(),
            _ => None,
        }
    }

    /// The elements of a list, without recording that they were read.
    pub(crate) fn elements(&self) -> &[Self] {
        match &self.0.content {
            Content::List(elements) => elements,
            _ => &[],
        }
    }

    /// As CEL takes it.
    pub(super) fn value(&self) -> Box<dyn Val> {
        self.borrowed().clone_as_boxed()
    }

    /// The value as JSON, recorded as read if it is not too long.
    pub(super) fn json(&self) -> Result<&Json, ExecutionError> {
        if matches!(self.0.content, Content::Unknown) {
            return Err(self.missing());
        }
        self.record();
        Ok(self.as_json())
    }

    /// The answer of a pure function about this value and a text, worked out once.
    pub(super) fn answer(
        &self,
        function: &'static str,
        text: &str,
        work_out: impl FnOnce() -> Result<Json, String>,
    ) -> Result<Json, String> {
        let mut answers = self
            .0
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let given = answers.iter().find(|it| it.0 == function && it.1 == text);
        if let Some((_, _, answer)) = given {
            return answer.clone();
        }
        let answer = work_out();
        answers.push((function, text.to_owned(), answer.clone()));
        answer
    }

    /// `has(self.key)`: whether the key is there, known to be none included.
    pub(super) fn has(&self, key: &str) -> Result<bool, ExecutionError> {
        match &self.0.content {
            Content::Map {
                entries, complete, ..
            } => match entries.get(key) {
                Some(child) => {
                    child.record();
                    Ok(true)
                }
                None if *complete => Ok(false),
                None => Err(self.miss(key)),
            },
            Content::Unknown => Err(self.missing()),
            _ => Err(mismatch(self)),
        }
    }

    /// Records what is at a path below it as read, or what of it is missing.
    pub(super) fn look(&self, path: &[&str]) {
        let Some((key, rest)) = path.split_first() else {
            self.record();
            return;
        };
        match &self.0.content {
            Content::Map {
                entries, complete, ..
            } => match entries.get(*key) {
                Some(child) => child.look(rest),
                None if *complete => {}
                None => _ = self.miss(key),
            },
            Content::Unknown => _ = self.missing(),
            Content::List(_) | Content::Scalar { .. } => {}
        }
    }

    fn build(
        json: &Json,
        segments: &mut Vec<String>,
        shape: Option<&Shape>,
        trace: &Arc<Trace>,
    ) -> Self {
        let content = match json {
            Json::Array(elements) => {
                let element = shape.and_then(Shape::element);
                let mut views = Vec::with_capacity(elements.len());
                for (index, json) in elements.iter().enumerate() {
                    segments.push(index.to_string());
                    views.push(Self::build(json, segments, element, trace));
                    segments.pop();
                }
                Content::List(views)
            }
            Json::Object(object) => {
                let mut entries = BTreeMap::new();
                for (key, json) in object {
                    segments.push(key.clone());
                    let below = shape.and_then(|shape| shape.below(key));
                    entries.insert(key.clone(), Self::build(json, segments, below, trace));
                    segments.pop();
                }
                let complete = shape.is_some_and(Shape::is_complete);
                let keys = entries.keys().cloned().map(CelString::from).collect();
                Content::Map {
                    entries,
                    keys,
                    complete,
                }
            }
            scalar => Content::Scalar {
                json: scalar.clone(),
                value: scalar_value(scalar),
            },
        };
        Self(Arc::new(Node {
            path: path(segments.iter().map(String::as_str)),
            trace: Arc::clone(trace),
            content,
            whole: OnceLock::new(),
            answers: Mutex::default(),
        }))
    }

    /// As CEL takes it, without a copy.
    pub(super) fn borrowed(&self) -> &(dyn Val + 'static) {
        match &self.0.content {
            Content::Scalar { value, .. } => value.as_ref(),
            _ => self,
        }
    }

    /// Records the value as read, unless it is a long list or object: of these the parts that are
    /// looked at are recorded one by one.
    fn record(&self) {
        let node = &self.0;
        if !node.trace.keeps_reads() {
            return;
        }
        match &node.content {
            Content::Scalar { json, .. } => node.trace.read(&node.path, || json.clone()),
            Content::List(_) | Content::Map { .. } => {
                let whole = self.whole();
                if whole.is_short {
                    node.trace.read(&node.path, || whole.json.clone());
                }
            }
            Content::Unknown => {}
        }
    }

    /// Records the texts of errors in or below it that match what a function looked for: they are
    /// what its answer rests on.
    pub(super) fn record_matches(&self, pattern: &str) {
        if !self.0.trace.keeps_reads() {
            return;
        }
        let errors = self.child("errors").unwrap_or(self);
        let Ok(regex) = regex::Regex::new(pattern) else {
            return;
        };
        for error in errors.elements() {
            for text in [error.child("reason"), error.child("type")]
                .into_iter()
                .flatten()
            {
                if text.text().is_some_and(|text| regex.is_match(text)) {
                    text.record();
                }
            }
        }
    }

    fn as_json(&self) -> &Json {
        match &self.0.content {
            Content::List(_) | Content::Map { .. } => &self.whole().json,
            Content::Scalar { json, .. } => json,
            Content::Unknown => &Json::Null,
        }
    }

    fn whole(&self) -> &Whole {
        self.0.whole.get_or_init(|| {
            let json = match &self.0.content {
                Content::List(elements) => elements.iter().map(|it| it.as_json().clone()).collect(),
                Content::Map { entries, .. } => {
                    let entry =
                        |(key, view): (&String, &Self)| (key.clone(), view.as_json().clone());
                    Json::Object(entries.iter().map(entry).collect())
                }
                Content::Scalar { json, .. } => json.clone(),
                Content::Unknown => Json::Null,
            };
            let is_short = serde_json::to_writer(Room(LONGEST_RECORD), &json).is_ok();
            Whole { json, is_short }
        })
    }

    fn miss(&self, key: &str) -> ExecutionError {
        let suffix = path([key]);
        let dot = if suffix.starts_with('[') { "" } else { "." };
        self.0.trace.miss(format!("{}{dot}{suffix}", self.0.path))
    }

    fn missing(&self) -> ExecutionError {
        self.0.trace.miss(self.0.path.clone())
    }
}

/// Takes so many bytes and no more.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rest = self.0.checked_sub(bytes.len());
        self.0 = rest.ok_or(io::ErrorKind::WriteZero)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As [`View::get`] would hand it out, if it were no part of the document.
pub(super) fn scalar_value(json: &Json) -> Box<dyn Val> {
    match json {
        Json::Bool(value) => Box::new(CelBool::from(*value)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Box::new(CelInt::from(integer)),
            (None, float) => Box::new(CelDouble::from(float.unwrap_or(f64::MAX))),
        },
        Json::String(text) => Box::new(CelString::from(text.clone())),
        Json::Array(elements) => Box::new(CelList::from(
            elements.iter().map(scalar_value).collect::<Vec<_>>(),
        )),
        Json::Null | Json::Object(_) => Box::new(CelNull),
    }
}

/// Any value of CEL as JSON, without copying a part of the document.
pub(super) fn json_of(value: &dyn Val) -> Result<Cow<'_, Json>, ExecutionError> {
    match value.downcast_ref::<View>() {
        Some(view) => view.json().map(Cow::Borrowed),
        None => to_json(value).map(Cow::Owned),
    }
}

/// Any value of CEL as JSON.
pub(super) fn to_json(value: &dyn Val) -> Result<Json, ExecutionError> {
    if let Some(view) = value.downcast_ref::<View>() {
        view.json().cloned()
    } else if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        Ok(text.inner().into())
    } else if let Some(integer) = value.downcast_ref::<CelInt>() {
        Ok((*integer.inner()).into())
    } else if let Some(integer) = value.downcast_ref::<CelUInt>() {
        Ok((*integer.inner()).into())
    } else if let Some(float) = value.downcast_ref::<CelDouble>() {
        Ok((*float.inner()).into())
    } else if let Some(boolean) = value.downcast_ref::<CelBool>() {
        Ok((*boolean.inner()).into())
    } else if value.downcast_ref::<CelNull>().is_some() {
        Ok(Json::Null)
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner()
            .iter()
            .map(|element| to_json(element.as_ref()))
            .collect()
    } else {
        Err(ExecutionError::UnexpectedType {
            got: value.get_type().name().to_owned(),
            want: "text, number, boolean, list or object of the evidence".to_owned(),
        })
    }
}

fn mismatch(view: &View) -> ExecutionError {
    ExecutionError::UnexpectedType {
        got: view.get_type().name().to_owned(),
        want: "object".to_owned(),
    }
}
