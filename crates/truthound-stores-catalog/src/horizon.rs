//! How long a writer may rely on what it read, by the clocks of its own process.

use std::time::Duration;

use truthound_stores_core::{Clock, Timestamp};

/// The most that may lie between reading something and sending a request that relies on it (`S` of decision 0009).
pub(crate) const S: Duration = Duration::from_mins(15);

/// An instant by both clocks: the monotonic one stands still while a machine sleeps, the wall clock may be set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    pub(crate) monotonic: Duration,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic() }
    }

    /// Returns how long ago `earlier` was, by the clock that says more.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        let micros = self.wall.micros_since(earlier.wall);
        let wall = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        wall.max(self.monotonic.saturating_sub(earlier.monotonic))
    }

    /// Returns how long ago `earlier` was, by the clock that says less.
    pub(crate) fn at_least_since(self, earlier: Self) -> Duration {
        let micros = self.wall.micros_since(earlier.wall);
        let wall = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        wall.min(self.monotonic.saturating_sub(earlier.monotonic))
    }

    /// Returns a moment that is late by now.
    pub(crate) fn long_before(self) -> Self {
        let micros = i64::try_from(S.as_micros()).unwrap_or(i64::MAX).saturating_mul(2);
        Self { wall: self.wall.plus_micros(-micros), ..self }
    }

    /// Tells whether the horizon has passed since `earlier`.
    pub(crate) fn is_late(self, earlier: Self) -> bool {
        self.since(earlier) > S
    }
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn the_clock_that_says_more_counts() {
        let clock = ManualClock::new(1);
        let start = Moment::now(&clock);
        clock.advance(S);
        assert!(!Moment::now(&clock).is_late(start));
        // Set back by a time server: the monotonic clock knows better.
        clock.set(ManualClock::START);
        assert_eq!(Moment::now(&clock).since(start), S);
        // A machine that slept: the wall clock knows better.
        clock.set(ManualClock::START.plus_micros(3_600_000_000));
        assert_eq!(Moment::now(&clock).since(start), Duration::from_hours(1));
        assert!(Moment::now(&clock).is_late(start));
    }
}
