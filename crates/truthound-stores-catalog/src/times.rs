//! The spans of time that decision 0009 goes by, and watches that measure them.

use std::time::Duration;

use truthound_stores_core::{Clock, Timestamp};

/// No request lands later than this after it was sent: `H`, in milliseconds of the store's clock.
pub(crate) const LANDED: i64 = 3_600_000;
/// The most that may lie between reading something and sending a request that relies on it: `S`.
pub(crate) const FRESH: Duration = Duration::from_mins(15);
/// `H + S`, in milliseconds of the store's clock: what was put longer ago than this is met by nothing from before it.
pub(crate) const SETTLED: i64 = LANDED + 900_000;
/// How long a tombstone stays after its document was recorded as gone: `D`, in milliseconds of the store's clock.
pub(crate) const MOURNED: i64 = 24 * 3_600_000;

/// Measures how long ago something was read or sent, by the process's own clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    monotonic: Duration,
    wall: Timestamp,
}

impl Watch {
    pub(crate) fn start(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.now() }
    }

    /// Tells whether no more than `S` has passed, whichever clock says more: the monotonic one stands still in a suspended machine.
    pub(crate) fn is_fresh(&self, clock: &dyn Clock) -> bool {
        let wall = clock.now().as_micros().saturating_sub(self.wall.as_micros());
        let wall = Duration::from_micros(u64::try_from(wall).unwrap_or(0));
        clock.monotonic().saturating_sub(self.monotonic).max(wall) <= FRESH
    }
}
