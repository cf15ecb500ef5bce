//! The scenarios with more going wrong in each. They take minutes and up to 2 GB, so they run when `TRUTHOUND_LONG_TESTS` is set.

use crate::scenario::Scenario;

/// So many states may a widened scenario have.
const STATES: usize = 25_000_000;

/// So many crashes, lost acknowledgements and duplicates.
const BOUNDS: [(&str, (u8, u8, u8)); 15] = [
    ("batch", (1, 1, 1)),
    ("creators", (2, 2, 2)),
    ("delete_and_save", (1, 0, 1)),
    ("hot", (1, 1, 0)),
    ("late_creation", (2, 1, 3)),
    ("late_rows", (1, 1, 2)),
    ("leftovers", (1, 1, 1)),
    ("missing_row", (2, 1, 1)),
    ("reindexed_slowly", (0, 1, 1)),
    ("replacers", (1, 2, 2)),
    ("sleeper", (1, 0, 1)),
    ("slow_reader", (1, 0, 1)),
    ("slow_writer", (1, 0, 1)),
    ("suspended", (2, 1, 1)),
    ("two_folders", (2, 1, 1)),
];

/// Widens a scenario, by its name, if long tests are asked for and it can be walked through then; answers how many states it may have, too.
pub(crate) fn of(scenario: Scenario, name: &str, limit: usize) -> (Scenario, usize) {
    let is_long = std::env::var_os("TRUTHOUND_LONG_TESTS").is_some_and(|value| !value.is_empty());
    match BOUNDS.into_iter().find(|(known, _)| is_long && *known == name) {
        Some((_, (crashes, lost, duplicates))) => {
            (Scenario { crashes, lost, duplicates, ..scenario }, STATES)
        }
        None => (scenario, limit),
    }
}
