//! The wrapper that fails as its script says.

use std::fmt;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, Error, FactsPage, GetOptions, Grouping, Key, Layer, Page,
    PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use super::faults::Call;
use super::rule::Moment;
use super::{Faults, Operation};

/// Fails, holds and counts calls as its [`Faults`] say, and forwards the rest.
///
/// # Examples
/// ```
/// use truthound_stores_core::{ErrorKind, Key, Record, Store, StoreExt};
/// use truthound_stores_testkit::{Fault, FaultLayer, Faults, Operation};
///
/// # async fn example(store: impl Store, record: Record) -> truthound_stores_core::Result<()> {
/// let faults = Faults::new();
/// let store = store.layer(FaultLayer::new(&faults));
/// faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Put).after());
///
/// let key = record.key.clone();
/// assert_eq!(store.put(record).await.unwrap_err().kind(), ErrorKind::Timeout);
/// assert!(store.exists(&key).await?, "the write was done, its acknowledgement was lost");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FaultyStore<S> {
    inner: S,
    faults: Faults,
}

impl<S: Store> FaultyStore<S> {
    /// Wraps `inner`, to fail as `faults` says.
    pub fn new(inner: S, faults: &Faults) -> Self {
        Self { inner, faults: faults.clone() }
    }

    /// Returns the script.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }
}

/// Makes [`FaultyStore`]s that share one script.
#[derive(Clone, Debug)]
pub struct FaultLayer {
    faults: Faults,
}

impl FaultLayer {
    /// Makes stores fail as `faults` says.
    pub fn new(faults: &Faults) -> Self {
        Self { faults: faults.clone() }
    }
}

impl<S: Store> Layer<S> for FaultLayer {
    type Store = FaultyStore<S>;

    fn layer(self, inner: S) -> FaultyStore<S> {
        FaultyStore { inner, faults: self.faults }
    }
}

impl<S: Store> fmt::Display for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faulty({})", self.inner)
    }
}

/// Runs one call between its faults.
macro_rules! struck {
    ($self:ident, $operation:ident, $effect:expr) => {{
        let call = $self.faults.begin(Operation::$operation);
        call.before().await?;
        let answer = $effect.await;
        call.after().await?;
        answer
    }};
}

impl<S: Store> FaultyStore<S> {
    async fn put_struck(&self, record: Record, opts: PutOptions) -> Result<Written> {
        struck!(self, Put, self.inner.put_opts(record, opts))
    }

    async fn get_struck(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        struck!(self, Get, self.inner.get_opts(key, opts))
    }

    async fn delete_struck(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        struck!(self, Delete, self.inner.delete_opts(key, opts))
    }
}

/// Splits a batch into items that go on and items that fail before they took effect.
fn sort_out<T>(call: &Call, items: Vec<T>) -> (Vec<T>, Vec<Option<Error>>) {
    let mut going = Vec::with_capacity(items.len());
    let mut struck = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let error = call.item(index, Moment::Before);
        if error.is_none() {
            going.push(item);
        }
        struck.push(error);
    }
    (going, struck)
}

/// Puts the answers of a batch back in order, between the items that were struck before or after their effect.
fn put_together<T>(call: &Call, struck: Vec<Option<Error>>, answers: Vec<Result<T>>) -> Vec<Result<T>> {
    let mut answers = answers.into_iter();
    let in_order = struck.into_iter().enumerate().filter_map(|(index, before)| match before {
        Some(error) => Some(Err(error)),
        None => answers.next().map(|answer| call.item(index, Moment::After).map_or(answer, Err)),
    });
    in_order.collect()
}

/// Answers the same failure for every item of a batch.
fn all_failed<T>(call: &Call, error: &Error, items: usize) -> Vec<Result<T>> {
    (0..items).map(|_| Err(call.error(error.kind()))).collect()
}

#[async_trait]
impl<S: Store> Store for FaultyStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        Call::at_key(self.put_struck(record, opts).await, &key)
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let call = self.faults.begin(Operation::PutMany);
        let items = records.len();
        if let Err(error) = call.before().await {
            return all_failed(&call, &error, items);
        }
        let (going, struck) = sort_out(&call, records);
        let answers = self.inner.put_many(going, opts).await;
        match call.after().await {
            Ok(()) => put_together(&call, struck, answers),
            Err(error) => all_failed(&call, &error, items),
        }
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        Call::at_key(self.get_struck(key, opts).await, key)
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        Call::at_key(self.delete_struck(key, opts).await, key)
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let call = self.faults.begin(Operation::DeleteMany);
        let items = keys.len();
        if let Err(error) = call.before().await {
            return all_failed(&call, &error, items);
        }
        let (going, struck) = sort_out(&call, keys);
        let answers = self.inner.delete_many(going, opts).await;
        match call.after().await {
            Ok(()) => put_together(&call, struck, answers),
            Err(error) => all_failed(&call, &error, items),
        }
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        struck!(self, List, self.inner.list_page(query, after))
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        struck!(self, List, self.inner.scan_page(query, after))
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        struck!(self, Count, self.inner.count(query))
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        struck!(self, Summarize, self.inner.summarize(query, grouping))
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        struck!(self, Changes, self.inner.changes(after, limit))
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    async fn check(&self) -> Result<()> {
        struck!(self, Check, self.inner.check())
    }

    async fn flush(&self) -> Result<()> {
        struck!(self, Flush, self.inner.flush())
    }

    async fn close(&self) -> Result<()> {
        struck!(self, Close, self.inner.close())
    }
}
