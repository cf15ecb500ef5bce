//! A clock that tests move, and chance that repeats.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Clock, Timer, Timestamp};

use crate::SeededRandom;

mod sleepers;

pub(crate) use sleepers::Sleepers;

/// Tells the time that a test sets, and draws randomness from a seed.
///
/// It starts at 2026-01-01T00:00:00Z and moves only when told. Two clocks with one seed give the same random bytes,
/// in the order in which they are asked. As a [`Timer`] it wakes its sleepers when it is moved past them.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use truthound_stores_core::Clock;
/// use truthound_stores_testkit::ManualClock;
///
/// let clock = ManualClock::new(7);
/// assert_eq!(clock.now(), ManualClock::START);
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:01:30Z");
/// ```
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<State>,
    /// Who sleeps, and the monotonic time.
    sleepers: Sleepers,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    random: SeededRandom,
}

impl ManualClock {
    /// The time at which every manual clock starts: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    /// Makes a clock that stands at [`START`](Self::START).
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(State { now: Self::START, random: SeededRandom::new(seed) }),
            sleepers: Sleepers::default(),
        }
    }

    /// Moves wall clock and monotonic time on by `step`, and wakes those who slept until then; parts of a microsecond are
    /// dropped from the wall clock.
    pub fn advance(&self, step: Duration) {
        {
            let mut state = self.state();
            state.now = state.now.plus_micros(i64::try_from(step.as_micros()).unwrap_or(i64::MAX));
        }
        self.sleepers.advance(step);
    }

    /// Sets the wall clock, forward or back, as an administrator or a time server does; monotonic time stays.
    pub fn set(&self, now: Timestamp) {
        self.state().now = now;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn monotonic(&self) -> Duration {
        self.sleepers.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.state().random.fill(bytes);
    }
}

impl Timer for ManualClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(self.sleepers.sleep(duration))
    }
}

#[cfg(test)]
mod tests;
