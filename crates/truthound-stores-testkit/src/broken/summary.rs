//! Bugs of sums.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, DeleteOptions, ErrorKind, GetOptions, Grouping, Key, PutOptions, Query, Record, RecordMeta,
    Result, Statistics, Status, Store, StoreExt, Summaries, Summary, Written,
};

use super::behaviour::Behaviour;
use crate::listing::all_of;

/// Sums up other descriptions than those that are listed, and leaves the rest to the reference.
async fn evaluate(
    inner: &dyn Store,
    query: &Query,
    grouping: Grouping,
    alter: impl FnOnce(&mut Vec<RecordMeta>) + Send,
) -> Result<Vec<Summary>> {
    query.validate()?;
    let mut found = inner.list_runs(query).await?;
    if let Some(error) = found.damaged.pop() {
        return Err(error);
    }
    alter(&mut found.items);
    let mut sums = Summaries::new(grouping);
    for meta in &found.items {
        sums.add(&meta.attributes, meta.size);
    }
    Ok(sums.finish())
}

/// Sums up descriptions that were altered one by one.
#[derive(Debug)]
pub(super) struct Alters(pub(super) fn(&mut RecordMeta));

#[async_trait]
impl Behaviour for Alters {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        evaluate(inner, query, grouping, |metas| metas.iter_mut().for_each(self.0)).await
    }
}

/// As a local clock has them.
pub(super) fn with_shifted_days(meta: &mut RecordMeta) {
    meta.attributes.run_time = meta.attributes.run_time.plus_micros(-3_600_000_000);
}

/// As most collations do.
pub(super) fn with_folded_assets(meta: &mut RecordMeta) {
    meta.attributes.data_asset = meta.attributes.data_asset.to_lowercase();
}

/// As columns for known statuses do.
pub(super) fn with_known_statuses(meta: &mut RecordMeta) {
    if ![Status::SUCCESS, Status::FAILURE, Status::WARNING].contains(&meta.attributes.status) {
        meta.attributes.status = Status::ERROR;
    }
}

pub(super) fn in_whole_milliseconds(meta: &mut RecordMeta) {
    let time = &mut meta.attributes.statistics.execution_time_ms;
    *time = time.trunc();
}

/// Leaves some documents out.
#[derive(Debug)]
pub(super) struct LeavesOut(pub(super) fn(&RecordMeta) -> bool);

#[async_trait]
impl Behaviour for LeavesOut {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        evaluate(inner, query, grouping, |metas| metas.retain(|meta| !(self.0)(meta))).await
    }
}

/// As an inner join with a table of counts does.
pub(super) fn without_counts(meta: &RecordMeta) -> bool {
    meta.attributes.statistics == Statistics::default()
}

/// A sum that looks at the conditions only.
#[derive(Debug)]
pub(super) struct SumsUnlimited;

#[async_trait]
impl Behaviour for SumsUnlimited {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let mut unlimited = query.clone();
        (unlimited.limit, unlimited.offset) = (None, 0);
        inner.summarize(&unlimited, grouping).await
    }
}

/// A sum over the whole table.
#[derive(Debug, Default)]
pub(super) struct SumsHidden(Mutex<BTreeSet<Collection>>);

#[async_trait]
impl Behaviour for SumsHidden {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(record.key.collection().clone());
        inner.put_opts(record, opts).await
    }

    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let mut others = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        others.remove(&query.collection);
        let mut more = Vec::new();
        for collection in others {
            more.extend(all_of(inner, &collection).await?.metas);
        }
        evaluate(inner, query, grouping, |metas| metas.extend(more)).await
    }
}

/// Sums that are kept beside the documents and from which nothing is ever taken off.
#[derive(Debug, Default)]
pub(super) struct Remembers(Mutex<BTreeMap<Key, RecordMeta>>);

#[async_trait]
impl Behaviour for Remembers {
    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let stored = inner.get_opts(key, GetOptions::meta_only()).await;
        let existed = inner.delete_opts(key, opts).await?;
        if let Ok(stored) = stored {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), stored.meta);
        }
        Ok(existed)
    }

    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let deleted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        evaluate(inner, query, grouping, |metas| metas.extend(deleted.into_values())).await
    }
}

/// Adds up as SQL and many languages do: in numbers that have a sign, and that wrap.
#[derive(Debug)]
pub(super) struct InSignedBits;

#[async_trait]
impl Behaviour for InSignedBits {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let mut sums = inner.summarize(query, grouping).await?;
        for sum in &mut sums {
            sum.totals.total_rows = sum.totals.total_rows.min(i64::MAX.unsigned_abs());
        }
        Ok(sums)
    }
}

/// Answers as SQL does for sums without groups: with one row over nothing.
#[derive(Debug)]
pub(super) struct NeverEmpty;

#[async_trait]
impl Behaviour for NeverEmpty {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let mut sums = inner.summarize(query, grouping).await?;
        if sums.is_empty() && grouping == Grouping::new() {
            let mut one = Summaries::new(grouping);
            let nobody = truthound_stores_core::Attributes::new(
                "",
                truthound_stores_core::Timestamp::UNIX_EPOCH,
                Status::SUCCESS,
            );
            one.add(&nobody, 0);
            sums = one.finish();
            for sum in &mut sums {
                sum.runs = 0;
                sum.status.clear();
            }
        }
        Ok(sums)
    }
}

/// A query that nobody checks before it is summed up.
#[derive(Debug)]
pub(super) struct AcceptsAnyPageSize;

#[async_trait]
impl Behaviour for AcceptsAnyPageSize {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        inner.summarize(&query.clone().with_page_size(query.page_size.clamp(1, 10_000)), grouping).await
    }
}

/// Answers no groups where it cannot say.
#[derive(Debug)]
pub(super) struct NothingInsteadOf(pub(super) ErrorKind);

#[async_trait]
impl Behaviour for NothingInsteadOf {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        match inner.summarize(query, grouping).await {
            Err(error) if error.kind() == self.0 => Ok(Vec::new()),
            answer => answer,
        }
    }
}

/// Sums up what can be read and keeps quiet about the rest.
#[derive(Debug)]
pub(super) struct WithoutDamaged;

#[async_trait]
impl Behaviour for WithoutDamaged {
    async fn summarize(&self, inner: &dyn Store, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let found = inner.list_runs(query).await?;
        Summaries::evaluate(query, grouping, &found.items)
    }
}
