//! The values of one column, for some rows of a band.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::serialized_reader::SerializedPageReader;
use truthound_stores_core::Result;

use super::opened::{File, strange};
use super::ranges::Parts;
use super::schema::Column;

/// Values, one for each row.
#[derive(Debug)]
pub(super) enum Decoded {
    Texts(Vec<ByteArray>),
    /// Few texts, and which of them each row has.
    Words(Vec<ByteArray>, Vec<u16>),
    OptionalTexts(Vec<Option<ByteArray>>),
    Ints(Vec<i64>),
    OptionalInts(Vec<Option<i64>>),
    OptionalFloats(Vec<Option<f64>>),
    Fixed(Vec<FixedLenByteArray>),
    /// So many rows of one text.
    SameText(ByteArray, usize),
    SameInt(i64, usize),
    /// So many rows without a value.
    #[allow(dead_code, reason = "as for the others, it says how many")]
    Nothing(usize),
}

/// Decodes a column for rows counted from the band's first. Their pages must be among the parts.
pub(super) fn decode(
    file: &File,
    parts: &Arc<Parts>,
    band: usize,
    column: Column,
    rows: Range<usize>,
) -> Result<Decoded> {
    read(file, parts, band, column, rows)
        .map_err(|cause| strange().caused_by(cause).with("object", file.name()).with("column", column.name()))
}

fn read(
    file: &File,
    parts: &Arc<Parts>,
    band: usize,
    column: Column,
    rows: Range<usize>,
) -> parquet::errors::Result<Decoded> {
    let (group, chunk, pages) = file.column(band, column).ok_or_else(|| short("no such column"))?;
    let total = usize::try_from(group.num_rows())?;
    let pages = SerializedPageReader::new(Arc::clone(parts), chunk, total, Some(pages.to_vec()))?;
    let reader = get_column_reader(chunk.column_descr_ptr(), Box::new(pages));
    let may_miss = column.kind().is_optional();
    Ok(match reader {
        ColumnReader::Int64ColumnReader(reader) if may_miss => Decoded::OptionalInts(optional(reader, rows)?),
        ColumnReader::Int64ColumnReader(reader) => Decoded::Ints(required(reader, rows)?),
        ColumnReader::DoubleColumnReader(reader) => Decoded::OptionalFloats(optional(reader, rows)?),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => Decoded::Fixed(required(reader, rows)?),
        ColumnReader::ByteArrayColumnReader(reader) if may_miss => {
            Decoded::OptionalTexts(optional(reader, rows)?)
        }
        ColumnReader::ByteArrayColumnReader(reader) if column.repeats() => words(required(reader, rows)?),
        ColumnReader::ByteArrayColumnReader(reader) => Decoded::Texts(required(reader, rows)?),
        _ => return Err(short("a column has another type")),
    })
}

/// Keeps texts that rows share once. A dictionary gives them as one piece of memory: that says sooner than their bytes that they are the same.
fn words(texts: Vec<ByteArray>) -> Decoded {
    let place = |text: &ByteArray| (text.data().as_ptr().addr(), text.len());
    let (mut words, mut known) = (Vec::new(), HashMap::new());
    let (mut which, mut last) = (Vec::with_capacity(texts.len()), None);
    for text in &texts {
        let place = place(text);
        let word = match last {
            Some((known, word)) if known == place => word,
            _ => *known.entry(place).or_insert_with(|| {
                words.push(text.clone());
                words.len() - 1
            }),
        };
        let Ok(number) = u16::try_from(word) else { return Decoded::Texts(texts) };
        which.push(number);
        last = Some((place, word));
    }
    if words.len() > texts.len() / 2 { Decoded::Texts(texts) } else { Decoded::Words(words, which) }
}

fn required<T: DataType>(
    reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
) -> parquet::errors::Result<Vec<T::T>> {
    let count = rows.len();
    let (values, _) = values(reader, rows)?;
    if values.len() == count { Ok(values) } else { Err(short("a page has too few rows")) }
}

fn optional<T: DataType>(
    reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
) -> parquet::errors::Result<Vec<Option<T::T>>> {
    let count = rows.len();
    let (values, levels) = values(reader, rows)?;
    let mut values = values.into_iter();
    let decoded: Vec<_> = levels.iter().map(|level| if *level == 0 { None } else { values.next() }).collect();
    if decoded.len() == count { Ok(decoded) } else { Err(short("a page has too few rows")) }
}

fn values<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
) -> parquet::errors::Result<(Vec<T::T>, Vec<i16>)> {
    let (mut values, mut levels) = (Vec::with_capacity(rows.len()), Vec::new());
    if reader.skip_records(rows.start)? != rows.start {
        return Err(short("a band has too few rows"));
    }
    reader.read_records(rows.len(), Some(&mut levels), None, &mut values)?;
    Ok((values, levels))
}

fn short(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}

impl Decoded {
    /// About what it takes in memory.
    pub(super) fn memory(&self) -> usize {
        let bytes = |value: &ByteArray| size_of::<ByteArray>() + value.len();
        match self {
            Self::Texts(values) => values.iter().map(bytes).sum(),
            Self::Words(words, which) => {
                words.iter().map(bytes).sum::<usize>() + which.len() * size_of::<u16>()
            }
            Self::OptionalTexts(values) => {
                values.iter().map(|value| value.as_ref().map_or(size_of::<ByteArray>(), bytes)).sum()
            }
            Self::Ints(values) => values.len() * size_of::<i64>(),
            Self::OptionalInts(values) => values.len() * size_of::<Option<i64>>(),
            Self::OptionalFloats(values) => values.len() * size_of::<Option<f64>>(),
            Self::Fixed(values) => values.iter().map(|value| size_of::<ByteArray>() + value.len()).sum(),
            Self::SameText(..) | Self::SameInt(..) | Self::Nothing(_) => size_of::<Self>(),
        }
    }

    /// The texts of a column without missing ones, each at least once.
    pub(super) fn words(&self) -> &[ByteArray] {
        match self {
            Self::Texts(words) | Self::Words(words, _) => words,
            Self::SameText(word, _) => std::slice::from_ref(word),
            _ => &[],
        }
    }

    /// Which of [`words`](Self::words) a row has.
    pub(super) fn word(&self, at: usize) -> Option<usize> {
        match self {
            Self::Texts(words) => (at < words.len()).then_some(at),
            Self::Words(_, which) => which.get(at).map(|word| usize::from(*word)),
            Self::SameText(_, count) => (at < *count).then_some(0),
            _ => None,
        }
    }

    /// The bytes of a text.
    pub(super) fn text(&self, at: usize) -> Option<&ByteArray> {
        match self {
            Self::Texts(values) => values.get(at),
            Self::Words(words, which) => words.get(usize::from(*which.get(at)?)),
            Self::OptionalTexts(values) => values.get(at)?.as_ref(),
            Self::SameText(value, count) => (at < *count).then_some(value),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, at: usize) -> Option<&[u8]> {
        match self {
            Self::Fixed(values) => values.get(at).map(|value| value.data()),
            _ => self.text(at).map(ByteArray::data),
        }
    }

    pub(super) fn int(&self, at: usize) -> Option<i64> {
        match self {
            Self::Ints(values) => values.get(at).copied(),
            Self::OptionalInts(values) => values.get(at).copied().flatten(),
            Self::SameInt(value, count) => (at < *count).then_some(*value),
            _ => None,
        }
    }

    pub(super) fn float(&self, at: usize) -> Option<f64> {
        match self {
            Self::OptionalFloats(values) => values.get(at).copied().flatten(),
            _ => None,
        }
    }
}
