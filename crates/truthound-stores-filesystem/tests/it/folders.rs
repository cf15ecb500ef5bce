//! Missing folders, folders without permission, and what opening may and may not do.

use std::fs;

use truthound_stores_core::{DeleteOptions, ErrorKind, Key, Query, Store, StoreExt};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::support::{ids, open, record};

#[tokio::test]
async fn a_missing_folder_is_an_empty_store_and_stays_missing_until_the_first_save() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("deep/store");
    let store = open(&base).await;
    let key = Key::result("x").unwrap();
    assert!(ids(&store).await.is_empty());
    assert_eq!(store.count(&Query::new()).await.unwrap(), 0);
    assert!(!store.exists(&key).await.unwrap());
    assert!(!store.delete(&key).await.unwrap());
    let conditional = DeleteOptions::if_revision(truthound_stores_core::Revision::new("1"));
    assert!(!store.delete_opts(&key, conditional).await.unwrap());
    store.check().await.unwrap();
    store.flush().await.unwrap();
    assert!(!dir.path().join("deep").exists());
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    assert!(base.join("default/validations/x.json").exists());
}

#[tokio::test]
async fn without_create_dirs_a_missing_folder_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let config = FileSystemConfig::new(dir.path().join("missing")).with_create_dirs(false);
    let error = FileSystemStore::open(config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("create_dirs") && error.to_string().contains("missing"), "{error}");

    let results = dir.path().join("default/validations");
    fs::create_dir_all(&results).unwrap();
    let config = FileSystemConfig::new(dir.path()).with_create_dirs(false);
    let store = FileSystemStore::open(config).await.unwrap();
    store.put(record("x", 1)).await.unwrap();
    // The folder goes while the store is open: reads must not take that for an empty store.
    fs::remove_dir_all(&results).unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(store.read(&Key::result("x").unwrap()).await.unwrap_err().kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_file_in_the_way_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("file");
    fs::write(&base, "x").unwrap();
    let error = FileSystemStore::open(FileSystemConfig::new(&base)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains(&base.display().to_string()), "{error}");

    let base = dir.path().join("later");
    let store = open(&base).await;
    fs::write(&base, "x").unwrap();
    for error in [
        store.check().await.unwrap_err(),
        store.put(record("x", 1)).await.unwrap_err(),
        store.list_ids(&Query::new()).await.unwrap_err(),
        store.read(&Key::result("x").unwrap()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.report().contains("later"), "{error}");
    }
}

/// R-ANY-5: a permission error is never "nothing there". Root is not kept out by permissions, so the test looks first.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_read_is_denied_not_empty() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let results = dir.path().join("default/validations");
    fs::set_permissions(&results, fs::Permissions::from_mode(0o000)).unwrap();
    let kept_out = fs::read_dir(&results).is_err();
    if kept_out {
        for error in [
            store.list_ids(&Query::new()).await.unwrap_err(),
            store.count(&Query::new()).await.unwrap_err(),
            store.exists(&Key::result("x").unwrap()).await.unwrap_err(),
            store.check().await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
            assert!(error.to_string().contains("permissions"), "{error}");
        }
    }
    fs::set_permissions(&results, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(ids(&store).await, ["x"]);
    // One document alone: it is named as what it is, not as damage, and the others are there.
    store.put(record("y", 2)).await.unwrap();
    store.flush().await.unwrap();
    let file = results.join("x.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if kept_out {
        let fresh = open(dir.path()).await;
        assert_eq!(ids(&fresh).await, ["y", "x"], "what is known of it is known");
        let error = fresh.read(&Key::result("x").unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    }
}

/// The catalog may be deleted at any time, even while the store is open.
#[tokio::test]
async fn deleting_the_catalog_loses_no_document() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    // The store may be putting the document in its place at this moment.
    while fs::remove_dir_all(dir.path().join("default/validations/_catalog")).is_err() {}
    store.put(record("y", 2)).await.unwrap();
    assert_eq!(ids(&store).await, ["y", "x"]);
}

#[tokio::test]
async fn a_damaged_settings_file_is_named_with_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("default/validations");
    fs::create_dir_all(&results).unwrap();
    fs::write(results.join("_store.json"), "{").unwrap();
    let error = FileSystemStore::open(FileSystemConfig::new(dir.path())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(
        error.to_string().contains("store.json") && error.to_string().contains("delete the file"),
        "{error}"
    );
}

/// Outside a runtime, a future of the store answers an error instead of a panic.
#[test]
fn without_a_runtime_there_is_an_error() {
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let mut opening = std::pin::pin!(FileSystemStore::open(FileSystemConfig::new("nowhere")));
    match Future::poll(opening.as_mut(), &mut context) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        other => panic!("{other:?}"),
    }
}
