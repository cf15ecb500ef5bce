//! The documents: small results as Truthound writes them.

use std::ops::Range;

use truthound_stores_core::Record;
use truthound_stores_testkit::bench::{Outcome, small_result};

/// How many tags each document has.
pub(crate) const TAGS: usize = 2;

/// Makes the documents of a range of numbers, among `of`.
pub(crate) fn records(numbers: Range<u64>, of: u64) -> Outcome<Vec<Record>> {
    numbers.map(|number| small_result(number, of)).collect()
}
