//! What applying a plan asks of a bucket, counted. Prices are by the request, and a hundred thousand deletions are planned in a moment.

use std::sync::Arc;

use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{MaintainOptions, PutOptions, Store, StoreExt as _};
use truthound_stores_retention::{RetentionAction, RetentionTargets};
use truthound_stores_testkit::object::{ObjectFault, RequestKind, SimulatedStore, StoreOptions};
use truthound_stores_testkit::{Gate, ManualClock};

use crate::support::{RESULTS, daily, key, record, record_with, retention};

const RECORDS: u64 = 250;
const BATCH: u64 = 100;

fn opened(bucket: &SimulatedStore) -> CatalogStore {
    let objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated");
    CatalogStore::open(objects, CatalogConfig::new().with_use_compression(false)).unwrap()
}

/// A bucket with so many records, all in one segment.
async fn filled(clock: &Arc<ManualClock>) -> (SimulatedStore, CatalogStore) {
    let bucket = SimulatedStore::new(StoreOptions::s3(), Arc::clone(clock) as _, 1);
    let store = opened(&bucket);
    let all = (0..RECORDS).map(|number| record(clock, &format!("run_{number:03}"), "a", 30));
    for written in store.put_many(all.collect(), PutOptions::default()).await {
        written.unwrap();
    }
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    (bucket, store)
}

/// Decision 0017: a mark must name the operations before it, and be put on the condition of what was read, so each document is looked at; and it has a name
/// of its own. Its row is not: a batch has one object of rows.
#[tokio::test]
async fn a_deletion_takes_a_look_and_a_mark_and_a_batch_one_object_of_rows() {
    let clock = Arc::new(ManualClock::new(1));
    let (bucket, store) = filled(&clock).await;
    let config = daily(RetentionAction::Delete).with_batch_size(usize::try_from(BATCH).unwrap());
    bucket.reset_requests();
    let applied = retention(&config, RetentionTargets::none(), &clock).run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed), (RECORDS, 0), "{:?}", applied.errors);
    let asked = bucket.reset_requests();
    let puts = RECORDS + RECORDS.div_ceil(BATCH);
    assert_eq!((asked.of(RequestKind::Head), asked.of(RequestKind::Put)), (RECORDS, puts), "{asked}");
    assert!(asked.total() - RECORDS - puts < 20, "planning and looking for old deletions: {asked}");
}

/// A move is a read, a copy that is read back, and a deletion: five requests, of whichever place.
#[tokio::test]
async fn a_move_takes_five_requests() {
    let clock = Arc::new(ManualClock::new(1));
    let (bucket, store) = filled(&clock).await;
    let config = daily(RetentionAction::Delete).with_grace_days(0.5);
    // The store goes by another clock than the policies: what is new there is old here.
    let later = Arc::new(ManualClock::new(1));
    later.set("2100-01-01T00:00:00Z".parse().unwrap());
    bucket.reset_requests();
    let applied = retention(&config, RetentionTargets::none(), &later).run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed), (RECORDS, 0), "{:?}", applied.errors);
    let asked = bucket.reset_requests();
    let rows = 2;
    // Beside the moves stands what a new collection of a bucket begins with.
    assert!((RECORDS..RECORDS + 10).contains(&asked.of(RequestKind::Head)), "{asked}");
    assert!((RECORDS * 2 + rows..RECORDS * 2 + rows + 30).contains(&asked.of(RequestKind::Put)), "{asked}");
    assert!((RECORDS * 2..RECORDS * 2 + 30).contains(&asked.of(RequestKind::Get)), "{asked}");
}

/// A process was killed when it had written a document, or the mark of its deletion, and not its row. Each run planned what the row says, found the document
/// in another state, and left both as they were, for ever.
#[tokio::test]
async fn what_a_killed_process_left_goes_with_the_second_run() {
    for (is_deletion, grace_days) in [(false, 0.0), (false, 0.5), (true, 0.0), (true, 0.5)] {
        let what = format!("deletion: {is_deletion}, grace: {grace_days}");
        let clock = Arc::new(ManualClock::new(1));
        let (bucket, store) = filled(&clock).await;
        let gate = Gate::new("before the row");
        bucket.faults().force(ObjectFault::hold(&gate).on(RequestKind::Put).named("/tail/"));
        let again = record_with(&clock, "run_000", "a", 30, r#""tags": {}, "note": "again""#);
        let working = tokio::spawn(async move {
            if is_deletion {
                store.delete(&key("run_000")).await.map(drop)
            } else {
                store.put(again).await.map(drop)
            }
        });
        gate.reached().await;
        working.abort();
        working.await.unwrap_err();
        bucket.faults().heal();

        let later = Arc::new(ManualClock::new(1));
        later.set("2100-01-01T00:00:00Z".parse().unwrap());
        let config = daily(RetentionAction::Delete).with_grace_days(grace_days);
        let retention = retention(&config, RetentionTargets::none(), &later);
        // Processes that know nothing of each other.
        let first = retention.run(&opened(&bucket), &RESULTS).await.unwrap();
        assert_eq!((first.removed(), first.failed), (RECORDS - 1, 0), "{what}: {first:?}");
        assert_eq!(first.changed + first.gone, 1, "{what}: {first:?}");
        let second = retention.run(&opened(&bucket), &RESULTS).await.unwrap();
        assert_eq!(second.removed(), u64::from(!is_deletion), "{what}: {second:?}");
        assert_eq!(second.changed + second.gone, 0, "{what}: {second:?}");
        assert_eq!(retention.plan(&opened(&bucket), &RESULTS).await.unwrap().totals.scanned, 0, "{what}");
    }
}

/// Records that had changed since they were planned were each listed and read again: of two runs that met, the slower one asked for twice as much as the other.
#[tokio::test]
async fn of_many_that_have_changed_some_are_looked_at_again() {
    for (grace_days, reads) in [(0.0, 0), (0.5, RECORDS)] {
        let clock = Arc::new(ManualClock::new(1));
        let (bucket, store) = filled(&clock).await;
        let later = Arc::new(ManualClock::new(1));
        later.set("2100-01-01T00:00:00Z".parse().unwrap());
        let config = daily(RetentionAction::Delete).with_grace_days(grace_days);
        let retention = retention(&config, RetentionTargets::none(), &later);
        let plan = retention.plan(&store, &RESULTS).await.unwrap();
        assert_eq!(plan.totals.removed(), RECORDS, "{grace_days}");
        let again = |number| {
            record_with(&clock, &format!("run_{number:03}"), "a", 30, r#""tags": {}, "note": "again""#)
        };
        for written in store.put_many((0..RECORDS).map(again).collect(), PutOptions::default()).await {
            written.unwrap();
        }
        bucket.reset_requests();
        let applied = retention.apply(&store, &plan).await.unwrap();
        assert_eq!(
            (applied.changed, applied.removed(), applied.failed),
            (RECORDS, 0, 0),
            "{grace_days}: {applied:?}"
        );
        let asked = bucket.reset_requests();
        // A listing of one moment, and a read of document and row, of 64; a few more for what is not the records' own.
        assert!((64..70).contains(&asked.of(RequestKind::List)), "{grace_days}: {asked}");
        assert!((reads + 128..reads + 140).contains(&asked.of(RequestKind::Get)), "{grace_days}: {asked}");
    }
}
