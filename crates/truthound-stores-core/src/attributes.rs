//! The facts about a document that queries, policies and trends use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Status, Timestamp};

mod labels;

pub use labels::Labels;

/// Counts what a validation run found, under the names that documents use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statistics {
    /// Validators that ran.
    pub total_validators: u64,
    /// Validators that found nothing.
    pub passed_validators: u64,
    /// Validators that found issues.
    pub failed_validators: u64,
    /// Validators that broke.
    pub error_validators: u64,
    /// Rows that were looked at.
    pub total_rows: u64,
    /// Columns that were looked at.
    pub total_columns: u64,
    /// Issues found.
    pub total_issues: u64,
    /// Issues of severity `critical`.
    pub critical_issues: u64,
    /// Issues of severity `high`.
    pub high_issues: u64,
    /// Issues of severity `medium`.
    pub medium_issues: u64,
    /// Issues of severity `low`.
    pub low_issues: u64,
    /// How long the run took, in milliseconds.
    pub execution_time_ms: f64,
}

impl Statistics {
    /// Returns the share of validators that passed, 0 to 1; 1 if none ran.
    pub fn pass_rate(&self) -> f64 {
        if self.total_validators == 0 { 1.0 } else { ratio(self.passed_validators, self.total_validators) }
    }

    /// Returns issues per row; 0 if no rows were looked at.
    pub fn issue_rate(&self) -> f64 {
        if self.total_rows == 0 { 0.0 } else { ratio(self.total_issues, self.total_rows) }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Holds small facts that wrappers keep with a record: at most 1,024 bytes of names and values.
///
/// Queries never look at them. A wrapper's names begin with its own name: `versioning.parent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ext(BTreeMap<String, String>);

impl Ext {
    /// The most that names and values may take together, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Sets `name`, returning the value it had.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the whole would exceed [`MAX_BYTES`](Self::MAX_BYTES);
    /// nothing is changed then.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Option<String>> {
        let (name, value) = (name.into(), value.into());
        let replaced = self.0.get(&name).map_or(0, |old| name.len() + old.len());
        let total = self.bytes() - replaced + name.len() + value.len();
        if total > Self::MAX_BYTES {
            return Err(Error::invalid(format!(
                "setting {name:?} makes the record's extra facts {total} bytes: at most {} are kept",
                Self::MAX_BYTES
            )));
        }
        Ok(self.0.insert(name, value))
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Removes `name`, returning the value it had.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Lists names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Tells whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// Holds what can be asked of a document without reading it.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Attributes, Status};
///
/// let attributes = Attributes::new("warehouse.orders", "2026-01-31T12:00:00Z".parse()?, Status::FAILURE)
///     .with_tag("environment", "production");
/// assert_eq!(attributes.tags["environment"], "production");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attributes {
    /// What was validated.
    pub data_asset: String,
    /// When the run began.
    pub run_time: Timestamp,
    /// How it ended.
    pub status: Status,
    /// Labels; values that are no strings in the document appear as their JSON text.
    pub tags: Labels,
    /// The expectation suite that was run.
    pub suite_name: Option<String>,
    /// The counts.
    pub statistics: Statistics,
    /// What wrappers keep with the record.
    #[serde(default, skip_serializing_if = "Ext::is_empty")]
    pub ext: Ext,
}

impl Attributes {
    /// Makes attributes without tags, suite and counts.
    pub fn new(data_asset: impl Into<String>, run_time: Timestamp, status: Status) -> Self {
        Self {
            data_asset: data_asset.into(),
            run_time,
            status,
            tags: Labels::default(),
            suite_name: None,
            statistics: Statistics::default(),
            ext: Ext::default(),
        }
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    /// Sets the counts.
    #[must_use]
    pub fn with_statistics(mut self, statistics: Statistics) -> Self {
        self.statistics = statistics;
        self
    }

    /// Sets the suite's name.
    #[must_use]
    pub fn with_suite_name(mut self, name: impl Into<String>) -> Self {
        self.suite_name = Some(name.into());
        self
    }
}

#[cfg(test)]
mod tests;
