//! Answers that end early without a word: a proxy that was restarted once made a sound catalog look damaged, and `verify --repair` would have
//! rebuilt it.

use truthound_stores_catalog::{CatalogConfig, TailRow};
use truthound_stores_core::{
    Collection, ErrorKind, MaintainOptions, Query, Reading, Record, Store, StoreExt, Upkeep,
};
use truthound_stores_testkit::object::{ObjectFault, RequestKind, StoreOptions, Trouble};

use crate::place::Simulated;

fn record(id: &str) -> Record {
    let text =
        format!(r#"{{"run_id": "{id}", "run_time": "2026-01-31", "data_asset": "a", "status": "success"}}"#);
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// A bucket with two rows in a segment, and one in a body of the tail.
async fn filled() -> Simulated {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let store = place.store(CatalogConfig::new().with_tail_row(TailRow::Body));
    for id in ["a", "b"] {
        store.put(record(id)).await.unwrap();
    }
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    store.put(record("c")).await.unwrap();
    place
}

#[tokio::test]
async fn an_answer_that_ends_early_is_asked_for_again() {
    let place = filled().await;
    for part in ["_catalog/root", "_catalog/segments/", "_catalog/tail/"] {
        let store = place.store(CatalogConfig::new());
        place
            .bucket
            .faults()
            .force(ObjectFault::new(Trouble::ShortBody).on(RequestKind::Get).named(part).times(2));
        let page = store.list_page(&Query::new(), None).await.unwrap();
        let mut ids: Vec<&str> = page.metas.iter().map(|meta| meta.key.id()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["a", "b", "c"], "{part}");
        place.bucket.faults().heal();
    }
}

#[tokio::test]
async fn answers_that_always_end_early_are_an_outage_with_a_name_and_no_damage() {
    let place = filled().await;
    for part in ["_catalog/root", "_catalog/segments/", "_catalog/tail/"] {
        let store = place.store(CatalogConfig::new());
        let short = ObjectFault::new(Trouble::ShortBody).on(RequestKind::Get).named(part).forever();
        place.bucket.faults().force(short);
        let error = store.list_page(&Query::new(), None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{part}: {}", error.report());
        let report = error.report();
        assert!(report.contains(part) && report.contains("ended after"), "{report}");
        place.bucket.faults().heal();
    }
}
