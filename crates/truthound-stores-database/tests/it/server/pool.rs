//! R-DB-4: all strategies of the pool work on all databases, and the pool's settings are in effect.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_database::{
    ConnectionPoolConfig, DatabaseConfig, DatabaseStore, PoolConfig, PoolStrategy, PoolingConfig,
    ResetOnReturn,
};
use truthound_stores_testkit::ManualClock;

use super::{beside, config, drop_all, fresh, on_each, prefix, run};

fn pooled(url: &str, pool: PoolConfig) -> DatabaseConfig {
    config(url, &fresh()).with_connection_pool(ConnectionPoolConfig::new().with_pool(pool))
}

/// Twelve callers at once, each writing, reading and listing.
async fn load(store: &Arc<DatabaseStore>) {
    let callers: Vec<_> = (0..12)
        .map(|caller| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for number in 0..4 {
                    let record = run(&format!("{caller}-{number}"));
                    store.put(record.clone()).await.unwrap();
                    store.read(&record.key).await.unwrap();
                    store.list_page(&Query::new().with_page_size(3), None).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), 48);
}

async fn each_strategy_serves_a_load(url: &str) {
    for (strategy, kept) in [
        (PoolStrategy::QueuePool, 5),
        (PoolStrategy::AsyncQueue, 5),
        (PoolStrategy::NullPool, 0),
        (PoolStrategy::StaticPool, 1),
        (PoolStrategy::SingletonThread, 5),
    ] {
        let store =
            DatabaseStore::open(pooled(url, PoolConfig::new().with_strategy(strategy))).await.unwrap();
        let store = Arc::new(store);
        load(&store).await;
        let status = store.pool_status();
        assert_eq!((status.strategy, status.in_use, status.waiting), (strategy, 0, 0));
        assert!(status.idle <= kept && status.open == status.idle, "{strategy:?}: {status:?}");
        match strategy {
            PoolStrategy::NullPool => assert!(status.opened >= 48 * 3, "{status:?}"),
            PoolStrategy::StaticPool => assert_eq!(status.opened, 1, "{status:?}"),
            _ => {}
        }
        store.close().await.unwrap();
        assert_eq!(store.pool_status().open, 0);
    }
}

/// A connection that has become too old is replaced when it is next to be used.
async fn old_connections_are_replaced(url: &str) {
    let clock = Arc::new(ManualClock::new(1));
    let config = pooled(url, PoolConfig::new().with_pool_recycle(60));
    let store =
        DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).await.unwrap();
    store.count(&Query::new()).await.unwrap();
    assert_eq!(store.pool_status().opened, 1, "one connection served both calls");
    clock.advance(Duration::from_secs(59));
    store.count(&Query::new()).await.unwrap();
    assert_eq!(store.pool_status().recycled, 0);
    clock.advance(Duration::from_secs(1));
    store.count(&Query::new()).await.unwrap();
    let status = store.pool_status();
    assert_eq!((status.recycled, status.opened, status.open), (1, 2, 1));
}

/// What a failed statement leaves of a transaction is rolled back, or ends with its connection; either way nobody else meets it.
async fn a_transaction_that_failed_is_reset(url: &str) {
    for (reset, opened) in [(ResetOnReturn::Rollback, 0), (ResetOnReturn::None, 1)] {
        let prefix = prefix();
        let pool = PoolConfig::new().with_reset_on_return(reset).with_pool_size(1).with_max_overflow(0);
        let config = pooled(url, pool).with_table_prefix(&prefix).with_pooling(PoolingConfig::new());
        let config = config.with_use_pool_manager(false);
        let store = DatabaseStore::open(config).await.unwrap();
        let record = run("run_1");
        store.put(record.clone()).await.unwrap();
        beside(url, &format!("DROP TABLE {prefix}record_tags")).await;
        let before = store.pool_status().opened;
        // It fails in the middle, where its tags are to go.
        let error = store.delete(&record.key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error.report());
        assert_eq!(store.read(&record.key).await.unwrap().body, Some(record.body), "half a delete was done");
        assert_eq!(store.pool_status().opened - before, opened, "{reset:?}");
        drop_all(url, &prefix).await;
    }
}

/// A call that is dropped in the middle takes its connection with it: nobody gets one that is in the middle of something.
async fn dropped_calls_leave_no_trace(url: &str) {
    let pool = PoolConfig::new().with_pool_size(2).with_max_overflow(0);
    let store = DatabaseStore::open(pooled(url, pool)).await.unwrap();
    for round in 0..30 {
        let batch = (0..10).map(|id| run(&format!("{round}-{id}"))).collect();
        let mut call = Box::pin(store.put_many(batch, PutOptions::default()));
        // Polled a few times, a few more each round, and dropped wherever it is then.
        for _ in 0..=round {
            let polled = std::future::poll_fn(|context| {
                std::task::Poll::Ready(call.as_mut().poll(context).is_ready())
            });
            if polled.await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        let record = run("after");
        store.put(record.clone()).await.unwrap();
        assert_eq!(store.read(&record.key).await.unwrap().body, Some(record.body));
        // All of a batch is there, or nothing of it.
        let ids = store.list_ids(&Query::new()).await.unwrap().items;
        let here = ids.iter().filter(|id| id.starts_with(&format!("{round}-"))).count();
        assert!(here == 0 || here == 10, "{here} of a batch of 10");
    }
    let status = store.pool_status();
    assert!(status.open <= 2 && status.in_use == 0, "{status:?}");
}

on_each!(
    each_strategy_serves_a_load,
    old_connections_are_replaced,
    a_transaction_that_failed_is_reset,
    dropped_calls_leave_no_trace,
);

/// `use_pool_manager = false` is the bare pool.
#[tokio::test]
async fn the_bare_pool_has_nothing_in_its_path() {
    let store = DatabaseStore::open(DatabaseConfig::new("sqlite::memory:").with_use_pool_manager(false))
        .await
        .unwrap();
    store.put(run("run_1")).await.unwrap();
    assert!(
        store.retry_stats().is_none() && store.breaker_status().is_none() && store.health_status().is_none()
    );
    let pooling = PoolingConfig::new().with_enable_health_checks(false);
    let store =
        DatabaseStore::open(DatabaseConfig::new("sqlite::memory:").with_pooling(pooling)).await.unwrap();
    assert!(
        store.retry_stats().is_some() && store.breaker_status().is_some() && store.health_status().is_none()
    );
}
