//! The documents of one collection, and the indexes that find them.
//!
//! Every document stands in three groups: that of all documents, that of its asset and that of its status. Each group is
//! ordered twice, by time and by id, so that every order of a listing is the walk over one index or the merge of a few.

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{
    Body, Grouping, Page, PageToken, Query, RecordMeta, Result, Summaries, Summary, page_len,
};

mod group;
mod merge;
mod names;
mod plan;

use group::{Group, Window};

/// One document. The description is shared with the change feed.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) meta: Arc<RecordMeta>,
    pub(crate) body: Body,
}

/// Walks over documents, in an order that the maker of the walk names.
type Entries<'a> = Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a>;

/// Groups of documents by the name that they have in common; none is empty.
type Groups = BTreeMap<Arc<str>, Group>;

/// Holds the documents of one collection.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    all: Group,
    assets: Groups,
    statuses: Groups,
}

impl Documents {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Entry>> {
        self.all.get(id)
    }

    /// Returns the document with the oldest run time; of several the one with the smallest id.
    pub(crate) fn oldest(&self) -> Option<&Arc<Entry>> {
        self.all.oldest()
    }

    /// Adds a document, over any that has its id.
    pub(crate) fn insert(&mut self, entry: Entry) {
        self.remove(entry.meta.key.id());
        let id: Arc<str> = entry.meta.key.id().into();
        let entry = Arc::new(entry);
        let facts = &entry.meta.attributes;
        insert_into(&mut self.assets, &facts.data_asset, &id, &entry);
        insert_into(&mut self.statuses, facts.status.as_str(), &id, &entry);
        self.all.insert(id, entry);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<Entry>> {
        let entry = self.all.remove(id)?;
        let facts = &entry.meta.attributes;
        for (groups, name) in
            [(&mut self.assets, facts.data_asset.as_str()), (&mut self.statuses, facts.status.as_str())]
        {
            if let Some(group) = groups.get_mut(name) {
                group.remove(id);
                if group.len() == 0 {
                    groups.remove(name);
                }
            }
        }
        Some(entry)
    }

    /// Answers what [`Page::evaluate`] answers, reading little more than what the page holds.
    pub(crate) fn page(&self, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        query.validate()?;
        let position = after.map(|token| token.decode(query)).transpose()?;
        let taken = position.as_ref().map_or(0, |position| position.taken);
        let skip = if position.is_some() { 0 } else { usize::try_from(query.offset).unwrap_or(usize::MAX) };
        let size = page_len(query, taken);
        if size == 0 {
            return Ok(Page::default());
        }
        let window = Window::new(query, position.as_ref());
        let mut found = plan::candidates(self, query, &window, position.as_ref())
            .filter(|entry| query.matches(&entry.meta))
            .skip(skip);
        let metas: Vec<RecordMeta> =
            found.by_ref().take(size).map(|entry| RecordMeta::clone(&entry.meta)).collect();
        let next = metas
            .last()
            .and_then(|last| PageToken::after(query, last, taken.saturating_add(metas.len() as u64)));
        let next = next.filter(|_| found.next().is_some());
        Ok(Page::new(metas, next))
    }

    /// Counts what a query lists, from the sizes of groups where these tell it.
    pub(crate) fn count(&self, query: &Query) -> Result<u64> {
        query.validate()?;
        let found = plan::count(self, query);
        let found = (found as u64).saturating_sub(query.offset);
        Ok(query.limit.map_or(found, |limit| found.min(limit)))
    }

    /// Answers what [`Summaries::evaluate`] answers.
    pub(crate) fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        query.validate()?;
        let bound = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let mut sums = Summaries::new(grouping);
        let window = Window::new(query, None);
        let found = plan::candidates(self, query, &window, None)
            .filter(|entry| query.matches(&entry.meta))
            .skip(bound(query.offset))
            .take(query.limit.map_or(usize::MAX, bound));
        for entry in found {
            sums.add(&entry.meta.attributes, entry.meta.size);
        }
        Ok(sums.finish())
    }
}

fn insert_into(groups: &mut Groups, name: &str, id: &Arc<str>, entry: &Arc<Entry>) {
    let (id, entry) = (Arc::clone(id), Arc::clone(entry));
    if let Some(group) = groups.get_mut(name) {
        group.insert(id, entry);
    } else {
        let mut group = Group::default();
        group.insert(id, entry);
        groups.insert(name.into(), group);
    }
}

#[cfg(test)]
mod tests;
