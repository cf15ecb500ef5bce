//! A task as the test sees it: whether it is done, and what it returned.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use truthound_stores_core::BoxFuture;

use super::World;
use super::world::ProcessId;

/// Follows a task of a simulation. Awaited by another task, it gives what the task returned, or `None` if it was killed.
///
/// Dropping it does not end the task.
pub struct Task<T> {
    pub(super) process: ProcessId,
    pub(super) world: Arc<World>,
    pub(super) outcome: Outcome<T>,
}

/// How a task ended, if it did. Clones are the same.
pub(super) struct Outcome<T>(Arc<Mutex<State<T>>>);

struct State<T> {
    ending: Ending<T>,
    waiting: Vec<Waker>,
}

enum Ending<T> {
    None,
    Finished(Option<T>),
    Killed,
}

impl<T> Task<T> {
    /// Tells whether the task has returned.
    pub fn is_finished(&self) -> bool {
        matches!(self.outcome.state().ending, Ending::Finished(_))
    }

    /// Tells whether the task was killed and not restarted.
    pub fn was_killed(&self) -> bool {
        matches!(self.outcome.state().ending, Ending::Killed)
    }

    /// Takes what the task returned; `None` if it has not, or if it was taken.
    pub fn take(&self) -> Option<T> {
        match &mut self.outcome.state().ending {
            Ending::Finished(output) => output.take(),
            Ending::None | Ending::Killed => None,
        }
    }

    /// Returns how often its process crashed and was restarted.
    pub fn restarts(&self) -> u64 {
        self.world.inner().processes.get(&self.process).map_or(0, |process| process.restarts)
    }

    /// Kills the task and the background tasks of its process, for good, as soon as the task that runs now waits.
    pub fn kill(&self) {
        self.world.inner().to_kill.push(self.process);
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("process", &self.process).finish_non_exhaustive()
    }
}

impl<T> Future for Task<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.outcome.state();
        match &mut state.ending {
            Ending::Finished(output) => Poll::Ready(output.take()),
            Ending::Killed => Poll::Ready(None),
            Ending::None => {
                state.waiting.push(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Clone for Outcome<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Outcome<T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { ending: Ending::None, waiting: Vec::new() })))
    }

    fn end(&self, ending: Ending<T>) {
        let waiting = {
            let mut state = self.state();
            state.ending = ending;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a future that tells how it ended.
pub(super) fn observed<T: Send + 'static>(
    outcome: &Outcome<T>,
    future: impl Future<Output = T> + Send + 'static,
) -> BoxFuture<'static, ()> {
    // What runs again after a crash has not ended.
    outcome.state().ending = Ending::None;
    let mut guard = Guard(Some(outcome.clone()));
    Box::pin(async move {
        let output = future.await;
        if let Some(outcome) = guard.0.take() {
            outcome.end(Ending::Finished(Some(output)));
        }
    })
}

/// Notices that a future is dropped before it has ended.
struct Guard<T>(Option<Outcome<T>>);

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        if let Some(outcome) = self.0.take() {
            outcome.end(Ending::Killed);
        }
    }
}
