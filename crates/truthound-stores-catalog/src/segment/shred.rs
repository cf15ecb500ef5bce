//! Rows to columns.

use bytes::Bytes;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use truthound_stores_core::Labels;

use super::entry::Entry;
use super::maps::{Texts, to_json};
use super::schema::{Column, Kind};
use super::stats::counts;
use crate::pack::Pack;
use crate::row::{Before, CHECKSUM, Change, Facts, put_before};
use crate::state::State;

pub(super) const PUT: &str = "put";
pub(super) const DELETE: &str = "delete";

/// So many rows are taken apart together: they stay in the processor's cache while one column after the other is taken from them.
const TOGETHER: usize = 64;

/// The values of one column.
#[derive(Debug)]
pub(super) enum Values {
    Texts(Vec<ByteArray>),
    Ints(Vec<i64>),
    Fixed(Vec<FixedLenByteArray>),
    // Values that are there, and for every row whether one is.
    OptionalTexts(Vec<ByteArray>, Vec<i16>),
    OptionalInts(Vec<i64>, Vec<i16>),
    OptionalFloats(Vec<f64>, Vec<i16>),
}

impl Values {
    /// The texts, if these are some and none is missing.
    pub(super) fn texts(&self) -> &[ByteArray] {
        match self {
            Self::Texts(values) => values,
            _ => &[],
        }
    }
}

/// Takes rows apart into columns, in the order of [`Column::ALL`].
pub(super) fn shred(rows: &[Entry]) -> Vec<Values> {
    let mut maps = Texts::default();
    let mut columns = Column::ALL.map(|column| (column, Growing::default()));
    for rows in rows.chunks(TOGETHER) {
        for (column, values) in &mut columns {
            values.add(*column, rows, &mut maps);
        }
    }
    columns.into_iter().map(|(column, values)| values.finish(column.kind())).collect()
}

/// A column on its way: what it holds depends on its kind.
#[derive(Debug, Default)]
struct Growing {
    texts: Vec<ByteArray>,
    ints: Vec<i64>,
    floats: Vec<f64>,
    levels: Vec<i16>,
    /// Values in one piece of memory, for one piece for each takes longer than all the rest; and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Growing {
    fn add(&mut self, column: Column, rows: &[Entry], maps: &mut Texts) {
        match column {
            Column::Id => self.slices(rows, |entry, into| into.extend_from_slice(entry.row.id.as_bytes())),
            Column::DataAsset => self.words(rows, Entry::data_asset),
            Column::Status => {
                self.words(rows, |entry| facts(entry).map_or("", |facts| facts.attributes.status.as_str()));
            }
            Column::Op => self.words(rows, |entry| if entry.is_put() { PUT } else { DELETE }),
            Column::Suffix => {
                self.words(rows, |entry| facts(entry).map_or("", |facts| facts.suffix.as_str()));
            }
            Column::Tags => {
                let none = Labels::default();
                self.texts.extend(
                    rows.iter()
                        .map(|entry| maps.write(facts(entry).map_or(&none, |facts| &facts.attributes.tags))),
                );
            }
            Column::SuiteName => self.optional(rows, |entry, into| {
                let name = facts(entry).and_then(|facts| facts.attributes.suite_name.as_ref());
                into.extend_from_slice(name.map_or(&[], |name| name.as_bytes()));
                name.is_some()
            }),
            Column::Ext => self.optional(rows, |entry, into| {
                let ext = facts(entry).map(|facts| &facts.attributes.ext).filter(|ext| !ext.is_empty());
                into.extend(ext.map(|ext| to_json(ext.iter())).unwrap_or_default());
                ext.is_some()
            }),
            Column::Before => self.optional(rows, |entry, into| {
                let before = entry.row.before.as_ref();
                into.extend(before.map(|before| pack_before(before, entry.row.state)).unwrap_or_default());
                before.is_some()
            }),
            Column::RunTime => self.ints.extend(rows.iter().map(|entry| entry.run_time().as_micros())),
            Column::SavedAt => self.numbers(rows, |entry| entry.row.state.hlc),
            Column::Arrived => {
                self.ints.extend(rows.iter().map(|entry| entry.arrived.saturating_mul(1_000)));
            }
            Column::Gen => self.numbers(rows, |entry| entry.generation),
            Column::Size => self.numbers(rows, |entry| facts(entry).map_or(0, |facts| facts.size)),
            Column::ExecutionTimeMs => {
                for entry in rows {
                    let number = thousandths(spent(entry));
                    self.levels.push(i16::from(number.is_some()));
                    self.ints.extend(number);
                }
            }
            Column::ExecutionTimeExact => {
                for entry in rows {
                    let spent = spent(entry);
                    let inexact =
                        thousandths(spent).map(of_thousandths).map(f64::to_bits) != Some(spent.to_bits());
                    self.levels.push(i16::from(inexact));
                    self.floats.extend(inexact.then_some(spent));
                }
            }
            Column::Checksum => self.slices(rows, |entry, into| {
                let checksum = facts(entry).and_then(|facts| facts.checksum.as_bytes().get(..CHECKSUM));
                into.extend_from_slice(checksum.unwrap_or(&[0; CHECKSUM]));
            }),
            Column::Age => self.ints.extend(rows.iter().map(|entry| entry.row.state.parts().0)),
            Column::Chance => self.slices(rows, |entry, into| {
                into.extend_from_slice(&entry.row.state.parts().1.to_be_bytes());
            }),
            _ => {
                let at = Column::COUNTS.iter().position(|count| *count == column).unwrap_or(0);
                let count = |facts: &Facts| counts(&facts.attributes.statistics).get(at).copied();
                self.numbers(rows, |entry| facts(entry).and_then(count).unwrap_or(0));
            }
        }
    }

    /// Neighbours often have the same text: it is kept once.
    fn words<'r>(&mut self, rows: &'r [Entry], word: impl Fn(&'r Entry) -> &'r str) {
        for entry in rows {
            let word = word(entry);
            match self.texts.last().filter(|last| last.data() == word.as_bytes()) {
                Some(last) => self.texts.push(last.clone()),
                None => self.texts.push(ByteArray::from(word)),
            }
        }
    }

    fn slices(&mut self, rows: &[Entry], write: impl Fn(&Entry, &mut Vec<u8>)) {
        for entry in rows {
            write(entry, &mut self.bytes);
            self.ends.push(self.bytes.len());
        }
    }

    /// `write` tells whether there is a value.
    fn optional(&mut self, rows: &[Entry], write: impl Fn(&Entry, &mut Vec<u8>) -> bool) {
        for entry in rows {
            let there = write(entry, &mut self.bytes);
            self.levels.push(i16::from(there));
            if there {
                self.ends.push(self.bytes.len());
            }
        }
    }

    /// Parquet keeps unsigned numbers in signed ones of the same bits.
    fn numbers(&mut self, rows: &[Entry], number: impl Fn(&Entry) -> u64) {
        self.ints.extend(rows.iter().map(|entry| number(entry).cast_signed()));
    }

    fn finish(self, kind: Kind) -> Values {
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        let slices = self
            .ends
            .into_iter()
            .map(|end| ByteArray::from(bytes.slice(std::mem::replace(&mut start, end)..end)));
        match kind {
            Kind::Text if self.texts.is_empty() => Values::Texts(slices.collect()),
            Kind::Text => Values::Texts(self.texts),
            Kind::OptionalText | Kind::OptionalBytes => Values::OptionalTexts(slices.collect(), self.levels),
            Kind::OptionalDecimal => Values::OptionalInts(self.ints, self.levels),
            Kind::OptionalFloat => Values::OptionalFloats(self.floats, self.levels),
            Kind::Count | Kind::Number | Kind::Time => Values::Ints(self.ints),
            Kind::Fixed(_) => Values::Fixed(slices.map(FixedLenByteArray::from).collect()),
        }
    }
}

fn facts(entry: &Entry) -> Option<&Facts> {
    match &entry.row.change {
        Change::Put(facts) => Some(facts),
        Change::Delete => None,
    }
}

fn spent(entry: &Entry) -> f64 {
    facts(entry).map_or(0.0, |facts| facts.attributes.statistics.execution_time_ms)
}

/// Rounds milliseconds to microseconds; `None` for what is no such number.
#[allow(clippy::cast_possible_truncation, reason = "it is small enough")]
fn thousandths(milliseconds: f64) -> Option<i64> {
    // Up to here whole numbers are exact.
    const MOST: f64 = 9_007_199_254_740_992.0;
    let number = (milliseconds * 1_000.0).round();
    (number.abs() <= MOST).then_some(number as i64)
}

#[allow(clippy::cast_precision_loss, reason = "what it loses stands in a column of its own")]
pub(super) fn of_thousandths(number: i64) -> f64 {
    number as f64 / 1_000.0
}

fn pack_before(before: &Before, now: State) -> Vec<u8> {
    let mut pack = Pack::default();
    put_before(&mut pack, before.state, now);
    pack.signed(before.run_time.as_micros());
    pack.text(&before.data_asset);
    pack.into_bytes()
}
