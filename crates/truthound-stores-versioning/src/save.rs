//! Saves versions: the version's own record first, under a name of its own, then the current document or the branch by compare-and-swap.

use futures_util::lock::MutexGuard;
use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, PutMode, PutOptions, Record, RecordMeta, Result, Revision, Store,
    Written, random_u64,
};

use crate::draft::{Draft, Ground};
use crate::envelope::Sheet;
use crate::facts::Facts;
use crate::find::{Current, no_branch};
use crate::head::{self, Head};
use crate::info::Origin;
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, Kind, Reference};
use crate::store::VersionedStore;
use crate::terms::{Terms, check_branch_mode, check_expected, check_head, check_mode};

/// How often a save begins anew because somebody else was first. Each time somebody's save has succeeded.
const ATTEMPTS: usize = 100;

/// A save that was done.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) written: Written,
    pub(crate) facts: Facts,
}

/// What a conflict means for the versions that a save has written.
enum Settled {
    /// They are in the history: the conflict was with our own write.
    Won(Box<Saved>),
    /// The last of them is not, and never will be: the line has gone on to this version.
    Lost(Head),
    /// Nobody can say; they stay.
    Unknown,
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
            check_expected(
                place,
                draft.options.expected_version.as_deref(),
                current.exists(),
                current.head(),
            )?;
            check_head(place, terms.head, current.head())?;
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
                    let facts = sheet.facts.clone();
                    self.after(place, &facts.head()).await;
                    return Ok(Saved { written, facts });
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

    /// Decides what becomes of a document that was written from outside: a version, after those of which nobody knows any more which was the latest.
    pub(crate) async fn found(&self, place: &Place, current: &Current) -> Result<Vec<Sheet>> {
        let mut sheets: Vec<Sheet> = Vec::new();
        let Current::Present(present) = current else { return Ok(sheets) };
        let Some(body) = present.body.as_ref().filter(|_| present.outside) else { return Ok(sheets) };
        let mut drafts = Vec::new();
        for rival in present.rivals.iter().rev() {
            match self.content(place, rival).await {
                Ok(record) => {
                    let mut options = crate::SaveOptions::new();
                    options.message.clone_from(&rival.info.message);
                    options.author.clone_from(&rival.info.created_by);
                    options.metadata.clone_from(&rival.info.metadata);
                    drafts.push(Draft::new(rival.info.origin, Some(record), options));
                }
                // It was a deletion, or its writer has lost and taken it back.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {}
                Err(error) => return Err(error),
            }
        }
        let record = Record::new(place.item.clone(), present.meta.attributes.clone(), body.clone());
        drafts.push(Draft::new(Origin::Outside, Some(record), crate::SaveOptions::new()));
        for draft in drafts {
            let last = sheets.last().map(|sheet| sheet.facts.head());
            let ground = self.ground(
                place,
                MAIN,
                last.as_ref().or(present.head.as_ref()),
                Some(&present.meta.revision),
            );
            sheets.push(ground.compose(&draft, None)?);
        }
        Ok(sheets)
    }

    /// Reads the document that came from outside, if it was not read yet.
    pub(crate) async fn load_outside(&self, place: &Place, current: &mut Current) -> Result<()> {
        let unread =
            matches!(&*current, Current::Present(present) if present.outside && present.body.is_none());
        if unread && !self.config.track_changes {
            *current = self.current(place, true).await?;
        }
        Ok(())
    }

    /// Makes a version of what came from outside, and lets the document name it.
    pub(crate) async fn adopt(&self, place: &Place, current: &Current) -> Result<()> {
        let Current::Present(present) = current else { return Ok(()) };
        let Some(body) = &present.body else { return Ok(()) };
        let sheets = self.found(place, current).await?;
        let Some(sheet) = sheets.last() else { return Ok(()) };
        let record = Record::new(place.item.clone(), present.meta.attributes.clone(), body.clone());
        self.put_sheets(place, &sheets).await?;
        let mode = PutMode::Replace(present.meta.revision.clone());
        match self.put_current(&record, &sheet.facts.head(), mode).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                if let Settled::Lost(head) = self.settle(place, sheet).await? {
                    self.discard(place, &sheets, &head).await;
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
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

    /// Looks after a conflict whether it was one with our own write, whose answer was lost.
    async fn settle(&self, place: &Place, sheet: &Sheet) -> Result<Settled> {
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
            return Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the answer to the save was lost: it is version {} of the history, and a newer one followed",
                    facts.info.version
                ),
            )
            .retryable(false)
            .at(&place.item));
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

    /// Cleans up after a save. The save is done, whatever becomes of that: the next one cleans up what is left.
    async fn after(&self, place: &Place, head: &Head) {
        if self.config.auto_cleanup && head.floor > 1 {
            drop(self.clear_below(place, head).await);
        }
    }

    async fn commit_branch(
        &self,
        place: &Place,
        branch: &str,
        draft: &Draft,
        terms: &Terms,
    ) -> Result<Saved> {
        let record = draft.record.as_ref().ok_or_else(|| Error::invalid("a save needs a document"))?;
        refs::check_name(Kind::Branch, branch)?;
        for _ in 0..ATTEMPTS {
            let found = refs::read(&self.inner, place, Kind::Branch, branch).await?;
            let (known, revision) = found.ok_or_else(|| no_branch(place, branch))?;
            check_branch_mode(place, &terms.mode, &revision)?;
            check_expected(place, draft.options.expected_version.as_deref(), true, Some(&known.head))?;
            check_head(place, terms.head, Some(&known.head))?;
            let previous = if self.config.track_changes {
                let facts = self.facts(place, known.head.id).await?;
                Some(self.content(place, &facts).await?.body)
            } else {
                None
            };
            let sheet =
                self.ground(place, branch, Some(&known.head), None).compose(draft, previous.as_ref())?;
            let facts = sheet.facts.clone();
            let sheets = [sheet];
            self.put_sheets(place, &sheets).await?;
            let moved = Reference { head: facts.head(), ..known };
            match self.inner.put_opts(moved.to_record(place)?, PutOptions::replace(revision)).await {
                Ok(written) => {
                    self.after(place, &moved.head).await;
                    return Ok(Saved { written: of_item(place, record, written), facts });
                }
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    let now = refs::read(&self.inner, place, Kind::Branch, branch).await?;
                    if now.as_ref().is_none_or(|(now, _)| {
                        now.head.id.ordinal <= facts.id.ordinal && now.head.id != facts.id
                    }) {
                        drop(
                            self.inner.delete_opts(&place.version(facts.id)?, DeleteOptions::default()).await,
                        );
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(busy(place))
    }
}

/// Describes a document that was saved on a branch: its revision is the branch's.
fn of_item(place: &Place, record: &Record, written: Written) -> Written {
    let meta = written.meta;
    let meta = RecordMeta::new(
        place.item.clone(),
        record.attributes.clone(),
        meta.revision,
        record.body.as_bytes().len() as u64,
        record.body.checksum(),
        meta.saved_at,
    );
    Written::new(meta, written.replaced)
}

fn busy(place: &Place) -> Error {
    Error::new(
        ErrorKind::Overloaded,
        format!("others saved the document first, {ATTEMPTS} times in a row: try again later"),
    )
    .at(&place.item)
}
