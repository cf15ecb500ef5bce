//! Bugs of opening and closing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, DeleteOptions, Error, GetOptions, Key, Query, Result, Store, Stored,
};

use super::behaviour::{Behaviour, Shared};
use crate::listing::all_of;

/// Goes on as if it were open.
#[derive(Debug)]
pub(super) struct WorksAfterClose;

#[async_trait]
impl Behaviour for WorksAfterClose {
    async fn close(&self, inner: &dyn Store) -> Result<()> {
        inner.flush().await
    }
}

/// Forgets to look in one method.
#[derive(Debug)]
pub(super) struct CountsAfterClose;

#[async_trait]
impl Behaviour for CountsAfterClose {
    async fn count(&self, inner: &dyn Store, query: &Query) -> Result<u64> {
        match inner.count(query).await {
            Err(error) if error.kind() == truthound_stores_core::ErrorKind::Closed => Ok(0),
            answer => answer,
        }
    }
}

/// Takes the second close for a mistake.
#[derive(Debug)]
pub(super) struct RefusesSecondClose;

#[async_trait]
impl Behaviour for RefusesSecondClose {
    async fn close(&self, inner: &dyn Store) -> Result<()> {
        inner.flush().await?;
        inner.close().await
    }
}

/// Closes what others still use.
#[derive(Debug)]
pub(super) struct ClosesAll(pub(super) Arc<Shared>);

#[async_trait]
impl Behaviour for ClosesAll {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        if self.0.closed.load(Ordering::SeqCst) {
            return Err(Error::closed().during("get").at(key));
        }
        inner.get_opts(key, opts).await
    }

    async fn close(&self, inner: &dyn Store) -> Result<()> {
        self.0.closed.store(true, Ordering::SeqCst);
        inner.close().await
    }
}

/// Takes along what was written last, as a buffer that is never flushed does.
#[derive(Debug)]
pub(super) struct LosesTheLastOnClose;

#[async_trait]
impl Behaviour for LosesTheLastOnClose {
    async fn close(&self, inner: &dyn Store) -> Result<()> {
        if let Ok(listing) = all_of(inner, &Collection::RESULTS).await
            && let Some(last) = listing.metas.iter().max_by_key(|meta| meta.saved_at)
        {
            inner.delete_opts(&last.key, DeleteOptions::default()).await?;
        }
        inner.close().await
    }
}
