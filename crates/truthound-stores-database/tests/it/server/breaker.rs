//! R-DB-3: the breaker opens on outages only, tries again after its time, and closes; retries are as many as were asked for; a pool that is exhausted
//! says so after `pool_timeout`.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_database::{
    BreakerState, CircuitBreakerConfig, ConnectionPoolConfig, DatabaseConfig, DatabaseStore, PoolConfig,
    PoolingConfig, RetryConfig,
};
use truthound_stores_testkit::ManualClock;

use super::{Raw, Server, fresh, on_servers, run, through};
use crate::proxy::Proxy;

async fn open(config: DatabaseConfig, clock: &Arc<ManualClock>) -> Arc<DatabaseStore> {
    let mut config = config.with_table_prefix("test_");
    config.store.prefix = Some(fresh());
    Arc::new(DatabaseStore::open_with(config, Arc::clone(clock) as _, Arc::clone(clock) as _).await.unwrap())
}

async fn the_breaker_goes_by_outages(server: Server) {
    let Some(url) = server.url() else { return };
    let proxy = Proxy::start(Server::address(&url)).await;
    let clock = Arc::new(ManualClock::new(1));
    let breaker =
        CircuitBreakerConfig::new().with_failure_threshold(3).with_success_threshold(2).with_timeout(60.0);
    let pooling = PoolingConfig::new().with_enable_retry(false).with_enable_health_checks(false);
    let config = DatabaseConfig::new(through(&url, &proxy))
        .with_pooling(pooling)
        .with_connection_pool(ConnectionPoolConfig::new().with_circuit_breaker(breaker));
    let store = open(config, &clock).await;
    let state = || store.breaker_status().unwrap().state;
    store.put(run("run_1")).await.unwrap();
    // Answers, however unwelcome, are no outage.
    for _ in 0..10 {
        assert_eq!(store.read(&run("absent").key).await.unwrap_err().kind(), ErrorKind::NotFound);
        let taken = store.put_opts(run("run_1"), PutOptions::create()).await;
        assert_eq!(taken.unwrap_err().kind(), ErrorKind::Conflict);
    }
    assert_eq!(state(), BreakerState::Closed);
    proxy.set_cut(true);
    for _ in 0..3 {
        assert_eq!(state(), BreakerState::Closed);
        assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    assert_eq!(state(), BreakerState::Open);
    let asked = proxy.accepted();
    let refused = store.count(&Query::new()).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(Duration::from_mins(1)), "{}", refused.report());
    assert_eq!(proxy.accepted(), asked, "an open breaker asks nobody");
    // Tried too early, by the clock, it fails and opens again.
    clock.advance(Duration::from_mins(1));
    assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(proxy.accepted() > asked);
    assert_eq!(state(), BreakerState::Open);
    proxy.set_cut(false);
    clock.advance(Duration::from_mins(1));
    store.count(&Query::new()).await.unwrap();
    assert_eq!(state(), BreakerState::HalfOpen);
    store.count(&Query::new()).await.unwrap();
    assert_eq!(state(), BreakerState::Closed);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
}

/// A URL whose statements the server ends after a second, and what takes the user away again that this takes.
async fn limited(server: Server, url: &str, raw: &mut Raw) -> (String, Option<String>) {
    if server == Server::Postgres {
        return (format!("{url}?options=-c%20statement_timeout%3D1s"), None);
    }
    let user = format!("l{}", &fresh()[1..]);
    raw.run(&format!("CREATE USER '{user}'@'127.0.0.1' IDENTIFIED BY 'limited'")).await;
    raw.run(&format!("GRANT ALL ON *.* TO '{user}'@'127.0.0.1' WITH MAX_STATEMENT_TIME 1")).await;
    let url = format!("mysql://{user}:limited@{}", url.rsplit_once('@').unwrap().1);
    (url, Some(format!("DROP USER '{user}'@'127.0.0.1'")))
}

/// Statements that the server's own limit ended once opened the breaker, and were tried again until it had ended them for the last time.
async fn limits_of_the_server_are_no_outage(server: Server) {
    let Some(url) = server.url() else { return };
    let clock = Arc::new(ManualClock::new(1));
    let config = |url: &str| {
        let breaker = CircuitBreakerConfig::new().with_failure_threshold(2);
        DatabaseConfig::new(url)
            .with_connection_pool(ConnectionPoolConfig::new().with_circuit_breaker(breaker))
            .with_pooling(PoolingConfig::new().with_enable_health_checks(false))
    };
    // Whoever makes the tables may take longer.
    let first = open(config(&url), &clock).await;
    let mut raw = Raw::connect(server, &url).await;
    let (limited, undo) = limited(server, &url, &mut raw).await;
    let store = open(config(&limited), &clock).await;
    store.put(run("run_1")).await.unwrap();
    raw.run("BEGIN").await;
    let space = format!("default/{}", store.config().store.prefix.clone().unwrap());
    raw.run(&format!("DELETE FROM test_records WHERE space = '{space}'")).await;
    for _ in 0..3 {
        // It waits for the row until the server has had enough.
        let error = store.put(run("run_1")).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Timeout && !error.is_retryable(), "{}", error.report());
        assert_eq!(store.breaker_status().unwrap().state, BreakerState::Closed);
    }
    assert_eq!(store.retry_stats().unwrap().retries, 0, "the same is ended again");
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1, "others are served");
    raw.run("ROLLBACK").await;
    store.put(run("run_1")).await.unwrap();
    drop(first);
    if let Some(undo) = undo {
        raw.run(&undo).await;
    }
}

async fn retries_are_as_many_as_were_asked_for(server: Server) {
    let Some(url) = server.url() else { return };
    for (max_retries, attempts) in [(0, 1), (3, 4)] {
        let proxy = Proxy::start(Server::address(&url)).await;
        let clock = Arc::new(ManualClock::new(1));
        let pooling =
            PoolingConfig::new().with_enable_circuit_breaker(false).with_enable_health_checks(false);
        let retry = RetryConfig::new().with_max_retries(max_retries).with_base_delay(0.0);
        let config = DatabaseConfig::new(through(&url, &proxy))
            .with_pooling(pooling)
            .with_connection_pool(ConnectionPoolConfig::new().with_retry(retry));
        let store = open(config, &clock).await;
        store.put(run("run_1")).await.unwrap();
        proxy.set_cut(true);
        // The pool finds out with this, and keeps nothing.
        store.count(&Query::new()).await.unwrap_err();
        let (asked, retried) = (proxy.accepted(), store.retry_stats().unwrap().retries);
        let error = store.count(&Query::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(proxy.accepted() - asked, attempts, "{}", error.report());
        assert_eq!(store.retry_stats().unwrap().retries - retried, u64::from(max_retries));
        // What no retry cures is not made again.
        proxy.set_cut(false);
        let retried = store.retry_stats().unwrap().retries;
        assert_eq!(store.read(&run("absent").key).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(store.retry_stats().unwrap().retries, retried);
    }
}

async fn an_exhausted_pool_says_so_in_time(server: Server) {
    let Some(url) = server.url() else { return };
    let clock = Arc::new(ManualClock::new(1));
    let pool = PoolConfig::new().with_pool_size(1).with_max_overflow(0).with_pool_timeout(7.0);
    let pooling = PoolingConfig::new().with_enable_health_checks(false);
    let config = DatabaseConfig::new(&url)
        .with_pooling(pooling)
        .with_connection_pool(ConnectionPoolConfig::new().with_pool(pool));
    let store = open(config, &clock).await;
    store.put(run("run_1")).await.unwrap();
    let mut raw = Raw::connect(server, &url).await;
    raw.run("BEGIN").await;
    let space = format!("default/{}", store.config().store.prefix.clone().unwrap());
    raw.run(&format!("DELETE FROM test_records WHERE space = '{space}'")).await;
    // This one waits in the database for the row, with the only connection.
    let held = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put(run("run_1")).await }
    });
    while store.pool_status().in_use == 0 {
        tokio::task::yield_now().await;
    }
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.count(&Query::new()).await }
    });
    while store.pool_status().waiting == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(6));
    assert_eq!(store.pool_status().waiting, 1, "it gave up too early");
    clock.advance(Duration::from_secs(1));
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.report());
    assert!(error.to_string().contains("pool_size"), "{error}");
    // It has waited as long as it was to wait; and the database is well.
    assert_eq!(store.retry_stats().unwrap().retries, 0);
    let breaker = store.breaker_status().unwrap();
    assert_eq!(breaker.state, BreakerState::Closed);
    assert_eq!(store.pool_status().timeouts, 1);
    raw.run("ROLLBACK").await;
    held.await.unwrap().unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
}

on_servers!(
    the_breaker_goes_by_outages,
    limits_of_the_server_are_no_outage,
    retries_are_as_many_as_were_asked_for,
    an_exhausted_pool_says_so_in_time
);
