//! Time passes in a simulation when nothing else can happen, for all alike; only clocks disagree.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::ObjectStoreExt;
use truthound_stores_core::{Clock, Timer};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{Simulation, StoreOptions};

use super::visit::overwrite;

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines_and_no_time_is_wasted() {
    let mut simulation = Simulation::new(3);
    let woken: Arc<Mutex<Vec<u64>>> = Arc::default();
    for minutes in [30_u64, 10, 20] {
        let (timer, woken) = (simulation.timer(), Arc::clone(&woken));
        simulation.spawn("sleeper", async move {
            timer.sleep(Duration::from_mins(minutes)).await;
            woken.lock().unwrap().push(minutes);
        });
    }
    simulation.run();
    assert_eq!(*woken.lock().unwrap(), [10, 20, 30]);
    assert_eq!(simulation.now(), Duration::from_mins(30));
}

#[test]
fn clocks_are_off_by_up_to_an_hour_and_each_keeps_its_skew() {
    let mut skews = Vec::new();
    Simulation::for_each_seed(0..40, |simulation| {
        let clock = simulation.clock();
        let right = simulation.clock_with_skew(0);
        assert!(clock.skew().abs() <= 3_600_000_000);
        assert_eq!(clock.now().micros_since(right.now()), clock.skew());
        simulation.advance(Duration::from_secs(5));
        assert_eq!(clock.now().micros_since(right.now()), clock.skew());
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
        clock.set_skew(-1);
        assert_eq!(clock.now().micros_since(right.now()), -1);
    });
    for seed in 0..40 {
        skews.push(Simulation::new(seed).clock().skew());
    }
    assert!(skews.contains(&0) && skews.iter().any(|skew| *skew > 0) && skews.iter().any(|skew| *skew < 0));
}

#[test]
fn a_store_dates_objects_by_its_own_clock_in_whole_seconds() {
    let mut simulation = Simulation::new(1);
    let store = simulation.store(StoreOptions::s3());
    simulation.advance(Duration::from_millis(90_900));
    let client = store.clone();
    let date = simulation.block_on("client", async move {
        overwrite(&client, "a", "").await.unwrap();
        client.head(&"a".into()).await.unwrap().last_modified
    });
    let start = ManualClock::START.as_micros() / 1_000_000;
    assert!([start + 90, start + 91].contains(&date.timestamp()) && date.timestamp_subsec_nanos() == 0);
}

/// As a timeout does: the request may take effect all the same.
#[test]
fn a_request_that_is_dropped_by_its_caller_may_land_or_not() {
    let mut landed = [0, 0];
    for seed in 0..60 {
        let mut simulation = Simulation::new(seed);
        let store = simulation.store(StoreOptions::s3());
        let client = store.clone();
        simulation.block_on("impatient", async move {
            let put = Box::pin(async { overwrite(&client, "root", "").await });
            let now = Box::pin(std::future::ready(()));
            drop(futures_util::future::select(put, now).await);
        });
        simulation.settle();
        assert_eq!(store.requests().to_string(), "1 put");
        landed[usize::from(store.names().is_empty())] += 1;
    }
    assert!(landed[0] > 0 && landed[1] > 0, "{landed:?}");
}
