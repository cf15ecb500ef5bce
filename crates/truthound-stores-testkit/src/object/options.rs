//! What kind of store it is: whose client talks to it, and which promises it keeps.

use std::time::Duration;

/// Says which kind of store a [`SimulatedStore`](super::SimulatedStore) is. Default: [`s3`](Self::s3).
///
/// # Examples
/// ```
/// use truthound_stores_testkit::object::{Condition, StoreOptions};
///
/// let small_pages = StoreOptions::gcs().with_page_size(3);
/// let liar = StoreOptions::s3().with_create(Condition::Ignored);
/// # let _ = (small_pages, liar);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct StoreOptions {
    pub(super) vendor: Vendor,
    pub(super) e_tags: ETags,
    pub(super) versions: bool,
    pub(super) create: Condition,
    pub(super) update: Condition,
    pub(super) compare_and_delete: Condition,
    pub(super) delete_missing: DeleteMissing,
    pub(super) sorted: bool,
    pub(super) page_size: usize,
    pub(super) delete_batch: usize,
    pub(super) time_step: Duration,
}

/// Whose client it imitates: how errors look, and what an update compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vendor {
    S3,
    Gcs,
    Azure,
}

impl Vendor {
    /// Returns the name that the client's errors carry.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Gcs => "GCS",
            Self::Azure => "MicrosoftAzure",
        }
    }
}

/// Says what a store does about a condition that a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is checked, atomically with the effect.
    Honoured,
    /// It is accepted and not looked at: everybody wins.
    Ignored,
    /// The client refuses to send it.
    NotImplemented,
}

/// Says what an `ETag` is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ETags {
    /// The content, as S3's: equal content has an equal tag, also after something else was there in between.
    Content,
    /// The write, as GCS's and Azure's: no two writes have the same.
    Opaque,
}

/// Says how deleting what is not there ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteMissing {
    /// It succeeds, as on S3.
    Succeeds,
    /// It is refused with `NotFound`, as on GCS and Azure.
    NotFound,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self::s3()
    }
}

impl StoreOptions {
    /// Describes S3: `ETag`s repeat for equal content, there are no versions, deletes succeed whatever was there.
    pub const fn s3() -> Self {
        Self {
            vendor: Vendor::S3,
            e_tags: ETags::Content,
            versions: false,
            create: Condition::Honoured,
            update: Condition::Honoured,
            compare_and_delete: Condition::Honoured,
            delete_missing: DeleteMissing::Succeeds,
            sorted: true,
            page_size: 1_000,
            delete_batch: 1_000,
            time_step: Duration::from_secs(1),
        }
    }

    /// Describes GCS: an update compares the version (generation), deletes are one request each and can be `NotFound`.
    pub const fn gcs() -> Self {
        let mut options = Self::s3();
        options.vendor = Vendor::Gcs;
        options.e_tags = ETags::Opaque;
        options.versions = true;
        options.delete_missing = DeleteMissing::NotFound;
        options.delete_batch = 1;
        options
    }

    /// Describes Azure: opaque `ETag`s, batches of 256 deletes, `NotFound` for what is not there.
    pub const fn azure() -> Self {
        let mut options = Self::s3();
        options.vendor = Vendor::Azure;
        options.e_tags = ETags::Opaque;
        options.delete_missing = DeleteMissing::NotFound;
        options.page_size = 5_000;
        options.delete_batch = 256;
        options
    }

    /// Describes a store that accepts `If-None-Match` and lets everybody win.
    pub const fn everybody_wins() -> Self {
        Self::s3().with_create(Condition::Ignored)
    }

    /// Describes a store that accepts `If-Match` and does not look at it.
    pub const fn ignores_if_match() -> Self {
        Self::s3().with_update(Condition::Ignored).with_compare_and_delete(Condition::Ignored)
    }

    /// Describes a store whose client sends no conditions: they are `NotImplemented`.
    pub const fn without_conditions() -> Self {
        Self::s3()
            .with_create(Condition::NotImplemented)
            .with_update(Condition::NotImplemented)
            .with_compare_and_delete(Condition::NotImplemented)
    }

    /// Describes a store that lists in no order, as S3 Express and folders do.
    pub const fn unsorted() -> Self {
        let mut options = Self::s3();
        options.sorted = false;
        options
    }

    /// Sets what becomes of `PutMode::Create`. Default: honoured.
    pub const fn with_create(mut self, create: Condition) -> Self {
        self.create = create;
        self
    }

    /// Sets what becomes of `PutMode::Update`. Default: honoured.
    pub const fn with_update(mut self, update: Condition) -> Self {
        self.update = update;
        self
    }

    /// Sets what becomes of compare-and-delete. Default: honoured.
    pub const fn with_compare_and_delete(mut self, compare_and_delete: Condition) -> Self {
        self.compare_and_delete = compare_and_delete;
        self
    }

    /// Sets what `ETag`s are made of. Default: as the vendor's.
    pub const fn with_e_tags(mut self, e_tags: ETags) -> Self {
        self.e_tags = e_tags;
        self
    }

    /// Sets how deleting what is not there ends. Default: as at the vendor's.
    pub const fn with_delete_missing(mut self, delete_missing: DeleteMissing) -> Self {
        self.delete_missing = delete_missing;
        self
    }

    /// Sets how many names and common prefixes a page of a listing has; at least 1. Default: 1,000; Azure's 5,000.
    pub const fn with_page_size(mut self, page_size: usize) -> Self {
        self.page_size = if page_size == 0 { 1 } else { page_size };
        self
    }

    /// Sets how many names one request deletes; 1 means that there are no batches. Default: S3's 1,000, Azure's 256, GCS's 1.
    pub const fn with_delete_batch(mut self, delete_batch: usize) -> Self {
        self.delete_batch = if delete_batch == 0 { 1 } else { delete_batch };
        self
    }

    /// Sets the step of `Last-Modified`, which is cut down to it. Default: 1 s, as in HTTP's dates.
    pub const fn with_time_step(mut self, time_step: Duration) -> Self {
        self.time_step = time_step;
        self
    }
}
