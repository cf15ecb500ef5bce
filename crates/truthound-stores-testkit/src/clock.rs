//! A clock that tests move, and chance that repeats.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use truthound_stores_core::{Clock, Timestamp};

use crate::SeededRandom;

/// Tells the time that a test sets, and draws randomness from a seed.
///
/// It starts at 2026-01-01T00:00:00Z and moves only when told. Two clocks with one seed give the same random bytes,
/// in the order in which they are asked.
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
pub struct ManualClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    monotonic: Duration,
    random: SeededRandom,
}

impl ManualClock {
    /// The time at which every manual clock starts: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    /// Makes a clock that stands at [`START`](Self::START).
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(State {
            now: Self::START,
            monotonic: Duration::ZERO,
            random: SeededRandom::new(seed),
        }))
    }

    /// Moves wall clock and monotonic time on by `step`; parts of a microsecond are dropped from the wall clock.
    pub fn advance(&self, step: Duration) {
        let mut state = self.state();
        state.now = state.now.plus_micros(i64::try_from(step.as_micros()).unwrap_or(i64::MAX));
        state.monotonic = state.monotonic.saturating_add(step);
    }

    /// Sets the wall clock, forward or back, as an administrator or a time server does; monotonic time stays.
    pub fn set(&self, now: Timestamp) {
        self.state().now = now;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.state().random.fill(bytes);
    }
}

#[cfg(test)]
mod tests;
