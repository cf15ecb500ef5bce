use super::*;
use crate::{ConnectionPoolConfig, PoolConfig, PoolingConfig};

fn config() -> DatabaseConfig {
    DatabaseConfig::new("postgresql://localhost/quality")
}

fn of(config: &DatabaseConfig) -> Effective {
    Effective::of(config, false).unwrap()
}

fn refusal(config: &DatabaseConfig, in_memory: bool) -> String {
    Effective::of(config, in_memory).unwrap_err().to_string()
}

fn with_pool(pool: PoolConfig) -> DatabaseConfig {
    config().with_connection_pool(ConnectionPoolConfig::new().with_pool(pool))
}

#[test]
fn the_defaults_are_those_of_the_configuration_document() {
    let effective = of(&config());
    assert_eq!(effective.strategy, PoolStrategy::QueuePool);
    assert_eq!((effective.pool_size, effective.max_overflow), (5, 10));
    assert_eq!(effective.pool_timeout, Duration::from_secs(30));
    assert_eq!(effective.pool_recycle, Some(Duration::from_hours(1)));
    assert!(effective.pool_pre_ping && !effective.echo && !effective.echo_pool);
    assert_eq!(effective.reset, ResetOnReturn::Rollback);
    let (retry, breaker) = (effective.retry.unwrap(), effective.circuit_breaker.unwrap());
    assert_eq!((retry.max_retries, retry.base_delay), (3, 0.1));
    assert_eq!(
        (breaker.failure_threshold, breaker.success_threshold, breaker.half_open_max_calls),
        (5, 3, 3)
    );
    let health = effective.health_check.unwrap();
    assert_eq!((health.interval, health.timeout, health.query.as_str()), (30.0, 5.0, "SELECT 1"));
}

#[test]
fn what_is_given_anywhere_wins_over_a_default() {
    assert_eq!(of(&config().with_pool_size(7)).pool_size, 7);
    assert_eq!(of(&config().with_pooling(PoolingConfig::new().with_pool_size(8))).pool_size, 8);
    assert_eq!(of(&with_pool(PoolConfig::new().with_pool_size(9))).pool_size, 9);
    let same = config().with_pool_size(7).with_pooling(PoolingConfig::new().with_pool_size(7));
    assert_eq!(of(&same).pool_size, 7);
    let pooling = PoolingConfig::new().with_pool_timeout(1.5).with_pool_recycle(-1).with_pool_pre_ping(false);
    let effective = of(&config().with_pooling(pooling.with_max_retries(1).with_retry_base_delay(0.5)));
    assert_eq!(effective.pool_timeout, Duration::from_millis(1500));
    assert_eq!((effective.pool_recycle, effective.pool_pre_ping), (None, false));
    let retry = effective.retry.unwrap();
    assert_eq!((retry.max_retries, retry.base_delay), (1, 0.5));
}

#[test]
fn two_places_that_differ_are_refused_by_name() {
    let error =
        refusal(&config().with_pool_size(7).with_pooling(PoolingConfig::new().with_pool_size(8)), false);
    assert!(error.contains("pool_size = 7") && error.contains("pooling.pool_size = 8"), "{error}");
    let mut retries = config().with_pooling(PoolingConfig::new().with_max_retries(1));
    retries.connection_pool.retry.max_retries = 2;
    assert!(refusal(&retries, false).contains("max_retries"));
}

#[test]
fn each_part_of_the_path_can_be_left_out() {
    let pooling = PoolingConfig::new().with_enable_retry(false);
    assert!(of(&config().with_pooling(pooling)).retry.is_none());
    let pooling = PoolingConfig::new().with_enable_circuit_breaker(false);
    assert!(of(&config().with_pooling(pooling)).circuit_breaker.is_none());
    let pooling = PoolingConfig::new().with_enable_health_checks(false);
    assert!(of(&config().with_pooling(pooling)).health_check.is_none());
    let bare = of(&config().with_use_pool_manager(false));
    assert!(bare.retry.is_none() && bare.circuit_breaker.is_none() && bare.health_check.is_none());
}

/// Settings of what is not in the path were once taken in silence.
#[test]
fn settings_of_what_is_left_out_are_refused_by_name() {
    let full = ConnectionPoolConfig::new();
    let retry = full.clone().with_retry(RetryConfig::new().with_max_retries(9));
    let breaker = full.clone().with_circuit_breaker(CircuitBreakerConfig::new().with_failure_threshold(2));
    let health = full.with_health_check(HealthCheckConfig::new().with_query("SELECT 2"));
    let pooling = PoolingConfig::new();
    for (name, given, switch) in [
        ("retry", config().with_connection_pool(retry), pooling.clone().with_enable_retry(false)),
        (
            "circuit_breaker",
            config().with_connection_pool(breaker),
            pooling.clone().with_enable_circuit_breaker(false),
        ),
        (
            "health_check",
            config().with_connection_pool(health),
            pooling.clone().with_enable_health_checks(false),
        ),
    ] {
        of(&given);
        let error = refusal(&given.clone().with_use_pool_manager(false), false);
        assert!(error.contains(&format!("{name} has no effect with use_pool_manager = false")), "{error}");
        let error = refusal(&given.with_pooling(switch), false);
        assert!(error.contains(name) && error.contains("pooling.enable_"), "{error}");
    }
    let short = config().with_pooling(pooling.with_max_retries(1));
    assert!(refusal(&short.with_use_pool_manager(false), false).contains("pooling.max_retries"));
}

/// R-DB-4: a strategy that cannot work is refused when the store is opened, with the reason.
#[test]
fn a_strategy_that_cannot_serve_a_database_in_memory_is_refused() {
    assert_eq!(Effective::of(&config(), true).unwrap().strategy, PoolStrategy::StaticPool);
    for strategy in [
        PoolStrategy::QueuePool,
        PoolStrategy::NullPool,
        PoolStrategy::SingletonThread,
        PoolStrategy::AsyncQueue,
    ] {
        let error = refusal(&with_pool(PoolConfig::new().with_strategy(strategy)), true);
        assert!(error.contains("static_pool") && error.contains(name_of(strategy)), "{error}");
    }
    assert!(refusal(&with_pool(PoolConfig::new().with_pool_recycle(10)), true).contains("pool_recycle"));
}

#[test]
fn sizes_without_effect_are_refused() {
    for strategy in [PoolStrategy::NullPool, PoolStrategy::StaticPool, PoolStrategy::SingletonThread] {
        let pool = PoolConfig::new().with_strategy(strategy).with_max_overflow(3);
        assert!(refusal(&with_pool(pool), false).contains("max_overflow has no effect"), "{strategy:?}");
    }
    let pool = PoolConfig::new().with_strategy(PoolStrategy::NullPool).with_pool_size(3);
    assert!(refusal(&with_pool(pool), false).contains("pool_size has no effect"));
    assert!(refusal(&config().with_pool_size(0), false).contains("pool_size"));
    assert!(refusal(&with_pool(PoolConfig::new().with_pool_timeout(-1.0)), false).contains("pool_timeout"));
    assert!(refusal(&with_pool(PoolConfig::new().with_pool_recycle(-2)), false).contains("pool_recycle"));
}

/// Whether a setting was given was guessed from its value: `retry.max_retries = 3`, which is the default, beside `pooling.max_retries = 5` was passed over
/// in silence.
#[test]
fn what_is_given_by_name_counts_though_it_is_the_default() {
    use truthound_stores_core::options::Options;
    let read = |pairs: &[(&str, &str)]| {
        let url = [("connection_url", "sqlite:q.db")];
        let options = Options::from_pairs(url.iter().chain(pairs).copied()).unwrap();
        DatabaseConfig::from_options(&options).unwrap()
    };
    let error = refusal(&read(&[("pooling.max_retries", "5"), ("retry.max_retries", "3")]), false);
    assert!(error.contains("pooling.max_retries = 5") && error.contains("retry.max_retries = 3"), "{error}");
    let error = refusal(&read(&[("pooling.retry_base_delay", "0.5"), ("retry.base_delay", "0.1")]), false);
    assert!(error.contains("0.5") && error.contains("0.1"), "{error}");
    let same = read(&[("pooling.max_retries", "3"), ("retry.max_retries", "3")]);
    assert_eq!(of(&same).retry.unwrap().max_retries, 3);
    let other = read(&[("pooling.max_retries", "5"), ("retry.base_delay", "0.1")]);
    assert_eq!(of(&other).retry.unwrap().max_retries, 5);
    for (name, value, switch) in [
        ("retry.max_retries", "3", "pooling.enable_retry"),
        ("circuit_breaker.failure_threshold", "5", "pooling.enable_circuit_breaker"),
        ("health_check.query", "SELECT 1", "pooling.enable_health_checks"),
    ] {
        let error = refusal(&read(&[(name, value), (switch, "false")]), false);
        assert!(error.contains(switch), "{name}: {error}");
    }
    // What replaces a part replaces what was given of it.
    let mut replaced = read(&[("pooling.max_retries", "5"), ("retry.max_retries", "3")]);
    replaced.connection_pool = replaced.connection_pool.with_retry(RetryConfig::new());
    assert_eq!(of(&replaced).retry.unwrap().max_retries, 5);
}
