//! The wrapper that changes nothing.

use std::fmt;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, FactsPage, GetOptions, Grouping, Key, Layer, Page, PageToken,
    PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

/// Forwards everything to the store inside: the measure of what wrapping alone costs and changes.
#[derive(Clone, Debug)]
pub struct PassThrough<S> {
    inner: S,
}

impl<S: Store> PassThrough<S> {
    /// Wraps `inner`.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }
}

/// Makes [`PassThrough`] stores.
#[derive(Clone, Copy, Debug, Default)]
pub struct PassThroughLayer;

impl<S: Store> Layer<S> for PassThroughLayer {
    type Store = PassThrough<S>;

    fn layer(self, inner: S) -> PassThrough<S> {
        PassThrough::new(inner)
    }
}

impl<S: Store> fmt::Display for PassThrough<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassThrough({})", self.inner)
    }
}

#[async_trait]
impl<S: Store> Store for PassThrough<S> {
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
        self.inner.close().await
    }
}
