//! What a file cannot say by itself is kept beside it, and always belongs to the state that is in place.

use std::fs;
use std::path::Path;

use truthound_stores_core::{Attributes, Body, Collection, Key, Query, Record, Status, StoreExt};

use crate::support::{files, ids, open, record};

fn with_note(note: &str) -> Record {
    let mut record = record("x", 1);
    record.attributes.ext.set("test.note", note).unwrap();
    record
}

fn rows(base: &Path) -> usize {
    let folder = base.join("default/validations/_catalog/rows");
    let folders = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    folders.map(|folder| fs::read_dir(folder).unwrap().count()).sum()
}

#[tokio::test]
async fn ordinary_documents_need_no_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    for id in ["x", "a/b", "é"] {
        store.put(record(id, 1)).await.unwrap();
    }
    store.put(record(&"long/".repeat(100), 1)).await.unwrap();
    assert_eq!(rows(dir.path()), 0);
    assert_eq!(files(&dir.path().join("default/validations")).len(), 4);
}

#[tokio::test]
async fn what_wrappers_keep_follows_the_document() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let key = Key::result("x").unwrap();
    for note in ["one", "two"] {
        // The text is the same each time; only the note differs.
        store.put(with_note(note)).await.unwrap();
        assert_eq!(store.head(&key).await.unwrap().attributes.ext.get("test.note"), Some(note));
        assert_eq!(rows(dir.path()), 1);
    }
    store.put(record("x", 1)).await.unwrap();
    assert!(store.head(&key).await.unwrap().attributes.ext.is_empty());
    store.delete(&key).await.unwrap();
    assert_eq!(rows(dir.path()), 0);
}

/// A writer that dies between row and document leaves a row that belongs to nothing: it must not be taken for the old document's.
#[tokio::test]
async fn the_row_of_a_save_that_never_finished_counts_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let key = Key::result("x").unwrap();
    store.put(with_note("old")).await.unwrap();
    let folder = fs::read_dir(dir.path().join("default/validations/_catalog/rows")).unwrap();
    let folder = folder.map(|entry| entry.unwrap().path()).next().unwrap();
    let row = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let name = row.file_name().unwrap().to_string_lossy().into_owned();
    let (checksum, time) = name.strip_suffix(".json").unwrap().split_once('-').unwrap();
    let later = u64::from_str_radix(time, 16).unwrap() + 1;
    let text = fs::read_to_string(&row).unwrap().replace("old", "new");
    fs::write(folder.join(format!("{checksum}-{later:x}.json")), text).unwrap();
    assert_eq!(open(dir.path()).await.head(&key).await.unwrap().attributes.ext.get("test.note"), Some("old"));
}

/// A copy with `cp -r` has new times.
#[tokio::test]
async fn rows_are_found_after_the_folder_was_copied() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).await.put(with_note("kept")).await.unwrap();
    let path = dir.path().join("default/validations/x.json");
    let later = fs::metadata(&path).unwrap().modified().unwrap() + std::time::Duration::from_mins(1);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    let meta = open(dir.path()).await.head(&Key::result("x").unwrap()).await.unwrap();
    assert_eq!(meta.attributes.ext.get("test.note"), Some("kept"));
}

#[tokio::test]
async fn records_whose_text_says_nothing_of_them_are_kept_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let hidden = Collection::hidden("versions").unwrap();
    let key = Key::new(hidden.clone(), &"long ".repeat(100)).unwrap();
    let time = "2026-05-05T00:00:00.000001".parse().unwrap();
    let attributes = Attributes::new("a", time, Status::WARNING).with_tag("n", "1");
    let record = Record::new(key.clone(), attributes.clone(), Body::parse(b"[1, 2.50]").unwrap());
    store.put(record.clone()).await.unwrap();
    let again = open(dir.path()).await;
    assert_eq!(again.read(&key).await.unwrap().into_record().unwrap(), record);
    let listed =
        again.list_ids(&Query::new().with_collection(hidden)).await.unwrap().into_complete().unwrap();
    assert_eq!(listed, [key.id()]);
    assert!(ids(&again).await.is_empty());
}
