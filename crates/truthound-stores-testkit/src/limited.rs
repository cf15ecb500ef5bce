//! The wrapper that can do less.

use std::fmt;

use async_trait::async_trait;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, DeleteOptions, Error, FactsPage, GetOptions, Grouping, Key, Page,
    PageToken, PutMode, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep,
    Written,
};

/// Refuses what it is told that it cannot do, and forwards the rest: for testing what lies on top of a simple store.
///
/// # Examples
/// ```
/// use truthound_stores_core::{ErrorKind, PutOptions, Record, Store};
/// use truthound_stores_testkit::LimitedStore;
///
/// # async fn example(store: impl Store, record: Record) {
/// let lacking = store.info().capabilities.with_create_only(false);
/// let store = LimitedStore::new(store, lacking);
/// let refusal = store.put_opts(record, PutOptions::create()).await.unwrap_err();
/// assert_eq!(refusal.kind(), ErrorKind::Unsupported);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LimitedStore<S> {
    inner: S,
    left: Capabilities,
}

impl<S: Store> LimitedStore<S> {
    /// Leaves of what `inner` can do what `left` has, too. Of the capabilities, `create_only`, `compare_and_swap` and
    /// `change_feed` are refused where they are not left; the others are only not claimed.
    pub fn new(inner: S, left: Capabilities) -> Self {
        let has = inner.info().capabilities;
        let left = Capabilities::none()
            .with_create_only(has.create_only && left.create_only)
            .with_compare_and_swap(has.compare_and_swap && left.compare_and_swap)
            .with_change_feed(has.change_feed && left.change_feed)
            .with_every_change(has.every_change && left.every_change)
            .with_durable(has.durable && left.durable)
            .with_shared(has.shared && left.shared)
            .with_writable(has.writable && left.writable);
        Self { inner, left }
    }

    /// Names what a write would need and is not left.
    fn missing_for_put(&self, opts: &PutOptions) -> Option<&'static str> {
        match &opts.mode {
            PutMode::Create if !self.left.create_only => Some("create-only writes"),
            PutMode::Replace(_) if !self.left.compare_and_swap => Some("compare-and-swap"),
            _ => None,
        }
    }

    fn missing_for_delete(&self, opts: &DeleteOptions) -> Option<&'static str> {
        (opts.is_conditional() && !self.left.compare_and_swap).then_some("compare-and-swap")
    }
}

fn refusal(what: &str) -> Error {
    Error::unsupported(format!("this store has no {what}"))
}

impl<S: Store> fmt::Display for LimitedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limited({})", self.inner)
    }
}

#[async_trait]
impl<S: Store> Store for LimitedStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info().with_capabilities(self.left)
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        match self.missing_for_put(&opts) {
            None => self.inner.put_opts(record, opts).await,
            Some(what) => Err(refusal(what).during("put").at(&record.key)),
        }
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        match self.missing_for_put(&opts) {
            None => self.inner.put_many(records, opts).await,
            Some(what) => {
                records.iter().map(|record| Err(refusal(what).during("put_many").at(&record.key))).collect()
            }
        }
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.inner.get_opts(key, opts).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        match self.missing_for_delete(&opts) {
            None => self.inner.delete_opts(key, opts).await,
            Some(what) => Err(refusal(what).during("delete").at(key)),
        }
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        match self.missing_for_delete(&opts) {
            None => self.inner.delete_many(keys, opts).await,
            Some(what) => keys.iter().map(|key| Err(refusal(what).during("delete_many").at(key))).collect(),
        }
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
        if !self.left.change_feed {
            return Err(refusal("change feed").during("changes"));
        }
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
