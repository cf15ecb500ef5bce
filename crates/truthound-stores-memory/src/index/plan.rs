//! Chooses the index that answers a query with the least reading.

use std::sync::Arc;

use truthound_stores_core::{OrderBy, OrderValue, Position, Query};

use super::group::{Group, Window};
use super::merge::merge;
use super::names::Names;
use super::{Documents, Entries, Entry, Groups};

/// A walk over documents in the query's order. All that match are among them; others may be.
pub(super) struct Candidates<'a> {
    pub(super) entries: Entries<'a>,
    /// Whether the walk passes by all that do not match: then no document need be looked at.
    pub(super) decided: bool,
}

impl<'a> Candidates<'a> {
    /// Walks over those that match.
    pub(super) fn matching(self, query: &'a Query) -> Entries<'a> {
        if self.decided {
            return self.entries;
        }
        Box::new(self.entries.filter(|entry| query.matches(&entry.meta)))
    }
}

/// Begins a walk after `position`.
pub(super) fn candidates<'a>(
    documents: &'a Documents,
    query: &'a Query,
    window: &'a Window,
    position: Option<&'a Position>,
) -> Candidates<'a> {
    let assets = Choice { groups: &documents.assets, names: Names::of_assets(query) };
    let statuses = Choice { groups: &documents.statuses, names: Names::of_statuses(query) };
    match query.order_by {
        OrderBy::RunTime => {
            let smallest = smallest(documents, query, &[assets, statuses], Some(query.page_size));
            let walks = smallest.groups.into_iter().map(|group| group.in_window(window, query.ascending));
            Candidates { entries: merge(walks, query.ascending), decided: smallest.decided }
        }
        OrderBy::DataAsset => by_name(documents, query, window, position, assets, statuses),
        OrderBy::Status => by_name(documents, query, window, position, statuses, assets),
    }
}

/// Counts the documents that match, without regard to offset and limit.
pub(super) fn count(documents: &Documents, query: &Query) -> usize {
    let assets = Choice { groups: &documents.assets, names: Names::of_assets(query) };
    let statuses = Choice { groups: &documents.statuses, names: Names::of_statuses(query) };
    let window = Window::new(query, None);
    let smallest = smallest(documents, query, &[assets, statuses], None);
    if smallest.decided && window.is_open() {
        return smallest.size;
    }
    let entries = smallest.groups.into_iter().flat_map(|group| group.in_window(&window, true));
    if smallest.decided {
        return entries.count();
    }
    entries.filter(|entry| query.matches(&entry.meta)).count()
}

/// The groups of one attribute, and the names that the query allows for it.
#[derive(Clone, Debug)]
struct Choice<'a> {
    groups: &'a Groups,
    names: Names<'a>,
}

/// Groups without a document in common, and how many documents they hold.
struct Selection<'a> {
    groups: Vec<&'a Group>,
    size: usize,
    /// Whether all of these documents match, but for their time.
    decided: bool,
}

impl<'a> Choice<'a> {
    /// Selects the groups that the query allows.
    ///
    /// `None` if it allows all, or so many that going through them for each page of `page_size` costs more than reading
    /// through all `total` documents until the page is full, which takes about `page_size * total / size`.
    fn select(&self, total: usize, page_size: Option<usize>) -> Option<Selection<'a>> {
        if self.names.is_any() {
            return None;
        }
        let mut selection = Selection { groups: Vec::new(), size: 0, decided: true };
        for (_, group) in self.names.clone().groups(self.groups, None, true) {
            selection.groups.push(group);
            selection.size += group.len();
            let cost = selection.groups.len().saturating_mul(selection.size);
            if page_size.is_some_and(|page_size| cost > page_size.saturating_mul(total)) {
                return None;
            }
        }
        Some(selection)
    }
}

/// Selects the fewest documents that include all that match.
fn smallest<'a>(
    documents: &'a Documents,
    query: &Query,
    choices: &[Choice<'a>],
    page_size: Option<usize>,
) -> Selection<'a> {
    let narrow = choices.iter().filter(|choice| !choice.names.is_any()).count();
    let all = Selection { groups: vec![&documents.all], size: documents.len(), decided: narrow == 0 };
    let selections = choices.iter().filter_map(|choice| choice.select(documents.len(), page_size));
    let best = selections.fold(all, |best, other| if other.size <= best.size { other } else { best });
    Selection { decided: best.decided && narrow <= 1 && query.tags.is_empty(), ..best }
}

/// Walks in the order of `ordered`'s names and then of ids.
fn by_name<'a>(
    documents: &'a Documents,
    query: &'a Query,
    window: &'a Window,
    position: Option<&'a Position>,
    ordered: Choice<'a>,
    other: Choice<'a>,
) -> Candidates<'a> {
    let decided = other.names.is_any() && query.tags.is_empty() && window.is_open();
    if !other.names.is_any() || !window.is_open() {
        let few = smallest(documents, query, &[other], Some(query.page_size));
        if let Some(sorted) = sorted(documents, query, window, position, &few) {
            return Candidates { entries: sorted, decided: true };
        }
    }
    let place = position.and_then(|position| match &position.order {
        OrderValue::Text(name) => Some((name.as_str(), position.id.as_str())),
        OrderValue::Time(_) => None,
    });
    let groups = ordered.names.groups(ordered.groups, place.map(|(name, _)| name), query.ascending);
    let entries = groups.flat_map(move |(name, group)| {
        let after = place.filter(|(reached, _)| *reached == name).map(|(_, id)| id);
        group.by_id(after, query.ascending)
    });
    Candidates { entries: Box::new(entries), decided }
}

/// Sorts a selection where this is cheaper than to walk over all documents in order.
///
/// Doing so for each page costs `size`; the walk fills a page after about `page_size * total / size`. What is not within the
/// window need not be sorted, but its size shows only on the way.
fn sorted<'a>(
    documents: &'a Documents,
    query: &'a Query,
    window: &'a Window,
    position: Option<&'a Position>,
    selection: &Selection<'a>,
) -> Option<Entries<'a>> {
    let most = documents.len().saturating_mul(query.page_size).isqrt();
    if selection.size > most && window.is_open() {
        return None;
    }
    let within = selection.groups.iter().flat_map(|group| group.in_window(window, true));
    let few: Vec<&Arc<Entry>> = within.take(most.saturating_add(1)).collect();
    if few.len() > most {
        return None;
    }
    let to_come = |entry: &&Arc<Entry>| {
        query.matches(&entry.meta)
            && position.is_none_or(|position| position.cmp_to(query, &entry.meta).is_lt())
    };
    let mut sorted: Vec<&Arc<Entry>> = few.into_iter().filter(to_come).collect();
    sorted.sort_unstable_by(|a, b| query.cmp(&a.meta, &b.meta));
    Some(Box::new(sorted.into_iter()))
}

#[cfg(test)]
mod tests;
