//! R-ANY-11: changing compression, format, extension or pretty-printing over an existing store hides nothing.

use std::path::Path;

use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_core::{ErrorKind, Key, PutOptions, Store, StoreConfig, StoreExt};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::support::{files, ids, open, record};

fn settings(path: &Path) -> Vec<FileSystemConfig> {
    let config = FileSystemConfig::new(path);
    let coded = |format, compression| {
        let store = StoreConfig::default().with_serialization_format(format).with_compression(compression);
        config.clone().with_store(store)
    };
    let mut all = vec![
        config.clone(),
        config.clone().with_pretty_print(false),
        config.clone().with_file_extension(".result"),
        config.clone().with_file_extension(".old").with_use_compression(true),
    ];
    for format in [Format::Json, Format::Yaml, Format::Pickle] {
        for compression in [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd] {
            all.push(coded(format, compression));
        }
    }
    all
}

#[tokio::test]
async fn a_store_holds_every_format_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let all = settings(dir.path());
    for (number, config) in all.iter().enumerate() {
        let store = FileSystemStore::open(config.clone()).await.unwrap();
        store.put(record(&format!("doc{number:02}"), 1)).await.unwrap();
        store.close().await.unwrap();
    }
    let names = files(&dir.path().join("default/validations"));
    for suffix in [".json", ".result", ".old.gz", ".json.gz", ".yaml.lz4", ".pkl.zst"] {
        assert!(names.iter().any(|name| name.ends_with(suffix)), "{suffix}: {names:?}");
    }
    // Whatever a handle is set to, it sees all of them, and overwriting keeps each document's own name.
    for config in all.iter().cloned() {
        let store = FileSystemStore::open(config).await.unwrap();
        assert_eq!(ids(&store).await.len(), all.len());
        for number in 0..all.len() {
            let id = format!("doc{number:02}");
            let stored = store.read(&Key::result(&id).unwrap()).await.unwrap();
            assert_eq!(stored.into_body().unwrap(), record(&id, 1).body);
        }
    }
    let plain = open(dir.path()).await;
    for number in 0..all.len() {
        assert!(!plain.put(record(&format!("doc{number:02}"), 2)).await.unwrap().is_new());
    }
    plain.flush().await.unwrap();
    assert_eq!(files(&dir.path().join("default/validations")), names);
    for id in ids(&plain).await {
        assert!(plain.delete(&Key::result(&id).unwrap()).await.unwrap());
    }
    plain.flush().await.unwrap();
    // What the store remembers of itself stays.
    assert_eq!(files(&dir.path().join("default/validations")), ["_store.json"]);
}

#[tokio::test]
async fn metadata_is_kept_with_the_store_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let store = StoreConfig::default().with_metadata("team", "dq");
    let store = FileSystemStore::open(FileSystemConfig::new(dir.path()).with_store(store)).await.unwrap();
    assert_eq!(store.info().metadata["team"], "dq");
    store.put(record("a", 1)).await.unwrap();
    assert_eq!(open(dir.path()).await.info().metadata["team"], "dq");
}

#[tokio::test]
async fn pretty_printing_is_what_python_does() {
    let dir = tempfile::tempdir().unwrap();
    let body = r#"{"run_id":"a","run_time":"2026-01-01","data_asset":"é","status":"success","tags":{}}"#;
    let parse = || {
        let reading = truthound_stores_core::Reading::default();
        truthound_stores_core::Record::parse(
            truthound_stores_core::Collection::RESULTS,
            body.as_bytes(),
            &reading,
        )
    };
    let path = dir.path().join("default/validations/a.json");
    let store = open(dir.path()).await;
    store.put(parse().unwrap()).await.unwrap();
    store.close().await.unwrap();
    let pretty = "{\n  \"run_id\": \"a\",\n  \"run_time\": \"2026-01-01\",\n  \"data_asset\": \"\\u00e9\",\n  \
                  \"status\": \"success\",\n  \"tags\": {}\n}";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), pretty);
    let flat = FileSystemConfig::new(dir.path()).with_pretty_print(false);
    let store = FileSystemStore::open(flat).await.unwrap();
    store.put(parse().unwrap()).await.unwrap();
    store.close().await.unwrap();
    let flat = r#"{"run_id": "a", "run_time": "2026-01-01", "data_asset": "\u00e9", "status": "success", "tags": {}}"#;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), flat);
}

/// A handle that was open before another one wrote with an extension of its own once did not see those documents, and took
/// their ids for free.
#[tokio::test]
async fn an_extension_of_the_users_is_seen_by_handles_that_are_open_already() {
    let dir = tempfile::tempdir().unwrap();
    let plain = open(dir.path()).await;
    let other = FileSystemConfig::new(dir.path()).with_file_extension(".result");
    let other = FileSystemStore::open(other).await.unwrap();
    for id in ["a", "b"] {
        other.put(record(id, 1)).await.unwrap();
        assert!(plain.exists(&Key::result(id).unwrap()).await.unwrap());
        let taken = plain.put_opts(record(id, 2), PutOptions::create()).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Conflict);
        // The settings come back with the next save.
        std::fs::remove_dir_all(dir.path().join("default/validations/_catalog")).unwrap();
    }
    other.put(record("c", 1)).await.unwrap();
    assert_eq!(ids(&plain).await.len(), 3);
}
