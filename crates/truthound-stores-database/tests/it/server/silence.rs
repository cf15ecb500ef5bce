//! R-DB-6: a server that goes without a word (its machine loses its power, a firewall forgets its connections) once kept its callers, and their connections,
//! for ever: nothing arrives, nothing breaks, and who waits for an answer sends nothing that would find out.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, PoolingConfig};
use truthound_stores_testkit::ManualClock;

use super::{Raw, Server, fresh, on_servers, run, through};
use crate::proxy::Proxy;

/// Opens a store whose server can fall silent, on a clock that stands still. It waits so many seconds for another connection.
async fn open(server: Server, patience: f64) -> Option<(Arc<DatabaseStore>, Proxy, Arc<ManualClock>)> {
    let url = server.url()?;
    let proxy = Proxy::start(Server::address(&url)).await;
    let clock = Arc::new(ManualClock::new(1));
    let pooling = PoolingConfig::new()
        .with_enable_retry(false)
        .with_enable_health_checks(false)
        .with_enable_circuit_breaker(false)
        .with_pool_timeout(patience);
    let mut config =
        DatabaseConfig::new(through(&url, &proxy)).with_table_prefix("test_").with_pooling(pooling);
    config.store.prefix = Some(fresh());
    let store = DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).await;
    Some((Arc::new(store.unwrap()), proxy, clock))
}

/// Lets time pass, once more than this was swallowed, until a call has ended.
async fn ended<T>(
    (proxy, swallowed): (&Proxy, u64),
    clock: &ManualClock,
    call: tokio::task::JoinHandle<T>,
) -> T {
    while proxy.swallowed() == swallowed {
        tokio::task::yield_now().await;
    }
    while !call.is_finished() {
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    call.await.unwrap()
}

async fn a_server_that_is_gone_without_a_word_keeps_nobody(server: Server) {
    let Some((store, proxy, clock)) = open(server, 10.0).await else { return };
    store.put(run("before")).await.unwrap();
    let before = proxy.swallowed();
    proxy.set_silent(true);
    let read = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.count(&Query::new()).await }
    });
    let error = ended((&proxy, before), &clock, read).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report());
    let status = store.pool_status();
    assert_eq!((status.in_use, status.open), (0, 0), "its connections are given up, too");
    proxy.set_silent(false);
    // Of a write that may have been carried out, nobody knows; one that was not begun had no effect.
    store.put(run("between")).await.unwrap();
    let before = proxy.swallowed();
    proxy.set_silent(true);
    let write = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put(run("during")).await }
    });
    let error = ended((&proxy, before), &clock, write).await.unwrap_err();
    let expected = if server == Server::Postgres { ErrorKind::Timeout } else { ErrorKind::Unavailable };
    assert_eq!(error.kind(), expected, "{}", error.report());
    proxy.set_silent(false);
    store.put(run("after")).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 3);
}

/// A statement that takes long on a server that is there is waited for, however long it takes.
async fn a_server_that_is_at_work_is_waited_for(server: Server) {
    // Time runs ahead of the server here, whose answers are waited for.
    let Some((store, proxy, clock)) = open(server, 1e9).await else { return };
    store.put(run("run_1")).await.unwrap();
    let mut raw = Raw::connect(server, &server.url().unwrap()).await;
    raw.run("BEGIN").await;
    let space = format!("default/{}", store.config().store.prefix.clone().unwrap());
    raw.run(&format!("DELETE FROM test_records WHERE space = '{space}'")).await;
    // It waits in the database for the row.
    let held = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put(run("run_1")).await }
    });
    while store.pool_status().in_use == 0 {
        tokio::task::yield_now().await;
    }
    let (open, asked) = (proxy.open(), proxy.accepted());
    for round in 1..=5 {
        while proxy.accepted() < asked + round {
            clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        // Time stands still until the server has answered, and the connection is closed again.
        while proxy.open() > open {
            tokio::task::yield_now().await;
        }
        assert!(!held.is_finished(), "given up in round {round}");
    }
    raw.run("ROLLBACK").await;
    held.await.unwrap().unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
}

on_servers!(a_server_that_is_gone_without_a_word_keeps_nobody, a_server_that_is_at_work_is_waited_for);
