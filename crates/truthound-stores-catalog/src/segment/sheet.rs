//! Columns to rows.

use std::ops::Range;
use std::sync::Arc;

use truthound_stores_core::{Attributes, Checksum, Error, Result, Statistics, Status, Timestamp};

use super::decode::{Decoded, decode};
use super::entry::Entry;
use super::maps::{Maps, from_json};
use super::opened::{Opened, strange};
use super::ranges::Parts;
use super::schema::Column;
use super::shred::{DELETE, PUT, of_thousandths};
use super::stats::counts_mut;
use crate::pack::Unpack;
use crate::row::{Before, Change, Facts, Row, take_before};
use crate::state::State;

/// Some rows of one band, all columns decoded but that of ids: whoever reads rows has found them by it.
#[derive(Debug)]
pub(super) struct Sheet {
    rows: Range<usize>,
    columns: Vec<Decoded>,
}

impl Sheet {
    pub(super) fn read(opened: &Opened, parts: &Arc<Parts>, band: usize, rows: Range<usize>) -> Result<Self> {
        let columns = Column::ALL.into_iter().map(|column| match column {
            Column::Id => Ok(Decoded::Texts(Vec::new())),
            _ => decode(opened, parts, band, column, rows.clone()),
        });
        Ok(Self { columns: columns.collect::<Result<_>>()?, rows })
    }

    pub(super) fn has(&self, row: usize) -> bool {
        self.rows.contains(&row)
    }

    /// Puts a row together, counted from the band's first.
    pub(super) fn entry(&self, row: usize, id: &[u8], maps: &mut Maps) -> Result<Entry> {
        let values =
            RowOf { columns: &self.columns, at: row.checked_sub(self.rows.start).ok_or_else(strange)? };
        let generation = values.number(Column::Gen)?;
        let state = values.state()?;
        let before =
            values.optional(Column::Before)?.map(|packed| unpack_before(packed, state)).transpose()?;
        let change = match values.text(Column::Op)? {
            PUT => Change::Put(Box::new(values.facts(maps)?)),
            DELETE => Change::Delete,
            _ => return Err(strange()),
        };
        let arrived = values.number(Column::Arrived)?.cast_signed() / 1_000;
        Ok(Entry { generation, arrived, row: Row { id: utf8(id)?.to_owned(), state, before, change } })
    }
}

struct RowOf<'c> {
    columns: &'c [Decoded],
    at: usize,
}

impl<'c> RowOf<'c> {
    fn column(&self, column: Column) -> Result<&'c Decoded> {
        self.columns.get(column.index()).ok_or_else(strange)
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
