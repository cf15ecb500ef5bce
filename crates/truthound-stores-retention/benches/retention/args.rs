//! How much is measured.

use std::path::PathBuf;

use truthound_stores_testkit::bench::Ask;

/// The groups of rows: plans over a store in memory, over documents in a folder, over a database in a file and over a catalog, and deletions from a bucket.
pub(crate) const GROUPS: &[&str] = &["memory", "files", "database", "catalog", "delete"];

/// What is measured, and how much.
pub(crate) struct Args {
    /// The folder in which stores on a disk are made, and removed.
    pub(crate) folder: PathBuf,
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub(crate) quick: bool,
    /// How many records are planned for.
    pub(crate) records: u64,
    /// How many records are deleted.
    pub(crate) deletions: u64,
    /// How often two sides take turns.
    pub(crate) turns: usize,
}

impl Args {
    pub(crate) fn of(ask: &Ask) -> Self {
        Self {
            folder: ask.folder.clone(),
            quick: ask.quick,
            records: ask.documents.unwrap_or(ask.either(1_000_000, 100_000)),
            deletions: ask.either(100_000, 10_000),
            turns: ask.either(7, 5),
        }
    }
}
