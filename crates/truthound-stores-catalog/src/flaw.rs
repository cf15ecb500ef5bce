//! Errors that others shipped, to be put back by tests: each has a test that catches it.

/// One error of folding or clean-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A swap whose acknowledgement was lost is taken for one that lost, without a look at the ring of commits.
    LostAckTakenForConflict,
    /// The loser of a swap uses the names of its files again, on another base.
    NamesUsedAgain,
    /// Clean-up removes what no root names once it is some minutes old, whatever generation its name says.
    FilesRemovedByAge,
    /// Clean-up removes files without a commit of its own before.
    CleanUpWithoutCommit,
    /// The loser of a swap tries again without a pause.
    BlindRetry,
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
