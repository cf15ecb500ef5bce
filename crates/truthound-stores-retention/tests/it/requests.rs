//! What applying a plan asks of a bucket, counted. Prices are by the request, and a hundred thousand deletions are planned in a moment.

use std::sync::Arc;

use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{MaintainOptions, PutOptions, Store};
use truthound_stores_retention::{RetentionAction, RetentionTargets};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{RequestKind, SimulatedStore, StoreOptions};

use crate::support::{RESULTS, daily, record, retention};

const RECORDS: u64 = 250;
const BATCH: u64 = 100;

/// A bucket with so many records, all in one segment.
async fn filled(clock: &Arc<ManualClock>) -> (SimulatedStore, CatalogStore) {
    let bucket = SimulatedStore::new(StoreOptions::s3(), Arc::clone(clock) as _, 1);
    let objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated");
    let store = CatalogStore::open(objects, CatalogConfig::new().with_use_compression(false)).unwrap();
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
