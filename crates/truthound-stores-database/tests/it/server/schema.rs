//! R-DB-1: two programs that made the tables at once once got in each other's way, and a schema from the future was read as if it were known.

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

use super::{beside, drop_all, on_each, prefix, run};

async fn many_make_the_tables_at_once(url: &str) {
    let prefix = prefix();
    let config = DatabaseConfig::new(url).with_table_prefix(&prefix);
    let opening: Vec<_> = (0..8)
        .map(|number| {
            let config = config.clone();
            tokio::spawn(async move {
                let store =
                    DatabaseStore::open(config).await.unwrap_or_else(|error| panic!("{}", error.report()));
                store.put(run(&format!("run_{number}"))).await.unwrap();
            })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap();
    }
    let store = DatabaseStore::open(config.with_create_tables(false)).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 8);
    drop_all(url, &prefix).await;
}

async fn later_versions_are_refused_and_left_alone(url: &str) {
    let prefix = prefix();
    let config = DatabaseConfig::new(url).with_table_prefix(&prefix);
    let store = DatabaseStore::open(config.clone()).await.unwrap();
    store.put(run("run_1")).await.unwrap();
    beside(url, &format!("INSERT INTO {prefix}truthound_schema (version, applied_at) VALUES (99, 0)")).await;
    let refused = DatabaseStore::open(config.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported, "{}", refused.report());
    assert!(refused.to_string().contains("99"), "{refused}");
    // One that is open finds out when it is asked.
    assert_eq!(store.check().await.unwrap_err().kind(), ErrorKind::Unsupported);
    beside(url, &format!("DELETE FROM {prefix}truthound_schema WHERE version = 99")).await;
    assert_eq!(DatabaseStore::open(config).await.unwrap().count(&Query::new()).await.unwrap(), 1);
    drop_all(url, &prefix).await;
}

/// Version 2 has an index of the changes by key. What is there stays, and a program that was killed half way is followed by one that finishes.
async fn tables_of_version_1_are_brought_up_to_date(url: &str) {
    let prefix = prefix();
    let config = DatabaseConfig::new(url).with_table_prefix(&prefix);
    let store = DatabaseStore::open(config.clone()).await.unwrap();
    store.put(run("run_1")).await.unwrap();
    let token = store.changes(None, 1).await.unwrap().next;
    store.put(run("run_2")).await.unwrap();
    store.close().await.unwrap();
    let (index, on) = if url.starts_with("mysql") {
        ("changes_by_key".to_owned(), format!(" ON {prefix}changes"))
    } else {
        (format!("{prefix}changes_by_key"), String::new())
    };
    for has_index in [false, true] {
        if !has_index {
            beside(url, &format!("DROP INDEX {index}{on}")).await;
        }
        beside(url, &format!("DELETE FROM {prefix}truthound_schema WHERE version = 2")).await;
        let refused = DatabaseStore::open(config.clone().with_create_tables(false)).await.unwrap_err();
        assert!(refused.to_string().contains("version 1"), "{refused}");
        let store = DatabaseStore::open(config.clone()).await.unwrap();
        assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
        let changes = store.changes(Some(token.clone()), 9).await.unwrap().changes;
        assert_eq!(changes.len(), 1, "the feed goes on where it was");
        store.close().await.unwrap();
        // There is exactly one, which can be dropped.
        beside(url, &format!("DROP INDEX {index}{on}")).await;
        beside(url, &format!("CREATE INDEX {index} ON {prefix}changes (space, collection, id)")).await;
    }
    drop_all(url, &prefix).await;
}

async fn tables_of_others_are_left_alone(url: &str) {
    let prefix = prefix();
    beside(url, &format!("CREATE TABLE {prefix}records (theirs INTEGER)")).await;
    beside(url, &format!("INSERT INTO {prefix}records VALUES (7)")).await;
    let refused = DatabaseStore::open(DatabaseConfig::new(url).with_table_prefix(&prefix)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid, "{}", refused.report());
    assert!(refused.to_string().contains("table_prefix"), "{refused}");
    // It is as it was.
    beside(url, &format!("INSERT INTO {prefix}records SELECT theirs FROM {prefix}records")).await;
    drop_all(url, &prefix).await;
}

async fn missing_tables_are_an_error_unless_they_may_be_made(url: &str) {
    let config = DatabaseConfig::new(url).with_table_prefix(prefix()).with_create_tables(false);
    let refused = DatabaseStore::open(config).await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Invalid | ErrorKind::Unavailable), "{}", refused.report());
    assert!(refused.to_string().contains("create_tables"), "{refused}");
}

on_each!(
    many_make_the_tables_at_once,
    later_versions_are_refused_and_left_alone,
    tables_of_version_1_are_brought_up_to_date,
    tables_of_others_are_left_alone,
    missing_tables_are_an_error_unless_they_may_be_made,
);

/// Under a stricter level than the one that is relied on, which a server may have as its default, a program that had waited for another did not see what
/// that had made, and failed to open.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_servers_own_level_of_isolation_is_of_no_effect() {
    let Some(url) = super::Server::Postgres.url() else { return };
    let strict = format!("{url}?options=-c%20default_transaction_isolation%3Dserializable");
    let prefix = prefix();
    let config = DatabaseConfig::new(strict).with_table_prefix(&prefix);
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(DatabaseStore::open(config.clone()))).collect();
    for opened in opening {
        opened.await.unwrap().unwrap_or_else(|error| panic!("{}", error.report()));
    }
    drop_all(&url, &prefix).await;
}
