//! How much is measured.

use truthound_stores_testkit::bench::Ask;

/// The groups of rows: documents one by one, documents by the thousand, and listings of a large table.
pub(crate) const GROUPS: &[&str] = &["save", "batch", "list"];

/// What is measured, and how much.
pub(crate) struct Args {
    /// How many documents the large table holds.
    pub(crate) documents: u64,
    /// How often the sides take turns.
    pub(crate) turns: usize,
    /// How many documents a turn saves one by one.
    pub(crate) saves: u64,
    /// How many batches a turn writes.
    pub(crate) batches: u64,
    /// How many listings are in a turn.
    pub(crate) calls: usize,
}

impl Args {
    pub(crate) fn of(ask: &Ask) -> Self {
        Self {
            documents: ask.documents.unwrap_or(ask.either(1_000_000, 50_000)),
            turns: ask.either(30, 7),
            saves: ask.either(200, 50),
            batches: ask.either(3, 1),
            calls: ask.either(50, 20),
        }
    }
}
