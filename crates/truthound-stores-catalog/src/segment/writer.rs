//! Writing a segment, band by band.

use std::collections::BTreeMap;
use std::io::Write;

use parquet::data_type::{ByteArrayType, DoubleType, FixedLenByteArrayType, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use truthound_stores_core::{Error, ErrorKind, Result, Timestamp};

use super::entry::Entry;
use super::filters::Filters;
use super::maps::Texts;
use super::schema::{BAND, BAND_BYTES, SMALL, SMALL_BYTES, properties, schema};
use super::shred::{Values, shred};
use super::sink::Sink;
use super::stats::Stats;

/// Writes rows that come in the order of [`Entry::time_key`]. It holds one band of them.
pub(crate) struct Writer<W: Write + Send> {
    /// What the segment is written to, until its first band says how.
    to: Option<W>,
    file: Option<SerializedFileWriter<Sink<W>>>,
    band: Vec<Entry>,
    weight: usize,
    last: Option<(Timestamp, String)>,
    filters: Filters,
    maps: Texts,
    stats: Stats,
}

impl<W: Write + Send> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("stats", &self.stats).finish_non_exhaustive()
    }
}

impl<W: Write + Send> Writer<W> {
    /// Begins a segment.
    pub(crate) fn new(to: W) -> Self {
        Self {
            to: Some(to),
            file: None,
            band: Vec::new(),
            weight: 0,
            last: None,
            filters: Filters::default(),
            maps: Texts::default(),
            stats: Stats::default(),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// `Internal` for a row out of order, or one more than there are positions; those of the writer.
    pub(crate) fn push(&mut self, entry: Entry) -> Result<()> {
        let (time, id) = entry.time_key();
        if self.last.as_ref().is_some_and(|(last, last_id)| (*last, last_id.as_str()) > (time, id)) {
            return Err(Error::new(ErrorKind::Internal, "rows came to a segment out of order"));
        }
        if self.stats.rows() == u32::MAX {
            return Err(Error::new(ErrorKind::Internal, "a segment has no more positions for rows"));
        }
        if self.band.len() >= BAND || self.weight >= BAND_BYTES {
            self.end_band()?;
        }
        match &mut self.last {
            Some((last, last_id)) => {
                *last = time;
                id.clone_into(last_id);
            }
            last => *last = Some((time, id.to_owned())),
        }
        self.stats.add(&entry);
        self.weight += entry.weight();
        self.band.push(entry);
        Ok(())
    }

    /// Ends the segment.
    ///
    /// # Errors
    /// Those of the writer.
    pub(crate) fn finish(mut self) -> Result<(W, Stats)> {
        if !self.band.is_empty() {
            self.end_band()?;
        }
        let mut file = self.open()?;
        self.stats.blooms = file.bytes_written() as u64;
        let filters = std::mem::take(&mut self.filters).into_bytes().map_err(failed)?;
        file.write_all(&filters).map_err(failed)?;
        file.flush().map_err(failed)?;
        self.stats.tail = file.inner().length();
        let checks = file.inner_mut().begin_tail();
        file.write_all(&checks).map_err(failed)?;
        let (to, passed) = file.into_inner().map_err(failed)?.finish();
        self.stats.length = passed.length;
        self.stats.hash = passed.hash;
        self.stats.tail_hash = passed.tail_hash;
        Ok((to, self.stats))
    }

    /// Takes the file out, begun by what is known of its rows if it was not.
    fn open(&mut self) -> Result<SerializedFileWriter<Sink<W>>> {
        if let Some(file) = self.file.take() {
            return Ok(file);
        }
        let Some(to) = self.to.take() else {
            return Err(Error::new(ErrorKind::Internal, "a segment goes on being written after it failed"));
        };
        let compresses = self.band.len() >= SMALL || self.weight >= SMALL_BYTES;
        let begin = || SerializedFileWriter::new(Sink::new(to), schema()?, properties(compresses)?);
        begin().map_err(failed)
    }

    fn end_band(&mut self) -> Result<()> {
        let mut file = self.open()?;
        let mut band = std::mem::take(&mut self.band);
        self.weight = 0;
        // The rows of each asset come by time and id: nothing but the assets is left to sort.
        let mut assets: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &band {
            assets.entry(entry.data_asset()).or_default().push(entry);
        }
        for asset in assets.keys() {
            self.stats.add_asset(asset);
        }
        let rows: Vec<&Entry> = assets.into_values().flatten().collect();
        self.filters.add(&rows);
        write(&mut file, &rows, &mut self.maps).map_err(failed)?;
        self.file = Some(file);
        // Its room is used again.
        band.clear();
        self.band = band;
        Ok(())
    }
}

fn write<W: Write + Send>(
    file: &mut SerializedFileWriter<Sink<W>>,
    rows: &[&Entry],
    maps: &mut Texts,
) -> parquet::errors::Result<()> {
    let mut band = file.next_row_group()?;
    for values in shred(rows, maps) {
        if let Some(mut writer) = band.next_column()? {
            write_column(&mut writer, &values)?;
            writer.close()?;
        }
    }
    band.close()?;
    Ok(())
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, values: &Values) -> parquet::errors::Result<()> {
    match values {
        Values::Texts(values) => writer.typed::<ByteArrayType>().write_batch(values, None, None),
        Values::Ints(values) => writer.typed::<Int64Type>().write_batch(values, None, None),
        Values::Fixed(values) => writer.typed::<FixedLenByteArrayType>().write_batch(values, None, None),
        Values::OptionalTexts(values, levels) => {
            writer.typed::<ByteArrayType>().write_batch(values, Some(levels), None)
        }
        Values::OptionalInts(values, levels) => {
            writer.typed::<Int64Type>().write_batch(values, Some(levels), None)
        }
        Values::OptionalFloats(values, levels) => {
            writer.typed::<DoubleType>().write_batch(values, Some(levels), None)
        }
    }
    .map(drop)
}

fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Internal, "a segment could not be written").caused_by(cause)
}
