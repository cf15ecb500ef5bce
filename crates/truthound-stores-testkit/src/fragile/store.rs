//! A store that treats some documents as damaged, and treats damage as the contract demands.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, Collection, DeleteOptions, Error, FactsPage, GetOptions, Grouping, Key, Page,
    PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use super::{Collections, Damaged};
use crate::listing::all_of;

#[derive(Debug)]
pub(super) struct DamageableStore {
    pub(super) inner: Arc<dyn Store>,
    namespace: String,
    damaged: Damaged,
    collections: Collections,
}

impl DamageableStore {
    pub(super) fn new(
        inner: Arc<dyn Store>,
        namespace: &str,
        damaged: Damaged,
        collections: Collections,
    ) -> Self {
        Self { inner, namespace: namespace.to_owned(), damaged, collections }
    }

    fn is_damaged(&self, key: &Key) -> bool {
        self.damaged.with(|damaged| damaged.contains(&(self.namespace.clone(), key.clone())))
    }

    fn heal(&self, key: &Key) {
        self.damaged.with(|damaged| damaged.remove(&(self.namespace.clone(), key.clone())));
    }

    /// Takes note of what was written: it is whole again, and its collection is one to look after.
    fn wrote(&self, key: &Key) {
        self.heal(key);
        self.collections.with(|known| known.insert((self.namespace.clone(), key.collection().clone())));
    }

    /// The collections that may hold something.
    pub(super) fn collections(&self) -> Vec<Collection> {
        let mut all = vec![Collection::RESULTS, Collection::EXPECTATIONS];
        self.collections.with(|known| {
            let here = known.iter().filter(|(namespace, _)| *namespace == self.namespace);
            all.extend(here.map(|(_, collection)| collection.clone()));
        });
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn damaged_in(&self, collection: &Collection) -> Vec<Key> {
        self.damaged.with(|damaged| {
            let here = damaged.iter().filter(|(namespace, _)| *namespace == self.namespace);
            here.map(|(_, key)| key.clone()).filter(|key| key.collection() == collection).collect()
        })
    }
}

fn corrupt(key: &Key) -> Error {
    Error::corrupt("the document was damaged on purpose").at(key)
}

impl fmt::Display for DamageableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Damageable({})", self.inner)
    }
}

#[async_trait]
impl Store for DamageableStore {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        let written = self.inner.put_opts(record, opts).await?;
        self.wrote(&key);
        Ok(written)
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let outcomes = self.inner.put_many(records, opts).await;
        for written in outcomes.iter().flatten() {
            self.wrote(&written.meta.key);
        }
        outcomes
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let stored = self.inner.get_opts(key, opts).await?;
        if self.is_damaged(key) { Err(corrupt(key).during("get")) } else { Ok(stored) }
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let existed = self.inner.delete_opts(key, opts).await?;
        self.heal(key);
        Ok(existed)
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let outcomes = self.inner.delete_many(keys.clone(), opts).await;
        for (key, outcome) in keys.iter().zip(&outcomes) {
            if outcome.is_ok() {
                self.heal(key);
            }
        }
        outcomes
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let damaged = self.damaged_in(&query.collection);
        if damaged.is_empty() {
            return self.inner.list_page(query, after).await;
        }
        let mut listing = all_of(&self.inner, &query.collection).await?;
        listing.metas.retain(|meta| !damaged.contains(&meta.key));
        listing.damaged.extend(damaged.iter().map(corrupt));
        listing.evaluate(query, after.as_ref())
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok(self.list_page(query, after).await?.into())
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        let count = self.inner.count(query).await?;
        match self.damaged_in(&query.collection).first() {
            Some(key) => Err(corrupt(key).during("count")),
            None => Ok(count),
        }
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let sums = self.inner.summarize(query, grouping).await?;
        match self.damaged_in(&query.collection).first() {
            Some(key) => Err(corrupt(key).during("summarize")),
            None => Ok(sums),
        }
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.inner.changes(after, limit).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        Some(self)
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
