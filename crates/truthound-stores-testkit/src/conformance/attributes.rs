//! The facts about a document come back as they went in, whether or not the text says them.

use truthound_stores_core::{
    Attributes, Body, Ext, Key, Query, Record, Statistics, Status, Store, StoreExt, Timestamp,
};

use super::Place;
use super::check::{get, ids, list, ok, put};
use super::sample::{hidden, key, parse, sample};
use crate::{Generator, odd_records};

/// Checks what is said of a record in the answer to the write, in both ways of reading, and in a listing.
async fn assert_kept(store: &dyn Store, record: &Record) {
    let written = put(store, record.clone()).await.meta.attributes;
    assert_eq!(written, record.attributes, "{}: the write answers other attributes", record.key);
    let read = get(store, &record.key).await.meta.attributes;
    assert_eq!(read, record.attributes, "{}: get answers other attributes", record.key);
    let head = ok(store.head(&record.key).await, "head").attributes;
    assert_eq!(head, record.attributes, "{}: get without the text answers other attributes", record.key);
    let listed = list(store, &Query::new().with_collection(record.key.collection().clone())).await;
    let listed = listed.into_iter().find(|meta| meta.key == record.key);
    assert_eq!(listed.map(|meta| meta.attributes), Some(record.attributes.clone()), "{}: listed", record.key);
}

pub(super) async fn every_attribute_comes_back(place: &dyn Place) {
    let store = place.open("default").await;
    for record in Generator::new(31).records(4).into_iter().chain(odd_records()) {
        assert_kept(&store, &record).await;
    }
}

pub(super) async fn counts_come_back_exactly(place: &dyn Place) {
    let store = place.open("default").await;
    let record = parse(
        br#"{"run_id": "counts", "run_time": "2026-01-01T00:00:00", "data_asset": "orders", "status": "failure",
            "statistics": {"total_validators": 9007199254740993, "passed_validators": 1, "failed_validators": 2,
            "error_validators": 3, "total_rows": 9223372036854775807, "total_columns": 5, "total_issues": 6,
            "critical_issues": 7, "high_issues": 8, "medium_issues": 9, "low_issues": 10,
            "execution_time_ms": 0.30000000000000004}}"#,
    );
    assert_eq!(record.attributes.statistics.total_rows, i64::MAX.unsigned_abs());
    assert_kept(&store, &record).await;
}

pub(super) async fn text_outside_ascii_comes_back(place: &dyn Place) {
    let store = place.open("default").await;
    let record = sample("größe 👩\u{200d}👧")
        .asset("倉庫.注文 \u{1f600}")
        .status("übersprungen")
        .tag("größe", "ü\u{0308}ber \"quoted\" \\ back")
        .tag("", "empty name")
        .tag("empty value", "")
        .tag("new\nline", "tab\tand\u{0}nul")
        .record();
    assert_kept(&store, &record).await;
}

pub(super) async fn microseconds_and_far_times_come_back(place: &dyn Place) {
    let store = place.open("default").await;
    for time in [
        "2026-01-31T12:00:00.123456",
        "2026-01-31T12:00:00.000001",
        "2026-01-31T23:59:59.999999",
        "1969-12-31T23:59:59.999999",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.999999",
    ] {
        assert_kept(&store, &sample(time).time(time).record()).await;
    }
    let exact: Timestamp = "2026-01-31T12:00:00.123456".parse().unwrap();
    let query = Query::new().with_start_time(exact).with_end_time(exact);
    assert_eq!(ids(&store, &query).await, ["2026-01-31T12:00:00.123456"]);
}

pub(super) async fn an_empty_suite_name_is_not_a_missing_one(place: &dyn Place) {
    let store = place.open("default").await;
    for (id, member) in
        [("missing", ""), ("null", r#", "suite_name": null"#), ("empty", r#", "suite_name": """#)]
    {
        let text = format!(
            r#"{{"run_id": "{id}", "run_time": "2026-01-01", "data_asset": "a", "status": "success"{member}}}"#
        );
        let record = parse(text.as_bytes());
        assert_eq!(record.attributes.suite_name.as_deref(), (id == "empty").then_some(""));
        assert_kept(&store, &record).await;
    }
}

pub(super) async fn what_wrappers_keep_with_a_record_comes_back(place: &dyn Place) {
    let store = place.open("default").await;
    let record = sample("run_1").ext("versioning.parent", "v41 größe").ext("replication.hlc", "").record();
    assert_kept(&store, &record).await;
    let full = sample("run_2").ext("x", &"y".repeat(Ext::MAX_BYTES - 1)).record();
    assert_kept(&store, &full).await;
    // An overwrite brings its own, or none.
    assert_kept(&store, &sample("run_1").ext("versioning.parent", "v42").record()).await;
    assert_kept(&store, &sample("run_1").record()).await;
    assert!(get(&store, &key("run_1")).await.meta.attributes.ext.is_empty());
}

pub(super) async fn a_wrappers_records_may_say_more_than_their_text(place: &dyn Place) {
    let store = place.open("default").await;
    let statistics = Statistics { total_issues: 3, execution_time_ms: 1.5, ..Statistics::default() };
    let attributes = Attributes::new("orders", "2026-01-01T00:00:00.5".parse().unwrap(), Status::FAILURE)
        .with_tag("environment", "production")
        .with_suite_name("contract")
        .with_statistics(statistics);
    let key = Key::new(hidden("versions"), "orders/7").unwrap();
    let body = Body::parse(br#"{"id": "something else", "payload": [1, 2.50, "x"]}"#).unwrap();
    let record = Record::new(key.clone(), attributes, body.clone());
    assert_kept(&store, &record).await;
    assert_eq!(get(&store, &key).await.body, Some(body));
}
