//! A band's rows into the bytes of its columns: first taken apart page by page, then encoded column by column. Neither needs to know of the
//! others, so all of it goes side by side where a runtime has lanes for it. The bytes are the same either way.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::writer::{
    ColumnCloseResult, ColumnWriter, get_column_writer, get_typed_column_writer_mut,
};
use parquet::data_type::{ByteArrayType, DoubleType, FixedLenByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::SchemaDescPtr;
use truthound_stores_core::Result;

use super::entry::Entry;
use super::filters::Filter;
use super::schema::{Column, DICTIONARY, without_dictionary};
use super::shred::{Values, shred};
use super::writer::failed;
use crate::workers::Workers;

/// How columns are written.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) schema: SchemaDescPtr,
    pub(super) properties: WriterPropertiesPtr,
}

/// A column of a band, encoded.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
}

/// A band, encoded: its columns in the order of [`Column::ALL`], and the filter of its ids.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) chunks: Vec<Chunk>,
    pub(super) filter: Option<Filter>,
}

/// What is made of a column, page by page.
enum Piece {
    Chunk(Column, Arc<Vec<Values>>),
    Filter(Arc<Vec<Values>>),
}

enum Made {
    Chunk(Box<Chunk>),
    Filter(Filter),
}

/// Encodes a band, which comes in its order and in pages.
///
/// # Errors
/// `Internal` from the encoder; those of the workers.
pub(super) async fn encode(pages: Vec<Vec<Entry>>, form: &Form, workers: &Workers) -> Result<Encoded> {
    let mut columns: Vec<Vec<Values>> = Column::ALL.map(|_| Vec::with_capacity(pages.len())).into();
    // Rows are dropped where they are taken apart: that takes about as long.
    for page in workers.all(pages, |rows: Vec<Entry>| shred(&rows)).await? {
        columns.iter_mut().zip(page).for_each(|(column, values)| column.push(values));
    }
    let mut pieces = Vec::with_capacity(columns.len() + 1);
    for (column, values) in Column::ALL.into_iter().zip(columns) {
        let values = Arc::new(values);
        if column == Column::Id {
            pieces.push(Piece::Filter(Arc::clone(&values)));
        }
        pieces.push(Piece::Chunk(column, values));
    }
    let form = form.clone();
    let work = move |piece| match piece {
        Piece::Chunk(column, values) => Ok(Made::Chunk(Box::new(chunk(column, &values, &form)?))),
        Piece::Filter(ids) => Ok(Made::Filter(Filter::of(&ids))),
    };
    let mut encoded = Encoded { chunks: Vec::with_capacity(Column::ALL.len()), filter: None };
    for made in workers.all(pieces, work).await? {
        match made.map_err(|cause: ParquetError| failed(cause))? {
            Made::Chunk(chunk) => encoded.chunks.push(*chunk),
            Made::Filter(filter) => encoded.filter = Some(filter),
        }
    }
    Ok(encoded)
}

fn chunk(column: Column, pages: &[Values], form: &Form) -> parquet::errors::Result<Chunk> {
    let description = form
        .schema
        .columns()
        .get(column.index())
        .ok_or_else(|| ParquetError::General(format!("there is no column {}", column.name())))?;
    let mut bytes = TrackedWrite::new(Vec::new());
    let to = Box::new(SerializedPageWriter::new(&mut bytes));
    let properties = if column.repeats() && !fit_in_a_dictionary(pages) {
        without_dictionary(&form.properties, column)
    } else {
        Arc::clone(&form.properties)
    };
    let mut writer = get_column_writer(Arc::clone(description), properties, to);
    for values in pages {
        write(&mut writer, values)?;
    }
    let close = writer.close()?;
    Ok(Chunk { bytes: bytes.into_inner()?.into(), close })
}

/// Tells whether the texts of a column, each once, fit in a dictionary. A writer that finds out on its way ends a page where it does.
fn fit_in_a_dictionary(pages: &[Values]) -> bool {
    let texts = || {
        pages.iter().flat_map(|values| match values {
            Values::Texts(texts) | Values::OptionalTexts(texts, _) => texts.as_slice(),
            _ => &[],
        })
    };
    let length = |bytes: usize| bytes + size_of::<u32>();
    if texts().map(|text| length(text.len())).sum::<usize>() <= DICTIONARY {
        return true;
    }
    let (mut once, mut bytes) = (HashSet::new(), 0);
    texts().all(|text| {
        if once.insert(text.data()) {
            bytes += length(text.len());
        }
        bytes <= DICTIONARY
    })
}

fn write(to: &mut ColumnWriter<'_>, values: &Values) -> parquet::errors::Result<()> {
    match values {
        Values::Texts(values) => {
            get_typed_column_writer_mut::<ByteArrayType>(to).write_batch(values, None, None)
        }
        Values::Ints(values) => get_typed_column_writer_mut::<Int64Type>(to).write_batch(values, None, None),
        Values::Fixed(values) => {
            get_typed_column_writer_mut::<FixedLenByteArrayType>(to).write_batch(values, None, None)
        }
        Values::OptionalTexts(values, levels) => {
            get_typed_column_writer_mut::<ByteArrayType>(to).write_batch(values, Some(levels), None)
        }
        Values::OptionalInts(values, levels) => {
            get_typed_column_writer_mut::<Int64Type>(to).write_batch(values, Some(levels), None)
        }
        Values::OptionalFloats(values, levels) => {
            get_typed_column_writer_mut::<DoubleType>(to).write_batch(values, Some(levels), None)
        }
    }
    .map(drop)
}
