//! Making validation results.

use super::{ResultStatistics, Tags, TimeText, ValidationResult, ValidatorResult};
use crate::json::{Json, Object};
use crate::{Clock, Key, Result, Statistics, Status, new_run_id};

/// Collects the parts of a [`ValidationResult`]; made by [`ValidationResult::builder`].
///
/// # Examples
/// ```
/// use truthound_stores_core::{Severity, Status, SystemClock, ValidationResult, ValidatorResult};
///
/// let result = ValidationResult::builder("warehouse.orders")
///     .result(ValidatorResult::failed("null", Severity::CRITICAL, 3).with_column("email"))
///     .rows(1_000)
///     .tag("team", "sales")
///     .build(&SystemClock::new())?;
/// assert_eq!(result.status, Status::FAILURE);
/// assert_eq!(result.statistics.counts.issue_rate(), 0.001);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ValidationResultBuilder {
    data_asset: String,
    run_id: Option<String>,
    run_time: Option<TimeText>,
    status: Option<Status>,
    results: Vec<ValidatorResult>,
    statistics: Option<Statistics>,
    rows: Option<u64>,
    columns: Option<u64>,
    execution_time_ms: Option<f64>,
    tags: Tags,
    metadata: Object,
    suite_name: Option<String>,
    runtime_environment: Object,
}

impl ValidationResultBuilder {
    pub(super) fn new(data_asset: String) -> Self {
        Self {
            data_asset,
            run_id: None,
            run_time: None,
            status: None,
            results: Vec::new(),
            statistics: None,
            rows: None,
            columns: None,
            execution_time_ms: None,
            tags: Tags::new(),
            metadata: Object::new(),
            suite_name: None,
            runtime_environment: Object::new(),
        }
    }

    /// Sets the id. Default: as [`new_run_id`] makes one.
    #[must_use]
    pub fn run_id(mut self, id: impl Into<String>) -> Self {
        self.run_id = Some(id.into());
        self
    }

    /// Sets when the run began: a [`Timestamp`](crate::Timestamp) or a [`TimeText`]. Default: now.
    #[must_use]
    pub fn run_time(mut self, time: impl Into<TimeText>) -> Self {
        self.run_time = Some(time.into());
        self
    }

    /// Sets how the run ended. Default: `failure` if a critical issue was found, else `warning` if any was, else
    /// `success`, as Truthound derives it from a report.
    #[must_use]
    pub fn status(mut self, status: impl Into<Status>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Adds what a validator found.
    #[must_use]
    pub fn result(mut self, result: ValidatorResult) -> Self {
        self.results.push(result);
        self
    }

    /// Adds what several validators found.
    #[must_use]
    pub fn results(mut self, results: impl IntoIterator<Item = ValidatorResult>) -> Self {
        self.results.extend(results);
        self
    }

    /// Sets the counts. Default: [`ResultStatistics::of`] the results.
    #[must_use]
    pub fn statistics(mut self, counts: Statistics) -> Self {
        self.statistics = Some(counts);
        self
    }

    /// Sets how many rows were looked at. Default: what the counts say.
    #[must_use]
    pub fn rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Sets how many columns were looked at. Default: what the counts say.
    #[must_use]
    pub fn columns(mut self, columns: u64) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets how long the run took, in milliseconds. Default: what the counts say.
    #[must_use]
    pub fn execution_time_ms(mut self, milliseconds: f64) -> Self {
        self.execution_time_ms = Some(milliseconds);
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.set(name, value);
        self
    }

    /// Adds a fact about the run.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.metadata.set(name, value);
        self
    }

    /// Names the expectation suite that was run. Default: none.
    #[must_use]
    pub fn suite_name(mut self, name: impl Into<String>) -> Self {
        self.suite_name = Some(name.into());
        self
    }

    /// Adds a fact about where the run took place.
    #[must_use]
    pub fn runtime_environment(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.runtime_environment.set(name, value);
        self
    }

    /// Makes the result; `clock` gives the id and the time where they are not set.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for an id that no [`Key`] can have.
    pub fn build(self, clock: &dyn Clock) -> Result<ValidationResult> {
        let run_id = self.run_id.unwrap_or_else(|| new_run_id(clock));
        Key::result(&run_id)?;
        let run_time = self.run_time.unwrap_or_else(|| clock.now().into());
        let status = self.status.unwrap_or_else(|| derived_status(&self.results));
        let mut statistics = match self.statistics {
            Some(counts) => counts.into(),
            None => ResultStatistics::of(&self.results),
        };
        let counts = &mut statistics.counts;
        counts.total_rows = self.rows.unwrap_or(counts.total_rows);
        counts.total_columns = self.columns.unwrap_or(counts.total_columns);
        counts.execution_time_ms = self.execution_time_ms.unwrap_or(counts.execution_time_ms);
        let mut result = ValidationResult::new(run_id, run_time, self.data_asset, status);
        result.results = self.results;
        result.statistics = statistics;
        result.tags = self.tags;
        result.metadata = self.metadata;
        result.suite_name = self.suite_name;
        result.runtime_environment = self.runtime_environment;
        Ok(result)
    }
}

fn derived_status(results: &[ValidatorResult]) -> Status {
    if results.iter().any(ValidatorResult::is_critical) {
        Status::FAILURE
    } else if results.iter().any(|result| !result.success) {
        Status::WARNING
    } else {
        Status::SUCCESS
    }
}

#[cfg(test)]
mod tests;
