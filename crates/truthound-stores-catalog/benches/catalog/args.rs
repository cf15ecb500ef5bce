//! How much is measured.

use std::time::Duration;

use truthound_stores_testkit::bench::Ask;

/// The groups of rows: listings of a large store, a new process's first answer, folding, and many writers beside one.
pub(crate) const GROUPS: &[&str] = &["list", "cold", "fold", "writers"];

/// What is measured, and how much.
pub(crate) struct Args {
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub(crate) quick: bool,
    /// How many documents the large store holds.
    pub(crate) documents: u64,
    /// How often two sides take turns.
    pub(crate) turns: usize,
    /// How many calls are in a turn.
    pub(crate) calls: usize,
    /// How many processes are started of each kind.
    pub(crate) processes: usize,
    /// How long a turn of writers is.
    pub(crate) slice: Duration,
}

impl Args {
    pub(crate) fn of(ask: &Ask) -> Self {
        Self {
            quick: ask.quick,
            documents: ask.documents.unwrap_or(ask.either(1_000_000, 100_000)),
            turns: ask.either(30, 10),
            calls: 50,
            processes: ask.either(40, 15),
            slice: Duration::from_secs(ask.either(5, 2)),
        }
    }
}
