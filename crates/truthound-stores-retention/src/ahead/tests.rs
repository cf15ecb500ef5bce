//! However times are spread, and however wrong a guess is: each record comes once, and in order.

use std::sync::Arc;

use proptest::prelude::*;
use truthound_stores_core::{Attributes, Body, ErrorKind, Key, Record, Status, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, Faults, FaultyStore, FragilePlace, Gate, Operation, Place};

use super::*;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn record(number: usize, micros: i64) -> Record {
    let attributes = Attributes::new("a", Timestamp::from_micros(micros), Status::SUCCESS);
    // Ids that do not follow the times.
    let id = format!("{:03}-{number}", number * 7 % 997);
    Record::new(Key::result(&id).unwrap(), attributes, Body::parse(b"{}").unwrap())
}

async fn filled(times: &[i64]) -> MemoryStore {
    let store = MemoryStore::new();
    for (number, micros) in times.iter().enumerate() {
        store.put(record(number, *micros)).await.unwrap();
    }
    store
}

async fn all<S: Store>(store: &S, query: &Query, together: bool) -> Result<(Vec<String>, Vec<Error>)> {
    let (mut listing, mut ids, mut bad) =
        (Ahead::new(store, query.clone(), together), Vec::new(), Vec::new());
    while let Some(met) = listing.next().await? {
        ids.extend(met.facts().map(|facts| facts.id().to_owned()));
        bad.extend(met.damaged);
    }
    Ok((ids, bad))
}

/// Times that lie in heaps, evenly and far apart, at the ends of all time too.
fn times() -> impl Strategy<Value = Vec<i64>> {
    let heap = prop_oneof![
        (any::<i64>(), 1_usize..30).prop_map(|(at, count)| vec![at; count]),
        (-1_000_000_i64..1_000_000, 0_i64..50, 1_i64..40)
            .prop_map(|(at, step, count)| (0..count).map(|n| at + step * n).collect()),
        (0_i64..1 << 50).prop_map(|at| vec![at]),
        Just(vec![i64::MIN, i64::MAX]),
    ];
    proptest::collection::vec(heap, 0..6).prop_map(|heaps| heaps.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn it_is_what_one_listing_is(
        times in times(),
        page_size in 1_usize..12,
        bounds in proptest::option::of((-1_000_i64..1_000, -1_000_i64..1_000)),
        together: bool,
    ) {
        let mut query = Query::new().with_page_size(page_size);
        if let Some((one, other)) = bounds {
            query.start_time = Some(Timestamp::from_micros(one.min(other)));
            query.end_time = Some(Timestamp::from_micros(one.max(other)));
        }
        block_on(async {
            let store = filled(&times).await;
            let expected = store.list_ids(&query).await.unwrap().into_complete().unwrap();
            let (found, _) = all(&store, &query, together).await.unwrap();
            prop_assert_eq!(found, expected);
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// A plan over a network once waited for each page before it asked for the next.
#[tokio::test]
async fn parts_are_under_way_together() {
    let memory = filled(&(0..100).map(|n| n * 1_000).collect::<Vec<_>>()).await;
    let (faults, gate) = (Faults::new(), Gate::new("after the first page"));
    faults.add(Fault::hold(&gate).on(Operation::List).nth(2).times(4));
    let store = FaultyStore::new(memory, &faults);
    let query = Query::new().with_page_size(10);
    let listing = tokio::spawn(async move { all(&store, &query, true).await });
    gate.reached_by(4).await;
    gate.open();
    assert_eq!(listing.await.unwrap().unwrap().0.len(), 100);
}

/// Whoever deletes between two pages must not keep a connection waiting for minutes.
#[tokio::test]
async fn alone_it_asks_for_nothing_before_its_turn() {
    let faults = Faults::new();
    let store = FaultyStore::new(filled(&(0..100).map(|n| n * 1_000).collect::<Vec<_>>()).await, &faults);
    let mut listing = Ahead::new(&store, Query::new().with_page_size(10), false);
    for pages in 1..=10 {
        assert_eq!(listing.next().await.unwrap().unwrap().facts().count(), 10);
        assert_eq!(faults.calls(Operation::List), pages);
    }
    assert!(listing.next().await.unwrap().is_none());
}

/// A part without a record says nothing about what lies before it.
#[tokio::test]
async fn gaps_are_stepped_over_with_few_requests() {
    let day = 86_400_000_000;
    let mut times: Vec<i64> = (0..200).map(|n| n * 1_000).collect();
    times.extend((0..200).map(|n| 4_000 * day + n * 1_000));
    let faults = Faults::new();
    let store = FaultyStore::new(filled(&times).await, &faults);
    let (found, _) = all(&store, &Query::new().with_page_size(20), true).await.unwrap();
    assert_eq!(found.len(), 400);
    let calls = faults.calls(Operation::List);
    assert!(calls < 60, "{calls} requests for twenty pages");
}

#[tokio::test]
async fn what_is_damaged_is_reported_once() {
    let place = FragilePlace::<Shared>::default();
    let store = place.open("default").await;
    for (number, micros) in (0..60).map(|n| n * 1_000).enumerate() {
        store.put(record(number, micros)).await.unwrap();
    }
    assert!(place.damage("default", &record(7, 0).key).await);
    let (found, damaged) = all(&store, &Query::new().with_page_size(10), true).await.unwrap();
    assert_eq!((found.len(), damaged.len()), (59, 1));
}

#[derive(Debug, Default)]
struct Shared(MemoryStore);

#[async_trait::async_trait]
impl Place for Shared {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn an_outage_ends_it() {
    for nth in 1..8 {
        let faults = Faults::new();
        let memory = filled(&(0..100).map(|n| n * 1_000).collect::<Vec<_>>()).await;
        let store = FaultyStore::new(memory, &faults);
        faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::List).nth(nth).forever());
        let error = all(&store, &Query::new().with_page_size(10), true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
