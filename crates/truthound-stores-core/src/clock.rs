//! Time and chance as components, so that tests can decide both.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Timestamp;

mod system;

pub use system::SystemClock;

/// Tells the time and supplies randomness; the only source of either in this workspace.
///
/// Programs use [`SystemClock`]; tests use the testkit's manual clock, which moves only when told and
/// whose randomness is a seeded sequence.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Clock, SystemClock};
///
/// let clock = SystemClock::new();
/// let before = clock.monotonic();
/// assert!(clock.monotonic() >= before);
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the wall-clock time. It may jump, in both directions.
    fn now(&self) -> Timestamp;

    /// Returns the time since a fixed but arbitrary start. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Fills `bytes` with random data, good enough for names that must never collide.
    fn fill_random(&self, bytes: &mut [u8]);
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        (**self).fill_random(bytes);
    }
}

/// Draws a random number from `clock`.
pub fn random_u64(clock: &dyn Clock) -> u64 {
    let mut bytes = [0; 8];
    clock.fill_random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// Generates a run id as Truthound does: `run_{date}_{time}_{8 hex digits}`, the time in UTC.
///
/// # Examples
/// ```
/// use truthound_stores_core::{SystemClock, new_run_id};
///
/// let id = new_run_id(&SystemClock::new());
/// assert_eq!(id.len(), "run_20260131_120000_0a1b2c3d".len());
/// assert!(id.starts_with("run_"));
/// ```
pub fn new_run_id(clock: &dyn Clock) -> String {
    let tail = random_u64(clock) >> 32;
    format!("run_{}_{tail:08x}", clock.now().strftime("%Y%m%d_%H%M%S"))
}
