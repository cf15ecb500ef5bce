//! The small files of the catalog, by which processes take turns and leave each other word, are hints and locks and nothing more: a
//! process that was killed in the middle of writing one, or a disk that lost it, must cost no document and keep nobody out.

use std::fs;

use truthound_stores_core::{MaintainOptions, Store, StoreExt, VerifyOptions};

use crate::support::{ids, open, record};

#[tokio::test]
async fn files_that_processes_share_may_say_anything() {
    for (name, bytes) in [
        ("publish", b"".as_slice()),
        ("publish", b"nonsense"),
        ("publish", b"00000000"),
        ("publish", b"ffffffffffffffff ffffffffffffffff ffffffffffffffff\n"),
        ("lock", b"x"),
        ("queue", b"x"),
        ("maintain", b"x"),
        ("owner-0000000000000007", b"x"),
        ("tmp-0000000000000007-1", b"x"),
        ("building-0000000000000007", b"x"),
        ("index.db-journal", b"x"),
    ] {
        let what = format!("{name} is {bytes:?}");
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).await;
        for day in 1..=3 {
            store.put(record(&format!("run{day}"), day)).await.unwrap();
        }
        store.close().await.unwrap();
        fs::write(dir.path().join("default/validations/_catalog").join(name), bytes).unwrap();

        let store = open(dir.path()).await;
        assert_eq!(ids(&store).await, ["run3", "run2", "run1"], "{what}");
        store.put(record("run4", 4)).await.unwrap();
        store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
        let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{what}: {:?}", report.findings);
        assert_eq!(report.documents, 4, "{what}");
        store.close().await.unwrap();
    }
}

/// A rebuild takes over what a living handle has not settled. A removal among it once had the place that the next save was given, and
/// each save failed until the removal was settled.
#[tokio::test]
async fn a_rebuild_beside_a_handle_with_unsettled_removals_leaves_a_store_that_can_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()).await, open(dir.path()).await);
    one.put(record("x", 1)).await.unwrap();
    one.put(record("y", 1)).await.unwrap();
    let key = truthound_stores_core::Key::result("x").unwrap();
    assert!(one.delete(&key).await.unwrap());
    let reindex = truthound_stores_core::ReindexOptions::default();
    two.upkeep().unwrap().reindex(reindex, &()).await.unwrap();
    two.put(record("z", 3)).await.unwrap();
    one.put(record("a", 4)).await.unwrap();
    for store in [&one, &two] {
        assert_eq!(ids(store).await, ["a", "z", "y"]);
    }
    one.close().await.unwrap();
    two.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let report = two.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{:?}", report.findings);
}
