//! Moves that break off at each call, of either store, before it or after it: nothing is ever lost, and the next run ends the work.

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{Collection, ErrorKind, Store, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{RestoreFrom, Retention, RetentionAction, RetentionTargets};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, ManualClock, Operation};

use crate::support::{DAY, RESULTS, daily, documents, memory, record, retention, trash};
use RetentionAction::{Archive, Delete, Quarantine};

/// A scene: a store and the place where its records go, both of which fail as one script says.
struct Scene {
    source: MemoryStore,
    kept: MemoryStore,
    kept_in: Collection,
    broken: FaultyStore<MemoryStore>,
    faults: Faults,
    retention: Retention,
    before: BTreeMap<String, String>,
}

impl Scene {
    async fn new(action: RetentionAction) -> Self {
        let (clock, source) = memory();
        Self::with(action, clock, source).await
    }

    async fn with(action: RetentionAction, clock: Arc<ManualClock>, source: MemoryStore) -> Self {
        let faults = Faults::new();
        for number in 0..5 {
            source.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
        }
        clock.advance(8 * DAY);
        let other = MemoryStore::new();
        let target = Arc::new(FaultyStore::new(other.clone(), &faults)) as Arc<dyn Store>;
        let targets = match action {
            Archive => RetentionTargets::none().with_archive(target),
            Quarantine => RetentionTargets::none().with_quarantine(target),
            Delete => RetentionTargets::none(),
        };
        let (kept, kept_in) = if action == Delete { (source.clone(), trash()) } else { (other, RESULTS) };
        let config = daily(action).with_grace_days(7.0).with_batch_size(2);
        let retention = retention(&config, targets, &clock);
        let broken = FaultyStore::new(source.clone(), &faults);
        let before = documents(&source, &RESULTS).await;
        Self { source, kept, kept_in, broken, faults, retention, before }
    }

    /// Checks that each document is here or there, as it was.
    async fn nothing_is_lost(&self, when: &str) {
        let here = documents(&self.source, &RESULTS).await;
        let there = documents(&self.kept, &self.kept_in).await;
        for (id, text) in &self.before {
            assert!(here.get(id).or(there.get(id)) == Some(text), "{when}: {id} is lost");
            assert!(here.get(id).is_none_or(|here| here == text), "{when}: {id} was changed here");
            assert!(there.get(id).is_none_or(|there| there == text), "{when}: {id} was changed there");
        }
        assert!(here.keys().chain(there.keys()).all(|id| self.before.contains_key(id)), "{when}");
    }

    async fn all_moved(&self, when: &str) {
        assert!(documents(&self.source, &RESULTS).await.is_empty(), "{when}: something stayed");
        assert_eq!(documents(&self.kept, &self.kept_in).await, self.before, "{when}");
    }
}

fn fault(kind: ErrorKind, call: u64, after: bool) -> Fault {
    let fault = Fault::fail(kind).nth(call).forever();
    if after { fault.after() } else { fault }
}

/// R-RET-1: the source goes only after the copy was read back and compared, wherever a run ends.
#[tokio::test]
async fn a_move_that_ends_at_any_call_loses_nothing_and_is_ended_by_the_next_run() {
    for action in RetentionAction::ALL {
        let counting = Scene::new(action).await;
        counting.retention.run(&counting.broken, &RESULTS).await.unwrap();
        counting.all_moved("without a fault").await;
        let calls = counting.faults.total_calls();
        assert!(calls > 10, "{action}: {calls} calls");
        for call in 1..=calls {
            for after in [false, true] {
                let when = format!("{action}, call {call}{}", if after { ", after it" } else { "" });
                let scene = Scene::new(action).await;
                // All that follows fails, too: the process is gone, or the network is.
                scene.faults.add(fault(ErrorKind::Timeout, call, after));
                let outcome = scene.retention.run(&scene.broken, &RESULTS).await;
                assert!(
                    outcome.is_err() || outcome.unwrap().failed > 0 || call == calls,
                    "{when}: nobody said so"
                );
                scene.nothing_is_lost(&when).await;
                scene.faults.heal();
                scene.retention.run(&scene.broken, &RESULTS).await.unwrap();
                scene.all_moved(&when).await;
            }
        }
    }
}

#[tokio::test]
async fn a_restore_that_ends_at_any_call_loses_nothing_and_is_ended_by_the_next_one() {
    for action in RetentionAction::ALL {
        let from = match action {
            Delete => RestoreFrom::Deleted,
            Archive => RestoreFrom::Archive,
            Quarantine => RestoreFrom::Quarantine,
        };
        let mut calls = u64::MAX;
        let mut call = 0;
        while call <= calls {
            for after in [false, true] {
                let when = format!("restore from {action}, call {call}, {after}");
                let scene = Scene::new(action).await;
                scene.retention.run(&scene.broken, &RESULTS).await.unwrap();
                let ids: Vec<String> = scene.before.keys().cloned().collect();
                let begun = scene.faults.total_calls();
                if call > 0 {
                    scene.faults.add(fault(ErrorKind::Unavailable, call, after));
                }
                let restored = scene.retention.restore(&scene.broken, &RESULTS, from, &ids).await;
                if call == 0 {
                    calls = scene.faults.total_calls() - begun;
                    assert_eq!(restored.unwrap().restored.records, 5, "{when}");
                }
                scene.nothing_is_lost(&when).await;
                scene.faults.heal();
                let rest = scene.retention.restore(&scene.broken, &RESULTS, from, &ids).await.unwrap();
                assert!(
                    rest.errors.iter().all(|error| error.kind() == ErrorKind::NotFound),
                    "{when}: {rest:?}"
                );
                assert_eq!(documents(&scene.source, &RESULTS).await, scene.before, "{when}");
                assert!(documents(&scene.kept, &scene.kept_in).await.is_empty(), "{when}");
            }
            call += 1;
        }
        assert!(calls > 10);
    }
}

/// One failure in the middle, after which the stores are well: the others go on at once.
#[tokio::test]
async fn one_failure_costs_its_own_record_alone() {
    {
        let scene = Scene::new(Archive).await;
        scene.faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Get).nth(2));
        let applied = scene.retention.run(&scene.broken, &RESULTS).await.unwrap();
        assert_eq!((applied.archived.records, applied.failed), (4, 1));
        scene.nothing_is_lost("one failure").await;
        scene.retention.run(&scene.broken, &RESULTS).await.unwrap();
        scene.all_moved("one failure").await;
    }
}

/// An archive that is full, or that refuses, was once an archive whose errors nobody looked at: the records went all the same.
#[tokio::test]
async fn r_ret_1_a_target_that_is_full_or_refuses_costs_nothing() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Denied, ErrorKind::Overloaded, ErrorKind::Invalid] {
        for action in [Archive, Quarantine] {
            let (clock, source) = memory();
            for number in 0..5 {
                source.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
            }
            let before = documents(&source, &RESULTS).await;
            let (faults, other) = (Faults::new(), MemoryStore::new());
            let target = Arc::new(FaultyStore::new(other.clone(), &faults)) as Arc<dyn Store>;
            let targets = RetentionTargets::none().with_archive(Arc::clone(&target)).with_quarantine(target);
            let retention = retention(&daily(action).with_batch_size(2), targets, &clock);
            // It takes two copies, and then no more: not by themselves either, after two looks whether it is the store itself.
            faults.add(Fault::fail(kind).on(Operation::PutMany).nth(2).forever());
            faults.add(Fault::fail(kind).on(Operation::Put).nth(3).forever());
            let applied = retention.run(&source, &RESULTS).await.unwrap();
            assert_eq!(
                (applied.removed(), applied.failed),
                (2, 3),
                "{kind:?} {action}: {:?}",
                applied.errors
            );
            assert!(applied.errors.iter().all(|error| error.kind() == kind && error.key().is_some()));
            let (here, there) = (documents(&source, &RESULTS).await, documents(&other, &RESULTS).await);
            assert_eq!((here.len(), there.len()), (3, 2));
            assert_eq!(here.into_iter().chain(there).collect::<BTreeMap<_, _>>(), before);
            faults.heal();
            assert_eq!(retention.run(&source, &RESULTS).await.unwrap().removed(), 3);
            assert_eq!(documents(&other, &RESULTS).await, before);
        }
    }
}

/// One that cannot be reached at all is found out before anything is planned.
#[tokio::test]
async fn a_target_that_is_away_ends_a_run_before_it_begins() {
    let scene = Scene::new(Archive).await;
    scene.faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put));
    let error = scene.retention.run(&scene.broken, &RESULTS).await.unwrap_err();
    assert_eq!((error.kind(), scene.faults.calls(Operation::List)), (ErrorKind::Unavailable, 0));
    assert_eq!(documents(&scene.source, &RESULTS).await, scene.before);
}
