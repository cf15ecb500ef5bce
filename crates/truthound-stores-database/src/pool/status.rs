//! What can be read of a pool.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::config::{Effective, PoolStrategy};

/// Counts what a pool does.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) open: AtomicU64,
    pub(super) in_use: AtomicU64,
    pub(super) waiting: AtomicU64,
    pub(super) opened: AtomicU64,
    pub(super) closed: AtomicU64,
    pub(super) recycled: AtomicU64,
    pub(super) pings_failed: AtomicU64,
    pub(super) timeouts: AtomicU64,
}

/// Says how a pool is, and what it has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Which connections are kept.
    pub strategy: PoolStrategy,
    /// How many connections are kept.
    pub pool_size: u64,
    /// How many connections there may be beyond those.
    pub max_overflow: u64,
    /// Connections that are open at this moment.
    pub open: u64,
    /// Of these, those that calls are using.
    pub in_use: u64,
    /// Of these, those that nobody uses.
    pub idle: u64,
    /// Calls that wait for a connection at this moment.
    pub waiting: u64,
    /// Connections that were opened, in all.
    pub opened: u64,
    /// Connections that were closed, in all.
    pub closed: u64,
    /// Connections that were replaced for their age, or because others of their time had broken.
    pub recycled: u64,
    /// Connections that did not answer when they were to be used.
    pub pings_failed: u64,
    /// Calls that no connection became free for in time.
    pub timeouts: u64,
}

impl PoolStatus {
    pub(super) fn of(settings: &Effective, counters: &Counters, idle: usize) -> Self {
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        Self {
            strategy: settings.strategy,
            pool_size: settings.pool_size as u64,
            max_overflow: settings.max_overflow as u64,
            open: read(&counters.open),
            in_use: read(&counters.in_use),
            idle: idle as u64,
            waiting: read(&counters.waiting),
            opened: read(&counters.opened),
            closed: read(&counters.closed),
            recycled: read(&counters.recycled),
            pings_failed: read(&counters.pings_failed),
            timeouts: read(&counters.timeouts),
        }
    }
}

/// Counts a call among those that wait, as long as it lives.
pub(super) struct Waiting<'c>(&'c Counters);

impl<'c> Waiting<'c> {
    pub(super) fn new(counters: &'c Counters) -> Self {
        counters.waiting.fetch_add(1, Ordering::AcqRel);
        Self(counters)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}
