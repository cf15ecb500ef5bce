//! Deletes documents, and says what becomes of their history.

use truthound_stores_core::{DeleteOptions, Error, ErrorKind, PutOptions, Result, Revision, Store};

use crate::config::DeletedHistory;
use crate::draft::Draft;
use crate::find::Current;
use crate::info::Origin;
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference};
use crate::request::SaveOptions;
use crate::store::VersionedStore;

/// How often a delete begins anew because somebody saved meanwhile.
const ATTEMPTS: usize = 100;

impl<S: Store> VersionedStore<S> {
    /// Deletes a document and answers whether there was one; `options` say who and why.
    ///
    /// By [`deleted_history`](crate::VersioningConfig::deleted_history) its history is kept, with the deletion as its latest version, or goes with it.
    ///
    /// # Errors
    /// As for [`Store::delete_opts`]; [`Conflict`](ErrorKind::Conflict) also if another version than
    /// [`expected_version`](SaveOptions::expected_version) is the latest.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn delete(&self, key: &truthound_stores_core::Key, options: SaveOptions) -> Result<bool> {
        self.delete_item(&Place::of(key), &DeleteOptions::default(), options).await
    }

    /// Removes a document with its whole history, branches and labels, also one that was deleted; answers whether there was anything.
    ///
    /// # Errors
    /// What could not be removed; call it again for the rest.
    ///
    /// # Cancel safety
    /// Some of it may be left: call it again.
    pub async fn purge(&self, key: &truthound_stores_core::Key) -> Result<bool> {
        let place = Place::of(key);
        let _turn = self.turn(&place).await;
        self.erase(&place, &DeleteOptions::default()).await
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
        for _ in 0..ATTEMPTS {
            // Read before the document: who has written an end since may know of a newer version than ours, and ours must not hide it.
            let known = refs::read(&self.inner, place, Kind::End, END).await?.map(|(_, revision)| revision);
            let mut current = self.current(place, false).await?;
            if !current.exists() {
                return Ok(false);
            }
            if let (Some(wanted), Current::Present(present)) = (opts.revision_of(&place.item), &current)
                && present.meta.revision != *wanted
            {
                return Err(Error::new(ErrorKind::Conflict, "the document is another revision by now")
                    .at(&place.item));
            }
            self.check_expected(place, options.expected_version.as_deref(), true, current.head()).await?;
            if self.config.deleted_history == DeletedHistory::Remove {
                return self.erase(place, opts).await;
            }
            if matches!(&current, Current::Present(present) if present.outside) {
                current = self.current(place, true).await?;
            }
            if !self.end(place, &current, known, &options).await? {
                continue;
            }
            let revision = match &current {
                Current::Present(present) => Some(present.meta.revision.clone()),
                _ => opts.revision_of(&place.item).cloned(),
            };
            let only = revision.map_or_else(DeleteOptions::default, DeleteOptions::if_revision);
            match self.inner.delete_opts(&place.item, only).await {
                Err(error)
                    if error.kind() == ErrorKind::Conflict && opts.revision_of(&place.item).is_none() => {}
                answer => return answer,
            }
        }
        Err(Error::new(
            ErrorKind::Overloaded,
            "others saved the document while it was to be deleted: try again later",
        )
        .at(&place.item))
    }

    /// Writes the deletion as a version, then where the history ends; answers false if somebody else wrote an end meanwhile.
    ///
    /// Whoever finds the document still there heeds no end; so none of this is taken back where the delete fails.
    async fn end(
        &self,
        place: &Place,
        current: &Current,
        known: Option<Revision>,
        options: &SaveOptions,
    ) -> Result<bool> {
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
        let end = Reference {
            kind: Kind::End,
            name: END.to_owned(),
            base: head.id.ordinal,
            head,
            created_at,
            created_by: None,
        };
        let opts = known.map_or_else(PutOptions::create, PutOptions::replace);
        match self.inner.put_opts(end.to_record(place)?, opts).await {
            Ok(_) => Ok(true),
            // It may be our own, whose answer was lost: then it names what we wrote. So nothing is taken back.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes everything. What belongs to the history is listed first: a document that is saved under the id meanwhile keeps its own.
    async fn erase(&self, place: &Place, opts: &DeleteOptions) -> Result<bool> {
        let mut keys = Vec::new();
        for query in [place.references()?, place.versions(u64::MAX)?] {
            let mut after = None;
            loop {
                let page = self.inner.list_page(&query, after).await?;
                keys.extend(page.metas.into_iter().map(|meta| meta.key));
                keys.extend(page.damaged.iter().filter_map(|damaged| damaged.key().cloned()));
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        let found = self.inner.delete_opts(&place.item, opts.clone()).await?;
        let had_history = !keys.is_empty();
        for answer in self.inner.delete_many(keys, DeleteOptions::default()).await {
            answer?;
        }
        Ok(found || had_history)
    }
}
