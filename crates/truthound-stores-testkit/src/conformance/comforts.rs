//! What users call is made of what stores do: typed documents, the latest, the failures, clearing.

use futures_util::{StreamExt as _, TryStreamExt as _};
use truthound_stores_core::json::Json;
use truthound_stores_core::{ErrorKind, PutOptions, Query, Status, StoreExt};

use super::Place;
use super::check::{count, ids, ok, put, put_all, refused};
use super::sample::{key, many, sample};

fn document(id: &str) -> Json {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-01T00:00:00", "data_asset": "a", "status": "failed", "x": 1.50}}"#
    );
    Json::parse(text.as_bytes()).unwrap()
}

fn ids_of(documents: &[Json]) -> Vec<&str> {
    documents.iter().map(|document| document.get("run_id").and_then(Json::as_str).unwrap()).collect()
}

pub(super) async fn typed_documents_come_back(place: &dyn Place) {
    let store = place.open("default").await;
    assert!(ok(store.save(&document("run_1")).await, "save").is_new());
    assert_eq!(ok(store.get::<Json>("run_1").await, "get"), document("run_1"));
    refused(store.get::<Json>("run_2").await, ErrorKind::NotFound, "get an absent document");
    refused(store.get::<Json>("").await, ErrorKind::Invalid, "get by an empty id");
    if store.info().capabilities.create_only {
        let answer = store.save_with(&document("run_1"), PutOptions::create()).await;
        refused(answer, ErrorKind::Conflict, "save over a taken id, create-only");
    }
}

pub(super) async fn a_document_that_is_no_result_is_refused_and_not_written(place: &dyn Place) {
    let store = place.open("default").await;
    for text in [
        r"{}",
        r#"{"run_id": "run_1"}"#,
        r"[]",
        r#"{"run_id": "a\nb", "run_time": "2026-01-01", "data_asset": "a", "status": "s"}"#,
    ] {
        let answer = store.save(&Json::parse(text.as_bytes()).unwrap()).await;
        refused(answer, ErrorKind::Invalid, text);
    }
    assert_eq!(count(&store, &Query::new()).await, 0);
}

pub(super) async fn the_latest_the_history_and_the_failures_of_an_asset(place: &dyn Place) {
    let store = place.open("default").await;
    let at = |id: &str, asset: &str, status: &str, second: u32| {
        sample(id).asset(asset).status(status).time(&format!("2026-01-01T00:00:{second:02}")).record()
    };
    let records = vec![
        at("a1", "orders*", "failure", 1),
        at("a2", "orders*", "success", 2),
        at("a3", "orders*", "failure", 3),
        at("b1", "orders_eu", "failure", 4),
        at("b2", "orders_eu", "error", 5),
    ];
    put_all(&store, records).await;
    // An asset's name is no pattern here, even if it looks like one.
    let latest = ok(store.get_latest::<Json>("orders*").await, "get_latest");
    assert_eq!(ids_of(&latest), ["a3"]);
    assert!(ok(store.get_latest::<Json>("no such").await, "get_latest").is_empty());
    assert_eq!(
        ids_of(&ok(store.get_history::<Json>("orders*", None).await, "get_history")),
        ["a3", "a2", "a1"]
    );
    assert_eq!(ids_of(&ok(store.get_history::<Json>("orders*", Some(2)).await, "get_history")), ["a3", "a2"]);
    assert!(ok(store.get_history::<Json>("orders*", Some(0)).await, "get_history").is_empty());
    assert_eq!(ids_of(&ok(store.get_failures::<Json>(Some("orders*")).await, "get_failures")), ["a3", "a1"]);
    assert_eq!(ids_of(&ok(store.get_failures::<Json>(None).await, "get_failures")), ["b1", "a3", "a1"]);
}

pub(super) async fn a_query_reads_documents_in_its_order(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 9)).await;
    let query = Query::new().with_limit(4).with_offset(1).with_page_size(3);
    let found = ok(store.query::<Json>(&query).await, "query");
    assert_eq!(ids_of(&found), ["run_07", "run_06", "run_05", "run_04"]);
    assert!(found.damaged.is_empty());
    let listed = ok(store.list_ids(&query).await, "list_ids");
    assert_eq!(listed.items, ["run_07", "run_06", "run_05", "run_04"]);
    assert_eq!(ok(store.list_runs(&query).await, "list_runs").len(), 4);
}

pub(super) async fn clearing_deletes_what_the_query_lists(place: &dyn Place) {
    let store = place.open("default").await;
    let records = many("run_", 30).into_iter().enumerate().map(|(index, mut record)| {
        if index % 3 == 0 {
            record = sample(record.key.id()).status("failure").time("2026-02-01T00:00:00").record();
        }
        record
    });
    put_all(&store, records.collect()).await;
    let failures = Query::new().with_status(Status::FAILURE).with_page_size(4);
    assert_eq!(ok(store.clear(&failures).await, "clear"), 10);
    assert_eq!(count(&store, &failures).await, 0);
    assert_eq!(count(&store, &Query::new()).await, 20);
    let newest = Query::new().with_limit(5).with_page_size(2);
    assert_eq!(ok(store.clear(&newest).await, "clear"), 5);
    assert_eq!(ids(&store, &Query::new().with_limit(1)).await, ["run_22"]);
    assert_eq!(ok(store.clear(&Query::new()).await, "clear"), 15);
    assert_eq!(ok(store.clear(&Query::new()).await, "clear"), 0);
}

pub(super) async fn iterating_leaves_out_what_is_deleted_on_the_way(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 40)).await;
    let mut documents = store.iter_query::<Json>(&Query::new(), 40);
    let first = documents.next().await.expect("a document");
    assert_eq!(ids_of(&[ok(first, "the first")]), ["run_39"]);
    // All descriptions are read already; of the texts, those of the next few.
    ok(store.delete(&key("run_01")).await, "delete");
    put(&store, sample("run_02").record()).await;
    let rest = ok(documents.try_collect::<Vec<Json>>().await, "the rest");
    let left: Vec<String> =
        (0..39).rev().filter(|number| *number != 1).map(|number| format!("run_{number:02}")).collect();
    assert_eq!(ids_of(&rest), left);
}
