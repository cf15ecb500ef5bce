//! One writer of a handle at a time on its way to a folder's lock; callers who give up are left out.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use truthound_stores_core::{Clock, Collection, Error, ErrorKind, Result};

use crate::lock::LONGEST;

type Queue = Arc<tokio::sync::Mutex<()>>;

/// Where the writers of a handle wait, as tasks: at most one for each collection holds a thread while it waits for other processes,
/// so readers always find one.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<Collection, Queue>>);

/// A writer's turn, held by its thread until the work is done, even if nobody waits for it any more: what the handle writes later
/// comes later.
#[derive(Debug)]
pub(super) struct Turn {
    given_up: Arc<AtomicBool>,
    patience: Duration,
    _held: Vec<OwnedMutexGuard<()>>,
}

/// Held by the caller's future; dropped, it tells the thread that nobody waits.
#[derive(Debug)]
pub(super) struct Waiting(Arc<AtomicBool>);

impl Turns {
    /// Waits for the turn at each of `collections`. What is waited here is taken off the patience with the lock.
    pub(super) async fn next(&self, collections: BTreeSet<Collection>, clock: &dyn Clock) -> (Turn, Waiting) {
        let begun = clock.monotonic();
        let mut held = Vec::with_capacity(collections.len());
        // Always in one order, so that two batches never wait for each other.
        for collection in collections {
            let queue = self.queue(collection);
            held.push(queue.lock_owned().await);
        }
        let patience = LONGEST.saturating_sub(clock.monotonic().saturating_sub(begun));
        let given_up = Arc::new(AtomicBool::new(false));
        (Turn { given_up: Arc::clone(&given_up), patience, _held: held }, Waiting(given_up))
    }

    fn queue(&self, collection: Collection) -> Queue {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(collection).or_default())
    }
}

impl Turn {
    /// Returns how long the writer may still wait.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Tells whether the caller has given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Checks that somebody still waits, right before anything is touched.
    pub(super) fn check(&self) -> Result<()> {
        if self.is_given_up() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the caller gave up before the document was touched",
            ));
        }
        Ok(())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
