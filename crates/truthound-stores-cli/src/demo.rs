//! The results that the demo works with.

use truthound_stores::{Collection, Reading, Record, Result};

/// Results that Truthound wrote, one a line; see `demo/README.md`.
const RESULTS: &str = include_str!("../demo/results.jsonl");

/// The asset of the demo's story, and its runs: before and after an import broke.
pub(crate) const ASSET: &str = "orders.csv";
pub(crate) const SOUND: &str = "run_20261122_215715_ffaf8c00";
pub(crate) const BROKEN: &str = "run_20261122_215716_7c83e3ad";

/// Reads the results.
///
/// # Errors
/// None, unless the program was built with other data.
pub(crate) fn records() -> Result<Vec<Record>> {
    let reading = Reading::default();
    RESULTS.lines().map(|line| Record::parse(Collection::RESULTS, line.as_bytes(), &reading)).collect()
}
