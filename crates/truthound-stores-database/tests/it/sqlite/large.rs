//! Batches as large as they may be.

use sqlx::{ConnectOptions, Connection};
use truthound_stores_core::{
    Collection, DeleteOptions, Key, PutOptions, Query, Reading, Record, Store, VerifyOptions,
};
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

/// The walk over the index of tags went back to the start of the collection for each page. It goes on by the index now, page by page, and meets each
/// entry once.
#[tokio::test]
async fn the_walk_over_the_index_of_tags_meets_each_entry_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quality.db");
    let store = DatabaseStore::open(DatabaseConfig::new(format!("sqlite:{}", path.display()))).await.unwrap();
    for outcome in store.put_many((0..2_500).map(tagged).collect(), PutOptions::default()).await {
        outcome.unwrap();
    }
    let upkeep = store.upkeep().unwrap();
    let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
    // Entries that lead nowhere: in this collection, where each of its two tags has others, and in one after it.
    let mut raw = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let stale = "INSERT INTO record_tags SELECT space, collection, 'gone ' || id, tag, run_time FROM record_tags WHERE id LIKE '%99'; \
                 INSERT INTO record_tags SELECT space, 'suites', id, tag, run_time FROM record_tags LIMIT 7";
    sqlx::raw_sql(stale).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    let report = upkeep.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
    assert!(format!("{report:?}").contains("has 57 entries too many"), "{report:?}");
    let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
}
