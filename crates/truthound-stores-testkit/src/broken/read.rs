//! Bugs of reading.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{
    Checksum, DeleteOptions, GetOptions, Key, PutOptions, Record, Result, Store, Stored, Written,
};

use super::behaviour::Behaviour;

/// A cache that some events do not reach.
#[derive(Debug)]
pub(super) struct StaleCache {
    entries: Mutex<BTreeMap<Key, Stored>>,
    forgets_on_delete: bool,
    forgets_on_put: bool,
}

impl StaleCache {
    /// Keeps what was deleted.
    pub(super) fn over_deletes() -> Self {
        Self { entries: Mutex::default(), forgets_on_delete: false, forgets_on_put: true }
    }

    /// Keeps what was overwritten.
    pub(super) fn over_writes() -> Self {
        Self { entries: Mutex::default(), forgets_on_delete: true, forgets_on_put: false }
    }

    /// Keeps what another handle changed.
    pub(super) fn of_its_own() -> Self {
        Self { entries: Mutex::default(), forgets_on_delete: true, forgets_on_put: true }
    }

    fn forget(&self, key: &Key) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[async_trait]
impl Behaviour for StaleCache {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        if self.forgets_on_put {
            self.forget(&record.key);
        }
        inner.put_opts(record, opts).await
    }

    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        let cached = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(stored) = cached {
            // The cache does what it should in this: it is closed with its store.
            inner.check().await?;
            return Ok(if opts.meta_only { Stored::new(stored.meta, None) } else { stored });
        }
        let stored = inner.get_opts(key, opts).await?;
        if stored.body.is_some() {
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), stored.clone());
        }
        Ok(stored)
    }

    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        if self.forgets_on_delete {
            self.forget(key);
        }
        inner.delete_opts(key, opts).await
    }
}

/// A description that depends on how it is read.
#[derive(Debug)]
pub(super) struct HeadDiffers;

#[async_trait]
impl Behaviour for HeadDiffers {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        let meta_only = opts.meta_only;
        let mut stored = inner.get_opts(key, opts).await?;
        if meta_only {
            stored.meta.checksum = Checksum::of(b"");
        }
        Ok(stored)
    }
}

/// An error that does not say which document is meant.
#[derive(Debug)]
pub(super) struct ErrorsWithoutKey;

#[async_trait]
impl Behaviour for ErrorsWithoutKey {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        let answer = inner.get_opts(key, opts).await;
        answer.map_err(|error| truthound_stores_core::Error::new(error.kind(), error.message()))
    }
}

/// A size that is never filled in.
#[derive(Debug)]
pub(super) struct SizeZero;

#[async_trait]
impl Behaviour for SizeZero {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let mut written = inner.put_opts(record, opts).await?;
        written.meta.size = 0;
        Ok(written)
    }
}
