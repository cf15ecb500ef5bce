//! Truthound's own table, read as it is.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::ExposeSecret;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, Collection, DeleteOptions, Error, ErrorKind, FactsPage,
    GetOptions, Grouping, Key, Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored,
    Summaries, Summary, SystemClock, Timer, Upkeep, Written,
};
use truthound_stores_resilience::TokioRuntime;

use crate::config::{DatabaseConfig, Effective};
use crate::conn::{Connector, ConnectorOptions};
use crate::guard::Guard;
use crate::pool::{Pool, PoolStatus};
use crate::store::call;
use crate::target::Target;

mod table;

use table::{Fingerprint, Snapshot};

/// Reads the table `validation_results` of a database that Truthound wrote. Nothing is ever written to it.
///
/// The documents are what the column `data_json` holds: times with their offsets, tags, and all else; the other columns only help Truthound. A listing reads
/// all rows of the namespace once, keeps their descriptions (half a kilobyte each), and reads them again when count, text or times of the rows have changed.
///
/// Open it by a URL such as `truthound+sqlite:///results.db`, `truthound+postgresql://…` or `truthound+mysql://…`.
///
/// # Examples
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// use truthound_stores_core::{Query, Store, StoreExt};
/// use truthound_stores_database::{DatabaseConfig, TruthoundDatabase};
///
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/truthound.db");
/// let url = format!("truthound+sqlite://{path}");
/// let store = TruthoundDatabase::open(DatabaseConfig::new(url)).await?;
/// assert_eq!(store.count(&Query::new()).await?, 20);
/// assert!(!store.info().capabilities.writable);
/// # store.close().await
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
pub struct TruthoundDatabase {
    guard: Guard,
    config: DatabaseConfig,
    location: String,
    /// What was listed last, and how the table was then.
    known: Mutex<Option<(Fingerprint, Arc<Snapshot>)>>,
    closed: AtomicBool,
}

impl TruthoundDatabase {
    /// Opens a database of Truthound's. Of the settings, those of the connection and the pool have an effect, and `namespace`, `metadata` and
    /// `assume_timezone`; a `prefix` and a `table_prefix` are refused, because Truthound's table knows neither.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) for settings that are unusable, and if there is no such table; [`Unsupported`](ErrorKind::Unsupported) for a
    /// database that is not compiled in; [`Denied`](ErrorKind::Denied) and [`Unavailable`](ErrorKind::Unavailable) if it cannot be used.
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn open(config: DatabaseConfig) -> Result<Self> {
        Self::open_with(config, Arc::new(SystemClock::new()), Arc::new(TokioRuntime)).await
    }

    /// Opens a database of Truthound's with time and chance from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn open_with(
        config: DatabaseConfig,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Result<Self> {
        let has_prefix = config.store.prefix.as_deref().is_some_and(|prefix| !prefix.is_empty());
        for (name, is_given) in [("prefix", has_prefix), ("table_prefix", !config.table_prefix.is_empty())] {
            if is_given {
                return Err(Error::invalid(format!(
                    "{name} has no effect on Truthound's own table: leave it out"
                )));
            }
        }
        let target = Target::new(&config.connection_url)?;
        let settings = Effective::of(&config, target.in_memory)?;
        let options = ConnectorOptions { create: false, read_only: true, patience: settings.pool_timeout };
        let connector = Connector::new(target.dialect, target.address.expose_secret(), &options)?;
        let pool = Pool::new(connector, settings, clock, Arc::clone(&timer));
        let store = Self {
            guard: Guard::new(pool, &timer, false)?,
            config,
            location: target.location,
            known: Mutex::default(),
            closed: AtomicBool::new(false),
        };
        store.check().await?;
        Ok(store)
    }

    /// Says how the pool is, and what it has done so far.
    pub fn pool_status(&self) -> PoolStatus {
        self.guard.pool().status()
    }

    fn guard(&self) -> &Guard {
        &self.guard
    }

    fn refuse_if_closed(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::closed()) } else { Ok(()) }
    }

    /// Answers what the namespace holds; read anew only if it has changed.
    async fn snapshot(&self, operation: &'static str) -> Result<Arc<Snapshot>> {
        let namespace = self.config.store.namespace.as_str();
        let now = call!(self, call, "list", lease => table::fingerprint(lease, namespace));
        let now = now.map_err(|error| error.during(operation))?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((then, snapshot)) = known
            && then == now
        {
            return Ok(snapshot);
        }
        let reading = self.config.store.reading();
        let snapshot = call!(self, call, "list", lease => table::read_all(lease, namespace, &reading))?;
        let snapshot = Arc::new(snapshot);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    /// Answers what `query` is about; other collections than results are empty.
    async fn about(&self, query: &Query, operation: &'static str) -> Result<Arc<Snapshot>> {
        if query.collection == Collection::RESULTS {
            return self.snapshot(operation).await;
        }
        self.refuse_if_closed().map_err(|error| error.during(operation))?;
        Ok(Arc::default())
    }

    fn read_only(&self, operation: &'static str) -> Error {
        match self.refuse_if_closed() {
            Err(closed) => closed.during(operation),
            Ok(()) => Error::unsupported(
                "Truthound's own table is only read: copy its documents into a store of this program's, and write there",
            )
            .during(operation),
        }
    }
}

#[async_trait]
impl Store for TruthoundDatabase {
    fn info(&self) -> StoreInfo {
        let capabilities = Capabilities::none().with_durable(true).with_shared(true);
        StoreInfo::new("database", self.location.clone(), capabilities)
            .with_metadata(self.config.store.metadata.clone())
            .with_assume_timezone(self.config.store.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, _: PutOptions) -> Result<Written> {
        Err(self.read_only("put").at(&record.key))
    }

    async fn put_many(&self, records: Vec<Record>, _: PutOptions) -> Vec<Result<Written>> {
        records.iter().map(|record| Err(self.read_only("put").at(&record.key))).collect()
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let (namespace, reading) = (self.config.store.namespace.as_str(), self.config.store.reading());
        let found = call!(self, call, "get", lease => table::get(lease, namespace, key, &reading));
        let mut stored = found.map_err(|error: Error| error.at(key))?;
        if opts.meta_only {
            stored.body = None;
        }
        Ok(stored)
    }

    async fn delete_opts(&self, key: &Key, _: DeleteOptions) -> Result<bool> {
        Err(self.read_only("delete").at(key))
    }

    async fn delete_many(&self, keys: Vec<Key>, _: DeleteOptions) -> Vec<Result<bool>> {
        keys.iter().map(|key| Err(self.read_only("delete").at(key))).collect()
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let all = self.about(query, "list").await?;
        let page = Page::select(query, after.as_ref(), &all.metas).map_err(|error| error.during("list"))?;
        // Told once in a listing: with its first page.
        let damaged =
            if after.is_none() { all.damaged.iter().map(Error::repeat).collect() } else { Vec::new() };
        Ok(page.with_damaged(damaged))
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok(self.list_page(query, after).await?.into())
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        let all = self.about(query, "count").await?;
        all.refuse_damage().map_err(|error| error.during("count"))?;
        query.validate()?;
        let found = all.metas.iter().filter(|meta| query.matches(meta)).count() as u64;
        let found = found.saturating_sub(query.offset);
        Ok(query.limit.map_or(found, |limit| limit.min(found)))
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let all = self.about(query, "summarize").await?;
        all.refuse_damage().map_err(|error| error.during("summarize"))?;
        Summaries::evaluate(query, grouping, &all.metas).map_err(|error| error.during("summarize"))
    }

    async fn changes(&self, _: Option<ChangeToken>, _: usize) -> Result<ChangePage> {
        self.refuse_if_closed().map_err(|error| error.during("changes"))?;
        Err(Error::unsupported("Truthound's own table has no change feed: compare listings")
            .during("changes"))
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        None
    }

    async fn check(&self) -> Result<()> {
        let namespace = self.config.store.namespace.as_str();
        call!(self, call, "check", lease => table::check(lease, namespace))
    }

    async fn flush(&self) -> Result<()> {
        self.refuse_if_closed().map_err(|error| error.during("flush"))
    }

    async fn close(&self) -> Result<()> {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.guard.pool().close().await;
        }
        Ok(())
    }
}

impl Drop for TruthoundDatabase {
    fn drop(&mut self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.guard.pool().close_now();
        }
    }
}

impl fmt::Display for TruthoundDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TruthoundDatabase({})", self.location)
    }
}

/// Shows the settings without secrets, and how the pool is.
impl fmt::Debug for TruthoundDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TruthoundDatabase")
            .field("config", &self.config)
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}

/// The kind of an error of a missing table, or of another of its name.
pub(super) fn no_table(cause: Error) -> Error {
    if !matches!(cause.kind(), ErrorKind::Invalid | ErrorKind::Internal) {
        return cause;
    }
    Error::invalid(
        "the database has no table validation_results as Truthound makes it: is it another database?",
    )
    .caused_by(cause)
}
