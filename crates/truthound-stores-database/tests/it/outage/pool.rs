//! Callers once waited for ever for a connection that nobody gave back in time.

use std::sync::Arc;

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};
use truthound_stores_database::{DatabaseStore, PoolingConfig};

use crate::server::{Raw, Server, config, fresh, run};

/// R-DB-3: a pool exhausted answers `Timeout` after `pool_timeout`; and it is whole again when the connection comes back.
#[tokio::test]
async fn an_exhausted_pool_answers_timeout_and_recovers() {
    let Some(url) = Server::Postgres.url() else { return };
    let pooling = PoolingConfig::new()
        .with_pool_size(1)
        .with_max_overflow(0)
        .with_pool_timeout(2.0)
        .with_enable_health_checks(false)
        .with_enable_circuit_breaker(false)
        .with_enable_retry(false);
    let part = fresh();
    let store = Arc::new(DatabaseStore::open(config(&url, &part).with_pooling(pooling)).await.unwrap());
    let first = run("first");
    store.put(first.clone()).await.unwrap();
    // Somebody locks the document: whoever writes it keeps the only connection.
    let mut other = Raw::connect(Server::Postgres, &url).await;
    other.run("BEGIN").await;
    other.run(&format!("SELECT 1 FROM test_records WHERE space = 'default/{part}' FOR UPDATE")).await;
    let waiting = {
        let (store, first) = (Arc::clone(&store), first.clone());
        tokio::spawn(async move { store.put(first).await })
    };
    while store.pool_status().in_use == 0 {
        tokio::task::yield_now().await;
    }
    let error = store.count(&Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.report());
    assert_eq!(store.pool_status().timeouts, 1);
    other.run("ROLLBACK").await;
    waiting.await.unwrap().unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(store.pool_status().in_use, 0);
}
