//! Retention through a store that keeps versions: an item goes and comes back as a whole, and no version is ever planned for.

use std::sync::Arc;

use truthound_stores_core::{Query, Store as _, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    CountBasedPolicy, RestoreFrom, RetentionAction, RetentionConfig, RetentionTargets,
};
use truthound_stores_versioning::{History, VersionedStore, VersioningConfig};

use crate::support::{DAY, RESULTS, daily, documents, ids, key, memory, record_with, retention};
use RetentionAction::{Archive, Delete};

/// R-VER-4: a count of five once kept five versions of one item.
#[tokio::test]
async fn versions_are_neither_counted_nor_moved() {
    let (clock, memory) = memory();
    let store = VersionedStore::new(memory, VersioningConfig::new(), Arc::clone(&clock) as _).unwrap();
    for id in ["one", "two"] {
        for version in 1..=4 {
            store.put(record_with(&clock, id, "a", 30, &format!(r#""note": {version}"#))).await.unwrap();
        }
    }
    let config = RetentionConfig::new().with_grace_days(0.0).with_policy(CountBasedPolicy::new(2, Delete));
    let counted = retention(&config, RetentionTargets::none(), &clock).plan(&store, &RESULTS).await.unwrap();
    assert_eq!((counted.totals.scanned, counted.totals.removed()), (2, 0));

    let before = documents(&store, &RESULTS).await;
    let archive = MemoryStore::new();
    let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
    let moving = retention(&daily(Archive), targets, &clock);
    let applied = moving.run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.archived.records, applied.failed), (2, 0), "{:?}", applied.errors);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 0);
    assert_eq!(documents(&archive, &RESULTS).await, before);
    let restored = moving.restore_all(&store, &Query::new(), RestoreFrom::Archive).await.unwrap();
    assert_eq!((restored.restored.records, restored.failed), (2, 0), "{:?}", restored.errors);
    assert_eq!(documents(&store, &RESULTS).await, before);
    // The history goes on where it ended.
    let history = store.list_versions(&key("one"), &History::new()).await.unwrap();
    assert!(history.len() >= 5, "{history:?}");
}

#[tokio::test]
async fn deletions_can_be_undone_through_versions() {
    let (clock, memory) = memory();
    let store = VersionedStore::new(memory, VersioningConfig::new(), Arc::clone(&clock) as _).unwrap();
    store.put(record_with(&clock, "one", "a", 30, r#""note": 1"#)).await.unwrap();
    store.put(record_with(&clock, "one", "a", 30, r#""note": 2"#)).await.unwrap();
    let before = documents(&store, &RESULTS).await;
    clock.advance(8 * DAY);
    let retention = retention(&daily(Delete).with_grace_days(7.0), RetentionTargets::none(), &clock);
    let applied = retention.run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed), (1, 0), "{:?}", applied.errors);
    assert!(ids(&store).await.is_empty());
    let wanted = ["one".to_owned()];
    let restored = retention.restore(&store, &RESULTS, RestoreFrom::Deleted, &wanted).await.unwrap();
    assert_eq!((restored.restored.records, restored.failed), (1, 0), "{:?}", restored.errors);
    assert_eq!(documents(&store, &RESULTS).await, before);
}
