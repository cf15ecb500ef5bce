//! Clocks and timers of a simulation: all see the same time pass, and each clock is wrong in its own way.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Clock, Timer, Timestamp};

use crate::clock::Sleepers;
use crate::{ManualClock, SeededRandom};

/// Tells the time of a simulation as one machine sees it: off by a skew.
///
/// Simulated time starts at [`ManualClock::START`]. Made by [`Simulation::clock`](super::Simulation::clock).
#[derive(Debug)]
pub struct SimulatedClock {
    sleepers: Sleepers,
    skew: AtomicI64,
    random: Mutex<SeededRandom>,
}

impl SimulatedClock {
    pub(super) fn new(sleepers: Sleepers, skew: i64, seed: u64) -> Arc<Self> {
        let random = Mutex::new(SeededRandom::new(seed));
        Arc::new(Self { sleepers, skew: AtomicI64::new(skew), random })
    }

    /// Returns by how many microseconds the wall clock is ahead.
    pub fn skew(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// Sets by how many microseconds the wall clock is ahead, as an administrator or a time server does.
    pub fn set_skew(&self, micros: i64) {
        self.skew.store(micros, Ordering::Relaxed);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.sleepers.now().as_micros()).unwrap_or(i64::MAX);
        ManualClock::START.plus_micros(passed).plus_micros(self.skew())
    }

    fn monotonic(&self) -> Duration {
        self.sleepers.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// Lets tasks of a simulation sleep. Made by [`Simulation::timer`](super::Simulation::timer).
#[derive(Clone, Debug)]
pub struct SimulatedTimer {
    pub(super) sleepers: Sleepers,
}

impl Timer for SimulatedTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(self.sleepers.sleep(duration))
    }
}
