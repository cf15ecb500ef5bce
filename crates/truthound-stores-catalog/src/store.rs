//! The store: documents as objects, and a catalog beside them for each collection.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use object_store::Attribute;
use truthound_stores_core::codec::Codec;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, Collection, DeleteOptions, Error, FactsPage, GetOptions,
    Grouping, Key, Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary,
    SystemClock, Timer, Upkeep, Written, random_u64,
};

use crate::alone::Alone;
use crate::config::CatalogConfig;
use crate::document::metadata::escape;
use crate::dressed::Dressed;
use crate::layout::Layout;
use crate::objects::Objects;
use crate::runtime::{Runtime, TokioRuntime};
use crate::wire::Wire;
use crate::workers::Workers;
use adopt::Adopting;
use open::Slot;
pub use past::Past;

mod adopt;
mod batch;
mod open;
mod past;
mod read;
mod upkeep;

/// Configured facts may take so many bytes of an object's user metadata.
const FACTS: usize = 512;
/// What configured facts are called in an object's user metadata begins so.
const FACT: &str = "thmeta";

/// Keeps documents as objects in a bucket, in Truthound's layout, and a catalog beside them that answers queries.
///
/// Many processes on many machines may use a bucket at once; they coordinate by conditional requests only. A handle is cheap to open: it
/// asks the bucket for nothing before its first call.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use object_store::memory::InMemory;
/// use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
/// use truthound_stores_core::{Collection, Query, Reading, Record, Store, StoreExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in-memory objects").with_durable(false);
/// let store = CatalogStore::open(objects, CatalogConfig::new())?;
///
/// let text = br#"{"run_id": "run_1", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "failure"}"#;
/// store.put(Record::parse(Collection::RESULTS, text, &Reading::default())?).await?;
/// let failures = Query::new().with_data_asset("orders");
/// assert_eq!(store.count(&failures).await?, 1);
/// store.close().await?;
/// # Ok(())
/// # }
/// ```
pub struct CatalogStore {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: CatalogConfig,
    pub(crate) layout: Layout,
    pub(crate) objects: Objects,
    /// The same bucket for one process alone, where it cannot be shared.
    alone: Alone,
    codec: Codec,
    staleness: Option<Duration>,
    /// Names this handle in the names of its rows.
    writer: u64,
    pub(crate) wire: Wire,
    runtime: Arc<dyn Runtime>,
    slots: Mutex<BTreeMap<Collection, Arc<Slot>>>,
    closed: AtomicBool,
    adopting: Mutex<Adopting>,
    /// Itself, for what goes on as long as it is there.
    me: Weak<Self>,
}

impl CatalogStore {
    /// Opens a store in the Tokio runtime that the caller runs in.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) for settings that are unusable or contradict each other;
    /// [`Unsupported`](truthound_stores_core::ErrorKind::Unsupported) for a codec that is not compiled in. The bucket is not asked: that is
    /// for [`check`](Store::check).
    pub fn open(objects: Objects, config: CatalogConfig) -> Result<Self> {
        Self::open_with(objects, config, Arc::new(SystemClock::new()), Arc::new(TokioRuntime))
    }

    /// Opens a store that takes time and chance from `clock`, and waits and works in the background by `runtime`.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_with(
        objects: Objects,
        config: CatalogConfig,
        clock: Arc<dyn Clock>,
        runtime: Arc<dyn Runtime>,
    ) -> Result<Self> {
        let timer: Arc<dyn Timer> = Arc::<dyn Runtime>::clone(&runtime);
        let workers = Workers::of(Arc::clone(&runtime));
        Self::on(Wire::new(clock, timer).with_workers(workers), objects, config, runtime)
    }

    /// Opens a store that makes its requests by `wire`: tests put errors back there.
    fn on(
        wire: Wire,
        mut objects: Objects,
        config: CatalogConfig,
        runtime: Arc<dyn Runtime>,
    ) -> Result<Self> {
        let (layout, codec, staleness) = (Layout::new(&config.store)?, config.codec()?, config.staleness()?);
        let facts = facts(&config.store.metadata)?;
        objects.metadata_room = objects.metadata_room.saturating_sub(facts.iter().map(length).sum());
        for (name, value) in facts {
            objects.headers.insert(Attribute::Metadata(name.into()), value.into());
        }
        if !objects.headers.is_empty() || !objects.tags.is_empty() {
            let (headers, tags) = (objects.headers.clone(), objects.tags.clone());
            objects.store = Arc::new(Dressed::new(Arc::clone(&objects.store), headers, tags));
        }
        let inner = Arc::new_cyclic(|me| Inner {
            me: Weak::clone(me),
            adopting: Mutex::default(),
            layout,
            alone: Alone::new(Arc::clone(&objects.store), Arc::clone(&objects.turn)),
            objects,
            codec,
            staleness,
            writer: random_u64(&*wire.clock),
            wire,
            runtime,
            slots: Mutex::default(),
            closed: AtomicBool::new(false),
            config,
        });
        Ok(Self { inner })
    }

    /// Returns the settings.
    pub fn config(&self) -> &CatalogConfig {
        &self.inner.config
    }
}

/// Names configured facts as user metadata: of their names, whatever stores take stays readable.
fn facts(metadata: &BTreeMap<String, String>) -> Result<Vec<(String, String)>> {
    let plain =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let facts: Vec<(String, String)> = metadata
        .iter()
        .enumerate()
        .map(|(at, (name, value))| {
            if plain(name) {
                return (format!("{FACT}{name}"), escape(value));
            }
            // Azure takes names of programming languages only: the true one stands before the value.
            (format!("{FACT}{at}x"), format!("{}={}", escape(name), escape(value)))
        })
        .collect();
    let taken: usize = facts.iter().map(length).sum();
    if taken > FACTS {
        return Err(Error::invalid(format!(
            "metadata takes {taken} bytes of every object's user metadata: at most {FACTS} leave room for what has to be there"
        )));
    }
    Ok(facts)
}

/// What stores count of a pair of user metadata.
fn length((name, value): &(String, String)) -> usize {
    "x-goog-meta-".len() + name.len() + value.len()
}

impl Inner {
    /// Begins a call: refused once the store is closed. The first one begins to look for what other programs do, too, if the settings ask
    /// for that.
    pub(crate) fn enter(&self, operation: &'static str) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::closed().during(operation));
        }
        self.adopt_now_and_then();
        Ok(())
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

#[async_trait]
impl Store for CatalogStore {
    fn info(&self) -> StoreInfo {
        let found = self.inner.found();
        let capabilities = Capabilities::none()
            .with_create_only(true)
            .with_compare_and_swap(true)
            .with_change_feed(true)
            .with_durable(self.inner.objects.durable)
            .with_shared(found.abilities.are_enough_to_share())
            .with_writable(found.is_shared);
        StoreInfo::new(&self.inner.objects.backend, &self.inner.objects.location, capabilities)
            .with_metadata(self.inner.config.store.metadata.clone())
            .with_assume_timezone(self.inner.config.store.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        self.inner.put(record, opts).await
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        self.inner.put_many(records, opts).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.inner.get(key, &opts).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.inner.delete(key, opts).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        self.inner.delete_many(keys, opts).await
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.inner.list(query, after.as_ref()).await.map_err(|error| error.during("list"))
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.inner.scan(query, after.as_ref()).await.map_err(|error| error.during("list"))
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.inner.count(query).await.map_err(|error| error.during("count"))
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.inner.summarize(query, grouping).await.map_err(|error| error.during("summarize"))
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.inner.changes(after.as_ref(), limit).await.map_err(|error| error.during("changes"))
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        Some(self)
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await.map_err(|error| error.during("check"))
    }

    async fn flush(&self) -> Result<()> {
        // Whatever was acknowledged is in the bucket.
        self.inner.enter("flush")
    }

    async fn close(&self) -> Result<()> {
        if !self.inner.closed.swap(true, Ordering::AcqRel) {
            self.inner.stop_adopting();
            for live in self.inner.slots().iter().filter_map(|slot| slot.live()) {
                live.close().await;
            }
        }
        Ok(())
    }
}

impl Drop for CatalogStore {
    fn drop(&mut self) {
        self.inner.closed.store(true, Ordering::Release);
        self.inner.stop_adopting();
        for live in self.inner.slots().iter().filter_map(|slot| slot.live()) {
            live.stop();
        }
    }
}

impl fmt::Display for CatalogStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalog({})", self.inner.objects.location)
    }
}

/// Shows neither documents nor what the client may know of credentials.
impl fmt::Debug for CatalogStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatalogStore")
            .field("backend", &self.inner.objects.backend)
            .field("location", &self.inner.objects.location)
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
