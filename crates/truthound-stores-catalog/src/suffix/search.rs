//! Where a document is, or under which name it may be created: a function of what was read under its names.
//!
//! A name is *closed* by an object that says by knowledge of which turn: whoever knows less creates nothing there, and learns. In the end
//! one name at the most holds a document or a mark, and closed names count as empty.

use std::collections::{BTreeMap, BTreeSet};

use crate::horizon::Moment;
use crate::suffix::Suffixes;

/// What was last read under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    Nothing,
    /// It was closed by knowledge of this turn. `checked` says that the root was read since: one that does not know of that turn belongs
    /// to a catalog that was made anew.
    Closed {
        turn: u64,
        checked: bool,
    },
    Mark,
    Live,
}

/// What has to be done next to know the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Quest {
    /// Read the root.
    Learn,
    /// Read what is under this name.
    Read(String),
    /// Close this name: create-only, or over the closing that was read there.
    Close(String),
    /// This is the name: the document or its mark is here, or nothing is anywhere and it may be created here.
    Here(String),
    /// It is under no name.
    Nowhere,
}

/// What one operation has found under the names of its document.
#[derive(Debug, Default)]
pub(crate) struct Search {
    under: BTreeMap<String, Under>,
    /// Names that were to be closed, which was refused or not answered: they have to be read.
    refused: BTreeSet<String>,
    /// By what knowledge: the turn, and how many suffixes there were.
    by: Option<(u64, usize)>,
}

impl Search {
    pub(crate) fn saw(&mut self, suffix: &str, under: Under) {
        self.refused.remove(suffix);
        self.under.insert(suffix.to_owned(), under);
    }

    pub(crate) fn was_refused(&mut self, suffix: &str) {
        self.under.remove(suffix);
        self.refused.insert(suffix.to_owned());
    }

    pub(crate) fn under(&self, suffix: &str) -> Option<Under> {
        self.under.get(suffix).copied()
    }

    /// Forgets what was read: it is too long ago.
    pub(crate) fn forget(&mut self) {
        self.under.clear();
    }

    /// The root was read, and asked for after everything that was read here.
    pub(crate) fn learnt(&mut self) {
        for under in self.under.values_mut() {
            if let Under::Closed { checked, .. } = under {
                *checked = true;
            }
        }
    }

    /// Decides for whoever relies on what is there. `first` is where it most likely is; `old` says that what is known may not be relied on.
    pub(crate) fn find(&mut self, known: &Suffixes, old: bool, first: Option<&str>) -> Quest {
        self.keep_up(known);
        let order = || first.into_iter().chain(known.all().iter().map(String::as_str));
        for suffix in order() {
            match self.under(suffix) {
                None => return Quest::Read(suffix.to_owned()),
                Some(Under::Live) => return Quest::Here(suffix.to_owned()),
                Some(_) => {}
            }
        }
        // Other programs may write beside a mark of ours; beside a document of ours, it is the mark that does not count.
        if let Some(mark) = order().find(|suffix| self.under(suffix) == Some(Under::Mark)) {
            return Quest::Here(mark.to_owned());
        }
        if old || self.meets_newer(known) { Quest::Learn } else { Quest::Nowhere }
    }

    /// Decides for whoever is going to create: [`Here`](Quest::Here) comes with a document or mark that is there all the same, or with the
    /// name of new documents, once nobody can create under another.
    pub(crate) fn create(&mut self, known: &Suffixes, old: bool, now: Moment) -> Quest {
        self.keep_up(known);
        if old || self.meets_newer(known) {
            return Quest::Learn;
        }
        let newest = known.newest();
        if let Some(there) = self.there(known.others()) {
            // Two documents are the work of another program: whoever gets them sees the newer suffix first, so that is written over.
            return match self.under(newest) {
                None => Quest::Read(newest.to_owned()),
                Some(Under::Live) => Quest::Here(newest.to_owned()),
                Some(_) => Quest::Here(there),
            };
        }
        let young = known.is_young(now);
        for suffix in known.others() {
            let under = self.under(suffix);
            let done = match under {
                Some(Under::Closed { turn, .. }) => !young || turn >= known.turn(),
                Some(Under::Nothing) => !young,
                _ => false,
            };
            if done {
                continue;
            }
            let reads = under.is_none() && (!young || self.refused.contains(suffix));
            return if reads { Quest::Read(suffix.clone()) } else { Quest::Close(suffix.clone()) };
        }
        Quest::Here(newest.to_owned())
    }

    /// What was found by older knowledge says nothing any more.
    fn keep_up(&mut self, known: &Suffixes) {
        let by = (known.turn(), known.all().len());
        if self.by.is_some_and(|before| before != by) {
            self.refused.clear();
            // Who has met a closing need not be refused to know that it has to read.
            let closed =
                |(suffix, under): (String, Under)| matches!(under, Under::Closed { .. }).then_some(suffix);
            self.refused.extend(std::mem::take(&mut self.under).into_iter().filter_map(closed));
        }
        self.by = Some(by);
    }

    fn meets_newer(&self, known: &Suffixes) -> bool {
        let newer =
            |under: &Under| matches!(under, Under::Closed { turn, checked: false } if *turn > known.turn());
        self.under.values().any(newer)
    }

    /// Returns the first of these names with a document, else with a mark.
    fn there(&self, suffixes: &[String]) -> Option<String> {
        let find = |wanted: Under| suffixes.iter().find(|suffix| self.under(suffix) == Some(wanted));
        find(Under::Live).or_else(|| find(Under::Mark)).cloned()
    }
}
