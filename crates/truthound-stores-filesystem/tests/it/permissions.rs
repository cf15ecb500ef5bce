//! R-ANY-5 with permissions that are taken away: the error is `Denied` and names the path, what can be read is still read, nothing is
//! turned into an absence, and all is well once the permissions return.
//!
//! Root may do everything, so each story is told by a child without rights.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use truthound_stores_core::{Error, ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::child::{run_without_rights, run_without_rights_at};
use crate::model::{assert_sound, document, key, version_of};
use crate::support::{copy_dir, fixture, ids, open};

#[test]
fn a_folder_that_may_only_be_read_is_read() {
    let dir = tempfile::tempdir().unwrap();
    run_without_rights("folder read-only", dir.path());
}

#[test]
fn a_catalog_that_may_only_be_read_keeps_nothing_from_being_read() {
    let dir = tempfile::tempdir().unwrap();
    run_without_rights("catalog read-only", dir.path());
}

#[test]
fn a_document_that_may_not_be_read_is_denied_and_not_absent() {
    let dir = tempfile::tempdir().unwrap();
    run_without_rights("document unreadable", dir.path());
}

#[test]
fn a_folder_that_may_not_be_entered_is_denied_and_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    run_without_rights("folder unreadable", dir.path());
}

#[test]
fn a_folder_of_truthound_that_may_only_be_read_is_read() {
    for name in ["fs_default", "fs_gzip"] {
        run_without_rights("truthound read-only", fixture(name).path());
    }
}

/// An archive was copied with `cp -r` and closed with `chmod -R a-w`, so that times are others and no index is shared through memory:
/// reading it failed, since the copy of its index kept that it must not be written. And where the folder for temporary files was reached
/// through a link, as on macOS, no store that cannot be written was read at all.
#[test]
fn an_archive_whose_files_may_only_be_read_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("given");
    fs::create_dir_all(base.join("temporary")).unwrap();
    let link = dir.path().join("linked");
    std::os::unix::fs::symlink(base.join("temporary"), &link).unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    run_without_rights_at("archive read-only", &base, Some(&link));
    assert_eq!(fs::read_dir(&link).unwrap().count(), 0, "copies are removed");
}

/// The children.
pub(crate) async fn child(story: &str, base: &Path) {
    match story {
        "folder read-only" => folder_read_only(base).await,
        "catalog read-only" => catalog_read_only(base).await,
        "document unreadable" => document_unreadable(base).await,
        "folder unreadable" => folder_unreadable(base).await,
        "archive read-only" => archive_read_only(base).await,
        "truthound read-only" => truthound_read_only(base).await,
        other => panic!("no such story: {other}"),
    }
}

/// Permissions that were taken away, and come back with this.
struct Taken(Vec<(PathBuf, Permissions)>);

impl Taken {
    /// Takes all permissions but `left` from a path, and from what lies in it: from `below` up, so that the way is still open.
    fn from(path: &Path, left: u32, and_below: bool) -> Self {
        let mut taken = Self(Vec::new());
        taken.take(path, left, and_below);
        taken
    }

    fn take(&mut self, path: &Path, left: u32, and_below: bool) {
        if and_below && path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                self.take(&entry.unwrap().path(), left, true);
            }
        }
        let before = fs::metadata(path).unwrap().permissions();
        fs::set_permissions(path, Permissions::from_mode(before.mode() & left)).unwrap();
        self.0.push((path.to_owned(), before));
    }

    fn give_back(self) {
        // The outermost first: the way to the others leads through it.
        for (path, permissions) in self.0.into_iter().rev() {
            fs::set_permissions(path, permissions).unwrap();
        }
    }
}

const READ_ONLY: u32 = 0o555;
const NOTHING: u32 = 0;

#[track_caller]
fn denied(error: &Error, base: &Path) {
    assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.report());
    let told = error.report();
    assert!(told.contains(base.to_str().unwrap()), "the error names no path: {told}");
}

/// Makes a store with three documents, settled.
async fn three(base: &Path) -> FileSystemStore {
    let store = open(base).await;
    for id in ["a", "b", "c"] {
        store.put(document(id, 1)).await.unwrap();
    }
    store.flush().await.unwrap();
    store
}

async fn assert_three(store: &FileSystemStore) {
    let mut listed = ids(store).await;
    listed.sort();
    assert_eq!(listed, ["a", "b", "c"]);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 3);
    for id in ["a", "b", "c"] {
        assert_eq!(version_of(&store.read(&key(id)).await.unwrap().into_record().unwrap()), 1);
    }
    assert_eq!(store.read(&key("never")).await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// Tries everything that writes.
async fn assert_no_write(store: &FileSystemStore, base: &Path) {
    for id in ["a", "new"] {
        denied(&store.put(document(id, 2)).await.unwrap_err(), base);
        for outcome in store.put_many(vec![document(id, 2)], PutOptions::default()).await {
            denied(&outcome.unwrap_err(), base);
        }
    }
    denied(&store.delete(&key("b")).await.unwrap_err(), base);
    assert_three(store).await;
}

async fn assert_writable(store: &FileSystemStore) {
    store.put(document("new", 2)).await.unwrap();
    assert!(!store.put(document("a", 2)).await.unwrap().is_new());
    assert!(store.delete(&key("b")).await.unwrap());
    let mut listed = ids(store).await;
    listed.sort();
    assert_eq!(listed, ["a", "c", "new"]);
    store.flush().await.unwrap();
    assert_sound(store).await;
    store.close().await.unwrap();
}

async fn folder_read_only(base: &Path) {
    let base = &base.join("store");
    let store = three(base).await;
    let taken = Taken::from(base, READ_ONLY, true);
    // A handle that was open before, while its connection and its files still are, may write what needs no permission any more; what it
    // says must be true.
    let before = store.put(document("d", 1)).await;
    let fresh = open(base).await;
    match before {
        Ok(_) => {
            let stored = fresh.read(&key("d")).await.unwrap();
            assert_eq!(version_of(&stored.into_record().unwrap()), 1);
            taken.give_back();
            assert!(store.delete(&key("d")).await.unwrap());
            store.flush().await.unwrap();
        }
        Err(error) => {
            denied(&error, base);
            assert_three(&store).await;
            taken.give_back();
        }
    }
    store.close().await.unwrap();
    fresh.close().await.unwrap();

    // With nobody at work: a store that cannot be written is still read.
    let taken = Taken::from(base, READ_ONLY, true);
    let reader = open(base).await;
    assert_three(&reader).await;
    assert_no_write(&reader, base).await;
    reader.close().await.unwrap();
    let again = open(base).await;
    assert_no_write(&again, base).await;
    taken.give_back();
    assert_three(&again).await;
    // Either the handle that met the read-only folder, or the next one, can write now.
    drop(again);
    assert_writable(&open(base).await).await;
}

async fn archive_read_only(base: &Path) {
    let (original, archive) = (base.join("original"), base.join("archive"));
    let store = three(&original).await;
    store.close().await.unwrap();
    copy_dir(&original, &archive);
    drop(fs::remove_file(archive.join("default/validations/_catalog/index.db-shm")));
    let taken = Taken::from(&archive, READ_ONLY, true);
    let store = open(&archive).await;
    assert_three(&store).await;
    assert_no_write(&store, &archive).await;
    store.close().await.unwrap();
    taken.give_back();
}

async fn catalog_read_only(base: &Path) {
    let base = &base.join("store");
    let store = three(base).await;
    store.close().await.unwrap();
    let catalog = base.join("default/validations/_catalog");
    let taken = Taken::from(&catalog, READ_ONLY, true);
    let store = open(base).await;
    assert_three(&store).await;
    match store.put(document("d", 1)).await {
        Err(error) => denied(&error, base),
        // Nothing that it needed lay there.
        Ok(_) => assert!(store.delete(&key("d")).await.unwrap()),
    }
    assert_three(&store).await;
    taken.give_back();
    store.close().await.unwrap();

    // Not even reading.
    let taken = Taken::from(&catalog, NOTHING, true);
    match FileSystemStore::open(FileSystemConfig::new(base)).await {
        Err(error) => denied(&error, base),
        Ok(store) => match store.list_ids(&Query::new()).await {
            Err(error) => denied(&error, base),
            Ok(_) => assert_three(&store).await,
        },
    }
    taken.give_back();
    assert_writable(&open(base).await).await;
}

/// Who keeps an index knows that it is there; who does not must say that it may not look.
async fn assert_not_absent(store: &FileSystemStore, path: &Path) {
    match store.exists(&key("b")).await {
        Ok(exists) => assert!(exists, "what may not be read is said not to exist"),
        Err(error) => denied(&error, path),
    }
}

async fn document_unreadable(base: &Path) {
    let base = &base.join("store");
    let store = three(base).await;
    store.close().await.unwrap();
    let path = base.join("default/validations/b.json");
    let open_before = open(base).await;
    assert_three(&open_before).await;
    let taken = Taken::from(&path, NOTHING, false);
    for store in [&open_before, &open(base).await] {
        let error = store.read(&key("b")).await.unwrap_err();
        denied(&error, &path);
        assert_not_absent(store, &path).await;
        let listed = store.list_runs(&Query::new()).await.unwrap();
        let described = listed.iter().any(|meta| meta.key == key("b"));
        assert_eq!(listed.len() + listed.damaged.len(), 3, "{:?}", listed.damaged);
        assert_ne!(described, !listed.damaged.is_empty(), "{:?}", listed.damaged);
        for error in &listed.damaged {
            denied(error, &path);
        }
        for id in ["a", "c"] {
            store.read(&key(id)).await.unwrap();
        }
        if let Some(upkeep) = store.upkeep() {
            // It may be reported, or keep verify from being done; it must not be dropped.
            let options = truthound_stores_core::VerifyOptions::default().with_repair(true);
            match upkeep.verify(options, &()).await {
                Ok(report) => {
                    let told = report.findings.iter().any(|finding| finding.key.as_ref() == Some(&key("b")));
                    assert!(
                        told,
                        "verify says nothing of a document that may not be read: {:?}",
                        report.findings
                    );
                    // Another user may read it: nothing is wrong with it.
                    assert!(!report.is_damaged(), "{:?}", report.findings);
                }
                Err(error) => denied(&error, &path),
            }
            assert_not_absent(store, &path).await;
        }
    }
    taken.give_back();
    assert_three(&open_before).await;
    let store = open(base).await;
    assert_three(&store).await;
    assert_sound(&store).await;
    assert_writable(&store).await;
}

async fn folder_unreadable(base: &Path) {
    let base = &base.join("store");
    let open_before = three(base).await;
    let results = base.join("default/validations");
    let taken = Taken::from(&results, NOTHING, false);
    match FileSystemStore::open(FileSystemConfig::new(base)).await {
        Err(error) => denied(&error, base),
        Ok(store) => {
            denied(&store.list_ids(&Query::new()).await.unwrap_err(), base);
            denied(&store.count(&Query::new()).await.unwrap_err(), base);
            denied(&store.read(&key("a")).await.unwrap_err(), base);
            denied(&store.exists(&key("a")).await.unwrap_err(), base);
            denied(&store.put(document("d", 1)).await.unwrap_err(), base);
            denied(&store.check().await.unwrap_err(), base);
        }
    }
    // A handle that holds the index open may still know what there is; it must not say that there is nothing.
    match open_before.list_ids(&Query::new()).await {
        Ok(listed) => assert_eq!(listed.items.len() + listed.damaged.len(), 3),
        Err(error) => denied(&error, base),
    }
    match open_before.read(&key("a")).await {
        Ok(stored) => assert_eq!(version_of(&stored.into_record().unwrap()), 1),
        Err(error) => denied(&error, base),
    }
    taken.give_back();
    assert_three(&open_before).await;
    open_before.close().await.unwrap();
    let store = open(base).await;
    assert_three(&store).await;
    assert_writable(&store).await;
}

async fn truthound_read_only(base: &Path) {
    let before = open(base).await;
    let expected = ids(&before).await;
    assert!(expected.len() >= 19);
    before.close().await.unwrap();
    let taken = Taken::from(base, READ_ONLY, true);
    // Never opened for writing: its index, if it needs one, cannot be kept.
    let store = open(base).await;
    assert_eq!(ids(&store).await, expected);
    assert_eq!(store.count(&Query::new()).await.unwrap(), expected.len() as u64);
    for id in &expected {
        store.read(&key(id)).await.unwrap();
    }
    let sums = store.summarize(&Query::new(), truthound_stores_core::Grouping::new()).await.unwrap();
    assert_eq!(sums[0].runs, expected.len() as u64);
    denied(&store.put(document("new", 1)).await.unwrap_err(), base);
    denied(&store.delete(&key(&expected[0])).await.unwrap_err(), base);
    assert_eq!(ids(&store).await, expected);
    store.close().await.unwrap();
    taken.give_back();
    let store = open(base).await;
    store.put(document("new", 1)).await.unwrap();
    assert_eq!(ids(&store).await.len(), expected.len() + 1);
    store.close().await.unwrap();
}
