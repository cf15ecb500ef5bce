//! Deletes documents, and says what becomes of their history.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, PutOptions, Result, Revision, Store, random_u64,
};

use crate::config::DeletedHistory;
use crate::draft::Draft;
use crate::find::Current;
use crate::info::Origin;
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference, Removes};
use crate::request::SaveOptions;
use crate::store::VersionedStore;

/// How often a delete begins anew because somebody saved meanwhile.
pub(crate) const ATTEMPTS: usize = 100;

impl<S: Store> VersionedStore<S> {
    /// Deletes a document and answers whether there was one; `options` say who and why.
    ///
    /// By [`deleted_history`](crate::VersioningConfig::deleted_history) its history is kept, with the deletion as its latest version, or goes with it. Without an
    /// [`expected_version`](SaveOptions::expected_version), what others save meanwhile is deleted, too.
    ///
    /// # Errors
    /// As for [`Store::delete_opts`]; [`Conflict`](ErrorKind::Conflict) also if another version than
    /// [`expected_version`](SaveOptions::expected_version) is the latest: of those who expect the same one, one wins, and a document that another program has
    /// written since is no version that anybody expects.
    ///
    /// # Cancel safety
    /// Done or not done. Of a history that goes with its document, records may be left that nobody sees: the next save of the id, delete, [`purge`](Self::purge)
    /// or `maintain` removes them.
    pub async fn delete(&self, key: &truthound_stores_core::Key, options: SaveOptions) -> Result<bool> {
        self.delete_item(&Place::of(key), &DeleteOptions::default(), options).await
    }

    pub(crate) async fn delete_item(
        &self,
        place: &Place,
        opts: &DeleteOptions,
        options: SaveOptions,
    ) -> Result<bool> {
        options.validate()?;
        self.check_abilities()?;
        let _turn = self.turn(place).await;
        // What this call has written where the history ends.
        let mut own: Option<Revision> = None;
        let answer = self.delete_as_found(place, opts, &options, &mut own).await;
        if let (Err(error), Some(mark), DeletedHistory::Remove) = (&answer, own, self.config.deleted_history)
            && matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::Overloaded)
        {
            // The document stays. After other errors it may be gone: then whoever comes next needs the mark.
            self.take_back(place, mark).await;
        }
        answer
    }

    async fn delete_as_found(
        &self,
        place: &Place,
        opts: &DeleteOptions,
        options: &SaveOptions,
        own: &mut Option<Revision>,
    ) -> Result<bool> {
        for _ in 0..ATTEMPTS {
            // Read before the document: who has written an end since may know of a newer version than ours, and ours must not hide it.
            let known = refs::read(&self.inner, place, Kind::End, END).await?.map(|(_, revision)| revision);
            let mut current = self.current(place, false).await?;
            if let Current::Absent { removal, .. } = &current {
                if let Some(removal) = removal {
                    self.finish(place, removal).await?;
                }
                // It was this call's own delete, if its answer was lost.
                return Ok(own.is_some() && *own == known);
            }
            if let (Some(wanted), Current::Present(present)) = (opts.revision_of(&place.item), &current)
                && present.meta.revision != *wanted
            {
                return Err(Error::new(ErrorKind::Conflict, "the document is another revision by now")
                    .at(&place.item));
            }
            let keeps = self.config.deleted_history == DeletedHistory::Keep;
            let outside = matches!(&current, Current::Present(present) if present.outside);
            if outside && (keeps || options.expected_version.is_some()) {
                current = self.current(place, true).await?;
            }
            if options.expected_version.is_some()
                && matches!(&current, Current::Present(present) if present.outside && present.body.is_some())
            {
                // Who counts on a version has not seen what came from outside: it becomes a version, and the numbers tell.
                self.adopt(place, &current).await?;
                continue;
            }
            self.check_expected(place, options.expected_version.as_deref(), current.exists(), current.head())
                .await?;
            let written = match current.shown().or(current.head()) {
                _ if keeps => Some(self.end(place, &current, known, options).await?),
                Some(head) => Some(self.mark(place, head, known).await?),
                // There is no version: only the document goes.
                None => None,
            };
            match &written {
                Some(None) => continue,
                Some(mark) => own.clone_from(mark),
                None => {}
            }
            let revision = match &current {
                Current::Present(present) => Some(present.meta.revision.clone()),
                _ => opts.revision_of(&place.item).cloned(),
            };
            let only = revision.map_or_else(DeleteOptions::default, DeleteOptions::if_revision);
            match self.inner.delete_opts(&place.item, only).await {
                Err(error)
                    if error.kind() == ErrorKind::Conflict && opts.revision_of(&place.item).is_none() => {}
                Ok(found) if !keeps && written.is_some() => {
                    if let Some(removal) = self.removal(place).await? {
                        self.finish(place, &removal).await?;
                    }
                    return Ok(found);
                }
                answer => return answer,
            }
        }
        Err(Error::new(
            ErrorKind::Overloaded,
            "others saved the document while it was to be deleted: try again later",
        )
        .at(&place.item))
    }

    /// Writes the deletion as a version, then where the history ends; answers none if somebody else wrote an end meanwhile.
    ///
    /// Whoever finds the document still there heeds no end; so none of this is taken back where the delete fails.
    async fn end(
        &self,
        place: &Place,
        current: &Current,
        known: Option<Revision>,
        options: &SaveOptions,
    ) -> Result<Option<Revision>> {
        let mut options = options.clone();
        options.message.get_or_insert_with(|| "deleted".to_owned());
        let mut sheets = self.found(place, current).await?;
        let found = sheets.last().map(|sheet| sheet.facts.head());
        let base = found.as_ref().or(current.head());
        let sheet = self
            .ground(place, MAIN, base, current.revision())
            .compose(&Draft::new(Origin::Deletion, None, options), None)?;
        let head = sheet.facts.head();
        let created_at = sheet.facts.info.created_at;
        sheets.push(sheet);
        self.put_sheets(place, &sheets).await?;
        let end = Reference::end(head, created_at, random_u64(&*self.clock), Removes::Nothing);
        self.put_end(place, &end, known).await
    }

    /// Writes where a history ends over what was read there; answers none if somebody else has written meanwhile.
    pub(crate) async fn put_end(
        &self,
        place: &Place,
        end: &Reference,
        known: Option<Revision>,
    ) -> Result<Option<Revision>> {
        let opts = known.map_or_else(PutOptions::create, PutOptions::replace);
        match self.inner.put_opts(end.to_record(place)?, opts).await {
            Ok(written) => Ok(Some(written.meta.revision)),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                // It may be our own, whose answer was lost.
                let there = refs::read(&self.inner, place, Kind::End, END).await?;
                Ok(there.filter(|(there, _)| there.nonce == end.nonce).map(|(_, revision)| revision))
            }
            Err(error) => Err(error),
        }
    }
}
