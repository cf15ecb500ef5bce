//! What a store holds goes from one database to the next and comes back as it was: text to the letter, attributes, microseconds, names outside ASCII.

use truthound_stores_core::{
    Collection, CopyOptions, OnConflict, PutOptions, Query, Record, Store, StoreExt, copy,
};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Generator, odd_records};

use crate::server::{Server, config, fresh};

async fn assert_holds(store: &dyn Store, wanted: &[Record]) {
    for record in wanted {
        assert_eq!(store.read(&record.key).await.unwrap().into_record().unwrap(), *record);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_go_through_all_databases_unchanged() {
    let mut records = Generator::new(31).records(150);
    records
        .extend(odd_records().into_iter().filter(|record| *record.key.collection() == Collection::RESULTS));
    records[0].attributes.ext.set("test.parent", "7").unwrap();
    let memory = MemoryStore::new();
    for written in memory.put_many(records.clone(), PutOptions::default()).await {
        written.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("quality.db").display());
    let mut way: Vec<Box<dyn Store>> = vec![Box::new(memory)];
    for server in [Server::Postgres, Server::MariaDb] {
        // One that is not there was said to be skipped; the others are tested all the same.
        if let Some(url) = server.url() {
            way.push(Box::new(DatabaseStore::open(config(&url, &fresh())).await.unwrap()));
        }
    }
    way.push(Box::new(DatabaseStore::open(DatabaseConfig::new(file)).await.unwrap()));
    way.push(Box::new(MemoryStore::new()));
    let (query, options) = (Query::new(), CopyOptions::new());
    for pair in way.windows(2) {
        let report = copy(&*pair[0], &*pair[1], &query, &options, &()).await.unwrap();
        assert_eq!(
            (report.copied, report.is_complete()),
            (records.len() as u64, true),
            "{} {report:?}",
            pair[1]
        );
        assert_holds(&*pair[1], &records).await;
        let again = copy(&*pair[0], &*pair[1], &query, &options, &()).await.unwrap();
        assert_eq!((again.equal, again.bytes), (records.len() as u64, 0), "{}", pair[1]);
    }
    // A conflict of one document, in the middle of a batch.
    let mut changed = records[75].clone();
    changed.attributes.tags.insert("changed".to_owned(), "yes".to_owned());
    way[0].put(changed.clone()).await.unwrap();
    for target in &way[1..] {
        let refused = copy(&*way[0], &**target, &query, &options, &()).await.unwrap();
        assert_eq!((refused.conflicts, refused.equal), (1, records.len() as u64 - 1), "{target}");
        let overwrite = CopyOptions::new().with_on_conflict(OnConflict::Overwrite);
        let written = copy(&*way[0], &**target, &query, &overwrite, &()).await.unwrap();
        assert_eq!((written.overwritten, written.is_complete()), (1, true), "{target}");
        assert_holds(&**target, std::slice::from_ref(&changed)).await;
    }
}
