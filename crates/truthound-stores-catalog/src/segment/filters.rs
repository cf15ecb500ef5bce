//! Filters of ids: who looks for a row of which only the id is known reads those of all bands first, and then the bands that may have it.
//!
//! Ids that begin with a time, as those that Truthound makes, tell by themselves in which band they are: the index of pages has their
//! bounds. Where it leaves one band of several, no filters are written. They would take a byte of each row.

use parquet::bloom_filter::Sbbf;
use parquet::data_type::ByteArray;

use super::shred::Values;

/// One of so many ids is asked for in all bands, to see what the index of pages leaves.
const SAMPLE: usize = 256;
/// Filters are written if an id that lies in one band may by its looks lie in so many others, on average.
const OTHERS: f64 = 0.25;

/// The filters of a segment that is being written.
#[derive(Default)]
pub(super) struct Filters {
    bands: Vec<Filter>,
}

/// The filter of a band.
pub(super) struct Filter {
    bloom: Sbbf,
    /// The first and the last id of each page.
    pages: Vec<(ByteArray, ByteArray)>,
    sample: Vec<ByteArray>,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filter").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl Filter {
    /// Makes the filter of a band from the column of its ids, page by page.
    pub(super) fn of(ids: &[Values]) -> Self {
        let ids: Vec<&[ByteArray]> = ids.iter().map(Values::texts).collect();
        let mut bloom = Sbbf::new_with_num_of_bytes(length(ids.iter().map(|page| page.len()).sum()));
        for id in ids.iter().copied().flatten() {
            bloom.insert(id.data());
        }
        let ends = |page: &&[ByteArray]| {
            let first = page.iter().min_by_key(|id| id.data())?;
            // Copies: they are kept until the segment ends, and the column is not.
            Some((copy(first), copy(page.iter().max_by_key(|id| id.data())?)))
        };
        let pages = ids.iter().filter_map(ends).collect();
        let sample = ids.iter().copied().flatten().step_by(SAMPLE).map(copy).collect();
        Self { bloom, pages, sample }
    }
}

fn copy(id: &ByteArray) -> ByteArray {
    ByteArray::from(id.data().to_vec())
}

impl Filters {
    /// Adds that of the next band.
    pub(super) fn extend(&mut self, filter: Option<Filter>) {
        self.bands.extend(filter);
    }

    /// Gives the filters of all bands, one after the other, or none.
    pub(super) fn into_bytes(self) -> parquet::errors::Result<Vec<u8>> {
        let mut bits = Vec::new();
        // With one band nothing else tells an id that is not there, and folds ask for many of those.
        if self.bands.len() != 1 && self.others() < OTHERS {
            return Ok(bits);
        }
        for band in self.bands {
            band.bloom.write_bitset(&mut bits)?;
        }
        Ok(bits)
    }

    /// Says in how many other bands an id may lie, on average.
    fn others(&self) -> f64 {
        let (mut asked, mut met) = (0_u32, 0_u32);
        for (at, band) in self.bands.iter().enumerate() {
            for id in &band.sample {
                let others = self.bands.iter().enumerate().filter(|(other, _)| *other != at);
                let may_have = |band: &Filter| {
                    let id = id.data();
                    band.pages.iter().any(|(first, last)| first.data() <= id && id <= last.data())
                };
                asked += 1;
                met +=
                    u32::try_from(others.filter(|(_, band)| may_have(band)).count()).unwrap_or(u32::MAX / 2);
            }
        }
        f64::from(met) / f64::from(asked.max(1))
    }
}

/// The length of the filter of a band of so many rows: a byte or more for each.
pub(super) fn length(rows: usize) -> usize {
    rows.next_power_of_two().max(32)
}
