//! What a file cannot say by itself is kept beside it, and always belongs to the state that is in place.

use std::fs;
use std::path::Path;

use truthound_stores_core::{
    Attributes, Body, Collection, ErrorKind, Key, Query, Record, Status, Store, StoreExt,
};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};

use crate::support::{files, ids, open, record};

fn with_note(note: &str) -> Record {
    let mut record = record("x", 1);
    record.attributes.ext.set("test.note", note).unwrap();
    record
}

/// Counts sidecars, when everything is in its place.
async fn sidecars(store: &FileSystemStore, base: &Path) -> usize {
    store.flush().await.unwrap();
    fs::read_dir(base.join("default/validations/_sidecars")).into_iter().flatten().count()
}

/// Opens a store whose index is gone: all it knows it has from the documents and their sidecars.
async fn open_anew(store: FileSystemStore, base: &Path) -> FileSystemStore {
    store.close().await.unwrap();
    for catalog in ["default/validations/_catalog", "default/validations/_collections/_versions/_catalog"] {
        drop(fs::remove_dir_all(base.join(catalog)));
    }
    open(base).await
}

#[tokio::test]
async fn ordinary_documents_need_no_sidecar() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    for id in ["x", "a/b", "é"] {
        store.put(record(id, 1)).await.unwrap();
    }
    store.put(record(&"long/".repeat(100), 1)).await.unwrap();
    assert_eq!(sidecars(&store, dir.path()).await, 0);
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
        assert_eq!(sidecars(&store, dir.path()).await, 1);
    }
    store.put(record("x", 1)).await.unwrap();
    assert!(store.head(&key).await.unwrap().attributes.ext.is_empty());
    store.delete(&key).await.unwrap();
    assert_eq!(sidecars(&store, dir.path()).await, 0);
}

/// A writer that dies between sidecar and document leaves a sidecar of another text: it must not be taken for the old document's.
#[tokio::test]
async fn the_sidecar_of_another_text_counts_for_nothing_but_the_id() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let key = Key::result("x").unwrap();
    store.put(with_note("old")).await.unwrap();
    store.flush().await.unwrap();
    let sidecar = fs::read_dir(dir.path().join("default/validations/_sidecars"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = fs::read_to_string(&sidecar).unwrap();
    let checksum = record("x", 1).body.checksum().to_string();
    fs::write(&sidecar, text.replace(&checksum, &checksum.replace('a', "b"))).unwrap();
    let fresh = open_anew(store, dir.path()).await;
    assert!(fresh.head(&key).await.unwrap().attributes.ext.is_empty());
}

/// A copy with `cp -r` has new times.
#[tokio::test]
async fn sidecars_are_found_after_the_folder_was_copied() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(with_note("kept")).await.unwrap();
    store.flush().await.unwrap();
    let path = dir.path().join("default/validations/x.json");
    let later = fs::metadata(&path).unwrap().modified().unwrap() + std::time::Duration::from_mins(1);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    let meta = open_anew(store, dir.path()).await.head(&Key::result("x").unwrap()).await.unwrap();
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
    let again = open_anew(store, dir.path()).await;
    assert_eq!(again.read(&key).await.unwrap().into_record().unwrap(), record);
    let listed =
        again.list_ids(&Query::new().with_collection(hidden)).await.unwrap().into_complete().unwrap();
    assert_eq!(listed, [key.id()]);
    assert!(ids(&again).await.is_empty());
}

/// Two documents of one stem, under two suffixes, once shared their rows: saving the one took the other's away.
#[tokio::test]
async fn documents_of_one_stem_keep_their_own_rows() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("default/expectations");
    fs::create_dir_all(&folder).unwrap();
    let suite = |name: &str, note: &str| {
        let text = format!(r#"{{"name": "{name}", "data_asset": "a", "updated_at": "2026-01-01"}}"#);
        let reading = truthound_stores_core::Reading::default();
        let mut record = Record::parse(Collection::EXPECTATIONS, text.as_bytes(), &reading).unwrap();
        record.attributes.ext.set("test.note", note).unwrap();
        record
    };
    // Truthound's file for the suite `a/b`.
    fs::write(folder.join("a_b.json"), suite("a/b", "x").body.as_bytes()).unwrap();
    let config = FileSystemConfig::new(dir.path()).with_use_compression(true);
    let store = FileSystemStore::open(config).await.unwrap();
    for name in ["a/b", "a_b"] {
        store.put(suite(name, name)).await.unwrap();
    }
    for name in ["a/b", "a_b"] {
        let key = Key::new(Collection::EXPECTATIONS, name).unwrap();
        assert_eq!(store.head(&key).await.unwrap().attributes.ext.get("test.note"), Some(name));
    }
}

/// A listing once remembered that a document could not be read for as long as the document did not change, though its sidecar,
/// its permissions or the number of open files had been mended.
#[tokio::test]
async fn damage_is_not_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(with_note("kept")).await.unwrap();
    store.flush().await.unwrap();
    let sidecar = fs::read_dir(dir.path().join("default/validations/_sidecars"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let sound = fs::read(&sidecar).unwrap();
    fs::write(&sidecar, "{").unwrap();
    let fresh = open_anew(store, dir.path()).await;
    assert_eq!(fresh.list_ids(&Query::new()).await.unwrap().damaged.len(), 1);
    fs::write(&sidecar, sound).unwrap();
    assert_eq!(ids(&fresh).await, ["x"]);
}

/// A reader who had read a document just before it was deleted once looked for its row just after.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_never_see_a_document_without_its_row() {
    let dir = tempfile::tempdir().unwrap();
    let id = "long ".repeat(100);
    let key = Key::result(&id).unwrap();
    let writing = {
        let (path, key, id) = (dir.path().to_owned(), key.clone(), id.clone());
        tokio::spawn(async move {
            let config = FileSystemConfig::new(path).with_durability(Durability::Os);
            let store = FileSystemStore::open(config).await.unwrap();
            for _ in 0..150 {
                // Its text says another id, so only the row knows it.
                let mut record = with_note("kept");
                record.key = Key::result(&id).unwrap();
                store.put(record).await.unwrap();
                store.delete(&key).await.unwrap();
            }
        })
    };
    let store = open(dir.path()).await;
    while !writing.is_finished() {
        match store.head(&key).await {
            Ok(meta) => assert_eq!(meta.attributes.ext.get("test.note"), Some("kept")),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
        }
        assert!(store.list_ids(&Query::new()).await.unwrap().damaged.is_empty());
    }
    writing.await.unwrap();
}

/// Such a document once had the year 1970 in the answer to its save, and the time of its file ever after.
#[tokio::test]
async fn a_document_without_a_time_keeps_the_one_it_was_saved_with() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let reports = Collection::new("reports").unwrap();
    let reading = truthound_stores_core::Reading::default();
    let record = Record::parse(reports, br#"{"id": "a"}"#, &reading).unwrap();
    let key = record.key.clone();
    let written = store.put(record).await.unwrap().meta;
    assert_eq!(store.head(&key).await.unwrap(), written);
}

/// Not a number was once written as null, which no number is read from.
#[tokio::test]
async fn attributes_that_no_index_could_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut record = record("x", 1);
    record.attributes.statistics.execution_time_ms = f64::NAN;
    assert_eq!(store.put(record.clone()).await.unwrap_err().kind(), ErrorKind::Invalid);
    record.attributes.statistics.execution_time_ms = 0.996_894_379_984_858_1;
    let written = store.put(record.clone()).await.unwrap().meta;
    assert_eq!(store.head(&record.key).await.unwrap(), written);
}

/// Rows of former states are removed after the folder is synced, at the end of a batch: that must not take the row of a later
/// save in the same batch away.
#[tokio::test]
async fn one_id_twice_in_a_batch_keeps_the_row_of_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let notes = ["one", "two", "three"];
    let batch = notes.map(with_note).to_vec();
    for written in store.put_many(batch, truthound_stores_core::PutOptions::default()).await {
        written.unwrap();
    }
    let meta = store.head(&Key::result("x").unwrap()).await.unwrap();
    assert_eq!(meta.attributes.ext.get("test.note"), Some("three"));
    assert_eq!(sidecars(&store, dir.path()).await, 1);
}
