//! Rows to columns.

use bytes::Bytes;
use parquet::data_type::{ByteArray, FixedLenByteArray};

use super::entry::Entry;
use super::maps::{Texts, to_json};
use super::schema::{Column, REVISION};
use super::stats::counts;
use crate::pack::Pack;
use crate::row::{Before, CHECKSUM, Change, Facts};
use crate::state::State;

pub(super) const PUT: &str = "put";
pub(super) const DELETE: &str = "delete";

/// The values of one column.
#[derive(Debug)]
pub(super) enum Values {
    Texts(Vec<ByteArray>),
    /// Values that are there, and for every row whether one is.
    Optional(Vec<ByteArray>, Vec<i16>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Fixed(Vec<FixedLenByteArray>),
}

/// Takes the values of one column from rows.
pub(super) fn values(column: Column, rows: &[Entry], maps: &mut Texts) -> Values {
    match column {
        Column::Id => Values::Texts(rows.iter().map(|entry| ByteArray::from(entry.row.id.as_str())).collect()),
        Column::DataAsset => texts(rows, Entry::data_asset),
        Column::Status => texts(rows, |entry| facts(entry).map_or("", |facts| facts.attributes.status.as_str())),
        Column::Op => texts(rows, |entry| if entry.is_put() { PUT } else { DELETE }),
        Column::Suffix => texts(rows, |entry| facts(entry).map_or("", |facts| facts.suffix.as_str())),
        Column::Tags => {
            let none = ByteArray::from("{}");
            let write = |entry| facts(entry).map_or_else(|| none.clone(), |facts| maps.write(&facts.attributes.tags));
            Values::Texts(rows.iter().map(write).collect())
        }
        Column::SuiteName => optional(rows, |entry| Some(facts(entry)?.attributes.suite_name.clone()?.into_bytes())),
        Column::Ext => optional(rows, |entry| {
            let ext = &facts(entry)?.attributes.ext;
            (!ext.is_empty()).then(|| to_json(ext.iter()))
        }),
        Column::Before => optional(rows, |entry| Some(pack_before(entry.row.before.as_ref()?, entry.row.state))),
        Column::RunTime => Values::Ints(rows.iter().map(|entry| entry.run_time().as_micros()).collect()),
        Column::SavedAt => ints(rows, |entry| entry.row.state.hlc),
        Column::Gen => ints(rows, |entry| entry.generation),
        Column::Size => ints(rows, |entry| facts(entry).map_or(0, |facts| facts.size)),
        Column::ExecutionTimeMs => {
            let float = |entry| facts(entry).map_or(0.0, |facts| facts.attributes.statistics.execution_time_ms);
            Values::Floats(rows.iter().map(float).collect())
        }
        Column::Checksum => fixed(rows, |entry| {
            facts(entry).and_then(|facts| facts.checksum.as_bytes().get(..CHECKSUM)).unwrap_or(&[0; CHECKSUM]).to_vec()
        }),
        Column::Revision => fixed(rows, |entry| revision(entry.row.state).to_vec()),
        _ => {
            let at = Column::COUNTS.iter().position(|count| *count == column).unwrap_or(0);
            ints(rows, |entry| {
                facts(entry).and_then(|facts| counts(&facts.attributes.statistics).get(at).copied()).unwrap_or(0)
            })
        }
    }
}

fn facts(entry: &Entry) -> Option<&Facts> {
    match &entry.row.change {
        Change::Put(facts) => Some(facts),
        Change::Delete => None,
    }
}

/// Neighbours often have the same text: it is kept once.
fn texts<'r>(rows: &'r [Entry], text: impl Fn(&'r Entry) -> &'r str) -> Values {
    let mut last = ("", ByteArray::from(Bytes::new()));
    let next = |entry| {
        let now = text(entry);
        if now != last.0 {
            last = (now, ByteArray::from(now));
        }
        last.1.clone()
    };
    Values::Texts(rows.iter().map(next).collect())
}

fn optional(rows: &[Entry], value: impl Fn(&Entry) -> Option<Vec<u8>>) -> Values {
    let (mut values, mut levels) = (Vec::new(), Vec::with_capacity(rows.len()));
    for entry in rows {
        let value = value(entry);
        levels.push(i16::from(value.is_some()));
        values.extend(value.map(ByteArray::from));
    }
    Values::Optional(values, levels)
}

/// Parquet keeps unsigned numbers in signed ones of the same bits.
fn ints(rows: &[Entry], number: impl Fn(&Entry) -> u64) -> Values {
    Values::Ints(rows.iter().map(|entry| number(entry).cast_signed()).collect())
}

fn fixed(rows: &[Entry], bytes: impl Fn(&Entry) -> Vec<u8>) -> Values {
    Values::Fixed(rows.iter().map(|entry| FixedLenByteArray::from(bytes(entry))).collect())
}

/// What names a state, without its time.
fn revision(state: State) -> [u8; REVISION] {
    let [_, _, a, b, c, d, e, f] = state.incarnation.to_be_bytes();
    let [g, h, i, j] = state.nonce.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j]
}

fn pack_before(before: &Before, now: State) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.raw(&revision(before.state));
    pack.signed(now.hlc.wrapping_sub(before.state.hlc).cast_signed());
    pack.signed(before.run_time.as_micros());
    pack.text(&before.data_asset);
    pack.into_bytes()
}
