//! What an import did.

use std::collections::HashSet;

use truthound_stores_core::{CopyIssue, CopyProblem, CopyWatch, Error, Key};

/// Counts what an import did with the items that it found versions of; of a dry run, what it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Items of the source that have versions.
    pub items: u64,
    /// Those whose history is new to this store.
    pub imported: u64,
    /// Those whose history this store had in part, and has whole now.
    pub continued: u64,
    /// Those whose history this store had already, also where it has gone on from there.
    pub equal: u64,
    /// Those for which this store kept its own, as [`OnConflict::Keep`](truthound_stores_core::OnConflict::Keep) asks.
    pub kept: u64,
    /// Those of which this store has another history, which is a problem.
    pub conflicts: u64,
    /// Those whose history cannot be read in the source, so that nothing of them was taken.
    pub unreadable: u64,
    /// Those that this store did not take.
    pub refused: u64,
    /// The versions that were written.
    pub versions: u64,
    /// Versions of Truthound's that are damaged, and are left out of the histories.
    pub damaged: u64,
    /// Versions of Truthound's that are missing between others.
    pub missing: u64,
    /// Branches that were made or have moved.
    pub branches: u64,
    /// Labels that were given.
    pub labels: u64,
    /// What a copy of documents is to leave out: Truthound's versions, and items whose history was not taken or has gone on.
    pub left_out: HashSet<Key>,
}

/// How it went with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Imported,
    Continued,
    Equal,
    /// This store has all of it, and more.
    Ahead,
    Kept,
    Conflict,
    Unreadable,
    Refused,
    /// It has no versions after all.
    Ordinary,
}

/// What became of an item.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) key: Key,
    pub(super) ending: Ending,
    pub(super) counts: ImportReport,
    pub(super) issues: Vec<CopyIssue>,
}

impl Done {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            key: key.clone(),
            ending: Ending::Ordinary,
            counts: ImportReport::default(),
            issues: Vec::new(),
        }
    }

    /// Ends with a problem.
    pub(super) fn with(mut self, ending: Ending, problem: CopyProblem, error: Error) -> Self {
        self.ending = ending;
        self.tell(problem, error);
        self
    }

    /// Takes over what was told meanwhile.
    pub(super) fn take(&mut self, told: Self) {
        self.issues.extend(told.issues);
        self.counts.versions += told.counts.versions;
        self.counts.damaged += told.counts.damaged;
        self.counts.missing = self.counts.missing.saturating_add(told.counts.missing);
    }

    pub(super) fn tell(&mut self, problem: CopyProblem, error: Error) {
        self.issues.push(CopyIssue::new(problem, error.during("import")));
    }
}

impl ImportReport {
    /// Tells whether every history of the source is in this store now, or is to stay as this store has it, but for versions that are damaged or missing in the source.
    pub fn is_complete(&self) -> bool {
        self.conflicts + self.unreadable + self.refused == 0
    }

    /// Adds what became of an item, and tells whoever watches.
    pub(super) fn add(&mut self, done: Done, watch: &dyn CopyWatch) {
        let Done { key, ending, counts, issues } = done;
        for issue in issues {
            watch.issue(issue);
        }
        self.versions += counts.versions;
        self.damaged += counts.damaged;
        // Numbers may be far apart in names that somebody has made up.
        self.missing = self.missing.saturating_add(counts.missing);
        self.branches += counts.branches;
        self.labels += counts.labels;
        self.left_out.extend(counts.left_out);
        let place = match ending {
            Ending::Ordinary => return,
            Ending::Imported => &mut self.imported,
            Ending::Continued => &mut self.continued,
            Ending::Equal => &mut self.equal,
            Ending::Ahead => {
                self.left_out.insert(key);
                &mut self.equal
            }
            Ending::Kept => {
                self.left_out.insert(key);
                &mut self.kept
            }
            Ending::Conflict => {
                self.left_out.insert(key);
                &mut self.conflicts
            }
            Ending::Unreadable => {
                self.left_out.insert(key);
                &mut self.unreadable
            }
            Ending::Refused => {
                self.left_out.insert(key);
                &mut self.refused
            }
        };
        *place += 1;
        self.items += 1;
    }
}
