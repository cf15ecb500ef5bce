//! Comparing names with the catalog: which documents are worth a look.

use std::collections::BTreeSet;

use super::listing::{Item, Named, named};
use super::view::Seen;
use crate::name;
use crate::row::{Change, Row};

/// The store's times, and those in which states of other programs are told, are cut to seconds.
const SECOND: i64 = 1_000;
/// So many microseconds a writer's clock may stand behind the store's, the time that a save takes among them.
const SLACK: u64 = 120_000_000;

/// A listing, and what the catalog explains of it.
#[derive(Debug)]
pub(crate) struct Compared<'l> {
    items: &'l [Item],
    suffixes: &'l [String],
    folds_case: bool,
    /// Whether a row says the same as an object.
    explained: Vec<bool>,
    /// The stems of documents that are in question.
    asked: BTreeSet<String>,
}

impl<'l> Compared<'l> {
    /// Begins with a listing in the order of names, and all ends that its names have.
    pub(crate) fn new(items: &'l [Item], suffixes: &'l [String], folds_case: bool) -> Self {
        Self { items, suffixes, folds_case, explained: vec![false; items.len()], asked: BTreeSet::new() }
    }

    fn find(&self, stem: &str, suffix: &str) -> Option<usize> {
        let name = format!("{stem}{suffix}");
        self.items.binary_search_by(|item| (*item.name).cmp(&name)).ok()
    }

    /// Notes that a row says the same as an object; tells whether another did before.
    fn explain(&mut self, at: usize) -> bool {
        self.explained.get_mut(at).is_some_and(|explained| std::mem::replace(explained, true))
    }

    /// Takes a row of the catalog.
    pub(crate) fn take(&mut self, seen: &Seen) {
        let stem = name::stem(&seen.row.id, self.folds_case);
        match &seen.row.change {
            Change::Put(facts) => {
                let Some(at) = self.find(&stem, &facts.suffix) else {
                    self.asked.insert(stem);
                    return;
                };
                let same = self.items.get(at).is_some_and(|item| is_same(item, &seen.row, facts.size));
                // Two rows of one object are one too many.
                if !same || self.explain(at) {
                    self.asked.insert(stem);
                }
            }
            Change::Delete => {
                for suffix in self.suffixes {
                    if let Some(at) = self.find(&stem, suffix)
                        && self.items.get(at).is_some_and(|item| is_mark(item, seen))
                    {
                        self.explain(at);
                    }
                }
            }
        }
    }

    /// Lists the stems of all documents that are in question.
    pub(crate) fn finish(mut self) -> BTreeSet<String> {
        for (item, _) in self.items.iter().zip(&self.explained).filter(|(_, explained)| !**explained) {
            if let Named::Document(stem, _) = named(&item.name, self.folds_case) {
                self.asked.insert(stem.to_owned());
            }
        }
        self.asked
    }
}

/// Tells whether an object is what a row says, as far as a listing shows it.
///
/// Rows have no `ETag`s: of a document that we wrote the length tells, and when the store last changed it. A writer whose clock stands further
/// behind than the slack has its documents read each time; what is put in the place of one with the same length and within the slack is
/// left to whoever reads it.
fn is_same(item: &Item, row: &Row, size: u64) -> bool {
    let in_time = item.foreign.hlc <= row.state.hlc.saturating_add(SLACK);
    item.foreign == row.state || (!may_be_foreign(row) && item.size == size && in_time)
}

/// States of other programs are told in whole seconds; one of ours in a million is, too, and is read for nothing.
fn may_be_foreign(row: &Row) -> bool {
    row.state.hlc.is_multiple_of(1_000_000)
}

/// Tells whether an object is most likely the mark of a tombstone: of its length, and no later. Others are read, and this is no reason for
/// reading all marks each time.
fn is_mark(item: &Item, seen: &Seen) -> bool {
    let length = seen.row.state.by(0).to_string().len() as u64;
    let modified = item.foreign.saved_at().as_micros() / 1_000;
    item.size == length && seen.arrived.is_none_or(|arrived| modified <= arrived.saturating_add(SECOND))
}

#[cfg(test)]
mod tests {
    use truthound_stores_core::Timestamp;

    use super::*;
    use crate::document::foreign_state;
    use crate::query::tests::Hub;
    use crate::state::State;

    const TIME: i64 = 1_767_225_600_000_000;

    fn item(name: &str, e_tag: &str, size: u64) -> Item {
        let foreign = foreign_state(Some(e_tag), Timestamp::from_micros(TIME));
        Item { name: name.into(), foreign, size }
    }

    fn put(id: &str, state: State, size: u64) -> Seen {
        let mut facts = Hub::new(1).facts();
        facts.size = size;
        let row = Row { id: id.to_owned(), state, before: None, change: Change::Put(Box::new(facts)) };
        Seen { row, arrived: None }
    }

    fn ours(late: i64) -> State {
        State { incarnation: 7, hlc: (TIME + 1 + late).cast_unsigned() }
    }

    #[test]
    fn only_what_differs_is_asked_for() {
        let tombstone = |id: &str, arrived| {
            let mut seen = put(id, ours(0), 0);
            seen.row.change = Change::Delete;
            Seen { arrived, ..seen }
        };
        let mark = ours(0).by(0).to_string().len() as u64;
        let items = [
            item("changed.json", "2", 5),
            item("folded.json", "m", mark),
            item("late.json", "x", 5),
            item("longer.json", "x", 9),
            item("new.json", "1", 5),
            item("ours.json", "x", 5),
            item("reborn.json", "x", 90),
            item("same.json", "1", 5),
            item("tail.json", "m", mark),
            item("twice.json", "x", 5),
        ];
        let suffixes = [".json".to_owned(), ".json.gz".to_owned()];
        let mut compared = Compared::new(&items, &suffixes, false);
        let theirs = foreign_state(Some("1"), Timestamp::from_micros(TIME));
        for seen in [
            put("same", theirs, 5),
            put("changed", theirs, 5),
            put("ours", ours(0), 5),
            put("late", ours(-130_000_000), 5),
            put("longer", ours(0), 8),
            put("vanished", ours(0), 8),
            put("twice", ours(0), 5),
            put("twice", ours(1), 5),
            tombstone("folded", Some(TIME / 1_000)),
            tombstone("tail", None),
            tombstone("reborn", None),
            tombstone("forgotten", None),
        ] {
            compared.take(&seen);
        }
        let asked: Vec<String> = compared.finish().into_iter().collect();
        assert_eq!(asked, ["changed", "late", "longer", "new", "reborn", "twice", "vanished"]);
    }
}
