//! Scans of many rows: decoded by workers, several at once in the same bands.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;
use truthound_stores_core::{Facts, FactsPage, OrderBy, Page, Query, RecordMeta, Status, Timestamp};
use truthound_stores_testkit::ManualClock;

use super::agree::{lends, run};
use super::cost::filled;
use super::hub::Hub;
use crate::query::told::PINNED;
use crate::query::{At, Index, Shown};
use crate::runtime::TokioRuntime;
use crate::workers::Workers;

/// A plan asks for so many records at once.
const MANY: usize = 10_000;

async fn all(index: &Index, query: &Query) -> Vec<RecordMeta> {
    let (mut metas, mut after) = (Vec::new(), None);
    loop {
        let Page { metas: more, next, .. } =
            index.list_page(At::Now, query, after.as_ref(), None).await.unwrap();
        metas.extend(more);
        after = next;
        if after.is_none() {
            return metas;
        }
    }
}

/// A plan asks whether labels protect a record once for each set of labels: it asked once for each page when each page made its own.
fn assert_share_labels(pages: &[FactsPage]) {
    let (mut sets, mut alone, mut shared) = (HashMap::new(), 0, 0);
    for facts in pages.iter().flat_map(FactsPage::iter) {
        let labels: &BTreeMap<String, String> = facts.tags();
        let first = *sets.entry(labels).or_insert(&raw const *labels);
        if std::ptr::eq(first, labels) { shared += 1 } else { alone += 1 }
    }
    // Rows of the tail have their own.
    assert!(alone <= 5 && shared > sets.len() * 100, "{alone} alone, {shared} of {} sets", sets.len());
}

/// A plan over a million records made a description of each, on one thread: 7 µs for each record. Now facts are lent from pages that workers decode.
#[test]
fn scans_lend_what_listings_describe_whoever_decodes_and_however_many_ask_at_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let hub: Hub = filled(100_000).await;
        let workers = Workers::of(Arc::new(TokioRuntime));
        for order in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
            let query = Query::new().with_order_by(order).with_ascending(order == OrderBy::DataAsset);
            let expected = all(&hub.index(), &query.clone().with_page_size(7_777)).await;
            // Five in the tail; of the 75,000 in the cold segment, each ninetieth is ended.
            assert_eq!(expected.len(), 100_005 - 75_000_usize.div_ceil(90));
            let index = hub.index_by(workers.clone());
            let (mut rest, mut after) = (expected.as_slice(), None);
            loop {
                let query = query.clone().with_page_size(MANY);
                let page = index.scan_page(At::Now, &query, after.as_ref(), None).await.unwrap();
                let (here, left) = rest.split_at(page.facts.len());
                lends(&page, here);
                (rest, after) = (left, page.next);
                if after.is_none() {
                    break;
                }
            }
            assert!(rest.is_empty());
        }
        let query = Query::new().with_page_size(MANY);
        let expected = all(&hub.index(), &query).await;
        let index = &hub.index_by(workers);
        let hours = |hours: i64| -> Timestamp { ManualClock::START.plus_micros(hours * 3_600_000_000) };
        let parts = (0..24).rev().map(|part| {
            let query = query
                .clone()
                .with_start_time(hours(part * 6))
                .with_end_time(hours(part * 6 + 6).plus_micros(-1));
            async move { index.scan_page(At::Now, &query, None, None).await.unwrap() }
        });
        let (mut scanned, mut inside) = (0, expected.iter());
        let pages = join_all(parts).await;
        assert_share_labels(&pages);
        for page in pages {
            assert!(page.next.is_none() && page.damaged.is_empty());
            for facts in page.iter() {
                let meta = inside.find(|meta| meta.key.id() == facts.id()).unwrap();
                assert_eq!(facts.describe().unwrap(), *meta);
                scanned += 1;
            }
        }
        assert!(scanned > 90_000, "{scanned}");
    });
}

/// Each document of a page held on to the page of the segment that it lies in: ten thousand rows that match rarely kept all pages of a million
/// rows decoded, 400 MB.
#[test]
fn a_page_of_facts_holds_on_to_few_pages_of_segments() {
    run(async {
        let hub = filled(20_000).await;
        let index = hub.index();
        for order in [OrderBy::RunTime, OrderBy::Status] {
            let query = Query::new().with_status(Status::FAILURE).with_order_by(order).with_page_size(MANY);
            let list = index.list_page(At::Now, &query, None, None).await.unwrap();
            let part = index.part::<Shown>(At::Now, &query, None, None).await.unwrap();
            let page = |shown: &Shown| match shown {
                Shown::Kept(_, slip) => Some(slip.page()),
                Shown::News(..) => None,
            };
            let held: HashSet<usize> = part.told.iter().filter_map(page).collect();
            assert_eq!(held.len(), PINNED);
            let described = part.told.iter().filter(|shown| page(shown).is_none()).count();
            assert!(described > 100 && described < part.told.len(), "{described} of {}", part.told.len());
            assert!(part.told.iter().map(Facts::id).eq(list.metas.iter().map(|meta| meta.key.id())));
            let scanned = index.scan_page(At::Now, &query, None, None).await.unwrap();
            lends(&scanned, &list.metas);
        }
    });
}
