//! R-FS-4: Truthound and this store may write into one directory at once. Truthound writes files in place and does not know of any index
//! but its own.

use std::path::Path;
use std::process::{Command, Stdio};

use truthound_stores_core::json::Json;
use truthound_stores_core::{MaintainOptions, Query, ReindexOptions, Status, Store, StoreExt, VerifyOptions};

use crate::model::{document, key};
use crate::support::{long_tests, open, skip};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_writes_as_truthound_does_and_this_store_share_a_folder() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("a test of writing beside Truthound needs python3");
    }
    let count: usize = if long_tests() { 5_000 } else { 200 };
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("default/validations");
    let store = open(dir.path()).await;
    store.put(document("rust-first", 1)).await.unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/truthound_like.py");
    let mut python = Command::new("python3")
        .arg(script)
        .arg(&results)
        .arg(count.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut saved = 1;
    while python.try_wait().unwrap().is_none() || saved < count {
        saved += 1;
        store.put(document(&format!("rust-{saved:05}"), 2)).await.unwrap();
        // A file that is half written may be named as damaged meanwhile; it hides nothing of ours.
        if saved % (count / 10) == 0 {
            maintain(&store).await;
            let listed = store.list_ids(&Query::new()).await.unwrap();
            let ours = listed.items.iter().filter(|id| id.starts_with("rust-")).count();
            assert_eq!(ours, saved, "{:?}", listed.damaged);
        }
    }
    assert!(python.wait().unwrap().success());
    maintain(&store).await;
    all_there(&store, saved, count).await;
    // A handle that has seen nothing of this finds the same.
    let fresh = open(dir.path()).await;
    all_there(&fresh, saved, count).await;
    if let Some(upkeep) = fresh.upkeep() {
        upkeep.reindex(ReindexOptions::default(), &()).await.unwrap();
        all_there(&fresh, saved, count).await;
    }
    fresh.close().await.unwrap();
    let index = std::fs::read(results.join("_index.json")).unwrap();
    assert!(index.starts_with(b"{\n  \"python-00000\""), "Truthound's index was written over");
}

async fn maintain(store: &dyn Store) {
    if let Some(upkeep) = store.upkeep() {
        upkeep.maintain(MaintainOptions::default(), &()).await.unwrap();
    }
}

async fn all_there(store: &dyn Store, ours: usize, theirs: usize) {
    let listed = store.list_ids(&Query::new()).await.unwrap();
    assert!(listed.damaged.is_empty(), "{:?}", listed.damaged);
    assert_eq!(listed.items.len(), ours + theirs);
    let mut once = listed.items.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ours + theirs, "a document is listed twice");
    for id in &once {
        store.get::<Json>(id).await.unwrap_or_else(|error| panic!("{}", error.report()));
    }
    // What was written twice is listed as it was written last.
    let again = store.list_runs(&Query::new().with_status(Status::WARNING)).await.unwrap();
    assert_eq!(again.len(), theirs / 5);
    let stored = store.read(&key("python-00004")).await.unwrap().into_body().unwrap();
    assert_eq!(stored.to_json().unwrap().get("status").and_then(Json::as_str), Some("warning"));
    if let Some(upkeep) = store.upkeep() {
        let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{:?}", report.findings);
        assert_eq!(report.documents, (ours + theirs) as u64);
    }
}
