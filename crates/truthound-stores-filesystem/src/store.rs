//! The store: reads on blocking threads, writes through each collection's committer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use truthound_stores_core::codec::Limits;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, DeleteOptions, Error, ErrorKind, FactsPage, GetOptions,
    Grouping, Key, Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary,
    SystemClock, Upkeep, Written,
};

use crate::config::FileSystemConfig;
use crate::layout::Layout;
use crate::settings::{Hint, Settings};

mod changes;
mod inner;
mod read;
mod write;

pub(crate) use inner::Inner;
use inner::check_folder;
pub(crate) use read::damaged as damaged_files;

/// Keeps documents as files, one each, in Truthound's layout, and an index of them beside.
///
/// Its methods need a Tokio runtime: they work on its blocking threads, and on two threads of their own for each collection that is
/// written to. These end with [`close`](Store::close), or soon after the store is dropped.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Query, StoreExt, ValidationResult};
/// use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("store");
/// let store = FileSystemStore::open(FileSystemConfig::new(path)).await?;
/// let found = store.query::<ValidationResult>(&Query::new()).await?;
/// assert!(found.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct FileSystemStore {
    inner: Arc<Inner>,
}

impl FileSystemStore {
    /// Opens a store. Folders are made at the first save; an index is made when a collection with documents is first looked at.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) for settings that are unusable or contradict each other, or if `create_dirs` is false and
    /// the folder of results is missing; [`Unsupported`](ErrorKind::Unsupported) for a codec that is not compiled in;
    /// [`Denied`](ErrorKind::Denied) and [`Unavailable`](ErrorKind::Unavailable) if the folder cannot be looked at.
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn open(config: FileSystemConfig) -> Result<Self> {
        Self::open_with_clock(config, Arc::new(SystemClock::new())).await
    }

    /// Opens a store that takes time and chance from `clock`.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn open_with_clock(config: FileSystemConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let (codec, extension) = config.writing()?;
        let layout = Layout::new(&config)?;
        blocking(move || {
            check_folder(&config, &layout)?;
            layout.check_inside(&layout.results().join(crate::layout::CATALOG))?;
            let settings = (Settings::stamp(layout.results())?, Settings::read(layout.results())?);
            let inner = Inner {
                layout,
                codec,
                extension,
                settings: Mutex::new(settings),
                hinted: Mutex::new(Hint::default()),
                limits: Limits::default(),
                clock,
                partitions: Mutex::default(),
                remembered: AtomicBool::new(false),
                closed: AtomicBool::new(false),
                config,
            };
            Ok(Self { inner: Arc::new(inner) })
        })
        .await
    }

    /// Returns the settings.
    pub fn config(&self) -> &FileSystemConfig {
        &self.inner.config
    }

    pub(crate) fn shared(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }

    pub(crate) fn refuse_if_closed(&self, operation: &'static str) -> Result<()> {
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(Error::closed().during(operation));
        }
        Ok(())
    }

    /// Does blocking work for `operation`, unless the store is closed.
    pub(crate) async fn run<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T> + Send + 'static,
    {
        self.refuse_if_closed(operation)?;
        let inner = Arc::clone(&self.inner);
        blocking(move || work(&inner)).await.map_err(|error| error.during(operation))
    }
}

/// Runs `work` where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the filesystem store needs a Tokio runtime to run in",
        ));
    };
    match runtime.spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(cause) if cause.is_cancelled() => {
            Err(Error::new(ErrorKind::Unavailable, "the runtime is shutting down").caused_by(cause))
        }
        Err(cause) => Err(Error::new(ErrorKind::Internal, "the filesystem store panicked").caused_by(cause)),
    }
}

#[async_trait]
impl Store for FileSystemStore {
    fn info(&self) -> StoreInfo {
        let capabilities = Capabilities::none()
            .with_create_only(true)
            .with_compare_and_swap(true)
            .with_change_feed(true)
            .with_every_change(true)
            .with_durable(true)
            .with_shared(true)
            .with_writable(true);
        let mut metadata: BTreeMap<String, String> =
            self.inner.settings.lock().unwrap_or_else(PoisonError::into_inner).1.metadata.clone();
        metadata.extend(self.inner.config.store.metadata.clone());
        let location = self.inner.layout.results().display().to_string();
        StoreInfo::new("filesystem", location, capabilities)
            .with_metadata(metadata)
            .with_assume_timezone(self.inner.config.store.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        let outcome = self.put_batch(vec![record], opts).await.pop();
        outcome.unwrap_or_else(|| Err(missing_outcome())).map_err(|error| error.during("put").at(&key))
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
        named(self.put_batch(records, opts).await, "put", &keys)
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let wanted = key.clone();
        let found = self.run("get", move |inner| inner.get(&wanted, &opts));
        found.await.map_err(|error| error.at(key))
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let outcome = self.delete_batch(vec![key.clone()], opts).await.pop();
        outcome.unwrap_or_else(|| Err(missing_outcome())).map_err(|error| error.during("delete").at(key))
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        named(self.delete_batch(keys.clone(), opts).await, "delete", &keys)
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let query = query.clone();
        self.run("list", move |inner| inner.list(&query, after.as_ref())).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok(self.list_page(query, after).await?.into())
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        let query = query.clone();
        self.run("count", move |inner| inner.count(&query)).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let query = query.clone();
        self.run("summarize", move |inner| inner.summarize(&query, grouping)).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.run("changes", move |inner| inner.changes(after.as_ref(), limit)).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        Some(self)
    }

    async fn check(&self) -> Result<()> {
        self.run("check", |inner| {
            inner.check_folder()?;
            inner.check_access()
        })
        .await
    }

    async fn flush(&self) -> Result<()> {
        // Acknowledged saves are durable already; this puts their files in their places, and waits for the disk there.
        self.run("flush", |inner| inner.each_open(|live| live.flush(true))).await
    }

    async fn close(&self) -> Result<()> {
        if self.inner.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let flushed = inner.each_open(|live| live.flush(false));
            for partition in inner.partitions() {
                partition.reopen();
            }
            flushed
        })
        .await
        .map_err(|error| error.during("close"))
    }
}

fn missing_outcome() -> Error {
    Error::new(ErrorKind::Internal, "the batch gave no outcome")
}

/// Names operation and document in what failed.
fn named<T>(outcomes: Vec<Result<T>>, operation: &'static str, keys: &[Key]) -> Vec<Result<T>> {
    let named = outcomes.into_iter().zip(keys);
    named.map(|(outcome, key)| outcome.map_err(|error| error.during(operation).at(key))).collect()
}

impl fmt::Display for FileSystemStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileSystem({})", self.inner.layout.results().display())
    }
}

impl fmt::Debug for FileSystemStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSystemStore").field("config", &self.inner.config).finish_non_exhaustive()
    }
}
