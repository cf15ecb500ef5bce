//! A pool whose connections are all in use.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection};
use truthound_stores_core::{Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, HealthState, PoolingConfig};
use truthound_stores_testkit::ManualClock;

use crate::server::run;

/// A health check waited for a connection as calls do. Calls that took longer than its `timeout` with all of them made it fail, and a database that
/// was well was declared unhealthy: whoever came then was told of an outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_all_in_use_fail_no_health_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quality.db");
    let clock = Arc::new(ManualClock::new(1));
    let pooling = PoolingConfig::new()
        .with_pool_size(1)
        .with_max_overflow(0)
        .with_pool_timeout(600.0)
        .with_enable_retry(false);
    let config = DatabaseConfig::new(format!("sqlite:{}", path.display())).with_pooling(pooling);
    let store =
        DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).await.unwrap();
    let store = Arc::new(store);
    // Another program writes, and ours waits for it with its one connection.
    let mut other = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put(run("run_1")).await }
    });
    while store.pool_status().in_use == 0 {
        tokio::task::yield_now().await;
    }
    // Time for a check.
    clock.advance(Duration::from_secs(31));
    let reader = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.count(&Query::new()).await }
    });
    while store.pool_status().waiting == 0 {
        tokio::task::yield_now().await;
    }
    // More than a check may take.
    clock.advance(Duration::from_secs(6));
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    writer.await.unwrap().unwrap();
    assert_eq!(reader.await.unwrap().unwrap_or_else(|error| panic!("{}", error.report())), 1);
    assert_eq!(store.health_status().unwrap().state, HealthState::Healthy);
}

/// `pool_timeout = 0`, which says not to wait for a connection, gave none the time to be opened.
#[tokio::test]
async fn no_wait_for_a_connection_leaves_time_to_open_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("quality.db").display());
    let pooling = PoolingConfig::new().with_pool_timeout(0.0);
    let store = DatabaseStore::open(DatabaseConfig::new(url).with_pooling(pooling)).await.unwrap();
    store.put(run("run_1")).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(store.pool_status().pings_failed, 0);
}
