//! Plans: what they say, and what they leave alone.

use std::sync::Arc;

use truthound_stores_core::{Collection, ErrorKind, Grouping, Query, Reading, Record, Store, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    CountBasedPolicy, PlanSink, Protection, Reason, Removal, RetentionAction, RetentionConfig,
    RetentionLayer, RetentionTargets, StatusBasedPolicy, TimeBasedPolicy,
};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Generator, Operation};

use crate::support::{
    DAY, RESULTS, daily, days_ago, documents, ids, key, memory, record, record_with, retention,
};
use RetentionAction::{Archive, Delete, Quarantine};

/// R-RET-1: elsewhere, a policy that archives, without an archive, deleted.
#[test]
fn moving_without_a_place_to_move_to_is_an_error_at_construction() {
    let (clock, _) = memory();
    let place = || Arc::new(MemoryStore::new()) as Arc<dyn Store>;
    let make = |config: &RetentionConfig, targets| {
        truthound_stores_retention::Retention::new(config, targets, Arc::clone(&clock) as _)
    };
    for (action, other, right) in [
        (
            Archive,
            RetentionTargets::none().with_quarantine(place()),
            RetentionTargets::none().with_archive(place()),
        ),
        (
            Quarantine,
            RetentionTargets::none().with_archive(place()),
            RetentionTargets::none().with_quarantine(place()),
        ),
    ] {
        let nested =
            truthound_stores_retention::CompositePolicy::all([TimeBasedPolicy::new(1.0, action).into()]);
        let nested = RetentionConfig::new().with_policy(nested);
        for config in [daily(action), nested] {
            for targets in [RetentionTargets::none(), other.clone()] {
                let error = make(&config, targets).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Invalid);
                assert!(error.to_string().contains(action.as_str()), "{error}");
            }
            make(&config, right.clone()).unwrap();
        }
    }
    let error = make(&RetentionConfig::new(), RetentionTargets::none()).unwrap_err();
    assert!(error.to_string().contains("no policy"), "{error}");
}

/// R-RET-4: a plan is a dry run. It reads descriptions alone, and what it decides does not depend on plans before it.
#[tokio::test]
async fn a_plan_changes_nothing_and_reads_no_document() {
    let (clock, memory) = memory();
    let faults = Faults::new();
    let store = FaultyStore::new(memory.clone(), &faults);
    for record in Generator::new(3).records(300) {
        memory.put(record).await.unwrap();
    }
    let before = documents(&memory, &RESULTS).await;
    let token = memory.changes(None, 1).await.unwrap().next;
    clock.advance(200 * DAY);
    let config = RetentionConfig::new()
        .with_policy(TimeBasedPolicy::new(90.0, Delete))
        .with_policy(CountBasedPolicy::per_asset(5, Delete))
        .with_policy(StatusBasedPolicy::new("failed", 7.0, Delete));
    let retention = retention(&config, RetentionTargets::none(), &clock);
    let first = retention.plan(&store, &RESULTS).await.unwrap();
    let second = retention.plan(&store, &RESULTS).await.unwrap();
    assert!(!first.removals.is_empty());
    assert_eq!((&first.removals, first.totals), (&second.removals, second.totals));
    assert_eq!(faults.total_calls(), faults.calls(Operation::List) + faults.calls(Operation::Count));
    assert_eq!(documents(&memory, &RESULTS).await, before);
    assert!(memory.changes(Some(token), 10).await.unwrap().changes.is_empty());
}

#[tokio::test]
async fn totals_add_up_whether_or_not_the_newer_ones_are_looked_at() {
    let (clock, store) = memory();
    let hold = r#""tags": {"legal_hold": "true"}"#;
    // What is newer than any policy's limit is counted, and not listed; of excluded records, too, which once were none then.
    for (id, asset, days) in [
        ("new", "a", 0),
        ("old", "a", 30),
        ("older", "b", 40),
        ("golden", "golden", 50),
        ("newer golden", "golden", 0),
        ("newest golden", "golden two", -1),
    ] {
        store.put(record(&clock, id, asset, days)).await.unwrap();
    }
    store.put(record_with(&clock, "held", "a", 60, hold)).await.unwrap();
    let size = store.summarize(&Query::new(), Grouping::new()).await.unwrap()[0].bytes;
    let config = daily(Delete).with_excluded_asset("golden*");
    let retention_of = |config| retention(&config, RetentionTargets::none(), &clock);
    for preserve_latest in [false, true] {
        let retention = retention_of(config.clone().with_preserve_latest(preserve_latest));
        let plan = retention.plan(&store, &RESULTS).await.unwrap();
        let planned: Vec<&str> = plan.removals.iter().map(|removal| removal.key.id()).collect();
        let totals = plan.totals;
        if preserve_latest {
            assert_eq!((planned, totals.latest), (vec!["old"], 1));
        } else {
            assert_eq!((planned, totals.latest), (vec!["old", "older"], 0));
        }
        assert_eq!((totals.scanned, totals.excluded, totals.held, totals.damaged), (7, 3, 1, 0));
        assert_eq!(totals.removed() + totals.kept(), 7);
        assert!(totals.delete.bytes > 0 && totals.delete.bytes < size);
        assert_eq!(totals.delete.bytes, plan.removals.iter().map(|removal| removal.size).sum::<u64>());
    }
}

#[derive(Debug, Default)]
struct Told {
    removed: Vec<String>,
    protected: Vec<String>,
}

impl PlanSink for Told {
    fn remove(&mut self, removal: Removal) {
        self.removed.push(removal.key.id().to_owned());
    }

    fn protect(&mut self, facts: &dyn truthound_stores_core::Facts, protection: &Protection, _: &[Reason]) {
        self.protected.push(format!("{}: {protection}", facts.id()));
    }
}

#[tokio::test]
async fn a_sink_is_told_what_goes_and_what_stays_all_the_same() {
    let (clock, store) = memory();
    store.put(record(&clock, "old", "a", 30)).await.unwrap();
    store.put(record_with(&clock, "held", "a", 60, r#""tags": {"legal_hold": "true"}"#)).await.unwrap();
    // No policy looks at it, so none wants it gone.
    store.put(record(&clock, "golden", "golden", 90)).await.unwrap();
    let config = daily(Delete).with_excluded_asset("golden");
    let retention = retention(&config, RetentionTargets::none(), &clock);
    let mut told = Told::default();
    let (totals, damaged) = retention.plan_into(&store, &RESULTS, &mut told).await.unwrap();
    assert_eq!(
        (told.removed, told.protected),
        (vec!["old".to_owned()], vec!["held: held by the tag legal_hold".to_owned()])
    );
    assert_eq!((totals.removed(), totals.excluded, damaged.len()), (1, 1, 0));
}

/// R-RET-4: one damaged record stopped the whole run once.
#[tokio::test]
async fn one_bad_record_stops_nothing() {
    let (clock, memory) = memory();
    let (good, bad) = (["a", "b", "c", "d"], "bad");
    for id in good.iter().chain([&bad]) {
        memory.put(record(&clock, id, "a", 30)).await.unwrap();
    }
    // Found damaged when it is listed.
    let faults = Faults::new();
    let listed = truthound_stores_testkit::FragilePlace::<Shared>::default();
    let store = truthound_stores_testkit::Place::open(&listed, "default").await;
    for id in good.iter().chain([&bad]) {
        store.put(record(&clock, id, "a", 30)).await.unwrap();
    }
    assert!(truthound_stores_testkit::Place::damage(&listed, "default", &key(bad)).await);
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    let plan = retention.plan(&store, &RESULTS).await.unwrap();
    assert_eq!((plan.removals.len(), plan.damaged.len(), plan.totals.damaged), (4, 1, 1));
    let applied = retention.run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed), (4, 1));
    assert_eq!(applied.errors[0].kind(), ErrorKind::Corrupt);
    // Fails when it is deleted.
    let store = FaultyStore::new(memory.clone(), &faults);
    let plan = retention.plan(&store, &RESULTS).await.unwrap();
    faults.add(Fault::fail(ErrorKind::Denied).on(Operation::DeleteMany).item(2));
    let applied = retention.apply(&store, &plan).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed), (4, 1));
    assert_eq!((applied.errors[0].kind(), ids(&memory).await.len()), (ErrorKind::Denied, 1));
}

#[derive(Debug, Default)]
struct Shared(MemoryStore);

#[async_trait::async_trait]
impl truthound_stores_testkit::Place for Shared {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn an_outage_is_an_error_and_no_empty_plan() {
    let (clock, memory) = memory();
    let faults = Faults::new();
    let store = FaultyStore::new(memory, &faults);
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    for operation in [Operation::List, Operation::Count] {
        faults.add(Fault::fail(ErrorKind::Unavailable).on(operation));
        assert_eq!(retention.plan(&store, &RESULTS).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}

/// R-VER-4 and R-RET: what wrappers keep is none of retention's business.
#[tokio::test]
async fn hidden_collections_are_refused_and_never_planned() {
    let (clock, store) = memory();
    let hidden = Collection::hidden("versions").unwrap();
    let mut record = record(&clock, "one__v1", "a", 300);
    record.key = truthound_stores_core::Key::new(hidden.clone(), "one__v1").unwrap();
    store.put(record).await.unwrap();
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    assert_eq!(retention.plan(&store, &hidden).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(retention.plan(&store, &RESULTS).await.unwrap().totals.scanned, 0);
}

/// R-RET-3: a save never cleans up, and its record is not the first to go.
#[tokio::test]
async fn saves_never_run_it() {
    let (clock, memory) = memory();
    let layer = RetentionLayer::new(retention(&daily(Delete), RetentionTargets::none(), &clock));
    let store = memory.layer(layer);
    for day in 1..=20 {
        store.put(record(&clock, &format!("run_{day}"), "a", day * 100)).await.unwrap();
        assert_eq!(ids(&store).await.len(), usize::try_from(day).unwrap());
    }
    let graced = daily(Delete).with_grace_days(7.0);
    let graced = retention(&graced, RetentionTargets::none(), &clock);
    assert_eq!(graced.plan(&store, &RESULTS).await.unwrap().totals.in_grace, 20);
    assert_eq!(graced.run(&store, &RESULTS).await.unwrap().removed(), 0);
    assert_eq!(store.run(&RESULTS).await.unwrap().removed(), 20);
}

#[tokio::test]
async fn other_collections_are_planned_like_results() {
    let (clock, store) = memory();
    let reports = Collection::new("reports").unwrap();
    let text = format!(r#"{{"id": "r", "run_time": "{}"}}"#, days_ago(&clock, 30));
    let reading = Reading::default().with_fallback_time(days_ago(&clock, 30));
    store.put(Record::parse(reports.clone(), text.as_bytes(), &reading).unwrap()).await.unwrap();
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    assert_eq!(retention.run(&store, &reports).await.unwrap().deleted.records, 1);
}
