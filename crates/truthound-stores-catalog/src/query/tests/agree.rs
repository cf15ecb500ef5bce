//! A query answers as the reference does over what was acknowledged: whatever is folded, killed, deleted, late, or written twice.

use truthound_stores_core::{
    FactsPage, Grouping, OrderBy, Page, Pattern, Query, RecordMeta, Summaries, Timestamp,
};
use truthound_stores_testkit::{ManualClock, SeededRandom};

use super::hub::Hub;
use crate::query::{At, Index};

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn query(random: &mut SeededRandom) -> Query {
    let mut query = Query::new()
        .with_order_by(*random.pick(&[OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status]))
        .with_ascending(random.chance(50))
        .with_page_size(*random.pick(&[1, 3, 7, 1_000]));
    let time = |random: &mut SeededRandom| -> Timestamp {
        ManualClock::START.plus_micros(random.below(40).cast_signed() * 7_000_000_000)
    };
    if random.chance(40) {
        query = query.with_data_asset(match random.below(4) {
            0 => Pattern::exact("orders"),
            1 => Pattern::new("warehouse.*"),
            2 => Pattern::new("*e*"),
            _ => Pattern::exact("nobody's"),
        });
    }
    if random.chance(30) {
        query = query.with_start_time(time(random));
    }
    if random.chance(30) {
        query = query.with_end_time(time(random));
    }
    for status in ["failure", "odd"] {
        if random.chance(20) {
            query = query.with_status(status);
        }
    }
    if random.chance(20) {
        query = query.with_tag("env", "prod");
    }
    if random.chance(40) {
        query = query.with_limit(random.below(12));
    }
    if random.chance(30) {
        query = query.with_offset(random.below(8));
    }
    query
}

/// Holds what a page lends against descriptions.
pub(crate) fn lends(page: &FactsPage, expected: &[RecordMeta]) {
    assert_eq!(page.facts.len(), expected.len());
    for (facts, meta) in page.iter().zip(expected) {
        assert_eq!((facts.id(), facts.data_asset()), (meta.key.id(), meta.attributes.data_asset.as_str()));
        assert_eq!((facts.run_time(), facts.saved_at()), (meta.attributes.run_time, meta.saved_at));
        assert_eq!((facts.status(), facts.tags()), (&meta.attributes.status, &meta.attributes.tags));
        assert_eq!((facts.size(), facts.revision()), (meta.size, meta.revision.clone()));
        assert_eq!(facts.key().unwrap(), meta.key);
        assert_eq!(facts.describe().unwrap(), *meta);
    }
    assert!(page.facts.get(expected.len()).is_none());
}

/// Asks in all ways, and compares with the reference.
async fn compare(index: &Index, at: At, query: &Query, metas: &[RecordMeta]) {
    let mut after = None;
    loop {
        let page = index.list_page(at, query, after.as_ref(), None).await.unwrap();
        let expected = Page::select(query, after.as_ref(), metas).unwrap();
        assert_eq!(page.metas, expected.metas, "{query:?} after {after:?}");
        assert_eq!(page.next, expected.next, "{query:?} after {after:?}");
        assert!(page.damaged.is_empty());
        // By whichever of both a token was given, the other takes it.
        let scanned = index.scan_page(at, query, after.as_ref(), None).await.unwrap();
        assert_eq!(scanned.next, expected.next, "{query:?} after {after:?}");
        assert!(scanned.damaged.is_empty());
        lends(&scanned, &expected.metas);
        after = scanned.next;
        if after.is_none() {
            break;
        }
    }
    let mut all = query.clone();
    all.page_size = 10_000;
    let count = Page::select(&all, None, metas).unwrap().metas.len() as u64;
    assert_eq!(index.count(at, query).await.unwrap(), count, "{query:?}");
    for grouping in [Grouping::new(), Grouping::new().with_day(true), Grouping::new().with_data_asset(true)] {
        let expected = Summaries::evaluate(query, grouping, metas).unwrap();
        assert_eq!(index.summarize(at, query, grouping).await.unwrap(), expected, "{query:?}");
    }
}

#[test]
fn queries_answer_as_the_reference_does() {
    for seed in 0..40 {
        println!("seed {seed}");
        run(async {
            let mut hub = Hub::new(seed);
            let index = hub.index();
            let mut kept = Vec::new();
            for _ in 0..hub.random.between(1, 60) {
                hub.step(&mut kept).await;
                if hub.random.chance(5) {
                    let query = query(&mut hub.random);
                    compare(&index, At::Now, &query, &hub.metas()).await;
                }
            }
            let metas = hub.metas();
            for round in 0..12 {
                let query = query(&mut hub.random);
                compare(&index, At::Now, &query, &metas).await;
                if round % 4 == 0 {
                    compare(&hub.index(), At::Now, &query, &metas).await;
                    let there = index.generations().await.unwrap();
                    for (generation, metas) in kept.iter().filter(|(at, _)| there.contains(at)) {
                        compare(&index, At::Generation(*generation), &query, metas).await;
                    }
                }
            }
        });
    }
}
