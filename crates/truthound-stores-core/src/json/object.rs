//! The map that keeps the order of its names.

use std::collections::HashMap;
use std::fmt;
use std::{slice, vec};

use super::Json;

/// Maps names to values in the order in which they were set.
///
/// Setting a name that exists keeps its place. Two objects are equal when they have the same
/// members in the same order.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Json, Object};
///
/// let mut object = Object::new();
/// object.set("b", 1);
/// object.set("a", 2);
/// assert_eq!(object.set("b", 3), Some(Json::from(1)));
/// assert_eq!(Json::from(object).to_string(), r#"{"b":3,"a":2}"#);
/// ```
#[derive(Clone, Default)]
pub struct Object {
    entries: Vec<(String, Json)>,
    /// Where each name is, once there are more than [`SMALL`] of them.
    index: Option<HashMap<String, usize>>,
}

/// Up to so many names are found by looking at each.
const SMALL: usize = 32;

impl Object {
    /// Makes an empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.entries.get(self.find(name)?).map(|(_, value)| value)
    }

    /// Returns the value of `name`, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        let at = self.find(name)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Sets the value of `name`, and returns the value it had.
    ///
    /// A name that is new comes last.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Json>) -> Option<Json> {
        let (name, value) = (name.into(), value.into());
        if let Some(known) = self.get_mut(&name) {
            return Some(std::mem::replace(known, value));
        }
        if let Some(index) = &mut self.index {
            index.insert(name.clone(), self.entries.len());
        }
        self.entries.push((name, value));
        if self.index.is_none() && self.entries.len() > SMALL {
            let places = self.entries.iter().enumerate().map(|(at, (name, _))| (name.clone(), at));
            self.index = Some(places.collect());
        }
        None
    }

    /// Removes `name`, and returns the value it had; the others keep their order.
    ///
    /// Takes time in proportion to the number of members.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.find(name)?;
        if let Some(index) = &mut self.index {
            index.remove(name);
            for place in index.values_mut().filter(|place| **place > at) {
                *place -= 1;
            }
        }
        Some(self.entries.remove(at).1)
    }

    /// Tells whether `name` is set, be it to null.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Yields names and values in order.
    pub fn iter(&self) -> Members<'_> {
        Members(self.entries.iter())
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.entries.iter().position(|(known, _)| known == name),
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Object {}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl FromIterator<(String, Json)> for Object {
    /// Collects members; of a name that comes twice the last value wins, at the first place.
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.set(name, value);
        }
        object
    }
}

impl IntoIterator for Object {
    type Item = (String, Json);
    type IntoIter = vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a str, &'a Json);
    type IntoIter = Members<'a>;

    fn into_iter(self) -> Members<'a> {
        self.iter()
    }
}

/// Yields the names and values of an [`Object`] in order.
#[derive(Clone, Debug)]
pub struct Members<'a>(slice::Iter<'a, (String, Json)>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Json);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Members<'_> {}

#[cfg(test)]
mod tests;
