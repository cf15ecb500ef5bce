//! Who may have a connection at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::ThreadId;

use tokio::sync::Semaphore;

/// What those who ask wait for, in the order in which they ask.
pub(super) enum Turns {
    /// So many at a time.
    Counted(Arc<Semaphore>),
    /// One of each thread.
    ByThread(Mutex<HashMap<ThreadId, Weak<Semaphore>>>),
    /// All.
    Free,
}

impl Turns {
    pub(super) fn by_thread() -> Self {
        Self::ByThread(Mutex::default())
    }

    /// What a call of this thread waits for, if for anything.
    pub(super) fn of(&self, thread: Option<ThreadId>) -> Option<Arc<Semaphore>> {
        match self {
            Self::Free => None,
            Self::Counted(turns) => Some(Arc::clone(turns)),
            Self::ByThread(threads) => {
                let mut threads = threads.lock().unwrap_or_else(PoisonError::into_inner);
                // Threads that nobody waits for are forgotten.
                threads.retain(|_, turns| turns.strong_count() > 0);
                let thread = thread?;
                if let Some(turns) = threads.get(&thread).and_then(Weak::upgrade) {
                    return Some(turns);
                }
                let turns = Arc::new(Semaphore::new(1));
                threads.insert(thread, Arc::downgrade(&turns));
                Some(turns)
            }
        }
    }

    /// Sends those who wait away.
    pub(super) fn close(&self) {
        match self {
            Self::Free => {}
            Self::Counted(turns) => turns.close(),
            Self::ByThread(threads) => {
                let threads = threads.lock().unwrap_or_else(PoisonError::into_inner);
                threads.values().filter_map(Weak::upgrade).for_each(|turns| turns.close());
            }
        }
    }
}
