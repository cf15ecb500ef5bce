//! Time that passes by itself, and stores that fail on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Clock, Record, Timer, Timestamp};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{RepeatWrites, RetryConfig, RetryLayer};
use truthound_stores_testkit::{Faults, FaultyStore, Generator, ManualClock};

/// A clock on which two minutes pass whenever somebody looks, and a timer that wakes at once: whatever waits for its time meets it.
#[derive(Debug)]
pub(crate) struct Hasty {
    chance: ManualClock,
    looks: AtomicU64,
}

impl Hasty {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { chance: ManualClock::new(7), looks: AtomicU64::new(0) })
    }
}

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.chance.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_mins(2) * u32::try_from(self.looks.fetch_add(1, Ordering::Relaxed)).unwrap()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.chance.fill_random(bytes);
    }
}

impl Timer for Hasty {
    /// Lets others go first: what is made again at once, again and again, must not keep them from healing the store.
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

/// A timer whose sleepers sleep for ever: checks have all the time they need.
#[derive(Debug)]
pub(crate) struct Patient;

impl Timer for Patient {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

pub(crate) type Flaky = FaultyStore<MemoryStore>;

/// A store that fails as the script says, the store inside of it, and documents.
pub(crate) fn flaky() -> (Flaky, MemoryStore, Faults, Vec<Record>) {
    let (faults, memory) = (Faults::new(), MemoryStore::new());
    (FaultyStore::new(memory.clone(), &faults), memory, faults, Generator::new(1).records(4))
}

/// Retries as configured by default, but without waiting.
pub(crate) fn retries(writes: RepeatWrites) -> RetryLayer {
    let clock = Hasty::new();
    RetryLayer::new(RetryConfig::new().with_writes(writes), Arc::clone(&clock) as _, clock).unwrap()
}
