//! The choices of an import.

use truthound_stores_core::{Error, OnConflict, Result};

use super::note::VersionNote;
use crate::config::VersioningMode;

/// Holds the choices of [`import`](crate::VersionedStore::import).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportOptions {
    /// What becomes of an item that this store has with another history: refuse (it is reported) or keep (this store's stays, and that is well). Two histories
    /// cannot be made one, so overwrite is refused. Default: refuse.
    pub on_conflict: OnConflict,
    /// Say what would be done, and write nothing. Default: false.
    pub dry_run: bool,
    /// How Truthound numbered the versions. Default: what the numbers say; those of the modes incremental and git-like are alike, and are read as this store's
    /// own mode where it is one of these.
    pub mode: Option<VersioningMode>,
    /// What is known of Truthound's versions beside their documents. Default: nothing.
    pub notes: Vec<VersionNote>,
    /// How many items are worked on at once, 1 to 1,024. Default: 16.
    pub concurrency: usize,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            on_conflict: OnConflict::Refuse,
            dry_run: false,
            mode: None,
            notes: Vec::new(),
            concurrency: 16,
        }
    }
}

impl ImportOptions {
    /// Begins with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what becomes of an item that this store has with another history.
    #[must_use]
    pub fn with_on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = on_conflict;
        self
    }

    /// Sets whether to say what would be done, and to write nothing.
    #[must_use]
    pub fn with_dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Says how Truthound numbered the versions.
    #[must_use]
    pub fn with_mode(mut self, mode: VersioningMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Says what is known of Truthound's versions beside their documents.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<VersionNote>) -> Self {
        self.notes = notes;
        self
    }

    /// Sets how many items are worked on at once.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// `Invalid`, naming the option.
    pub(super) fn validate(&self) -> Result<()> {
        if self.on_conflict == OnConflict::Overwrite {
            return Err(Error::invalid(
                "on_conflict is overwrite: a history is not written over another one; choose refuse or keep, or purge the item first",
            ));
        }
        if !(1..=1024).contains(&self.concurrency) {
            return Err(Error::invalid(format!("concurrency is {}: it must be 1 to 1024", self.concurrency)));
        }
        Ok(())
    }
}
