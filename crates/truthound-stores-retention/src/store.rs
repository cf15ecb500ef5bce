//! The store with retention.

use std::fmt;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, Collection, DeleteOptions, FactsPage, GetOptions, Grouping, Key, Page,
    PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use crate::{Applied, RestoreFrom, Restored, Retention, RetentionPlan};

/// Is the store inside, with its retention at hand.
///
/// Every call of a store is forwarded as it is: no save, and nothing else that a caller does, plans, moves or deletes anything. That is done by the
/// methods below alone.
#[derive(Clone, Debug)]
pub struct RetentionStore<S> {
    inner: S,
    retention: Retention,
    owns_targets: bool,
}

impl<S: Store> RetentionStore<S> {
    /// Wraps `inner`.
    pub fn new(inner: S, retention: Retention) -> Self {
        Self { inner, retention, owns_targets: false }
    }

    /// Closes the stores that records are moved to when this one is closed; without this they are their owners' to close.
    #[must_use]
    pub fn owning_targets(mut self) -> Self {
        self.owns_targets = true;
        self
    }

    /// Returns the retention, for use with an outer store.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Plans what would be done: see [`Retention::plan`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn plan(&self, collection: &Collection) -> Result<RetentionPlan> {
        self.retention.plan(&self.inner, collection).await
    }

    /// Carries a plan out: see [`Retention::apply`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn apply(&self, plan: &RetentionPlan) -> Result<Applied> {
        self.retention.apply(&self.inner, plan).await
    }

    /// Plans and applies page by page: see [`Retention::run`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn run(&self, collection: &Collection) -> Result<Applied> {
        self.retention.run(&self.inner, collection).await
    }

    /// Brings records back: see [`Retention::restore`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn restore(
        &self,
        collection: &Collection,
        from: RestoreFrom,
        ids: &[String],
    ) -> Result<Restored> {
        self.retention.restore(&self.inner, collection, from, ids).await
    }
}

#[async_trait]
impl<S: Store> Store for RetentionStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        self.inner.put_opts(record, opts).await
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        self.inner.put_many(records, opts).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.inner.get_opts(key, opts).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.inner.delete_opts(key, opts).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        self.inner.delete_many(keys, opts).await
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.inner.list_page(query, after).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.inner.scan_page(query, after).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.inner.count(query).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.inner.summarize(query, grouping).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.inner.changes(after, limit).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn flush(&self) -> Result<()> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        let closed = self.inner.close().await;
        if self.owns_targets { closed.and(self.retention.close_targets().await) } else { closed }
    }
}

impl<S: Store> fmt::Display for RetentionStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retention({})", self.inner)
    }
}
