//! What is promised of acknowledged saves, held against power cuts, failing disks and other writers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Collection, ErrorKind, Key, MaintainOptions, Query, Reading, Record, Result, Store, StoreExt, Upkeep,
    VerifyOptions,
};

use crate::config::{Durability, FileSystemConfig};
use crate::live::Live;
use crate::store::FileSystemStore;

mod cut;
mod damaged;
mod disk;
mod fault;
mod full;
mod handles;
mod index;
mod left;
mod mend;
mod reopen;
mod replaced;
mod settle;
mod story;
mod strangers;
mod turns;
mod unsettled;

/// No call may take so long, whatever fails.
const LONG: Duration = Duration::from_mins(1);

/// A folder of its own; in memory where there is such a place, since no test waits for a real disk.
fn temp_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

async fn open(base: &Path) -> FileSystemStore {
    FileSystemStore::open(FileSystemConfig::new(base)).await.unwrap()
}

/// Opens a copy, whose own syncs are nobody's concern.
async fn open_copy(base: &Path) -> FileSystemStore {
    let config = FileSystemConfig { durability: Durability::Os, ..FileSystemConfig::new(base) };
    FileSystemStore::open(config).await.unwrap()
}

fn folder(base: &Path) -> PathBuf {
    base.join("default/validations")
}

fn live(store: &FileSystemStore) -> Arc<Live> {
    store.shared().partition(&Collection::RESULTS).opened().unwrap()
}

/// A document whose text tells its version.
fn record(id: &str, version: u32) -> Record {
    let text = format!(
        r#"{{"run_id": {id:?}, "run_time": "2026-01-01T00:00:00", "data_asset": "asset{version}", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// A document that needs a sidecar.
fn noted(id: &str, version: u32, note: &str) -> Record {
    let mut record = record(id, version);
    record.attributes.ext.set("test.note", note).unwrap();
    record
}

fn key(id: &str) -> Key {
    Key::result(id).unwrap()
}

/// What a document is, as one text: its body and what a sidecar keeps.
fn value(record: &Record) -> String {
    let note = record.attributes.ext.get("test.note").unwrap_or_default();
    format!("{} {note}", record.body.as_str())
}

/// Reads what is stored under an id, as [`value`] has it; `None` if nothing is.
async fn stored(store: &FileSystemStore, id: &str) -> Result<Option<String>> {
    match store.read(&key(id)).await {
        Ok(stored) => {
            let note = stored.meta.attributes.ext.get("test.note").unwrap_or_default();
            Ok(Some(format!("{} {note}", stored.body.unwrap().as_str())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn ids(store: &FileSystemStore, what: &str) -> BTreeSet<String> {
    let found = store.list_ids(&Query::new()).await.unwrap();
    assert!(found.damaged.is_empty(), "{what}: {:#?}", found.damaged);
    found.items.into_iter().collect()
}

/// What may be stored under each id, given all that was acknowledged; `None` among them if nothing may be.
type Allowed = BTreeMap<String, Vec<Option<String>>>;

/// Checks that a store is what it may be: its documents, its listing, its health, and its files by themselves.
async fn check(base: &Path, allowed: &Allowed, what: &str) {
    let store = open_copy(base).await;
    let found = same(&store, allowed, what).await;
    let report = store.verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{what}: {:#?}", report.findings);
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(same(&store, allowed, &format!("{what}, after maintenance")).await, found, "{what}");
    store.close().await.unwrap();
    // The files say the same by themselves: an index is made from nothing else.
    std::fs::remove_dir_all(folder(base).join(crate::layout::CATALOG)).unwrap_or_default();
    let store = open_copy(base).await;
    assert_eq!(same(&store, allowed, &format!("{what}, from the files alone")).await, found, "{what}");
    store.close().await.unwrap();
}

/// Checks that a store that is opened anew is what it may be, and healthy.
async fn is_well(base: &Path, allowed: &Allowed, what: &str) {
    let store = open(base).await;
    same(&store, allowed, what).await;
    let report = store.verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{what}: {:#?}", report.findings);
    store.close().await.unwrap();
}

/// Checks documents and listing; answers what there is.
async fn same(store: &FileSystemStore, allowed: &Allowed, what: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (id, allowed) in allowed {
        let value = match stored(store, id).await {
            Ok(value) => value,
            Err(error) => panic!("{what}: {id}: {}", error.report()),
        };
        assert!(allowed.contains(&value), "{what}: {id} is {value:?}, and may be {allowed:?}");
        found.extend(value.map(|value| (id.clone(), value)));
    }
    assert_eq!(ids(store, what).await, found.keys().cloned().collect(), "{what}: the listing");
    found
}
