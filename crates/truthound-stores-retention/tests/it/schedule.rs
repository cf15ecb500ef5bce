//! Schedules: one run, however many processes look.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{Clock as _, Collection, ErrorKind, Key, StoreExt as _};
use truthound_stores_retention::{
    Retention, RetentionAction, RetentionConfig, RetentionSchedule, RetentionTargets, StatusBasedPolicy, Tick,
};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, ManualClock, Operation};

use crate::support::{DAY, RESULTS, daily, ids, memory, record, record_with, retention};

const HOUR: Duration = Duration::from_hours(1);

fn every(hours: f64) -> RetentionConfig {
    daily(RetentionAction::Delete)
        .with_schedule(RetentionSchedule::interval_hours(hours).with_lease_seconds(600.0))
}

fn scheduled(config: &RetentionConfig, clock: &Arc<ManualClock>) -> Retention {
    retention(config, RetentionTargets::none(), clock)
}

fn removed(tick: Tick) -> u64 {
    match tick {
        Tick::Ran(applied) => applied.removed(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_run_is_made_when_it_is_due_and_then_no_more() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let retention = scheduled(&every(6.0), &clock);
    assert_eq!(removed(retention.tick(&store, &RESULTS).await.unwrap()), 1);
    store.put(record(&clock, "two", "a", 30)).await.unwrap();
    assert!(matches!(retention.tick(&store, &RESULTS).await.unwrap(), Tick::NotDue(_)));
    clock.advance(6 * HOUR);
    assert_eq!(removed(retention.tick(&store, &RESULTS).await.unwrap()), 1);
    let none = scheduled(&daily(RetentionAction::Delete), &clock);
    assert_eq!(none.tick(&store, &RESULTS).await.unwrap_err().kind(), ErrorKind::Invalid);
}

/// A process that was restarted each day once never came to its run of the night.
#[tokio::test]
async fn cron_times_are_remembered_over_restarts() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let config = daily(RetentionAction::Delete).with_schedule(RetentionSchedule::cron("0 3 * * *"));
    // The clock begins at midnight.
    let first = scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap();
    assert!(matches!(first, Tick::NotDue(at) if at.to_string() == "2026-01-01T03:00:00Z"), "{first:?}");
    clock.advance(5 * HOUR);
    assert_eq!(removed(scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap()), 1);
    let then = scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap();
    assert!(matches!(then, Tick::NotDue(at) if at.to_string() == "2026-01-02T03:00:00Z"), "{then:?}");
    clock.advance(10 * DAY);
    assert_eq!(removed(scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap()), 0);
    assert!(matches!(scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap(), Tick::NotDue(_)));
}

#[tokio::test]
async fn of_many_processes_one_runs() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    // All have read the record of the schedule before any of them writes it.
    let (faults, gate) = (Faults::new(), Gate::new("before the write"));
    faults.add(Fault::hold(&gate).on(Operation::Put).times(8));
    let looks: Vec<_> = (0..8)
        .map(|_| {
            let (retention, store) =
                (scheduled(&every(6.0), &clock), FaultyStore::new(memory.clone(), &faults));
            tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
        })
        .collect();
    gate.reached_by(8).await;
    gate.open();
    let mut ran = 0;
    for look in looks {
        match look.await.unwrap().unwrap() {
            Tick::Ran(applied) => {
                ran += 1;
                assert_eq!(applied.removed(), 1);
            }
            Tick::Busy(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ran, 1);
}

#[tokio::test]
async fn a_process_that_ends_in_the_middle_is_followed_by_another() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    let (faults, gate) = (Faults::new(), Gate::new("in the run"));
    faults.add(Fault::hold(&gate).on(Operation::DeleteMany));
    let store = FaultyStore::new(memory.clone(), &faults);
    let running = {
        let retention = scheduled(&every(6.0), &clock);
        tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
    };
    gate.reached().await;
    running.abort();
    running.await.unwrap_err();
    let other = scheduled(&every(6.0), &clock);
    assert!(matches!(other.tick(&memory, &RESULTS).await.unwrap(), Tick::Busy(_)));
    clock.advance(Duration::from_secs(599));
    assert!(matches!(other.tick(&memory, &RESULTS).await.unwrap(), Tick::Busy(_)));
    clock.advance(Duration::from_secs(1));
    assert_eq!(removed(other.tick(&memory, &RESULTS).await.unwrap()), 1);
}

/// A long run says that it goes on; one that was silent for too long finds that another took over, and ends.
#[tokio::test]
async fn a_run_that_lost_its_lease_ends() {
    let (clock, memory) = memory();
    for number in 0..6 {
        memory.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
    }
    let config = every(6.0).with_batch_size(2);
    let (faults, first, second) = (Faults::new(), Gate::new("first batch"), Gate::new("second batch"));
    faults.add(Fault::hold(&first).on(Operation::DeleteMany));
    faults.add(Fault::hold(&second).on(Operation::DeleteMany).nth(2));
    let store = FaultyStore::new(memory.clone(), &faults);
    let running = {
        let retention = scheduled(&config, &clock);
        tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
    };
    first.reached().await;
    // Most of its time is over: it says so before the next batch, and others wait for longer.
    clock.advance(Duration::from_secs(500));
    first.open();
    second.reached().await;
    clock.advance(Duration::from_secs(500));
    let other = scheduled(&config, &clock);
    assert!(matches!(other.tick(&memory, &RESULTS).await.unwrap(), Tick::Busy(_)));
    clock.advance(Duration::from_secs(100));
    assert_eq!(removed(other.tick(&memory, &RESULTS).await.unwrap()), 4);
    second.open();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // What it had done was once told by nobody.
    assert!(error.report().contains("deleted: 2"), "{}", error.report());
    assert!(ids(&memory).await.is_empty());
    assert!(
        matches!(other.tick(&memory, &RESULTS).await.unwrap(), Tick::NotDue(_)),
        "the other's word counts"
    );
}

#[tokio::test]
async fn a_run_that_fails_is_due_again() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    let faults = Faults::new();
    let store = FaultyStore::new(memory.clone(), &faults);
    let retention = scheduled(&every(6.0), &clock);
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::List));
    retention.tick(&store, &RESULTS).await.unwrap_err();
    assert_eq!(removed(retention.tick(&store, &RESULTS).await.unwrap()), 1);
}

/// A clock that stood ten years ahead for a moment once left a schedule that was not due, or busy, for ten years.
#[tokio::test]
async fn a_clock_that_stood_ahead_stops_no_schedule() {
    for breaks_off in [false, true] {
        let (clock, memory) = memory();
        let (present, ten_years) = (clock.now(), 3_650 * DAY);
        memory.put(record(&clock, "one", "a", 30)).await.unwrap();
        clock.advance(ten_years);
        let (faults, ahead) = (Faults::new(), scheduled(&every(6.0), &clock));
        if breaks_off {
            faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::DeleteMany).forever());
            faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put).nth(2).forever());
        }
        let outcome = ahead.tick(&FaultyStore::new(memory.clone(), &faults), &RESULTS).await;
        assert_eq!(outcome.is_err(), breaks_off, "{outcome:?}");
        clock.set(present);
        memory.put(record(&clock, "two", "a", 30)).await.unwrap();
        let expected = if breaks_off { 2 } else { 1 };
        assert_eq!(removed(scheduled(&every(6.0), &clock).tick(&memory, &RESULTS).await.unwrap()), expected);
        let then = scheduled(&every(6.0), &clock).tick(&memory, &RESULTS).await.unwrap();
        assert!(
            matches!(then, Tick::NotDue(at) if at.micros_since(present) == 6 * 3_600_000_000),
            "{then:?}"
        );
    }
}

/// Each look took the time of the first one, which was not believed, for the present once more: no time of the night ever came.
#[tokio::test]
async fn a_first_look_by_a_clock_that_stood_ahead_delays_no_run_of_the_night() {
    let (clock, store) = memory();
    let present = clock.now();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let config = daily(RetentionAction::Delete).with_schedule(RetentionSchedule::cron("0 3 * * *"));
    clock.advance(3_650 * DAY);
    let first = scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap();
    assert!(matches!(first, Tick::NotDue(_)), "{first:?}");
    // Midnight.
    clock.set(present);
    let then = scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap();
    assert!(matches!(then, Tick::NotDue(at) if at.to_string() == "2026-01-01T03:00:00Z"), "{then:?}");
    clock.advance(5 * HOUR);
    assert_eq!(removed(scheduled(&config, &clock).tick(&store, &RESULTS).await.unwrap()), 1);
}

/// A file of policies that is rolled out gives processes leases of different lengths: whoever had the short one took the long one's time for that of a
/// wrong clock, and ran beside it.
#[tokio::test]
async fn a_lease_counts_for_those_whose_own_are_shorter() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    let with_lease = |seconds: f64| {
        let schedule = RetentionSchedule::interval_hours(6.0).with_lease_seconds(seconds);
        scheduled(&daily(RetentionAction::Delete).with_schedule(schedule), &clock)
    };
    let (faults, gate) = (Faults::new(), Gate::new("in the run"));
    faults.add(Fault::hold(&gate).on(Operation::DeleteMany));
    let running = {
        let (retention, store) = (with_lease(3_600.0), FaultyStore::new(memory.clone(), &faults));
        tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
    };
    gate.reached().await;
    assert!(matches!(with_lease(60.0).tick(&memory, &RESULTS).await.unwrap(), Tick::Busy(_)));
    clock.advance(Duration::from_secs(3_599));
    assert!(matches!(with_lease(60.0).tick(&memory, &RESULTS).await.unwrap(), Tick::Busy(_)));
    gate.open();
    assert_eq!(removed(running.await.unwrap().unwrap()), 1);
    assert!(matches!(with_lease(60.0).tick(&memory, &RESULTS).await.unwrap(), Tick::NotDue(_)));
}

/// Machines whose clocks differ by less than a lease do not take each other's runs for mistakes.
#[tokio::test]
async fn clocks_that_differ_a_little_run_once() {
    let (clock, memory) = memory();
    memory.put(record(&clock, "one", "a", 30)).await.unwrap();
    let present = clock.now();
    clock.advance(Duration::from_secs(500));
    assert_eq!(removed(scheduled(&every(6.0), &clock).tick(&memory, &RESULTS).await.unwrap()), 1);
    clock.set(present);
    assert!(matches!(scheduled(&every(6.0), &clock).tick(&memory, &RESULTS).await.unwrap(), Tick::NotDue(_)));
}

/// A clock that is set back makes records younger, and one that jumps ahead older: what was saved lately is kept by the grace period in the one case, and
/// nothing that a later, right plan would keep is lost for good in the other.
#[tokio::test]
async fn a_clock_that_jumps_loses_nothing_for_good() {
    let (clock, store) = memory();
    let config = daily(RetentionAction::Delete).with_grace_days(7.0);
    store.put(record(&clock, "one", "a", 0)).await.unwrap();
    let (present, retention) = (clock.now(), scheduled(&config, &clock));
    clock.set(present.plus_micros(-400 * 86_400_000_000));
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().removed(), 0);
    clock.set(present.plus_micros(400 * 86_400_000_000));
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().deleted.records, 1);
    clock.set(present);
    let ids_of_all = ["one".to_owned()];
    assert_eq!(retention.purge(&store, &RESULTS).await.unwrap().purged.records, 0);
    let back =
        retention.restore(&store, &RESULTS, truthound_stores_retention::RestoreFrom::Deleted, &ids_of_all);
    assert_eq!(back.await.unwrap().restored.records, 1);
    assert_eq!(retention.run(&store, &RESULTS).await.unwrap().removed(), 0);
}

#[tokio::test]
async fn a_damaged_record_of_the_schedule_is_reported_and_runs_nothing() {
    let (clock, store) = memory();
    store.put(record(&clock, "one", "a", 30)).await.unwrap();
    let retention = scheduled(&every(6.0), &clock);
    let mut bad = record(&clock, "bad", "a", 0);
    bad.key = Key::new(Collection::hidden("retention").unwrap(), "schedule-results").unwrap();
    store.put(bad).await.unwrap();
    assert_eq!(retention.tick(&store, &RESULTS).await.unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(ids(&store).await, ["one"]);
}

#[tokio::test]
async fn a_schedule_is_kept_until_it_is_dropped() {
    let (clock, store) = memory();
    let retention = scheduled(&every(6.0), &clock);
    let (sender, mut ticks) = tokio::sync::mpsc::unbounded_channel();
    let keeping = {
        let (store, timer) = (store.clone(), Arc::clone(&clock));
        tokio::spawn(async move {
            let told = |tick: &truthound_stores_core::Result<Tick>| {
                sender.send(matches!(tick, Ok(Tick::Ran(_)))).unwrap();
            };
            retention.keep_schedule(&store, &RESULTS, &*timer, told).await;
        })
    };
    assert_eq!((ticks.recv().await, ticks.recv().await), (Some(true), Some(false)));
    let mut runs = 0;
    for _ in 0..13 {
        // The sleeper is there once it was told.
        tokio::task::yield_now().await;
        clock.advance(HOUR);
        while let Some(ran) = ticks.recv().await {
            runs += u32::from(ran);
            if !ran {
                break;
            }
        }
    }
    assert_eq!(runs, 2);
    keeping.abort();
    keeping.await.unwrap_err();
}

/// A purge of many deletions said nothing of itself for as long as it took. A second process took the schedule over, made a whole run of its own, and both
/// reported that they had run.
#[tokio::test]
async fn a_long_purge_says_that_it_goes_on_and_one_that_lost_its_lease_ends() {
    for is_silent in [false, true] {
        let (clock, memory) = memory();
        for number in 0..6 {
            memory.put(record(&clock, &format!("run_{number}"), "a", 30)).await.unwrap();
        }
        clock.advance(8 * DAY);
        let config = every(6.0).with_grace_days(7.0).with_batch_size(2);
        assert_eq!(removed(scheduled(&config, &clock).tick(&memory, &RESULTS).await.unwrap()), 6);
        clock.advance(7 * DAY);
        // Three pages of what goes for good.
        let (faults, first, second) = (Faults::new(), Gate::new("first page"), Gate::new("second page"));
        faults.add(Fault::hold(&first).on(Operation::DeleteMany));
        faults.add(Fault::hold(&second).on(Operation::DeleteMany).nth(2));
        let running = {
            let (retention, store) = (scheduled(&config, &clock), FaultyStore::new(memory.clone(), &faults));
            tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
        };
        first.reached().await;
        clock.advance(Duration::from_secs(500));
        first.open();
        second.reached().await;
        clock.advance(Duration::from_secs(500));
        let other = scheduled(&config, &clock);
        let look = other.tick(&memory, &RESULTS).await.unwrap();
        assert!(matches!(look, Tick::Busy(_)), "{look:?}");
        if is_silent {
            clock.advance(Duration::from_secs(100));
            let Tick::Ran(applied) = other.tick(&memory, &RESULTS).await.unwrap() else {
                panic!("it is due")
            };
            assert_eq!(applied.purged.records, 4);
        }
        second.open();
        let ended = running.await.unwrap();
        if is_silent {
            let error = ended.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict);
            assert!(error.to_string().contains("another process took the schedule over"), "{error}");
        } else {
            let Tick::Ran(applied) = ended.unwrap() else { panic!("it ran") };
            assert_eq!(applied.purged.records, 6);
        }
        assert!(matches!(other.tick(&memory, &RESULTS).await.unwrap(), Tick::NotDue(_)));
    }
}

/// The same for a look ahead whether anything would be left, which lists a large store before the first record goes.
#[tokio::test]
async fn a_long_look_ahead_says_that_it_goes_on() {
    let (clock, memory) = memory();
    let last = record(&clock, "last", "a", 40);
    memory.put(last).await.unwrap();
    for number in 0..20_000 {
        memory
            .put(record_with(&clock, &format!("run_{number}"), "a", 30, r#""status": "failure""#))
            .await
            .unwrap();
    }
    let schedule = RetentionSchedule::interval_hours(6.0).with_lease_seconds(600.0);
    let config = RetentionConfig::new()
        .with_policy(StatusBasedPolicy::new("failed", 7.0, RetentionAction::Delete))
        .with_grace_days(0.0)
        .with_schedule(schedule);
    // All of the first two pages would go; what stays is on the third.
    let (faults, second, third) = (Faults::new(), Gate::new("second page"), Gate::new("third page"));
    faults.add(Fault::hold(&second).on(Operation::List).nth(2));
    faults.add(Fault::hold(&third).on(Operation::List).nth(3));
    let running = {
        let (retention, store) = (scheduled(&config, &clock), FaultyStore::new(memory.clone(), &faults));
        tokio::spawn(async move { retention.tick(&store, &RESULTS).await })
    };
    second.reached().await;
    clock.advance(Duration::from_secs(500));
    second.open();
    third.reached().await;
    clock.advance(Duration::from_secs(500));
    let look = scheduled(&config, &clock).tick(&memory, &RESULTS).await.unwrap();
    assert!(matches!(look, Tick::Busy(_)), "{look:?}");
    third.open();
    assert_eq!(removed(running.await.unwrap().unwrap()), 20_000);
    assert_eq!(ids(&memory).await, ["last"]);
}
