//! `PoolingConfig` of the configuration document: the pool in short.

use serde::{Deserialize, Serialize};
use truthound_stores_core::Result;
use truthound_stores_core::options::Options;

use super::setters::pool_setters;

/// Holds the pool's settings in short, and which of retries, circuit breaker and health checks stand in its path.
///
/// What is not given here is as [`ConnectionPoolConfig`](crate::ConnectionPoolConfig) says.
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_database::PoolingConfig;
///
/// let options = Options::from_pairs([("pool_size", "20"), ("enable_retry", "false")])?;
/// let pooling = PoolingConfig::from_options(&options)?;
/// assert_eq!((pooling.pool_size, pooling.enable_retry), (Some(20), false));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct PoolingConfig {
    /// How many connections are kept. Default: 5.
    pub pool_size: Option<u32>,
    /// How many connections there may be beyond those that are kept. Default: 10.
    pub max_overflow: Option<u32>,
    /// How long a call waits for a connection, in seconds; 0 means not at all. Default: 30.0.
    pub pool_timeout: Option<f64>,
    /// How old a connection may become before it is replaced, in seconds; -1 means any age. Default: 3600.
    pub pool_recycle: Option<i64>,
    /// Ask a connection whether it still works before a call uses it. One that answered within the last half second counts as asked; if it turns out to
    /// be broken all the same, the call is begun anew on another at once, which is no retry. Default: true.
    pub pool_pre_ping: Option<bool>,
    /// Make calls again that failed in a way that may pass. Default: true.
    pub enable_retry: bool,
    /// Refuse calls for a while when the database does not answer. Default: true.
    pub enable_circuit_breaker: bool,
    /// Ask the database from time to time whether it is well. Default: true.
    pub enable_health_checks: bool,
    /// How often a call is made again. Default: 3.
    pub max_retries: Option<u32>,
    /// The pause before the first retry, in seconds. Default: 0.1.
    pub retry_base_delay: Option<f64>,
}

impl Default for PoolingConfig {
    fn default() -> Self {
        Self {
            pool_size: None,
            max_overflow: None,
            pool_timeout: None,
            pool_recycle: None,
            pool_pre_ping: None,
            enable_retry: true,
            enable_circuit_breaker: true,
            enable_health_checks: true,
            max_retries: None,
            retry_base_delay: None,
        }
    }
}

impl PoolingConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] = &[
        "pool_size",
        "max_overflow",
        "pool_timeout",
        "pool_recycle",
        "pool_pre_ping",
        "enable_retry",
        "enable_circuit_breaker",
        "enable_health_checks",
        "max_retries",
        "retry_base_delay",
    ];

    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from options by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is unknown or has the wrong type.
    pub fn from_options(options: &Options) -> Result<Self> {
        options.read("pooling", Self::NAMES)
    }

    pool_setters!();

    /// Sets whether calls are made again.
    #[must_use]
    pub fn with_enable_retry(mut self, enable: bool) -> Self {
        self.enable_retry = enable;
        self
    }

    /// Sets whether there is a circuit breaker.
    #[must_use]
    pub fn with_enable_circuit_breaker(mut self, enable: bool) -> Self {
        self.enable_circuit_breaker = enable;
        self
    }

    /// Sets whether there are health checks.
    #[must_use]
    pub fn with_enable_health_checks(mut self, enable: bool) -> Self {
        self.enable_health_checks = enable;
        self
    }

    /// Sets how often a call is made again.
    #[must_use]
    pub fn with_max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sets the pause before the first retry, in seconds.
    #[must_use]
    pub fn with_retry_base_delay(mut self, seconds: f64) -> Self {
        self.retry_base_delay = Some(seconds);
        self
    }
}
