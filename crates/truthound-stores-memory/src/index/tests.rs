//! A page must cost what it returns. Each query here is answered from 20,000 documents; the walk that fills the page is
//! counted.

use truthound_stores_core::{Attributes, Key, OrderBy, Revision, Status, Timestamp};

use super::*;

const DOCUMENTS: i64 = 20_000;
const PAGE: usize = 10;

/// Fills an index: 2,000 assets, one status in 100 is `failure` and one in 2,000 `error`, one document a second.
fn full() -> Documents {
    let mut documents = Documents::default();
    for n in 0..DOCUMENTS {
        let status = match n {
            n if n % 2000 == 7 => Status::ERROR,
            n if n % 100 == 3 => Status::FAILURE,
            _ => Status::SUCCESS,
        };
        insert(&mut documents, &format!("run_{n:05}"), &format!("asset_{:04}", n % 2000), second(n), status);
    }
    documents
}

fn insert(documents: &mut Documents, id: &str, asset: &str, time: Timestamp, status: Status) {
    let body = Body::from_canonical("{}");
    let revision = Revision::new("1");
    let key = Key::result(id).unwrap();
    let meta =
        RecordMeta::new(key, Attributes::new(asset, time, status), revision, 2, body.checksum(), second(0));
    documents.insert(Arc::new(meta), body);
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_micros(n * 1_000_000)
}

/// Counts how many documents are walked over until the second page of `query` is known.
fn cost(documents: &Documents, query: &Query) -> usize {
    let first = documents.page(query, None).unwrap();
    let Some(token) = first.next else { panic!("{query:?} has one page") };
    let position = token.decode(query).unwrap();
    let window = Window::new(query, Some(&position));
    let mut found = 0;
    let walked = plan::candidates(documents, query, &window, Some(&position)).entries.take_while(|entry| {
        found += usize::from(query.matches(&entry.meta));
        found <= PAGE
    });
    walked.count()
}

#[test]
fn a_page_costs_what_it_returns() {
    let documents = full();
    let page = || Query::new().with_page_size(PAGE);
    let by_asset = || page().with_order_by(OrderBy::DataAsset);
    let by_status = || page().with_order_by(OrderBy::Status);
    for query in [
        page(),
        page().with_status(Status::FAILURE),
        page().with_status(Status::ERROR).with_status(Status::FAILURE),
        page().with_data_asset("asset_00*"),
        page().with_start_time(second(100)).with_end_time(second(5_000)),
        by_asset(),
        by_asset().with_data_asset("asset_1*"),
        by_asset().with_status(Status::FAILURE),
        by_status(),
        by_status().with_status(Status::FAILURE),
        by_status().with_data_asset("asset_000*"),
        by_asset().with_start_time(second(9_000)).with_end_time(second(9_100)),
    ] {
        for ascending in [true, false] {
            let query = query.clone().with_ascending(ascending);
            let cost = cost(&documents, &query);
            assert!(cost <= PAGE, "{cost} documents were walked over for {query:?}");
        }
    }
}

#[test]
fn an_assets_documents_are_found_without_looking_at_others() {
    let documents = full();
    for order in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
        let query = Query::new().with_page_size(PAGE).with_data_asset("asset_0042").with_order_by(order);
        let window = Window::new(&query, None);
        assert_eq!(plan::candidates(&documents, &query, &window, None).entries.count(), 10, "{order}");
    }
}

#[test]
fn the_smaller_of_two_selections_is_walked() {
    let documents = full();
    let query = Query::new().with_data_asset("asset_1*").with_status(Status::ERROR);
    let window = Window::new(&query, None);
    assert_eq!(plan::candidates(&documents, &query, &window, None).entries.count(), 10);
    let query = Query::new().with_data_asset("asset_0003").with_status(Status::FAILURE);
    let window = Window::new(&query, None);
    assert_eq!(plan::candidates(&documents, &query, &window, None).entries.count(), 10);
}

#[test]
fn what_is_removed_leaves_no_index_behind() {
    let mut documents = Documents::default();
    insert(&mut documents, "a", "orders", second(1), Status::SUCCESS);
    insert(&mut documents, "a", "people", second(2), Status::FAILURE);
    insert(&mut documents, "b", "people", second(2), Status::FAILURE);
    assert_eq!(documents.len(), 2);
    assert_eq!(documents.assets.keys().map(|name| &**name).collect::<Vec<_>>(), ["people"]);
    assert_eq!(documents.statuses.keys().map(|name| &**name).collect::<Vec<_>>(), ["failure"]);
    assert!(
        documents.remove("a").is_some() && documents.remove("b").is_some() && documents.remove("b").is_none()
    );
    assert!(documents.assets.is_empty() && documents.statuses.is_empty() && documents.oldest().is_none());
    assert_eq!(documents.len(), 0);
}
