//! The only list of cases.

use super::Case;

/// Passes all cases, by subject, to a macro.
///
/// `for_each_case!([path::to::then] {args})` expands to `path::to::then! { {args} subject { case case … } … }`.
#[macro_export]
macro_rules! for_each_case {
    ([$($then:tt)+] $args:tt) => {
        $($then)+! {
            $args
            keys {
                every_id_of_the_table_is_stored_apart
                deleting_ids_of_the_table_leaves_the_others
                ids_that_differ_by_case_are_two_documents
                a_slash_and_an_underscore_make_two_ids
                one_id_in_several_collections_is_several_documents
                expectation_suites_are_kept_beside_results
            }
            write {
                a_first_write_is_reported_as_new
                an_overwrite_replaces_and_says_what
                create_only_refuses_a_taken_id_and_leaves_it
                create_only_writes_a_free_id
                replace_writes_over_the_revision_that_is_named
                replace_of_another_revision_conflicts_and_leaves_it
                replace_of_an_absent_document_conflicts
                every_write_makes_a_new_revision_even_of_the_same_text
                reading_and_refused_writes_leave_the_revision
                saved_at_is_a_time_of_today_and_does_not_go_back
            }
            read {
                every_way_of_reading_gives_the_same_description
                the_text_is_left_out_only_on_request
                size_and_checksum_describe_what_is_stored
                what_is_absent_is_not_found_by_name
                an_empty_store_answers_with_nothing
                what_is_listed_can_be_read
                what_was_read_before_is_read_anew
            }
            delete {
                a_deleted_document_is_gone_from_every_answer
                delete_answers_whether_there_was_one
                a_named_revision_is_deleted_if_it_is_stored
                another_revision_is_not_deleted
                a_deleted_id_can_be_created_again
            }
            batch {
                a_batch_of_writes_answers_each_in_order
                a_conflict_in_a_batch_stops_no_other
                one_key_twice_in_a_batch_is_written_twice
                a_batch_of_deletes_answers_each_in_order
                conditions_hold_for_each_document_of_a_batch
                each_document_of_a_batch_is_deleted_at_its_own_revision
                an_empty_batch_does_nothing
                a_large_batch_is_all_there
            }
            query {
                any_of_several_statuses_counts
                all_of_several_tags_must_match
                both_ends_of_a_time_range_are_inclusive
                times_with_and_without_an_offset_mix_by_instant
                wildcards_of_a_pattern_match_and_all_else_is_literal
                limit_and_offset_come_after_all_filtering
                hidden_collections_stay_out_of_ordinary_queries
                a_query_sees_only_its_own_collection
                random_queries_agree_with_the_reference
            }
            summaries {
                random_sums_agree_with_the_reference
                sums_are_apart_by_day_and_by_asset
                sums_that_do_not_fit_stay_at_the_largest_number
                sums_are_of_what_limit_and_offset_leave
                what_is_empty_has_no_sums
                sums_follow_overwrites_and_deletes
                hidden_collections_stay_out_of_sums
                sums_do_not_leave_damage_out
            }
            order {
                results_come_newest_first_unless_asked_otherwise
                assets_order_by_code_point
                statuses_order_by_code_point
                ties_break_by_id_in_the_same_direction
            }
            paging {
                pages_of_any_size_give_the_same_listing
                deletes_between_pages_skip_and_repeat_nothing
                inserts_between_pages_skip_and_repeat_nothing
                limit_and_offset_hold_over_all_pages
                the_last_page_has_no_token
                a_token_is_good_again_as_text_and_on_another_handle
                a_token_of_another_query_is_invalid
                a_page_size_out_of_range_is_invalid
                iterating_stops_at_the_limit_and_not_at_the_batch
                a_listing_is_not_disturbed_by_overwrites_of_others
            }
            scan {
                a_scan_lends_what_a_listing_describes
                a_scan_refuses_a_token_of_another_query
                a_scan_reports_damage_as_a_listing_does
            }
            changes {
                every_write_and_delete_is_in_the_feed_in_order
                deletes_are_in_the_feed
                batches_are_in_the_feed
                small_limits_give_the_same_changes
                a_feed_token_is_good_again_as_text_and_on_another_handle
                the_feed_covers_all_collections
                refused_writes_are_no_changes
                a_limit_of_zero_and_a_token_that_is_none_are_invalid
                listing_after_a_reset_and_following_misses_nothing
            }
            attributes {
                every_attribute_comes_back
                counts_come_back_exactly
                text_outside_ascii_comes_back
                microseconds_and_far_times_come_back
                an_empty_suite_name_is_not_a_missing_one
                what_wrappers_keep_with_a_record_comes_back
                a_wrappers_records_may_say_more_than_their_text
            }
            bodies {
                realistic_documents_come_back_exactly
                odd_documents_are_stored_and_come_back
                numbers_keep_their_text
                numbers_that_are_not_finite_are_kept
                keys_keep_their_order
                every_character_is_kept
                empty_containers_and_deep_ones_are_kept
                a_document_of_a_megabyte_is_kept
                what_a_format_cannot_hold_is_kept_or_refused
                a_document_that_came_out_can_be_saved_again
            }
            comforts {
                typed_documents_come_back
                a_document_that_is_no_result_is_refused_and_not_written
                the_latest_the_history_and_the_failures_of_an_asset
                a_query_reads_documents_in_its_order
                clearing_deletes_what_the_query_lists
                iterating_leaves_out_what_is_deleted_on_the_way
            }
            lifecycle {
                a_closed_store_refuses_every_call
                a_closed_store_still_says_what_it_is
                closing_one_handle_leaves_the_others
                a_good_store_passes_its_check
                flushing_changes_nothing_that_is_seen
                a_store_that_is_opened_again_is_as_it_was
                many_handles_may_be_opened_and_closed
            }
            isolation {
                one_id_in_two_namespaces_is_two_documents
                queries_see_their_own_namespace
                deletes_leave_other_namespaces
                feeds_tell_of_their_own_namespace
                handles_see_each_others_work_at_once
            }
            races {
                concurrent_saves_of_different_ids_are_all_there
                of_many_who_create_one_id_one_wins
                counting_by_compare_and_swap_loses_no_step
                of_many_who_delete_one_document_one_did
                readers_never_see_a_mixture_of_two_writes
                a_document_is_there_while_it_is_overwritten
            }
            capabilities {
                create_only_works_or_is_refused
                compare_and_swap_works_or_is_refused
                the_feed_works_or_is_refused
                the_store_says_that_it_can_be_written
                a_revision_of_another_document_is_none_of_this
            }
            damage {
                a_damaged_document_is_corrupt_by_name
                a_damaged_document_hides_no_other_and_is_not_hidden
                a_count_does_not_leave_damage_out
                a_damaged_document_can_be_deleted
                a_damaged_document_can_be_written_over
            }
            outage {
                an_outage_is_never_an_absence
                a_write_that_fails_leaves_the_old_value
                a_store_works_again_after_an_outage
            }
            upkeep {
                verifying_a_sound_store_finds_all_documents_and_no_damage
                an_empty_store_is_sound
                verify_names_a_damaged_document
                repair_turns_no_damage_into_an_absence
                upkeep_loses_and_changes_nothing
                the_feed_goes_on_over_upkeep
                what_is_saved_during_upkeep_is_all_there
                upkeep_of_a_closed_store_is_refused
                an_outage_is_no_damage
            }
            display {
                a_store_names_itself_on_one_line
                a_store_names_its_backend_and_its_place
            }
        }
    };
}

/// Makes every case of the suite a test of one store.
///
/// `conformance_tests!(name, make)` expands to a module `name` with a module for each subject and a `#[test]` for each
/// case; `make` is an expression that is called without arguments for each and returns an empty
/// [`Place`](crate::Place). Each test has a runtime of its own, so the caller needs no dependency but this crate.
///
/// # Examples
/// ```no_run
/// # use std::sync::Arc;
/// # use truthound_stores_core::Store;
/// # use truthound_stores_testkit::{Place, conformance_tests};
/// # struct Folder;
/// # #[async_trait::async_trait]
/// # impl Place for Folder {
/// #     async fn open(&self, _: &str) -> Arc<dyn Store> { unreachable!() }
/// #     fn persists(&self) -> bool { true }
/// # }
/// fn empty_folder() -> Folder {
///     /* … */
/// #   Folder
/// }
///
/// conformance_tests!(filesystem, empty_folder);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance_tests {
    ($name:ident, $make:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "the expression may need nothing from around it")]
            use super::*;

            fn place() -> impl $crate::Place {
                ($make)()
            }

            $crate::for_each_case! { [$crate::__cases_as_tests] {} }
        }
    };
}

/// Makes every case of the suite a test of one store where what the store needs is there, such as a server.
///
/// As [`conformance_tests!`], but for `make`, which returns an `Option`: with `None` each test passes and has tested nothing. `make` says so by
/// [`skip`](crate::skip), so that the tests are counted as skipped.
///
/// # Examples
/// ```no_run
/// # use std::sync::Arc;
/// # use truthound_stores_core::Store;
/// # use truthound_stores_testkit::{Place, conformance_tests_where, skip};
/// # struct Server(String);
/// # #[async_trait::async_trait]
/// # impl Place for Server {
/// #     async fn open(&self, _: &str) -> Arc<dyn Store> { unreachable!() }
/// #     fn persists(&self) -> bool { true }
/// # }
/// fn server() -> Option<Server> {
///     let url = std::env::var("SERVER_URL").ok();
///     if url.is_none() {
///         skip("server", "SERVER_URL is not set");
///     }
///     url.map(Server)
/// }
///
/// conformance_tests_where!(over_a_server, server);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance_tests_where {
    ($name:ident, $make:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "the expression may need nothing from around it")]
            use super::*;

            fn place() -> Option<impl $crate::Place> {
                ($make)()
            }

            $crate::for_each_case! { [$crate::__cases_as_tests_where] {} }
        }
    };
}

/// Turns the list into test functions; an inner part of [`conformance_tests!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __cases_as_tests {
    ({} $($subject:ident { $($case:ident)+ })+) => {
        $(
            mod $subject {
                $(
                    #[test]
                    fn $case() {
                        $crate::test_case(stringify!($case), &super::place());
                    }
                )+
            }
        )+
    };
}

/// Turns the list into test functions that may have no place; an inner part of [`conformance_tests_where!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __cases_as_tests_where {
    ({} $($subject:ident { $($case:ident)+ })+) => {
        $(
            mod $subject {
                $(
                    #[test]
                    fn $case() {
                        if let Some(place) = super::place() {
                            $crate::test_case(stringify!($case), &place);
                        }
                    }
                )+
            }
        )+
    };
}

macro_rules! table {
    ({} $($subject:ident { $($case:ident)+ })+) => {
        pub(super) const CASES: &[Case] = &[$($(
            Case {
                subject: stringify!($subject),
                name: stringify!($case),
                run: |place| Box::pin(super::$subject::$case(place)),
            },
        )+)+];
    };
}

for_each_case! { [table] {} }
