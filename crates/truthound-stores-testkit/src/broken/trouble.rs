//! Bugs that show when something is wrong already: damage and outages.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{
    Error, ErrorKind, GetOptions, Key, Page, PageToken, PutOptions, Query, Record, RecordMeta, Result,
    Revision, Store, StoreExt, Stored, Written,
};

use super::behaviour::Behaviour;
use crate::ManualClock;

/// Leaves damaged documents out without a word.
#[derive(Debug)]
pub(super) struct SwallowsDamage;

#[async_trait]
impl Behaviour for SwallowsDamage {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut page = inner.list_page(query, after).await?;
        page.damaged.clear();
        Ok(page)
    }
}

/// Reports damage on every page.
#[derive(Debug, Default)]
pub(super) struct RepeatsDamage(Mutex<BTreeSet<Key>>);

#[async_trait]
impl Behaviour for RepeatsDamage {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut page = inner.list_page(query, after).await?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(page.damaged.iter().filter_map(Error::key).cloned());
        page.damaged = known.iter().map(|key| Error::corrupt("damaged").at(key)).collect();
        Ok(page)
    }
}

/// Lets one damaged document stop the listing.
#[derive(Debug)]
pub(super) struct StopsAtDamage;

#[async_trait]
impl Behaviour for StopsAtDamage {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut page = inner.list_page(query, after).await?;
        if page.damaged.is_empty() { Ok(page) } else { Err(page.damaged.swap_remove(0)) }
    }
}

/// Counts what can be read and keeps quiet about the rest.
#[derive(Debug)]
pub(super) struct CountsWithoutDamaged;

#[async_trait]
impl Behaviour for CountsWithoutDamaged {
    async fn count(&self, inner: &dyn Store, query: &Query) -> Result<u64> {
        match inner.count(query).await {
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                Ok(inner.list_runs(query).await?.len() as u64)
            }
            answer => answer,
        }
    }
}

/// Takes one kind of failure for an absence.
#[derive(Debug)]
pub(super) struct FailureAsAbsence(pub(super) ErrorKind);

#[async_trait]
impl Behaviour for FailureAsAbsence {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        match inner.get_opts(key, opts).await {
            Err(error) if error.kind() == self.0 => Err(Error::not_found(key)),
            answer => answer,
        }
    }
}

/// Takes an absence for damage.
#[derive(Debug)]
pub(super) struct AbsenceAsDamage;

#[async_trait]
impl Behaviour for AbsenceAsDamage {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        let meta_only = opts.meta_only;
        match inner.get_opts(key, opts).await {
            Err(error) if error.kind() == ErrorKind::NotFound && !meta_only => {
                Err(Error::corrupt("the file is empty").at(key))
            }
            answer => answer,
        }
    }
}

/// Answers an empty listing when it cannot list.
#[derive(Debug)]
pub(super) struct OutageAsEmpty;

#[async_trait]
impl Behaviour for OutageAsEmpty {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        match inner.list_page(query, after).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => Ok(Page::default()),
            answer => answer,
        }
    }
}

/// Remembers that a document could not be read as that it is not there.
#[derive(Debug, Default)]
pub(super) struct RemembersFailures(Mutex<BTreeSet<Key>>);

#[async_trait]
impl Behaviour for RemembersFailures {
    async fn get(&self, inner: &dyn Store, key: &Key, opts: GetOptions) -> Result<Stored> {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(key) {
            return Err(Error::not_found(key));
        }
        let answer = inner.get_opts(key, opts).await;
        if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unavailable) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        }
        answer
    }
}

/// Acknowledges what it could not write.
#[derive(Debug)]
pub(super) struct AcknowledgesFailures;

#[async_trait]
impl Behaviour for AcknowledgesFailures {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        match inner.put_opts(record.clone(), opts).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                let (size, checksum) = (record.body.as_bytes().len() as u64, record.body.checksum());
                let revision = Revision::new("made up");
                let meta = RecordMeta::new(
                    record.key,
                    record.attributes,
                    revision,
                    size,
                    checksum,
                    ManualClock::START,
                );
                Ok(Written::new(meta, None))
            }
            answer => answer,
        }
    }
}

/// Cannot delete what it cannot read.
#[derive(Debug)]
pub(super) struct ReadsBeforeDeleting;

#[async_trait]
impl Behaviour for ReadsBeforeDeleting {
    async fn delete(
        &self,
        inner: &dyn Store,
        key: &Key,
        opts: truthound_stores_core::DeleteOptions,
    ) -> Result<bool> {
        match inner.get_opts(key, GetOptions::default()).await {
            Err(error) if error.kind() == ErrorKind::Corrupt => Err(error),
            _ => inner.delete_opts(key, opts).await,
        }
    }
}
