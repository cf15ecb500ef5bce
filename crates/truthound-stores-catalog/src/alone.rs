//! Single-writer mode: conditions among the writers of one process, for stores that have none.
//!
//! Some stores accept the header of a condition and let everybody win. A look before each put excludes nobody else there; but all puts of
//! one process can take turns, and then the rules hold for the writers of that process.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::lock::Mutex;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UpdateVersion,
};

use crate::conditions::CompareAndDelete;

/// A store whose conditions hold among all handles that take the same turns.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    inner: Arc<dyn ObjectStore>,
    turn: Arc<Mutex<()>>,
}

impl Alone {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, turn: Arc<Mutex<()>>) -> Self {
        Self { inner, turn }
    }

    /// Checks a condition, which holds until the turn is over.
    async fn check(&self, location: &Path, mode: &PutMode) -> Result<()> {
        let found = match mode {
            PutMode::Overwrite => return Ok(()),
            PutMode::Create | PutMode::Update(_) => self.inner.head(location).await,
        };
        match (mode, found) {
            (PutMode::Create, Ok(_)) => {
                Err(Error::AlreadyExists { path: location.to_string(), source: "an object is there".into() })
            }
            (PutMode::Create, Err(Error::NotFound { .. })) | (PutMode::Overwrite, Ok(_)) => Ok(()),
            (PutMode::Update(seen), Ok(meta)) if is_same(seen, &meta) => Ok(()),
            (PutMode::Update(_), Ok(_)) => Err(moved_on(location)),
            (_, Err(error)) => Err(error),
        }
    }
}

fn is_same(seen: &UpdateVersion, meta: &ObjectMeta) -> bool {
    seen.e_tag == meta.e_tag && seen.version == meta.version
}

fn moved_on(location: &Path) -> Error {
    Error::Precondition { path: location.to_string(), source: "the object is another by now".into() }
}

impl fmt::Display for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl CompareAndDelete for Alone {
    async fn delete_if(&self, location: &Path, seen: UpdateVersion) -> Result<()> {
        let _turn = self.turn.lock().await;
        self.check(location, &PutMode::Update(seen)).await?;
        self.inner.delete(location).await
    }
}

#[async_trait]
impl ObjectStore for Alone {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut opts: PutOptions,
    ) -> Result<PutResult> {
        let _turn = self.turn.lock().await;
        self.check(location, &opts.mode).await?;
        opts.mode = PutMode::Overwrite;
        self.inner.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        if options.mode == CopyMode::Create {
            let _turn = self.turn.lock().await;
            self.check(to, &PutMode::Create).await?;
            let options = CopyOptions { mode: CopyMode::Overwrite, ..options };
            return self.inner.copy_opts(from, to, options).await;
        }
        self.inner.copy_opts(from, to, options).await
    }
}
