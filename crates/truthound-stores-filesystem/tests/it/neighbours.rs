//! Processes that overwrite one id while another deletes it: whoever wins, everything agrees on it afterwards.
//!
//! Files once could end up older than what an index said of them, when two processes wrote one file in the other order.

use std::path::Path;

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};

use crate::child::{self, is_over, let_end, say};
use crate::model::{Copy, assert_sound, document, key, text, version_of};
use crate::support::{files, long_tests, open};

const ID: &str = "one";
const WRITES: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_overwrite_and_delete_one_id_agree_on_what_is_left() {
    for round in 0..if long_tests() { 40 } else { 4 } {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("store");
        let path = base.to_str().unwrap();
        let store = open(&base).await;
        store.put(document(ID, 1)).await.unwrap();
        let mut copy = Copy::of(&store).await;

        let mut reader = child::start("read one", &[path]);
        reader.wait_for("open");
        let writers = ["1", "2"].map(|number| child::start("overwrite one", &[path, number]));
        let deleter = child::start("delete one", &[path]);
        for writer in writers {
            writer.finish();
        }
        deleter.finish();
        let_end(&base);
        reader.finish();

        copy.assert_follows(&store).await;
        agree(&store, &base, round).await;
        agree(&open(&base).await, &base, round).await;
        // The id is as good as any other.
        store.put(document(ID, 2)).await.unwrap();
        copy.assert_follows(&store).await;
        agree(&store, &base, round).await;
        assert!(store.delete(&key(ID)).await.unwrap());
        copy.assert_follows(&store).await;
        agree(&store, &base, round).await;
    }
}

/// Checks that listing, description, text and file are of one state.
async fn agree(store: &dyn Store, base: &Path, round: u64) {
    store.flush().await.unwrap();
    let folder = base.join("default/validations");
    let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    match store.head(&key(ID)).await {
        Ok(meta) => {
            assert_eq!(listed, std::slice::from_ref(&meta), "round {round}");
            let stored = store.read(&key(ID)).await.unwrap();
            assert_eq!(stored.meta, meta, "round {round}");
            let version = version_of(&stored.into_record().unwrap());
            assert_eq!(files(&folder), ["one.json"], "round {round}");
            let file = std::fs::read(folder.join("one.json")).unwrap();
            let in_file = truthound_stores_core::Body::parse(&file).unwrap();
            assert_eq!(in_file, document(ID, version).body, "round {round}: the file holds another version");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "round {round}: {}", error.report());
            assert_eq!(listed, [], "round {round}");
            assert_eq!(files(&folder), Vec::<String>::new(), "round {round}");
        }
    }
    assert_sound(store).await;
}

/// A child that writes.
pub(crate) async fn overwrite(base: &Path, number: &str) {
    let store = open(base).await;
    let first = number.parse::<u64>().unwrap() * 1_000_000;
    for version in first..first + WRITES {
        store.save_with(&json(version), truthound_stores_core::PutOptions::default()).await.unwrap();
    }
    store.close().await.unwrap();
}

fn json(version: u64) -> truthound_stores_core::json::Json {
    truthound_stores_core::Body::parse(text(ID, version).as_bytes()).unwrap().to_json().unwrap()
}

/// A child that deletes.
pub(crate) async fn delete(base: &Path) {
    let store = open(base).await;
    for _ in 0..WRITES {
        store.delete(&key(ID)).await.unwrap();
        // It gives the others the time of a write.
        store.check().await.unwrap();
    }
    store.close().await.unwrap();
}

/// A child that must see whole versions of this id, or none.
pub(crate) async fn read(base: &Path) {
    let store = open(base).await;
    say("open");
    while !is_over(base) {
        match store.read(&key(ID)).await {
            Ok(stored) => _ = version_of(&stored.into_record().unwrap()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.report()),
        }
        let listed = store.list_runs(&Query::new()).await.unwrap();
        assert!(listed.damaged.is_empty() && listed.len() <= 1, "{listed:?}");
    }
    store.close().await.unwrap();
}
