//! Batches of which a part is written before the rest.

use std::sync::Arc;

use truthound_stores_core::{PutOptions, Store, StoreExt};
use truthound_stores_database::DatabaseStore;

use super::{Raw, Server, config, fresh, run};

/// PostgreSQL is given the new documents of a batch first, in a statement of their own. When the connection broke at the others, all of the batch
/// was written again: over what somebody else had meanwhile made of the new ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_batch_has_written_is_not_written_again() {
    let Some(url) = Server::Postgres.url() else { return };
    let (part, name) = (fresh(), fresh());
    // The URL's own name of the program, too, had no effect.
    let ours = format!("{url}?application_name={name}");
    let store = Arc::new(DatabaseStore::open(config(&ours, &part)).await.unwrap());
    let other = DatabaseStore::open(config(&url, &part)).await.unwrap();
    other.put(run("old")).await.unwrap();
    let mut raw = Raw::connect(Server::Postgres, &url).await;
    raw.run("BEGIN").await;
    raw.run(&format!("SELECT 1 FROM test_records WHERE space = 'default/{part}' FOR UPDATE")).await;
    let batch = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put_many(vec![run("new"), run("old")], PutOptions::default()).await }
    });
    // The new one is there, the old one is waited for: somebody overwrites the new one, and an operator ends the connection.
    let blocked = format!("application_name = '{name}' AND wait_event_type = 'Lock'");
    let mut beside = Raw::connect(Server::Postgres, &url).await;
    while beside.run(&format!("SELECT 1 FROM pg_stat_activity WHERE {blocked}")).await == 0 {
        tokio::task::yield_now().await;
    }
    let theirs = other.put(run("new")).await.unwrap();
    beside.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {blocked}")).await;
    raw.run("COMMIT").await;
    for outcome in batch.await.unwrap() {
        outcome.unwrap_or_else(|error| panic!("{}", error.report()));
    }
    assert_eq!(other.head(&run("new").key).await.unwrap().revision, theirs.meta.revision);
}
