//! A store of very many small documents, in a bucket in memory.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects, Runtime, TokioRuntime};
use truthound_stores_core::{MaintainOptions, Store as _, SystemClock};
pub(crate) use truthound_stores_testkit::bench::{
    ASSET, LATEST, is_complete as complete, latest_of_asset as query, small_result as record,
};
use truthound_stores_testkit::bench::{Outcome, Row, Watch, per_second, print_row, save_numbers, thousands};

const BATCH: u64 = 5_000;

/// Describes a bucket to the store.
pub(crate) fn objects(bucket: Arc<dyn ObjectStore>) -> Objects {
    Objects::new(bucket, "memory", "a bucket in memory").with_durable(false)
}

/// The settings: as by default, but for the compression of documents, which is not what is measured.
pub(crate) fn config() -> CatalogConfig {
    CatalogConfig::new().with_use_compression(false)
}

/// Opens a store on a bucket.
pub(crate) fn open(bucket: Arc<dyn ObjectStore>, runtime: Arc<dyn Runtime>) -> Outcome<CatalogStore> {
    Ok(CatalogStore::open_with(objects(bucket), config(), Arc::new(SystemClock::new()), runtime)?)
}

/// Saves documents in batches.
pub(crate) async fn save(
    store: &CatalogStore,
    numbers: std::ops::Range<u64>,
    of: u64,
    batch: u64,
) -> Outcome {
    save_numbers(store, numbers, batch, |number| record(number, of)).await
}

/// A bucket with a store whose catalog is folded.
pub(crate) struct Filled {
    pub(crate) bucket: Arc<InMemory>,
    pub(crate) documents: u64,
}

impl Filled {
    pub(crate) async fn new(documents: u64) -> Outcome<Self> {
        eprintln!("bench: filling a store with {} documents", thousands(documents));
        let filled = Self { bucket: Arc::new(InMemory::new()), documents };
        let store = filled.open()?;
        let watch = Watch::start();
        save(&store, 0..documents, documents, BATCH).await?;
        let took = watch.passed();
        let upkeep = store.upkeep().ok_or("a store without upkeep")?;
        upkeep.maintain(MaintainOptions::default(), &()).await?;
        store.close().await?;
        let what = format!("filling a store with {} small documents in batches", thousands(documents));
        print_row(
            &Row::new("catalog-fill", what)
                .ours(per_second(documents, took), "/s")
                .note("put_many of 5,000, folds included"),
        );
        Ok(filled)
    }

    pub(crate) fn open(&self) -> Outcome<CatalogStore> {
        open(Arc::<InMemory>::clone(&self.bucket), Arc::new(TokioRuntime))
    }
}
