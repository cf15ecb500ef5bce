//! A store of very many small documents, in a bucket in memory.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects, Runtime, TokioRuntime};
use truthound_stores_core::{
    Collection, MaintainOptions, Pattern, PutOptions, Query, Reading, Record, Store as _, SystemClock,
    Timestamp,
};
use truthound_stores_testkit::bench::{Outcome, Row, Watch, per_second, print_row, scattered, thousands};

/// The asset whose documents are asked for: it has a tenth of them.
pub(crate) const ASSET: &str = "warehouse.sales.orders";
/// How many documents a listing answers.
pub(crate) const LATEST: usize = 100;
const BATCH: u64 = 5_000;
/// 2023-01-01.
const BEGIN: i64 = 1_672_531_200_000_000;

/// Asks for the latest documents of the asset.
pub(crate) fn query() -> Query {
    Query::new().with_data_asset(Pattern::exact(ASSET)).with_limit(LATEST as u64).with_page_size(LATEST)
}

/// Makes sure that what was measured did the work.
pub(crate) fn complete(found: usize) -> Outcome {
    if found == LATEST {
        return Ok(());
    }
    Err(format!("a listing found {found} documents and should have found {LATEST}").into())
}

/// Makes document `number` of `of`: run times lie anywhere within three years.
pub(crate) fn record(number: u64, of: u64) -> Outcome<Record> {
    let minute = scattered(number, of) * 1_576_800 / of.max(1);
    let time =
        Timestamp::from_micros(BEGIN + i64::try_from(minute)? * 60_000_000 + i64::try_from(number % 60)?);
    let asset = match number % 10 {
        0 => ASSET.to_owned(),
        other => format!("warehouse.other.table_{other}_{}", number % 7),
    };
    let status = if number.is_multiple_of(17) { "failure" } else { "success" };
    let issues = if status == "failure" { number % 9 + 1 } else { 0 };
    let text = format!(
        r#"{{"run_id":"run_{number:012x}","run_time":"{time}","data_asset":"{asset}","status":"{status}","tags":{{"team":"data","environment":"production"}},"statistics":{{"total_validators":20,"passed_validators":{},"failed_validators":{issues},"total_rows":{},"total_issues":{issues},"execution_time_ms":{}.5}},"results":[]}}"#,
        20 - issues,
        1_000 + number % 100_000,
        10 + number % 400,
    );
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}

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
    let mut from = numbers.start;
    while from < numbers.end {
        let to = numbers.end.min(from + batch);
        let records = (from..to).map(|number| record(number, of)).collect::<Outcome<Vec<_>>>()?;
        for written in store.put_many(records, PutOptions::default()).await {
            written?;
        }
        from = to;
    }
    Ok(())
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
