//! Where the values of a check file stand in its text.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file again, with the place of every value.
pub(super) struct Spans<'t>(Option<Spanned<DeTable<'t>>>);

impl<'t> Spans<'t> {
    /// Of the text of a file.
    pub(super) fn of(text: &'t str) -> Self {
        Self(DeTable::parse(text).ok())
    }

    /// The bytes that the value at a place takes, its quotes included; the place is its keys and
    /// indices, as in `fix.0.text`. The beginning of the file where there is no such value.
    pub(super) fn find(&self, place: &str) -> Range<usize> {
        self.value(place).map_or(0..0, Spanned::span)
    }

    fn value(&self, place: &str) -> Option<&Spanned<DeValue<'t>>> {
        let mut steps = place.split('.');
        let root = self.0.as_ref()?.get_ref();
        let first = root.get(steps.next()?)?;
        steps.try_fold(first, |value, step| match value.get_ref() {
            DeValue::Array(elements) => elements.get(step.parse::<usize>().ok()?),
            DeValue::Table(table) => table.get(step),
            _ => None,
        })
    }
}
