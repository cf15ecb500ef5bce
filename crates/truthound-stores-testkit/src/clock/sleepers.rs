//! Those who wait for a time to come.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Keeps who sleeps until when, in the order in which they wake. Clones are the same bed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sleepers(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: Duration,
    next: u64,
    /// By deadline, then in the order of falling asleep: waking has one order.
    waiting: BTreeMap<(Duration, u64), Option<Waker>>,
}

impl Sleepers {
    /// Falls asleep for `duration` from now.
    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.state();
        let key = (state.now.saturating_add(duration), state.next);
        state.next += 1;
        state.waiting.insert(key, None);
        Sleep { sleepers: self.clone(), key }
    }

    /// Returns how much time has passed since the start.
    pub(crate) fn now(&self) -> Duration {
        self.state().now
    }

    /// Moves time on by `step` and wakes those whose time has come.
    pub(crate) fn advance(&self, step: Duration) {
        let due: Vec<Waker> = {
            let mut state = self.state();
            state.now = state.now.saturating_add(step);
            let now = state.now;
            let later = state.waiting.split_off(&(now, u64::MAX));
            let due = std::mem::replace(&mut state.waiting, later);
            due.into_values().flatten().collect()
        };
        // Without the lock: a waker may run anything.
        due.into_iter().for_each(Waker::wake);
    }

    /// Returns when the next of them wakes.
    #[cfg(feature = "object")]
    pub(crate) fn next(&self) -> Option<Duration> {
        self.state().waiting.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Completes when its time has come.
#[derive(Debug)]
pub(crate) struct Sleep {
    sleepers: Sleepers,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.sleepers.state();
        if state.now >= self.key.0 {
            state.waiting.remove(&self.key);
            return Poll::Ready(());
        }
        state.waiting.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.sleepers.state().waiting.remove(&self.key);
        // Without the lock: dropping a waker may run anything, too.
        drop(waker);
    }
}
