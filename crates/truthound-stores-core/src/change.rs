//! The change feed: every acknowledged write and delete, at least once.

use std::fmt;
use std::sync::Arc;

use crate::{Key, RecordMeta, Revision};

/// Marks a place in a store's change feed. Opaque; may be kept over restarts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChangeToken(Arc<str>);

impl ChangeToken {
    /// Wraps a token's text: a backend's own, or one that was kept.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ChangeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeToken({})", self.0)
    }
}

/// Reports one write or delete.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The document.
    pub key: Key,
    /// What happened to it.
    pub op: ChangeOp,
}

/// Says what happened to a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChangeOp {
    /// It was created or overwritten; this is the state that the change made.
    Put(Box<RecordMeta>),
    /// It was deleted.
    Delete {
        /// The state that was deleted, where known.
        revision: Option<Revision>,
    },
}

/// Holds a part of a change feed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChangePage {
    /// The changes after the token that was given, oldest first per document; empty if there are none yet.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub next: ChangeToken,
    /// The feed cannot go on from the token that was given (there was none, it is too old, or the feed was
    /// rebuilt). The reader compares listings, made after it got this page, and goes on from `next`.
    pub reset: bool,
}

impl ChangePage {
    /// Gives changes; for implementers of stores.
    pub fn new(changes: Vec<Change>, next: ChangeToken) -> Self {
        Self { changes, next, reset: false }
    }

    /// Tells the reader to compare listings and go on from `next`; for implementers of stores.
    pub fn reset(next: ChangeToken) -> Self {
        Self { changes: Vec::new(), next, reset: true }
    }
}
