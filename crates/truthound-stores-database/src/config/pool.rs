//! `ConnectionPoolConfig` of the configuration document: the pool and what stands in its path, in full.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use truthound_stores_core::Result;
use truthound_stores_core::options::Options;
use truthound_stores_resilience::{CircuitBreakerConfig, HealthCheckConfig, RetryConfig};

use super::setters::pool_setters;

/// Says which connections are kept, and who uses which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PoolStrategy {
    /// `pool_size` connections are kept, and up to `max_overflow` more are opened when all are in use.
    #[default]
    #[serde(alias = "QUEUE_POOL")]
    QueuePool,
    /// No connection is kept: each call opens one. There is no bound on their number.
    #[serde(alias = "NULL_POOL")]
    NullPool,
    /// One connection serves all calls, one after the other.
    #[serde(alias = "STATIC_POOL")]
    StaticPool,
    /// Each thread has a connection of its own, which its calls use one after the other; those of at most `pool_size` threads are kept.
    #[serde(alias = "SINGLETON_THREAD")]
    SingletonThread,
    /// As `queue_pool`. Waiting never blocks a thread in either: they are two for programs in Python only.
    #[serde(alias = "ASYNC_QUEUE")]
    AsyncQueue,
}

/// Says what becomes of a connection that a call gives back in the middle of a transaction, because a statement failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResetOnReturn {
    /// The transaction is rolled back, and the connection is kept.
    #[default]
    Rollback,
    /// The connection is closed, which ends the transaction as well.
    None,
}

/// Holds the pool's settings.
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_database::{PoolConfig, PoolStrategy};
///
/// let options = Options::from_pairs([("strategy", "NULL_POOL"), ("pool_timeout", "2.5")])?;
/// let pool = PoolConfig::from_options(&options)?;
/// assert_eq!(pool, PoolConfig::new().with_strategy(PoolStrategy::NullPool).with_pool_timeout(2.5));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PoolConfig {
    /// Which connections are kept: `queue_pool`, `null_pool`, `static_pool`, `singleton_thread` or `async_queue`, in lower or upper case.
    /// Default: `queue_pool`; `static_pool` for a database in memory, which lives in its one connection.
    pub strategy: Option<PoolStrategy>,
    /// How many connections are kept, at least 1. Default: 5.
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
    /// Tell what becomes of connections as events of `tracing` at the level INFO. Default: false.
    pub echo_pool: bool,
    /// What becomes of a connection that is given back in the middle of a transaction: `rollback` or `none`. Default: `rollback`.
    pub reset_on_return: ResetOnReturn,
}

impl PoolConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] = &[
        "strategy",
        "pool_size",
        "max_overflow",
        "pool_timeout",
        "pool_recycle",
        "pool_pre_ping",
        "echo_pool",
        "reset_on_return",
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
        options.read("pool", Self::NAMES)
    }

    /// Sets which connections are kept.
    #[must_use]
    pub fn with_strategy(mut self, strategy: PoolStrategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    pool_setters!();

    /// Sets whether what becomes of connections is told to `tracing`.
    #[must_use]
    pub fn with_echo_pool(mut self, echo: bool) -> Self {
        self.echo_pool = echo;
        self
    }

    /// Sets what becomes of a connection that is given back in the middle of a transaction.
    #[must_use]
    pub fn with_reset_on_return(mut self, reset: ResetOnReturn) -> Self {
        self.reset_on_return = reset;
        self
    }
}

/// Holds the settings of the pool and of what stands in its path.
///
/// The connection's URL is that of [`DatabaseConfig`](crate::DatabaseConfig). Settings that are read by their names count as given, whatever their values; of
/// those that are set in a program, only what differs from the default does.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ConnectionPoolConfig {
    /// The pool.
    pub pool: PoolConfig,
    /// Retries.
    pub retry: RetryConfig,
    /// The circuit breaker.
    pub circuit_breaker: CircuitBreakerConfig,
    /// Health checks.
    pub health_check: HealthCheckConfig,
    /// Which settings were given by name, as `retry.max_retries`: one that is given counts as such though it is what it would be anyway.
    given: BTreeSet<String>,
}

impl ConnectionPoolConfig {
    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn from_parts(
        pool: &Options,
        retry: &Options,
        circuit_breaker: &Options,
        health_check: &Options,
    ) -> Result<Self> {
        let parts = [("retry", retry), ("circuit_breaker", circuit_breaker), ("health_check", health_check)];
        let given = parts.into_iter().flat_map(|(part, options)| {
            let given =
                options.names().filter(|name| options.get(name).is_some_and(|value| !value.is_null()));
            given.map(move |name| format!("{part}.{name}"))
        });
        Ok(Self {
            given: given.collect(),
            pool: PoolConfig::from_options(pool)?,
            retry: RetryConfig::from_options(retry)?,
            circuit_breaker: CircuitBreakerConfig::from_options(circuit_breaker)?,
            health_check: HealthCheckConfig::from_options(health_check)?,
        })
    }

    /// Tells whether a setting was given by name.
    #[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
    pub(super) fn gives(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Tells whether any setting of a part was given by name.
    #[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
    pub(super) fn gives_any_of(&self, part: &str) -> bool {
        self.given.iter().any(|name| name.split_once('.').is_some_and(|(of, _)| of == part))
    }

    /// Forgets what was given by name of a part that is replaced.
    fn replace(&mut self, part: &str) {
        self.given.retain(|name| name.split_once('.').is_none_or(|(of, _)| of != part));
    }

    /// Sets the pool.
    #[must_use]
    pub fn with_pool(mut self, pool: PoolConfig) -> Self {
        self.pool = pool;
        self
    }

    /// Sets retries.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self.replace("retry");
        self
    }

    /// Sets the circuit breaker.
    #[must_use]
    pub fn with_circuit_breaker(mut self, circuit_breaker: CircuitBreakerConfig) -> Self {
        self.circuit_breaker = circuit_breaker;
        self.replace("circuit_breaker");
        self
    }

    /// Sets health checks.
    #[must_use]
    pub fn with_health_check(mut self, health_check: HealthCheckConfig) -> Self {
        self.health_check = health_check;
        self.replace("health_check");
        self
    }
}
