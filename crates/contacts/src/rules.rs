//! Rules that several entities share: pure functions that note what is wrong.

use shoal_core::value::{ValueError, sort_key, text};
use shoal_graphql::declare::Patch;
use shoal_graphql::error::FieldError;
use shoal_graphql::message;
use shoal_graphql::message::Message;

/// Characters of a name or another single line.
pub(crate) const LINE: usize = 255;

/// What is said of a number below zero.
pub(crate) const NEGATIVE: Message = message!("contacts-negative", "must not be negative");

/// What is wrong with a record so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(pub Vec<FieldError>);

impl Mistakes {
    /// Notes a mistake in a field.
    pub(crate) fn add(&mut self, field: &str, code: &'static str, message: Message) {
        self.0.push(FieldError::new([field], code, message));
    }

    /// The value, or a note of why there is none.
    pub(crate) fn check<T>(&mut self, field: &str, value: Result<T, ValueError>) -> Option<T> {
        value.map_err(|error| self.add(field, error.code(), error.message())).ok()
    }

    /// The value of one item of a list, or a note of why there is none.
    pub(crate) fn check_item<T>(
        &mut self,
        (list, position, field): (&str, usize, &str),
        value: Result<T, ValueError>,
    ) -> Option<T> {
        self.check_at(&[list, &position.to_string(), field], value)
    }

    /// The value, or a note of why there is none at `path`.
    pub(crate) fn check_at<T>(&mut self, path: &[&str], value: Result<T, ValueError>) -> Option<T> {
        let note = |error: ValueError| {
            self.0.push(FieldError::new(path.iter().copied(), error.code(), error.message()));
        };
        value.map_err(note).ok()
    }

    /// A line of text that may be cleared; an empty one is no value.
    pub(crate) fn line(&mut self, field: &str, patch: Patch<Option<String>>, target: &mut Option<String>) {
        self.parsed(field, patch, target, |text| text::line(text, LINE));
    }

    /// A text that may be cleared, after `parse`; an empty one is no value.
    pub(crate) fn parsed(
        &mut self,
        field: &str,
        patch: Patch<Option<String>>,
        target: &mut Option<String>,
        parse: impl FnOnce(&str) -> Result<String, ValueError>,
    ) {
        match patch {
            Patch::Keep => {}
            Patch::Set(Some(text)) if !text::trim(&text).is_empty() => {
                if let Some(value) = self.check(field, parse(&text)) {
                    *target = Some(value);
                }
            }
            Patch::Set(_) => *target = None,
        }
    }
}

/// The sort key of a text that may be missing.
pub(crate) fn optional_sort_key(text: Option<&str>) -> Option<String> {
    text.map(sort_key::sort_key)
}
