//! An answer that says what could not be read.

use std::ops::Deref;

use crate::{Error, Result};

/// Holds what a query found, and what it could not read.
///
/// It can be used like a slice of what was found.
#[derive(Debug)]
#[must_use = "what could not be read is named in `damaged`"]
pub struct Found<T> {
    /// What was found, in the query's order.
    pub items: Vec<T>,
    /// Documents that match, or may match, but are damaged; each error names one.
    pub damaged: Vec<Error>,
}

impl<T> Found<T> {
    /// Returns what was found if nothing was damaged.
    ///
    /// # Errors
    /// The first of [`damaged`](Self::damaged).
    pub fn into_complete(self) -> Result<Vec<T>> {
        match self.damaged.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(self.items),
        }
    }

    /// Returns the first of what was found.
    pub fn into_first(self) -> Option<T> {
        self.items.into_iter().next()
    }
}

impl<T> Deref for Found<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Found<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
