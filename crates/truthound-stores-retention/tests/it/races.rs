//! Records that change while retention is at work.

use std::sync::Arc;

use truthound_stores_core::{Body, ErrorKind, Ext, Key, Record, Store, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{RetentionAction, RetentionTargets};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, Operation};

use crate::support::{
    DAY, RESULTS, daily, documents, ids, key, memory, record, record_with, retention, trash,
};
use RetentionAction::{Archive, Delete, Quarantine};

/// A record that was saved again between plan and apply went with its new content once.
#[tokio::test]
async fn a_record_that_changes_between_plan_and_apply_stays() {
    for action in RetentionAction::ALL {
        let (clock, store) = memory();
        let target = MemoryStore::new();
        let targets = RetentionTargets::none()
            .with_archive(Arc::new(target.clone()))
            .with_quarantine(Arc::new(target.clone()));
        for id in ["same", "changed", "gone"] {
            store.put(record(&clock, id, "a", 30)).await.unwrap();
        }
        let retention = retention(&daily(action), targets, &clock);
        let plan = retention.plan(&store, &RESULTS).await.unwrap();
        store.put(record_with(&clock, "changed", "a", 30, r#""note": "new""#)).await.unwrap();
        store.delete(&key("gone")).await.unwrap();
        let applied = retention.apply(&store, &plan).await.unwrap();
        assert_eq!(
            (applied.removed(), applied.changed, applied.gone, applied.failed),
            (1, 1, 1, 0),
            "{action}"
        );
        assert!(documents(&store, &RESULTS).await["changed"].contains("new"));
        assert_eq!(ids(&store).await, ["changed"]);
    }
}

/// The same, at the last moment: the copy is made and compared, and the delete is on its way.
#[tokio::test]
async fn a_record_that_changes_after_it_was_copied_stays() {
    for action in [Archive, Quarantine, Delete] {
        let (clock, memory) = memory();
        let target = MemoryStore::new();
        let targets = RetentionTargets::none()
            .with_archive(Arc::new(target.clone()))
            .with_quarantine(Arc::new(target.clone()));
        memory.put(record(&clock, "one", "a", 30)).await.unwrap();
        memory.put(record(&clock, "two", "a", 30)).await.unwrap();
        clock.advance(8 * DAY);
        let (faults, gate) = (Faults::new(), Gate::new("before the delete"));
        faults.add(Fault::hold(&gate).on(Operation::DeleteMany));
        let store = FaultyStore::new(memory.clone(), &faults);
        let retention = retention(&daily(action).with_grace_days(7.0), targets, &clock);
        let running = {
            let (retention, store) = (retention.clone(), store.clone());
            tokio::spawn(async move { retention.run(&store, &RESULTS).await })
        };
        gate.reached().await;
        memory.put(record_with(&clock, "one", "a", 38, r#""note": "new""#)).await.unwrap();
        gate.open();
        let applied = running.await.unwrap().unwrap();
        assert_eq!((applied.removed(), applied.changed, applied.failed), (1, 1, 0), "{action}");
        assert!(documents(&memory, &RESULTS).await["one"].contains("new"));
        // The copy of the old state is there, and the new state finds its own way.
        let kept = if action == Delete {
            documents(&memory, &trash()).await
        } else {
            documents(&target, &RESULTS).await
        };
        assert!(!kept["one"].contains("new"));
    }
}

/// R-RET-1: a copy that reads back as something else, for whatever reason, keeps its original where it is. A write that was acknowledged was proof enough once.
#[tokio::test]
async fn r_ret_1_a_copy_that_reads_back_as_something_else_costs_nothing() {
    type Alter = fn(&mut Record);
    let text: Alter = |record| record.body = Body::parse(br#"{"run_id": "two", "note": "other"}"#).unwrap();
    let asset: Alter = |record| "other".clone_into(&mut record.attributes.data_asset);
    let stamp: Alter = |record| record.attributes.ext = Ext::default();
    for (action, alter) in
        RetentionAction::ALL.into_iter().flat_map(|action| [(action, text), (action, asset), (action, stamp)])
    {
        let (clock, source) = memory();
        let target = MemoryStore::new();
        for id in ["one", "two"] {
            source.put(record(&clock, id, "a", 30)).await.unwrap();
        }
        let before = documents(&source, &RESULTS).await;
        clock.advance(8 * DAY);
        let (faults, gate) = (Faults::new(), Gate::new("the copy is written, and not read back"));
        let broken = |store: &MemoryStore| FaultyStore::new(store.clone(), &faults);
        // The first of the copies is that of "two". Two reads are those of the originals, where they lie in the same store.
        let reads = if action == Delete { 3 } else { 1 };
        faults.add(Fault::hold(&gate).on(Operation::Get).nth(reads));
        let (store, kept, kept_in) = match action {
            Delete => (Arc::new(broken(&source)) as Arc<dyn Store>, &source, trash()),
            _ => (Arc::new(source.clone()) as _, &target, RESULTS),
        };
        let there = Arc::new(broken(&target)) as Arc<dyn Store>;
        let targets = match action {
            Archive => RetentionTargets::none().with_archive(there),
            Quarantine => RetentionTargets::none().with_quarantine(there),
            Delete => RetentionTargets::none(),
        };
        let retention = retention(&daily(action).with_grace_days(7.0), targets, &clock);
        let running = {
            let (retention, store) = (retention.clone(), Arc::clone(&store));
            tokio::spawn(async move { retention.run(&*store, &RESULTS).await })
        };
        gate.reached().await;
        let copy = Key::new(kept_in, "two").unwrap();
        let mut altered = kept.read(&copy).await.unwrap().into_record().unwrap();
        alter(&mut altered);
        kept.put(altered).await.unwrap();
        gate.open();
        let applied = running.await.unwrap().unwrap();
        assert_eq!((applied.removed(), applied.failed), (1, 1), "{action}: {:?}", applied.errors);
        assert_eq!(
            (applied.errors[0].kind(), applied.errors[0].key()),
            (ErrorKind::Corrupt, Some(&key("two")))
        );
        assert_eq!(documents(&source, &RESULTS).await, [("two".to_owned(), before["two"].clone())].into());
    }
}

/// Two runs at once, of two processes: each record goes once, and is counted once.
#[tokio::test]
async fn two_runs_at_once_count_each_record_once() {
    for action in [Archive, Delete] {
        let (clock, memory) = memory();
        let target = MemoryStore::new();
        let targets = || RetentionTargets::none().with_archive(Arc::new(target.clone()));
        for number in 0..20 {
            memory.put(record(&clock, &format!("run_{number:02}"), "a", 30)).await.unwrap();
        }
        clock.advance(8 * DAY);
        let before = documents(&memory, &RESULTS).await;
        let config = daily(action).with_grace_days(7.0).with_batch_size(5);
        // The first is held after it has copied, while the second does all of it.
        let (faults, gate) = (Faults::new(), Gate::new("before the delete"));
        faults.add(Fault::hold(&gate).on(Operation::DeleteMany).nth(2));
        let slow = FaultyStore::new(memory.clone(), &faults);
        let first = retention(&config, targets(), &clock);
        let running = tokio::spawn(async move { first.run(&slow, &RESULTS).await });
        gate.reached().await;
        let second = retention(&config, targets(), &clock).run(&memory, &RESULTS).await.unwrap();
        gate.open();
        let first = running.await.unwrap().unwrap();
        assert_eq!(first.removed() + second.removed(), 20, "{action}");
        assert_eq!(first.failed + second.failed, 0, "{action}: {first:?} {second:?}");
        let kept = if action == Delete {
            documents(&memory, &trash()).await
        } else {
            documents(&target, &RESULTS).await
        };
        assert_eq!(kept, before);
    }
}

/// Dropped in the middle, as by a timeout around the call.
#[tokio::test]
async fn a_dropped_run_leaves_each_record_somewhere() {
    let (clock, memory) = memory();
    let target = MemoryStore::new();
    for number in 0..6 {
        memory.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    let before = documents(&memory, &RESULTS).await;
    let (faults, gate) = (Faults::new(), Gate::new("in the archive"));
    faults.add(Fault::hold(&gate).on(Operation::Get).nth(3));
    let archive = FaultyStore::new(target.clone(), &faults);
    let targets = RetentionTargets::none().with_archive(Arc::new(archive));
    let retention = retention(&daily(Archive).with_batch_size(4), targets, &clock);
    let running = {
        let (retention, store) = (retention.clone(), memory.clone());
        tokio::spawn(async move { retention.run(&store, &RESULTS).await })
    };
    gate.reached().await;
    running.abort();
    running.await.unwrap_err();
    assert_eq!(documents(&memory, &RESULTS).await, before, "nothing was compared yet");
    gate.open();
    retention.run(&memory, &RESULTS).await.unwrap();
    assert_eq!((ids(&memory).await.len(), documents(&target, &RESULTS).await), (0, before));
}
