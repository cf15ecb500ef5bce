//! Bugs of single writes and deletes.

use async_trait::async_trait;
use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, GetOptions, Key, PutMode, PutOptions, Record, Result, Revision, Store,
    StoreExt, Written,
};

use super::behaviour::Behaviour;

/// Create-only writes that overwrite.
#[derive(Debug)]
pub(super) struct CreateOverwrites;

#[async_trait]
impl Behaviour for CreateOverwrites {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let mode = if opts.mode == PutMode::Create { PutMode::Upsert } else { opts.mode };
        inner.put_opts(record, PutOptions::default().with_mode(mode)).await
    }
}

/// Conditions that are checked first and not held while writing: another writer slips in between.
#[derive(Debug)]
pub(super) struct ChecksThenWrites;

/// Lets other tasks run, as a request to a server does.
async fn pause() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Behaviour for ChecksThenWrites {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let Some(stored) = stored_revision(inner, &record.key).await else {
            return inner.put_opts(record, opts).await;
        };
        let refused = match &opts.mode {
            PutMode::Create => stored.is_some(),
            PutMode::Replace(wanted) => stored.as_ref() != Some(wanted),
            _ => false,
        };
        if refused {
            return Err(Error::new(ErrorKind::Conflict, "another document is stored").at(&record.key));
        }
        pause().await;
        inner.put_opts(record, PutOptions::default()).await
    }
}

/// Reads the revision of a document; the outer `None` if that cannot be known.
async fn stored_revision(inner: &dyn Store, key: &Key) -> Option<Option<Revision>> {
    match inner.get_opts(key, GetOptions::meta_only()).await {
        Ok(stored) => Some(Some(stored.meta.revision)),
        Err(error) => (error.kind() == ErrorKind::NotFound).then_some(None),
    }
}

/// Compare-and-swap that does not compare.
#[derive(Debug)]
pub(super) struct ReplaceIgnoresRevision;

#[async_trait]
impl Behaviour for ReplaceIgnoresRevision {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let swap = matches!(opts.mode, PutMode::Replace(_));
        let opts = match stored_revision(inner, &record.key).await {
            Some(Some(stored)) if swap => PutOptions::replace(stored),
            _ => opts,
        };
        inner.put_opts(record, opts).await
    }
}

/// Compare-and-swap that creates what is not there.
#[derive(Debug)]
pub(super) struct ReplaceCreates;

#[async_trait]
impl Behaviour for ReplaceCreates {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let absent = stored_revision(inner, &record.key).await == Some(None);
        let opts = if absent { PutOptions::default() } else { opts };
        inner.put_opts(record, opts).await
    }
}

/// A write of the same text that is taken for no write at all.
#[derive(Debug)]
pub(super) struct SkipsEqualWrites;

#[async_trait]
impl Behaviour for SkipsEqualWrites {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        if opts.mode == PutMode::Upsert
            && let Ok(stored) = inner.read(&record.key).await
            && stored.body.as_ref() == Some(&record.body)
            && stored.meta.attributes == record.attributes
        {
            let revision = stored.meta.revision.clone();
            return Ok(Written::new(stored.meta, Some(revision)));
        }
        inner.put_opts(record, opts).await
    }
}

/// Overwrites that are reported as new documents.
#[derive(Debug)]
pub(super) struct ReportsAllAsNew;

#[async_trait]
impl Behaviour for ReportsAllAsNew {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        Ok(Written::new(inner.put_opts(record, opts).await?.meta, None))
    }
}

/// A description that is written before its text.
#[derive(Debug)]
pub(super) struct WritesInTwoSteps;

#[async_trait]
impl Behaviour for WritesInTwoSteps {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let Ok(old) = inner.read(&record.key).await else { return inner.put_opts(record, opts).await };
        let half = Record::new(record.key.clone(), record.attributes.clone(), old.into_body()?);
        let replaced = inner.put_opts(half, opts).await?.replaced;
        pause().await;
        Ok(Written::new(inner.put(record).await?.meta, replaced))
    }
}

/// An overwrite that deletes first: a reader, or a crash, comes in between.
#[derive(Debug)]
pub(super) struct DeletesThenWrites;

#[async_trait]
impl Behaviour for DeletesThenWrites {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let replaced = stored_revision(inner, &record.key).await.flatten();
        if opts.mode != PutMode::Upsert || replaced.is_none() {
            return inner.put_opts(record, opts).await;
        }
        inner.delete(&record.key).await?;
        pause().await;
        Ok(Written::new(inner.put(record).await?.meta, replaced))
    }
}

/// Conditional deletes that delete whatever is stored.
#[derive(Debug)]
pub(super) struct DeleteIgnoresRevision;

#[async_trait]
impl Behaviour for DeleteIgnoresRevision {
    async fn delete(&self, inner: &dyn Store, key: &Key, _: DeleteOptions) -> Result<bool> {
        inner.delete_opts(key, DeleteOptions::default()).await
    }
}

/// Deletes that always say that there was a document.
#[derive(Debug)]
pub(super) struct DeleteAlwaysTrue;

#[async_trait]
impl Behaviour for DeleteAlwaysTrue {
    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        inner.delete_opts(key, opts).await.map(|_| true)
    }
}
