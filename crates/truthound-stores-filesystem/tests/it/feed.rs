//! The change feed over restarts, rebuilds and other programs: whoever follows it by tokens misses nothing that was acknowledged, or
//! is told to compare listings.

use std::fs;

use truthound_stores_core::{
    ChangeOp, ChangeToken, Collection, Key, MaintainOptions, Query, ReindexOptions, Store, StoreExt,
};
use truthound_stores_filesystem::FileSystemStore;

use crate::support::{ids, open, record};

/// Where a follower begins who knows nothing.
async fn start(store: &FileSystemStore) -> ChangeToken {
    let page = store.changes(None, 100).await.unwrap();
    assert!(page.reset && page.changes.is_empty());
    page.next
}

/// Reads on, in pages of `limit`, until nothing is left.
async fn read_on(store: &FileSystemStore, from: ChangeToken, limit: usize) -> (Vec<String>, ChangeToken) {
    let (mut told, mut next) = (Vec::new(), from);
    loop {
        let page = store.changes(Some(next), limit).await.unwrap();
        assert!(!page.reset);
        next = page.next;
        if page.changes.is_empty() {
            return (told, next);
        }
        told.extend(page.changes.into_iter().map(|change| match change.op {
            ChangeOp::Put(meta) => format!("put {} {}", change.key.id(), meta.attributes.run_time),
            ChangeOp::Delete { revision } => format!("delete {} {}", change.key.id(), revision.is_some()),
            other => format!("{other:?}"),
        }));
    }
}

#[tokio::test]
async fn a_token_goes_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let token = start(&store).await;
    store.put(record("y", 2)).await.unwrap();
    store.put(record("x", 3)).await.unwrap();
    store.delete(&Key::result("y").unwrap()).await.unwrap();
    store.close().await.unwrap();

    let store = open(dir.path()).await;
    store.put(record("z", 4)).await.unwrap();
    let all = [
        "put y 2026-01-02T00:00:00Z",
        "put x 2026-01-03T00:00:00Z",
        "delete y true",
        "put z 2026-01-04T00:00:00Z",
    ];
    for limit in [1, 2, 3, 100] {
        let kept = ChangeToken::new(token.as_str());
        assert_eq!(read_on(&store, kept, limit).await.0, all, "in pages of {limit}");
    }
}

#[tokio::test]
async fn a_rebuilt_index_tells_followers_to_compare_listings() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let token = start(&store).await;
    store.close().await.unwrap();
    fs::remove_dir_all(dir.path().join("default/validations/_catalog")).unwrap();

    let store = open(dir.path()).await;
    let page = store.changes(Some(token), 100).await.unwrap();
    assert!(page.reset && page.changes.is_empty());
    // What comes after the comparison is told again.
    assert_eq!(ids(&store).await, ["x"]);
    store.put(record("y", 2)).await.unwrap();
    assert_eq!(read_on(&store, page.next.clone(), 100).await.0, ["put y 2026-01-02T00:00:00Z"]);

    store.upkeep().unwrap().reindex(ReindexOptions::default(), &()).await.unwrap();
    assert!(store.changes(Some(page.next), 100).await.unwrap().reset);
}

/// Revisions survive a rebuild, so that a follower who compares listings has little to fetch.
#[tokio::test]
async fn a_rebuilt_index_gives_each_document_the_revision_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let mut odd = record("a/b", 2);
    odd.attributes.ext.set("versioning.parent", "1").unwrap();
    store.put(odd).await.unwrap();
    let before = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    store.close().await.unwrap();
    fs::remove_dir_all(dir.path().join("default/validations/_catalog")).unwrap();
    let store = open(dir.path()).await;
    assert_eq!(store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap(), before);
}

#[tokio::test]
async fn what_other_handles_and_other_programs_write_is_told_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let token = start(&store).await;
    let other = open(dir.path()).await;
    other.put(record("y", 2)).await.unwrap();
    let (told, token) = read_on(&store, token, 100).await;
    assert_eq!(told, ["put y 2026-01-02T00:00:00Z"]);

    let foreign = dir.path().join("default/validations/theirs.json");
    fs::write(&foreign, record("theirs", 3).body.as_bytes()).unwrap();
    let (told, token) = read_on(&store, token, 100).await;
    assert!(told.is_empty(), "a file is not found by asking for changes");
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let (told, token) = read_on(&store, token, 100).await;
    assert_eq!(told, ["put theirs 2026-01-03T00:00:00Z"]);
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    assert!(read_on(&store, token, 100).await.0.is_empty(), "it is told once");
}

#[tokio::test]
async fn a_collection_that_was_made_after_the_token_is_told_from_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    // Nothing is there at all yet.
    let nothing = start(&store).await;
    store.put(record("x", 1)).await.unwrap();
    let token = start(&store).await;
    for (collection, id) in [(Collection::new("reports").unwrap(), "r"), (Collection::EXPECTATIONS, "e")] {
        let mut elsewhere = record(id, 2);
        elsewhere.key = Key::new(collection, id).unwrap();
        store.put(elsewhere).await.unwrap();
    }
    let (told, _) = read_on(&store, token, 1).await;
    assert_eq!(told, ["put e 2026-01-02T00:00:00Z", "put r 2026-01-02T00:00:00Z"]);
    assert_eq!(read_on(&store, nothing, 100).await.0.len(), 3);
}

#[tokio::test]
async fn a_token_of_another_store_is_refused_or_reset() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("one")).await;
    store.put(record("x", 1)).await.unwrap();
    let other = open(&dir.path().join("two")).await;
    other.put(record("x", 1)).await.unwrap();
    let foreign = start(&other).await;
    assert!(store.changes(Some(foreign), 10).await.unwrap().reset);
    for text in ["", "7", "[]", r#"{"../x":[1,2]}"#, r#"{"results":[1]}"#] {
        let error = store.changes(Some(ChangeToken::new(text)), 10).await.unwrap_err();
        assert_eq!(error.kind(), truthound_stores_core::ErrorKind::Invalid, "{text:?}: {error}");
    }
}

/// An index was put back from a copy, and others saved: places of the feed were given once more, under the same number of the feed, and a
/// follower who had read as far never heard of what stands there now.
#[tokio::test]
async fn a_token_of_before_the_index_was_put_back_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = dir.path().join("default/validations/_catalog");
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    store.close().await.unwrap();
    let copies = ["index.db", "index.db-wal"].map(|name| (name, fs::read(catalog.join(name)).unwrap()));

    let store = open(dir.path()).await;
    store.put(record("lost", 2)).await.unwrap();
    store.flush().await.unwrap();
    let token = start(&store).await;
    assert!(read_on(&store, ChangeToken::new(token.as_str()), 10).await.0.is_empty());
    store.close().await.unwrap();

    for (name, bytes) in copies {
        fs::write(catalog.join(name), bytes).unwrap();
    }
    // Whoever put it back took away what else there was.
    for name in ["index.db-shm", "publish"] {
        drop(fs::remove_file(catalog.join(name)));
    }
    fs::remove_file(dir.path().join("default/validations/lost.json")).unwrap();
    let store = open(dir.path()).await;
    for id in ["y", "z"] {
        store.put(record(id, 3)).await.unwrap();
    }
    let page = store.changes(Some(token), 100).await.unwrap();
    assert!(page.reset, "{:?}", page.changes);
    // A state that is superseded meanwhile is no reason.
    let token = start(&store).await;
    store.put(record("z", 4)).await.unwrap();
    store.delete(&Key::result("y").unwrap()).await.unwrap();
    assert_eq!(read_on(&store, token, 100).await.0, ["put z 2026-01-04T00:00:00Z", "delete y true"]);
}
