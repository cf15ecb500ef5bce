//! The contract that every backend and every wrapper keeps.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    ChangePage, ChangeToken, FactsPage, Grouping, Key, Page, PageToken, Query, Reading, Record, Result,
    Revision, Stored, Summary, Upkeep, Written, Zone,
};

mod forward;

/// Keeps JSON documents by key, and finds them by their attributes.
///
/// This trait is for implementers: it has no default methods, so a wrapper that forgets one does not compile.
/// Callers use the comforts of [`StoreExt`](crate::StoreExt).
///
/// # The contract
/// - A write or delete that was answered `Ok` is seen by every later call, from any handle on the same store.
/// - A document is written whole or not at all.
/// - [`NotFound`](crate::ErrorKind::NotFound) means that the store was asked and has no such document. An outage, a
///   missing permission or damage is never an absence.
/// - What a store cannot do (see [`Capabilities`]) it refuses with [`Unsupported`](crate::ErrorKind::Unsupported).
/// - After [`close`](Store::close), every call but `close`, `info` and `Display` answers
///   [`Closed`](crate::ErrorKind::Closed).
/// - `Display` names the store without secrets, a wrapper as `Name(inner)`.
///
/// # Errors
/// Any call may answer [`Unavailable`](crate::ErrorKind::Unavailable), [`Timeout`](crate::ErrorKind::Timeout),
/// [`Overloaded`](crate::ErrorKind::Overloaded), [`Denied`](crate::ErrorKind::Denied) or
/// [`Closed`](crate::ErrorKind::Closed); methods name what else they answer.
///
/// # Cancel safety
/// Dropping the future of a read changes nothing. Dropping the future of a write or delete leaves it done or not
/// done, never half done; read the revision to know which. One that is being carried out at that moment may be finished a moment
/// later; what the same handle writes afterwards comes after it.
#[async_trait]
pub trait Store: Debug + Display + Send + Sync + 'static {
    /// Describes the store. Cheap; works on a closed store.
    fn info(&self) -> StoreInfo;

    /// Writes a document.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if the key is taken ([`PutMode::Create`]) or the stored revision is
    /// another one or absent ([`PutMode::Replace`]); [`Unsupported`](crate::ErrorKind::Unsupported) for a mode that the
    /// store lacks; [`Invalid`](crate::ErrorKind::Invalid) if the store's format cannot hold the document.
    ///
    /// # Cancel safety
    /// Done or not done, never half done.
    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written>;

    /// Writes documents, as one batch where the store can.
    ///
    /// Answers one outcome for each, in order; one that fails stops no other. Of several with one key, all are
    /// written in order.
    ///
    /// # Cancel safety
    /// Each document is done or not done.
    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>>;

    /// Reads a document.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Corrupt`](crate::ErrorKind::Corrupt) if what is stored is damaged.
    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored>;

    /// Deletes a document; answers whether there was one.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if the options name another revision than the stored
    /// one ([`DeleteOptions::revision_of`]); a document that is gone is answered `false`. A damaged document can be deleted.
    ///
    /// # Cancel safety
    /// Done or not done.
    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool>;

    /// Deletes documents, as one batch where the store can; one outcome for each, in order.
    ///
    /// Each is deleted at the revision that the options name for it ([`DeleteOptions::revision_of`]), and answered as by
    /// [`delete_opts`](Self::delete_opts).
    ///
    /// # Cancel safety
    /// Each document is deleted or not.
    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>>;

    /// Lists a page of documents, without their text.
    ///
    /// Pages continue by key: going on from [`Page::next`] neither repeats nor skips a document that was there,
    /// unchanged, from the first page to the last. Documents that cannot be read are reported in
    /// [`Page::damaged`] and stop nothing.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a query that [`Query::validate`] refuses or a token of another query.
    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page>;

    /// Lists a page as [`list_page`](Self::list_page) does, and lends the facts about each document in place of making its description:
    /// for whoever looks at many and keeps few. Tokens of both are the same.
    ///
    /// A store that has nothing quicker makes it of that page.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page).
    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage>;

    /// Counts the documents that a query would list, `offset` and `limit` included.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page); [`Corrupt`](crate::ErrorKind::Corrupt) if a document that cannot be read makes
    /// the number uncertain.
    async fn count(&self, query: &Query) -> Result<u64>;

    /// Sums up the documents that a query would list, `offset` and `limit` included: one [`Summary`] for each group that has
    /// documents, by day and then by asset.
    ///
    /// [`Summaries::evaluate`](crate::Summaries::evaluate) is the meaning; sums of `execution_time_ms` may differ in their last digits.
    ///
    /// # Errors
    /// As for [`count`](Self::count).
    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>>;

    /// Reads the change feed of all collections after a token, at most `limit` changes.
    ///
    /// Every acknowledged write and delete appears at least once, in order per document; without
    /// [`Capabilities::every_change`], it or a later one of the same document does. `None` answers
    /// [`ChangePage::reset`] with a token for this moment.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without [`Capabilities::change_feed`];
    /// [`Invalid`](crate::ErrorKind::Invalid) for a `limit` of 0 or a token that is none.
    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage>;

    /// Returns what the store does for its own health; `None` for one that keeps nothing but documents.
    ///
    /// A wrapper answers with that of the store inside, or with one that covers what it keeps itself, too.
    fn upkeep(&self) -> Option<&dyn Upkeep>;

    /// Checks that the store can be reached and used as configured, without changing it.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    async fn check(&self) -> Result<()>;

    /// Waits until all that was acknowledged is as durable as the store makes it.
    ///
    /// # Errors
    /// What could not be made durable.
    async fn flush(&self) -> Result<()>;

    /// Flushes, and releases files, connections and tasks. A second call does nothing.
    ///
    /// # Errors
    /// What could not be flushed; the store is closed all the same.
    ///
    /// # Cancel safety
    /// Call it again to be sure that it is done.
    async fn close(&self) -> Result<()>;
}

/// Says when a write may happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutMode {
    /// Always: create or overwrite.
    #[default]
    Upsert,
    /// Only if there is no such document.
    Create,
    /// Only over this revision (compare-and-swap).
    Replace(Revision),
}

/// Holds the choices of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutOptions {
    /// When to write. Default: always.
    pub mode: PutMode,
}

impl PutOptions {
    /// Writes only if there is no such document.
    pub fn create() -> Self {
        Self::default().with_mode(PutMode::Create)
    }

    /// Writes only over `revision`.
    pub fn replace(revision: Revision) -> Self {
        Self::default().with_mode(PutMode::Replace(revision))
    }

    /// Sets when to write.
    #[must_use]
    pub fn with_mode(mut self, mode: PutMode) -> Self {
        self.mode = mode;
        self
    }
}

/// Holds the choices of a read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOptions {
    /// Leave the text out; the store need not read it. Default: false.
    pub meta_only: bool,
}

impl GetOptions {
    /// Asks for the description alone.
    pub fn meta_only() -> Self {
        Self { meta_only: true }
    }
}

/// Holds the choices of a delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteOptions {
    /// Delete only this revision. Default: whatever is stored.
    pub if_revision: Option<Revision>,
    /// Shared, since a batch is parted and made again.
    revisions: Arc<BTreeMap<Key, Revision>>,
}

impl DeleteOptions {
    /// Deletes only `revision`.
    pub fn if_revision(revision: Revision) -> Self {
        Self { if_revision: Some(revision), ..Self::default() }
    }

    /// Deletes each of these documents only at the revision that stands beside it; for a batch.
    pub fn if_revisions(revisions: impl IntoIterator<Item = (Key, Revision)>) -> Self {
        Self { if_revision: None, revisions: Arc::new(revisions.into_iter().collect()) }
    }

    /// Returns the revision at which a document may be deleted; `None` if any will do. For implementers of stores.
    ///
    /// It is the one that [`if_revisions`](Self::if_revisions) names for the document, else [`if_revision`](Self::if_revision).
    pub fn revision_of(&self, key: &Key) -> Option<&Revision> {
        self.revisions.get(key).or(self.if_revision.as_ref())
    }

    /// Tells whether any document is bound to a revision.
    pub fn is_conditional(&self) -> bool {
        self.if_revision.is_some() || !self.revisions.is_empty()
    }
}

/// Tells what a store can do. What it cannot, it refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub struct Capabilities {
    /// [`PutMode::Create`] excludes all other writers.
    pub create_only: bool,
    /// [`PutMode::Replace`] and deletes of a revision exclude all other writers.
    pub compare_and_swap: bool,
    /// [`Store::changes`] works.
    pub change_feed: bool,
    /// The feed tells each change; else those that a later one of the same document has superseded may be left out.
    pub every_change: bool,
    /// What was acknowledged survives the end of the process.
    pub durable: bool,
    /// Several processes may use the store at once.
    pub shared: bool,
    /// The store can be written; false for one that is opened for reading only.
    pub writable: bool,
}

impl Capabilities {
    /// Claims nothing.
    pub const fn none() -> Self {
        Self {
            create_only: false,
            compare_and_swap: false,
            change_feed: false,
            every_change: false,
            durable: false,
            shared: false,
            writable: false,
        }
    }

    /// Sets whether create-only writes exclude each other.
    #[must_use]
    pub const fn with_create_only(mut self, yes: bool) -> Self {
        self.create_only = yes;
        self
    }

    /// Sets whether compare-and-swap works.
    #[must_use]
    pub const fn with_compare_and_swap(mut self, yes: bool) -> Self {
        self.compare_and_swap = yes;
        self
    }

    /// Sets whether there is a change feed.
    #[must_use]
    pub const fn with_change_feed(mut self, yes: bool) -> Self {
        self.change_feed = yes;
        self
    }

    /// Sets whether the feed tells each change.
    #[must_use]
    pub const fn with_every_change(mut self, yes: bool) -> Self {
        self.every_change = yes;
        self
    }

    /// Sets whether data outlives the process.
    #[must_use]
    pub const fn with_durable(mut self, yes: bool) -> Self {
        self.durable = yes;
        self
    }

    /// Sets whether processes may share the store.
    #[must_use]
    pub const fn with_shared(mut self, yes: bool) -> Self {
        self.shared = yes;
        self
    }

    /// Sets whether the store can be written.
    #[must_use]
    pub const fn with_writable(mut self, yes: bool) -> Self {
        self.writable = yes;
        self
    }
}

/// Describes a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreInfo {
    /// The backend's name, as `get_store` takes it; a wrapper keeps that of the store inside.
    pub backend: String,
    /// Where the documents are, without secrets.
    pub location: String,
    /// What the store can do.
    pub capabilities: Capabilities,
    /// The configured `metadata`.
    pub metadata: BTreeMap<String, String>,
    /// The configured zone of times without an offset: records for this store are made by its [`reading`](Self::reading).
    pub assume_timezone: Zone,
}

impl StoreInfo {
    /// Describes a store without metadata.
    pub fn new(backend: impl Into<String>, location: impl Into<String>, capabilities: Capabilities) -> Self {
        Self {
            backend: backend.into(),
            location: location.into(),
            capabilities,
            metadata: BTreeMap::new(),
            assume_timezone: Zone::Utc,
        }
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: BTreeMap<String, String>) -> Self {
        self.metadata = metadata;
        self
    }

    /// Sets the zone of times without an offset.
    #[must_use]
    pub fn with_assume_timezone(mut self, zone: Zone) -> Self {
        self.assume_timezone = zone;
        self
    }

    /// Says how documents for this store are read: see [`Record::parse`].
    pub fn reading(&self) -> Reading {
        Reading::default().with_assume_timezone(self.assume_timezone.clone())
    }

    /// Sets the capabilities; for wrappers.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }
}
