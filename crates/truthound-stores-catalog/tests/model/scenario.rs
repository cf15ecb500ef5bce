//! Who takes part, and how much may go wrong: each scenario is small enough to be walked through to its end.

/// One way to get the protocol wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    // Readers.
    RootBeforeTail,
    KillsSkippedForPrunedSegments,
    CountedBeforeKills,
    LateRowShownWithoutLookUp,
    NewsPrunedBeforeTheyEndRows,
    MissingSegmentTakenForEmpty,
    MissingRowPutAfterHorizon,
    ListingOlderThanHorizon,
    // Folding.
    KillsByPredecessorOnly,
    LateRowFoldedWithoutLookUp,
    TombstoneDroppedAtFold,
    MergeRevivesEndedRows,
    TombstoneDroppedWhenSeenGone,
    TombstoneDroppedOverItsRows,
    LoserDeletesItsSegment,
    LoserReusesItsSegment,
    TailDeletedBeforeCommit,
    PendingByNonce,
    FoldListsTailFirst,
    CommitTakenForLost,
    // Clean-up.
    OlderFilesCleanedWithoutCommit,
    CleanUpWithoutCommit,
    CleanUpIgnoresHistory,
    KillFileGoesWithItsSegment,
    MarkRemovedUnconditionally,
    MarkRemovedAtOnce,
    MarkRemovedBeforeItsRowIsFolded,
    // Writers.
    UnconditionalDelete,
    EtagOfContent,
    LostAckTakenForConflict,
    LostAckJudgedByContent,
    LostAckSoughtInTheCurrentOnly,
    ClockNotRaised,
    NewIncarnationOverMark,
    RowPutAfterHorizon,
    NoRowForWhatTookItsPlace,
    TriedAgainAfterHorizon,
    MarkFoundAnsweredWithoutRow,
    ConflictAnsweredWithoutRow,
    RowBeforeBody,
    // Suffixes.
    NamesNotClosed,
    OtherNamesNotLookedAt,
    KnowledgeTooOld,
    ClosedByOlderKnowledgeLeftAlone,
    PutOverNewerClosing,
    NewNameBesideMark,
    ClosingRemovedAtOnce,
    ClosingTakenForAbsence,
    AbsenceByOldKnowledge,
    // Reindexing.
    ReindexForgetsWhatWasFoldedSince,
    ReindexGoesOnOverDrops,
    // The feed.
    FeedRootBeforeTail,
    FeedIgnoresFloor,
    FeedGivesLateRows,
}

/// What a caller asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Saves, whatever is there.
    Save,
    /// Saves if nothing is there.
    Create,
    /// Reads, then saves if nothing has changed since.
    Replace,
    Delete,
}

#[derive(Clone, Copy)]
pub(crate) struct Op {
    pub(crate) kind: Kind,
    pub(crate) doc: u8,
    pub(crate) class: u8,
    pub(crate) content: u8,
    /// Its row goes into one object with those of the next operation.
    pub(crate) with_next: bool,
}

impl Op {
    pub(crate) const fn new(kind: Kind, doc: u8) -> Self {
        Self { kind, doc, class: 0, content: 1, with_next: false }
    }

    pub(crate) const fn class(self, class: u8) -> Self {
        Self { class, ..self }
    }

    pub(crate) const fn content(self, content: u8) -> Self {
        Self { content, ..self }
    }

    pub(crate) const fn with_next(self) -> Self {
        Self { with_next: true, ..self }
    }
}

/// Which segments a fold takes the place of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    None,
    /// The last one.
    Hot,
    All,
}

pub(crate) enum Actor {
    Writer {
        clock: u8,
        ops: Vec<Op>,
    },
    /// Folds the tail, `take` objects at most.
    Folder {
        runs: u8,
        take: u32,
        merge: Merge,
    },
    /// Deletes what is not referenced, and keeps this many generations of history.
    Cleaner {
        runs: u8,
        keep: u32,
    },
    /// Removes marks.
    Sweeper {
        runs: u8,
    },
    /// Asks for the rows of a class; reads the bodies as well if `bodies`.
    Reader {
        runs: u8,
        class: u8,
        limit: u32,
        bodies: bool,
    },
    /// Builds the catalog anew.
    Reindexer,
    /// Follows the feed.
    Follower {
        pages: u8,
    },
    /// Changes the suffix of new documents.
    Turner,
    /// Gets the document, by its names.
    Getter,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) actors: Vec<Actor>,
    /// How many documents are there, folded, when it begins.
    pub(crate) preloaded: u8,
    /// How often an actor may crash.
    pub(crate) crashes: u8,
    /// How many acknowledgements may be lost.
    pub(crate) lost: u8,
    /// How many requests may land twice, or after their sender gave up on them.
    pub(crate) duplicates: u8,
    /// How often so much time may pass that no request from before can still land.
    pub(crate) horizons: u8,
    pub(crate) generations: u8,
    /// Readers and followers need two requests to list the tail.
    pub(crate) paged: bool,
    /// The suffixes that new documents have, one after the other; none if all have the same.
    pub(crate) suffixes: &'static [u8],
    pub(crate) flaw: Option<Flaw>,
}

impl Scenario {
    pub(crate) fn new(name: &'static str, actors: Vec<Actor>) -> Self {
        Self {
            name,
            actors,
            preloaded: 0,
            crashes: 0,
            lost: 0,
            duplicates: 0,
            horizons: 0,
            generations: 3,
            paged: false,
            suffixes: &[],
            flaw: None,
        }
    }

    pub(crate) fn is(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }
}
