//! Buckets in memory, and what a bad disk or a broken network does to them.

use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutOptions, UpdateVersion};
use truthound_stores_catalog::{CatalogConfig, CatalogStore, CompareAndDelete, Objects, Runtime};
use truthound_stores_core::{BoxFuture, Clock, Key, Store, Timer};
use truthound_stores_testkit::object::{ObjectFault, SimulatedStore, StoreOptions, Trouble};
use truthound_stores_testkit::{ManualClock, Place};

/// A bucket of the client library's own, in memory.
pub(crate) struct Plain {
    bucket: Arc<InMemory>,
    objects: Objects,
    config: fn() -> CatalogConfig,
}

impl Plain {
    pub(crate) fn new(config: fn() -> CatalogConfig) -> Self {
        let bucket: Arc<InMemory> = Arc::default();
        let objects = Objects::new(Arc::<InMemory>::clone(&bucket), "memory", "in memory");
        Self { bucket, objects, config }
    }
}

#[async_trait::async_trait]
impl Place for Plain {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(CatalogStore::open(self.objects.clone(), in_namespace((self.config)(), namespace)).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        damage(&*self.bucket, namespace, key).await
    }
}

/// A simulated bucket of a vendor, which compares and deletes, and which can be out of reach.
pub(crate) struct Simulated {
    pub(crate) bucket: SimulatedStore,
    pub(crate) clock: Arc<ManualClock>,
    objects: Objects,
    config: fn() -> CatalogConfig,
}

impl Simulated {
    pub(crate) fn new(options: StoreOptions, config: fn() -> CatalogConfig) -> Self {
        let clock = Arc::new(ManualClock::new(1));
        let bucket = SimulatedStore::new(options, Arc::<ManualClock>::clone(&clock), 1);
        let objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated")
            .with_compare_and_delete(Arc::new(Deletes(bucket.clone())));
        Self { bucket, clock, objects, config }
    }

    pub(crate) fn store(&self, config: CatalogConfig) -> CatalogStore {
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        CatalogStore::open_with(self.objects.clone(), config, clock, Arc::new(Leap(Arc::clone(&self.clock))))
            .unwrap()
    }
}

#[async_trait::async_trait]
impl Place for Simulated {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.store(in_namespace((self.config)(), namespace)))
    }

    fn persists(&self) -> bool {
        true
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        damage(&self.bucket.backdoor(), namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        if on {
            self.bucket.faults().force(ObjectFault::new(Trouble::Reset).forever());
        } else {
            self.bucket.faults().heal();
        }
        true
    }
}

/// The call that the client library lacks.
#[derive(Debug)]
struct Deletes(SimulatedStore);

#[async_trait::async_trait]
impl CompareAndDelete for Deletes {
    async fn delete_if(&self, location: &Path, seen: UpdateVersion) -> object_store::Result<()> {
        self.0.delete_if(location, seen).await
    }
}

/// Waits by moving the clock, and runs in the background what the caller's runtime runs.
#[derive(Debug)]
struct Leap(Arc<ManualClock>);

impl Timer for Leap {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.advance(duration);
        Box::pin(tokio::task::yield_now())
    }
}

impl Runtime for Leap {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

pub(crate) fn in_namespace(mut config: CatalogConfig, namespace: &str) -> CatalogConfig {
    namespace.clone_into(&mut config.store.namespace);
    config
}

/// Cuts a document's object short, and leaves its metadata.
async fn damage(bucket: &dyn ObjectStore, namespace: &str, key: &Key) -> bool {
    use futures_util::TryStreamExt;
    let folder = Path::parse(format!("truthound/{namespace}/results")).unwrap();
    let listed: Vec<_> = bucket.list(Some(&folder)).try_collect().await.unwrap();
    let start = format!("{folder}/{}.", key.id());
    let Some(meta) = listed.iter().find(|meta| meta.location.as_ref().starts_with(&start)) else {
        return false;
    };
    let got = bucket.get(&meta.location).await.unwrap();
    let attributes = got.attributes.clone();
    let bytes = got.bytes().await.unwrap();
    let options = PutOptions { attributes, ..PutOptions::default() };
    bucket.put_opts(&meta.location, bytes.slice(..bytes.len() / 2).into(), options).await.unwrap();
    true
}
