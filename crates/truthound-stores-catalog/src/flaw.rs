//! Errors that others shipped, to be put back by tests: each has a test that catches it.
//!
//! The numbers are those of the nine that storage engines on object stores were bitten by again and again: a lost acknowledgement, a name
//! that comes again, garbage by age, a plan whose files are gone, contention, listing in a loop, clean-up that looks at everything, safety
//! by clocks. The ninth, files that are not synced, cannot be made here: an object store has no files, and what it acknowledges is durable.
//! It is for the tests of the store in files.

/// One error of the protocol, or of the manners, of a store over a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Bug 1: A put whose acknowledgement was lost is taken for one that lost: the writer does not know its own document again, and the fold
    /// does not look for its commit in the ring.
    LostAckTakenForConflict,
    /// Bug 2: The loser of a swap uses the names of its files again, on another base.
    NamesUsedAgain,
    /// Bug 2: The mark of a deleted document is removed as soon as its tombstone is folded: its name is free for what is still on its way.
    MarksRemovedAtOnce,
    /// Bugs 3 and 8: Clean-up removes what no root names once it is some minutes old by its own clock, whatever generation its name says.
    FilesRemovedByAge,
    /// Bug 3: Clean-up removes files without a commit of its own before.
    CleanUpWithoutCommit,
    /// Bug 4: A listing takes a segment that clean-up has removed for one without rows, in place of beginning again.
    GoneTakenForEmpty,
    /// Bug 5: "Another request is at work" (409) is taken for "somebody else was first" (412).
    BusyTakenForConflict,
    /// Bug 5: The loser of a swap tries again without a pause.
    BlindRetry,
    /// Bug 6: A handle goes on listing the tail though nobody asks.
    #[cfg(test)]
    ListsInALoop,
    /// Bug 7: Clean-up looks at each document although nothing is garbage.
    #[cfg(test)]
    CleanUpLooksAtEverything,
    /// Bug 8: A revision is as late as the clock of its writer says, even if that is before the one that it replaces.
    ClockNotRaised,
    /// A fold lists the tail before it gets the root.
    TailBeforeRoot,
    /// Rows are ended by what `before` names only.
    EndsByPredecessorOnly,
    /// Rows at or below the watermark are folded without a look.
    LateRowsNotLookedUp,
}

/// The error that a test has put back; none outside of tests.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flaws {
    #[cfg(test)]
    pub(crate) one: Option<Flaw>,
}

impl Flaws {
    /// Tells whether a test has put this error back.
    #[cfg(test)]
    pub(crate) fn has(self, flaw: Flaw) -> bool {
        self.one == Some(flaw)
    }

    /// Outside of tests there is none.
    #[cfg(not(test))]
    #[allow(clippy::unused_self, reason = "tests ask what they have put back")]
    pub(crate) const fn has(self, _: Flaw) -> bool {
        false
    }
}
