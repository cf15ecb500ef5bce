//! R-DB-2: of several who saved one id at once, all but one once got an integrity error.

use std::sync::Arc;

use truthound_stores_core::{ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_database::DatabaseStore;

use super::{config, fresh, on_each, run};

async fn many_save_one_id(url: &str) {
    let store = Arc::new(DatabaseStore::open(config(url, &fresh())).await.unwrap());
    for round in 0..5 {
        let id = format!("run_{round}");
        let saves: Vec<_> = (0..16)
            .map(|_| {
                let (store, record) = (Arc::clone(&store), run(&id));
                tokio::spawn(async move { store.put(record).await })
            })
            .collect();
        let mut written = Vec::new();
        for save in saves {
            written.push(save.await.unwrap().unwrap_or_else(|error| panic!("{}", error.report())));
        }
        assert_eq!(written.iter().filter(|written| written.is_new()).count(), 1, "one was the first");
        // Each of the others replaced the state of exactly one, and the last one's is stored.
        let mut replaced: Vec<_> = written.iter().filter_map(|written| written.replaced.clone()).collect();
        replaced.sort();
        replaced.dedup();
        assert_eq!(replaced.len(), 15);
        let stored = store.head(&run(&id).key).await.unwrap().revision;
        assert!(!replaced.contains(&stored) && written.iter().any(|written| written.meta.revision == stored));
    }
}

async fn many_create_one_id(url: &str) {
    let store = Arc::new(DatabaseStore::open(config(url, &fresh())).await.unwrap());
    let creates: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.put_opts(run("run_1"), PutOptions::create()).await })
        })
        .collect();
    let mut won = 0;
    for create in creates {
        match create.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.report()),
        }
    }
    assert_eq!(won, 1);
}

/// Batches of the same documents, in different orders, once met in deadlocks.
async fn batches_that_overlap_are_all_written(url: &str) {
    let store = Arc::new(DatabaseStore::open(config(url, &fresh())).await.unwrap());
    let batches: Vec<_> = (0..8)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut batch: Vec<_> = (0..50).map(|id| run(&format!("run_{id}"))).collect();
                batch.rotate_left(number * 6);
                if number % 2 == 1 {
                    batch.reverse();
                }
                store.put_many(batch, PutOptions::default()).await
            })
        })
        .collect();
    for batch in batches {
        for outcome in batch.await.unwrap() {
            outcome.unwrap_or_else(|error| panic!("{}", error.report()));
        }
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), 50);
}

on_each!(many_save_one_id, many_create_one_id, batches_that_overlap_are_all_written);
