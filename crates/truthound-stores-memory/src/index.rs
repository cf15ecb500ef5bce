//! The documents of one collection, and the indexes that find them.
//!
//! Every document stands in three groups: that of all documents, that of its asset and that of its status. Each group is
//! ordered twice, by time and by id, so that every order of a listing is the walk over one index or the merge of a few.

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{
    Body, FactsPage, Grouping, Labels, Page, PageToken, Query, RecordMeta, Result, Summaries, Summary,
    page_len,
};

mod entry;
mod group;
mod labels;
mod merge;
mod names;
mod plan;

pub(crate) use entry::Entry;
use entry::Lent;
use group::{Group, Window};
use labels::SharedLabels;

/// How many documents are fetched from memory at once.
const TOGETHER: usize = 32;

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
    labels: SharedLabels,
}

impl Documents {
    /// Returns labels that are equal to these, and of which documents that were added lately have the same map.
    pub(crate) fn shared(&mut self, labels: Labels) -> Labels {
        self.labels.shared(labels)
    }

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
    pub(crate) fn insert(&mut self, meta: Arc<RecordMeta>, body: Body) {
        self.remove(meta.key.id());
        let (id, facts): (Arc<str>, _) = (meta.key.id().into(), &meta.attributes);
        let asset = name_in(&self.assets, &facts.data_asset);
        let status = name_in(&self.statuses, facts.status.as_str());
        let entry = Arc::new(Entry::new(meta, body, Arc::clone(&asset)));
        self.assets.entry(asset).or_default().insert(Arc::clone(&id), Arc::clone(&entry));
        self.statuses.entry(status).or_default().insert(Arc::clone(&id), Arc::clone(&entry));
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
        let (metas, next) = self.found(query, after, |entry| RecordMeta::clone(&entry.meta))?;
        Ok(Page::new(metas, next))
    }

    /// Answers what [`page`](Self::page) answers, and copies no description.
    pub(crate) fn scan(&self, query: &Query, after: Option<&PageToken>) -> Result<FactsPage> {
        let (entries, next) = self.found(query, after, Lent::of)?;
        Ok(FactsPage::new(entries, next))
    }

    /// Finds what a page holds, as `made` makes it of each document, and the place after it.
    fn found<T>(
        &self,
        query: &Query,
        after: Option<&PageToken>,
        made: impl Fn(&Arc<Entry>) -> T,
    ) -> Result<(Vec<T>, Option<PageToken>)> {
        query.validate()?;
        let position = after.map(|token| token.decode(query)).transpose()?;
        let taken = position.as_ref().map_or(0, |position| position.taken);
        let skip = if position.is_some() { 0 } else { usize::try_from(query.offset).unwrap_or(usize::MAX) };
        let size = page_len(query, taken);
        if size == 0 {
            return Ok((Vec::new(), None));
        }
        let window = Window::new(query, position.as_ref());
        let mut found = plan::candidates(self, query, &window, position.as_ref()).matching(query).skip(skip);
        let entries: Vec<&Arc<Entry>> = found.by_ref().take(size).collect();
        let mut page = Vec::with_capacity(entries.len());
        for some in entries.chunks(TOGETHER) {
            // Each lies elsewhere: whoever asks memory for several of them waits once.
            for entry in some {
                entry.touch();
            }
            page.extend(some.iter().map(|entry| made(entry)));
        }
        let last = entries.last().filter(|_| found.next().is_some());
        let taken = taken.saturating_add(page.len() as u64);
        let next = last.and_then(|last| PageToken::after(query, &last.meta, taken));
        Ok((page, next))
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
            .matching(query)
            .skip(bound(query.offset))
            .take(query.limit.map_or(usize::MAX, bound));
        for entry in found {
            sums.add(&entry.meta.attributes, entry.meta.size);
        }
        Ok(sums.finish())
    }
}

/// Returns a name, as the groups have it if one has.
fn name_in(groups: &Groups, name: &str) -> Arc<str> {
    groups.get_key_value(name).map_or_else(|| name.into(), |(name, _)| Arc::clone(name))
}

#[cfg(test)]
mod tests;
