//! The settings of health checks: `HealthCheckConfig` of the configuration document.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

use crate::seconds::{some_calls, some_time};

/// Holds the settings of a [`HealthCheck`](crate::HealthCheck).
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_resilience::HealthCheckConfig;
///
/// let options = Options::from_pairs([("interval", "10"), ("timeout", "1")])?;
/// let config = HealthCheckConfig::from_options(&options)?;
/// assert_eq!(config, HealthCheckConfig::new().with_interval(10.0).with_timeout(1.0));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HealthCheckConfig {
    /// Check at all. Default: true.
    pub enabled: bool,
    /// How long after one check the next is made, in seconds; more than 0. Default: 30.0.
    pub interval: f64,
    /// How long a check may take, in seconds; more than 0. One that takes longer has failed. Default: 5.0.
    pub timeout: f64,
    /// What a database is asked. A store that is no database has a check of its own
    /// ([`Store::check`](truthound_stores_core::Store::check)), and another query than the default is refused there. Default: `SELECT 1`.
    pub query: String,
    /// After how many failed checks in a row a store is unhealthy; at least 1. Not part of the configuration document. Default: 1.
    pub failure_threshold: u32,
    /// After how many good checks in a row an unhealthy store is healthy; at least 1. Not part of the configuration document.
    /// Default: 1.
    pub recovery_threshold: u32,
}

/// Settings that were checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) enabled: bool,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) failures: u32,
    pub(super) recoveries: u32,
}

impl Default for HealthCheckConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            interval: 30.0,
            timeout: 5.0,
            query: Self::QUERY.to_owned(),
            failure_threshold: 1,
            recovery_threshold: 1,
        }
    }
}

impl HealthCheckConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] =
        &["enabled", "interval", "timeout", "query", "failure_threshold", "recovery_threshold"];

    const QUERY: &'static str = "SELECT 1";

    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from options by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is unknown, has the wrong type or a
    /// value that cannot be.
    pub fn from_options(options: &Options) -> Result<Self> {
        let config: Self = options.read("health_check", Self::NAMES)?;
        config.terms()?;
        Ok(config)
    }

    /// Sets whether to check at all.
    #[must_use]
    pub fn with_enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Sets how long after one check the next is made, in seconds.
    #[must_use]
    pub fn with_interval(mut self, seconds: f64) -> Self {
        self.interval = seconds;
        self
    }

    /// Sets how long a check may take, in seconds.
    #[must_use]
    pub fn with_timeout(mut self, seconds: f64) -> Self {
        self.timeout = seconds;
        self
    }

    /// Sets what a database is asked.
    #[must_use]
    pub fn with_query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    /// Sets after how many failed checks in a row a store is unhealthy.
    #[must_use]
    pub fn with_failure_threshold(mut self, checks: u32) -> Self {
        self.failure_threshold = checks;
        self
    }

    /// Sets after how many good checks in a row an unhealthy store is healthy.
    #[must_use]
    pub fn with_recovery_threshold(mut self, checks: u32) -> Self {
        self.recovery_threshold = checks;
        self
    }

    /// Checks the settings, and answers them as checks need them.
    pub(super) fn terms(&self) -> Result<Terms> {
        if self.query.trim().is_empty() {
            return Err(Error::invalid(
                "query is empty: say what the database is to be asked, such as SELECT 1",
            ));
        }
        Ok(Terms {
            enabled: self.enabled,
            interval: some_time("interval", self.interval)?,
            timeout: some_time("timeout", self.timeout)?,
            failures: some_calls("failure_threshold", self.failure_threshold)?,
            recoveries: some_calls("recovery_threshold", self.recovery_threshold)?,
        })
    }

    /// Refuses what has no effect on a store that is no database.
    pub(super) fn without_query(&self) -> Result<()> {
        if self.query == Self::QUERY {
            return Ok(());
        }
        Err(Error::invalid(
            "query has an effect on databases only, and this layer asks the store's own check: leave it out",
        ))
    }
}

#[cfg(test)]
mod tests;
