//! What the settings come to: several places joined into one value, combinations checked. Pure.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]

use std::time::Duration;

use truthound_stores_core::{Error, Result};
use truthound_stores_resilience::{CircuitBreakerConfig, HealthCheckConfig, RetryConfig};

use super::{DatabaseConfig, PoolStrategy, ResetOnReturn};

/// What is in effect.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Effective {
    pub(crate) strategy: PoolStrategy,
    pub(crate) pool_size: usize,
    pub(crate) max_overflow: usize,
    pub(crate) pool_timeout: Duration,
    /// How long a connection may take to be made, or to answer that it works: `pool_timeout`, if there is one.
    pub(crate) patience: Duration,
    /// The database lives in its one connection.
    pub(crate) in_memory: bool,
    pub(crate) pool_recycle: Option<Duration>,
    pub(crate) pool_pre_ping: bool,
    pub(crate) echo: bool,
    pub(crate) echo_pool: bool,
    pub(crate) reset: ResetOnReturn,
    pub(crate) retry: Option<RetryConfig>,
    pub(crate) circuit_breaker: Option<CircuitBreakerConfig>,
    pub(crate) health_check: Option<HealthCheckConfig>,
}

impl Effective {
    /// Joins what is given in several places.
    ///
    /// # Errors
    /// `Invalid`, naming both places, if two are given and differ; naming the setting, if it cannot be or has no effect.
    pub(crate) fn of(config: &DatabaseConfig, in_memory: bool) -> Result<Self> {
        let (short, pool) = (&config.pooling, &config.connection_pool.pool);
        let pool_size = joined(
            "pool_size",
            [("", config.pool_size), ("pooling.", short.pool_size), ("pool.", pool.pool_size)],
        )?;
        let max_overflow = joined(
            "max_overflow",
            [("", config.max_overflow), ("pooling.", short.max_overflow), ("pool.", pool.max_overflow)],
        )?;
        let pool_timeout =
            joined("pool_timeout", [("pooling.", short.pool_timeout), ("pool.", pool.pool_timeout)])?;
        let pool_recycle =
            joined("pool_recycle", [("pooling.", short.pool_recycle), ("pool.", pool.pool_recycle)])?;
        let pool_pre_ping =
            joined("pool_pre_ping", [("pooling.", short.pool_pre_ping), ("pool.", pool.pool_pre_ping)])?;
        let strategy = strategy(pool.strategy, in_memory)?;
        without_effect(strategy, pool_size, max_overflow)?;
        if in_memory && pool_recycle.is_some_and(|seconds| seconds >= 0) {
            return Err(Error::invalid(
                "pool_recycle would end a database in memory with its one connection: leave it out",
            ));
        }
        let pool_size = pool_size.unwrap_or(5);
        if pool_size == 0 {
            return Err(Error::invalid("pool_size is 0: give 1 or more, or choose the strategy null_pool"));
        }
        let seconds = pool_timeout.unwrap_or(30.0);
        let pool_timeout = Duration::try_from_secs_f64(seconds).map_err(|cause| {
            Error::invalid(format!("pool_timeout = {seconds} is no span of time: give seconds, 0 or more"))
                .caused_by(cause)
        })?;
        let pool_recycle = match pool_recycle.unwrap_or(3600) {
            -1 => None,
            seconds if in_memory && seconds == 3600 => None,
            seconds => Some(Duration::from_secs(u64::try_from(seconds).map_err(|cause| {
                Error::invalid(format!("pool_recycle = {seconds} is no age: give seconds, or -1 for any age"))
                    .caused_by(cause)
            })?)),
        };
        let managed = Managed::of(config)?;
        Ok(Self {
            strategy,
            pool_size: widen(pool_size),
            max_overflow: widen(max_overflow.unwrap_or(10)),
            pool_timeout,
            patience: if pool_timeout.is_zero() { Duration::from_secs(30) } else { pool_timeout },
            in_memory,
            pool_recycle,
            pool_pre_ping: pool_pre_ping.unwrap_or(true),
            echo: config.echo,
            echo_pool: pool.echo_pool,
            reset: pool.reset_on_return,
            retry: managed.retry,
            circuit_breaker: managed.circuit_breaker,
            health_check: managed.health_check,
        })
    }
}

fn widen(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What stands in the path.
struct Managed {
    retry: Option<RetryConfig>,
    circuit_breaker: Option<CircuitBreakerConfig>,
    health_check: Option<HealthCheckConfig>,
}

impl Managed {
    /// Refuses settings of what is not in the path.
    fn refuse_idle(config: &DatabaseConfig) -> Result<()> {
        let (short, full) = (&config.pooling, &config.connection_pool);
        let retry = full.gives_any_of("retry") || full.retry != RetryConfig::default();
        let breaker =
            full.gives_any_of("circuit_breaker") || full.circuit_breaker != CircuitBreakerConfig::default();
        let check = full.gives_any_of("health_check") || full.health_check != HealthCheckConfig::default();
        for (given, name, on, switch) in [
            (retry, "retry", short.enable_retry, "pooling.enable_retry"),
            (short.max_retries.is_some(), "pooling.max_retries", short.enable_retry, "pooling.enable_retry"),
            (
                short.retry_base_delay.is_some(),
                "pooling.retry_base_delay",
                short.enable_retry,
                "pooling.enable_retry",
            ),
            (breaker, "circuit_breaker", short.enable_circuit_breaker, "pooling.enable_circuit_breaker"),
            (check, "health_check", short.enable_health_checks, "pooling.enable_health_checks"),
        ] {
            if given && !config.use_pool_manager {
                return Err(idle(name, "use_pool_manager = false"));
            }
            if given && !on {
                return Err(idle(name, &format!("{switch} = false")));
            }
        }
        Ok(())
    }

    fn of(config: &DatabaseConfig) -> Result<Self> {
        let (short, full) = (&config.pooling, &config.connection_pool);
        let defaults = RetryConfig::default();
        let retries = full.retry.max_retries;
        let given = full.gives("retry.max_retries") || retries != defaults.max_retries;
        let max_retries =
            joined("max_retries", [("pooling.", short.max_retries), ("retry.", given.then_some(retries))])?;
        let delay = full.retry.base_delay;
        #[allow(clippy::float_cmp, reason = "a default that was not touched is the same to the last bit")]
        let given = full.gives("retry.base_delay") || delay != defaults.base_delay;
        let base_delay = joined(
            "the pause before the first retry",
            [("pooling.", short.retry_base_delay), ("retry.", given.then_some(delay))],
        )?;
        Self::refuse_idle(config)?;
        let mut retry = full.retry.clone();
        retry.max_retries = max_retries.unwrap_or(retry.max_retries);
        retry.base_delay = base_delay.unwrap_or(retry.base_delay);
        let on = config.use_pool_manager;
        Ok(Self {
            retry: (on && short.enable_retry).then_some(retry),
            circuit_breaker: (on && short.enable_circuit_breaker).then(|| full.circuit_breaker.clone()),
            health_check: (on && short.enable_health_checks && full.health_check.enabled)
                .then(|| full.health_check.clone()),
        })
    }
}

/// Says that a setting would be of no effect.
fn idle(name: &str, because: &str) -> Error {
    Error::invalid(format!("{name} has no effect with {because}: leave one of them out"))
}

/// Takes the one value that is given, in however many places.
fn joined<T: PartialEq + Copy + std::fmt::Display, const N: usize>(
    name: &str,
    places: [(&str, Option<T>); N],
) -> Result<Option<T>> {
    let mut found: Option<(&str, T)> = None;
    for (place, value) in places {
        let Some(value) = value else { continue };
        match found {
            Some((other, known)) if known != value => {
                return Err(Error::invalid(format!(
                    "{name} is given twice: {other}{name} = {known}, {place}{name} = {value}: leave one out"
                )));
            }
            _ => found = Some((place, value)),
        }
    }
    Ok(found.map(|(_, value)| value))
}

fn strategy(given: Option<PoolStrategy>, in_memory: bool) -> Result<PoolStrategy> {
    match given {
        Some(strategy) if in_memory && strategy != PoolStrategy::StaticPool => Err(Error::invalid(format!(
            "the pool strategy {} cannot serve a database in memory, which lives in one connection: \
                 choose static_pool, or a file",
            name_of(strategy)
        ))),
        Some(strategy) => Ok(strategy),
        None if in_memory => Ok(PoolStrategy::StaticPool),
        None => Ok(PoolStrategy::QueuePool),
    }
}

/// Refuses sizes that a strategy does not have.
fn without_effect(strategy: PoolStrategy, pool_size: Option<u32>, max_overflow: Option<u32>) -> Result<()> {
    let idle = match strategy {
        PoolStrategy::QueuePool | PoolStrategy::AsyncQueue => None,
        PoolStrategy::SingletonThread => max_overflow.map(|_| "max_overflow"),
        PoolStrategy::NullPool | PoolStrategy::StaticPool => {
            pool_size.filter(|size| *size != 1).map(|_| "pool_size").or(max_overflow.map(|_| "max_overflow"))
        }
    };
    match idle {
        Some(name) => Err(Error::invalid(format!(
            "{name} has no effect under the pool strategy {}: leave it out",
            name_of(strategy)
        ))),
        None => Ok(()),
    }
}

/// The name that settings use.
pub(crate) fn name_of(strategy: PoolStrategy) -> &'static str {
    match strategy {
        PoolStrategy::QueuePool => "queue_pool",
        PoolStrategy::NullPool => "null_pool",
        PoolStrategy::StaticPool => "static_pool",
        PoolStrategy::SingletonThread => "singleton_thread",
        PoolStrategy::AsyncQueue => "async_queue",
    }
}

#[cfg(test)]
mod tests;
