//! Each seeded error is found, and as what it does.

use crate::scenario::{Flaw, Scenario};
use crate::{finds, holds, scenarios};

/// Makes a test of each seeded error: in which scenario it is found, and what is seen of it.
macro_rules! each {
    ($($name:ident: $flaw:ident in $scenario:ident, $what:literal;)+) => {
        $(
            #[test]
            fn $name() {
                finds(scenarios::$scenario(), Flaw::$flaw, $what);
            }
        )+
    };
}

each! {
    // Readers.
    root_before_tail: RootBeforeTail in late_rows, "a query missed what was acknowledged before it began";
    kills_skipped_for_pruned_segments: KillsSkippedForPrunedSegments in late_rows, "a row was shown that was overwritten or deleted before the query began";
    counted_before_kills: CountedBeforeKills in limits, "a query missed what was acknowledged before it began";
    late_row_shown_without_look_up: LateRowShownWithoutLookUp in late_rows, "a row was shown that was overwritten or deleted before the query began";
    news_pruned_before_they_end_rows: NewsPrunedBeforeTheyEndRows in late_rows,
 "a row was shown that was overwritten or deleted before the query began";
    missing_segment_taken_for_empty: MissingSegmentTakenForEmpty in readers_and_clean_up,
 "a query missed what was acknowledged before it began";
    missing_row_put_after_horizon: MissingRowPutAfterHorizon in slow_reader, "the catalog lists what was overwritten or deleted";
    listing_older_than_horizon: ListingOlderThanHorizon in slow_reader, "a document was shown twice";
    listing_older_than_horizon_sleeper: ListingOlderThanHorizon in sleeper, "the feed went back to an older state of a document";
    no_row_for_what_took_its_place: NoRowForWhatTookItsPlace in suspended, "the catalog lists what was overwritten or deleted";
    // Folding.
    kills_by_predecessor_only: KillsByPredecessorOnly in overwriters, "a root has two rows of one incarnation";
    late_row_folded_without_look_up: LateRowFoldedWithoutLookUp in late_rows, "a root has two rows of one incarnation";
    tombstone_dropped_at_fold: TombstoneDroppedAtFold in late_creation, "the catalog lists what was overwritten or deleted";
    tombstone_dropped_at_fold_missing_row: TombstoneDroppedAtFold in missing_row, "the catalog lists what was overwritten or deleted";
    tombstone_dropped_when_seen_gone: TombstoneDroppedWhenSeenGone in late_mark, "the feed went back to an older state of a document";
    tombstone_dropped_over_its_rows: TombstoneDroppedOverItsRows in sleeper, "row and feed disagree at rest";
    loser_deletes_its_segment: LoserDeletesItsSegment in two_folders, "the root refers to a file that is gone";
    loser_reuses_its_segment: LoserReusesItsSegment in two_folders, "the root refers to a file that is gone";
    tail_deleted_before_commit: TailDeletedBeforeCommit in two_folders, "the catalog lists what was overwritten or deleted";
    pending_by_nonce: PendingByNonce in batch, "the catalog lists what was overwritten or deleted";
    fold_lists_tail_first: FoldListsTailFirst in leftovers, "the catalog lists what was overwritten or deleted";
    merge_revives_ended_rows: MergeRevivesEndedRows in hot,
 "a root has two rows of one incarnation";
    // Clean-up.
    clean_up_without_commit: CleanUpWithoutCommit in two_folders, "the root refers to a file that is gone";
    clean_up_ignores_history: CleanUpIgnoresHistory in history, "a root that history keeps refers to a file that is gone";
    kill_file_goes_with_its_segment: KillFileGoesWithItsSegment in hot, "the root refers to a file that is gone";
    mark_removed_unconditionally: MarkRemovedUnconditionally in delete_and_save, "a document was lost";
    mark_removed_at_once: MarkRemovedAtOnce in late_creation, "a document fell back to an older state";
    mark_removed_before_its_row_is_folded: MarkRemovedBeforeItsRowIsFolded in delete_and_save, "a root has two living rows of one document";
    // Writers.
    unconditional_delete: UnconditionalDelete in followed_both, "the catalog lists what was overwritten or deleted";
    etag_of_content: EtagOfContent in there_and_back, "a put replaced another revision than its writer had read";
    lost_ack_taken_for_conflict: LostAckTakenForConflict in replacers, "a save that took effect was answered with a conflict";
    lost_ack_judged_by_content: LostAckJudgedByContent in replacers, "a save was acknowledged that no document holds";
    lost_ack_judged_by_content_two_savers: LostAckJudgedByContent in two_savers, "one save took effect twice";
    clock_not_raised: ClockNotRaised in overwriters, "the catalog lists a document twice";
    new_incarnation_over_mark: NewIncarnationOverMark in delete_and_save, "the catalog lists a document twice";
    row_put_after_horizon: RowPutAfterHorizon in slow_writer, "the catalog lists what was overwritten or deleted";
    tried_again_after_horizon: TriedAgainAfterHorizon in late_creation, "one save took effect twice";
    mark_found_answered_without_row: MarkFoundAnsweredWithoutRow in two_deleters, "the catalog lists what was overwritten or deleted";
    conflict_answered_without_row: ConflictAnsweredWithoutRow in creators, "the catalog lost what was acknowledged";
    row_before_body: RowBeforeBody in two_savers, "the catalog lists a document twice";
    lost_ack_sought_in_the_current_only: LostAckSoughtInTheCurrentOnly in two_savers, "one save took effect twice";
    // Suffixes.
    names_not_closed: NamesNotClosed in suffix_savers, "a document stands under two names";
    other_names_not_looked_at: OtherNamesNotLookedAt in suffix_savers, "a document stands under two names";
    knowledge_too_old: KnowledgeTooOld in suffix_savers, "a document stands under two names";
    closed_by_older_knowledge_left_alone: ClosedByOlderKnowledgeLeftAlone in suffix_back, "a document stands under two names";
    put_over_newer_closing: PutOverNewerClosing in suffix_savers, "a document stands under two names";
    new_name_beside_mark: NewNameBesideMark in suffix_deleted, "a document stands under two names";
    closing_removed_at_once: ClosingRemovedAtOnce in suffix_savers, "a document stands under two names";
    closing_removed_at_once_getter: ClosingRemovedAtOnce in suffix_getter, "a get missed what was acknowledged before it began";
    closing_taken_for_absence: ClosingTakenForAbsence in suffix_getter, "a get missed what was acknowledged before it began";
    absence_by_old_knowledge: AbsenceByOldKnowledge in suffix_getter, "a get missed what was acknowledged before it began";
    // Reindexing.
    reindex_forgets_what_was_folded_since: ReindexForgetsWhatWasFoldedSince in reindexed, "the catalog lost what was acknowledged";
    reindex_goes_on_over_drops: ReindexGoesOnOverDrops in reindexed_slowly, "the catalog lists what was overwritten or deleted";
    // The feed.
    feed_root_before_tail: FeedRootBeforeTail in followed, "the feed went back to an older state of a document";
    feed_ignores_floor: FeedIgnoresFloor in sleeper, "row and feed disagree at rest";
    feed_gives_late_rows: FeedGivesLateRows in followed_late, "the feed went back to an older state of a document";
}

/// A folder whose commit was acknowledged to nobody may take it for lost: it finds its rows known, and has deleted nothing.
#[test]
fn a_commit_taken_for_lost_does_no_harm() {
    holds(&Scenario { flaw: Some(Flaw::CommitTakenForLost), ..scenarios::two_folders() });
    holds(&Scenario { flaw: Some(Flaw::CommitTakenForLost), ..scenarios::nibblers() });
}

/// It is the generation in their names that keeps files of folders at work: what is named with an older one than a root has no future.
#[test]
fn older_files_may_go_without_a_commit() {
    holds(&Scenario { flaw: Some(Flaw::OlderFilesCleanedWithoutCommit), ..scenarios::two_folders() });
    holds(&Scenario { flaw: Some(Flaw::OlderFilesCleanedWithoutCommit), ..scenarios::hot() });
}
