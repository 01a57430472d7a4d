//! The traits of a value of CEL.

use std::any::Any;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as Items, Sizer};
use cel::common::types::{CelInt, CelNull, CelString, LIST_TYPE, MAP_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};

use super::{Content, View, json_of, mismatch};

impl Val for View {
    fn get_type(&self) -> &Type {
        match self.0.content {
            Content::List(_) => &LIST_TYPE,
            _ => &MAP_TYPE,
        }
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        match json_of(other) {
            Ok(other) => self.as_json() == other.as_ref(),
            Err(_) => false,
        }
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for View {}

impl Container for View {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        match &self.0.content {
            Content::List(elements) => {
                self.record();
                Ok(elements
                    .iter()
                    .any(|element| element.borrowed().equals(value)))
            }
            Content::Map { entries, .. } => {
                self.record();
                let key = value.downcast_ref::<CelString<'_>>();
                Ok(key.is_some_and(|key| entries.contains_key(key.inner())))
            }
            Content::Scalar { .. } => Err(mismatch(self)),
            Content::Unknown => Err(self.missing()),
        }
    }
}

impl Indexer for View {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        static NULL: CelNull = CelNull;
        let child = match &self.0.content {
            Content::Unknown => return Err(self.missing()),
            Content::Map {
                entries, complete, ..
            } => {
                let Some(key) = index.downcast_ref::<CelString<'_>>() else {
                    return Err(mismatch(self));
                };
                match entries.get(key.inner()) {
                    Some(child) => child,
                    None if *complete => return Ok(CowVal::Borrowed(&NULL)),
                    None => return Err(self.miss(key.inner())),
                }
            }
            Content::List(elements) => {
                let position = index.downcast_ref::<CelInt>().map(|index| *index.inner());
                let Some(position) = position else {
                    return Err(mismatch(self));
                };
                let element = usize::try_from(position).ok().and_then(|i| elements.get(i));
                element.ok_or_else(|| ExecutionError::IndexOutOfBounds(position.into()))?
            }
            Content::Scalar { .. } => return Err(mismatch(self)),
        };
        if matches!(child.0.content, Content::Scalar { .. }) {
            child.record();
        }
        Ok(CowVal::Borrowed(child.borrowed()))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Iterable for View {
    fn iter<'b, 'v>(&'b self) -> Box<dyn Items<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        match &self.0.content {
            Content::List(elements) => {
                if elements.is_empty() {
                    self.record();
                }
                Box::new(Elements(elements.iter()))
            }
            Content::Map { keys, .. } => {
                self.record();
                Box::new(Keys(keys.iter()))
            }
            Content::Scalar { .. } | Content::Unknown => Box::new(Keys([].iter())),
        }
    }
}

struct Elements<'b>(std::slice::Iter<'b, View>);

impl<'b, 'v> Items<'b, 'v> for Elements<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        let element = self.0.next()?;
        if matches!(element.0.content, Content::Scalar { .. }) {
            element.record();
        }
        Some(element.borrowed())
    }
}

struct Keys<'b>(std::slice::Iter<'b, CelString<'static>>);

impl<'b, 'v> Items<'b, 'v> for Keys<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|key| key as &(dyn Val + 'v))
    }
}

impl Sizer for View {
    fn size(&self) -> CelInt {
        self.record();
        let size = match &self.0.content {
            Content::List(elements) => elements.len(),
            Content::Map { entries, .. } => entries.len(),
            Content::Scalar { .. } | Content::Unknown => 0,
        };
        CelInt::from(i64::try_from(size).unwrap_or(i64::MAX))
    }
}
