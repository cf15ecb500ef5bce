//! The only place that calls the client library: requests for single objects, and what their answers mean.
//!
//! The client must be built without retries of its own for puts (`RetryConfig::max_retries = 0`): a put that it repeats after a broken
//! connection and then reports as refused may have been taken, and only a put without an answer is known to be one. Retries are made here.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, PutMode, PutOptions, PutPayload, UpdateVersion};
use truthound_stores_core::{Clock, Error, Result, Timestamp};

use crate::conditions::CompareAndDelete;
use crate::document::{Fetched, Object};
use crate::error::{self, Failed};
use crate::flaw::Flaws;
use crate::wire::Wire;

/// So often a read, or a delete under a condition, is tried.
const TRIES: u32 = 6;

/// What became of a conditional put.
#[derive(Debug)]
pub(crate) enum Outcome {
    Taken,
    /// The condition did not hold.
    Lost,
    /// No clear answer: it may have been taken, and may be taken yet.
    Unknown(Error),
}

/// A bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
    wire: Wire,
    compare_and_delete: Option<Arc<dyn CompareAndDelete>>,
}

impl Bucket {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, wire: Wire) -> Self {
        Self { store, wire, compare_and_delete: None }
    }

    /// Hands in what deletes under a condition.
    #[must_use]
    pub(crate) fn with_compare_and_delete(mut self, delete: Arc<dyn CompareAndDelete>) -> Self {
        self.compare_and_delete = Some(delete);
        self
    }

    #[cfg(test)]
    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.wire.clock
    }

    /// Reads an object's metadata; `None` if there is no such object.
    ///
    /// That answer takes two requests: a HEAD without a body cannot say whether the bucket is missing, and an outage is no absence.
    pub(crate) async fn head(&self, path: &Path) -> Result<Option<(Fetched, UpdateVersion)>> {
        let options = || GetOptions { head: true, ..GetOptions::default() };
        match self.fetch(path, options, false).await? {
            Some(found) => Ok(Some(found)),
            None => self.get(path).await,
        }
    }

    /// Reads an object; `None` if there is no such object.
    pub(crate) async fn get(&self, path: &Path) -> Result<Option<(Fetched, UpdateVersion)>> {
        self.fetch(path, GetOptions::default, true).await
    }

    async fn fetch(
        &self,
        path: &Path,
        options: impl Fn() -> GetOptions + Send + Sync,
        whole: bool,
    ) -> Result<Option<(Fetched, UpdateVersion)>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.fetch_once(path, options(), whole).await {
                Ok(None) => return Ok(None),
                // A body that broke off is asked for again; if it is always so short, whoever reads it says so.
                Ok(Some(found)) if !whole || tries == TRIES || found.0.bytes.len() as u64 >= found.0.size => {
                    return Ok(Some(found));
                }
                Ok(Some(_)) => None,
                Err(error) if tries == TRIES || !error.is_retryable() => return Err(error),
                Err(error) => Some(error),
            };
            self.pause(tries, error.as_ref()).await;
        }
    }

    async fn fetch_once(
        &self,
        path: &Path,
        options: GetOptions,
        whole: bool,
    ) -> Result<Option<(Fetched, UpdateVersion)>> {
        let found = match self.store.get_opts(path, options).await {
            Ok(found) => found,
            Err(cause) if error::is_absence(&cause) => return Ok(None),
            Err(cause) => return Err(error::of(&cause, path.as_ref())),
        };
        let (meta, attributes) = (found.meta.clone(), found.attributes.clone());
        let bytes = if whole {
            found.bytes().await.map_err(|cause| error::of(&cause, path.as_ref()))?
        } else {
            Bytes::new()
        };
        let handle = UpdateVersion { e_tag: meta.e_tag.clone(), version: meta.version };
        let fetched = Fetched {
            name: path.to_string(),
            attributes,
            e_tag: meta.e_tag,
            last_modified: Timestamp::from_micros(meta.last_modified.timestamp_micros()),
            size: meta.size,
            bytes,
        };
        Ok(Some((fetched, handle)))
    }

    /// Puts an object if there is none of that name: one request.
    ///
    /// # Errors
    /// What the store refuses for good. Whatever may have been taken is an [`Outcome`].
    pub(crate) async fn create(&self, path: &Path, object: &Object) -> Result<Outcome> {
        self.put(path, object, PutMode::Create).await
    }

    /// Puts an object if the one of that name is still as it was seen: one request.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub(crate) async fn replace_if(
        &self,
        path: &Path,
        object: &Object,
        seen: &UpdateVersion,
    ) -> Result<Outcome> {
        self.put(path, object, PutMode::Update(seen.clone())).await
    }

    /// Puts an object of the tail, whatever is there: one request. Repeating it is harmless.
    ///
    /// # Errors
    /// What happened; a retryable error is worth another try.
    pub(crate) async fn put_row(&self, path: &Path, object: &Object) -> Result<()> {
        let options = options(object, PutMode::Overwrite);
        let put = self.store.put_opts(path, payload(object), options).await;
        put.map(drop).map_err(|cause| match cause {
            object_store::Error::AlreadyExists { .. } => self.wire.error(&cause, path.as_ref()),
            cause => error::of_row(&cause, path.as_ref()),
        })
    }

    async fn put(&self, path: &Path, object: &Object, mode: PutMode) -> Result<Outcome> {
        let replaces = matches!(mode, PutMode::Update(_));
        let put = self.store.put_opts(path, payload(object), options(object, mode)).await;
        match put.map_err(|cause| error::of_put(&cause, path.as_ref(), replaces)) {
            Ok(_) => Ok(Outcome::Taken),
            Err(Failed::Lost) => Ok(Outcome::Lost),
            Err(Failed::Unknown(error)) => Ok(Outcome::Unknown(error)),
            Err(Failed::Refused(error)) => Err(error),
        }
    }

    /// What tests have put back.
    pub(crate) fn flaws(&self) -> Flaws {
        self.wire.flaws
    }

    /// Tells whether [`delete_if`](Self::delete_if) can be done here.
    pub(crate) fn can_delete_if(&self) -> bool {
        self.compare_and_delete.is_some()
    }

    /// Deletes an object if it is still as it was seen: one request, and more where the answer is not clear, for a condition that does not hold
    /// any more makes repeating it harmless. Tells whether it is known to be gone by it; nothing is, where this cannot be done.
    ///
    /// # Errors
    /// What happened: it may have been deleted.
    pub(crate) async fn delete_if(&self, path: &Path, seen: &UpdateVersion) -> Result<bool> {
        let Some(delete) = &self.compare_and_delete else { return Ok(false) };
        let mut tries = 0;
        loop {
            tries += 1;
            let Err(cause) = delete.delete_if(path, seen.clone()).await else { return Ok(true) };
            match error::of_put(&cause, path.as_ref(), true) {
                Failed::Lost => return Ok(false),
                Failed::Unknown(error) if tries < TRIES && error.is_retryable() => {
                    self.pause(tries, Some(&error)).await;
                }
                Failed::Unknown(error) | Failed::Refused(error) => return Err(error),
            }
        }
    }

    /// Waits after the `tries`th try, longer each time.
    pub(crate) async fn pause(&self, tries: u32, error: Option<&Error>) {
        self.wire.pause(tries, error).await;
    }
}

fn options(object: &Object, mode: PutMode) -> PutOptions {
    PutOptions { mode, attributes: object.attributes.clone(), ..PutOptions::default() }
}

fn payload(object: &Object) -> PutPayload {
    object.parts.iter().cloned().collect()
}
