//! One small result, and what tests ask about it.

use truthound_stores::{Collection, Key, Query, Reading, Record, Store, StoreExt};

/// A result as Truthound writes it, with this id.
pub(crate) fn record(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-03-01T12:00:00", "data_asset": "orders", "status": "failure",
            "results": [], "statistics": {{}}, "tags": {{"environment": "production"}}}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// Saves one result under this id and reads it back.
pub(crate) async fn save_and_read_back(store: &dyn Store, id: &str) {
    let record = record(id);
    assert!(store.put(record.clone()).await.unwrap().is_new());
    let body = store.read(&Key::result(id).unwrap()).await.unwrap().into_body().unwrap();
    assert_eq!(body.as_bytes(), record.body.as_bytes());
}

/// Lists the ids of all results, in order.
pub(crate) async fn ids(store: &dyn Store) -> Vec<String> {
    let mut ids = store.list_ids(&Query::new()).await.unwrap().into_complete().unwrap();
    ids.sort();
    ids
}
