//! A save that brings a deleted document back counts on the history that it has seen; others may have gone on with it, or removed it, before the document was there.

use truthound_stores_core::{DeleteOptions, ErrorKind, PutMode, Result, Store, random_u64};

use super::{ATTEMPTS, Saved};
use crate::draft::Draft;
use crate::find::Current;
use crate::head::Head;
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference, Removes};
use crate::store::VersionedStore;

impl<S: Store> VersionedStore<S> {
    /// Looks, once the document is there, whether the history still ends where it did. Costs the saves that bring a document back one read, and no other one.
    ///
    /// Whoever removes the history looks for the document after the mark was written: so one of the two sees the other.
    pub(super) async fn look_back(
        &self,
        place: &Place,
        end: &Head,
        draft: &Draft,
        saved: Saved,
    ) -> Result<Saved> {
        match refs::read(&self.inner, place, Kind::End, END).await? {
            Some((there, _)) if there.removes == Removes::Nothing && there.head.id == end.id => Ok(saved),
            // Somebody has saved and deleted it meanwhile.
            Some((there, _)) if there.removes == Removes::Nothing => {
                self.save_after(place, &there.head, draft, saved).await
            }
            // What it followed is gone, or goes just now: the history begins with it.
            _ => {
                self.begin_with(place, saved.facts.id.ordinal).await?;
                Ok(saved)
            }
        }
    }

    /// Makes a version anew, after those that were saved and deleted meanwhile.
    async fn save_after(&self, place: &Place, end: &Head, draft: &Draft, saved: Saved) -> Result<Saved> {
        let Some(record) = &draft.record else { return Ok(saved) };
        let over = saved.written.meta.revision.clone();
        let sheet = self.ground(place, MAIN, Some(end), Some(&over)).compose(draft, None)?;
        let facts = sheet.facts.clone();
        self.put_sheets(place, &[sheet]).await?;
        match self.put_current(record, &facts.head(), PutMode::Replace(over)).await {
            Ok(written) => {
                let first = place.version(saved.facts.id)?;
                drop(self.inner.delete_opts(&first, DeleteOptions::default()).await);
                Ok(Saved { written, facts })
            }
            // Somebody goes on from it already: then it stays as it is.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(saved),
            Err(error) => Err(error),
        }
    }

    /// Lets a history begin with a version, whoever has gone on from that one.
    async fn begin_with(&self, place: &Place, ordinal: u64) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let is_below = |head: &Head| head.floor < ordinal && ordinal <= head.id.ordinal;
            let answer = match self.current(place, true).await? {
                Current::Present(present) => {
                    match (present.head.as_ref().filter(|_| present.told), &present.body) {
                        (Some(head), Some(body)) if is_below(head) => {
                            let head = Head { floor: ordinal, ..head.clone() };
                            self.put_head(place, &present, body, &head).await
                        }
                        _ => return Ok(()),
                    }
                }
                Current::Absent { last: Some(last), .. } if is_below(&last) => {
                    match refs::read(&self.inner, place, Kind::End, END).await? {
                        Some((end, revision))
                            if end.removes == Removes::Nothing && end.head.id == last.id =>
                        {
                            let head = Head { floor: ordinal, ..last };
                            let end = Reference { head, nonce: random_u64(&*self.clock), ..end };
                            self.put_end(place, &end, Some(revision)).await.map(drop)
                        }
                        _ => continue,
                    }
                }
                _ => return Ok(()),
            };
            match answer {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                answer => answer?,
            }
        }
        Ok(())
    }
}
