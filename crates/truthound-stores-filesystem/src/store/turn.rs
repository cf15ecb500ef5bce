//! One writer of a handle at a time on its way to the folder's lock; callers who give up are left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, OwnedMutexGuard};
use truthound_stores_core::{Error, ErrorKind, Result};

/// Where the writers of a handle wait, as tasks: at most one of them holds a thread while it waits for other processes, so readers
/// always find one.
#[derive(Debug, Default)]
pub(super) struct Turns(Arc<Mutex<()>>);

/// A writer's turn, held by its thread until the work is done, even if nobody waits for it any more: what the handle writes later
/// comes later.
#[derive(Debug)]
pub(super) struct Turn {
    given_up: Arc<AtomicBool>,
    _held: OwnedMutexGuard<()>,
}

/// Held by the caller's future; dropped, it tells the thread that nobody waits.
#[derive(Debug)]
pub(super) struct Waiting(Arc<AtomicBool>);

impl Turns {
    pub(super) async fn next(&self) -> (Turn, Waiting) {
        let held = Arc::clone(&self.0).lock_owned().await;
        let given_up = Arc::new(AtomicBool::new(false));
        (Turn { given_up: Arc::clone(&given_up), _held: held }, Waiting(given_up))
    }
}

impl Turn {
    /// Tells whether the caller has given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Checks that somebody still waits, right before a document is touched.
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
