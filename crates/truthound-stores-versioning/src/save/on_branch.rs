//! Saves on a branch: the commit is the compare-and-swap of the branch's record.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, GetOptions, PutOptions, Record, RecordMeta, Result, Store, Written,
};

use super::settle::lost_answer;
use super::{ATTEMPTS, Saved, busy};
use crate::chain::LARGEST_PAGE;
use crate::draft::Draft;
use crate::facts::Facts;
use crate::find::no_branch;
use crate::number::Before;
use crate::place::Place;
use crate::refs::{self, Kind, Reference};
use crate::store::VersionedStore;
use crate::terms::{Terms, check_branch_mode, check_head};

impl<S: Store> VersionedStore<S> {
    pub(super) async fn commit_branch(
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
            if self.removal(place).await?.is_some() {
                return Err(no_branch(place, branch));
            }
            check_branch_mode(place, &terms.mode, &revision)?;
            self.check_expected(place, draft.options.expected_version.as_deref(), true, Some(&known.head))
                .await?;
            check_head(place, terms.head, Some(&known.head))?;
            let previous = if self.config.track_changes {
                let facts = self.facts(place, known.head.id).await?;
                Some(self.content(place, &facts).await?.body)
            } else {
                None
            };
            let before = self.before_on(place, branch, &known).await?;
            let sheet = self.ground(place, branch, Some(&known.head), None).compose_after(
                Some(&before),
                draft,
                previous.as_ref(),
            )?;
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
                    if let Some(written) = self.settle_branch(place, branch, &facts).await? {
                        return Ok(Saved { written: of_item(place, record, written), facts });
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(busy(place))
    }

    /// Finds the numbers from which a branch counts on. One that was made again counts beyond what the one before it has left: labels, and content that others share,
    /// keep versions whose names nobody else may get.
    async fn before_on(&self, place: &Place, branch: &str, known: &Reference) -> Result<Before> {
        let mut before = Before::from(&known.head);
        if known.head.id.ordinal != known.base {
            return Ok(before);
        }
        let query = place.versions_between(known.base.saturating_add(1), u64::MAX)?;
        let (query, mut after) = (query.with_page_size(LARGEST_PAGE), None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            for facts in page.metas.iter().filter_map(|meta| Facts::of(place, meta).ok()) {
                if facts.info.branch == branch {
                    before.ordinal = before.ordinal.max(facts.id.ordinal);
                    before.created_at = before.created_at.max(facts.info.created_at);
                    before.semantic = before.semantic.max(facts.semantic);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(before),
            }
        }
    }

    /// Looks after a conflict whether it was one with our own write, whose answer was lost; else the record goes that nothing can lead to any more.
    async fn settle_branch(&self, place: &Place, branch: &str, facts: &Facts) -> Result<Option<Written>> {
        let key = place.reference(Kind::Branch.as_str(), branch)?;
        let now = match self.inner.get_opts(&key, GetOptions::meta_only()).await {
            Ok(stored) => Some((Reference::of(place, &stored.meta)?, stored.meta)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some((now, meta)) = now {
            if now.head.id == facts.id {
                return Ok(Some(Written::new(meta, None)));
            }
            if self.reaches(place, &now.head, facts).await? {
                return Err(lost_answer(place, facts));
            }
        }
        // Somebody may have given it a label, or merged it, before the branch went.
        let main = match self.line(place, None).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            main => main?,
        };
        if !self.is_reached(place, main.as_ref(), facts, None).await? {
            drop(self.inner.delete_opts(&place.version(facts.id)?, DeleteOptions::default()).await);
        }
        Ok(None)
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
