//! Walks a history from its latest version back. What no walk reaches is no version.

use truthound_stores_core::{Error, RecordMeta, Result, Store};

use crate::facts::Facts;
use crate::head::Head;
use crate::number::VersionId;
use crate::place::Place;
use crate::refs::{self, Kind};
use crate::store::VersionedStore;

/// The most descriptions that are asked for at a time: the page size for looking through all versions of an item.
pub(crate) const LARGEST_PAGE: usize = 10_000;

/// Reads a version's id off its record's name.
pub(crate) fn id_of(meta: &RecordMeta) -> Option<VersionId> {
    meta.key.id().split_once('-').and_then(|(_, id)| id.parse().ok())
}

impl<S: Store> VersionedStore<S> {
    /// Shows `visit` the versions from `from` back to the oldest that is kept, until it answers false. `hint` is how many are likely wanted.
    ///
    /// # Errors
    /// `Corrupt` if a version that should be there is missing or damaged.
    pub(crate) async fn walk(
        &self,
        place: &Place,
        from: &Head,
        hint: usize,
        mut visit: impl FnMut(Facts) -> bool + Send,
    ) -> Result<()> {
        let query = place.versions(from.id.ordinal)?.with_page_size(hint.clamp(1, LARGEST_PAGE));
        let (mut wanted, mut after, mut damage) = (from.id, None, None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            damage = damage.or(page.damaged.into_iter().next());
            for meta in &page.metas {
                match id_of(meta) {
                    Some(id) if id == wanted => {}
                    // Records of other branches, and of saves that failed.
                    Some(id) if id.ordinal >= wanted.ordinal => continue,
                    _ => return self.missing(place, wanted, damage).await,
                }
                let facts = Facts::of(place, meta)?;
                let parent = facts.parent;
                if !visit(facts) {
                    return Ok(());
                }
                match parent {
                    // What lies below the floor is no part of the history, though it may not be gone yet.
                    Some(parent) if parent.ordinal >= from.floor => wanted = parent,
                    _ => return Ok(()),
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return self.missing(place, wanted, damage).await,
            }
        }
    }

    /// Tells whether a version is part of the history that ends with `head`.
    ///
    /// Where it and the one after it stand alone at their places in the order, that is read off these two; else off the whole way.
    pub(crate) async fn reaches(&self, place: &Place, head: &Head, facts: &Facts) -> Result<bool> {
        let at = facts.id.ordinal;
        if facts.id == head.id || at >= head.id.ordinal || at < head.floor {
            return Ok(facts.id == head.id);
        }
        let around = self.inner.list_page(&place.versions_between(at, at + 1)?, None).await?;
        if let (true, true, [after, own]) =
            (around.next.is_none(), around.damaged.is_empty(), around.metas.as_slice())
            && id_of(own) == Some(facts.id)
            && id_of(after)
                .is_some_and(|id| id.ordinal == at + 1 && (at + 1 < head.id.ordinal || id == head.id))
        {
            return Ok(Facts::of(place, after)?.parent == Some(facts.id));
        }
        self.leads_to(place, head, facts.id).await
    }

    /// Tells whether a version is part of the history that ends with `head`, by walking it; whatever became of the record of that version.
    pub(crate) async fn leads_to(&self, place: &Place, head: &Head, wanted: VersionId) -> Result<bool> {
        let mut found = false;
        self.walk(place, head, LARGEST_PAGE, |passed| {
            found = passed.id == wanted;
            !found && passed.id.ordinal > wanted.ordinal
        })
        .await?;
        Ok(found)
    }

    /// Judges a version that is not there: it may have been cleaned up since its line was read.
    async fn missing(&self, place: &Place, wanted: VersionId, damage: Option<Error>) -> Result<()> {
        match (self.lost(place, wanted).await?, damage) {
            (None, _) => Ok(()),
            (Some(error), Some(cause)) => Err(error.caused_by(cause)),
            (Some(error), None) => Err(error),
        }
    }

    /// Judges a record that is not there: none if a line says by now that it was cleaned up; else the error that tells of it.
    pub(crate) async fn lost(&self, place: &Place, wanted: VersionId) -> Result<Option<Error>> {
        let main = self.line(place, None).await?;
        let raised = |head: &Head| head.id.ordinal > wanted.ordinal && head.floor > wanted.ordinal;
        if main.as_ref().is_some_and(raised) {
            return Ok(None);
        }
        let branches = refs::all(&self.inner, place).await?;
        if branches.iter().any(|found| found.kind == Kind::Branch && raised(&found.head)) {
            return Ok(None);
        }
        let error = Error::corrupt(format!("the history lacks its version of ordinal {}", wanted.ordinal));
        Ok(Some(error.at(&place.item).with("record", wanted.to_string())))
    }
}
