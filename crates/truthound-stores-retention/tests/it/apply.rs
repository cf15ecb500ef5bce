//! Applying: deletions, moves, and what is reported of them.

use std::sync::Arc;

use truthound_stores_core::{
    Capabilities, Collection, ErrorKind, Grouping, Key, Query, Store, StoreExt as _,
};
use truthound_stores_memory::{MemoryConfig, MemoryStore};
use truthound_stores_retention::{
    CountBasedPolicy, RetentionAction, RetentionTargets, StatusBasedPolicy, TagBasedPolicy, TimeBasedPolicy,
};
use truthound_stores_testkit::{Faults, FaultyStore, Generator, LimitedStore, Operation};

use crate::support::{
    DAY, RESULTS, daily, documents, ids, key, memory, record, record_with, retention, trash,
};
use RetentionAction::{Archive, Delete, Quarantine};

async fn bytes(store: &dyn Store) -> u64 {
    store.summarize(&Query::new(), Grouping::new()).await.unwrap().first().map_or(0, |sum| sum.bytes)
}

/// R-RET-5: elsewhere, a dry run reported deletions and a failed deletion freed bytes.
#[tokio::test]
async fn what_is_reported_is_what_happened() {
    let (clock, store) = memory();
    for record in Generator::new(5).records(400) {
        store.put(record).await.unwrap();
    }
    clock.advance(60 * DAY);
    let before = bytes(&store).await;
    let config = daily(Delete).with_policy(CountBasedPolicy::per_asset(10, Delete)).with_batch_size(7);
    let retention = retention(&config, RetentionTargets::none(), &clock);
    let plan = retention.plan(&store, &RESULTS).await.unwrap();
    let applied = retention.apply(&store, &plan).await.unwrap();
    assert!(applied.deleted.records > 50);
    assert_eq!(applied.deleted, plan.totals.delete);
    assert_eq!(before - bytes(&store).await, applied.deleted.bytes);
    assert_eq!(store.count(&Query::new()).await.unwrap(), plan.totals.kept());
    assert_eq!((applied.changed, applied.gone, applied.failed), (0, 0, 0));
    // Again: all of it is gone, and nothing is counted twice.
    let again = retention.apply(&store, &plan).await.unwrap();
    assert_eq!((again.removed(), again.deleted.bytes), (0, 0));
    assert_eq!(again.gone, applied.deleted.records);
}

/// Deletions went one by one over the wire once, a hundred thousand times.
#[tokio::test]
async fn deletions_go_in_batches() {
    let (clock, memory) = memory();
    let faults = Faults::new();
    let store = FaultyStore::new(memory.clone(), &faults);
    for number in 0..2_500 {
        memory.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().deleted.records, 2_500);
    // Three for the records, and one of nothing for what waits for the end of a grace period.
    assert!(faults.calls(Operation::DeleteMany) <= 4);
    assert_eq!((faults.calls(Operation::Delete), faults.calls(Operation::Get)), (0, 0));
}

/// R-RET-1, R-RET-2: each record goes where the mildest of its policies wants it.
#[tokio::test]
async fn each_record_goes_where_its_action_says() {
    let (clock, store) = memory();
    let (archive, quarantine) = (MemoryStore::new(), MemoryStore::new());
    let production = r#""tags": {"environment": "production"}, "note": 1.50"#;
    store.put(record(&clock, "new", "a", 0)).await.unwrap();
    store.put(record(&clock, "old", "a", 30)).await.unwrap();
    store.put(record_with(&clock, "kept", "a", 30, production)).await.unwrap();
    store.put(record_with(&clock, "archived", "a", 400, production)).await.unwrap();
    store.put(record_with(&clock, "bad", "a", 31, r#""status": "error""#)).await.unwrap();
    let config = daily(Delete)
        .with_policy(TagBasedPolicy::new("environment", "production", 365.0, Archive))
        .with_policy(StatusBasedPolicy::new("error", 7.0, Quarantine));
    let targets = RetentionTargets::none()
        .with_archive(Arc::new(archive.clone()))
        .with_quarantine(Arc::new(quarantine.clone()));
    let before = documents(&store, &RESULTS).await;
    let retention = retention(&config, targets, &clock);
    let applied = retention.run(&store, &RESULTS).await.unwrap();
    assert_eq!(
        (applied.deleted.records, applied.archived.records, applied.quarantined.records, applied.failed),
        (1, 1, 1, 0),
        "{:?}",
        applied.errors
    );
    assert_eq!(ids(&store).await, ["new", "kept"]);
    let moved = documents(&archive, &RESULTS).await;
    assert_eq!(moved, [("archived".to_owned(), before["archived"].clone())].into());
    let moved = documents(&quarantine, &RESULTS).await;
    assert_eq!(moved, [("bad".to_owned(), before["bad"].clone())].into());
}

/// Deletions can be undone for the grace period, and then go for good; not by the run that made them.
#[tokio::test]
async fn deletions_wait_for_the_end_of_their_grace_period() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    store.put(record_with(&clock, "two", "a", 30, r#""tags": {"case": "42"}"#)).await.unwrap();
    clock.advance(8 * DAY);
    let config = daily(Delete).with_grace_days(7.0);
    let first = retention(&config, RetentionTargets::none(), &clock);
    let applied = first.run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.deleted.records, applied.purged.records), (2, 0));
    assert_eq!((ids(&store).await.len(), documents(&store, &trash()).await.len()), (0, 2));
    let second = std::time::Duration::from_secs(1);
    clock.advance((7 * DAY).saturating_sub(second));
    assert_eq!(first.purge(&store, &RESULTS).await.unwrap().purged.records, 0);
    clock.advance(second);
    // A hold that is laid on it now still holds it.
    let held = config.with_hold_tags(["case=42".parse().unwrap()]);
    let held = retention(&held, RetentionTargets::none(), &clock);
    assert_eq!(held.purge(&store, &RESULTS).await.unwrap().purged.records, 1);
    assert_eq!(documents(&store, &trash()).await.into_keys().collect::<Vec<_>>(), ["two"]);
    let rest = first.run(&store, &RESULTS).await.unwrap();
    assert_eq!((rest.purged.records, rest.deleted.records), (1, 0));
    assert!(documents(&store, &trash()).await.is_empty());
}

/// An id that is used again was once a way to lose the first deletion before its time.
#[tokio::test]
async fn two_deletions_of_one_id_are_both_kept() {
    let (clock, store) = memory();
    let config = daily(Delete).with_grace_days(7.0);
    let at_once = retention(&daily(Delete), RetentionTargets::none(), &clock);
    let retention = retention(&config, RetentionTargets::none(), &clock);
    for note in ["first", "second", "third"] {
        let more = format!(r#""note": "{note}""#);
        store.put(record_with(&clock, "one", "a", 30, &more)).await.unwrap();
        let plan = at_once.plan(&store, &RESULTS).await.unwrap();
        let applied = retention.apply(&store, &plan).await.unwrap();
        assert_eq!((applied.deleted.records, applied.failed), (1, 0), "{:?}", applied.errors);
        clock.advance(DAY);
    }
    let kept = documents(&store, &trash()).await;
    assert_eq!(kept.len(), 3);
    for note in ["first", "second", "third"] {
        assert!(kept.values().any(|text| text.contains(note)), "{note}");
    }
    clock.advance(4 * DAY);
    assert_eq!(retention.purge(&store, &RESULTS).await.unwrap().purged.records, 1, "the first one");
}

#[tokio::test]
async fn an_id_too_long_for_a_second_deletion_waits_for_the_first() {
    let (clock, store) = memory();
    let id = "x".repeat(512);
    let config = daily(Delete).with_grace_days(7.0);
    let graced = retention(&config, RetentionTargets::none(), &clock);
    let at_once = retention(&daily(Delete), RetentionTargets::none(), &clock);
    store.put(record(&clock, &id, "a", 30)).await.unwrap();
    let plan = at_once.plan(&store, &RESULTS).await.unwrap();
    assert_eq!(graced.apply(&store, &plan).await.unwrap().deleted.records, 1);
    store.put(record(&clock, &id, "b", 30)).await.unwrap();
    let plan = at_once.plan(&store, &RESULTS).await.unwrap();
    let applied = graced.apply(&store, &plan).await.unwrap();
    assert_eq!((applied.deleted.records, applied.failed, ids(&store).await.len()), (0, 1, 1));
    clock.advance(8 * DAY);
    // The first one goes at the end of this run, and then there is room.
    assert_eq!(graced.run(&store, &RESULTS).await.unwrap().purged.records, 1);
    assert_eq!(graced.run(&store, &RESULTS).await.unwrap().deleted.records, 1);
}

#[tokio::test]
async fn what_is_archived_is_never_overwritten_by_another_document() {
    let (clock, store) = memory();
    let archive = MemoryStore::new();
    archive.put(record_with(&clock, "one", "a", 90, r#""note": "earlier""#)).await.unwrap();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    store.put(record(&clock, "two", "a", 31)).await.unwrap();
    let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
    let retention = retention(&daily(Archive), targets, &clock);
    let applied = retention.run(&store, &RESULTS).await.unwrap();
    assert_eq!((applied.archived.records, applied.failed), (1, 1));
    let error = &applied.errors[0];
    assert_eq!((error.kind(), error.key()), (ErrorKind::Conflict, Some(&key("one"))));
    assert_eq!(ids(&store).await, ["one"]);
    assert!(documents(&archive, &RESULTS).await["one"].contains("earlier"));
}

#[tokio::test]
async fn the_same_document_in_the_archive_is_its_copy_from_then_on() {
    let (clock, store) = memory();
    let archive = MemoryStore::new();
    archive.put(record(&clock, "one", "a", 30)).await.unwrap();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
    let retention = retention(&daily(Archive), targets, &clock);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().archived.records, 1);
    assert_eq!((ids(&store).await.len(), ids(&archive).await.len()), (0, 1));
}

/// A store that was named as its own archive found its records there, "copied already", and deleted them.
#[tokio::test]
async fn a_store_that_is_its_own_archive_loses_nothing() {
    let (clock, store) = memory();
    for number in 0..5 {
        store.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    let before = documents(&store, &RESULTS).await;
    let targets = RetentionTargets::none().with_archive(Arc::new(store.clone()));
    let retention = retention(&daily(Archive), targets, &clock);
    let plan = retention.plan(&store, &RESULTS).await.unwrap();
    for outcome in [retention.apply(&store, &plan).await, retention.run(&store, &RESULTS).await] {
        let error = outcome.unwrap_err();
        assert!(
            error.kind() == ErrorKind::Invalid && error.to_string().contains("the store itself"),
            "{error}"
        );
        assert_eq!(documents(&store, &RESULTS).await, before);
    }
}

#[tokio::test]
async fn a_namespace_of_the_same_store_is_another_place() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let archive = store.share(MemoryConfig::new().with_namespace("archive")).unwrap();
    let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
    let retention = retention(&daily(Archive), targets, &clock);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().archived.records, 1);
    assert_eq!((ids(&store).await.len(), ids(&archive).await), (0, vec!["one".to_owned()]));
}

/// A store without compare-and-swap would delete what was changed since. One that is only read was refused for that reason, too, with no word of what to do.
#[tokio::test]
async fn a_store_that_cannot_bind_deletes_to_revisions_is_only_planned_for() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    let place = memory.info().location;
    for (writable, why) in [(true, "cannot bind a delete to a revision"), (false, "copy its records")] {
        let store = LimitedStore::new(memory.clone(), Capabilities::none().with_writable(writable));
        let retention = retention(&daily(Delete), RetentionTargets::none(), &clock);
        let plan = retention.plan(&store, &RESULTS).await.unwrap();
        assert_eq!(plan.totals.delete.records, 1);
        for outcome in [retention.apply(&store, &plan).await, retention.run(&store, &RESULTS).await] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.report().contains(why) && error.report().contains(&place), "{}", error.report());
        }
        assert_eq!(ids(&memory).await, ["one"]);
    }
}

#[tokio::test]
async fn an_archive_without_conditional_writes_will_do() {
    let (clock, store) = memory();
    let archive = MemoryStore::new();
    let limited = LimitedStore::new(archive.clone(), Capabilities::none().with_writable(true));
    for number in 0..40 {
        store.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    let before = documents(&store, &RESULTS).await;
    let targets = RetentionTargets::none().with_archive(Arc::new(limited));
    let retention = retention(&daily(Archive), targets, &clock);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().archived.records, 40);
    assert_eq!(documents(&archive, &RESULTS).await, before);
}

/// A plan of other settings must not turn into deletions.
#[tokio::test]
async fn a_plan_that_archives_is_refused_without_an_archive() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let targets = RetentionTargets::none().with_archive(Arc::new(MemoryStore::new()));
    let plan = retention(&daily(Archive), targets, &clock).plan(&store, &RESULTS).await.unwrap();
    let other = retention(&daily(Delete), RetentionTargets::none(), &clock);
    assert_eq!(other.apply(&store, &plan).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(ids(&store).await, ["one"]);
}

#[tokio::test]
async fn a_long_name_of_a_collection_is_refused_only_where_it_hinders() {
    let (clock, store) = memory();
    let long = Collection::new(&"c".repeat(60)).unwrap();
    let mut one = record(&clock, "one", "a", 30);
    one.key = Key::new(long.clone(), "one").unwrap();
    store.put(one).await.unwrap();
    let graced = daily(Delete).with_grace_days(0.5);
    clock.advance(DAY);
    let error = retention(&graced, RetentionTargets::none(), &clock).run(&store, &long).await.unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    let at_once = retention(&daily(Delete), RetentionTargets::none(), &clock);
    assert_eq!(at_once.run(&store, &long).await.unwrap().deleted.records, 1);
}

/// The example of the crate's page, with two policies of age: 90 days for all, none for what failed.
#[tokio::test]
async fn a_status_may_go_earlier_than_others() {
    let (clock, store) = memory();
    store.put(record_with(&clock, "failed", "a", 8, r#""status": "failure""#)).await.unwrap();
    store.put(record(&clock, "passed", "a", 8)).await.unwrap();
    let config = truthound_stores_retention::RetentionConfig::new()
        .with_grace_days(0.0)
        .with_policy(TimeBasedPolicy::new(90.0, Delete))
        .with_policy(StatusBasedPolicy::new("failed", 7.0, Delete));
    let retention = retention(&config, RetentionTargets::none(), &clock);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().deleted.records, 1);
    assert_eq!(ids(&store).await, ["passed"]);
}

/// A store into which nothing was saved for longer than its policies keep records once lost all of its history, for good, to a schedule.
#[tokio::test]
async fn a_run_that_would_delete_everything_for_good_is_refused() {
    let (clock, store) = memory();
    for number in 0..3 {
        store.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    clock.advance(8 * DAY);
    let strict = daily(Delete).with_allow_empty(false);
    let refused = retention(&strict, RetentionTargets::none(), &clock);
    let plan = refused.plan(&store, &RESULTS).await.unwrap();
    assert_eq!(plan.totals.delete.records, 3, "a plan says what would be");
    for outcome in [refused.apply(&store, &plan).await, refused.run(&store, &RESULTS).await] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("3 of 3") && error.to_string().contains("allow_empty"), "{error}");
    }
    assert_eq!(ids(&store).await.len(), 3);
    // Where one stays, where they can be brought back, where they are moved, or where somebody has said so, it is not.
    let archive = || RetentionTargets::none().with_archive(Arc::new(MemoryStore::new()));
    for (config, targets) in [
        (strict.clone().with_preserve_latest(true), archive()),
        (strict.clone().with_grace_days(7.0), archive()),
        (daily(Archive).with_allow_empty(false), archive()),
        (daily(Delete), archive()),
    ] {
        let copy = MemoryStore::new().with_clock(Arc::clone(&clock) as _);
        for number in 0..3 {
            copy.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
        }
        clock.advance(8 * DAY);
        let applied = retention(&config, targets, &clock).run(&copy, &RESULTS).await.unwrap();
        assert!(applied.removed() >= 2, "{applied:?}");
    }
    // Nothing is nothing.
    let empty = MemoryStore::new();
    assert_eq!(refused.run(&empty, &RESULTS).await.unwrap().removed(), 0);
}
