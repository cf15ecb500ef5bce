//! The breaker as a pure machine: states, and what calls and time do to them (Nygard, *Release It!*, "Circuit Breaker").

use std::fmt;
use std::time::Duration;

use super::Signal;

/// How soon those who were refused by a half-open breaker may ask again, at the latest.
const SOON: Duration = Duration::from_secs(1);

/// Settings that were checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) failures: u32,
    pub(super) successes: u32,
    pub(super) timeout: Duration,
    pub(super) probes: u32,
}

/// Says what a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// It lets all through.
    Closed,
    /// It refuses all.
    Open,
    /// It lets a few through, and by them finds out whether the store is back.
    HalfOpen,
}

impl BreakerState {
    /// Names the state in lower case with underscores, as logs and metrics print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Describes a breaker at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerStatus {
    /// The state. One that has been open for its whole timeout is half open, also if no call has come since.
    pub state: BreakerState,
    /// How many failures a closed breaker has seen in a row.
    pub failures_in_a_row: u32,
    /// How many calls a half-open breaker has let through that are not answered yet.
    pub probes: u32,
    /// How many successes a half-open breaker has seen.
    pub probes_succeeded: u32,
    /// How long an open breaker still refuses calls; nothing for the others.
    pub retry_after: Duration,
    /// How many calls were let through so far.
    pub allowed: u64,
    /// How many calls were refused so far.
    pub refused: u64,
    /// How many calls that were let through failed so far.
    pub failed: u64,
    /// How often the breaker has opened so far, from half open, too.
    pub opened: u64,
}

/// Belongs to one call that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Says why a call is refused, and when to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) state: BreakerState,
    pub(super) retry_after: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Closed {
        failures: u32,
    },
    Open {
        until: Duration,
    },
    /// `latest` is when a probe was last let through.
    HalfOpen {
        probes: u32,
        successes: u32,
        latest: Duration,
    },
}

/// Counts what it is told.
#[derive(Debug)]
pub(super) struct Machine {
    limits: Limits,
    phase: Phase,
    /// Grows with every change of phase: what comes of calls of earlier ones says nothing about now.
    era: u64,
    allowed: u64,
    refused: u64,
    failed: u64,
    opened: u64,
}

impl Machine {
    pub(super) fn new(limits: Limits) -> Self {
        let phase = Phase::Closed { failures: 0 };
        Self { limits, phase, era: 0, allowed: 0, refused: 0, failed: 0, opened: 0 }
    }

    /// Asks for leave to make a call.
    pub(super) fn ask(&mut self, now: Duration) -> Result<Ticket, Refusal> {
        let answer = self.admit(now);
        let count = if answer.is_ok() { &mut self.allowed } else { &mut self.refused };
        *count = count.saturating_add(1);
        answer
    }

    fn admit(&mut self, now: Duration) -> Result<Ticket, Refusal> {
        match self.phase {
            Phase::Closed { .. } => return Ok(Ticket(self.era)),
            Phase::Open { until } if now < until => {
                let retry_after = until.saturating_sub(now);
                return Err(Refusal { state: BreakerState::Open, retry_after });
            }
            Phase::Open { .. } => self.half_open(now),
            Phase::HalfOpen { .. } => {}
        }
        let Phase::HalfOpen { probes, successes, latest } = self.phase else {
            return Ok(Ticket(self.era));
        };
        let Limits { probes: at_once, successes: needed, timeout, .. } = self.limits;
        // More than are needed would only strain a store that is not known to be back.
        let free = probes < at_once && probes.saturating_add(successes) < needed.max(at_once);
        if free {
            self.phase = Phase::HalfOpen { probes: probes.saturating_add(1), successes, latest: now };
            return Ok(Ticket(self.era));
        }
        let given_up = latest.saturating_add(timeout);
        if now >= given_up {
            // No probe has come back for as long as the breaker stays open: they may never do.
            self.half_open(now);
            self.phase = Phase::HalfOpen { probes: 1, successes: 0, latest: now };
            return Ok(Ticket(self.era));
        }
        let retry_after = given_up.saturating_sub(now).min(SOON);
        Err(Refusal { state: BreakerState::HalfOpen, retry_after })
    }

    /// Hears what came of a call; answers whether the breaker opens by it.
    pub(super) fn tell(&mut self, ticket: Ticket, signal: Signal, now: Duration) -> bool {
        if signal == Signal::Failure {
            self.failed = self.failed.saturating_add(1);
        }
        if ticket.0 != self.era {
            return false;
        }
        let opens = match (&mut self.phase, signal) {
            (Phase::Closed { failures }, Signal::Failure) => {
                *failures = failures.saturating_add(1);
                *failures >= self.limits.failures
            }
            (Phase::Closed { failures }, Signal::Success) => {
                *failures = 0;
                false
            }
            (Phase::HalfOpen { .. }, Signal::Failure) => true,
            (Phase::HalfOpen { probes, successes, .. }, signal) => {
                *probes = probes.saturating_sub(1);
                if signal == Signal::Success {
                    *successes = successes.saturating_add(1);
                }
                if *successes >= self.limits.successes {
                    self.change(Phase::Closed { failures: 0 });
                }
                false
            }
            (Phase::Closed { .. }, Signal::Neutral) | (Phase::Open { .. }, _) => false,
        };
        if opens {
            self.opened = self.opened.saturating_add(1);
            self.change(Phase::Open { until: now.saturating_add(self.limits.timeout) });
        }
        opens
    }

    pub(super) fn status(&self, now: Duration) -> BreakerStatus {
        let mut status = BreakerStatus {
            state: BreakerState::Closed,
            failures_in_a_row: 0,
            probes: 0,
            probes_succeeded: 0,
            retry_after: Duration::ZERO,
            allowed: self.allowed,
            refused: self.refused,
            failed: self.failed,
            opened: self.opened,
        };
        match self.phase {
            Phase::Closed { failures } => status.failures_in_a_row = failures,
            Phase::Open { until } if now < until => {
                status.state = BreakerState::Open;
                status.retry_after = until.saturating_sub(now);
            }
            Phase::Open { .. } => status.state = BreakerState::HalfOpen,
            Phase::HalfOpen { probes, successes, .. } => {
                status.state = BreakerState::HalfOpen;
                (status.probes, status.probes_succeeded) = (probes, successes);
            }
        }
        status
    }

    fn half_open(&mut self, now: Duration) {
        self.change(Phase::HalfOpen { probes: 0, successes: 0, latest: now });
    }

    fn change(&mut self, phase: Phase) {
        self.phase = phase;
        self.era = self.era.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests;
