//! A failure that cannot be repeated cannot be mended: a run is a function of its seed, and seeds differ.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use object_store::{Error, PutMode};
use truthound_stores_core::{Clock, Timer, random_u64};
use truthound_stores_testkit::object::{Crashes, Rates, SimulatedStore, Simulation, StoreOptions};

use super::visit::{create, overwrite, read, update};

/// Adds one to a counter by compare-and-swap; `false` if it gave up.
async fn increment(store: &SimulatedStore, timer: &dyn Timer) -> bool {
    for _ in 0..50 {
        let written = match read(store, "counter").await {
            Ok((text, seen)) => {
                let next = text.parse::<u64>().unwrap() + 1;
                let mode = PutMode::Update(seen);
                object_store::ObjectStore::put_opts(
                    store,
                    &"counter".into(),
                    next.to_string().into(),
                    mode.into(),
                )
                .await
                .map(drop)
            }
            Err(Error::NotFound { .. }) => create(store, "counter", "1").await.map(drop),
            Err(error) => Err(error),
        };
        if written.is_ok() {
            return true;
        }
        timer.sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Everything at once: skewed clocks, crashes, storms, sleepers, background tasks, locks.
fn busy(simulation: &mut Simulation) -> u64 {
    let store = simulation.store(StoreOptions::gcs().with_page_size(3));
    store.faults().set_rates(Rates::stormy());
    let lock = Arc::new(tokio::sync::Mutex::new(0_u64));
    for writer in 0..3 {
        let (store, timer, clock) = (store.clone(), simulation.timer(), simulation.clock());
        let (lock, handle) = (Arc::clone(&lock), simulation.handle());
        simulation.spawn_crashing(&format!("writer {writer}"), Crashes::often(20, 2), move |_| {
            let (store, timer, clock) = (store.clone(), Arc::clone(&timer), Arc::clone(&clock));
            let (lock, handle) = (Arc::clone(&lock), handle.clone());
            async move {
                let aside = store.clone();
                handle.spawn("fold", async move {
                    super::visit::names(&aside, "tail").await.ok();
                });
                for _ in 0..5 {
                    let name = format!("tail/{}-{:x}", clock.now().as_micros(), random_u64(&*clock));
                    create(&store, &name, "row").await.ok();
                    *lock.lock().await += 1;
                    increment(&store, &*timer).await;
                }
            }
        });
    }
    simulation.run();
    simulation.settle();
    simulation.fingerprint()
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let mut first = Simulation::new(seed);
        let mut second = Simulation::new(seed);
        assert_eq!(busy(&mut first), busy(&mut second), "seed {seed}");
        assert_eq!(first.trace(), second.trace());
        assert_eq!(first.now(), second.now());
        seen.insert(first.fingerprint());
    }
    assert!(seen.len() > 95, "other seeds give other runs: {}", seen.len());
}

#[test]
fn compare_and_swap_loses_no_increment_of_a_calm_store_in_any_order() {
    Simulation::for_each_seed(0..50, |simulation| {
        let store = simulation.store(StoreOptions::azure());
        let tasks: Vec<_> = (0..4)
            .map(|writer| {
                let (store, timer) = (store.clone(), simulation.timer());
                simulation.spawn(&format!("writer {writer}"), async move { increment(&store, &*timer).await })
            })
            .collect();
        simulation.run();
        assert!(tasks.iter().all(|task| task.take() == Some(true)));
        let aside = store.backdoor();
        let text = simulation.block_on("check", async move { read(&aside, "counter").await.unwrap().0 });
        assert_eq!(text, "4");
    });
}

/// The scheduler must find the race that it is there to find.
#[test]
fn a_lost_update_is_found_by_some_seed_and_not_by_all() {
    let lost = |seed| {
        let mut simulation = Simulation::new(seed);
        let store = simulation.store(StoreOptions::s3());
        for _ in 0..2 {
            let store = store.clone();
            simulation.spawn("writer", async move {
                let text = read(&store, "counter").await.map_or_else(|_| "0".into(), |(text, _)| text);
                let next = text.parse::<u64>().unwrap() + 1;
                overwrite(&store, "counter", &next.to_string()).await.unwrap();
            });
        }
        simulation.run();
        let aside = store.backdoor();
        simulation.block_on("check", async move { read(&aside, "counter").await.unwrap().0 }) == "1"
    };
    let found = (0..40).filter(|seed| lost(*seed)).count();
    assert!(found > 5 && found < 40, "{found}");
}

/// With an answer that others overtake, a client of shared memory can act on what is no longer so.
#[test]
fn an_answer_may_be_heard_after_another_request_took_effect() {
    let overtaken = (0..40).filter(|seed| {
        let mut simulation = Simulation::new(*seed);
        let store = simulation.store(StoreOptions::s3());
        let reader = store.clone();
        let first = simulation.spawn("reader", async move { read(&reader, "root").await.is_ok() });
        let writer = store.clone();
        let second = simulation.spawn("writer", async move { overwrite(&writer, "root", "").await.is_ok() });
        simulation.run_until(|_| second.is_finished());
        let unheard = !first.is_finished();
        simulation.run();
        unheard && first.take() == Some(false)
    });
    assert!(overtaken.count() > 0);
}

#[test]
fn an_update_of_a_bystander_is_refused() {
    let mut simulation = Simulation::new(5);
    let store = simulation.store(StoreOptions::s3());
    let client = store.clone();
    simulation.block_on("client", async move {
        let first = create(&client, "root", "one").await.unwrap();
        overwrite(&client, "root", "two").await.unwrap();
        assert!(matches!(update(&client, "root", "three", first).await, Err(Error::Precondition { .. })));
    });
    assert_eq!(store.requests().to_string(), "3 put");
    assert!(simulation.trace().contains("client: put root (create) -> ok"), "{}", simulation.trace());
}

#[test]
#[should_panic(expected = "these wait for what never comes: stuck")]
fn a_deadlock_is_reported_with_who_waits() {
    let mut simulation = Simulation::new(1);
    simulation.spawn("stuck", std::future::pending::<()>());
    simulation.run();
}

#[test]
#[should_panic(expected = "no end after 50 steps")]
fn a_run_without_end_is_given_up() {
    let mut simulation = Simulation::new(1);
    simulation.set_max_steps(50);
    let timer = simulation.timer();
    simulation.spawn("restless", async move {
        loop {
            timer.sleep(Duration::from_secs(1)).await;
        }
    });
    simulation.run();
}
