//! Answering queries from the catalog: over one consistent view of tail and root, without reading documents.

mod bodies;
mod ended;
mod meta;
mod ordered;
mod pages;
mod past;
mod shown;
mod snapshot;
mod span;
mod sums;
mod told;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use truthound_stores_core::{Clock, Collection};

pub(crate) use meta::{key, meta};
pub(crate) use past::At;
pub(crate) use shown::Shown;
pub(crate) use snapshot::{Plan, Snapshot};

use crate::flaw::Flaws;
use crate::library::Library;
use crate::shelf::{Seen, Shelf};
use bodies::Bodies;
use snapshot::{Known, Pair};

/// Says how old what a query answers may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Consistency {
    /// As of a moment after the query began.
    #[default]
    Strong,
    /// As of a moment at most so long before: a listing of the tail and the root read after it are used again, as a pair.
    Bounded(Duration),
}

/// Reads the catalog of one collection.
#[derive(Debug)]
pub(crate) struct Index {
    library: Arc<Library>,
    clock: Arc<dyn Clock>,
    collection: Collection,
    consistency: Consistency,
    bodies: Bodies,
    /// The root that was got last, for asking whether it is still the same.
    seen: Mutex<Option<Seen>>,
    pair: Mutex<Option<Pair>>,
    known: Mutex<Known>,
    /// How long the tail was: rows, and objects with bodies.
    tail: Mutex<(usize, usize)>,
    /// The past generation that was asked for last.
    past: Mutex<Option<u64>>,
}

impl Index {
    pub(crate) fn new(
        library: Arc<Library>,
        clock: Arc<dyn Clock>,
        collection: Collection,
        consistency: Consistency,
    ) -> Self {
        Self {
            library,
            clock,
            collection,
            consistency,
            bodies: Bodies::default(),
            seen: Mutex::default(),
            pair: Mutex::default(),
            known: Mutex::default(),
            tail: Mutex::default(),
            past: Mutex::default(),
        }
    }

    pub(crate) fn collection(&self) -> &Collection {
        &self.collection
    }

    /// Forgets the view that bounded queries use again: whoever wrote by this handle sees it in the next.
    pub(crate) fn forget(&self) {
        *locked(&self.pair) = None;
    }

    /// Says how many rows, and how many objects with rows in their bodies, the tail had when it was last listed.
    pub(crate) fn tail_length(&self) -> (usize, usize) {
        *locked(&self.tail)
    }

    /// Returns the root that was got last.
    pub(crate) fn last_root(&self) -> Option<Seen> {
        locked(&self.seen).clone()
    }

    pub(crate) fn shared_library(&self) -> &Arc<Library> {
        &self.library
    }

    pub(crate) fn library(&self) -> &Library {
        &self.library
    }

    /// What tests have put back.
    fn flaws(&self) -> Flaws {
        self.shelf().flaws()
    }

    fn shelf(&self) -> &Shelf {
        self.library.shelf()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests;
