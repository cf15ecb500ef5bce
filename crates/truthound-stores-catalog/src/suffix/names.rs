//! What all handles on a store's documents share: the suffixes as last heard of, and where to ask.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use truthound_stores_core::{Clock, Result};

use crate::horizon::Moment;
use crate::shelf::{Seen, Shelf};
use crate::suffix::Suffixes;

/// The names of a store's documents, as far as this process knows them.
#[derive(Clone, Debug)]
pub(crate) struct Names(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Where the root is; none if nobody can change the suffix.
    shelf: Option<Shelf>,
    known: Mutex<Known>,
    /// How many requests were made under other names than that of new documents.
    detours: AtomicU64,
}

#[derive(Debug)]
struct Known {
    suffixes: Arc<Suffixes>,
    seen: Option<Seen>,
}

impl Names {
    /// Names with one suffix, which nobody changes.
    #[cfg(test)]
    pub(crate) fn only(suffix: &str, clock: &dyn Clock) -> Self {
        let suffixes = Arc::new(Suffixes::only(suffix, Moment::now(clock)));
        Self::new(None, Known { suffixes, seen: None })
    }

    /// Names as a root says that was asked for at that moment.
    #[cfg(test)]
    pub(crate) fn of(shelf: Shelf, seen: Seen, asked: Moment, clock: &dyn Clock) -> Self {
        let suffixes = Arc::new(Suffixes::of(&seen.root, seen.modified, asked, Moment::now(clock)));
        Self::new(Some(shelf), Known { suffixes, seen: Some(seen) })
    }

    /// Names of which nobody has asked yet: the root is read before anything relies on there being no others.
    pub(crate) fn unasked(shelf: Shelf, suffix: &str, clock: &dyn Clock) -> Self {
        let suffixes = Arc::new(Suffixes::only(suffix, Moment::now(clock).long_before()));
        Self::new(Some(shelf), Known { suffixes, seen: None })
    }

    /// Returns the root that was heard of last.
    pub(crate) fn seen(&self) -> Option<Seen> {
        self.locked().seen.clone()
    }

    fn new(shelf: Option<Shelf>, known: Known) -> Self {
        Self(Arc::new(Shared { shelf, known: Mutex::new(known), detours: AtomicU64::new(0) }))
    }

    pub(crate) fn known(&self) -> Arc<Suffixes> {
        Arc::clone(&self.locked().suffixes)
    }

    /// Tells whether what is known may not be relied on any more.
    pub(crate) fn is_old(&self, known: &Suffixes, now: Moment) -> bool {
        self.0.shelf.is_some() && known.is_old(now)
    }

    /// Hears what a root says that was read for whatever purpose, and asked for at that moment.
    pub(crate) fn learn(&self, seen: &Seen, asked: Moment, clock: &dyn Clock) {
        let mut known = self.locked();
        let before = known.seen.as_ref().filter(|before| before.root.store_id == seen.root.store_id);
        let before = before.map(|before| before.root.generation);
        if before.is_some_and(|before| before > seen.root.generation) {
            return;
        }
        let suffixes = if before == Some(seen.root.generation) {
            known.suffixes.confirmed(asked)
        } else {
            Suffixes::of(&seen.root, seen.modified, asked, Moment::now(clock))
        };
        *known = Known { suffixes: Arc::new(suffixes), seen: Some(seen.clone()) };
    }

    /// Reads the root, if it has changed.
    ///
    /// # Errors
    /// Those of the request.
    pub(crate) async fn refresh(&self, clock: &dyn Clock) -> Result<()> {
        let Some(shelf) = &self.0.shelf else { return Ok(()) };
        let (asked, before) = (Moment::now(clock), self.locked().seen.clone());
        if let Some(seen) = shelf.root(before.as_ref()).await? {
            self.learn(&seen, asked, clock);
        } else {
            // Somebody has removed the catalog. It is made anew from the documents, whatever their names; until then nothing is newer.
            let mut known = self.locked();
            known.suffixes = Arc::new(known.suffixes.confirmed(asked));
        }
        Ok(())
    }

    /// Counts a request under a name.
    pub(crate) fn count(&self, known: &Suffixes, suffix: &str) {
        if known.newest() != suffix {
            self.0.detours.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns how many requests were made only because documents have several suffixes.
    pub(crate) fn detours(&self) -> u64 {
        self.0.detours.load(Ordering::Relaxed)
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
