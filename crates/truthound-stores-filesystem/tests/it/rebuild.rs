//! R-FS-5: deleting `_catalog/` loses nothing but time, for any id, extension and fact about a document.

use std::collections::BTreeMap;
use std::path::Path;

use truthound_stores_core::{
    Attributes, Body, Checksum, Collection, Key, Query, Record, ReindexOptions, Store, StoreConfig, StoreExt,
    VerifyOptions, codec,
};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::{Generator, odd_records};

use crate::model::document;

/// What must not change: all but the revision and the time of saving.
type Everything = BTreeMap<Key, (Attributes, u64, Checksum, Body)>;

fn collections() -> [Collection; 4] {
    let reports = Collection::new("reports").unwrap();
    [Collection::RESULTS, Collection::EXPECTATIONS, reports, Collection::hidden("versions").unwrap()]
}

/// Ids that make trouble as names of files.
fn odd_ids() -> Vec<String> {
    let mut ids: Vec<String> = [
        "../x",
        "a/b",
        "a_b",
        "a%2Fb",
        "_index",
        "_catalog",
        "con",
        "NUL.txt",
        ".",
        "..",
        ".hidden",
        "Case",
        "case",
        "größe",
        "\u{1f600}",
        "with space ",
        "x.json",
        "x.json.gz",
        "x.result",
        "~tilde",
        "a\\b",
        "a:b",
        "-",
        "*",
    ]
    .map(str::to_owned)
    .to_vec();
    ids.extend(["x".repeat(200), "long/".repeat(100), "größe ".repeat(60), "LONG".repeat(128)]);
    ids
}

/// Documents whose text says all.
fn plain() -> Vec<Record> {
    let mut all: Vec<Record> = odd_ids().iter().map(|id| document(id, 3)).collect();
    all.extend(Generator::new(5).records(5));
    all.extend(odd_records());
    for collection in &collections()[2..] {
        for id in ["report", "a/b", "noted__v1", &"report/".repeat(50)] {
            let mut record = document(id, 8);
            record.key = Key::new(collection.clone(), id).unwrap();
            all.push(record);
        }
    }
    all
}

/// Documents of which more is known than their text says.
fn noted() -> Vec<Record> {
    let mut all = Vec::new();
    for (number, mut record) in plain().into_iter().enumerate() {
        record.attributes.ext.set("versioning.parent", format!("v{number} größe")).unwrap();
        if number % 5 == 0 {
            record.attributes.ext.set("retention.until", "x".repeat(900)).unwrap();
        }
        if number % 7 == 0 {
            "another.asset".clone_into(&mut record.attributes.data_asset);
            record.attributes.tags.insert("only".to_owned(), "here".to_owned());
            record.attributes.statistics.total_rows = 7;
        }
        all.push(record);
    }
    all
}

async fn everything(store: &dyn Store) -> Everything {
    let mut all = Everything::new();
    for collection in collections() {
        let listed = store.list_runs(&Query::new().with_collection(collection)).await.unwrap();
        assert!(listed.damaged.is_empty(), "{:?}", listed.damaged);
        for meta in listed.items {
            let stored = store.read(&meta.key).await.unwrap_or_else(|error| panic!("{}", error.report()));
            assert_eq!(stored.meta, meta, "get and list describe {} differently", meta.key);
            let body = stored.into_body().unwrap();
            all.insert(meta.key, (meta.attributes, meta.size, meta.checksum, body));
        }
    }
    all
}

/// Removes all folders of that name; answers how many there were.
fn remove_catalogs(path: &Path) -> usize {
    let mut removed = 0;
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == "_catalog" {
            std::fs::remove_dir_all(entry.path()).unwrap();
            removed += 1;
        } else if entry.file_type().unwrap().is_dir() {
            removed += remove_catalogs(&entry.path());
        }
    }
    removed
}

fn configs() -> Vec<FileSystemConfig> {
    let config = FileSystemConfig::default();
    let zstd = StoreConfig::default().with_compression(codec::Compression::Zstd);
    vec![
        config.clone(),
        config.clone().with_use_compression(true),
        config.clone().with_file_extension(".result"),
        config.clone().with_file_extension(".old").with_use_compression(true).with_pretty_print(false),
        config.with_store(zstd.with_serialization_format(codec::Format::Yaml)),
    ]
}

#[track_caller]
fn assert_same(after: &Everything, before: &Everything, what: &str) {
    assert!(after.keys().eq(before.keys()), "{what}: other ids: {:?}", after.keys());
    for (key, known) in before {
        assert_eq!(&after[key], known, "{what}: {key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_the_catalog_loses_no_document() {
    survives_without_its_catalog(plain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_the_catalog_loses_no_fact_that_stands_beside_a_text() {
    survives_without_its_catalog(noted).await;
}

async fn survives_without_its_catalog(records: fn() -> Vec<Record>) {
    let dir = tempfile::tempdir().unwrap();
    for (number, mut config) in configs().into_iter().enumerate() {
        let base = dir.path().join(number.to_string());
        config.base_path.clone_from(&base);
        let what = format!("settings {number}");
        let store = FileSystemStore::open(config.clone()).await.unwrap();
        // What the format cannot hold is refused; the rest is there.
        let mut saved = 0;
        for outcome in store.put_many(records(), truthound_stores_core::PutOptions::default()).await {
            saved += usize::from(outcome.is_ok());
        }
        let before = everything(&store).await;
        assert_eq!(before.len(), saved);
        assert!(saved > 50, "{saved}");
        store.close().await.unwrap();

        assert!(remove_catalogs(&base) > 0);
        let store = FileSystemStore::open(config.clone()).await.unwrap();
        assert_same(&everything(&store).await, &before, &what);
        if let Some(upkeep) = store.upkeep() {
            let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
            assert!(!report.is_damaged(), "{what}: {:?}", report.findings);
            assert_eq!(report.documents, saved as u64, "{what}");
        }
        // It goes on as if nothing had happened.
        for (key, (attributes, ..)) in before.iter().take(10) {
            let stored = store.read(key).await.unwrap();
            assert_eq!(stored.meta.attributes, *attributes);
            assert!(!store.put(stored.into_record().unwrap()).await.unwrap().is_new(), "{what}: {key}");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reindexing_finds_all_documents_whatever_the_index_knew() {
    let dir = tempfile::tempdir().unwrap();
    let config = FileSystemConfig::new(dir.path());
    let store = FileSystemStore::open(config.clone()).await.unwrap();
    for outcome in store.put_many(noted(), truthound_stores_core::PutOptions::default()).await {
        outcome.unwrap();
    }
    let before = everything(&store).await;
    store.flush().await.unwrap();
    if let Some(upkeep) = store.upkeep() {
        for quick in [true, false] {
            upkeep.reindex(ReindexOptions::default().with_quick(quick), &()).await.unwrap();
            assert_same(&everything(&store).await, &before, "by the same handle");
            let other = FileSystemStore::open(config.clone()).await.unwrap();
            assert_same(&everything(&other).await, &before, "by another handle");
        }
    }
    store.close().await.unwrap();
}
