//! The labels of a document.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::field::Field;
use super::misfit::Misfit;
use crate::json::{Json, Object};

/// Maps the names of tags to their values, in the order of the document.
///
/// Real documents hold tags whose values are no strings. Those are kept as they are, and read as
/// [`Attributes::tags`](crate::Attributes::tags) has them: as their JSON text, null as no tag.
///
/// # Examples
/// ```
/// use truthound_stores_core::Tags;
///
/// let mut tags = Tags::new();
/// tags.set("team", "sales");
/// assert_eq!(tags.get("team").as_deref(), Some("sales"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Object);

impl Tags {
    /// Makes an empty set of tags.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of the tag `name`.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name).and_then(text)
    }

    /// Sets the tag `name`; a new one comes last.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.set(name, value.into());
    }

    /// Removes the tag `name`; tells whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some_and(|value| !value.is_null())
    }

    /// Yields names and values in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.iter().filter_map(|(name, value)| Some((name, text(value)?)))
    }

    /// Tells whether there are no tags.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

fn text(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(tags: I) -> Self {
        Self(tags.into_iter().map(|(name, value)| (name.into(), Json::String(value.into()))).collect())
    }
}

impl<N: Into<String>, V: Into<String>> Extend<(N, V)> for Tags {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, tags: I) {
        for (name, value) in tags {
            self.set(name, value);
        }
    }
}

impl Field for Tags {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        let (members, odd) = Object::read(json, default.0);
        (Self(members), odd)
    }

    fn write(&self) -> Result<Json, Misfit> {
        self.0.write()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests;
