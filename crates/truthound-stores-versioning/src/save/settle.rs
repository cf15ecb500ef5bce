//! What a conflict means for the versions that a save has written.

use truthound_stores_core::{DeleteOptions, Error, ErrorKind, Result, Store, Written};

use super::Saved;
use crate::envelope::Sheet;
use crate::facts::Facts;
use crate::find::Current;
use crate::head::Head;
use crate::place::Place;
use crate::store::VersionedStore;

/// What a conflict means for the versions that a save has written.
pub(super) enum Settled {
    /// They are in the history: the conflict was with our own write.
    Won(Box<Saved>),
    /// The last of them is not, and never will be: the line has gone on to this version.
    Lost(Head),
    /// Nobody can say; they stay.
    Unknown,
}

/// The error for a save that was done, and after which others saved before its answer was known to be lost.
pub(super) fn lost_answer(place: &Place, facts: &Facts) -> Error {
    let version = &facts.info.version;
    let why = format!(
        "the answer to the save was lost: it is version {version} of the history, and a newer one followed"
    );
    Error::new(ErrorKind::Timeout, why).retryable(false).at(&place.item)
}

impl<S: Store> VersionedStore<S> {
    /// Looks after a conflict whether it was one with our own write, whose answer was lost.
    pub(super) async fn settle(&self, place: &Place, sheet: &Sheet) -> Result<Settled> {
        let facts = &sheet.facts;
        let current = self.current(place, false).await?;
        let head = match (&current, current.head()) {
            (Current::Present(present), Some(head)) if present.told => head,
            // Somebody has written from outside since, and the next who saves may take ours for the latest.
            _ => return Ok(Settled::Unknown),
        };
        if head.id == facts.id {
            return Ok(match current {
                Current::Present(present) if !present.outside => Settled::Won(Box::new(Saved {
                    written: Written::new(present.meta, None),
                    facts: facts.clone(),
                })),
                _ => Settled::Unknown,
            });
        }
        if head.id.ordinal > facts.id.ordinal && self.reaches(place, head, facts).await? {
            return Err(lost_answer(place, facts));
        }
        Ok(if head.id.ordinal >= facts.id.ordinal { Settled::Lost(head.clone()) } else { Settled::Unknown })
    }

    /// Removes records of versions that cannot become part of the history any more. What stays is harmless.
    ///
    /// Somebody may have taken some of them for the latest, where no document told: those are part of it.
    pub(crate) async fn discard(&self, place: &Place, sheets: &[Sheet], head: &Head) {
        for sheet in sheets.iter().rev() {
            let (Ok(false), Ok(key)) =
                (self.reaches(place, head, &sheet.facts).await, place.version(sheet.facts.id))
            else {
                return;
            };
            drop(self.inner.delete_opts(&key, DeleteOptions::default()).await);
        }
    }
}
