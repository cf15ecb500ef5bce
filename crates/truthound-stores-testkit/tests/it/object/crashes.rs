//! A process that crashes leaves whatever was on its way; what comes after must cope with either.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::Timer;
use truthound_stores_testkit::object::{Crashes, Rates, RequestKind, Simulation, StoreOptions, Trouble};

use super::visit::{create, overwrite, read};

#[test]
fn a_request_in_flight_of_a_crash_takes_effect_or_not_or_late() {
    let (mut never, mut at_once, mut later) = (0, 0, 0);
    for seed in 0..100 {
        let mut simulation = Simulation::new(seed);
        let store = simulation.store(StoreOptions::s3());
        let client = store.clone();
        let task = simulation.spawn("writer", async move { overwrite(&client, "root", "").await.unwrap() });
        // One step lets it send the request.
        simulation.run_steps(1);
        simulation.kill(&task);
        assert!(task.was_killed() && !task.is_finished());
        let before = simulation.now();
        simulation.settle();
        match (store.names().is_empty(), simulation.now() > before + Duration::from_mins(1)) {
            (true, _) => never += 1,
            (false, false) => at_once += 1,
            (false, true) => later += 1,
        }
    }
    assert!(never > 0 && at_once > 0 && later > 0, "{never} {at_once} {later}");
}

#[test]
fn a_process_that_crashes_is_made_anew_and_told_how_often_it_crashed() {
    let mut crashed = 0;
    Simulation::for_each_seed(0..30, |simulation| {
        let store = simulation.store(StoreOptions::s3());
        let task = simulation.spawn_crashing("writer", Crashes::often(100, 3), move |times| {
            let store = store.clone();
            async move {
                for round in 0..10 {
                    create(&store, &format!("{times}/{round}"), "").await.ok();
                }
                times
            }
        });
        simulation.run();
        let restarts = task.restarts();
        assert!(restarts <= 3);
        assert_eq!(task.take(), Some(restarts));
    });
    for seed in 0..30 {
        let mut simulation = Simulation::new(seed);
        let store = simulation.store(StoreOptions::s3());
        let task = simulation.spawn_crashing("writer", Crashes::often(100, 3), move |_| {
            let store = store.clone();
            async move { create(&store, "root", "").await.is_ok() }
        });
        simulation.run();
        crashed += task.restarts();
    }
    assert!(crashed > 0);
}

/// A crash takes the memory with it: locks, channels, and the work in the background.
#[test]
fn a_crash_takes_the_background_tasks_of_its_process_and_no_others() {
    let mut simulation = Simulation::new(2);
    let store = simulation.store(StoreOptions::s3());
    let beat = |name: &'static str| {
        let (handle, timer, store) = (simulation.handle(), simulation.timer(), store.clone());
        async move {
            let sleeper = Arc::clone(&timer);
            handle.spawn("beat", async move {
                loop {
                    sleeper.sleep(Duration::from_mins(1)).await;
                    overwrite(&store, name, "").await.ok();
                }
            });
            timer.sleep(Duration::from_hours(24)).await;
        }
    };
    let (one, other) = (beat("one"), beat("other"));
    let one = simulation.spawn("one", one);
    let other = simulation.spawn("other", other);
    simulation.run_until(|simulation| simulation.now() > Duration::from_mins(5));
    assert_eq!(store.names(), ["one", "other"]);
    simulation.kill(&one);
    simulation.settle();
    store.reset_requests();
    simulation.run();
    assert!(other.is_finished() && one.was_killed());
    let requests = store.requests();
    assert!(requests.of(RequestKind::Put) > 1_000);
    assert!(requests.log().all(|request| request.names == ["other"]));
}

#[test]
fn a_task_can_wait_for_another_and_kill_it() {
    let mut simulation = Simulation::new(4);
    let timer = simulation.timer();
    let patient = simulation.timer();
    let sleeper = simulation.spawn("sleeper", async move {
        timer.sleep(Duration::from_hours(1)).await;
        1
    });
    let killer = simulation.spawn("killer", async move {
        patient.sleep(Duration::from_secs(1)).await;
        sleeper.kill();
        sleeper.await
    });
    simulation.run();
    assert_eq!(killer.take(), Some(None));
    assert!(simulation.now() < Duration::from_secs(2));
}

#[test]
fn late_copies_land_by_themselves_hours_later() {
    let mut longest = Duration::ZERO;
    for seed in 0..40 {
        let mut simulation = Simulation::new(seed);
        let store = simulation.store(StoreOptions::s3());
        store.faults().set_rates(Rates::none().with(Trouble::Duplicate, 1_000));
        let client = store.clone();
        simulation.block_on("client", async move {
            create(&client, "root", "one").await.unwrap();
            read(&client, "root").await.unwrap();
        });
        simulation.settle();
        assert_eq!(store.requests().late(), 1);
        assert_eq!(store.requests().to_string(), "1 get, 1 put");
        longest = longest.max(simulation.now());
    }
    assert!(longest > Duration::from_hours(1), "{longest:?}");
}
