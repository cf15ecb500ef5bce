//! Filters of ids: who looks for a row of which only the id is known reads those of all bands first, and then the bands that may have it.
//!
//! Ids that begin with a time, as those that Truthound makes, tell by themselves in which band they are: the index of pages has their
//! bounds. Where it leaves one band of several, no filters are written. They would take a byte of each row.

use parquet::bloom_filter::Sbbf;

use super::entry::Entry;
use super::schema::PAGE;

/// One of so many ids is asked for in all bands, to see what the index of pages leaves.
const SAMPLE: usize = 256;
/// Filters are written if an id that lies in one band may by its looks lie in so many others, on average.
const OTHERS: f64 = 0.25;

/// The filters of a segment that is being written.
#[derive(Default)]
pub(super) struct Filters {
    bands: Vec<Band>,
}

struct Band {
    bloom: Sbbf,
    /// The first and the last id of each page.
    pages: Vec<(String, String)>,
    sample: Vec<String>,
}

impl Filters {
    /// Adds a band, whose rows are in their order.
    pub(super) fn add(&mut self, rows: &[&Entry]) {
        let mut bloom = Sbbf::new_with_num_of_bytes(length(rows.len()));
        for entry in rows {
            bloom.insert(entry.row.id.as_str());
        }
        let pages = rows.chunks(PAGE).map(|page| {
            let ids = || page.iter().map(|entry| entry.row.id.as_str());
            (ids().min().unwrap_or_default().to_owned(), ids().max().unwrap_or_default().to_owned())
        });
        let sample = rows.iter().step_by(SAMPLE).map(|entry| entry.row.id.clone());
        self.bands.push(Band { bloom, pages: pages.collect(), sample: sample.collect() });
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
                let may_have = |band: &Band| band.pages.iter().any(|(first, last)| first <= id && id <= last);
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
