//! The only list of flaws.

use std::sync::Arc;

use truthound_stores_core::ErrorKind;

use super::behaviour::{Behaviour, Shared};
use super::{
    batch, capabilities, changes, content, keys, lifecycle, listing, paging, query, read, scan, summary,
    trouble, upkeep, write,
};

/// One bug, and the case of the suite that catches it.
#[derive(Clone, Copy, Debug)]
pub struct Flaw {
    /// What the store does wrong, in words.
    pub name: &'static str,
    /// The case that fails for a store with this bug. Others may fail, too.
    pub caught_by: &'static str,
    pub(super) make: fn(&Arc<Shared>) -> Box<dyn Behaviour>,
    pub(super) namespace: fn(&str) -> &str,
}

/// Lists all bugs.
pub fn flaws() -> &'static [Flaw] {
    FLAWS
}

macro_rules! flaws {
    ($($name:literal => $case:ident: $make:expr;)+) => {
        const FLAWS: &[Flaw] = &[
            $(Flaw { name: $name, caught_by: stringify!($case), make: |_| Box::new($make), namespace: |name| name },)+
            Flaw {
                name: "closes all handles with one",
                caught_by: "closing_one_handle_leaves_the_others",
                make: |shared| Box::new(lifecycle::ClosesAll(Arc::clone(shared))),
                namespace: |name| name,
            },
            Flaw {
                name: "knows no namespaces",
                caught_by: "one_id_in_two_namespaces_is_two_documents",
                make: |_| Box::new(Nothing),
                namespace: |_| "default",
            },
            Flaw {
                name: "takes the beginning of a namespace's name for the whole",
                caught_by: "queries_see_their_own_namespace",
                make: |_| Box::new(Nothing),
                namespace: |name| name.split('_').next().unwrap_or(name),
            },
        ];
    };
}

/// The correct behaviour, for bugs that lie elsewhere.
#[derive(Debug)]
struct Nothing;

impl Behaviour for Nothing {}

flaws! {
    "folds the case of ids" => ids_that_differ_by_case_are_two_documents: keys::Renames(keys::folded);
    "turns slashes into underscores" => a_slash_and_an_underscore_make_two_ids: keys::Renames(keys::without_slashes);
    "drops dots and spaces at the end of ids" => every_id_of_the_table_is_stored_apart: keys::Renames(keys::trimmed);
    "cuts long ids" => every_id_of_the_table_is_stored_apart: keys::Renames(keys::shortened);
    "does not escape its escape character" => deleting_ids_of_the_table_leaves_the_others: keys::Renames(keys::half_escaped);
    "keeps all collections in one" => one_id_in_several_collections_is_several_documents: keys::OneCollection;

    "overwrites on create" => create_only_refuses_a_taken_id_and_leaves_it: write::CreateOverwrites;
    "checks, then creates" => of_many_who_create_one_id_one_wins: write::ChecksThenWrites;
    "checks, then swaps" => counting_by_compare_and_swap_loses_no_step: write::ChecksThenWrites;
    "swaps whatever is stored" => replace_of_another_revision_conflicts_and_leaves_it: write::ReplaceIgnoresRevision;
    "creates on replace" => replace_of_an_absent_document_conflicts: write::ReplaceCreates;
    "skips a write of the same text" => every_write_makes_a_new_revision_even_of_the_same_text: write::SkipsEqualWrites;
    "reports overwrites as new" => an_overwrite_replaces_and_says_what: write::ReportsAllAsNew;
    "writes description and text in two steps" => readers_never_see_a_mixture_of_two_writes: write::WritesInTwoSteps;
    "deletes before it overwrites" => a_document_is_there_while_it_is_overwritten: write::DeletesThenWrites;
    "deletes any revision" => another_revision_is_not_deleted: write::DeleteIgnoresRevision;
    "says that it deleted what was not there" => delete_answers_whether_there_was_one: write::DeleteAlwaysTrue;

    "serves from its cache what was deleted" => a_deleted_document_is_gone_from_every_answer: read::StaleCache::over_deletes();
    "serves from its cache what was overwritten" => what_was_read_before_is_read_anew: read::StaleCache::over_writes();
    "serves from its cache what others changed" => handles_see_each_others_work_at_once: read::StaleCache::of_its_own();
    "describes otherwise without the text" => every_way_of_reading_gives_the_same_description: read::HeadDiffers;
    "does not name the key in errors" => what_is_absent_is_not_found_by_name: read::ErrorsWithoutKey;
    "answers writes with the size 0" => size_and_checksum_describe_what_is_stored: read::SizeZero;

    "drops unknown fields" => odd_documents_are_stored_and_come_back: content::Rewrites(content::without_unknown_fields);
    "makes all numbers floats" => numbers_keep_their_text: content::Rewrites(content::with_floats);
    "rounds numbers to 53 bits" => numbers_keep_their_text: content::Rewrites(content::with_53_bits);
    "sorts keys" => keys_keep_their_order: content::Rewrites(content::with_sorted_keys);
    "makes null of NaN" => numbers_that_are_not_finite_are_kept: content::Rewrites(content::without_nan);
    "drops NUL characters" => every_character_is_kept: content::Rewrites(content::without_nul);
    "keeps 64 KB at most" => a_document_of_a_megabyte_is_kept: content::Rewrites(content::of_64_kilobytes);
    "rounds times to milliseconds" => microseconds_and_far_times_come_back: content::Misremembers(content::in_milliseconds);
    "loses what wrappers keep" => what_wrappers_keep_with_a_record_comes_back: content::Misremembers(content::without_ext);
    "keeps tags in ASCII" => text_outside_ascii_comes_back: content::Misremembers(content::in_ascii);
    "counts in 32 bits" => counts_come_back_exactly: content::Misremembers(content::in_32_bits);
    "takes empty for missing" => an_empty_suite_name_is_not_a_missing_one: content::Misremembers(content::without_empty_suites);
    "knows no attributes but those in the text" => a_wrappers_records_may_say_more_than_their_text: content::TrustsTheTextAlone;

    "excludes the end of a time range" => both_ends_of_a_time_range_are_inclusive: query::Asks(query::end_exclusive);
    "compares times by the second" => both_ends_of_a_time_range_are_inclusive: query::TIMES_IN_SECONDS;
    "looks at the first status only" => any_of_several_statuses_counts: query::Asks(query::first_status_only);
    "takes a limit of 0 for none" => limit_and_offset_come_after_all_filtering: query::Asks(query::zero_is_no_limit);
    "limits before it filters" => limit_and_offset_come_after_all_filtering: query::LIMIT_FIRST;
    "finds documents with any of the tags" => all_of_several_tags_must_match: query::ANY_TAG;
    "folds the case of tags" => all_of_several_tags_must_match: query::TAGS_FOLDED;
    "does not escape patterns for LIKE" => wildcards_of_a_pattern_match_and_all_else_is_literal: query::LIKE_UNESCAPED;
    "takes a pattern for a prefix" => wildcards_of_a_pattern_match_and_all_else_is_literal: query::PATTERN_IS_PREFIX;
    "counts without regard to the limit" => limit_and_offset_come_after_all_filtering: query::CountIgnoresLimit;
    "accepts any page size" => a_page_size_out_of_range_is_invalid: query::AcceptsAnyPageSize;

    "sums up without regard to the limit" => sums_are_of_what_limit_and_offset_leave: summary::SumsUnlimited;
    "sums up hidden collections" => hidden_collections_stay_out_of_sums: summary::SumsHidden::default();
    "sums up what was deleted" => sums_follow_overwrites_and_deletes: summary::Remembers::default();
    "begins days at one in the morning" => sums_are_apart_by_day_and_by_asset: summary::Alters(summary::with_shifted_days);
    "takes assets that differ by case for one" => sums_are_apart_by_day_and_by_asset: summary::Alters(summary::with_folded_assets);
    "sums up unknown statuses as errors" => sums_are_apart_by_day_and_by_asset: summary::Alters(summary::with_known_statuses);
    "sums up in whole milliseconds" => random_sums_agree_with_the_reference: summary::Alters(summary::in_whole_milliseconds);
    "leaves out what has no counts" => random_sums_agree_with_the_reference: summary::LeavesOut(summary::without_counts);
    "sums up in 64 signed bits" => sums_that_do_not_fit_stay_at_the_largest_number: summary::InSignedBits;
    "answers a sum over nothing with a group" => what_is_empty_has_no_sums: summary::NeverEmpty;
    "sums up any page size" => a_page_size_out_of_range_is_invalid: summary::AcceptsAnyPageSize;
    "sums up after it was closed" => a_closed_store_refuses_every_call: summary::NothingInsteadOf(ErrorKind::Closed);
    "takes an outage for an empty sum" => an_outage_is_never_an_absence: summary::NothingInsteadOf(ErrorKind::Unavailable);
    "sums up without the damaged" => sums_do_not_leave_damage_out: summary::WithoutDamaged;

    "lists what was deleted" => a_deleted_document_is_gone_from_every_answer: listing::ListsDeleted::default();
    "does not list what came in a batch" => a_large_batch_is_all_there: listing::ListsNoBatches::default();
    "lists hidden collections" => hidden_collections_stay_out_of_ordinary_queries: listing::ListsHidden::default();
    "orders without regard to case" => assets_order_by_code_point: listing::OrdersBy(listing::folded);
    "orders by UTF-16" => assets_order_by_code_point: listing::OrdersBy(listing::in_utf16);
    "orders statuses by severity" => statuses_order_by_code_point: listing::OrdersBy(listing::by_severity);
    "leaves ties as they were written" => ties_break_by_id_in_the_same_direction: listing::OrdersBy(listing::ties_by_age);

    "skips the offset on every page" => limit_and_offset_hold_over_all_pages: paging::OffsetOnEveryPage;
    "pages by offset" => deletes_between_pages_skip_and_repeat_nothing: paging::PagesByOffset;
    "skips ties between pages" => pages_of_any_size_give_the_same_listing: paging::SkipsTies;
    "begins again at a token of another query" => a_token_of_another_query_is_invalid: paging::AcceptsForeignTokens;
    "ignores the page size" => pages_of_any_size_give_the_same_listing: paging::IgnoresPageSize;
    "gives a token after the last page" => the_last_page_has_no_token: paging::NeverSaysTheEnd;

    "leaves a document out of scans" => a_scan_lends_what_a_listing_describes: scan::Lends(scan::without_one);
    "lends the status of another document" => a_scan_lends_what_a_listing_describes: scan::Lends(scan::with_shifted_statuses);
    "scans one page only" => a_scan_lends_what_a_listing_describes: scan::Lends(scan::without_next);
    "forgets damage in scans" => a_scan_reports_damage_as_a_listing_does: scan::Lends(scan::without_damaged);
    "takes a scan that cannot be for one of nothing" => a_scan_refuses_a_token_of_another_query: scan::EndsInsteadOf(ErrorKind::Invalid);
    "scans after it was closed" => a_closed_store_refuses_every_call: scan::EndsInsteadOf(ErrorKind::Closed);
    "takes an outage for the end of a scan" => an_outage_is_never_an_absence: scan::EndsInsteadOf(ErrorKind::Unavailable);

    "stops a batch at the first error" => a_conflict_in_a_batch_stops_no_other: batch::StopsAtFirstError;
    "answers batches by key" => a_batch_of_writes_answers_each_in_order: batch::AnswersByKey;
    "keeps the first of a key in a batch" => one_key_twice_in_a_batch_is_written_twice: batch::KeepsFirstOfAKey;
    "forgets the conditions of a batch" => conditions_hold_for_each_document_of_a_batch: batch::BatchIgnoresRevision;
    "forgets the revision of each document of a batch" => each_document_of_a_batch_is_deleted_at_its_own_revision: batch::BatchIgnoresRevisions;
    "says of all keys of a batch that they were there" => a_batch_of_deletes_answers_each_in_order: batch::BatchDeleteAlwaysTrue;
    "cuts large batches" => a_large_batch_is_all_there: batch::CutsLargeBatches;

    "feed without deletes" => deletes_are_in_the_feed: changes::Tells(changes::no_deletes);
    "feed out of order" => every_write_and_delete_is_in_the_feed_in_order: changes::Tells(changes::newest_first);
    "feed of last states" => every_write_and_delete_is_in_the_feed_in_order: changes::Tells(changes::last_states);
    "feed without hidden collections" => the_feed_covers_all_collections: changes::Tells(changes::no_hidden_collections);
    "feed without batches" => batches_are_in_the_feed: changes::MissesBatches::default();
    "feed that never advances" => every_write_and_delete_is_in_the_feed_in_order: changes::NeverAdvances;
    "feed that runs ahead" => small_limits_give_the_same_changes: changes::RunsAhead;
    "feed without a limit" => small_limits_give_the_same_changes: changes::IgnoresLimit;
    "feed that starts without a reset" => every_write_and_delete_is_in_the_feed_in_order: changes::StartsSilently;
    "feed that accepts any token" => a_limit_of_zero_and_a_token_that_is_none_are_invalid: changes::AcceptsAnyToken;
    "feed that is claimed and empty" => the_feed_works_or_is_refused: capabilities::FeedIsEmpty;

    "creates badly without claiming it" => create_only_works_or_is_refused:
        capabilities::DoesWhatItDoesNotClaim(|claimed| claimed.with_create_only(false));
    "swaps badly without claiming it" => compare_and_swap_works_or_is_refused:
        capabilities::DoesWhatItDoesNotClaim(|claimed| claimed.with_compare_and_swap(false));
    "has a feed without claiming it" => the_feed_works_or_is_refused:
        capabilities::DoesWhatItDoesNotClaim(|claimed| claimed.with_change_feed(false));

    "shows itself on two lines" => a_store_names_itself_on_one_line: capabilities::ShowsTwoLines;

    "works after it was closed" => a_closed_store_refuses_every_call: lifecycle::WorksAfterClose;
    "counts after it was closed" => a_closed_store_refuses_every_call: lifecycle::CountsAfterClose;
    "refuses to be closed twice" => a_closed_store_still_says_what_it_is: lifecycle::RefusesSecondClose;
    "loses the last write when it is closed" => a_store_that_is_opened_again_is_as_it_was: lifecycle::LosesTheLastOnClose;

    "hides damage" => a_damaged_document_hides_no_other_and_is_not_hidden: trouble::SwallowsDamage;
    "reports damage on every page" => a_damaged_document_hides_no_other_and_is_not_hidden: trouble::RepeatsDamage::default();
    "stops at damage" => a_damaged_document_hides_no_other_and_is_not_hidden: trouble::StopsAtDamage;
    "counts without the damaged" => a_count_does_not_leave_damage_out: trouble::CountsWithoutDamaged;
    "takes damage for an absence" => a_damaged_document_is_corrupt_by_name: trouble::FailureAsAbsence(ErrorKind::Corrupt);
    "cannot delete what is damaged" => a_damaged_document_can_be_deleted: trouble::ReadsBeforeDeleting;
    "takes an absence for damage" => iterating_leaves_out_what_is_deleted_on_the_way: trouble::AbsenceAsDamage;
    "takes an outage for an absence" => an_outage_is_never_an_absence: trouble::FailureAsAbsence(ErrorKind::Unavailable);
    "takes an outage for emptiness" => an_outage_is_never_an_absence: trouble::OutageAsEmpty;
    "remembers an outage as an absence" => a_store_works_again_after_an_outage: trouble::RemembersFailures::default();
    "verifies without looking" => verify_names_a_damaged_document: upkeep::Reports(upkeep::no_damage);
    "verify does not name what is damaged" => verify_names_a_damaged_document: upkeep::Reports(upkeep::no_names);
    "verify takes what is new for damage" => verifying_a_sound_store_finds_all_documents_and_no_damage: upkeep::DistrustsTheUnflushed;
    "verify counts results only" => verifying_a_sound_store_finds_all_documents_and_no_damage: upkeep::CountsResultsOnly;
    "verify of nothing is damage" => an_empty_store_is_sound: upkeep::Reports(upkeep::empty_is_damage);
    "repair deletes what is damaged" => repair_turns_no_damage_into_an_absence: upkeep::RepairDeletes;
    "maintain removes the oldest" => upkeep_loses_and_changes_nothing: upkeep::MaintainRemovesOldest;
    "reindex forgets what wrappers keep" => upkeep_loses_and_changes_nothing: upkeep::ReindexForgetsExt;
    "diagnose writes" => upkeep_loses_and_changes_nothing: upkeep::DiagnoseWrites;
    "maintain cuts the feed" => the_feed_goes_on_over_upkeep: upkeep::MaintainCutsTheFeed::default();
    "maintain puts back what it saw when it began" => what_is_saved_during_upkeep_is_all_there: upkeep::MaintainPutsBack;
    "maintains after it was closed" => upkeep_of_a_closed_store_is_refused: upkeep::MaintainsAfterClose;
    "takes an outage for damage" => an_outage_is_no_damage: upkeep::OutageAsDamage;

    "acknowledges what it could not write" => a_write_that_fails_leaves_the_old_value: trouble::AcknowledgesFailures;
}
