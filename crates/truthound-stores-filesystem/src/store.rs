//! The store: each call does its work on a blocking thread, writers one at a time per folder.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use truthound_stores_core::codec::{Codec, Limits};
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, Collection, DeleteOptions, Error, ErrorKind, GetOptions,
    Grouping, Key, Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summaries,
    Summary, SystemClock, Upkeep, Written, random_u64,
};

use crate::config::{Durability, FileSystemConfig};
use crate::describe::Folder;
use crate::directory::{Directory, Listing};
use crate::files::{self, Stamp};
use crate::layout::{CATALOG, Layout};
use crate::row::ROWS;
use crate::settings::{Hint, Settings};
use crate::suffix::Extensions;

mod locate;
mod turn;
mod write;

use turn::{Turn, Turns};

/// Keeps documents as files, one each, in Truthound's layout.
///
/// Its methods need a Tokio runtime: they work on its blocking threads.
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

struct Inner {
    config: FileSystemConfig,
    layout: Layout,
    codec: Codec,
    extension: String,
    /// What the settings file said when it was last read, and which state of the file that was.
    settings: Mutex<(Option<Stamp>, Settings)>,
    /// An extension that Truthound's index names.
    hinted: Mutex<Hint>,
    turns: Turns,
    limits: Limits,
    clock: Arc<dyn Clock>,
    directories: Mutex<HashMap<Collection, Arc<Directory>>>,
    last_modified: Mutex<i128>,
    closed: AtomicBool,
}

impl FileSystemStore {
    /// Opens a store, changing nothing on disk: folders are made at the first save.
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
            layout.check_inside(&layout.results().join(CATALOG))?;
            let settings = (Settings::stamp(layout.results())?, Settings::read(layout.results())?);
            let hinted = Mutex::new(Hint::default());
            let inner = Inner {
                layout,
                codec,
                extension,
                settings: Mutex::new(settings),
                hinted,
                turns: Turns::default(),
                limits: Limits::default(),
                clock,
                directories: Mutex::default(),
                last_modified: Mutex::new(0),
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

    /// Does blocking work for `operation`, unless the store is closed.
    async fn run<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T> + Send + 'static,
    {
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(Error::closed().during(operation));
        }
        let inner = Arc::clone(&self.inner);
        blocking(move || work(&inner)).await.map_err(|error| error.during(operation))
    }

    /// Does work that writes, when it is this caller's turn.
    async fn run_writing<'k, T, F>(
        &self,
        operation: &'static str,
        keys: impl Iterator<Item = &'k Key> + Send,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner, &Turn) -> Result<T> + Send + 'static,
    {
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(Error::closed().during(operation));
        }
        let collections: BTreeSet<Collection> = keys.map(|key| key.collection().clone()).collect();
        let (turn, waiting) = self.inner.turns.next(collections, &*self.inner.clock).await;
        let outcome = self.run(operation, move |inner| work(inner, &turn)).await;
        drop(waiting);
        outcome
    }
}

/// Checks that the base path is no file; with `create_dirs` off, a missing folder is an error, too.
fn check_folder(config: &FileSystemConfig, layout: &Layout) -> Result<()> {
    let wrong = |why: &str, path: &Path| Err(Error::invalid(why).with("path", path.display().to_string()));
    if config.base_path.is_file() {
        return wrong("the store's base path is a file: name a folder", &config.base_path);
    }
    if config.create_dirs || files::is_folder(layout.results())? {
        return Ok(());
    }
    wrong("the store's folder does not exist, and create_dirs is false", layout.results())
}

/// Runs `work` where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
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

impl Inner {
    fn syncs(&self) -> bool {
        self.config.durability == Durability::Fsync
    }

    fn check_folder(&self) -> Result<()> {
        check_folder(&self.config, &self.layout)
    }

    fn folder(&self, collection: &Collection) -> Result<Folder> {
        let path = self.layout.folder(collection);
        // The rows lie deepest: what is checked for them holds for all above them.
        self.layout.check_inside(&path.join(CATALOG).join(ROWS))?;
        let mut extensions = self.settings()?.extensions;
        let mut hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        extensions.extend(hinted.extension(self.layout.results())?);
        drop(hinted);
        Ok(Folder {
            collection: collection.clone(),
            path,
            extensions: Extensions::new(&self.extension, &extensions),
            codec: self.codec,
            limits: self.limits,
            reading: self.config.store.reading(),
        })
    }

    /// Returns what the store remembers of itself, read again if another handle has written it.
    fn settings(&self) -> Result<Settings> {
        let mut known = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Settings::stamp(self.layout.results())?;
        if stamp != known.0 {
            *known = (stamp, Settings::read(self.layout.results())?);
        }
        Ok(known.1.clone())
    }

    fn directory(&self, collection: &Collection) -> Arc<Directory> {
        let mut directories = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(directories.entry(collection.clone()).or_default())
    }

    fn list(&self, collection: &Collection) -> Result<Listing> {
        self.check_folder()?;
        self.directory(collection).list(&self.folder(collection)?, self.clock.now())
    }

    /// Returns a new name for a temporary file in a catalog.
    fn staging(&self, catalog: &Path) -> PathBuf {
        catalog.join(format!("{}{:016x}", write::STAGED, random_u64(&*self.clock)))
    }

    /// Returns a modification time that this store has not given yet, in nanoseconds: the clock's where that is new.
    fn next_modified(&self) -> i128 {
        let mut last = self.last_modified.lock().unwrap_or_else(PoisonError::into_inner);
        let now = i128::from(self.clock.now().as_micros()) * 1000;
        *last = now.max(*last + 1);
        *last
    }
}

#[async_trait]
impl Store for FileSystemStore {
    fn info(&self) -> StoreInfo {
        let capabilities = Capabilities::none()
            .with_create_only(true)
            .with_compare_and_swap(true)
            .with_durable(true)
            .with_shared(true)
            .with_writable(true);
        let mut metadata =
            self.inner.settings.lock().unwrap_or_else(PoisonError::into_inner).1.metadata.clone();
        metadata.extend(self.inner.config.store.metadata.clone());
        let location = self.inner.layout.results().display().to_string();
        StoreInfo::new("filesystem", location, capabilities)
            .with_metadata(metadata)
            .with_assume_timezone(self.inner.config.store.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        let outcome = self.run_writing("put", std::iter::once(&key), move |inner, turn| {
            inner.put_batch(vec![record], &opts, turn).pop().unwrap_or_else(|| Err(missing_outcome()))
        });
        outcome.await.map_err(|error| error.at(&key))
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
        let outcomes = self
            .run_writing("put", keys.iter(), move |inner, turn| Ok(inner.put_batch(records, &opts, turn)))
            .await;
        spread(outcomes, "put", &keys)
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let wanted = key.clone();
        let found = self.run("get", move |inner| inner.get(&wanted, &opts));
        found.await.map_err(|error| error.at(key))
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let wanted = key.clone();
        let outcome = self.run_writing("delete", std::iter::once(key), move |inner, turn| {
            inner.delete_batch(&[wanted], &opts, turn).pop().unwrap_or_else(|| Err(missing_outcome()))
        });
        outcome.await.map_err(|error| error.at(key))
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let wanted = keys.clone();
        let outcomes = self
            .run_writing("delete", keys.iter(), move |inner, turn| {
                Ok(inner.delete_batch(&wanted, &opts, turn))
            })
            .await;
        spread(outcomes, "delete", &keys)
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let query = query.clone();
        self.run("list", move |inner| {
            query.validate()?;
            let listing = inner.list(&query.collection)?;
            let first = after.is_none();
            let page = Page::select(&query, after.as_ref(), listing.metas.iter().map(Arc::as_ref))?;
            // Each is reported once per listing.
            Ok(if first { page.with_damaged(listing.damaged) } else { page })
        })
        .await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        let query = query.clone();
        self.run("count", move |inner| {
            query.validate()?;
            let listing = inner.list(&query.collection)?;
            if let Some(error) = listing.damaged.into_iter().next() {
                return Err(error);
            }
            let matching = listing.metas.iter().filter(|meta| query.matches(meta)).count() as u64;
            let past_offset = matching.saturating_sub(query.offset);
            Ok(query.limit.map_or(past_offset, |limit| limit.min(past_offset)))
        })
        .await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let query = query.clone();
        self.run("summarize", move |inner| {
            let listing = inner.list(&query.collection)?;
            if let Some(error) = listing.damaged.into_iter().next() {
                return Err(error);
            }
            Summaries::evaluate(&query, grouping, listing.metas.iter().map(Arc::as_ref))
        })
        .await
    }

    async fn changes(&self, _: Option<ChangeToken>, _: usize) -> Result<ChangePage> {
        self.run("changes", |_| {
            Err(Error::unsupported("the filesystem store has no change feed yet: compare listings instead"))
        })
        .await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        None
    }

    async fn check(&self) -> Result<()> {
        self.run("check", |inner| {
            inner.check_folder()?;
            inner.check_access()
        })
        .await
    }

    async fn flush(&self) -> Result<()> {
        // Every acknowledged save is where `durability` wants it.
        self.run("flush", |_| Ok(())).await
    }

    async fn close(&self) -> Result<()> {
        self.inner.closed.store(true, Ordering::Release);
        Ok(())
    }
}

fn missing_outcome() -> Error {
    Error::new(ErrorKind::Internal, "the batch gave no outcome")
}

/// Gives each document of a batch its outcome, or the error that stopped the whole batch.
fn spread<T>(outcomes: Result<Vec<Result<T>>>, operation: &'static str, keys: &[Key]) -> Vec<Result<T>> {
    match outcomes {
        Ok(outcomes) => outcomes
            .into_iter()
            .zip(keys)
            .map(|(outcome, key)| outcome.map_err(|error| error.during(operation).at(key)))
            .collect(),
        Err(error) => {
            let again = || Error::new(error.kind(), error.message()).during(operation);
            keys.iter().map(|key| Err(again().at(key))).collect()
        }
    }
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
