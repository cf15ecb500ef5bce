//! A query answers as the reference does over what was acknowledged: whatever is folded, killed, deleted, late, or written twice.

use truthound_stores_core::{Grouping, OrderBy, Page, Pattern, Query, RecordMeta, Summaries, Timestamp};
use truthound_stores_testkit::{ManualClock, SeededRandom};

use super::hub::Hub;
use crate::query::{At, Index};
use crate::tail::Name;

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

/// Asks in all ways, and compares with the reference.
async fn compare(index: &Index, at: At, query: &Query, metas: &[RecordMeta]) {
    let mut after = None;
    loop {
        let page = index.list_page(at, query, after.as_ref(), None).await.unwrap();
        let expected = Page::select(query, after.as_ref(), metas).unwrap();
        assert_eq!(page.metas, expected.metas, "{query:?} after {after:?}");
        assert_eq!(page.next, expected.next, "{query:?} after {after:?}");
        assert!(page.damaged.is_empty());
        after = page.next;
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
                match hub.random.below(100) {
                    0..55 => {
                        let id = format!("run-{}", hub.random.below(25));
                        let facts = hub.random.chance(70).then(|| hub.facts());
                        if let Some(row) = hub.change(&id, facts) {
                            hub.put(&row).await;
                        }
                    }
                    55..65 => {
                        let mut batch = Vec::new();
                        for _ in 0..hub.random.between(1, 6) {
                            let id = format!("run-{}", hub.random.below(25));
                            let facts = hub.facts();
                            batch.extend(hub.change(&id, Some(facts)));
                        }
                        let name = Name::of_batch(batch[0].state, hub.random.next_u64(), 2);
                        hub.put_tail(&name, &batch).await;
                    }
                    // What was folded long ago arrives a second time.
                    65..73 if !hub.rows.is_empty() => {
                        let row = hub.random.pick(&hub.rows).clone();
                        hub.put(&row).await;
                    }
                    73..88 => {
                        let share = hub.random.below(101);
                        let choice = hub.random.next_u64();
                        let takes = move |name: &Name| {
                            let hash = blake3::hash(format!("{choice}{}", name.unique()).as_bytes());
                            u64::from(hash.as_bytes()[0]) % 100 < share
                        };
                        let merges = hub.random.chance(30);
                        assert!(hub.folder.fold(takes, merges).await.unwrap());
                    }
                    88..95 => {
                        assert!(hub.folder.fold(|_| true, false).await.unwrap());
                        let root = hub.folder.shelf.root(None).await.unwrap().unwrap().root;
                        kept.push((root.generation, hub.metas()));
                        hub.forget_marks();
                    }
                    95..98 => assert!(hub.folder.clean_up().await.unwrap()),
                    _ => {
                        let query = query(&mut hub.random);
                        compare(&index, At::Now, &query, &hub.metas()).await;
                    }
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
