//! When retention is run by itself: pure.

use serde::Deserialize;
use truthound_stores_core::{Error, Result, Timestamp};

use crate::calendar::{HOUR, SECOND};

mod cron;

use cron::Cron;

/// Says when retention is run by itself: at an interval, or at the times of a cron expression.
///
/// # Examples
/// ```
/// use truthound_stores_retention::RetentionSchedule;
///
/// let daily = RetentionSchedule::interval_hours(24.0);
/// let nights = RetentionSchedule::cron("30 3 * * mon-fri");
/// assert_ne!(daily, nights);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RetentionSchedule {
    /// How long after a run began the next one is due, in hours; fractions count. The first is due at once. Default: none.
    #[serde(default)]
    pub interval_hours: Option<f64>,
    /// The times of UTC at which a run is due: minute, hour, day of the month, month and day of the week, as in a crontab, or `@hourly`, `@daily`,
    /// `@weekly`, `@monthly`, `@yearly`. Times that were missed, since nobody was there to run it, are made up for by one run. Default: none.
    #[serde(default)]
    pub cron: Option<String>,
    /// How long a run that is not heard of keeps others from running, in seconds. A run says that it goes on at half of that. Default: 600.
    #[serde(default = "lease_seconds")]
    pub lease_seconds: f64,
}

fn lease_seconds() -> f64 {
    600.0
}

impl RetentionSchedule {
    /// Runs at an interval.
    pub fn interval_hours(hours: f64) -> Self {
        Self { interval_hours: Some(hours), cron: None, lease_seconds: lease_seconds() }
    }

    /// Runs at the times of a cron expression.
    pub fn cron(expression: impl Into<String>) -> Self {
        Self { interval_hours: None, cron: Some(expression.into()), lease_seconds: lease_seconds() }
    }

    /// Sets how long a run that is not heard of keeps others from running, in seconds.
    #[must_use]
    pub fn with_lease_seconds(mut self, seconds: f64) -> Self {
        self.lease_seconds = seconds;
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.plan().map(|_| ())
    }

    /// Checks the settings, and answers them as runs need them.
    pub(crate) fn plan(&self) -> Result<Schedule> {
        let times = match (self.interval_hours, &self.cron) {
            (Some(hours), None) => Times::Every(span("interval_hours", hours, HOUR)?),
            (None, Some(expression)) => Times::At(expression.parse()?),
            (Some(_), Some(_)) => {
                return Err(Error::invalid("schedule has interval_hours and cron: leave one out"));
            }
            (None, None) => {
                return Err(Error::invalid("schedule says no time: give interval_hours or cron"));
            }
        };
        Ok(Schedule { times, lease: span("lease_seconds", self.lease_seconds, SECOND)? })
    }
}

fn span(name: &str, number: f64, unit: i64) -> Result<i64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a conversion to whole numbers stops at their ends, and times past them are all too far away"
    )]
    let micros = (number * unit as f64).round() as i64;
    if !number.is_finite() || micros < SECOND {
        return Err(Error::invalid(format!(
            "schedule.{name} = {number} is too short: give a second or more"
        )));
    }
    Ok(micros)
}

/// A schedule, checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    times: Times,
    /// In microseconds.
    pub(crate) lease: i64,
}

#[derive(Clone, Debug, PartialEq)]
enum Times {
    /// In microseconds.
    Every(i64),
    At(Cron),
}

impl Schedule {
    /// Returns when the next run is due, after one that began at `last`; without one, since the schedule was first looked at.
    pub(crate) fn due(&self, last: Option<Timestamp>, since: Timestamp) -> Timestamp {
        match (&self.times, last) {
            (Times::Every(interval), Some(last)) => last.plus_micros(*interval),
            (Times::Every(_), None) => since,
            (Times::At(cron), last) => cron.next_after(last.unwrap_or(since)),
        }
    }
}

#[cfg(test)]
mod tests;
