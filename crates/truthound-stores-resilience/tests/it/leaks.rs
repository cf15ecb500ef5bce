//! R-ANY-15: checks in the background end when their store is closed or dropped, and keep nothing.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{
    HealthCheckConfig, HealthCheckLayer, HealthCheckStore, HealthState, Spawn,
};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, ManualClock, Operation};

/// Spawns on the test's runtime, and keeps the tasks.
#[derive(Debug, Default)]
struct Tasks(Mutex<Vec<tokio::task::JoinHandle<()>>>);

impl Spawn for Tasks {
    fn spawn(&self, _: &'static str, task: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push(tokio::spawn(task));
    }
}

impl Tasks {
    /// Checks that all have ended; answers how many they were.
    async fn ended(&self) -> usize {
        settle().await;
        let tasks = std::mem::take(&mut *self.0.lock().unwrap());
        let count = tasks.len();
        for task in tasks {
            assert!(task.is_finished(), "a task is still running");
            task.await.unwrap();
        }
        count
    }
}

type Checked = HealthCheckStore<Arc<FaultyStore<MemoryStore>>>;

struct Bench {
    store: Checked,
    inner: Weak<FaultyStore<MemoryStore>>,
    faults: Faults,
    tasks: Arc<Tasks>,
    clock: Arc<ManualClock>,
}

fn bench(config: HealthCheckConfig) -> Bench {
    let (faults, clock) = (Faults::new(), Arc::new(ManualClock::new(1)));
    let inner = Arc::new(FaultyStore::new(MemoryStore::new(), &faults));
    let tasks = Arc::new(Tasks::default());
    let layer = HealthCheckLayer::new(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).unwrap();
    let weak = Arc::downgrade(&inner);
    let store = inner.layer(layer.with_spawn(Arc::clone(&tasks) as _));
    Bench { store, inner: weak, faults, tasks, clock }
}

async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn checks_in_the_background_need_no_caller() {
    let bench = bench(HealthCheckConfig::new());
    settle().await;
    assert_eq!((bench.store.status().state, bench.faults.calls(Operation::Check)), (HealthState::Healthy, 1));
    bench.faults.add(Fault::fail(truthound_stores_core::ErrorKind::Unavailable).on(Operation::Check));
    bench.clock.advance(Duration::from_secs(30));
    settle().await;
    assert_eq!(bench.store.status().state, HealthState::Unhealthy);
    bench.clock.advance(Duration::from_secs(30));
    settle().await;
    assert_eq!((bench.store.status().state, bench.faults.total_calls()), (HealthState::Healthy, 3));
}

#[tokio::test]
async fn a_store_that_is_dropped_takes_its_checks_with_it() {
    let Bench { store, inner, tasks, .. } = bench(HealthCheckConfig::new());
    settle().await;
    drop(store);
    assert_eq!(tasks.ended().await, 1);
    assert!(inner.upgrade().is_none(), "somebody keeps the store inside");
}

#[tokio::test]
async fn a_store_that_is_dropped_in_the_middle_of_a_check_takes_it_with_it() {
    let Bench { store, inner, tasks, faults, .. } = bench(HealthCheckConfig::new());
    let gate = Gate::new("check");
    faults.add(Fault::hold(&gate).on(Operation::Check));
    gate.reached().await;
    drop(store);
    assert_eq!(tasks.ended().await, 1);
    assert!(inner.upgrade().is_none());
}

#[tokio::test]
async fn a_store_that_is_closed_is_checked_no_more() {
    let bench = bench(HealthCheckConfig::new());
    settle().await;
    bench.store.close().await.unwrap();
    assert_eq!(bench.tasks.ended().await, 1);
    bench.clock.advance(Duration::from_mins(5));
    settle().await;
    assert_eq!(bench.faults.calls(Operation::Check), 1);
}

#[tokio::test]
async fn without_checks_nothing_is_spawned() {
    let bench = bench(HealthCheckConfig::new().with_enabled(false));
    assert_eq!(bench.tasks.ended().await, 0);
}

#[cfg(feature = "tokio")]
mod runtime {
    use truthound_stores_core::{Query, SystemClock};
    use truthound_stores_resilience::TokioRuntime;

    use super::*;

    /// Outside a runtime there is nobody to check in the background: those who call do.
    #[test]
    fn a_store_that_is_made_outside_a_runtime_is_checked_by_its_callers() {
        let (clock, runtime) = (Arc::new(SystemClock::new()), Arc::new(TokioRuntime));
        let layer =
            HealthCheckLayer::new(HealthCheckConfig::new(), clock, Arc::clone(&runtime) as _).unwrap();
        let store = MemoryStore::new().layer(layer.with_spawn(runtime));
        assert_eq!(store.status().checks, 0);
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        assert_eq!(tokio.block_on(store.count(&Query::new())).unwrap(), 0);
        assert_eq!((store.status().state, store.status().checks), (HealthState::Healthy, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn tokio_checks_at_every_interval() {
        let (clock, runtime) = (Arc::new(SystemClock::new()), Arc::new(TokioRuntime));
        let faults = Faults::new();
        let layer =
            HealthCheckLayer::new(HealthCheckConfig::new(), clock, Arc::clone(&runtime) as _).unwrap();
        let store = FaultyStore::new(MemoryStore::new(), &faults).layer(layer.with_spawn(runtime));
        tokio::time::advance(Duration::from_millis(1)).await;
        settle().await;
        for checks in 1..4 {
            assert_eq!(faults.calls(Operation::Check), checks);
            tokio::time::advance(Duration::from_secs(30)).await;
            settle().await;
        }
        drop(store);
    }
}
