//! A collection that is open: its documents, its catalog, and the work that is done on it in the background.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{AbortHandle, abortable, select};
use futures_util::lock::Mutex as Turn;
use truthound_stores_core::{Error, Result};

use crate::abilities::Abilities;
use crate::clean_up::{Cleaner, Keep};
use crate::due;
use crate::fold::{Folder, How, Outcome, Rest};
use crate::query::Index;
use crate::recent::Recent;
use crate::runtime::Runtime;
use crate::wire::Wire;
use crate::write::Documents;

/// So many generations lie between two clean-ups.
const CLEANED_EACH: u64 = 64;
/// So long the end of a fold is waited for when a store is closed.
const LAST_FOLD: Duration = Duration::from_secs(2);

/// A collection that is open.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) documents: Documents,
    pub(crate) index: Index,
    pub(crate) folder: Folder<Documents>,
    pub(crate) wire: Wire,
    pub(crate) abilities: Abilities,
    /// What was listed lately, by which `get` knows a row that is missing.
    pub(crate) recent: Recent,
    pub(crate) keep: Keep,
    /// Whether the catalog is in the bucket; else it is in this process's memory, because the bucket cannot be written.
    pub(crate) is_shared: bool,
    work: Work,
}

/// What is known of the bucket of a collection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) abilities: Abilities,
    pub(crate) is_shared: bool,
}

/// What is done in the background.
#[derive(Debug, Default)]
struct Work {
    /// When the last fold began, by the monotonic clock.
    last: Mutex<Option<Duration>>,
    /// Held by the fold that runs.
    turn: Arc<Turn<()>>,
    running: Mutex<Option<AbortHandle>>,
    trouble: Mutex<Option<Error>>,
    closed: AtomicBool,
}

impl Live {
    /// Puts together what works on a collection.
    pub(crate) fn new(documents: Documents, index: Index, wire: Wire, keep: Keep, found: Found) -> Self {
        let library = Arc::clone(index.shared_library());
        let folder = Folder::new(library, wire.clone(), documents.clone());
        let Found { abilities, is_shared } = found;
        let (recent, work) = (Recent::default(), Work::default());
        Self { documents, index, folder, wire, abilities, recent, keep, is_shared, work }
    }

    /// Says what is known of the bucket.
    pub(crate) fn found(&self) -> Found {
        Found { abilities: self.abilities, is_shared: self.is_shared }
    }

    /// Hears that documents were written or deleted by this handle.
    pub(crate) fn wrote(self: &Arc<Self>, operations: usize, runtime: &dyn Runtime) {
        self.index.forget();
        let clock = &*self.wire.clock;
        if (0..operations).any(|_| due::by_chance(clock)) {
            self.fold_soon(runtime);
        }
    }

    /// Hears that the tail was listed by this handle.
    pub(crate) fn listed(self: &Arc<Self>, runtime: &dyn Runtime) {
        #[cfg(test)]
        {
            if self.wire.flaws.has(crate::flaw::Flaw::ListsInALoop) {
                runtime.spawn(Box::pin(list_in_a_loop(Arc::clone(self))));
            }
        }
        let (rows, bodies) = self.index.tail_length();
        if due::by_length(rows, bodies) {
            self.fold_soon(runtime);
        }
    }

    /// Begins a fold in the background, unless one runs, has begun a moment ago, or the store is closed.
    pub(crate) fn fold_soon(self: &Arc<Self>, runtime: &dyn Runtime) {
        if self.work.closed.load(Ordering::Acquire) || !self.is_shared {
            return;
        }
        let Some(turn) = self.work.turn.try_lock_owned() else { return };
        let now = self.wire.clock.monotonic();
        {
            let mut last = locked(&self.work.last);
            if !due::is_apart(*last, now) {
                return;
            }
            *last = Some(now);
        }
        let live = Arc::clone(self);
        let (fold, handle) = abortable(async move {
            let done = live.fold().await;
            *locked(&live.work.trouble) = done.err();
            drop(turn);
        });
        *locked(&self.work.running) = Some(handle);
        // What fails here fails nobody: readers read the tail, and the next one folds it.
        runtime.spawn(Box::pin(async move {
            let _aborted = fold.await;
        }));
    }

    /// Folds the whole tail, and cleans up now and then.
    pub(crate) async fn fold(&self) -> Result<()> {
        let mut rest = Rest::default();
        while let Outcome::Done(done) = self.folder.fold_on(How::Fold, &mut rest).await? {
            if done.generation.is_multiple_of(CLEANED_EACH) {
                let cleaner = Cleaner::of(&self.folder);
                cleaner.remove_marks().await?;
                cleaner.clean_up(self.keep).await?;
            }
            if done.whole {
                break;
            }
        }
        Ok(())
    }

    /// What the last fold in the background met, if it failed.
    pub(crate) fn trouble(&self) -> Option<Error> {
        locked(&self.work.trouble).as_ref().map(Error::repeat)
    }

    /// Begins no more folds, and waits a while for the one that runs.
    pub(crate) async fn close(&self) {
        self.work.closed.store(true, Ordering::Release);
        let waiting = pin!(self.work.turn.lock());
        drop(select(waiting, self.wire.timer.sleep(LAST_FOLD)).await);
        self.stop();
    }

    /// Stops the fold that runs: done or not done, the catalog is whole.
    pub(crate) fn stop(&self) {
        self.work.closed.store(true, Ordering::Release);
        if let Some(running) = locked(&self.work.running).take() {
            running.abort();
        }
    }
}

/// An error that tests put back.
#[cfg(test)]
async fn list_in_a_loop(live: Arc<Live>) {
    while !live.work.closed.load(Ordering::Acquire) {
        live.wire.timer.sleep(Duration::from_mins(1)).await;
        drop(live.index.library().shelf().tail().await);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
