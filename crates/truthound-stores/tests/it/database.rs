//! Databases by URL, by name and from a file.

use truthound_stores::{
    Collection, DatabaseStore, ErrorKind, Options, Query, Reading, Record, Registry, Store, StoreExt, copy,
};

fn record(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

#[tokio::test]
async fn a_database_opens_the_same_way_by_url_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quality.db").display().to_string();
    let by_url =
        truthound_stores::open(&format!("sqlite://{file}?namespace=nightly&pool_size=2")).await.unwrap();
    by_url.put(record("run_1")).await.unwrap();
    let options =
        Options::new().with("connection_url", format!("sqlite:{file}")).with("namespace", "nightly");
    let by_name = truthound_stores::get_store("database", options).await.unwrap();
    assert_eq!(by_name.count(&Query::new()).await.unwrap(), 1);
    assert_eq!(by_name.info().backend, "database");
    let elsewhere = truthound_stores::open(&format!("sqlite+pysqlite:{file}")).await.unwrap();
    assert_eq!(elsewhere.count(&Query::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name_and_without_secrets() {
    for (url, culprit) in [
        ("sqlite::memory:?pool_sise=1", "pool_sise"),
        ("sqlite::memory:?sslmode=require", "sslmode"),
        ("postgresql://ann:hunter2@db/x?sslmode=require&echoo=1", "echoo"),
        ("sqlite::memory:?pool.strategy=null_pool", "null_pool"),
        ("sqlite::memory:?connection_url=sqlite:x", "connection_url"),
    ] {
        let error = truthound_stores::open(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}: {}", error.report());
        assert!(
            error.to_string().contains(culprit) && !error.report().contains("hunter2"),
            "{}",
            error.report()
        );
    }
}

#[cfg(feature = "config-file")]
#[tokio::test]
async fn a_configuration_file_sets_the_pool_and_its_path() {
    use truthound_stores::StoreFile;

    let text = "[store]\nurl = \"sqlite::memory:\"\ntable_prefix = \"q_\"\n\n[store.pool]\necho_pool = true\n\n\
                [store.retry]\nmax_retries = 7\n\n[store.health_check]\ninterval = 5.0\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truthound-stores.toml");
    std::fs::write(&path, text).unwrap();
    let file = StoreFile::read(&path, &|_| None).unwrap();
    let store = Registry::new().open_file(&file, Options::new()).await.unwrap();
    store.put(record("run_1")).await.unwrap();
    std::fs::write(&path, text.replace("max_retries", "max_retry")).unwrap();
    let error = truthound_stores::open_config(&path, &|_| None).await.unwrap_err();
    assert!(error.to_string().contains("unknown option \"max_retry\" of retry"), "{error}");
}

#[cfg(feature = "memory")]
#[tokio::test]
async fn truthounds_own_database_is_copied() {
    let fixture =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../truthound-stores-database/tests/fixtures/truthound.db");
    let source =
        truthound_stores::open(&format!("truthound+sqlite://{fixture}?namespace=production")).await.unwrap();
    let target = truthound_stores::open("memory:").await.unwrap();
    let report =
        copy(&*source, &*target, &Query::new(), &truthound_stores::CopyOptions::new(), &()).await.unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(target.count(&Query::new()).await.unwrap(), 4);
}

/// The store's own methods are at hand where it is opened by its type.
#[tokio::test]
async fn a_store_says_how_its_pool_is() {
    let config = truthound_stores::DatabaseConfig::new("sqlite::memory:");
    let store = DatabaseStore::open(config).await.unwrap();
    assert_eq!(store.pool_status().open, 1);
    store.close().await.unwrap();
    assert_eq!(store.pool_status().open, 0);
}
