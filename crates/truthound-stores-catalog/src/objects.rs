//! A bucket, as a backend hands it in.

use std::sync::Arc;

use futures_util::lock::Mutex;
use object_store::{Attribute, Attributes, ObjectStore, TagSet};

use crate::conditions::CompareAndDelete;

/// Describes the bucket or container that a [`CatalogStore`](crate::CatalogStore) keeps documents in.
///
/// Clones describe the same bucket: where it has no conditions, the stores of one process that are made of clones still exclude each other.
///
/// The client must not repeat puts on its own (`RetryConfig::max_retries` 0, or a client of its own for puts): one that is repeated after a broken
/// connection and then reported as refused may have been taken. The store repeats what may be repeated.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use object_store::memory::InMemory;
/// use truthound_stores_catalog::Objects;
///
/// let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in-memory objects").with_durable(false);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Objects {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) backend: String,
    pub(crate) location: String,
    pub(crate) headers: Attributes,
    pub(crate) tags: TagSet,
    pub(crate) compare_and_delete: Option<Arc<dyn CompareAndDelete>>,
    pub(crate) metadata_room: usize,
    pub(crate) durable: bool,
    /// Whose turn it is to put under a condition, in a bucket that heeds none.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Objects {
    /// The bytes of user metadata that every store takes: those of S3.
    pub const METADATA_ROOM: usize = 2_048;

    /// Describes a bucket by its client, the backend's name, and where it is, without secrets.
    pub fn new(store: Arc<dyn ObjectStore>, backend: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            store,
            backend: backend.into(),
            location: location.into(),
            headers: Attributes::new(),
            tags: TagSet::default(),
            compare_and_delete: None,
            metadata_room: Self::METADATA_ROOM,
            durable: true,
            turn: Arc::default(),
        }
    }

    /// Puts a header or user metadata on every object that is written, the catalog's too.
    pub fn with_header(mut self, name: Attribute, value: impl Into<object_store::AttributeValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    /// Puts tags on every object that is written, the catalog's too.
    pub fn with_tags(mut self, tags: TagSet) -> Self {
        self.tags = tags;
        self
    }

    /// Hands in what deletes under a condition. Default: nothing does, and the marks of deleted documents stay.
    pub fn with_compare_and_delete(mut self, delete: Arc<dyn CompareAndDelete>) -> Self {
        self.compare_and_delete = Some(delete);
        self
    }

    /// Sets how many bytes of user metadata an object may have. Default: [`METADATA_ROOM`](Self::METADATA_ROOM).
    pub fn with_metadata_room(mut self, bytes: usize) -> Self {
        self.metadata_room = bytes;
        self
    }

    /// Sets whether objects outlive the process. Default: true.
    pub fn with_durable(mut self, yes: bool) -> Self {
        self.durable = yes;
        self
    }
}
