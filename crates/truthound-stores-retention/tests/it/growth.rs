//! What planning and applying cost as stores grow, counted and not timed (R-RET-6).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use truthound_stores_core::{Attributes, Body, Key, Query, Record, Status, Store as _, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    CountBasedPolicy, KeepPolicy, PlanSink, PolicyMode, PredicatePolicy, Removal, RetentionAction,
    RetentionConfig, RetentionTargets,
};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, ManualClock, Operation};

use crate::support::{RESULTS, daily, days_ago, memory, retention};
use RetentionAction::Delete;

/// Records of a hundred assets, a minute apart, the newest two days old.
async fn filled(clock: &ManualClock, count: u64) -> MemoryStore {
    let store = MemoryStore::new();
    let newest = days_ago(clock, 2);
    for number in 0..count {
        let time = newest.plus_micros(-60_000_000 * i64::try_from(number).unwrap());
        let asset = format!("asset {}", number % 100);
        let key = Key::result(&format!("run_{number:06}")).unwrap();
        let record =
            Record::new(key, Attributes::new(asset, time, Status::SUCCESS), Body::parse(b"{}").unwrap());
        store.put(record).await.unwrap();
    }
    store
}

/// Counts what it is told of.
#[derive(Default)]
struct Told(u64);

impl PlanSink for Told {
    fn remove(&mut self, _: Removal) {
        self.0 += 1;
    }
}

/// With `preserve_latest` each record was once held against all others.
#[tokio::test]
async fn r_ret_6_each_record_is_listed_and_looked_at_once() {
    let (clock, _) = memory();
    for count in [1_000, 30_000] {
        let faults = Faults::new();
        let store = FaultyStore::new(filled(&clock, count).await, &faults);
        let looks = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&looks);
        let config = RetentionConfig::new()
            .with_grace_days(0.0)
            .with_preserve_latest(true)
            .with_mode(PolicyMode::All)
            .with_policy(CountBasedPolicy::per_asset(3, Delete))
            .with_policy(KeepPolicy::new(Delete).with_daily(2))
            .with_policy(PredicatePolicy::new("counted", Delete, move |_, _| {
                counter.fetch_add(1, Ordering::Relaxed);
                Some("counted".to_owned())
            }));
        let retention = retention(&config, RetentionTargets::none(), &clock);
        let mut told = Told::default();
        let (totals, _) = retention.plan_into(&store, &RESULTS, &mut told).await.unwrap();
        assert_eq!((totals.scanned, looks.load(Ordering::Relaxed)), (count, count));
        assert!(told.0 > 0 && told.0 == totals.removed() && totals.kept() >= 300);
        // A page has ten thousand; a part of the time that was guessed has fewer, and there are a few beyond the end.
        let pages = faults.total_calls();
        assert!(pages <= 2 * count.div_ceil(10_000) + 8, "{pages} calls for {count} records");
    }
}

/// A run holds a page of a large store, and not all of it: what a page names is gone before the next is asked for.
#[tokio::test]
async fn a_run_applies_a_page_before_it_asks_for_the_next() {
    let (clock, _) = memory();
    let memory = filled(&clock, 25_000).await;
    let (faults, gate) = (Faults::new(), Gate::new("before the second page"));
    faults.add(Fault::hold(&gate).on(Operation::List).nth(2));
    let store = FaultyStore::new(memory.clone(), &faults);
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    let running = tokio::spawn(async move { retention.run(&store, &RESULTS).await });
    gate.reached().await;
    assert_eq!(memory.count(&Query::new()).await.unwrap(), 15_000);
    gate.open();
    assert_eq!(running.await.unwrap().unwrap().deleted.records, 25_000);
}

/// A plan that is told to somebody keeps nothing that was told: what is listed ahead is some pages, whatever the store's size.
#[tokio::test]
async fn a_plan_asks_for_no_more_than_some_pages_ahead_of_what_is_told() {
    struct Distance {
        faults: Faults,
        told: u64,
        most: u64,
        ids: BTreeSet<String>,
    }
    impl PlanSink for Distance {
        fn remove(&mut self, removal: Removal) {
            self.told += 1;
            // Parts have three quarters of a page.
            let asked = self.faults.calls(Operation::List);
            self.most = self.most.max(asked.saturating_sub(self.told / 7_500));
            assert!(self.ids.insert(removal.key.id().to_owned()), "{} was told twice", removal.key);
        }
    }
    let (clock, _) = memory();
    let faults = Faults::new();
    let store = FaultyStore::new(filled(&clock, 120_000).await, &faults);
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    let mut sink = Distance { faults: faults.clone(), told: 0, most: 0, ids: BTreeSet::new() };
    retention.plan_into(&store, &RESULTS, &mut sink).await.unwrap();
    assert_eq!((sink.told, sink.ids.len()), (120_000, 120_000));
    assert!(sink.most < 10, "{} pages ahead", sink.most);
}
