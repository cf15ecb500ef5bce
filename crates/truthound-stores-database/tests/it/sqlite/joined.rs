//! A new document is written by one call of the driver.

use sqlx::{ConnectOptions, Connection};
use truthound_stores_core::{
    DeleteOptions, ErrorKind, PutOptions, Query, Record, Store, StoreExt, VerifyOptions,
};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

use crate::server::run;
use crate::told::Told;

fn tagged(id: &str, tags: usize) -> Record {
    let mut record = run(id);
    let tags = (0..tags).map(|nth| (format!("tag_{nth}"), "value".to_owned()));
    record.attributes.tags = tags.collect();
    record
}

/// Each statement woke the driver's thread, and waited to be woken by it: five times for a save.
#[tokio::test]
async fn a_new_document_takes_two_calls() {
    let told = Told::default();
    let _guard = tracing::subscriber::set_default(told.clone());
    let store = DatabaseStore::open(DatabaseConfig::new("sqlite::memory:").with_echo(true)).await.unwrap();
    for (tags, calls) in [(0, 2), (1, 2), (8, 2), (9, 6)] {
        told.take();
        let written = store.put(tagged(&format!("run_{tags}"), tags)).await.unwrap();
        let all = told.take();
        assert_eq!(all.len(), calls, "{all:#?}");
        assert!(all.iter().all(|line| !line.contains("ROLLBACK")), "{all:#?}");
        // No statement is prepared to be undone alone: what is refused undoes the transaction.
        let inserts = |line: &str, how: &str| line.matches(how).count();
        assert!(
            all.iter().all(|line| inserts(line, "INSERT ") == inserts(line, "INSERT OR FAIL ")),
            "{all:#?}"
        );
        // A key that is taken is found out by the second, and written over as ever.
        let again = store.put(tagged(&format!("run_{tags}"), tags)).await.unwrap();
        assert_eq!(again.replaced, Some(written.meta.revision), "{tags}");
        assert_eq!(store.count(&Query::new().with_tag("tag_0", "value")).await.unwrap(), tags.min(1) as u64);
        assert!(store.delete(&tagged(&format!("run_{tags}"), 0).key).await.unwrap());
    }
}

/// What fails in the middle of the call leaves no part of the document, and a connection that works, alone and in a batch.
#[tokio::test]
async fn what_fails_in_the_middle_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quality.db");
    let store = DatabaseStore::open(DatabaseConfig::new(format!("sqlite:{}", path.display()))).await.unwrap();
    store.put(run("run_0")).await.unwrap();
    let mut raw = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let open = store.pool_status().open;
    for table in ["records", "record_tags", "changes"] {
        let refuse = format!(
            "CREATE TRIGGER refuses BEFORE INSERT ON {table} WHEN NEW.id = 'run_5' BEGIN SELECT RAISE(ABORT, 'not here'); END"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(refuse)).execute(&mut raw).await.unwrap();
        let error = store.put(run("run_5")).await.unwrap_err();
        assert!(error.report().contains("not here"), "{table}: {}", error.report());
        // The others of a batch are written one by one.
        let batch = (1..10).map(|nth| run(&format!("run_{nth}"))).collect();
        let written = store.put_many(batch, PutOptions::create()).await;
        for (nth, written) in (1..10).zip(written) {
            assert_eq!(written.is_err(), nth == 5, "{table}, {nth}: {written:?}");
        }
        sqlx::raw_sql("DROP TRIGGER refuses").execute(&mut raw).await.unwrap();
        assert_eq!(store.read(&run("run_5").key).await.unwrap_err().kind(), ErrorKind::NotFound, "{table}");
        assert_eq!(store.count(&Query::new().with_tag("a", "b")).await.unwrap(), 9, "{table}");
        let keys = (1..10).map(|nth| run(&format!("run_{nth}")).key).collect();
        for (nth, outcome) in (1..10).zip(store.delete_many(keys, DeleteOptions::default()).await) {
            assert_eq!(outcome.unwrap(), nth != 5, "{table}, {nth}");
        }
        assert_eq!(store.pool_status().open, open, "{table}: no connection was given up");
    }
    let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
    raw.close().await.unwrap();
}
