//! A scan lends what a listing describes: of the same documents, in the same order, and over the same pages.

use truthound_stores_core::{
    Error, ErrorKind, Facts, FactsPage, Key, OrderBy, Page, PageToken, Query, RecordMeta, Store, Timestamp,
};

use super::Place;
use super::check::{ok, put_all, refused};
use super::sample::{key, many, sample};
use crate::Generator;

/// Reads one part of a listing in both ways, which must agree.
async fn both(store: &dyn Store, query: &Query, after: Option<PageToken>) -> (Page, FactsPage) {
    let listed = ok(store.list_page(query, after.clone()).await, &format!("a page of {query:?}"));
    let lent = ok(store.scan_page(query, after).await, &format!("a scan of {query:?}"));
    let ids: Vec<&str> = listed.metas.iter().map(|meta| meta.key.id()).collect();
    let lent_ids: Vec<&str> = lent.iter().map(Facts::id).collect();
    assert_eq!(lent_ids, ids, "a scan lends other documents than are listed by {query:?}");
    assert_eq!(lent.facts.len(), ids.len());
    assert!(lent.facts.get(ids.len()).is_none(), "facts are lent behind the end");
    for (facts, meta) in lent.iter().zip(&listed.metas) {
        assert_lent(facts, meta);
    }
    assert_eq!(lent.next, listed.next, "the place where a scan of {query:?} goes on");
    (listed, lent)
}

/// Checks that the facts of a document are those of its description.
fn assert_lent(facts: &dyn Facts, meta: &RecordMeta) {
    let key = &meta.key;
    assert_eq!(facts.data_asset(), meta.attributes.data_asset, "the asset of {key}");
    assert_eq!(facts.run_time(), meta.attributes.run_time, "the run time of {key}");
    assert_eq!(*facts.status(), meta.attributes.status, "the status of {key}");
    assert_eq!(*facts.tags(), meta.attributes.tags, "the tags of {key}");
    assert_eq!(facts.size(), meta.size, "the size of {key}");
    assert_eq!(facts.saved_at(), meta.saved_at, "when {key} was saved");
    assert_eq!(facts.revision(), meta.revision, "the revision of {key}");
    assert_eq!(ok(facts.key(), "the key of a lent document"), *key);
    assert_eq!(ok(facts.describe(), "describe a lent document"), *meta);
}

pub(super) async fn a_scan_lends_what_a_listing_describes(place: &dyn Place) {
    let store = place.open("default").await;
    let mut records = Generator::new(52).records(12);
    records.extend((0..9).map(|index| {
        let (asset, status) = (format!("asset {}", index % 4), ["success", "failed", "skipped"][index % 3]);
        let sample = sample(format!("run_{index:02}")).asset(&asset).status(status);
        sample.tag("team", ["data", "sales"][index % 2]).ext("versioning.parent", "v41").record()
    }));
    let all = records.len();
    put_all(&store, records).await;
    let time: Timestamp = "2026-01-31T12:00:00.123456".parse().unwrap();
    let page = || Query::new().with_page_size(4);
    let mut queries: Vec<Query> = [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status]
        .into_iter()
        .flat_map(|order| [true, false].map(|yes| page().with_order_by(order).with_ascending(yes)))
        .collect();
    let everything = queries.len();
    queries.extend([
        page().with_status("failed").with_tag("team", "data"),
        page().with_data_asset("asset*").with_offset(2).with_limit(5),
        page().with_start_time(time).with_end_time(time),
        page().with_limit(0),
    ]);
    for (place, query) in queries.iter().enumerate() {
        let (mut after, mut found, mut pages) = (None, 0, 0);
        loop {
            let (listed, lent) = both(&store, query, after).await;
            found += listed.metas.len();
            pages += 1;
            // Tokens of either are good for both.
            after = if pages % 2 == 0 { listed.next } else { lent.next };
            if after.is_none() {
                break;
            }
            assert!(pages < 100, "the listing of {query:?} does not end");
        }
        assert!(place >= everything || found == all, "{query:?} found {found} of {all}");
    }
}

pub(super) async fn a_scan_refuses_a_token_of_another_query(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 9)).await;
    let query = Query::new().with_page_size(4);
    let token = ok(store.scan_page(&query, None).await, "scan").next.expect("there are more");
    let other = query.clone().with_ascending(true);
    let answer = store.scan_page(&other, Some(token)).await;
    refused(answer, ErrorKind::Invalid, "scan with the token of another query");
    let answer = store.scan_page(&query, Some(PageToken::from_text("no token"))).await;
    refused(answer, ErrorKind::Invalid, "scan with what is no token");
}

/// For places that can damage a document ([`Place::damage`]).
pub(super) async fn a_scan_reports_damage_as_a_listing_does(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 7)).await;
    ok(store.flush().await, "flush");
    if !place.damage("default", &key("run_03")).await {
        return;
    }
    let named = |damaged: &[Error]| -> Vec<(ErrorKind, Option<Key>)> {
        damaged.iter().map(|error| (error.kind(), error.key().cloned())).collect()
    };
    for size in [2, 100] {
        let query = Query::new().with_page_size(size);
        let (mut listed, mut lent, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let (page, scan) = both(&store, &query, after).await;
            listed.extend(named(&page.damaged));
            lent.extend(named(&scan.damaged));
            after = scan.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(lent, listed, "what is damaged, in pages of {size}");
    }
}
