//! What checks say of a store: a pure machine.

use std::fmt;
use std::time::Duration;

use truthound_stores_core::{Error, Timestamp};

use super::config::Terms;

/// Says how a store is, as far as checks tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HealthState {
    /// Too few checks have ended to tell.
    Unknown,
    /// It answers.
    Healthy,
    /// It failed its last checks.
    Unhealthy,
}

impl HealthState {
    /// Names the state in lower case, as logs and metrics print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl fmt::Display for HealthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Describes what checks have found so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HealthStatus {
    /// How the store is.
    pub state: HealthState,
    /// How many checks have ended.
    pub checks: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many of the last checks failed, in a row.
    pub failures_in_a_row: u32,
    /// When the last check ended; `None` before the first has.
    pub last_checked_at: Option<Timestamp>,
    /// How long the last check took.
    pub last_took: Option<Duration>,
    /// What the last check failed with, in one line; `None` if it did not.
    pub last_error: Option<String>,
}

/// Counts what checks say.
#[derive(Debug)]
pub(super) struct Machine {
    terms: Terms,
    state: HealthState,
    /// Checks that have begun; each has its number, from 1.
    begun: u64,
    /// The number of the last check that has ended.
    ended: u64,
    checks: u64,
    failed: u64,
    failures: u32,
    successes: u32,
    last: Option<Last>,
}

/// When the last check ended, and how long it took.
#[derive(Clone, Copy, Debug)]
struct Last {
    at: Timestamp,
    ended: Duration,
    took: Duration,
}

impl Machine {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            terms,
            state: HealthState::Unknown,
            begun: 0,
            ended: 0,
            checks: 0,
            failed: 0,
            failures: 0,
            successes: 0,
            last: None,
        }
    }

    pub(super) fn state(&self) -> HealthState {
        self.state
    }

    /// Tells whether a check has to be made: the first one at once, each other an interval after the one before it.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.last.is_none_or(|last| now >= last.ended.saturating_add(self.terms.interval))
    }

    /// Returns how many checks have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// Tells whether a check has ended that began when more than `begun` had.
    pub(super) fn has_ended_since(&self, begun: u64) -> bool {
        self.ended > begun
    }

    /// Begins a check; answers its number.
    pub(super) fn begin(&mut self) -> u64 {
        self.begun = self.begun.saturating_add(1);
        self.begun
    }

    /// Takes what a check said.
    pub(super) fn end(&mut self, number: u64, good: bool, at: Timestamp, ended: Duration, took: Duration) {
        self.ended = self.ended.max(number);
        self.checks = self.checks.saturating_add(1);
        self.last = Some(Last { at, ended, took });
        if good {
            self.failures = 0;
            self.successes = self.successes.saturating_add(1);
            // A store that was not known to be ill needs not recover.
            if self.state != HealthState::Unhealthy || self.successes >= self.terms.recoveries {
                self.state = HealthState::Healthy;
            }
        } else {
            self.successes = 0;
            self.failed = self.failed.saturating_add(1);
            self.failures = self.failures.saturating_add(1);
            if self.failures >= self.terms.failures {
                self.state = HealthState::Unhealthy;
            }
        }
    }

    pub(super) fn status(&self, error: Option<&Error>) -> HealthStatus {
        HealthStatus {
            state: self.state,
            checks: self.checks,
            failed: self.failed,
            failures_in_a_row: self.failures,
            last_checked_at: self.last.map(|last| last.at),
            last_took: self.last.map(|last| last.took),
            last_error: error.map(Error::report),
        }
    }
}

#[cfg(test)]
mod tests;
