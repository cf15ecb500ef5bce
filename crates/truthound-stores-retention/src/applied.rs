//! What was done.

use truthound_stores_core::{Error, ErrorKind};

use crate::plan::Amount;
use crate::{PlanTotals, RetentionAction};

/// How many errors are kept; all are counted.
const ERRORS: usize = 1_000;

/// Says what was done: numbers are of what happened, not of what was planned.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Applied {
    /// Records that were deleted: moved to where they can be restored for the grace period, or gone at once if there is none. The bytes are
    /// what they took in the store.
    pub deleted: Amount,
    /// Records that were moved to the archive.
    pub archived: Amount,
    /// Records that were moved to quarantine.
    pub quarantined: Amount,
    /// Records that were left alone because they had changed since they were planned.
    pub changed: u64,
    /// Records that were gone already.
    pub gone: u64,
    /// Records that could not be moved or deleted, and damaged ones that were met. They are where they were, unless their error is a
    /// `Timeout`: then nobody knows.
    pub failed: u64,
    /// The errors of those, the first thousand.
    pub errors: Vec<Error>,
    /// Deleted records whose grace period was over, and that are gone for good now.
    pub purged: Amount,
    /// What the plan was about, where it was made by the same call.
    pub planned: Option<PlanTotals>,
}

impl Applied {
    /// Returns how many records left the collection.
    pub fn removed(&self) -> u64 {
        self.deleted.records + self.archived.records + self.quarantined.records
    }

    /// Adds to an error what had been done before it: what happened is said however it ended.
    pub(crate) fn told(&self, error: Error) -> Error {
        let done = [
            ("deleted", self.deleted.records),
            ("archived", self.archived.records),
            ("quarantined", self.quarantined.records),
            ("purged", self.purged.records),
        ];
        let some = done.into_iter().filter(|(_, records)| *records > 0);
        some.fold(error, |error, (what, records)| error.with(what, records.to_string()))
    }

    pub(crate) fn done(&mut self, action: RetentionAction, bytes: u64) {
        match action {
            RetentionAction::Delete => self.deleted.add(bytes),
            RetentionAction::Archive => self.archived.add(bytes),
            RetentionAction::Quarantine => self.quarantined.add(bytes),
        }
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.failed += 1;
        if self.errors.len() < ERRORS {
            self.errors.push(error);
        }
    }

    /// Counts what became of a record that was to leave the collection.
    pub(crate) fn left(
        &mut self,
        action: RetentionAction,
        bytes: u64,
        outcome: truthound_stores_core::Result<bool>,
    ) {
        match outcome {
            Ok(true) => self.done(action, bytes),
            Ok(false) => self.gone += 1,
            Err(error) => match error.kind() {
                ErrorKind::Conflict => self.changed += 1,
                ErrorKind::NotFound => self.gone += 1,
                _ => self.fail(error),
            },
        }
    }
}

/// Says what was restored.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Restored {
    /// Records that are back.
    pub restored: Amount,
    /// Records that could not be restored; they are where they were.
    pub failed: u64,
    /// The errors of those, the first thousand.
    pub errors: Vec<Error>,
}

impl Restored {
    pub(crate) fn take(&mut self, outcome: truthound_stores_core::Result<u64>) {
        match outcome {
            Ok(bytes) => self.restored.add(bytes),
            Err(error) => {
                self.failed += 1;
                if self.errors.len() < ERRORS {
                    self.errors.push(error);
                }
            }
        }
    }
}
