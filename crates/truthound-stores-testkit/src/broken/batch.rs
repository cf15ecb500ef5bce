//! Bugs of batches.

use async_trait::async_trait;
use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, Key, PutMode, PutOptions, Record, Result, Store, Written,
};

use super::behaviour::Behaviour;

/// Gives up at the first document that fails.
#[derive(Debug)]
pub(super) struct StopsAtFirstError;

#[async_trait]
impl Behaviour for StopsAtFirstError {
    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let mut outcomes: Vec<Result<Written>> = Vec::with_capacity(records.len());
        for record in records {
            let stopped = outcomes.last().is_some_and(Result::is_err);
            outcomes.push(if stopped {
                Err(Error::new(ErrorKind::Unavailable, "the batch was given up").at(&record.key))
            } else {
                inner.put_opts(record, opts.clone()).await
            });
        }
        outcomes
    }
}

/// Answers in the order in which it wrote.
#[derive(Debug)]
pub(super) struct AnswersByKey;

#[async_trait]
impl Behaviour for AnswersByKey {
    async fn put_many(
        &self,
        inner: &dyn Store,
        mut records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        records.sort_by(|a, b| a.key.cmp(&b.key));
        inner.put_many(records, opts).await
    }
}

/// Writes the first of several documents with one key, and says that it wrote all.
#[derive(Debug)]
pub(super) struct KeepsFirstOfAKey;

#[async_trait]
impl Behaviour for KeepsFirstOfAKey {
    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let mut outcomes: Vec<Result<Written>> = Vec::with_capacity(records.len());
        for record in records {
            let known = outcomes.iter().flatten().find(|written| written.meta.key == record.key).cloned();
            outcomes.push(match known {
                Some(written) => Ok(written),
                None => inner.put_opts(record, opts.clone()).await,
            });
        }
        outcomes
    }
}

/// Forgets the batch's conditions.
#[derive(Debug)]
pub(super) struct BatchIgnoresRevision;

#[async_trait]
impl Behaviour for BatchIgnoresRevision {
    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let mode = if matches!(opts.mode, PutMode::Replace(_)) { PutMode::Upsert } else { opts.mode };
        inner.put_many(records, PutOptions::default().with_mode(mode)).await
    }
}

/// Forgets which revision each document of a batch is bound to.
#[derive(Debug)]
pub(super) struct BatchIgnoresRevisions;

#[async_trait]
impl Behaviour for BatchIgnoresRevisions {
    async fn delete_many(&self, inner: &dyn Store, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let known = opts.if_revision.map(DeleteOptions::if_revision).unwrap_or_default();
        inner.delete_many(keys, known).await
    }
}

/// Says of every document of a batch that it was there.
#[derive(Debug)]
pub(super) struct BatchDeleteAlwaysTrue;

#[async_trait]
impl Behaviour for BatchDeleteAlwaysTrue {
    async fn delete_many(&self, inner: &dyn Store, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let outcomes = inner.delete_many(keys, opts).await;
        outcomes.into_iter().map(|outcome| outcome.map(|_| true)).collect()
    }
}

/// Writes so many documents of a batch and no more, as a statement with too many parameters does.
#[derive(Debug)]
pub(super) struct CutsLargeBatches;

#[async_trait]
impl Behaviour for CutsLargeBatches {
    async fn put_many(
        &self,
        inner: &dyn Store,
        mut records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let cut = records.split_off(records.len().min(256));
        let mut outcomes = inner.put_many(records, opts).await;
        for record in cut {
            let probe = inner.get_opts(&record.key, truthound_stores_core::GetOptions::meta_only()).await;
            let last = outcomes.iter().flatten().last().cloned();
            outcomes.push(match (probe, last) {
                (Ok(stored), _) => Ok(Written::new(stored.meta, None)),
                (Err(_), Some(written)) => Ok(written),
                (Err(error), None) => Err(error),
            });
        }
        outcomes
    }
}
