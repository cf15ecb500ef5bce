//! Databases that Truthound wrote are read as they are: SQLite's own file, and the same rows in servers under Truthound's own DDL.

use std::collections::BTreeMap;

use truthound_stores_core::{
    CopyOptions, DeleteOptions, ErrorKind, Grouping, PutOptions, Query, Store, StoreExt, ValidationResult,
    copy,
};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, PoolConfig, TruthoundDatabase};

use crate::server::{Raw, Server, config, fresh, run};

fn fixture() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/truthound.db").to_owned()
}

async fn open(url: &str, namespace: &str) -> TruthoundDatabase {
    let config = DatabaseConfig::new(format!("truthound+{url}")).with_namespace(namespace);
    TruthoundDatabase::open(config).await.unwrap_or_else(|error| panic!("{}", error.report()))
}

/// What the fixture holds, seen through a store.
async fn looks_right(url: &str) {
    let store = open(url, "default").await;
    assert_eq!(store.count(&Query::new()).await.unwrap(), 20);
    let found = store.query::<ValidationResult>(&Query::new().with_page_size(7)).await.unwrap();
    assert!(found.damaged.is_empty() && found.items.len() == 20, "{:?}", found.damaged);
    // Names outside ASCII stand escaped in the text, and as they are in the column.
    let asset = Query::new().with_data_asset("데이터.csv");
    assert_eq!(store.list_ids(&asset).await.unwrap().items, ["run_20260101_000700_00000007"]);
    let first = store.read(&run("run_20260101_000000_00000000").key).await.unwrap();
    assert_eq!(first.meta.attributes.run_time.to_string(), "2026-01-01T00:00:00.123456Z");
    assert_eq!(first.meta.attributes.tags["team"], "data-quality");
    assert!(first.meta.saved_at.to_string().starts_with("2026-11-22T19:05:3"), "{}", first.meta.saved_at);
    let sums = store.summarize(&Query::new(), Grouping::new()).await.unwrap();
    assert_eq!(sums[0].runs, 20);
    let production = open(url, "production").await;
    assert_eq!(production.count(&Query::new()).await.unwrap(), 4);
    assert_eq!(store.read(&run("absent").key).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_file_of_truthounds_is_read_and_not_changed() {
    let before = std::fs::read(fixture()).unwrap();
    looks_right(&format!("sqlite://{}", fixture())).await;
    assert_eq!(std::fs::read(fixture()).unwrap(), before);
    assert!(!std::path::Path::new(&format!("{}-wal", fixture())).exists(), "a log was left beside the file");
}

#[tokio::test]
async fn nothing_is_written_to_truthounds_table() {
    let store = open(&format!("sqlite://{}", fixture()), "default").await;
    let record = run("run_1");
    let unsupported = ErrorKind::Unsupported;
    assert_eq!(store.put(record.clone()).await.unwrap_err().kind(), unsupported);
    assert_eq!(
        store.put_many(vec![record.clone()], PutOptions::create()).await.remove(0).unwrap_err().kind(),
        unsupported
    );
    assert_eq!(store.delete(&record.key).await.unwrap_err().kind(), unsupported);
    let keys = vec![record.key.clone()];
    assert_eq!(
        store.delete_many(keys, DeleteOptions::default()).await.remove(0).unwrap_err().kind(),
        unsupported
    );
    assert_eq!(store.changes(None, 1).await.unwrap_err().kind(), unsupported);
    store.close().await.unwrap();
    assert_eq!(store.put(record).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn what_is_no_table_of_truthounds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let url = format!("sqlite:{}", path.display());
    DatabaseStore::open(DatabaseConfig::new(&url)).await.unwrap().close().await.unwrap();
    let refused = TruthoundDatabase::open(DatabaseConfig::new(format!("truthound+{url}"))).await.unwrap_err();
    assert!(refused.to_string().contains("validation_results"), "{}", refused.report());
    let refused =
        TruthoundDatabase::open(DatabaseConfig::new(format!("truthound+{url}")).with_table_prefix("x_"))
            .await;
    assert!(refused.unwrap_err().to_string().contains("table_prefix"));
    let refused = DatabaseStore::open(DatabaseConfig::new(format!("truthound+{url}"))).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
}

/// A row that is no document is told by name, and hides no other (R-ANY-6).
#[tokio::test]
async fn a_damaged_row_is_told_by_name() {
    use sqlx::ConnectOptions;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truthound.db");
    std::fs::copy(fixture(), &path).unwrap();
    let store = open(&format!("sqlite://{}", path.display()), "default").await;
    assert_eq!(store.count(&Query::new()).await.unwrap(), 20);
    let mut raw = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql(
        "UPDATE validation_results SET data_json = '{' WHERE run_id = 'run_20260101_000300_00000003'",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    // Seen at the next call.
    let found = store.list_runs(&Query::new().with_page_size(5)).await.unwrap();
    assert_eq!((found.items.len(), found.damaged.len()), (19, 1));
    assert_eq!(found.damaged[0].key().unwrap().id(), "run_20260101_000300_00000003");
    assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Corrupt);
}

/// The rows of the fixture under Truthound's own DDL for a server, in a schema or database of their own.
async fn on_a_server(server: Server, ddl: &str) {
    let Some(url) = server.url() else { return };
    let name = format!("t_{}", fresh().replace(|char: char| !char.is_ascii_alphanumeric(), "_"));
    let mut raw = Raw::connect(server, &url).await;
    raw.run(&format!("CREATE DATABASE {name}")).await;
    let (place, _) = url.rsplit_once('/').unwrap();
    let url = format!("{place}/{name}");
    let mut inside = Raw::connect(server, &url).await;
    inside.run(ddl).await;
    for insert in rows().await {
        inside.run(&insert).await;
    }
    drop(inside);
    looks_right(&url).await;
    let source = open(&url, "default").await;
    let target = DatabaseStore::open(config(&server.url().unwrap(), &fresh())).await.unwrap();
    let report = copy(&source, &target, &Query::new(), &CopyOptions::new(), &()).await.unwrap();
    assert!(report.is_complete() && report.copied == 20, "{report:?}");
    for meta in target.list_runs(&Query::new()).await.unwrap().items {
        let (ours, theirs) = (target.read(&meta.key).await.unwrap(), source.read(&meta.key).await.unwrap());
        assert_eq!((ours.body, ours.meta.attributes), (theirs.body, theirs.meta.attributes));
    }
    source.close().await.unwrap();
    raw.run(&format!("DROP DATABASE {name}")).await;
}

/// The rows of the fixture as inserts.
async fn rows() -> Vec<String> {
    use sqlx::{ConnectOptions, Row};

    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(fixture()).read_only(true);
    let mut raw = options.connect().await.unwrap();
    let rows = sqlx::query("SELECT * FROM validation_results ORDER BY id").fetch_all(&mut raw).await.unwrap();
    let quote = |text: String| format!("'{}'", text.replace('\'', "''"));
    rows.iter()
        .map(|row| {
            let texts: BTreeMap<&str, String> = [
                "run_id",
                "data_asset",
                "run_time",
                "status",
                "namespace",
                "tags_json",
                "data_json",
                "created_at",
                "updated_at",
            ]
            .into_iter()
            // MySQL reads a backslash within quotes as the beginning of an escape.
            .map(|name| (name, quote(row.get_unchecked::<String, _>(name))))
            .collect();
            let names: Vec<&str> = texts.keys().copied().collect();
            let values: Vec<&str> = texts.values().map(String::as_str).collect();
            format!("INSERT INTO validation_results ({}) VALUES ({})", names.join(", "), values.join(", "))
        })
        .collect()
}

#[tokio::test]
async fn the_same_rows_in_postgresql_look_the_same() {
    let ddl = "CREATE TABLE validation_results (id SERIAL NOT NULL, run_id VARCHAR(255) NOT NULL, \
        data_asset VARCHAR(500) NOT NULL, run_time TIMESTAMP WITHOUT TIME ZONE NOT NULL, status VARCHAR(50) NOT NULL, \
        namespace VARCHAR(255) NOT NULL, tags_json TEXT, data_json TEXT NOT NULL, created_at TIMESTAMP WITHOUT TIME ZONE, \
        updated_at TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id)); \
        CREATE UNIQUE INDEX ix_validation_results_run_id ON validation_results (run_id)";
    on_a_server(Server::Postgres, ddl).await;
}

#[tokio::test]
async fn the_same_rows_in_mariadb_look_the_same() {
    let ddl = "CREATE TABLE validation_results (id INTEGER NOT NULL AUTO_INCREMENT, run_id VARCHAR(255) NOT NULL, \
        data_asset VARCHAR(500) NOT NULL, run_time DATETIME NOT NULL, status VARCHAR(50) NOT NULL, \
        namespace VARCHAR(255) NOT NULL, tags_json TEXT, data_json TEXT NOT NULL, created_at DATETIME, updated_at DATETIME, \
        PRIMARY KEY (id)) DEFAULT CHARACTER SET utf8mb4; \
        CREATE UNIQUE INDEX ix_validation_results_run_id ON validation_results (run_id); \
        SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')";
    on_a_server(Server::MariaDb, ddl).await;
}

/// One that serves all calls by one connection reads just as well.
#[tokio::test]
async fn the_pools_settings_are_in_effect() {
    let pool = PoolConfig::new().with_strategy(truthound_stores_database::PoolStrategy::StaticPool);
    let mut config = DatabaseConfig::new(format!("truthound+sqlite://{}", fixture()));
    config.connection_pool.pool = pool;
    let store = TruthoundDatabase::open(config).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 20);
    assert_eq!(store.pool_status().opened, 1);
}
