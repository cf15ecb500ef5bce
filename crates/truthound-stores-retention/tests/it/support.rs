//! Stores whose time tests decide, and records of any age.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Clock as _, Collection, Key, Query, Reading, Record, Store, StoreExt as _, Timestamp,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    Retention, RetentionAction, RetentionConfig, RetentionTargets, TimeBasedPolicy,
};
use truthound_stores_testkit::ManualClock;

pub(crate) const RESULTS: Collection = Collection::RESULTS;
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A moment so many days before the present of a clock.
pub(crate) fn days_ago(clock: &ManualClock, days: i64) -> Timestamp {
    clock.now().plus_micros(-days * 86_400_000_000)
}

/// A result, run so many days ago.
pub(crate) fn record(clock: &ManualClock, id: &str, asset: &str, days: i64) -> Record {
    record_with(clock, id, asset, days, r#""tags": {}"#)
}

/// A result with further members.
pub(crate) fn record_with(clock: &ManualClock, id: &str, asset: &str, days: i64, more: &str) -> Record {
    let time = days_ago(clock, days);
    let status = if more.contains("status") { "" } else { r#""status": "success", "# };
    let text =
        format!(r#"{{"run_id": "{id}", "run_time": "{time}", "data_asset": "{asset}", {status}{more}}}"#);
    Record::parse(RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// A clock, and a store that goes by it.
pub(crate) fn memory() -> (Arc<ManualClock>, MemoryStore) {
    let clock = Arc::new(ManualClock::new(1));
    (Arc::clone(&clock), MemoryStore::new().with_clock(clock))
}

/// Removes what is older than a day, at once, and be it all there is.
pub(crate) fn daily(action: RetentionAction) -> RetentionConfig {
    RetentionConfig::new()
        .with_policy(TimeBasedPolicy::new(1.0, action))
        .with_grace_days(0.0)
        .with_allow_empty(true)
}

pub(crate) fn retention(
    config: &RetentionConfig,
    targets: RetentionTargets,
    clock: &Arc<ManualClock>,
) -> Retention {
    Retention::new(config, targets, Arc::clone(clock) as _).unwrap()
}

pub(crate) async fn ids<S: Store + ?Sized>(store: &S) -> Vec<String> {
    store.list_ids(&Query::new()).await.unwrap().into_complete().unwrap()
}

/// All documents of a collection, by id.
pub(crate) async fn documents<S: Store + ?Sized>(
    store: &S,
    collection: &Collection,
) -> BTreeMap<String, String> {
    let listed = store.list_runs(&Query::new().with_collection(collection.clone())).await.unwrap();
    let mut found = BTreeMap::new();
    for meta in listed.into_complete().unwrap() {
        let body = store.read(&meta.key).await.unwrap().into_body().unwrap();
        found.insert(meta.key.id().to_owned(), body.as_str().to_owned());
    }
    found
}

pub(crate) fn trash() -> Collection {
    Collection::hidden("retention-trash-results").unwrap()
}

pub(crate) fn key(id: &str) -> Key {
    Key::result(id).unwrap()
}
