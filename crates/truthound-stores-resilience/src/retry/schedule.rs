//! When a call is made again: a pure function of the settings, the errors, the time and chance.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// Settings that were checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) max_retries: u32,
    pub(super) base: Duration,
    pub(super) longest: Duration,
    pub(super) factor: f32,
    pub(super) jitter: bool,
    pub(super) deadline: Option<Duration>,
}

/// Says what follows on a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt, after a pause.
    After(Duration),
    /// No other.
    Stop(Reason),
}

/// Says why a call is not made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It was made as often as it may be.
    Retries,
    /// The store asks for a longer pause than any that is made.
    TooLong,
    /// The next attempt would begin after the deadline.
    Deadline,
}

/// Goes through the pauses of one call.
#[derive(Debug)]
pub(super) struct Schedule {
    plan: Plan,
    pauses: <ExponentialBuilder as BackoffBuilder>::Backoff,
    /// When the last attempt may begin.
    until: Option<Duration>,
}

impl Schedule {
    /// Begins at the first attempt.
    pub(super) fn new(plan: Plan, now: Duration) -> Self {
        // Its jitter would lengthen pauses beyond the longest, and takes chance from the machine: ours is added below. A seed is given all
        // the same, so that it asks for none.
        let pauses = ExponentialBuilder::new()
            .with_factor(plan.factor)
            .with_min_delay(plan.base)
            .with_max_delay(plan.longest)
            .with_max_times(usize::try_from(plan.max_retries).unwrap_or(usize::MAX))
            .with_jitter_seed(0)
            .build();
        Self { plan, pauses, until: plan.deadline.map(|deadline| now.saturating_add(deadline)) }
    }

    /// Decides what follows on an attempt that failed just now, where the store asked for a pause of `asked`.
    pub(super) fn next(&mut self, asked: Option<Duration>, now: Duration, chance: u64) -> Next {
        let asked = asked.unwrap_or_default();
        if asked > self.plan.longest {
            return Next::Stop(Reason::TooLong);
        }
        let Some(pause) = self.pauses.next() else {
            return Next::Stop(Reason::Retries);
        };
        let pause = self.pause(to_micros(pause).min(self.plan.longest), asked, chance);
        match self.until {
            Some(until) if now.saturating_add(pause) > until => Next::Stop(Reason::Deadline),
            _ => Next::After(pause),
        }
    }

    /// Leaves half of a pause to chance ("equal jitter":
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>). What the store asked for is the least, and those whom it
    /// asked for the same are spread after it, not before.
    fn pause(&self, pause: Duration, asked: Duration, chance: u64) -> Duration {
        if !self.plan.jitter {
            return pause.max(asked);
        }
        let half = pause / 2;
        if asked < pause {
            return (half + part(pause.saturating_sub(half), chance)).max(asked);
        }
        asked.saturating_add(part(half, chance)).min(self.plan.longest)
    }
}

/// Takes a part of a span by chance: from nothing to all of it.
fn part(span: Duration, chance: u64) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(chance.checked_rem(micros.saturating_add(1)).unwrap_or(micros))
}

/// Rounds to microseconds: pauses come as 32-bit numbers of seconds, a few nanoseconds off.
fn to_micros(span: Duration) -> Duration {
    let micros = span.as_nanos().saturating_add(500) / 1_000;
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
