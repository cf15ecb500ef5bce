//! Saves versions: the version's own record first, under a name of its own, then the current document or the branch by compare-and-swap.

mod after_end;
mod on_branch;
mod outside;
mod settle;

use futures_util::lock::MutexGuard;
use truthound_stores_core::{
    Error, ErrorKind, PutMode, PutOptions, Record, Result, Revision, Store, Written, random_u64,
};

use crate::draft::{Draft, Ground};
use crate::envelope::Sheet;
use crate::facts::Facts;
use crate::find::Current;
use crate::head::{self, Head};
use crate::number::MAIN;
use crate::place::Place;
use crate::store::VersionedStore;
use crate::terms::{Terms, check_head, check_mode};
use settle::Settled;

/// How often a save begins anew because somebody else was first. Each time somebody's save has succeeded.
const ATTEMPTS: usize = 100;

/// A save that was done.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) written: Written,
    pub(crate) facts: Facts,
}

impl<S: Store> VersionedStore<S> {
    /// Saves a version on the line that the draft's options name.
    pub(crate) async fn commit(&self, place: &Place, draft: &Draft, terms: &Terms) -> Result<Saved> {
        draft.check(&self.config)?;
        if let Some(record) = &draft.record {
            record.validate()?;
        }
        self.check_abilities()?;
        let _turn = self.turn(place).await;
        let branch = draft.options.branch.as_deref().unwrap_or(MAIN);
        if branch == MAIN {
            return self.commit_main(place, draft, terms).await;
        }
        self.check_branching()?;
        self.commit_branch(place, branch, draft, terms).await
    }

    /// Waits until this handle's other saves of the item are done: they would only be in each other's way.
    pub(crate) async fn turn(&self, place: &Place) -> MutexGuard<'_, ()> {
        let digits = place.digest.get(..3).and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let at = digits.unwrap_or_default() % self.turns.len();
        // The remainder is within the bounds; the first turn stands in for one that cannot be missing.
        self.turns.get(at).unwrap_or(&self.spare).lock().await
    }

    pub(crate) fn ground<'a>(
        &'a self,
        place: &'a Place,
        branch: &'a str,
        base: Option<&'a Head>,
        over: Option<&'a Revision>,
    ) -> Ground<'a> {
        Ground {
            config: &self.config,
            place,
            branch,
            base,
            over,
            reading: &self.reading,
            now: self.clock.now(),
            nonce: random_u64(&*self.clock),
        }
    }

    async fn commit_main(&self, place: &Place, draft: &Draft, terms: &Terms) -> Result<Saved> {
        let record = draft.record.as_ref().ok_or_else(|| Error::invalid("a save needs a document"))?;
        for _ in 0..ATTEMPTS {
            let mut current = self.current(place, self.config.track_changes).await?;
            check_mode(place, &terms.mode, &current)?;
            self.load_outside(place, &mut current).await?;
            let outside =
                matches!(&current, Current::Present(present) if present.outside && present.body.is_some());
            if outside && (draft.options.expected_version.is_some() || terms.head.is_some()) {
                // Who counts on a version has not seen what came from outside: it becomes a version, and the numbers tell.
                self.adopt(place, &current).await?;
                continue;
            }
            self.check_expected(
                place,
                draft.options.expected_version.as_deref(),
                current.exists(),
                current.head(),
            )
            .await?;
            check_head(place, terms.head, current.head())?;
            if let Current::Absent { removal: Some(removal), .. } = &current {
                // What was removed is gone before anything new is there: else its labels would name it again.
                self.finish(place, removal).await?;
                continue;
            }
            let sheets = self.sheets(place, &current, draft).await?;
            let Some(sheet) = sheets.last() else { continue };
            let mode = match (&current, &terms.mode) {
                (Current::Absent { .. }, _) => PutMode::Create,
                (Current::Present(present), _) => PutMode::Replace(present.meta.revision.clone()),
                // Nobody can say what is replaced: it is lost already.
                (Current::Damaged { .. }, mode) => mode.clone(),
            };
            self.put_sheets(place, &sheets).await?;
            match self.put_current(record, &sheet.facts.head(), mode).await {
                Ok(written) => {
                    let saved = Saved { written, facts: sheet.facts.clone() };
                    let saved = match &current {
                        Current::Absent { last: Some(end), .. } => {
                            self.look_back(place, end, draft, saved).await?
                        }
                        _ => saved,
                    };
                    self.after(place, &saved.facts.head()).await;
                    return Ok(saved);
                }
                Err(error) if error.kind() == ErrorKind::Conflict => match self.settle(place, sheet).await? {
                    Settled::Won(saved) => return Ok(*saved),
                    Settled::Lost(head) => self.discard(place, &sheets, &head).await,
                    Settled::Unknown => {}
                },
                // It may have been done; what is not reached is no version.
                Err(error) => return Err(error),
            }
        }
        Err(busy(place))
    }

    /// Decides what versions a save makes: those of what was found, and its own.
    async fn sheets(&self, place: &Place, current: &Current, draft: &Draft) -> Result<Vec<Sheet>> {
        let mut sheets = self.found(place, current).await?;
        let previous = match current {
            Current::Present(present) => present.body.as_ref(),
            _ => None,
        };
        let found = sheets.last().map(|sheet| sheet.facts.head());
        let base = found.as_ref().or(current.head());
        sheets.push(self.ground(place, MAIN, base, current.revision()).compose(draft, previous)?);
        Ok(sheets)
    }

    /// Writes the records of versions. Nobody sees them yet.
    pub(crate) async fn put_sheets(&self, place: &Place, sheets: &[Sheet]) -> Result<()> {
        for sheet in sheets {
            self.inner.put_opts(sheet.to_record(place)?, PutOptions::create()).await.map_err(|error| {
                // The name is its own: whoever has it already is an earlier attempt of the same call.
                let unsure = error.kind() == ErrorKind::Conflict;
                if unsure { error.with_kind(ErrorKind::Timeout).retryable(false) } else { error }
            })?;
        }
        Ok(())
    }

    /// Writes the current document, which names its version.
    pub(crate) async fn put_current(&self, record: &Record, head: &Head, mode: PutMode) -> Result<Written> {
        let mut current = record.clone();
        head::write(&mut current.attributes.ext, head)?;
        let mut written = self.inner.put_opts(current, PutOptions::default().with_mode(mode)).await?;
        written.meta.attributes = record.attributes.clone();
        Ok(written)
    }

    /// Cleans up after a save. The save is done, whatever becomes of that: the next one cleans up what is left.
    async fn after(&self, place: &Place, head: &Head) {
        if self.config.auto_cleanup && head.floor > 1 {
            drop(self.clear_below(place, head).await);
        }
    }
}

fn busy(place: &Place) -> Error {
    Error::new(
        ErrorKind::Overloaded,
        format!("others saved the document first, {ATTEMPTS} times in a row: try again later"),
    )
    .at(&place.item)
}
