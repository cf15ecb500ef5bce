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

/// `/var` is a link on macOS, home folders are on many servers, and a deployment's `current` everywhere: no store below one could be
/// opened, since `SQLite`, told not to follow links, follows none in any part of a path.
#[cfg(unix)]
#[tokio::test]
async fn a_store_below_a_link_is_the_store_that_the_link_leads_to() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let base = link.join("deep/store");
    let store = open(&base).await;
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(ids(&open(&base).await).await, ["x"]);
    // Both ways lead to one store, also at the same time.
    let direct = open(&real.join("deep/store")).await;
    direct.put(record("y", 2)).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
    direct.close().await.unwrap();
    store.upkeep().unwrap().reindex(truthound_stores_core::ReindexOptions::default(), &()).await.unwrap();
    let report =
        store.upkeep().unwrap().verify(truthound_stores_core::VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged() && report.documents == 2, "{report:?}");
    store.close().await.unwrap();
    // The base folder itself may be one, too.
    let whole = dir.path().join("whole");
    std::os::unix::fs::symlink(real.join("deep/store"), &whole).unwrap();
    assert_eq!(ids(&open(&whole).await).await.len(), 2);
}

/// Two people of one group shared a folder, as `umask 002` and a folder with setgid are made for. Documents were writable for both, and
/// the index for the first alone, whatever the umask said: `SQLite` gives new files the mode 644.
#[cfg(unix)]
#[test]
fn the_index_may_be_written_by_whom_documents_may_be() {
    let dir = tempfile::tempdir().unwrap();
    crate::child::run_with_umask("share a folder", dir.path(), "002");
}

#[cfg(unix)]
pub(crate) async fn share(base: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;

    let store = open(base).await;
    let results = base.join("default/validations");
    for id in ["x", "y"] {
        store.put(record(id, 1)).await.unwrap();
        store.flush().await.unwrap();
        for name in
            [&format!("{id}.json"), "_catalog/index.db", "_catalog/index.db-wal", "_catalog/index.db-shm"]
        {
            let mode = fs::metadata(results.join(name)).unwrap().permissions().mode();
            assert_eq!(format!("{:o}", mode & 0o777), "664", "{name}");
        }
        store.upkeep().unwrap().reindex(truthound_stores_core::ReindexOptions::default(), &()).await.unwrap();
    }
    store.close().await.unwrap();
}

/// Results that somebody had put into folders by year were no part of the store, and neither `verify` nor `doctor` said a word of them: they seemed lost.
#[tokio::test]
async fn the_doctor_tells_of_documents_in_folders_below() {
    async fn told(store: &FileSystemStore) -> Vec<(String, String)> {
        let report = store.upkeep().unwrap().diagnose().await.unwrap();
        let below =
            report.findings.into_iter().filter(|finding| finding.message.contains("below this store's"));
        below.map(|finding| (finding.message, finding.remedy.unwrap())).collect()
    }
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    assert_eq!(told(&store).await, []);
    for id in ["x", "y", "z"] {
        store.put(record(id, 1)).await.unwrap();
    }
    store.flush().await.unwrap();
    let results = dir.path().join("default/validations");
    // What the store has there itself, and what is hidden or no document, is none of this.
    fs::create_dir_all(results.join(".git/objects")).unwrap();
    fs::create_dir_all(results.join("notes")).unwrap();
    fs::write(results.join(".git/config.json"), "{}").unwrap();
    fs::write(results.join("notes/read.me"), "").unwrap();
    assert_eq!(told(&store).await, []);

    fs::create_dir_all(results.join("2025/01")).unwrap();
    fs::create_dir_all(results.join("2025/02")).unwrap();
    fs::rename(results.join("x.json"), results.join("2025/01/x.json")).unwrap();
    fs::rename(results.join("y.json"), results.join("2025/02/y.json")).unwrap();
    let [(message, remedy)] = told(&store).await.try_into().unwrap();
    assert!(message.starts_with("2 files look like documents") && message.contains("2025/01"), "{message}");
    let said = "prefix=validations/2025/01,";
    assert!(remedy.contains(said), "{remedy}");

    // What it says works.
    let config = truthound_stores_core::StoreConfig::default().with_prefix("validations/2025/01");
    let below = FileSystemStore::open(FileSystemConfig::new(dir.path()).with_store(config)).await.unwrap();
    assert_eq!(ids(&below).await, ["x"]);
    // Opened by itself it is known to whoever opened it.
    let [(message, _)] = told(&store).await.try_into().unwrap();
    assert!(message.starts_with("1 file looks like a document") && message.contains("2025/02"), "{message}");
}
