//! What rows mean: which of them replaces which, and what a catalog says of each document.

use crate::scenario::{Flaw, Scenario};
use crate::state::{BATCH, NONE, Root, Set, State, each, has, one};

impl State {
    /// Tells whether row `a` replaces row `b`: the same incarnation, and a higher hlc.
    pub(crate) fn replaces(&self, a: u8, b: u8) -> bool {
        self.same(a, b) && self.revision(a).hlc > self.revision(b).hlc
    }

    pub(crate) fn same(&self, a: u8, b: u8) -> bool {
        let (a, b) = (self.revision(a), self.revision(b));
        a.doc == b.doc && a.incarnation == b.incarnation
    }

    /// Gives the rows that tail objects hold.
    pub(crate) fn rows(&self, objects: Set) -> Set {
        let singles = objects & !one(BATCH);
        if has(objects, BATCH) { singles | self.batch } else { singles }
    }

    /// Gives those of the objects that are on the first page of a listing, which goes by name: the names begin with the hlc.
    pub(crate) fn first_page(&self, objects: Set) -> Set {
        let low = |&object: &u8| each(self.rows(one(object))).all(|row| self.revision(row).hlc <= 2);
        each(objects).filter(low).fold(0, |set, object| set | one(object))
    }

    /// Gives those of the listed tail objects that the last fold took.
    pub(crate) fn pending(&self, scenario: &Scenario, root: &Root) -> Set {
        let mut pending = root.pending;
        if scenario.is(Flaw::PendingByNonce) && pending & (self.batch | one(BATCH)) != 0 {
            pending |= self.batch | one(BATCH);
        }
        pending
    }

    /// Gives all rows of a root's segments, killed ones too.
    pub(crate) fn folded(&self, root: &Root) -> Set {
        root.segments
            .iter()
            .filter(|s| s.segment != NONE)
            .fold(0, |rows, s| rows | self.segments[usize::from(s.segment)].rows)
    }

    /// Gives the rows of a root's segments that no kill list names.
    pub(crate) fn unkilled(&self, root: &Root) -> Set {
        let live = |s: &crate::state::SegmentRef| self.segments[usize::from(s.segment)].rows & !s.kills;
        root.segments.iter().filter(|s| s.segment != NONE).fold(0, |rows, s| rows | live(s))
    }

    /// The look-up by id: drops the rows at or below the watermark that a root's segments already hold, or hold a newer one of the
    /// same incarnation of.
    pub(crate) fn news(&self, root: &Root, rows: Set) -> Set {
        let folded = self.folded(root);
        let known = |row: u8| {
            self.revision(row).hlc <= root.watermark
                && each(folded).any(|f| f == row || self.replaces(f, row))
        };
        each(rows).filter(|&row| !known(row)).fold(0, |news, row| news | one(row))
    }

    /// Drops the rows that others of `by` replace.
    pub(crate) fn newest(&self, rows: Set, by: Set) -> Set {
        each(rows)
            .filter(|&row| !each(by).any(|b| self.replaces(b, row)))
            .fold(0, |newest, row| newest | one(row))
    }

    /// What a catalog holds of all documents when its tail and its root are read at one instant: tombstones too.
    pub(crate) fn resolved(&self, scenario: &Scenario, root: &Root, tail: Set) -> Set {
        let listed = self.rows(tail & !self.pending(scenario, root));
        let news = self.news(root, listed);
        self.newest(self.unkilled(root) | news, news)
    }

    /// Gives the rows of living documents.
    pub(crate) fn living(&self, rows: Set) -> Set {
        each(rows).filter(|&row| !self.revision(row).deleted).fold(0, |living, row| living | one(row))
    }

    /// Gives the rows of one document.
    pub(crate) fn about(&self, doc: usize, rows: Set) -> Set {
        each(rows)
            .filter(|&row| usize::from(self.revision(row).doc) == doc)
            .fold(0, |found, row| found | one(row))
    }
}
