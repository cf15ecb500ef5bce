//! Bugs of the change feed.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{
    Change, ChangeOp, ChangePage, ChangeToken, Key, PutOptions, Record, Result, Revision, Store, Written,
};

use super::behaviour::Behaviour;

/// A bug in what a page of the feed says.
#[derive(Debug)]
pub(super) struct Tells(pub(super) fn(Vec<Change>) -> Vec<Change>);

#[async_trait]
impl Behaviour for Tells {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit).await?;
        page.changes = (self.0)(page.changes);
        Ok(page)
    }
}

pub(super) fn no_deletes(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| matches!(change.op, ChangeOp::Put(_))).collect()
}

pub(super) fn newest_first(mut changes: Vec<Change>) -> Vec<Change> {
    changes.reverse();
    changes
}

/// Only the last state of each document, as a table without history gives it.
pub(super) fn last_states(mut changes: Vec<Change>) -> Vec<Change> {
    let keys: Vec<Key> = changes.iter().map(|change| change.key.clone()).collect();
    let mut index = 0;
    changes.retain(|change| {
        index += 1;
        !keys[index..].contains(&change.key)
    });
    changes
}

pub(super) fn no_hidden_collections(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| !change.key.collection().is_hidden()).collect()
}

/// A feed into which batches do not go.
#[derive(Debug, Default)]
pub(super) struct MissesBatches(Mutex<BTreeSet<Revision>>);

#[async_trait]
impl Behaviour for MissesBatches {
    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let outcomes = inner.put_many(records, opts).await;
        let revisions = outcomes.iter().flatten().map(|written| written.meta.revision.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(revisions);
        outcomes
    }

    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit).await?;
        let missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        page.changes
            .retain(|change| !matches!(&change.op, ChangeOp::Put(meta) if missed.contains(&meta.revision)));
        Ok(page)
    }
}

/// A feed whose token stays where it is.
#[derive(Debug)]
pub(super) struct NeverAdvances;

#[async_trait]
impl Behaviour for NeverAdvances {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after.clone(), limit).await?;
        page.next = after.unwrap_or(page.next);
        Ok(page)
    }
}

/// A feed whose token runs ahead of what it gave.
#[derive(Debug)]
pub(super) struct RunsAhead;

#[async_trait]
impl Behaviour for RunsAhead {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit.saturating_mul(2)).await?;
        page.changes.truncate(limit);
        Ok(page)
    }
}

/// A feed that gives more than it was asked for.
#[derive(Debug)]
pub(super) struct IgnoresLimit;

#[async_trait]
impl Behaviour for IgnoresLimit {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        inner.changes(after, if limit == 0 { 0 } else { usize::MAX }).await
    }
}

/// A feed that does not tell its new readers to compare listings.
#[derive(Debug)]
pub(super) struct StartsSilently;

#[async_trait]
impl Behaviour for StartsSilently {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit).await?;
        page.reset = false;
        Ok(page)
    }
}

/// A feed that takes a token it cannot read for none.
#[derive(Debug)]
pub(super) struct AcceptsAnyToken;

#[async_trait]
impl Behaviour for AcceptsAnyToken {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        match inner.changes(after, limit).await {
            Err(error) if limit > 0 && error.kind() == truthound_stores_core::ErrorKind::Invalid => {
                inner.changes(None, limit).await
            }
            answer => answer,
        }
    }
}
