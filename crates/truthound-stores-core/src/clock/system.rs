//! The machine's own clock and randomness.
#![allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use super::Clock;
use crate::Timestamp;

/// Asks the operating system for time and randomness.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Makes a clock whose monotonic time starts now.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(SystemTime::now())
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // No entropy source at all: the hasher's per-process seed and the time keep names apart.
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u128(self.started.elapsed().as_nanos());
            for chunk in bytes.chunks_mut(8) {
                hasher.write_u8(1);
                let word = hasher.finish().to_le_bytes();
                for (byte, random) in chunk.iter_mut().zip(word) {
                    *byte = random;
                }
            }
        }
    }
}

/// Converts a system time, such as a file's modification time.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => micros(after),
            Err(before) => micros(before.duration()).saturating_neg(),
        })
    }
}
