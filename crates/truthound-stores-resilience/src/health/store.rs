//! The store that is checked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, FactsPage, GetOptions, Grouping, Key, Page, PageToken,
    PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use super::{HealthCheck, HealthStatus, Probe, Watching};
use crate::Spawn;

/// Asks the store inside from time to time, by its own [`check`](Store::check), whether it is well, and refuses calls at once while it does not
/// answer.
///
/// When checks are made, and which calls are refused, [`HealthCheck::ready`] says. `check` asks now.
/// Closing or dropping the store ends the checks, those in the background, too. What [`upkeep`](Store::upkeep) does is forwarded as it is.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Query, Store, StoreExt};
/// use truthound_stores_memory::MemoryStore;
/// use truthound_stores_resilience::{HealthCheckConfig, HealthCheckLayer, HealthState};
/// # use truthound_stores_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let clock = Arc::new(ManualClock::new(1));
/// # let timer = Arc::clone(&clock);
/// let store = MemoryStore::new().layer(HealthCheckLayer::new(HealthCheckConfig::new(), clock, timer)?);
/// store.count(&Query::new()).await?;
/// assert_eq!(store.status().state, HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct HealthCheckStore<S> {
    inner: Arc<S>,
    health: Arc<HealthCheck>,
    /// Ends the checks in the background when it is dropped.
    watching: Option<Watching>,
    closed: AtomicBool,
}

impl<S: Store> HealthCheckStore<S> {
    pub(super) fn of(inner: S, health: impl FnOnce(Probe) -> HealthCheck, spawn: Option<&dyn Spawn>) -> Self {
        let inner = Arc::new(inner);
        let asked = Arc::clone(&inner);
        let health = Arc::new(health(Arc::new(move || {
            let asked = Arc::clone(&asked);
            Box::pin(async move { asked.check().await })
        })));
        let watching = spawn.filter(|_| health.terms.enabled).map(|spawn| {
            let (task, watching) = health.watch();
            spawn.spawn("health check", Box::pin(task));
            watching
        });
        Self { inner, health, watching, closed: AtomicBool::new(false) }
    }

    /// Returns what is known of the store inside at this moment. Asks nobody.
    pub fn status(&self) -> HealthStatus {
        self.health.status()
    }

    /// Makes sure that a call may be made; a closed store is asked all the same, and says that it is closed.
    async fn ready(&self, operation: &'static str) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Ok(());
        }
        self.health.ready().await.map_err(|error| error.during(operation))
    }

    async fn ready_at(&self, operation: &'static str, key: &Key) -> Result<()> {
        self.ready(operation).await.map_err(|error| error.at(key))
    }
}

#[async_trait]
impl<S: Store> Store for HealthCheckStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        self.ready_at("put", &record.key).await?;
        self.inner.put_opts(record, opts).await
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        match self.ready("put").await {
            Ok(()) => self.inner.put_many(records, opts).await,
            Err(refusal) => records.iter().map(|record| Err(refusal.repeat().at(&record.key))).collect(),
        }
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.ready_at("get", key).await?;
        self.inner.get_opts(key, opts).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.ready_at("delete", key).await?;
        self.inner.delete_opts(key, opts).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        match self.ready("delete").await {
            Ok(()) => self.inner.delete_many(keys, opts).await,
            Err(refusal) => keys.iter().map(|key| Err(refusal.repeat().at(key))).collect(),
        }
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.ready("list").await?;
        self.inner.list_page(query, after).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.ready("list").await?;
        self.inner.scan_page(query, after).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.ready("count").await?;
        self.inner.count(query).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.ready("summarize").await?;
        self.inner.summarize(query, grouping).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.ready("changes").await?;
        self.inner.changes(after, limit).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    async fn check(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) || !self.health.terms.enabled {
            return self.inner.check().await;
        }
        self.health.check_now().await
    }

    async fn flush(&self) -> Result<()> {
        self.ready("flush").await?;
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        if let Some(watching) = &self.watching {
            watching.stop();
        }
        self.inner.close().await
    }
}

impl<S: Store> fmt::Display for HealthCheckStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HealthCheck({})", self.inner)
    }
}
