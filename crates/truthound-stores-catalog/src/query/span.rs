//! How long something has taken, by the clock that says more.

use std::time::Duration;

use truthound_stores_core::{Clock, Timestamp};

/// The most that may lie between reading something and sending a request that relies on it: `S` of decision 0009.
pub(crate) const HORIZON: Duration = Duration::from_mins(15);

/// A moment, by both clocks of the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    monotonic: Duration,
    wall: Timestamp,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.now() }
    }

    /// Tells how long ago the moment was. The monotonic clock stands still in a suspended machine, and the other may be set: whichever
    /// says more counts.
    pub(crate) fn ago(self, clock: &dyn Clock) -> Duration {
        let micros = clock.now().as_micros().saturating_sub(self.wall.as_micros());
        let wall = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        clock.monotonic().saturating_sub(self.monotonic).max(wall)
    }
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn time_passes_by_the_clock_that_says_more() {
        let clock = ManualClock::new(1);
        let moment = Moment::now(&clock);
        clock.advance(Duration::from_secs(7));
        assert_eq!(moment.ago(&clock), Duration::from_secs(7));
    }
}
