//! The store: each call goes through the guard, takes a connection, and gives it back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use secrecy::ExposeSecret;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, Clock, DeleteOptions, Error, ErrorKind, FactsPage, GetOptions,
    Grouping, Key, Page, PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary,
    SystemClock, Timer, Upkeep, Written,
};
use truthound_stores_resilience::{BreakerStatus, HealthStatus, RetryStats, TokioRuntime};

use crate::config::{DatabaseConfig, Effective};
use crate::conn::{Connector, ConnectorOptions};
use crate::dialect::{Dialect, Tables};
use crate::find::{self, Place};
use crate::guard::Guard;
use crate::pool::{Pool, PoolStatus};
use crate::target::Target;
use crate::{feed, schema, sums};

#[macro_use]
mod call;
mod write;

pub(crate) use call::{call, in_turn};

/// Keeps documents in the tables of PostgreSQL, MySQL, MariaDB or SQLite.
///
/// A store is a handle on a pool of connections; [`in_namespace`](Self::in_namespace) makes further handles on the same pool, which is closed with the
/// last of them. Its methods need a Tokio runtime with input, output and time.
///
/// # Examples
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// use truthound_stores_core::{Query, Store, StoreExt};
/// use truthound_stores_database::{DatabaseConfig, DatabaseStore};
///
/// let store = DatabaseStore::open(DatabaseConfig::new("sqlite::memory:")).await?;
/// assert_eq!(store.count(&Query::new()).await?, 0);
/// assert_eq!(store.pool_status().open, 1);
/// # store.close().await
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
pub struct DatabaseStore {
    inner: Arc<Inner>,
    place: Place,
    config: DatabaseConfig,
    closed: AtomicBool,
}

/// What handles share.
struct Inner {
    guard: Guard,
    clock: Arc<dyn Clock>,
    dialect: Dialect,
    location: String,
    in_memory: bool,
    handles: AtomicUsize,
}

impl DatabaseStore {
    /// Opens a store: connects, and makes the tables or brings them up to date if `create_tables` allows.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) for settings that are unusable or contradict each other, and for tables that are missing or another's;
    /// [`Unsupported`](ErrorKind::Unsupported) for a database that is not compiled in, and for tables of a later version;
    /// [`Denied`](ErrorKind::Denied) and [`Unavailable`](ErrorKind::Unavailable) if the database cannot be used.
    ///
    /// # Cancel safety
    /// Tables may have been made.
    pub async fn open(config: DatabaseConfig) -> Result<Self> {
        Self::open_with(config, Arc::new(SystemClock::new()), Arc::new(TokioRuntime)).await
    }

    /// Opens a store that takes time and chance from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    ///
    /// # Cancel safety
    /// As for [`open`](Self::open).
    pub async fn open_with(
        config: DatabaseConfig,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Result<Self> {
        if config.is_truthounds_own() {
            return Err(Error::invalid(
                "connection_url names a table of Truthound's own, which is only read: open it as a TruthoundDatabase, or leave truthound+ out",
            ));
        }
        let target = Target::new(&config.connection_url)?;
        let space = config.space()?;
        check_prefix(&config.table_prefix)?;
        let settings = Effective::of(&config, target.in_memory)?;
        let options = ConnectorOptions {
            create: config.create_tables,
            read_only: false,
            patience: settings.pool_timeout,
        };
        let connector = Connector::new(target.dialect, target.address.expose_secret(), &options)?;
        let pool = Pool::new(connector, settings, Arc::clone(&clock), Arc::clone(&timer));
        let one_writer = target.dialect.name() == "SQLite";
        let inner = Inner {
            guard: Guard::new(pool, &timer, one_writer)?,
            clock,
            dialect: target.dialect,
            location: target.location,
            in_memory: target.in_memory,
            handles: AtomicUsize::new(1),
        };
        let tables = Tables::new(target.dialect, &config.table_prefix);
        let store = Self {
            inner: Arc::new(inner),
            place: Place { tables, space },
            config,
            closed: AtomicBool::new(false),
        };
        store.prepare().await?;
        Ok(store)
    }

    async fn prepare(&self) -> Result<()> {
        let (tables, create) = (&self.place.tables, self.config.create_tables);
        call!(self, write, "open", lease => schema::prepare(lease, tables, &*self.inner.clock, create))
    }

    /// Opens another handle on the same pool, in another namespace, with otherwise the same settings.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) if the namespace is not usable; [`Closed`](ErrorKind::Closed) if this handle is closed.
    pub fn in_namespace(&self, namespace: &str) -> Result<Self> {
        self.refuse_if_closed()?;
        let config = self.config.clone().with_namespace(namespace);
        let place = Place { tables: self.place.tables.clone(), space: config.space()? };
        self.inner.handles.fetch_add(1, Ordering::AcqRel);
        Ok(Self { inner: Arc::clone(&self.inner), place, config, closed: AtomicBool::new(false) })
    }

    /// Returns the settings.
    pub fn config(&self) -> &DatabaseConfig {
        &self.config
    }

    /// Says how the pool is, and what it has done so far.
    pub fn pool_status(&self) -> PoolStatus {
        self.inner.guard.pool().status()
    }

    /// Says what retries have done so far; `None` without them.
    pub fn retry_stats(&self) -> Option<RetryStats> {
        self.inner.guard.retry_stats()
    }

    /// Says how the circuit breaker is; `None` without one.
    pub fn breaker_status(&self) -> Option<BreakerStatus> {
        self.inner.guard.breaker_status()
    }

    /// Says what health checks have heard; `None` without them. Asks nobody.
    pub fn health_status(&self) -> Option<HealthStatus> {
        self.inner.guard.health_status()
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.inner.guard
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.inner.in_memory
    }

    pub(crate) fn refuse_if_closed(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::closed()) } else { Ok(()) }
    }

    /// Gives this handle's part of the pool up; answers whether it was the last.
    fn release(&self) -> bool {
        !self.closed.swap(true, Ordering::AcqRel) && self.inner.handles.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// Checks that a prefix can stand in the names of tables on every database.
fn check_prefix(prefix: &str) -> Result<()> {
    let usable = prefix.len() <= 32
        && !prefix.starts_with(|first: char| first.is_ascii_digit())
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if usable {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "table_prefix {prefix:?} is not usable: it has at most 32 letters, digits and _, no digit first"
    )))
}

#[async_trait]
impl Store for DatabaseStore {
    fn info(&self) -> StoreInfo {
        let lasting = !self.inner.in_memory;
        let capabilities = Capabilities::none()
            .with_create_only(true)
            .with_compare_and_swap(true)
            .with_change_feed(true)
            .with_every_change(true)
            .with_durable(lasting)
            .with_shared(lasting)
            .with_writable(true);
        StoreInfo::new("database", self.inner.location.clone(), capabilities)
            .with_metadata(self.config.store.metadata.clone())
            .with_assume_timezone(self.config.store.assume_timezone.clone())
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let outcome = self.put_all(vec![record], &opts).await.pop();
        outcome.unwrap_or_else(|| Err(missing_outcome()))
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        self.put_all(records, &opts).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let found = call!(self, call, "get", lease => find::get(lease, &self.place, key, &opts));
        found.map_err(|error: Error| error.at(key))
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let outcome = self.delete_all(vec![key.clone()], &opts).await.pop();
        outcome.unwrap_or_else(|| Err(missing_outcome()))
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        self.delete_all(keys, &opts).await
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        call!(self, call, "list", lease => find::page(lease, &self.place, query, after.as_ref()))
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok(self.list_page(query, after).await?.into())
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        call!(self, call, "count", lease => find::count(lease, &self.place, query))
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        call!(self, call, "summarize", lease => sums::summarize(lease, &self.place, query, grouping))
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        let clock = self.clock();
        call!(self, write, "changes", lease => feed::changes(lease, &self.place, clock, after.as_ref(), limit))
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        Some(self)
    }

    async fn check(&self) -> Result<()> {
        self.refuse_if_closed().map_err(|error| error.during("check"))?;
        if let Some(checked) = self.inner.guard.check().await {
            checked.map_err(|error| error.during("check"))?;
        }
        let tables = &self.place.tables;
        call!(self, call, "check", lease => schema::check(lease, tables))
    }

    async fn flush(&self) -> Result<()> {
        // What was acknowledged was committed.
        self.refuse_if_closed().map_err(|error| error.during("flush"))
    }

    async fn close(&self) -> Result<()> {
        if self.release() {
            self.inner.guard.pool().close().await;
        }
        Ok(())
    }
}

fn missing_outcome() -> Error {
    Error::new(ErrorKind::Internal, "the batch gave no outcome")
}

/// A handle that is dropped without being closed gives its part up; connections that nobody uses go with the last one.
impl Drop for DatabaseStore {
    fn drop(&mut self) {
        if self.release() {
            self.inner.guard.pool().close_now();
        }
    }
}

impl fmt::Display for DatabaseStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.inner.location)
    }
}

/// Shows the settings without secrets, and how the pool is.
impl fmt::Debug for DatabaseStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseStore")
            .field("config", &self.config)
            .field("pool", &self.pool_status())
            .finish_non_exhaustive()
    }
}
