//! Removes histories: the mark that says so, the document by the revision that was looked at, and then the records. Between any two steps others may save, and the
//! process may die: with the document the history is gone for readers, and whoever comes next removes what is left before a new one begins.

use std::collections::{BTreeMap, BTreeSet};

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, GetOptions, Key, RecordMeta, Result, Revision, Store, random_u64,
};

use crate::chain::LARGEST_PAGE;
use crate::delete::ATTEMPTS;
use crate::facts::Facts;
use crate::find::{Current, Removal};
use crate::head::Head;
use crate::number::VersionId;
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference, Removes};
use crate::store::VersionedStore;
use crate::upkeep::LEFT_MICROS;

/// How old a record must be that nothing leads to before a purge counts it as left by a save that was cut off.
const UNDER_WAY_MICROS: i64 = 60 * 1_000_000;

/// What there is of an item once its history has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    Nothing,
    /// A new document, with its version.
    Document(Option<VersionId>),
}

/// The records of an item, whatever leads to them.
#[derive(Debug, Default)]
pub(crate) struct Records {
    versions: BTreeMap<Key, RecordMeta>,
    /// What versions say, of those that can be read.
    facts: BTreeMap<VersionId, Facts>,
    /// Branches and labels, with the versions that they name.
    names: BTreeMap<Key, Option<VersionId>>,
    ages: Vec<truthound_stores_core::Timestamp>,
    /// What cannot even be listed.
    damaged: Vec<Key>,
}

impl Records {
    /// Finds all that is reached from versions: by parents, by what was merged, and by shared content.
    fn reached(&self, from: impl IntoIterator<Item = VersionId>) -> BTreeSet<VersionId> {
        let (mut open, mut reached) = (from.into_iter().collect::<Vec<_>>(), BTreeSet::new());
        while let Some(id) = open.pop() {
            if reached.insert(id)
                && let Some(facts) = self.facts.get(&id)
            {
                open.extend([Some(facts.holder), facts.parent, facts.merged].into_iter().flatten());
            }
        }
        reached
    }

    /// Decides what goes with a history that ended with `head`, if that is known; `now` is what is there by now.
    ///
    /// What is to replace a document cannot become a version any more once that is gone. What is to be a first version can, if its writer has looked before: only
    /// what is known to have been a version goes.
    fn doomed(&self, place: &Place, head: Option<VersionId>, now: Now) -> (Vec<Key>, Vec<Key>) {
        // The parent of a record was a version, and so was what is named.
        let replaced =
            self.facts.values().filter(|facts| facts.over.is_some()).filter_map(|facts| facts.parent);
        let roots = self.names.values().copied().flatten();
        let mut gone = self.reached(head.into_iter().chain(roots).chain(replaced));
        match now {
            Now::Document(version) => {
                let kept = self.reached(version);
                gone.retain(|id| !kept.contains(id));
            }
            Now::Nothing => {
                gone.extend(self.facts.values().filter(|facts| facts.over.is_some()).map(|facts| facts.id));
            }
        }
        let is_new = now != Now::Nothing;
        let known: BTreeMap<Key, VersionId> =
            self.facts.keys().filter_map(|id| Some((place.version(*id).ok()?, *id))).collect();
        let goes = |key: &Key| known.get(key).map_or(!is_new, |id| gone.contains(id));
        let versions = self.versions.keys().chain(&self.damaged).filter(|key| goes(key)).cloned().collect();
        let loose = |id: &Option<VersionId>| {
            id.map_or(!is_new, |id| gone.contains(&id) || !self.facts.contains_key(&id))
        };
        let names = self.names.iter().filter(|(_, id)| loose(id)).map(|(key, _)| key.clone()).collect();
        (names, versions)
    }
}

impl<S: Store> VersionedStore<S> {
    /// Removes a document with its whole history, branches and labels, also one that was deleted; answers whether there was anything.
    ///
    /// # Errors
    /// What could not be removed; call it again for the rest. [`Conflict`](ErrorKind::Conflict) for records that are less than a minute old and that nothing leads to: a save may be
    /// under way. Call it again after that, or leave them to `maintain`.
    ///
    /// # Cancel safety
    /// Some of it may be left, which nobody sees once the document is gone: call it again.
    pub async fn purge(&self, key: &Key) -> Result<bool> {
        let place = Place::of(key);
        self.check_abilities()?;
        let _turn = self.turn(&place).await;
        let mut found = false;
        for _ in 0..ATTEMPTS {
            // Read before the document, as by a delete.
            let known = match refs::read(&self.inner, &place, Kind::End, END).await {
                Ok(known) => known.map(|(_, revision)| revision),
                // Nobody can say what it was.
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    let end = place.reference(Kind::End.as_str(), END)?;
                    found |= self.inner.delete_opts(&end, DeleteOptions::default()).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let current = match self.current(&place, false).await {
                Err(error) if error.kind() == ErrorKind::Corrupt => Current::Damaged { head: None },
                current => current?,
            };
            let head = match &current {
                Current::Absent { removal: Some(removal), .. } => {
                    self.finish(&place, removal).await?;
                    found = true;
                    continue;
                }
                Current::Absent { last: None, .. } => match self.clear_left(&place).await? {
                    None => continue,
                    Some((removed, young)) if found || young == 0 => return Ok(found || removed > 0),
                    Some((_, young)) => return Err(under_way(&place, young)),
                },
                current => current.shown().or(current.head()),
            };
            if let Some(head) = head
                && self.mark(&place, head, known).await?.is_none()
            {
                continue;
            }
            found = true;
            let revision = match &current {
                Current::Absent { .. } => continue,
                Current::Present(present) => Some(present.meta.revision.clone()),
                Current::Damaged { .. } => match self.inner.get_opts(key, GetOptions::meta_only()).await {
                    Ok(stored) => Some(stored.meta.revision),
                    Err(error) if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::NotFound) => None,
                    Err(error) => return Err(error),
                },
            };
            let only = revision.map_or_else(DeleteOptions::default, DeleteOptions::if_revision);
            match self.inner.delete_opts(key, only).await {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(ErrorKind::Overloaded, "others save the document again and again: purge it once more")
            .at(key))
    }

    /// Says that a history goes, up to a version, with the document that names it; answers none if somebody else wrote where it ends meanwhile.
    ///
    /// While the document is there, nobody heeds that.
    pub(crate) async fn mark(
        &self,
        place: &Place,
        head: &Head,
        known: Option<Revision>,
    ) -> Result<Option<Revision>> {
        let mark =
            Reference::end(head.clone(), self.clock.now(), random_u64(&*self.clock), Removes::Document);
        self.put_end(place, &mark, known).await
    }

    /// Takes a mark away that has not led to anything for a day: else what is deleted past this store would count as removed.
    pub(crate) async fn drop_mark(&self, place: &Place) -> Result<()> {
        let end = refs::read(&self.inner, place, Kind::End, END).await?;
        if let Some((mark, revision)) = end
            && mark.removes != Removes::Nothing
            && self.clock.now().micros_since(mark.created_at) > LEFT_MICROS
        {
            self.take_back(place, revision).await;
        }
        Ok(())
    }

    /// Takes a mark back, if the document is still there.
    pub(crate) async fn take_back(&self, place: &Place, mark: Revision) {
        let there = self.inner.get_opts(&place.item, GetOptions::meta_only()).await;
        if let (Ok(_), Ok(end)) = (there, place.reference(Kind::End.as_str(), END)) {
            drop(self.inner.delete_opts(&end, DeleteOptions::if_revision(mark)).await);
        }
    }

    /// Finds a removal whose document is gone and which is not done.
    pub(crate) async fn removal(&self, place: &Place) -> Result<Option<Removal>> {
        let end = refs::read(&self.inner, place, Kind::End, END).await?;
        let Some((mark, revision)) = end.filter(|(end, _)| end.removes != Removes::Nothing) else {
            return Ok(None);
        };
        match self.inner.get_opts(&place.item, GetOptions::meta_only()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(Removal { mark, revision })),
            Err(error) if error.kind() != ErrorKind::Corrupt => Err(error),
            _ => Ok(None),
        }
    }

    /// Lists branches and labels; none of an item whose removal is not done.
    pub(crate) async fn names(&self, place: &Place) -> Result<Vec<Reference>> {
        let all = refs::all(&self.inner, place).await?;
        if all.iter().any(|reference| reference.removes != Removes::Nothing)
            && self.removal(place).await?.is_some()
        {
            return Ok(Vec::new());
        }
        Ok(all)
    }

    /// Removes the records of a history whose document is gone, and answers how many. Several may do so at the same time.
    pub(crate) async fn finish(&self, place: &Place, removal: &Removal) -> Result<u64> {
        let ended = removal.mark.head.id;
        if self.has_document_of(place, ended).await?.1 {
            return Ok(0);
        }
        let Some(mark) = self.seal_removal(place, removal).await? else { return Ok(0) };
        let records = self.records(place).await?;
        let (now, is_there) = self.has_document_of(place, ended).await?;
        // As long as the mark is there, nobody who has seen it has begun a new history: what was listed is not part of one.
        let there = refs::read(&self.inner, place, Kind::End, END).await?;
        if is_there || there.is_none_or(|(_, revision)| revision != mark) {
            return Ok(0);
        }
        let (names, versions) = records.doomed(place, Some(ended), now);
        // Names last: if this is cut off, they tell whoever goes on which records were versions.
        let removed = self.remove_all(versions).await? + self.remove_all(names).await?;
        let end = place.reference(Kind::End.as_str(), END)?;
        match self.inner.delete_opts(&end, DeleteOptions::if_revision(mark)).await {
            Err(error) if error.kind() != ErrorKind::Conflict => Err(error),
            _ => Ok(removed),
        }
    }

    /// Looks for a document: answers its version, and whether it is the one that is to go.
    async fn has_document_of(&self, place: &Place, ended: VersionId) -> Result<(Now, bool)> {
        let current = self.current(place, false).await?;
        let version = current.shown().or(current.head()).map(|head| head.id);
        let exists = current.exists();
        let now = if exists { Now::Document(version) } else { Now::Nothing };
        Ok((now, exists && version == Some(ended)))
    }

    /// Says that the document is gone: whoever has looked before, and found it, can make no end of this history any more. Answers none if somebody else is done with it.
    async fn seal_removal(&self, place: &Place, removal: &Removal) -> Result<Option<Revision>> {
        let (mut mark, mut known) = (removal.mark.clone(), removal.revision.clone());
        for _ in 0..ATTEMPTS {
            if mark.removes == Removes::Records {
                return Ok(Some(known));
            }
            let sealed = Reference { nonce: random_u64(&*self.clock), removes: Removes::Records, ..mark };
            if let Some(revision) = self.put_end(place, &sealed, Some(known)).await? {
                return Ok(Some(revision));
            }
            match refs::read(&self.inner, place, Kind::End, END).await? {
                Some((end, revision))
                    if end.removes != Removes::Nothing && end.head.id == removal.mark.head.id =>
                {
                    (mark, known) = (end, revision);
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Removes what is left where there is neither a document nor the end of a history: of a document that was deleted past this store.
    ///
    /// Answers how many records went, and how many stay because they may be of a save that is under way; none if there is a document by now.
    async fn clear_left(&self, place: &Place) -> Result<Option<(u64, usize)>> {
        let records = self.records(place).await?;
        if self.current(place, false).await?.exists() {
            return Ok(None);
        }
        let now = self.clock.now();
        let (names, mut versions) = records.doomed(place, None, Now::Nothing);
        let doomed: BTreeSet<Key> = versions.iter().cloned().collect();
        let rest = records.versions.values().filter(|meta| !doomed.contains(&meta.key));
        let (young, old): (Vec<_>, Vec<_>) =
            rest.partition(|meta| now.micros_since(meta.saved_at) <= UNDER_WAY_MICROS);
        versions.extend(old.into_iter().map(|meta| meta.key.clone()));
        versions.sort();
        let removed = self.remove_all(versions).await? + self.remove_all(names).await?;
        Ok(Some((removed, young.len())))
    }

    /// Removes what is left of an item that has neither a document nor the end of a history, if all of it is older than a day; answers how many records that were.
    ///
    /// All of it or nothing: the document may be brought back, and what is left then must be whole.
    pub(crate) async fn sweep_left(&self, place: &Place) -> Result<u64> {
        let records = self.records(place).await?;
        let now = self.clock.now();
        if self.current(place, false).await?.exists() {
            return Ok(0);
        }
        if records.ages.iter().any(|saved_at| now.micros_since(*saved_at) <= LEFT_MICROS) {
            return Ok(0);
        }
        let names = self.remove_all(records.names.into_keys().collect()).await?;
        Ok(names + self.remove_all(records.versions.into_keys().collect()).await?)
    }

    /// Deletes records, the oldest versions first, so that one which is left leads to no gap.
    async fn remove_all(&self, keys: Vec<Key>) -> Result<u64> {
        let mut removed = 0;
        if keys.is_empty() {
            return Ok(removed);
        }
        for answer in self.inner.delete_many(keys, DeleteOptions::default()).await {
            removed += u64::from(answer?);
        }
        Ok(removed)
    }

    /// Lists the records of an item, without where its history ends.
    async fn records(&self, place: &Place) -> Result<Records> {
        let mut records = Records::default();
        let end = place.reference(Kind::End.as_str(), END)?;
        for (query, versions) in [(place.versions(u64::MAX)?, true), (place.references()?, false)] {
            let (query, mut after) = (query.with_page_size(LARGEST_PAGE), None);
            loop {
                let page = self.inner.list_page(&query, after).await?;
                for meta in page.metas.into_iter().filter(|meta| meta.key != end) {
                    records.ages.push(meta.saved_at);
                    if versions {
                        if let Ok(facts) = Facts::of(place, &meta) {
                            records.facts.insert(facts.id, facts);
                        }
                        records.versions.insert(meta.key.clone(), meta);
                    } else {
                        let named = Reference::of(place, &meta).ok().map(|reference| reference.head.id);
                        records.names.insert(meta.key, named);
                    }
                }
                records.damaged.extend(
                    page.damaged
                        .iter()
                        .filter_map(|damaged| damaged.key().filter(|key| **key != end).cloned()),
                );
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(records)
    }
}

fn under_way(place: &Place, young: usize) -> Error {
    let why = format!(
        "{young} records less than a minute old may be of a save that is under way: purge it again in a minute"
    );
    Error::new(ErrorKind::Conflict, why).at(&place.item)
}
