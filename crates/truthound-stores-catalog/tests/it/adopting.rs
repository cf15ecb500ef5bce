//! `adopt_interval`: what other programs do is found without anybody asking for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use tokio::task::JoinHandle;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects, Runtime};
use truthound_stores_core::{
    BoxFuture, Collection, Query, Reading, Record, Result, Store, StoreConfig, StoreExt, Timer,
};
use truthound_stores_testkit::ManualClock;

/// Time by hand; what runs in the background is remembered.
#[derive(Debug)]
struct ByHand {
    clock: Arc<ManualClock>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Timer for ByHand {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(duration)
    }
}

impl Runtime for ByHand {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.tasks.lock().unwrap().push(tokio::spawn(task));
    }
}

fn text(id: &str) -> Vec<u8> {
    format!(
        r#"{{"run_id":"{id}","run_time":"2026-01-31T12:00:00","data_asset":"orders","status":"failure"}}"#
    )
    .into_bytes()
}

fn place(id: &str) -> Path {
    Path::from(format!("truthound/default/results/{id}.json"))
}

/// A store that looks each minute, and what is around it.
struct World {
    bucket: Arc<InMemory>,
    runtime: Arc<ByHand>,
    store: CatalogStore,
}

impl World {
    async fn new() -> Self {
        let bucket = Arc::new(InMemory::new());
        let clock = Arc::new(ManualClock::new(1));
        let runtime = Arc::new(ByHand { clock: Arc::clone(&clock), tasks: Mutex::default() });
        let config = CatalogConfig::new()
            .with_store(StoreConfig::default())
            .with_use_compression(false)
            .with_adopt_interval(60);
        let objects = Objects::new(Arc::<InMemory>::clone(&bucket), "memory", "in memory");
        let of_it = Arc::<ByHand>::clone(&runtime);
        let store = CatalogStore::open_with(objects, config, clock, of_it).unwrap();
        let world = Self { bucket, runtime, store };
        let ours = Record::parse(Collection::RESULTS, &text("ours"), &Reading::default()).unwrap();
        world.store.put(ours).await.unwrap();
        world
    }

    async fn count(&self) -> Result<u64> {
        self.store.count(&Query::new()).await
    }

    /// Lets those who wait go on, and answers how many documents the store then knows.
    async fn after(&self, passed: Duration) -> u64 {
        self.runtime.clock.advance(passed);
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
        self.count().await.unwrap()
    }

    /// Waits until nothing runs in the background any more.
    async fn ended(runtime: &ByHand) {
        let tasks = std::mem::take(&mut *runtime.tasks.lock().unwrap());
        assert!(!tasks.is_empty());
        for task in tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_others_do_is_found_each_interval() {
    let world = World::new().await;
    assert_eq!(world.after(Duration::ZERO).await, 1);
    world.bucket.put(&place("theirs"), text("theirs").into()).await.unwrap();
    assert_eq!(world.after(Duration::from_secs(59)).await, 1, "before its time");
    assert_eq!(world.after(Duration::from_secs(1)).await, 2);
    world.bucket.put(&place("more"), text("more").into()).await.unwrap();
    world.bucket.delete(&place("theirs")).await.unwrap();
    world.bucket.put(&place("third"), text("third").into()).await.unwrap();
    assert_eq!(world.after(Duration::from_mins(1)).await, 3);
    let mut ids = world.store.list_ids(&Query::new()).await.unwrap().items;
    ids.sort();
    assert_eq!(ids, ["more", "ours", "third"]);
}

/// One who looks begins with the first call, whichever that is, and ends with the store.
#[tokio::test]
async fn the_looking_ends_with_the_store() {
    let World { runtime, store, bucket } = World::new().await;
    store.close().await.unwrap();
    World::ended(&runtime).await;
    drop((store, bucket));

    let World { runtime, store, .. } = World::new().await;
    drop(store);
    World::ended(&runtime).await;
}

#[tokio::test]
async fn without_an_interval_nobody_looks() {
    let clock = Arc::new(ManualClock::new(1));
    let runtime = Arc::new(ByHand { clock: Arc::clone(&clock), tasks: Mutex::default() });
    let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in memory");
    let of_it = Arc::<ByHand>::clone(&runtime);
    let store = CatalogStore::open_with(objects, CatalogConfig::new(), clock, of_it).unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 0);
    store.check().await.unwrap();
    assert!(runtime.tasks.lock().unwrap().is_empty());
}
