//! What the store as a whole asks of its bucket, counted exactly (R-OBJ-1): it does not grow with what is stored.

use truthound_stores_catalog::{CatalogConfig, CatalogStore};
use truthound_stores_core::{
    Collection, DeleteOptions, Key, MaintainOptions, PutOptions, Query, Reading, Record, Store, StoreExt,
};
use truthound_stores_testkit::object::StoreOptions;

use crate::place::Simulated;

fn record(id: usize, asset: &str) -> Record {
    let time = format!("2026-01-{:02}T{:02}:00:00Z", 1 + id / 24 % 28, id % 24);
    let text = format!(
        r#"{{"run_id": "run_{id}", "run_time": "{time}", "data_asset": "{asset}", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

fn key(id: usize) -> Key {
    Key::result(&format!("run_{id}")).unwrap()
}

/// A bucket with a store of so many documents, folded, and a handle that has done nothing yet.
async fn filled(count: usize) -> (Simulated, CatalogStore) {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let filler = place.store(CatalogConfig::new());
    let records = (0..count).map(|id| record(id, if id % 10 == 0 { "orders" } else { "visits" })).collect();
    for written in filler.put_many(records, PutOptions::default()).await {
        written.unwrap();
    }
    filler.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let store = place.store(CatalogConfig::new());
    place.bucket.reset_requests();
    (place, store)
}

fn asked(place: &Simulated) -> u64 {
    place.bucket.reset_requests().total()
}

#[tokio::test]
async fn writes_ask_as_often_as_promised_whatever_is_stored() {
    for count in [0, 1_000] {
        let (place, store) = filled(count).await;
        // The first write of a handle reads the root, and that of a store tries the bucket out.
        store.put(record(5_000, "orders")).await.unwrap();
        let first = asked(&place);
        assert!(if count == 0 { first <= 24 } else { first == 3 }, "{first}");
        store.put(record(5_001, "orders")).await.unwrap();
        assert_eq!(asked(&place), 2, "a new document");
        store.put(record(5_001, "visits")).await.unwrap();
        assert_eq!(asked(&place), 4, "an overwrite");
        store.delete(&key(5_001)).await.unwrap();
        assert_eq!(asked(&place), 3, "a delete");
        let batch = (6_000..6_020).map(|id| record(id, "batch")).collect();
        store.put_many(batch, PutOptions::default()).await;
        assert_eq!(asked(&place), 21, "a batch of twenty");
        let keys = (6_000..6_020).map(key).collect();
        store.delete_many(keys, DeleteOptions::default()).await;
        assert_eq!(asked(&place), 41, "deleting twenty: a look and a mark each, and their rows together");
    }
}

#[tokio::test]
async fn a_get_is_one_request_even_the_first_of_a_handle() {
    let (place, store) = filled(1_000).await;
    store.read(&key(7)).await.unwrap();
    assert_eq!(asked(&place), 1);
    store.read(&key(8)).await.unwrap();
    assert_eq!(asked(&place), 1);
    assert!(!store.exists(&key(9_999)).await.unwrap());
    let absent = asked(&place);
    assert!(absent <= 3, "{absent}: name, and what the root says of other names, once");
}

#[tokio::test]
async fn a_query_asks_three_times_cold_and_twice_warm_and_an_idle_store_never() {
    let (place, store) = filled(1_000).await;
    let query = Query::new().with_data_asset("orders").with_limit(20);
    assert_eq!(store.list_page(&query, None).await.unwrap().metas.len(), 20);
    assert_eq!(asked(&place), 3, "the tail, the root, the segment");
    assert_eq!(store.list_page(&query, None).await.unwrap().metas.len(), 20);
    assert_eq!(asked(&place), 2, "the tail, and whether the root is still the same");
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1_000);
    assert_eq!(asked(&place), 2);
    store.close().await.unwrap();
    assert_eq!(asked(&place), 0, "an idle store asks for nothing");
}

#[tokio::test]
async fn bounded_queries_share_their_requests_and_see_what_their_handle_wrote() {
    let (place, other) = filled(100).await;
    let store = place.store(CatalogConfig::new().with_bounded(60_000));
    assert_eq!(store.count(&Query::new()).await.unwrap(), 100);
    asked(&place);
    other.put(record(200, "orders")).await.unwrap();
    asked(&place);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 100, "a minute has not passed");
    assert_eq!(asked(&place), 0);
    store.put(record(201, "orders")).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 102, "what the handle itself wrote is there");
    asked(&place);
    other.put(record(202, "orders")).await.unwrap();
    place.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(store.count(&Query::new()).await.unwrap(), 103);
}
