//! Each seeded error is found.

use crate::finds;
use crate::scenario::{Flaw, Scenario};
use crate::scenarios as s;

const ALL: &[(Flaw, fn() -> Scenario, &str)] = &[
    (Flaw::RootBeforeTail, s::late_rows, ""),
    (Flaw::KillsSkippedForPrunedSegments, s::late_rows, ""),
    (Flaw::CountedBeforeKills, s::limits, ""),
    (Flaw::LateRowShownWithoutLookUp, s::late_rows, ""),
    (Flaw::MissingRowPutAfterHorizon, s::slow_reader, ""),
    (Flaw::ListingOlderThanHorizon, s::slow_reader, ""),
    (Flaw::ListingOlderThanHorizon, s::sleeper, ""),
    (Flaw::KillsByPredecessorOnly, s::overwriters, ""),
    (Flaw::LateRowFoldedWithoutLookUp, s::late_rows, ""),
    (Flaw::TombstoneDroppedAtFold, s::late_creation, ""),
    (Flaw::TombstoneDroppedAtFold, s::missing_row, ""),
    (Flaw::TombstoneDroppedWhenSeenGone, s::slow_reader, ""),
    (Flaw::TombstoneDroppedOverItsRows, s::sleeper, ""),
    (Flaw::TombstoneDroppedUnseen, s::slow_writer, ""),
    (Flaw::LoserDeletesItsSegment, s::two_folders, ""),
    (Flaw::LoserReusesItsSegment, s::two_folders, ""),
    (Flaw::TailDeletedBeforeCommit, s::two_folders, ""),
    (Flaw::PendingByNonce, s::batch, ""),
    (Flaw::FoldListsTailFirst, s::leftovers, ""),
    (Flaw::CleanUpWithoutCommit, s::two_folders, ""),
    (Flaw::CleanUpIgnoresHistory, s::history, ""),
    (Flaw::KillFileGoesWithItsSegment, s::hot, ""),
    (Flaw::MarkRemovedUnconditionally, s::delete_and_save, ""),
    (Flaw::MarkRemovedAtOnce, s::late_creation, ""),
    (Flaw::MarkRemovedBeforeItsRowIsFolded, s::delete_and_save, ""),
    (Flaw::UnconditionalDelete, s::delete_and_save, ""),
    (Flaw::EtagOfContent, s::there_and_back, ""),
    (Flaw::LostAckTakenForConflict, s::replacers, ""),
    (Flaw::LostAckJudgedByContent, s::replacers, ""),
    (Flaw::LostAckJudgedByContent, s::two_savers, ""),
    (Flaw::ClockNotRaised, s::overwriters, ""),
    (Flaw::NewIncarnationOverMark, s::delete_and_save, ""),
    (Flaw::RowPutAfterHorizon, s::slow_writer, ""),
    (Flaw::TriedAgainAfterHorizon, s::late_creation, ""),
    (Flaw::MarkFoundAnsweredWithoutRow, s::two_deleters, ""),
    (Flaw::ConflictAnsweredWithoutRow, s::creators, ""),
    (Flaw::RowBeforeBody, s::two_savers, ""),
    (Flaw::FeedRootBeforeTail, s::followed, ""),
    (Flaw::FeedIgnoresFloor, s::sleeper, ""),
    (Flaw::FeedGivesLateRows, s::followed_late, ""),
];

#[test]
fn all() {
    for &(flaw, scenario, what) in ALL {
        finds(scenario(), flaw, what);
    }
}
