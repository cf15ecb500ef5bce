//! The protocol holds, whoever meets whom.

use crate::{holds_or_wider, scenarios};

/// Makes a test of each scenario.
macro_rules! each {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                holds_or_wider(stringify!($name), scenarios::$name());
            }
        )+
    };
}

each![
    two_savers,
    overwriters,
    replacers,
    there_and_back,
    creators,
    delete_and_save,
    late_creation,
    two_deleters,
    late_rows,
    late_rows_merged,
    nibblers,
    two_folders,
    readers_and_clean_up,
    history,
    hot,
    limits,
    missing_row,
    slow_reader,
    slow_writer,
    batch,
    followed,
    followed_both,
    leftovers,
    followed_late,
    sleeper,
    late_mark,
    pages,
    suspended,
    followed_pages,
    reindexed,
    reindexed_late,
    reindexed_slowly,
    suffix_getter,
    suffix_again,
    suffix_deleted,
    suffix_back,
    suffix_creators,
    suffix_savers,
];
