//! How many records a plan keeps, and what becomes of the others.

use crate::{Protection, Reason, RetentionAction};

/// Counts records and what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amount {
    /// How many records.
    pub records: u64,
    /// What they take in the store, in bytes.
    pub bytes: u64,
}

impl Amount {
    pub(crate) fn add(&mut self, bytes: u64) {
        self.records += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Counts the records that a plan is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanTotals {
    /// All records that could be read.
    pub scanned: u64,
    /// Those that could not be read, and are kept.
    pub damaged: u64,
    /// Those that would be deleted.
    pub delete: Amount,
    /// Those that would be archived.
    pub archive: Amount,
    /// Those that would be put in quarantine.
    pub quarantine: Amount,
    /// Those that policies want gone, and that a tag holds.
    pub held: u64,
    /// Those that policies want gone, and that were saved within the grace period.
    pub in_grace: u64,
    /// Those that policies want gone, and that are the latest of their asset.
    pub latest: u64,
    /// Those whose asset is excluded, however old they are, and whatever the policies would want.
    pub excluded: u64,
}

impl PlanTotals {
    /// Returns how many records go.
    pub fn removed(&self) -> u64 {
        self.delete.records + self.archive.records + self.quarantine.records
    }

    /// Returns how many records that could be read stay.
    pub fn kept(&self) -> u64 {
        self.scanned.saturating_sub(self.removed())
    }

    /// Returns what would be done so often.
    pub fn of(&self, action: RetentionAction) -> Amount {
        match action {
            RetentionAction::Delete => self.delete,
            RetentionAction::Archive => self.archive,
            RetentionAction::Quarantine => self.quarantine,
        }
    }

    pub(super) fn remove(&mut self, action: RetentionAction, bytes: u64) {
        match action {
            RetentionAction::Delete => self.delete.add(bytes),
            RetentionAction::Archive => self.archive.add(bytes),
            RetentionAction::Quarantine => self.quarantine.add(bytes),
        }
    }

    pub(super) fn protect(&mut self, protection: &Protection, reasons: &[Reason]) {
        match protection {
            Protection::Excluded => self.excluded += 1,
            _ if reasons.is_empty() => {}
            Protection::Held { .. } => self.held += 1,
            Protection::Grace { .. } => self.in_grace += 1,
            Protection::Latest => self.latest += 1,
        }
    }
}
