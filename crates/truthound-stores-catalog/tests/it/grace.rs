//! What clean-up keeps: a dashboard that reads while `maintain` runs nightly, and asks what it said an hour ago.

use std::time::Duration;

use truthound_stores_catalog::{CatalogConfig, CatalogStore};
use truthound_stores_core::{
    Collection, ErrorKind, MaintainOptions, Query, Reading, Record, StoreExt, Upkeep,
};
use truthound_stores_testkit::object::StoreOptions;

use crate::place::Simulated;

const HOUR: Duration = Duration::from_hours(1);

fn record(id: &str) -> Record {
    let text =
        format!(r#"{{"run_id": "{id}", "run_time": "2026-01-31", "data_asset": "a", "status": "success"}}"#);
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// Saves one document and folds it, three times, an hour apart; no clean-up but the last, half an hour later.
async fn three_hours(place: &Simulated, config: CatalogConfig, options: MaintainOptions) -> CatalogStore {
    let store = place.store(config);
    for id in ["a", "b", "c"] {
        store.put(record(id)).await.unwrap();
        store.maintain(MaintainOptions::default().with_grace(HOUR * 24), &()).await.unwrap();
        place.clock.advance(HOUR);
    }
    place.clock.advance(HOUR / 2);
    store.maintain(options, &()).await.unwrap();
    store
}

/// How many documents each state that can be asked for has: each is asked for, so its files are there.
async fn counts(store: &CatalogStore) -> Vec<u64> {
    let mut counts = Vec::new();
    for state in store.states(&Collection::RESULTS).await.unwrap() {
        let query = Query::new();
        let page = store.list_page_as_of(state.generation, &query, None).await.unwrap();
        let count = store.count_as_of(state.generation, &query).await.unwrap();
        assert_eq!(page.metas.len() as u64, count);
        counts.push(count);
    }
    counts.dedup();
    counts
}

fn segments(place: &Simulated) -> usize {
    place.bucket.names().iter().filter(|name| name.ends_with(".parquet")).count()
}

#[tokio::test]
async fn what_was_current_within_the_grace_stays_readable() {
    for (grace, kept, files) in [
        // The first state was replaced right when the first document was folded.
        (Duration::ZERO, vec![3], 1),
        (HOUR, vec![3], 1),
        (HOUR * 2, vec![2, 3], 2),
        (HOUR * 3, vec![1, 2, 3], 3),
        (HOUR * 4, vec![0, 1, 2, 3], 3),
    ] {
        let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
        let options = MaintainOptions::default().with_grace(grace);
        let store = three_hours(&place, CatalogConfig::new(), options).await;
        assert_eq!(counts(&store).await, kept, "{grace:?}");
        assert_eq!(segments(&place), files, "{grace:?}");
        // Nothing is left of it once it is not asked for any more.
        store.maintain(MaintainOptions::default(), &()).await.unwrap();
        assert_eq!((counts(&store).await, segments(&place)), (vec![3], 1), "{grace:?}");
    }
}

/// What is kept is counted back from now, not from the last change: a catalog that rests for a week has nothing of the last hour but itself.
#[tokio::test]
async fn a_catalog_at_rest_lets_go_of_what_is_old() {
    let place = Simulated::new(StoreOptions::gcs(), CatalogConfig::new);
    let options = MaintainOptions::default().with_grace(HOUR * 4);
    let store = three_hours(&place, CatalogConfig::new(), options).await;
    assert_eq!(counts(&store).await, [0, 1, 2, 3]);
    place.clock.advance(HOUR * 24 * 7);
    store.maintain(options, &()).await.unwrap();
    assert_eq!((counts(&store).await, segments(&place)), (vec![3], 1));
}

/// Where what is deleted has to be gone from the catalog, nothing of it is kept by a slip.
#[tokio::test]
async fn a_grace_is_refused_where_no_history_may_be_kept() {
    let place = Simulated::new(StoreOptions::azure(), CatalogConfig::new);
    let store = place.store(CatalogConfig::new().with_history_days(0));
    store.put(record("a")).await.unwrap();
    place.bucket.reset_requests();
    let error = store.maintain(MaintainOptions::default().with_grace(HOUR), &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("history_days"), "{error}");
    assert_eq!(place.bucket.requests().total(), 0, "nothing is done");
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(segments(&place), 1);
}
