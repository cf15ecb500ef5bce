//! Pages go on by key: whatever is written or deleted between them, nothing is repeated or skipped (R-ANY-8).

use futures_util::StreamExt as _;
use truthound_stores_core::json::Json;
use truthound_stores_core::{
    ErrorKind, Grouping, OrderBy, Page, PageToken, Query, RecordMeta, Store, StoreExt, Timestamp,
};

use super::Place;
use super::check::{count, delete, ids, list, ok, put, put_all, refused};
use super::sample::{key, many, sample};

async fn page(store: &dyn Store, query: &Query, after: Option<PageToken>) -> Page {
    ok(store.list_page(query, after).await, &format!("a page of {query:?}"))
}

fn ids_of(metas: &[RecordMeta]) -> Vec<String> {
    metas.iter().map(|meta| meta.key.id().to_owned()).collect()
}

/// Reads page after page; the case may do something to the store between them.
struct Walk {
    query: Query,
    after: Option<PageToken>,
    pages: usize,
    seen: Vec<String>,
}

impl Walk {
    fn new(query: &Query) -> Self {
        Self { query: query.clone(), after: None, pages: 0, seen: Vec::new() }
    }

    /// Reads the next page's ids; `None` after the last.
    async fn next(&mut self, store: &dyn Store) -> Option<Vec<String>> {
        if self.pages > 0 && self.after.is_none() {
            return None;
        }
        assert!(self.pages < 1_000, "the listing of {:?} does not end; it gave {:?}", self.query, self.seen);
        let found = page(store, &self.query, self.after.take()).await;
        assert!(
            found.metas.len() <= self.query.page_size,
            "a page of {} for {:?}",
            found.metas.len(),
            self.query
        );
        self.after = found.next;
        self.pages += 1;
        let listed = ids_of(&found.metas);
        self.seen.extend_from_slice(&listed);
        Some(listed)
    }

    /// Reads to the end; answers all ids.
    async fn all(mut self, store: &dyn Store) -> Vec<String> {
        while self.next(store).await.is_some() {}
        self.seen
    }
}

pub(super) async fn pages_of_any_size_give_the_same_listing(place: &dyn Place) {
    let store = place.open("default").await;
    let records = (0..23).map(|index| {
        let (asset, status) = (format!("asset {}", index % 4), ["success", "failure"][index % 2]);
        sample(format!("run_{index:02}")).asset(&asset).status(status).record()
    });
    put_all(&store, records.collect()).await;
    for order_by in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
        for ascending in [true, false] {
            let query = Query::new().with_order_by(order_by).with_ascending(ascending);
            let whole = ids_of(&page(&store, &query, None).await.metas);
            assert_eq!(whole.len(), 23, "one page holds them all");
            for size in [1, 2, 7, 22, 23, 24] {
                let paged = Walk::new(&query.clone().with_page_size(size)).all(&store).await;
                assert_eq!(paged, whole, "pages of {size} for {query:?}");
            }
        }
    }
}

pub(super) async fn deletes_between_pages_skip_and_repeat_nothing(place: &dyn Place) {
    for size in [1, 2, 7] {
        let store = place.open(&format!("size_{size}")).await;
        put_all(&store, many("run_", 20)).await;
        let mut walk = Walk::new(&Query::new().with_page_size(size));
        // What was given goes, and so does one document that is still to come.
        while let Some(listed) = walk.next(&store).await {
            for id in listed {
                delete(&store, &key(&id)).await;
            }
            if walk.pages == 1 {
                delete(&store, &key("run_01")).await;
            }
        }
        let expected: Vec<String> =
            (0..20).rev().filter(|index| *index != 1).map(|index| format!("run_{index:02}")).collect();
        assert_eq!(walk.seen, expected, "pages of {size} under deletes");
        assert_eq!(count(&store, &Query::new()).await, 0);
    }
}

pub(super) async fn inserts_between_pages_skip_and_repeat_nothing(place: &dyn Place) {
    for size in [1, 2, 7] {
        let store = place.open(&format!("size_{size}")).await;
        put_all(&store, many("run_", 12)).await;
        let mut walk = Walk::new(&Query::new().with_page_size(size).with_ascending(true));
        // New documents before and after the place where the listing is.
        while walk.next(&store).await.is_some() {
            let number = walk.pages;
            if number <= 4 {
                put(&store, sample(format!("early_{number}")).time("2020-01-01T00:00:00").record()).await;
                put(&store, sample(format!("late_{number}")).time("2030-01-01T00:00:00").record()).await;
            }
        }
        let seen = walk.seen;
        let old: Vec<&String> = seen.iter().filter(|id| id.starts_with("run_")).collect();
        let expected: Vec<String> = (0..12).map(|index| format!("run_{index:02}")).collect();
        assert_eq!(old, expected.iter().collect::<Vec<_>>(), "pages of {size} under inserts");
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "a new document was given twice: {seen:?}");
    }
}

pub(super) async fn limit_and_offset_hold_over_all_pages(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 20)).await;
    for size in [1, 3, 5, 100] {
        let query = Query::new().with_ascending(true).with_offset(4).with_limit(9).with_page_size(size);
        let expected: Vec<String> = (4..13).map(|index| format!("run_{index:02}")).collect();
        assert_eq!(Walk::new(&query).all(&store).await, expected, "pages of {size}");
        assert_eq!(count(&store, &query).await, 9);
        assert_eq!(count(&store, &query.with_offset(15)).await, 5);
    }
}

pub(super) async fn the_last_page_has_no_token(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 6)).await;
    for (query, pages) in [
        (Query::new().with_page_size(6), 1),
        (Query::new().with_page_size(3), 2),
        (Query::new().with_page_size(3).with_limit(3), 1),
        (Query::new().with_limit(0), 1),
        (Query::new().with_offset(6), 1),
        (Query::new().with_status("no such"), 1),
    ] {
        let mut walk = Walk::new(&query);
        while walk.next(&store).await.is_some() {}
        assert_eq!(walk.pages, pages, "{query:?} has {pages} pages");
    }
}

pub(super) async fn a_token_is_good_again_as_text_and_on_another_handle(place: &dyn Place) {
    let (store, other) = (place.open("default").await, place.open("default").await);
    put_all(&store, many("run_", 9)).await;
    let query = Query::new().with_page_size(4);
    let token = page(&store, &query, None).await.next.expect("there are more");
    let kept = PageToken::from_text(token.as_str().to_owned());
    let second = ids_of(&page(&store, &query, Some(token)).await.metas);
    assert_eq!(second, ["run_04", "run_03", "run_02", "run_01"]);
    assert_eq!(ids_of(&page(&store, &query, Some(kept.clone())).await.metas), second, "the same token again");
    assert_eq!(ids_of(&page(&other, &query, Some(kept.clone())).await.metas), second, "another handle");
    // The page size does not decide what is listed, so it may change on the way.
    assert_eq!(page(&store, &query.with_page_size(100), Some(kept)).await.metas.len(), 5);
}

pub(super) async fn a_token_of_another_query_is_invalid(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 9)).await;
    let query = Query::new().with_page_size(4);
    let token = page(&store, &query, None).await.next.expect("there are more");
    let time: Timestamp = "2026-02-01".parse().unwrap();
    for other in [
        query.clone().with_status("success"),
        query.clone().with_ascending(true),
        query.clone().with_order_by(OrderBy::Status),
        query.clone().with_start_time(time),
        query.clone().with_limit(8),
        query.clone().with_tag("a", "b"),
    ] {
        let answer = store.list_page(&other, Some(token.clone())).await;
        refused(answer, ErrorKind::Invalid, &format!("a token of {query:?} for {other:?}"));
    }
    for text in ["", "no token", "{}", "{\"order\":1,\"id\":\"run_01\",\"taken\":1,\"query\":\"\"}"] {
        let answer = store.list_page(&query, Some(PageToken::from_text(text))).await;
        refused(answer, ErrorKind::Invalid, &format!("the token {text:?}"));
    }
}

pub(super) async fn a_page_size_out_of_range_is_invalid(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    for size in [0, 10_001, usize::MAX] {
        let query = Query::new().with_page_size(size);
        refused(store.list_page(&query, None).await, ErrorKind::Invalid, &format!("list pages of {size}"));
        refused(store.scan_page(&query, None).await, ErrorKind::Invalid, &format!("scan pages of {size}"));
        refused(store.count(&query).await, ErrorKind::Invalid, &format!("count by pages of {size}"));
        let sums = store.summarize(&query, Grouping::new()).await;
        refused(sums, ErrorKind::Invalid, &format!("summarize by pages of {size}"));
    }
    assert_eq!(ids(&store, &Query::new().with_page_size(10_000)).await, ["run_1"]);
}

pub(super) async fn iterating_stops_at_the_limit_and_not_at_the_batch(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 25)).await;
    for (limit, batch_size, expected) in [(10, 100, 10), (10, 3, 10), (100, 10, 25)] {
        let query = Query::new().with_limit(limit);
        let read = store.iter_query::<Json>(&query, batch_size).collect::<Vec<_>>().await;
        assert_eq!(read.len(), expected, "limit {limit}, batches of {batch_size}");
        assert!(read.iter().all(Result::is_ok), "{read:?}");
    }
}

pub(super) async fn a_listing_is_not_disturbed_by_overwrites_of_others(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 12)).await;
    let mut walk = Walk::new(&Query::new().with_page_size(3).with_ascending(true));
    // Documents that were given jump to the end and come again, or not; those that stayed come exactly once.
    while let Some(listed) = walk.next(&store).await {
        if walk.pages <= 2 {
            put(&store, sample(listed[0].as_str()).time("2030-01-01T00:00:00").record()).await;
        }
    }
    for id in (0..12).map(|index| format!("run_{index:02}")) {
        let times = walk.seen.iter().filter(|seen| **seen == id).count();
        let moved = ["run_00", "run_03"].contains(&id.as_str());
        assert!(times == 1 || (moved && times == 2), "{id} came {times} times");
    }
    assert_eq!(list(&store, &Query::new()).await.len(), 12);
}
