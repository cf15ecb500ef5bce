//! Bringing records back.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use truthound_stores_core::{ErrorKind, Query, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{RestoreFrom, RetentionAction, RetentionTargets};

use crate::support::{
    DAY, RESULTS, daily, days_ago, documents, ids, key, memory, record, record_with, retention, trash,
};
use RetentionAction::{Archive, Delete};

fn names<const N: usize>(ids: [&str; N]) -> Vec<String> {
    ids.map(str::to_owned).to_vec()
}

#[tokio::test]
async fn a_deletion_can_be_undone_and_does_not_happen_again_at_once() {
    let (clock, store) = memory();
    for id in ["one", "two", "three"] {
        store.put(record(&clock, id, "a", 30)).await.unwrap();
    }
    let mut with_ext = record_with(&clock, "ext", "a", 30, r#""note": 1.10"#);
    with_ext.attributes.ext.set("versioning.version", "7").unwrap();
    store.put(with_ext.clone()).await.unwrap();
    clock.advance(8 * DAY);
    let before = documents(&store, &RESULTS).await;
    let retention = retention(&daily(Delete).with_grace_days(7.0), RetentionTargets::none(), &clock);
    retention.run(&store, &RESULTS).await.unwrap();
    let listed: Vec<_> = retention.deleted(&store, &RESULTS).unwrap().try_collect().await.unwrap();
    assert_eq!(listed.len(), 4);
    assert!(listed.iter().all(|deleted| deleted.until == days_ago(&clock, -7)));

    let wanted = names(["one", "ext", "never"]);
    let restored = retention.restore(&store, &RESULTS, RestoreFrom::Deleted, &wanted).await.unwrap();
    assert_eq!((restored.restored.records, restored.failed), (2, 1));
    assert_eq!(
        (restored.errors[0].kind(), restored.errors[0].key()),
        (ErrorKind::NotFound, Some(&key("never")))
    );
    let now = documents(&store, &RESULTS).await;
    assert_eq!((&now["one"], &now["ext"], now.len()), (&before["one"], &before["ext"], 2));
    assert_eq!(store.head(&key("ext")).await.unwrap().attributes, with_ext.attributes, "as it was saved");
    assert_eq!(documents(&store, &trash()).await.len(), 2);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().removed(), 0, "it counts as just saved");

    clock.advance(7 * DAY);
    retention.purge(&store, &RESULTS).await.unwrap();
    let late = retention.restore(&store, &RESULTS, RestoreFrom::Deleted, &names(["two"])).await.unwrap();
    assert_eq!(late.errors[0].kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_archived_comes_back_by_id_or_by_query() {
    let (clock, store) = memory();
    let archive = MemoryStore::new();
    for number in 0..30 {
        let asset = if number % 3 == 0 { "a" } else { "b" };
        store.put(record(&clock, &format!("run_{number}"), asset, 30)).await.unwrap();
    }
    let before = documents(&store, &RESULTS).await;
    let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
    let retention = retention(&daily(Archive), targets, &clock);
    retention.run(&store, &RESULTS).await.unwrap();
    let one = retention.restore(&store, &RESULTS, RestoreFrom::Archive, &names(["run_4"])).await.unwrap();
    assert_eq!((one.restored.records, ids(&store).await), (1, names(["run_4"])));
    let query = Query::new().with_data_asset("a").with_page_size(3);
    let some = retention.restore_all(&store, &query, RestoreFrom::Archive).await.unwrap();
    assert_eq!((some.restored.records, some.failed), (10, 0));
    let rest = retention.restore_all(&store, &Query::new(), RestoreFrom::Archive).await.unwrap();
    assert_eq!(rest.restored.records, 19);
    assert_eq!((documents(&store, &RESULTS).await, ids(&archive).await.len()), (before, 0));
    let error = retention.restore_all(&store, &Query::new(), RestoreFrom::Quarantine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn an_id_that_was_saved_again_is_not_overwritten() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    clock.advance(8 * DAY);
    let retention = retention(&daily(Delete).with_grace_days(7.0), RetentionTargets::none(), &clock);
    retention.run(&store, &RESULTS).await.unwrap();
    store.put(record_with(&clock, "one", "a", 0, r#""note": "new""#)).await.unwrap();
    let restored = retention.restore(&store, &RESULTS, RestoreFrom::Deleted, &names(["one"])).await.unwrap();
    assert_eq!((restored.restored.records, restored.errors[0].kind()), (0, ErrorKind::Conflict));
    assert!(documents(&store, &RESULTS).await["one"].contains("new"));
    assert_eq!(documents(&store, &trash()).await.len(), 1, "it is still there to be restored");
}

#[tokio::test]
async fn of_several_deletions_of_one_id_the_newest_comes_back_first() {
    let (clock, store) = memory();
    let graced = retention(&daily(Delete).with_grace_days(7.0), RetentionTargets::none(), &clock);
    let at_once = retention(&daily(Delete), RetentionTargets::none(), &clock);
    for note in ["first", "second"] {
        store.put(record_with(&clock, "one", "a", 30, &format!(r#""note": "{note}""#))).await.unwrap();
        let plan = at_once.plan(&store, &RESULTS).await.unwrap();
        graced.apply(&store, &plan).await.unwrap();
        clock.advance(DAY);
    }
    for note in ["second", "first"] {
        let restored = graced.restore(&store, &RESULTS, RestoreFrom::Deleted, &names(["one"])).await.unwrap();
        assert_eq!(restored.restored.records, 1, "{note}");
        assert!(documents(&store, &RESULTS).await["one"].contains(note));
        store.delete(&key("one")).await.unwrap();
    }
}

/// All deletions are listed by the times of their runs, and each was brought back as it came: of two of one id perhaps the older, and the newer was refused as
/// another document of that id.
#[tokio::test]
async fn of_several_deletions_of_one_id_all_brings_the_newest_back() {
    for (run_days, at_once) in [([30, 40, 50], false), ([50, 40, 30], false), ([30, 50, 40], true)] {
        let (clock, store) = memory();
        let graced = retention(&daily(Delete).with_grace_days(7.0), RetentionTargets::none(), &clock);
        let plainly = retention(&daily(Delete), RetentionTargets::none(), &clock);
        for (note, days) in ["first", "second", "third"].into_iter().zip(run_days) {
            for id in ["one", "two"] {
                store.put(record_with(&clock, id, "a", days, &format!(r#""note": "{note}""#))).await.unwrap();
            }
            let plan = plainly.plan(&store, &RESULTS).await.unwrap();
            graced.apply(&store, &plan).await.unwrap();
            if !at_once {
                clock.advance(DAY);
            }
        }
        store.put(record(&clock, "three", "a", 60)).await.unwrap();
        let plan = plainly.plan(&store, &RESULTS).await.unwrap();
        graced.apply(&store, &plan).await.unwrap();
        assert_eq!(documents(&store, &trash()).await.len(), 7);

        for left in [4, 2, 0] {
            // Small pages, so that copies of one id are in several.
            let query = Query::new().with_page_size(2);
            let restored = graced.restore_all(&store, &query, RestoreFrom::Deleted).await.unwrap();
            let back = documents(&store, &RESULTS).await;
            assert_eq!((restored.failed, documents(&store, &trash()).await.len()), (0, left), "{restored:?}");
            assert_eq!(restored.restored.records, back.len() as u64);
            for id in ["one", "two"] {
                let newest = ["first", "second", "third"][left / 2];
                assert!(at_once || back[id].contains(newest), "{run_days:?}: {}", back[id]);
                store.delete(&key(id)).await.unwrap();
            }
            store.delete(&key("three")).await.unwrap();
        }
    }
}
