//! Calls that are dropped in the middle, and what they leave.

use std::future::Future;
use std::task::Poll;

use truthound_stores_core::{PutOptions, Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, PoolingConfig};

use crate::server::run;

/// Polls a call so often, and drops it.
async fn drop_after<T>(polls: usize, call: impl Future<Output = T>) {
    let mut call = Box::pin(call);
    for _ in 0..polls {
        let polled =
            std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
        if polled {
            break;
        }
        tokio::task::yield_now().await;
    }
}

/// A database in memory was closed, and all of it lost, with the connection of the first call that was dropped in the middle.
#[tokio::test]
async fn a_database_in_memory_outlives_the_calls_that_are_dropped() {
    let store = DatabaseStore::open(DatabaseConfig::new("sqlite::memory:")).await.unwrap();
    let kept = run("kept");
    store.put(kept.clone()).await.unwrap();
    for polls in 1..40 {
        drop_after(polls, store.count(&Query::new())).await;
        drop_after(
            polls,
            store.put_many((0..10).map(|id| run(&format!("{polls}-{id}"))).collect(), PutOptions::default()),
        )
        .await;
        let read = store.read(&kept.key).await;
        assert!(read.is_ok(), "lost after {polls} polls: {}", read.unwrap_err().report());
        let ids = store.list_ids(&Query::new()).await.unwrap().items;
        let here = ids.iter().filter(|id| id.starts_with(&format!("{polls}-"))).count();
        assert!(here == 0 || here == 10, "{here} of a batch of 10 after {polls} polls");
    }
    assert_eq!(store.pool_status().opened, 1);
}

/// A call that was dropped while its connection was asked whether it works left the connection counted as open. After `pool_size` of them, no
/// connection was kept any more.
#[tokio::test]
async fn calls_dropped_while_a_connection_is_pinged_leave_the_pool_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("quality.db").display());
    let pooling = PoolingConfig::new().with_pool_size(2);
    let store = DatabaseStore::open(DatabaseConfig::new(url).with_pooling(pooling)).await.unwrap();
    for round in 0..40 {
        drop_after(round % 10, store.count(&Query::new())).await;
        store.count(&Query::new()).await.unwrap();
    }
    let status = store.pool_status();
    assert_eq!((status.open, status.in_use), (status.idle, 0), "{status:?}");
    assert!(status.idle > 0, "{status:?}");
}
