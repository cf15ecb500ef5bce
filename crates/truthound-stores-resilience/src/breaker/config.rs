//! The settings of circuit breakers: `CircuitBreakerConfig` of the configuration document.

use serde::{Deserialize, Serialize};
use truthound_stores_core::Result;
use truthound_stores_core::options::Options;

use super::state::Limits;
use crate::seconds::{some_calls, some_time};

/// Holds the settings of a [`CircuitBreaker`](crate::CircuitBreaker).
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_resilience::CircuitBreakerConfig;
///
/// let options = Options::from_pairs([("failure_threshold", "10"), ("timeout", "5")])?;
/// let config = CircuitBreakerConfig::from_options(&options)?;
/// assert_eq!(config, CircuitBreakerConfig::new().with_failure_threshold(10).with_timeout(5.0));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CircuitBreakerConfig {
    /// After how many failures in a row a closed breaker opens; at least 1. Default: 5.
    pub failure_threshold: u32,
    /// After how many successes a half-open breaker closes; at least 1. Default: 3.
    pub success_threshold: u32,
    /// How long an open breaker refuses calls before it tries the store again, in seconds; more than 0. Default: 60.0.
    pub timeout: f64,
    /// How many calls a half-open breaker lets through at a time; at least 1. Default: 3.
    pub half_open_max_calls: u32,
}

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self { failure_threshold: 5, success_threshold: 3, timeout: 60.0, half_open_max_calls: 3 }
    }
}

impl CircuitBreakerConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] =
        &["failure_threshold", "success_threshold", "timeout", "half_open_max_calls"];

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
        let config: Self = options.read("circuit_breaker", Self::NAMES)?;
        config.limits()?;
        Ok(config)
    }

    /// Sets after how many failures in a row a closed breaker opens.
    #[must_use]
    pub fn with_failure_threshold(mut self, failures: u32) -> Self {
        self.failure_threshold = failures;
        self
    }

    /// Sets after how many successes a half-open breaker closes.
    #[must_use]
    pub fn with_success_threshold(mut self, successes: u32) -> Self {
        self.success_threshold = successes;
        self
    }

    /// Sets how long an open breaker refuses calls, in seconds.
    #[must_use]
    pub fn with_timeout(mut self, seconds: f64) -> Self {
        self.timeout = seconds;
        self
    }

    /// Sets how many calls a half-open breaker lets through at a time.
    #[must_use]
    pub fn with_half_open_max_calls(mut self, calls: u32) -> Self {
        self.half_open_max_calls = calls;
        self
    }

    /// Checks the settings, and answers them as the breaker needs them.
    pub(super) fn limits(&self) -> Result<Limits> {
        Ok(Limits {
            failures: some_calls("failure_threshold", self.failure_threshold)?,
            successes: some_calls("success_threshold", self.success_threshold)?,
            timeout: some_time("timeout", self.timeout)?,
            probes: some_calls("half_open_max_calls", self.half_open_max_calls)?,
        })
    }
}

#[cfg(test)]
mod tests;
