//! `max_overflow`: nothing ever saw more connections in use at once than are kept, nor that those beyond are closed again.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use truthound_stores_core::{BoxFuture, ErrorKind, Query, Result, Store};
use truthound_stores_database::{DatabaseStore, PoolingConfig};
use truthound_stores_testkit::ManualClock;

use super::{config, fresh, on_each};

/// Lets a call go on as far as it comes without waiting.
async fn step<T>(call: &mut BoxFuture<'_, T>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await
}

/// Begins a call, and leaves it as soon as it has the last of `in_use` connections, which it keeps until it goes on.
async fn held<'s>(store: &'s DatabaseStore, query: &'s Query, in_use: u64) -> BoxFuture<'s, Result<u64>> {
    loop {
        let mut call = store.count(query);
        loop {
            // One that is over already has given its connection back.
            if let Poll::Ready(counted) = step(&mut call).await {
                counted.unwrap();
                break;
            }
            if store.pool_status().in_use == in_use {
                return call;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn so_many_connections_may_be_open_and_no_more(url: &str) {
    for (max_overflow, most) in [(2, 4), (0, 2)] {
        let clock = Arc::new(ManualClock::new(1));
        let pooling = PoolingConfig::new()
            .with_pool_size(2)
            .with_max_overflow(max_overflow)
            .with_pool_timeout(7.0)
            .with_enable_retry(false)
            .with_enable_circuit_breaker(false)
            .with_enable_health_checks(false);
        let config = config(url, &fresh()).with_pooling(pooling);
        let store = DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _);
        let (store, query) = (store.await.unwrap(), Query::new());
        // What overflows is opened anew each time.
        for round in 1..=2 {
            let mut calls = Vec::new();
            for in_use in 1..=most {
                calls.push(held(&store, &query, in_use).await);
            }
            let mut late = store.count(&query);
            assert!(step(&mut late).await.is_pending());
            let status = store.pool_status();
            assert_eq!((status.in_use, status.open, status.waiting), (most, most, 1), "{status:?}");
            clock.advance(Duration::from_secs(6));
            assert!(step(&mut late).await.is_pending(), "it gave up too early");
            clock.advance(Duration::from_secs(1));
            let Poll::Ready(Err(error)) = step(&mut late).await else {
                panic!("pool_timeout is over: {:?}", store.pool_status());
            };
            assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.report());
            let says = format!("all {most} are in use; raise pool_size, max_overflow or pool_timeout");
            assert!(error.to_string().contains(&says), "{error}");
            assert_eq!(store.pool_status().timeouts, round);
            // Nothing is wrong with those that are there.
            for call in calls {
                assert_eq!(call.await.unwrap(), 0);
            }
            let status = store.pool_status();
            assert_eq!((status.in_use, status.open, status.idle), (0, 2, 2), "{status:?}");
            // Those beyond were closed, also of calls that were over at once.
            assert_eq!(status.opened - status.closed, 2, "{status:?}");
            assert!(status.closed >= round * (most - 2), "{status:?}");
        }
        store.close().await.unwrap();
        assert_eq!(store.pool_status().open, 0);
    }
}

on_each!(so_many_connections_may_be_open_and_no_more);
