//! Handles on memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, DeleteOptions, Error, FactsPage, GetOptions, Grouping, Key,
    Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, SystemClock,
    Upkeep, Written, random_u64,
};

use crate::MemoryConfig;
use crate::state::State;

/// Keeps documents in memory, as long as there is a handle on it.
///
/// A store is a handle: [`clone`](Clone::clone), [`in_namespace`](Self::in_namespace) and [`share`](Self::share) make further
/// handles on the same memory. [`close`](Store::close) closes a handle and its clones, no others; the documents stay for
/// those, and are gone with the last handle.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Collection, Query, Reading, Record, Store, StoreExt};
/// use truthound_stores_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// let text = br#"{"run_id": "run_1", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success"}"#;
/// let run = Record::parse(Collection::RESULTS, text, &Reading::default())?;
///
/// let store = MemoryStore::new();
/// assert!(store.put(run).await?.is_new());
///
/// let elsewhere = store.in_namespace("nightly")?;
/// assert_eq!(store.count(&Query::new()).await?, 1);
/// assert_eq!(elsewhere.count(&Query::new()).await?, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    memory: Arc<Memory>,
    space: Arc<Space>,
    config: Arc<MemoryConfig>,
    clock: Arc<dyn Clock>,
    closed: Arc<AtomicBool>,
}

/// All spaces, by namespace and prefix.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<(String, String), Arc<Space>>>);

/// One namespace and prefix; made on first use, when the handle has its clock.
#[derive(Default)]
struct Space(OnceLock<RwLock<State>>);

impl Memory {
    fn space(&self, name: (String, String)) -> Arc<Space> {
        let mut spaces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(spaces.entry(name).or_default())
    }
}

impl MemoryStore {
    /// How many changes the change feed of a namespace keeps; a reader who is further behind is told to begin anew.
    pub const CHANGES_KEPT: usize = 65_536;

    /// Opens fresh memory with the default settings.
    pub fn new() -> Self {
        let (memory, config) = (Memory::default(), MemoryConfig::default());
        let space = memory.space((config.namespace.clone(), config.prefix.clone()));
        Self::on(Arc::new(memory), space, config, Arc::new(SystemClock::new()))
    }

    /// Opens fresh memory.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) if the namespace or the prefix is not usable.
    pub fn open(config: MemoryConfig) -> Result<Self> {
        let memory = Memory::default();
        let space = memory.space(config.space()?);
        Ok(Self::on(Arc::new(memory), space, config, Arc::new(SystemClock::new())))
    }

    /// Opens another handle on the same memory under other settings.
    ///
    /// Handles with the same namespace and prefix share their documents. `max_items` bounds what is saved through the
    /// handle that has it.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) if the namespace or the prefix is not usable;
    /// [`Closed`](truthound_stores_core::ErrorKind::Closed) if this handle is closed.
    pub fn share(&self, config: MemoryConfig) -> Result<Self> {
        self.refuse_if_closed("open")?;
        let space = self.memory.space(config.space()?);
        Ok(Self::on(Arc::clone(&self.memory), space, config, Arc::clone(&self.clock)))
    }

    /// Opens another handle on the same memory, in another namespace, with otherwise the same settings.
    ///
    /// # Errors
    /// As for [`share`](Self::share).
    pub fn in_namespace(&self, namespace: &str) -> Result<Self> {
        self.share(MemoryConfig::clone(&self.config).with_namespace(namespace))
    }

    /// Takes time and chance from `clock`, in this handle and those that are made from it from now on.
    ///
    /// Call it before the first use: what was drawn from the former clock stays.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn on(memory: Arc<Memory>, space: Arc<Space>, config: MemoryConfig, clock: Arc<dyn Clock>) -> Self {
        Self { memory, space, config: Arc::new(config), clock, closed: Arc::default() }
    }

    fn refuse_if_closed(&self, operation: &'static str) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::closed().during(operation)) } else { Ok(()) }
    }

    fn state(&self, operation: &'static str) -> Result<&RwLock<State>> {
        self.refuse_if_closed(operation)?;
        let fresh = || RwLock::new(State::new(random_u64(&self.clock), Self::CHANGES_KEPT));
        Ok(self.space.0.get_or_init(fresh))
    }

    fn read_state(&self, operation: &'static str) -> Result<RwLockReadGuard<'_, State>> {
        Ok(self.state(operation)?.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write_state(&self, operation: &'static str) -> Result<RwLockWriteGuard<'_, State>> {
        Ok(self.state(operation)?.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_one(&self, record: Record, opts: &PutOptions) -> Result<Written> {
        record.validate().map_err(|error| error.during("put"))?;
        // Hashing takes time: it is done and remembered before the lock is taken.
        record.body.checksum();
        let saved_at = self.clock.now();
        let mut state = self.write_state("put").map_err(|error| error.at(&record.key))?;
        state.put(record, opts, saved_at, self.config.max_items).map_err(|error| error.during("put"))
    }

    fn delete_one(&self, key: &Key, opts: &DeleteOptions) -> Result<bool> {
        let deleted = self.write_state("delete").and_then(|mut state| state.delete(key, opts));
        deleted.map_err(|error| error.during("delete").at(key))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn info(&self) -> StoreInfo {
        let capabilities = Capabilities::none()
            .with_create_only(true)
            .with_compare_and_swap(true)
            .with_change_feed(true)
            .with_every_change(true)
            .with_writable(true);
        StoreInfo::new("memory", "memory", capabilities)
            .with_metadata(self.config.metadata.clone())
            .with_assume_timezone(self.config.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        self.put_one(record, &opts)
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        records.into_iter().map(|record| self.put_one(record, &opts)).collect()
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let stored = self.read_state("get").and_then(|state| state.get(key, &opts));
        stored.map_err(|error| error.during("get").at(key))
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.delete_one(key, &opts)
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        keys.iter().map(|key| self.delete_one(key, &opts)).collect()
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.read_state("list")?.page(query, after.as_ref()).map_err(|error| error.during("list"))
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.read_state("list")?.scan(query, after.as_ref()).map_err(|error| error.during("list"))
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.read_state("count")?.count(query).map_err(|error| error.during("count"))
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.read_state("summarize")?.summarize(query, grouping).map_err(|error| error.during("summarize"))
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.read_state("changes")?.changes(after.as_ref(), limit).map_err(|error| error.during("changes"))
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        None
    }

    async fn check(&self) -> Result<()> {
        self.refuse_if_closed("check")
    }

    async fn flush(&self) -> Result<()> {
        self.refuse_if_closed("flush")
    }

    async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}

impl fmt::Display for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

/// Shows the settings, but neither documents nor metadata.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("namespace", &self.config.namespace)
            .field("prefix", &self.config.prefix)
            .field("max_items", &self.config.max_items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
