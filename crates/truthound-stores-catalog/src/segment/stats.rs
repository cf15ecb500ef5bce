//! What the root says of a segment: enough to pass it over, to open it with one request, and to tell whether it is what was written.

use truthound_stores_core::{Error, Pattern, Result, Statistics, Timestamp};

use super::assets::Assets;
use super::entry::Entry;
use crate::pack::{Pack, Unpack};
use crate::row::Change;

/// The layout of what is packed here, and of the segment itself.
const VERSION: u8 = 1;

/// What is known of a segment without reading it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stats {
    pub(crate) puts: u32,
    pub(crate) deletes: u32,
    /// The first and the last time that rows are kept at.
    pub(crate) run_times: (Timestamp, Timestamp),
    pub(crate) ids: (String, String),
    pub(crate) data_assets: (String, String),
    pub(crate) assets: Assets,
    /// The generations that took up its rows, first and last.
    pub(crate) generations: (u64, u64),
    pub(crate) highest_hlc: u64,
    /// The counts of all puts added up, those that a kill list ends among them; what does not fit stays at the largest number.
    pub(crate) totals: Statistics,
    /// What the documents of all puts take.
    pub(crate) bytes: u64,
    /// Where the filters of ids begin.
    pub(crate) blooms: u64,
    /// Where the tail begins: the hashes of all blocks before it, page index and footer.
    pub(crate) tail: u64,
    /// How long the object is.
    pub(crate) length: u64,
    /// BLAKE3 of the whole object.
    pub(crate) hash: [u8; 32],
    /// BLAKE3 of the tail.
    pub(crate) tail_hash: [u8; 32],
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            puts: 0,
            deletes: 0,
            run_times: (Timestamp::MAX, Timestamp::MIN),
            ids: Default::default(),
            data_assets: Default::default(),
            assets: Assets::default(),
            generations: (u64::MAX, 0),
            highest_hlc: 0,
            totals: Statistics::default(),
            bytes: 0,
            blooms: 0,
            tail: 0,
            length: 0,
            hash: [0; 32],
            tail_hash: [0; 32],
        }
    }
}

impl Stats {
    pub(crate) fn rows(&self) -> u32 {
        self.puts.saturating_add(self.deletes)
    }

    /// Tells whether there may be rows of such assets in such times.
    pub(crate) fn may_match(
        &self,
        asset: Option<&Pattern>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> bool {
        self.rows() > 0
            && from.is_none_or(|from| self.run_times.1 >= from)
            && to.is_none_or(|to| self.run_times.0 <= to)
            && asset.is_none_or(|asset| self.assets.may_match(asset))
    }

    /// Tells whether there may be a row of this id.
    pub(crate) fn may_have(&self, id: &str) -> bool {
        self.rows() > 0 && self.ids.0.as_str() <= id && id <= self.ids.1.as_str()
    }

    /// Knows an asset that there are rows of.
    pub(super) fn add_asset(&mut self, asset: &str) {
        stretch(
            &mut self.data_assets,
            asset,
            matches!(&self.assets, Assets::Listed(names) if names.is_empty()),
        );
        self.assets.add(asset);
    }

    /// Counts a row.
    pub(super) fn add(&mut self, entry: &Entry) {
        let first = self.rows() == 0;
        let time = entry.run_time();
        self.run_times = (self.run_times.0.min(time), self.run_times.1.max(time));
        stretch(&mut self.ids, &entry.row.id, first);
        self.generations =
            (self.generations.0.min(entry.generation), self.generations.1.max(entry.generation));
        self.highest_hlc = self.highest_hlc.max(entry.row.state.hlc);
        match &entry.row.change {
            Change::Put(facts) => {
                self.puts += 1;
                self.bytes = self.bytes.saturating_add(facts.size);
                let one = &facts.attributes.statistics;
                for (sum, count) in counts_mut(&mut self.totals).into_iter().zip(counts(one)) {
                    *sum = sum.saturating_add(count);
                }
                self.totals.execution_time_ms += one.execution_time_ms;
            }
            Change::Delete => self.deletes += 1,
        }
    }

    /// Writes it as few bytes.
    pub(crate) fn pack(&self, pack: &mut Pack) {
        pack.byte(VERSION);
        pack.number(self.puts.into());
        pack.number(self.deletes.into());
        pack.signed(self.run_times.0.as_micros());
        pack.signed(self.run_times.1.as_micros());
        for text in [&self.ids.0, &self.ids.1, &self.data_assets.0, &self.data_assets.1] {
            pack.text(text);
        }
        self.assets.pack(pack);
        for number in [
            self.generations.0,
            self.generations.1,
            self.highest_hlc,
            self.bytes,
            self.blooms,
            self.tail,
            self.length,
        ] {
            pack.number(number);
        }
        for count in counts(&self.totals) {
            pack.number(count);
        }
        pack.float(self.totals.execution_time_ms);
        pack.raw(&self.hash);
        pack.raw(&self.tail_hash);
    }

    /// Reads what was packed.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are none; `Unsupported` for the layout of a later program.
    pub(crate) fn take(unpack: &mut Unpack<'_>) -> Result<Self> {
        let version = unpack.byte()?;
        if version != VERSION {
            return Err(Error::unsupported(format!(
                "the catalog has a segment of layout {version}, which this program does not know: use a later one"
            )));
        }
        let count = |number: u64| u32::try_from(number).map_err(|cause| strange().caused_by(cause));
        let mut stats =
            Self { puts: count(unpack.number()?)?, deletes: count(unpack.number()?)?, ..Self::default() };
        stats.run_times =
            (Timestamp::from_micros(unpack.signed()?), Timestamp::from_micros(unpack.signed()?));
        let mut text = || Ok::<_, Error>(unpack.text()?.to_owned());
        stats.ids = (text()?, text()?);
        stats.data_assets = (text()?, text()?);
        stats.assets = Assets::take(unpack)?;
        stats.generations = (unpack.number()?, unpack.number()?);
        stats.highest_hlc = unpack.number()?;
        stats.bytes = unpack.number()?;
        stats.blooms = unpack.number()?;
        stats.tail = unpack.number()?;
        stats.length = unpack.number()?;
        for sum in counts_mut(&mut stats.totals) {
            *sum = unpack.number()?;
        }
        stats.totals.execution_time_ms = unpack.float()?;
        stats.hash = unpack.array()?;
        stats.tail_hash = unpack.array()?;
        if stats.puts.checked_add(stats.deletes).is_none()
            || stats.blooms > stats.tail
            || stats.tail > stats.length
        {
            return Err(strange());
        }
        Ok(stats)
    }
}

fn strange() -> Error {
    Error::corrupt("what the catalog's root says of a segment cannot be")
}

fn stretch(range: &mut (String, String), text: &str, first: bool) {
    if first || text < range.0.as_str() {
        text.clone_into(&mut range.0);
    }
    if first || text > range.1.as_str() {
        text.clone_into(&mut range.1);
    }
}

/// The counts, as the columns are in order.
pub(super) fn counts(from: &Statistics) -> [u64; 11] {
    [
        from.total_validators,
        from.passed_validators,
        from.failed_validators,
        from.error_validators,
        from.total_rows,
        from.total_columns,
        from.total_issues,
        from.critical_issues,
        from.high_issues,
        from.medium_issues,
        from.low_issues,
    ]
}

pub(super) fn counts_mut(of: &mut Statistics) -> [&mut u64; 11] {
    [
        &mut of.total_validators,
        &mut of.passed_validators,
        &mut of.failed_validators,
        &mut of.error_validators,
        &mut of.total_rows,
        &mut of.total_columns,
        &mut of.total_issues,
        &mut of.critical_issues,
        &mut of.high_issues,
        &mut of.medium_issues,
        &mut of.low_issues,
    ]
}
