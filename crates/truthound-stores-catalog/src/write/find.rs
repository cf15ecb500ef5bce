//! Reading single documents, under whichever of their names they are.

use object_store::UpdateVersion;
use truthound_stores_core::codec::known_suffixes;
use truthound_stores_core::{Error, Key, Result, Revision, Stored};

use crate::beside::Head;
use crate::document::Fetched;
use crate::document::closing::closed_by;
use crate::document::metadata::Metadata;
use crate::document::read::Found;
use crate::horizon::Moment;
use crate::shelf::Seen;
use crate::suffix::search::{Quest, Search, Under};
use crate::write::Documents;
use crate::write::settle::Due;

impl Documents {
    /// Hears what a root says that was asked for at that moment, for whatever purpose.
    pub(crate) fn knows(&self, seen: &Seen, asked: Moment) {
        self.names.learn(seen, asked, self.bucket.clock());
    }

    /// Reads a document: one request if its suffix is the newest, else as many as there are suffixes at the most; and one for the root before
    /// it is said not to be there, if that was read long ago.
    ///
    /// # Errors
    /// `NotFound`, for a delete mark too; `Corrupt` if it is not what was written.
    pub(crate) async fn get(&self, key: &Key, meta_only: bool) -> Result<Stored> {
        self.get_under(key, None, meta_only).await
    }

    /// Reads a document of which its row says the suffix: one request, if it is still there.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub(crate) async fn get_under(&self, key: &Key, first: Option<&str>, meta_only: bool) -> Result<Stored> {
        let got = async {
            let open = |fetched: Fetched, _| match self.form.open(key, &fetched)? {
                Found::Live(document) => Ok((Under::Live, Some(document))),
                Found::Mark(_) => Ok((Under::Mark, None)),
            };
            let found = self.find(key, first, open).await?;
            found.ok_or_else(|| Error::not_found(key)).map(|document| document.into_stored(meta_only))
        };
        got.await.map_err(|error: Error| error.during("get").at(key))
    }

    /// Reads a document that was listed: if it has moved on since, its row is put, which may be missing.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub(crate) async fn get_listed(&self, key: &Key, meta_only: bool, listed: &Revision) -> Result<Stored> {
        let since = Moment::now(self.bucket.clock());
        let got = async {
            let open = |fetched: Fetched, _| {
                let found = self.form.open(key, &fetched)?;
                let foreign = found.seen().state == fetched.foreign_state();
                let under = if matches!(found, Found::Live(_)) { Under::Live } else { Under::Mark };
                let (stem, ..) = known_suffixes(&fetched.name);
                let suffix = fetched.name.get(stem.len()..).unwrap_or_default().to_owned();
                Ok((under, Some((found, foreign, suffix))))
            };
            let found = self.find(key, None, open).await?;
            let (found, foreign, suffix) = found.ok_or_else(|| Error::not_found(key))?;
            if found.seen().state.revision() != *listed && !foreign {
                // Who may not write cannot list it either: the answer is right all the same.
                drop(self.settle(vec![Due::new(key, found.row(key), &suffix, since)]).await);
            }
            match found {
                Found::Live(document) => Ok(document.into_stored(meta_only)),
                Found::Mark(_) => Err(Error::not_found(key)),
            }
        };
        got.await.map_err(|error: Error| error.during("get").at(key))
    }

    /// Says which state a document or mark is in, for folds and clean-up.
    ///
    /// An incarnation is under one name all its life. So its end is seen for certain, though names are read one after the other.
    ///
    /// # Errors
    /// Those of the requests; `Corrupt` if an object is another id's.
    pub(crate) async fn head_of(&self, key: &Key) -> Result<Head> {
        let open = |fetched: Fetched, version: UpdateVersion| {
            let seen = self.form.look(key, &fetched)?;
            Ok(match Metadata::read(&fetched.attributes) {
                Ok(Some(_)) if seen.deleted => (Under::Mark, Some(Head::Mark(seen.state, version))),
                Ok(Some(_)) => (Under::Live, Some(Head::Live(seen.state))),
                Ok(None) | Err(_) => (Under::Live, Some(Head::Foreign(seen.state))),
            })
        };
        Ok(self.find(key, None, open).await?.unwrap_or(Head::Absent))
    }

    /// Removes a mark if it is still the one that was seen, under whichever name; tells whether it is gone. `false`, too, where the store
    /// cannot compare and delete in one.
    ///
    /// # Errors
    /// Those of the requests.
    pub(crate) async fn remove_mark_of(&self, key: &Key, seen: &UpdateVersion) -> Result<bool> {
        for suffix in self.names.known().all() {
            // Its bytes are its own: under another name nothing has them.
            if self.bucket.delete_if(&self.path_under(key, suffix)?, seen).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes the closings of a document's names that nobody relies on any more; gives how many. For whoever lists documents and meets
    /// one: no row tells of them.
    ///
    /// # Errors
    /// Those of the requests.
    pub(crate) async fn remove_closings(&self, key: &Key) -> Result<usize> {
        let known = self.names.known();
        let mut removed = 0;
        if !self.bucket.can_delete_if() {
            return Ok(removed);
        }
        for suffix in known.all() {
            let path = self.path_under(key, suffix)?;
            let Some((fetched, handle)) = self.bucket.get(&path).await? else { continue };
            let Some(turn) = closed_by(&fetched.attributes) else { continue };
            // One of an earlier turn has done its work, too, when the last turn is settled.
            let settled = turn <= known.turn() && !known.is_young(Moment::now(self.bucket.clock()));
            if settled {
                removed += usize::from(self.bucket.delete_if(&path, &handle).await?);
            }
        }
        Ok(removed)
    }

    /// Reads the names of a document until it is found, and gives what `open` makes of it: of the document, else of its mark.
    async fn find<T: Send>(
        &self,
        key: &Key,
        first: Option<&str>,
        open: impl Fn(Fetched, UpdateVersion) -> Result<(Under, Option<T>)> + Send + Sync,
    ) -> Result<Option<T>> {
        let clock = self.bucket.clock();
        let (mut search, mut mark) = (Search::default(), None);
        loop {
            let (known, now) = (self.names.known(), Moment::now(clock));
            let suffix = match search.find(&known, self.names.is_old(&known, now), first) {
                Quest::Read(suffix) => suffix,
                Quest::Learn => {
                    self.names.refresh(clock).await?;
                    search.learnt();
                    continue;
                }
                Quest::Here(_) | Quest::Nowhere | Quest::Close(_) => return Ok(mark),
            };
            self.names.count(&known, &suffix);
            let Some((fetched, handle)) = self.bucket.get(&self.path_under(key, &suffix)?).await? else {
                search.saw(&suffix, Under::Nothing);
                continue;
            };
            if let Some(turn) = closed_by(&fetched.attributes) {
                search.saw(&suffix, Under::Closed { turn, checked: false });
                continue;
            }
            let (under, found) = open(fetched, handle)?;
            search.saw(&suffix, under);
            if under == Under::Live {
                return Ok(found);
            }
            mark = mark.or(found);
        }
    }
}
