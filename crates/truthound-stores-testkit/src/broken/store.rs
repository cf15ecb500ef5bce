//! The broken stores, and places that open them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, FactsPage, GetOptions, Grouping, Key, MaintainOptions, Page,
    PageToken, Progress, PutOptions, Query, Record, ReindexOptions, Report, Result, Store, StoreInfo, Stored,
    Summary, Upkeep, VerifyOptions, Written,
};

use super::Flaw;
use super::behaviour::{Behaviour, Shared};
use crate::Place;

/// Does everything as the store inside, but for one bug.
#[derive(Debug)]
pub struct BrokenStore {
    inner: Arc<dyn Store>,
    behaviour: Box<dyn Behaviour>,
}

/// Opens stores that all have one bug.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::{BrokenPlace, Place, flaws, run_all};
///
/// # async fn example<P: Place>(correct: fn() -> P) {
/// for flaw in flaws() {
///     let outcomes = run_all(|| BrokenPlace::new(correct(), flaw)).await;
///     let caught = outcomes.iter().any(|(case, outcome)| *case == flaw.caught_by && !outcome.is_passed());
///     assert!(caught, "{} gets away", flaw.name);
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct BrokenPlace<P> {
    inner: P,
    flaw: &'static Flaw,
    shared: Arc<Shared>,
}

impl<P: Place> BrokenPlace<P> {
    /// Breaks the stores of `inner`.
    pub fn new(inner: P, flaw: &'static Flaw) -> Self {
        Self { inner, flaw, shared: Arc::default() }
    }
}

#[async_trait]
impl<P: Place> Place for BrokenPlace<P> {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let inner = self.inner.open((self.flaw.namespace)(namespace)).await;
        Arc::new(BrokenStore { inner, behaviour: (self.flaw.make)(&self.shared) })
    }

    fn persists(&self) -> bool {
        self.inner.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.inner.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.inner.set_outage(on).await
    }
}

impl BrokenStore {
    fn real_keys(&self, keys: Vec<Key>) -> Vec<Key> {
        keys.into_iter().map(|key| self.behaviour.key(key)).collect()
    }

    fn real_record(&self, mut record: Record) -> Record {
        record.key = self.behaviour.key(record.key);
        self.behaviour.record(record)
    }
}

impl fmt::Display for BrokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.behaviour.display(&self.inner))
    }
}

#[async_trait]
impl Store for BrokenStore {
    fn info(&self) -> StoreInfo {
        self.behaviour.info(&self.inner)
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        self.behaviour.put(&self.inner, self.real_record(record), opts).await
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let records = records.into_iter().map(|record| self.real_record(record)).collect();
        self.behaviour.put_many(&self.inner, records, opts).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.behaviour.get(&self.inner, &self.behaviour.key(key.clone()), opts).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.behaviour.delete(&self.inner, &self.behaviour.key(key.clone()), opts).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        self.behaviour.delete_many(&self.inner, self.real_keys(keys), opts).await
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.behaviour.list(&self.inner, &self.behaviour.query(query), after).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.behaviour.scan(&self.inner, &self.behaviour.query(query), after).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.behaviour.count(&self.inner, &self.behaviour.query(query)).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.behaviour.summarize(&self.inner, &self.behaviour.query(query), grouping).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.behaviour.changes(&self.inner, after, limit).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep().is_some().then_some(self as &dyn Upkeep)
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn flush(&self) -> Result<()> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.behaviour.close(&self.inner).await
    }
}

#[async_trait]
impl Upkeep for BrokenStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        self.behaviour.verify(&self.inner, options, progress).await
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        self.behaviour.reindex(&self.inner, options, progress).await
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        self.behaviour.maintain(&self.inner, options, progress).await
    }

    async fn diagnose(&self) -> Result<Report> {
        self.behaviour.diagnose(&self.inner).await
    }
}
