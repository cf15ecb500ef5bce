//! What a bug may get its hands on.

use std::fmt::Debug;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, Error, FactsPage, GetOptions, Grouping, Key, MaintainOptions,
    Page, PageToken, Progress, PutOptions, Query, Record, ReindexOptions, Report, Result, Store, StoreInfo,
    Stored, Summary, Upkeep, VerifyOptions, Written,
};

/// Decides how a broken store treats each call. What a bug does not touch goes to the correct store inside.
#[async_trait]
pub(super) trait Behaviour: Debug + Send + Sync {
    /// The key under which a document is really kept.
    fn key(&self, key: Key) -> Key {
        key
    }

    /// The record that is really written.
    fn record(&self, record: Record) -> Record {
        record
    }

    /// The query that is really asked.
    fn query(&self, query: &Query) -> Query {
        query.clone()
    }

    /// What the store shows of itself.
    fn display(&self, inner: &dyn Store) -> String {
        format!("Broken({inner})")
    }

    fn info(&self, inner: &dyn Store) -> StoreInfo {
        inner.info()
    }

    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        inner.put_opts(record, opts).await
    }

    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        inner.put_many(records, opts).await
    }

    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        inner.get_opts(key, opts).await
    }

    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        inner.delete_opts(key, opts).await
    }

    async fn delete_many(&self, inner: &dyn Store, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        inner.delete_many(keys, opts).await
    }

    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        inner.list_page(query, after).await
    }

    /// Goes wrong wherever the listing does.
    async fn scan(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok(self.list(inner, query, after).await?.into())
    }

    async fn count(&self, inner: &dyn Store, query: &Query) -> Result<u64> {
        inner.count(query).await
    }

    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        inner.summarize(query, grouping).await
    }

    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        inner.changes(after, limit).await
    }

    async fn close(&self, inner: &dyn Store) -> Result<()> {
        inner.close().await
    }

    async fn verify(
        &self,
        inner: &dyn Store,
        options: VerifyOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        let mut report = upkeep_of(inner)?.verify(options, progress).await?;
        self.verified(inner, options, &mut report).await?;
        Ok(report)
    }

    /// What is made of a report of the store inside.
    async fn verified(&self, _: &dyn Store, _: VerifyOptions, _: &mut Report) -> Result<()> {
        Ok(())
    }

    async fn reindex(
        &self,
        inner: &dyn Store,
        options: ReindexOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        upkeep_of(inner)?.reindex(options, progress).await
    }

    async fn maintain(
        &self,
        inner: &dyn Store,
        options: MaintainOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        upkeep_of(inner)?.maintain(options, progress).await
    }

    async fn diagnose(&self, inner: &dyn Store) -> Result<Report> {
        upkeep_of(inner)?.diagnose().await
    }
}

pub(super) fn upkeep_of(inner: &dyn Store) -> Result<&dyn Upkeep> {
    inner.upkeep().ok_or_else(|| Error::unsupported("the store inside has no upkeep"))
}

/// What all handles on one broken place share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) closed: AtomicBool,
}
