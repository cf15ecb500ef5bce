//! The scenarios again, with more going wrong in each. They take minutes and up to 2 GB, so they run when asked for:
//! `cargo nextest run -p truthound-stores-catalog --run-ignored only`.

use crate::scenario::Scenario;
use crate::{holds_within, scenarios};

const STATES: usize = 25_000_000;

/// Makes a test of each scenario, with so many crashes, lost acknowledgements and duplicates.
macro_rules! each {
    ($($name:ident: $crashes:literal, $lost:literal, $duplicates:literal;)+) => {
        $(
            #[test]
            #[ignore = "takes minutes"]
            fn $name() {
                let (crashes, lost, duplicates) = ($crashes, $lost, $duplicates);
                holds_within(&Scenario { crashes, lost, duplicates, ..scenarios::$name() }, STATES);
            }
        )+
    };
}

each! {
    batch: 1, 1, 1;
    creators: 2, 2, 2;
    delete_and_save: 1, 0, 1;
    hot: 1, 1, 0;
    late_creation: 2, 1, 3;
    late_rows: 1, 1, 2;
    leftovers: 1, 1, 1;
    missing_row: 2, 1, 1;
    reindexed_slowly: 0, 1, 1;
    replacers: 1, 2, 2;
    sleeper: 1, 0, 1;
    slow_reader: 1, 0, 1;
    slow_writer: 1, 0, 1;
    suspended: 2, 1, 1;
    two_folders: 2, 1, 1;
}
