//! Columns to rows.

use std::ops::Range;
use std::sync::Arc;

use truthound_stores_core::{Attributes, Checksum, Error, Result, Statistics, Status, Timestamp};

use super::decode::{Decoded, decode};
use super::entry::Entry;
use super::maps::{Maps, from_json};
use super::opened::{Opened, strange};
use super::ranges::Parts;
use super::schema::{Column, PAGE};
use super::shred::{DELETE, PUT, of_thousandths};
use super::stats::counts_mut;
use crate::pack::Unpack;
use crate::row::{Before, Change, Facts, Row, take_before};
use crate::state::State;

/// Rows of one page, of which columns are decoded as they are asked for.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) band: usize,
    /// Counted from the band's first.
    pub(super) rows: Range<usize>,
    parts: Arc<Parts>,
    columns: [Option<Arc<Decoded>>; Column::ALL.len()],
    /// Whether all columns are decoded.
    whole: bool,
    /// Whether what is decoded is worth keeping for others.
    keeps: bool,
}

impl Sheet {
    /// Takes a page, with the columns of it that are at hand. `keeps` says that others will ask for it as well.
    pub(super) fn of_page(opened: &Opened, band: usize, page: usize, keeps: bool) -> Result<Self> {
        let rows = opened.bands().get(band).ok_or_else(strange)?.rows_of(page);
        let columns = Column::ALL.map(|column| opened.kept(band, page, column));
        Ok(Self { band, rows, parts: Arc::default(), columns, whole: false, keeps })
    }

    /// Takes one row of a page.
    pub(super) fn of_row(parts: &Arc<Parts>, band: usize, row: usize) -> Self {
        let columns = [const { None }; Column::ALL.len()];
        Self { band, rows: row..row + 1, parts: Arc::clone(parts), columns, whole: false, keeps: false }
    }

    fn page(&self) -> usize {
        self.rows.start / PAGE
    }

    /// Where the columns lie that are not at hand.
    pub(super) fn wanted(&self, opened: &Opened, columns: &[Column]) -> Vec<Range<u64>> {
        let missing =
            columns.iter().filter(|column| self.columns.get(column.index()).is_some_and(Option::is_none));
        missing.flat_map(|column| opened.place(self.band, *column, std::iter::once(self.page()))).collect()
    }

    /// Takes what was fetched.
    pub(super) fn give(&mut self, parts: &Arc<Parts>) {
        self.parts = Arc::clone(parts);
    }

    /// The values of a column.
    pub(super) fn column(&mut self, opened: &Opened, column: Column) -> Result<Arc<Decoded>> {
        if let Some(Some(values)) = self.columns.get(column.index()) {
            return Ok(Arc::clone(values));
        }
        let values = Arc::new(decode(opened, &self.parts, self.band, column, self.rows.clone())?);
        if self.keeps {
            opened.keep(self.band, self.page(), column, &values);
        }
        if let Some(place) = self.columns.get_mut(column.index()) {
            *place = Some(Arc::clone(&values));
        }
        Ok(values)
    }

    /// Puts a row together, counted from the band's first.
    pub(super) fn entry(&mut self, opened: &Opened, row: usize, maps: &mut Maps) -> Result<Entry> {
        if !self.whole {
            for column in Column::ALL {
                self.column(opened, column)?;
            }
            self.whole = true;
        }
        let at = row.checked_sub(self.rows.start).ok_or_else(strange)?;
        RowOf { columns: &self.columns, at }.entry(maps).map_err(|error| error.with("object", opened.name()))
    }
}

struct RowOf<'c> {
    columns: &'c [Option<Arc<Decoded>>],
    at: usize,
}

impl<'c> RowOf<'c> {
    fn entry(&self, maps: &mut Maps) -> Result<Entry> {
        let generation = self.number(Column::Gen)?;
        let state = self.state()?;
        let before = self.optional(Column::Before)?.map(|packed| unpack_before(packed, state)).transpose()?;
        let change = match self.text(Column::Op)? {
            PUT => Change::Put(Box::new(self.facts(maps)?)),
            DELETE => Change::Delete,
            _ => return Err(strange()),
        };
        let arrived = self.number(Column::Arrived)?.cast_signed() / 1_000;
        let id = self.text(Column::Id)?.to_owned();
        Ok(Entry { generation, arrived, row: Row { id, state, before, change } })
    }

    fn column(&self, column: Column) -> Result<&'c Decoded> {
        self.columns.get(column.index()).and_then(Option::as_deref).ok_or_else(strange)
    }

    fn bytes(&self, column: Column) -> Result<&'c [u8]> {
        self.column(column)?.bytes(self.at).ok_or_else(strange)
    }

    fn optional(&self, column: Column) -> Result<Option<&'c [u8]>> {
        Ok(self.column(column)?.bytes(self.at))
    }

    fn text(&self, column: Column) -> Result<&'c str> {
        utf8(self.bytes(column)?)
    }

    fn number(&self, column: Column) -> Result<u64> {
        Ok(self.column(column)?.int(self.at).ok_or_else(strange)?.cast_unsigned())
    }

    fn state(&self) -> Result<State> {
        let age = self.number(Column::Age)?.cast_signed();
        let chance = self.bytes(Column::Chance)?.first_chunk().ok_or_else(strange)?;
        Ok(State::of_parts(self.number(Column::SavedAt)?, age, u16::from_be_bytes(*chance)))
    }

    fn facts(&self, maps: &mut Maps) -> Result<Facts> {
        let run_time = time(self.number(Column::RunTime)?.cast_signed())?;
        let mut attributes = Attributes::new(
            self.text(Column::DataAsset)?,
            run_time,
            Status::from(self.text(Column::Status)?),
        );
        attributes.tags = maps.read(self.bytes(Column::Tags)?)?;
        attributes.suite_name = self.optional(Column::SuiteName)?.map(utf8).transpose()?.map(str::to_owned);
        if let Some(ext) = self.optional(Column::Ext)? {
            for (name, value) in from_json(ext)? {
                attributes.ext.set(name, value)?;
            }
        }
        attributes.statistics = self.statistics()?;
        Ok(Facts {
            attributes,
            suffix: self.text(Column::Suffix)?.to_owned(),
            size: self.number(Column::Size)?,
            checksum: Checksum::abbreviated(self.bytes(Column::Checksum)?).ok_or_else(strange)?,
        })
    }

    fn statistics(&self) -> Result<Statistics> {
        let mut statistics = Statistics::default();
        for (count, column) in counts_mut(&mut statistics).into_iter().zip(Column::COUNTS) {
            *count = self.number(column)?;
        }
        let (rounded, exact) =
            (self.column(Column::ExecutionTimeMs)?, self.column(Column::ExecutionTimeExact)?);
        statistics.execution_time_ms = milliseconds(rounded, exact, self.at)?;
        Ok(statistics)
    }
}

/// Reads a time that was spent: what three digits do not say of it stands in a column of its own.
pub(super) fn milliseconds(rounded: &Decoded, exact: &Decoded, at: usize) -> Result<f64> {
    exact.float(at).or_else(|| rounded.int(at).map(of_thousandths)).ok_or_else(strange)
}

pub(super) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|cause| strange().caused_by(cause))
}

pub(super) fn time(micros: i64) -> Result<Timestamp> {
    let time = Timestamp::from_micros(micros);
    if time.as_micros() == micros {
        Ok(time)
    } else {
        Err(Error::corrupt("a time in a segment lies outside of all years"))
    }
}

fn unpack_before(packed: &[u8], now: State) -> Result<Before> {
    let mut unpack = Unpack::new(packed);
    let state = take_before(&mut unpack, now)?;
    let run_time = time(unpack.signed()?)?;
    let data_asset = unpack.text()?.to_owned();
    if unpack.is_empty() { Ok(Before { state, data_asset, run_time }) } else { Err(strange()) }
}
