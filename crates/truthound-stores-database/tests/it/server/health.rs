//! Health checks: what they ask, when, and what follows from it.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};
use truthound_stores_database::{
    ConnectionPoolConfig, DatabaseStore, HealthCheckConfig, HealthState, PoolingConfig,
};
use truthound_stores_testkit::ManualClock;

use super::{Server, config, fresh, on_each, on_servers, run, through};
use crate::proxy::Proxy;

/// What a health check was answered was read as the store's own rows are: `SELECT now()` answers a type that those have not, and the store was ill for good.
async fn any_query_will_do(url: &str) {
    let odd: &[&str] = match url.split(':').next() {
        Some("sqlite") => &["SELECT CURRENT_TIMESTAMP", "SELECT zeroblob(9), 1.5, NULL"],
        Some("mysql") => &["SELECT now()", "SELECT 1.5, NULL, CURRENT_TIME, x'80ff'"],
        _ => &["SELECT now()", "SELECT 1.5::numeric, NULL, ARRAY[1, 2], '1 day'::interval, '\\x80ff'::bytea"],
    };
    for query in odd.iter().chain(&["SELECT 1 FROM (SELECT 1) AS empty WHERE 1 = 0"]) {
        let health =
            ConnectionPoolConfig::new().with_health_check(HealthCheckConfig::new().with_query(*query));
        let config = config(url, &fresh()).with_connection_pool(health);
        let store = DatabaseStore::open(config).await.unwrap();
        store.check().await.unwrap_or_else(|error| panic!("{query}: {}", error.report()));
        let status = store.health_status().unwrap();
        assert!(status.state == HealthState::Healthy && status.failed == 0, "{query}: {status:?}");
        store.close().await.unwrap();
    }
    // What the database does not answer is no good health.
    let wrong = HealthCheckConfig::new().with_query("SELECT 1 FROM a_table_that_is_not_there");
    let health = ConnectionPoolConfig::new().with_health_check(wrong);
    let store = DatabaseStore::open(config(url, &fresh()).with_connection_pool(health)).await.unwrap();
    store.check().await.unwrap_err();
}

on_each!(any_query_will_do);

/// Opens a store that has nothing but checks in its path, on a server that can be cut off, and on a clock that stands still.
async fn checked(
    server: Server,
    check: HealthCheckConfig,
) -> Option<(Arc<DatabaseStore>, Proxy, Arc<ManualClock>)> {
    let url = server.url()?;
    let proxy = Proxy::start(Server::address(&url)).await;
    let clock = Arc::new(ManualClock::new(1));
    let pooling = PoolingConfig::new().with_enable_retry(false).with_enable_circuit_breaker(false);
    let config = config(&through(&url, &proxy), &fresh())
        .with_pooling(pooling)
        .with_connection_pool(ConnectionPoolConfig::new().with_health_check(check));
    let store = DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).await;
    let store = Arc::new(store.unwrap());
    store.put(run("run_1")).await.unwrap();
    Some((store, proxy, clock))
}

/// Makes a call that is to fail, for the outage; answers whether it was a check that kept it from being begun.
async fn refused_by_a_check(store: &DatabaseStore) -> bool {
    let error = store.count(&Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report());
    error.report().contains("failed its health check")
}

/// In the path of a database nothing ever saw a check fail: neither that calls are refused for it, nor that they are served again.
async fn a_server_that_fails_its_checks_is_left_alone_until_it_is_back(server: Server) {
    let check =
        HealthCheckConfig::new().with_interval(10.0).with_failure_threshold(2).with_recovery_threshold(2);
    let Some((store, proxy, clock)) = checked(server, check).await else { return };
    let health = || {
        let health = store.health_status().unwrap();
        (health.state, health.checks, health.failures_in_a_row)
    };
    // One check for the first call, and no other one before its time.
    clock.advance(Duration::from_secs(9));
    store.count(&Query::new()).await.unwrap();
    assert_eq!(health(), (HealthState::Healthy, 1, 0));
    clock.advance(Duration::from_secs(1));
    store.count(&Query::new()).await.unwrap();
    assert_eq!(health(), (HealthState::Healthy, 2, 0));
    proxy.set_cut(true);
    assert!(!refused_by_a_check(&store).await, "no check is due: the call finds out by itself");
    assert_eq!(health(), (HealthState::Healthy, 2, 0));
    let asked = proxy.accepted();
    clock.advance(Duration::from_secs(10));
    assert!(!refused_by_a_check(&store).await, "one failed check of two");
    assert_eq!((health(), proxy.accepted() - asked), ((HealthState::Healthy, 3, 1), 2));
    clock.advance(Duration::from_secs(10));
    assert!(refused_by_a_check(&store).await);
    assert_eq!((health(), proxy.accepted() - asked), ((HealthState::Unhealthy, 4, 2), 3));
    // From now on each call is checked, so that it is served as soon as that can be.
    assert!(refused_by_a_check(&store).await);
    assert_eq!((health(), proxy.accepted() - asked), ((HealthState::Unhealthy, 5, 3), 4));
    assert!(store.health_status().unwrap().last_error.is_some());
    proxy.set_cut(false);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(health(), (HealthState::Unhealthy, 6, 0), "one good check of two");
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(health(), (HealthState::Healthy, 7, 0));
    assert_eq!(store.health_status().unwrap().last_error, None);
    store.count(&Query::new()).await.unwrap();
    assert_eq!(health(), (HealthState::Healthy, 7, 0));
}

/// A server that says nothing fails a check after `timeout`, however long a call may wait for a connection.
async fn a_check_takes_no_longer_than_its_timeout(server: Server) {
    let check = HealthCheckConfig::new().with_interval(10.0).with_timeout(3.0);
    let Some((store, proxy, clock)) = checked(server, check).await else { return };
    clock.advance(Duration::from_secs(10));
    let before = proxy.swallowed();
    proxy.set_silent(true);
    let call = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.count(&Query::new()).await }
    });
    while proxy.swallowed() == before {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(2));
    assert!(!call.is_finished(), "it gave up too early");
    clock.advance(Duration::from_secs(1));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report());
    assert!(error.report().contains("no answer to the health check within 3s"), "{}", error.report());
    let status = store.health_status().unwrap();
    assert_eq!((status.state, status.last_took), (HealthState::Unhealthy, Some(Duration::from_secs(3))));
    proxy.set_silent(false);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(store.health_status().unwrap().state, HealthState::Healthy);
}

async fn without_checks_each_call_asks_for_itself(server: Server) {
    let check = HealthCheckConfig::new().with_enabled(false).with_interval(10.0);
    let Some((store, proxy, clock)) = checked(server, check).await else { return };
    assert_eq!(store.health_status(), None);
    proxy.set_cut(true);
    // The pool finds out with this, and keeps nothing.
    assert!(!refused_by_a_check(&store).await);
    for _ in 0..3 {
        clock.advance(Duration::from_mins(1));
        let asked = proxy.accepted();
        assert!(!refused_by_a_check(&store).await);
        assert_eq!(proxy.accepted() - asked, 1, "somebody else asked, too");
    }
    proxy.set_cut(false);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(store.health_status(), None);
}

on_servers!(
    a_server_that_fails_its_checks_is_left_alone_until_it_is_back,
    a_check_takes_no_longer_than_its_timeout,
    without_checks_each_call_asks_for_itself,
);
