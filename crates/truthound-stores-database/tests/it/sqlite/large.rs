//! Batches as large as they may be.

use truthound_stores_core::{Collection, DeleteOptions, Key, PutOptions, Query, Reading, Record, Store};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

fn tagged(id: usize) -> Record {
    let text = format!(
        r#"{{"run_id": "r{id}", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success", "tags": {{"a": "b", "c": "d"}}}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// SQLite takes no condition of more than a thousand parts. A batch of deletes with more tags than that was refused, all of it and always, and a
/// batch of overwrites fell apart into a transaction for each document.
#[tokio::test]
async fn batches_with_thousands_of_tags_are_one_transaction() {
    let store = DatabaseStore::open(DatabaseConfig::new("sqlite::memory:")).await.unwrap();
    let all = || (0..1_000).map(tagged).collect::<Vec<_>>();
    for _ in 0..2 {
        let outcomes = store.put_many(all(), PutOptions::default()).await;
        assert!(outcomes.iter().all(Result::is_ok));
    }
    let tagged = Query::new().with_tag("c", "d");
    assert_eq!(store.count(&tagged).await.unwrap(), 1_000);
    let keys: Vec<Key> = all().into_iter().map(|record| record.key).collect();
    for outcome in store.delete_many(keys, DeleteOptions::default()).await {
        assert!(outcome.unwrap());
    }
    assert_eq!(store.count(&tagged).await.unwrap(), 0);
}
