//! The settings of retries: `RetryConfig` of the configuration document.

use serde::{Deserialize, Serialize};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

use super::RepeatWrites;
use super::schedule::Plan;
use crate::seconds::{some_time, span};

/// Holds the settings of retries.
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_resilience::RetryConfig;
///
/// let options = Options::from_pairs([("max_retries", "5"), ("jitter", "false")])?;
/// let config = RetryConfig::from_options(&options)?;
/// assert_eq!(config, RetryConfig::new().with_max_retries(5).with_jitter(false));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryConfig {
    /// How often a call is made again after its first attempt failed; 0 means never. Default: 3.
    pub max_retries: u32,
    /// The pause before the first retry, in seconds; at most `max_delay`. Default: 0.1.
    pub base_delay: f64,
    /// The longest pause, in seconds. A store that asks for a longer one is not asked again: its error is answered at once.
    /// Default: 30.0.
    pub max_delay: f64,
    /// By how much each pause is longer than the one before it; at least 1, which leaves all alike. Default: 2.0.
    pub exponential_base: f64,
    /// Leave half of each pause to chance, so that those who failed together do not come back together. Default: true.
    pub jitter: bool,
    /// How long after its first attempt began a call may still be made again, in seconds. An attempt that is under way is
    /// never cut off. Not part of the configuration document. Default: none, any time.
    pub deadline: Option<f64>,
    /// Which writes and deletes may be made again. Not part of the configuration document. Default: `one_effect`.
    pub writes: RepeatWrites,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: 0.1,
            max_delay: 30.0,
            exponential_base: 2.0,
            jitter: true,
            deadline: None,
            writes: RepeatWrites::OneEffect,
        }
    }
}

impl RetryConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] =
        &["max_retries", "base_delay", "max_delay", "exponential_base", "jitter", "deadline", "writes"];

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
        let config: Self = options.read("retry", Self::NAMES)?;
        config.plan()?;
        Ok(config)
    }

    /// Sets how often a call is made again.
    #[must_use]
    pub fn with_max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// Sets the pause before the first retry, in seconds.
    #[must_use]
    pub fn with_base_delay(mut self, seconds: f64) -> Self {
        self.base_delay = seconds;
        self
    }

    /// Sets the longest pause, in seconds.
    #[must_use]
    pub fn with_max_delay(mut self, seconds: f64) -> Self {
        self.max_delay = seconds;
        self
    }

    /// Sets by how much each pause is longer than the one before it.
    #[must_use]
    pub fn with_exponential_base(mut self, base: f64) -> Self {
        self.exponential_base = base;
        self
    }

    /// Sets whether half of each pause is left to chance.
    #[must_use]
    pub fn with_jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets how long after its first attempt began a call may still be made again, in seconds.
    #[must_use]
    pub fn with_deadline(mut self, seconds: f64) -> Self {
        self.deadline = Some(seconds);
        self
    }

    /// Sets which writes and deletes may be made again.
    #[must_use]
    pub fn with_writes(mut self, writes: RepeatWrites) -> Self {
        self.writes = writes;
        self
    }

    /// Checks the settings, and answers them as a schedule needs them.
    pub(super) fn plan(&self) -> Result<Plan> {
        let (base, longest) = (span("base_delay", self.base_delay)?, span("max_delay", self.max_delay)?);
        if base > longest {
            return Err(Error::invalid(format!(
                "base_delay = {} is longer than max_delay = {}: raise one or lower the other",
                self.base_delay, self.max_delay
            )));
        }
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a pause need not be exact, and what is too much is infinite"
        )]
        let factor = self.exponential_base as f32;
        if !factor.is_finite() || self.exponential_base < 1.0 {
            return Err(Error::invalid(format!(
                "exponential_base = {} makes pauses shorter or endless: give 1 or more",
                self.exponential_base
            )));
        }
        let deadline = self.deadline.map(|seconds| some_time("deadline", seconds)).transpose()?;
        Ok(Plan { max_retries: self.max_retries, base, longest, factor, jitter: self.jitter, deadline })
    }
}

#[cfg(test)]
mod tests;
