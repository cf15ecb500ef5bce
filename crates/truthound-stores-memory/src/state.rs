//! What a space holds, and how it changes: one namespace and prefix of one memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{
    ChangePage, ChangeToken, Collection, DeleteOptions, Error, ErrorKind, FactsPage, GetOptions, Grouping,
    Key, Page, PageToken, PutMode, PutOptions, Query, Record, RecordMeta, Result, Revision, Stored, Summary,
    Timestamp, Written,
};

use crate::feed::{Event, Feed};
use crate::index::{Documents, Entry};

/// Holds the documents of a space and its change feed.
#[derive(Debug)]
pub(crate) struct State {
    epoch: u64,
    writes: u64,
    collections: BTreeMap<Collection, Documents>,
    feed: Feed,
}

impl State {
    /// Makes an empty space. `epoch` is random: it tells revisions and change tokens from those of every other space.
    pub(crate) fn new(epoch: u64, changes_kept: usize) -> Self {
        Self { epoch, writes: 0, collections: BTreeMap::new(), feed: Feed::new(epoch, changes_kept) }
    }

    pub(crate) fn put(
        &mut self,
        record: Record,
        opts: &PutOptions,
        saved_at: Timestamp,
        max_items: usize,
    ) -> Result<Written> {
        let Record { key, mut attributes, body } = record;
        let replaced = self.find(&key).map(|entry| entry.meta.revision.clone());
        permit(&opts.mode, replaced.as_ref()).map_err(|error| error.at(&key))?;
        if replaced.is_none() && max_items > 0 && !key.collection().is_hidden() {
            self.evict(key.collection(), max_items - 1);
        }
        let (size, revision) = (body.as_bytes().len() as u64, self.next_revision());
        let documents = self.collections.entry(key.collection().clone()).or_default();
        attributes.tags = documents.shared(attributes.tags);
        let meta = Arc::new(RecordMeta::new(key, attributes, revision, size, body.checksum(), saved_at));
        documents.insert(Arc::clone(&meta), body);
        self.feed.push(Event::Put(Arc::clone(&meta)));
        Ok(Written::new(RecordMeta::clone(&meta), replaced))
    }

    pub(crate) fn get(&self, key: &Key, opts: &GetOptions) -> Result<Stored> {
        let entry = self.find(key).ok_or_else(|| Error::not_found(key))?;
        let body = (!opts.meta_only).then(|| entry.body.clone());
        Ok(Stored::new(RecordMeta::clone(&entry.meta), body))
    }

    pub(crate) fn delete(&mut self, key: &Key, opts: &DeleteOptions) -> Result<bool> {
        let Some(entry) = self.find(key) else { return Ok(false) };
        if let Some(expected) = opts.revision_of(key)
            && *expected != entry.meta.revision
        {
            return Err(moved_on(expected, &entry.meta.revision).at(key));
        }
        self.remove(key);
        Ok(true)
    }

    pub(crate) fn page(&self, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        match self.collections.get(&query.collection) {
            Some(documents) => documents.page(query, after),
            None => Documents::default().page(query, after),
        }
    }

    pub(crate) fn scan(&self, query: &Query, after: Option<&PageToken>) -> Result<FactsPage> {
        match self.collections.get(&query.collection) {
            Some(documents) => documents.scan(query, after),
            None => Documents::default().scan(query, after),
        }
    }

    pub(crate) fn count(&self, query: &Query) -> Result<u64> {
        match self.collections.get(&query.collection) {
            Some(documents) => documents.count(query),
            None => Documents::default().count(query),
        }
    }

    pub(crate) fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        match self.collections.get(&query.collection) {
            Some(documents) => documents.summarize(query, grouping),
            None => Documents::default().summarize(query, grouping),
        }
    }

    pub(crate) fn changes(&self, after: Option<&ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.feed.read(after, limit)
    }

    fn find(&self, key: &Key) -> Option<&Arc<Entry>> {
        self.collections.get(key.collection())?.get(key.id())
    }

    /// Removes the oldest documents of a collection until at most `left` are left.
    fn evict(&mut self, collection: &Collection, left: usize) {
        while let Some(documents) = self.collections.get(collection)
            && documents.len() > left
            && let Some(oldest) = documents.oldest()
        {
            let key = oldest.meta.key.clone();
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(documents) = self.collections.get_mut(key.collection()) else { return };
        if let Some(entry) = documents.remove(key.id()) {
            self.feed.push(Event::Delete(key.clone(), entry.meta.revision.clone()));
        }
        if documents.len() == 0 {
            self.collections.remove(key.collection());
        }
    }

    fn next_revision(&mut self) -> Revision {
        self.writes += 1;
        Revision::new(format!("{:016x}-{}", self.epoch, self.writes))
    }
}

/// Decides whether a write may happen over the revision that is stored.
fn permit(mode: &PutMode, stored: Option<&Revision>) -> Result<()> {
    match (mode, stored) {
        (PutMode::Upsert, _) | (PutMode::Create, None) => Ok(()),
        (PutMode::Create, Some(stored)) => {
            let error = Error::new(
                ErrorKind::Conflict,
                "the key is taken: choose another id, or overwrite the document",
            );
            Err(error.with("stored", stored.as_str()))
        }
        (PutMode::Replace(expected), Some(stored)) if expected == stored => Ok(()),
        (PutMode::Replace(expected), Some(stored)) => Err(moved_on(expected, stored)),
        (PutMode::Replace(expected), None) => {
            let error = Error::new(
                ErrorKind::Conflict,
                "there is no document to replace: it was deleted, or never saved",
            );
            Err(error.with("expected", expected.as_str()))
        }
        _ => Err(Error::unsupported("the store in memory does not know this mode of writing")),
    }
}

fn moved_on(expected: &Revision, stored: &Revision) -> Error {
    Error::new(ErrorKind::Conflict, "somebody else wrote first: read the document again, then decide")
        .with("expected", expected.as_str())
        .with("stored", stored.as_str())
}

#[cfg(test)]
mod tests;
