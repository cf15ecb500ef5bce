//! What one operation finds and does under the names of its document.

use std::collections::BTreeMap;

use object_store::UpdateVersion;
use truthound_stores_core::{Result, random_u64};

use crate::bucket::Outcome;
use crate::document::closing::{closed_by, closing};
use crate::document::draft::Draft;
use crate::document::read::Found;
use crate::horizon::Moment;
use crate::suffix::search::{Search, Under};
use crate::write::Documents;
use crate::write::decide::{Look, Wish};
use crate::write::run::Job;

/// After so many lost races a writer waits before the next: those who lose together would lose together again.
const CROWDED: u32 = 2;

/// What was read last.
#[derive(Clone, Debug, Default)]
pub(super) struct Current {
    /// What a put over it is conditional on.
    pub(super) handle: Option<UpdateVersion>,
    /// The whole document, where it was read whole and is not damaged.
    pub(super) whole: Option<Found>,
}

/// What an operation has found and done under the names of its document.
#[derive(Default)]
pub(super) struct Ground {
    pub(super) search: Search,
    /// The last read of each name under which something was.
    pub(super) reads: BTreeMap<String, (Look, Current)>,
    /// The end of the name that the operation works on.
    pub(super) target: Option<String>,
    /// The draft for that name, if it is not the one of new documents.
    pub(super) moved: Option<Draft>,
}

impl Ground {
    /// Returns the closing that was read under a name last, if it is one.
    pub(super) fn closing(&self, suffix: &str) -> Option<UpdateVersion> {
        let is_closed = matches!(self.search.under(suffix), Some(Under::Closed { .. }));
        let read = self.reads.get(suffix).filter(|(look, _)| is_closed && look.seen.is_none());
        read.and_then(|(_, closing)| closing.handle.clone())
    }
}

/// How often an operation was in trouble.
#[derive(Default)]
pub(super) struct Trouble {
    pub(super) lost: u32,
    pub(super) unknown: u32,
}

impl Documents {
    /// Waits as what was answered to a put asks for.
    ///
    /// # Errors
    /// That of a put without an answer, when there is no patience left.
    pub(super) async fn after(&self, answer: Outcome, trouble: &mut Trouble, began: Moment) -> Result<()> {
        match answer {
            Outcome::Taken => {}
            Outcome::Lost => {
                trouble.lost += 1;
                if trouble.lost > CROWDED {
                    self.bucket.pause(trouble.lost - CROWDED, None).await;
                }
            }
            Outcome::Unknown(error) if !self.is_patient(&error, began) => return Err(error),
            Outcome::Unknown(error) => {
                trouble.unknown += 1;
                self.bucket.pause(trouble.unknown, Some(&error)).await;
            }
        }
        Ok(())
    }

    /// Reads what is under a name; gives it, unless that is nothing or a closing.
    pub(super) async fn read(
        &self,
        job: &Job,
        suffix: &str,
        ground: &mut Ground,
        now: Moment,
    ) -> Result<Option<(Look, Current)>> {
        let known = self.names.known();
        let path = self.path_under(&job.key, suffix)?;
        // A `Create` that is refused needs all of the document, for its row. Of several names most hold nothing, which a GET says alone.
        let searches = ground.target.as_deref() != Some(suffix) && !known.others().is_empty();
        let whole = job.wish == Wish::Create || searches;
        self.names.count(&known, suffix);
        let read = if whole { self.bucket.get(&path).await } else { self.bucket.head(&path).await }?;
        ground.reads.remove(suffix);
        let Some((fetched, handle)) = read else {
            ground.search.saw(suffix, Under::Nothing);
            return Ok(None);
        };
        if let Some(turn) = closed_by(&fetched.attributes) {
            ground.search.saw(suffix, Under::Closed { turn, checked: false });
            let closing = Current { handle: Some(handle), whole: None };
            ground.reads.insert(suffix.to_owned(), (Look { seen: None, at: now }, closing));
            return Ok(None);
        }
        let seen = self.form.look(&job.key, &fetched)?;
        ground.search.saw(suffix, if seen.deleted { Under::Mark } else { Under::Live });
        // One that is damaged can be replaced; only its row cannot be put.
        let opened = whole.then(|| self.form.open(&job.key, &fetched).ok());
        let found =
            (Look { seen: Some(seen), at: now }, Current { handle: Some(handle), whole: opened.flatten() });
        ground.reads.insert(suffix.to_owned(), found.clone());
        Ok(Some(found))
    }

    /// Closes a name to those who know less. If that was not taken, the name itself tells what is there.
    pub(super) async fn close(&self, job: &Job, suffix: &str, ground: &mut Ground) -> Result<Outcome> {
        let known = self.names.known();
        let path = self.path_under(&job.key, suffix)?;
        let object = closing(known.turn(), random_u64(self.bucket.clock()));
        self.names.count(&known, suffix);
        let answer = match ground.closing(suffix) {
            None => self.bucket.create(&path, &object).await?,
            Some(older) => self.bucket.replace_if(&path, &object, &older).await?,
        };
        ground.reads.remove(suffix);
        if matches!(answer, Outcome::Taken) {
            ground.search.saw(suffix, Under::Closed { turn: known.turn(), checked: true });
        } else {
            ground.search.was_refused(suffix);
        }
        Ok(answer)
    }
}
