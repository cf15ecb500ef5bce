//! Saves on a branch: the commit is the compare-and-swap of the branch's record.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, PutOptions, Record, RecordMeta, Result, Store, Written,
};

use super::{ATTEMPTS, Saved, busy};
use crate::draft::Draft;
use crate::find::no_branch;
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
