//! Writing a segment, band by band.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use futures_util::FutureExt;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;
use truthound_stores_core::{Error, ErrorKind, Result, Timestamp};

use super::encode::{Encoded, Form, encode};
use super::entry::Entry;
use super::filters::Filters;
use super::schema::{BAND, BAND_BYTES, PAGE, SMALL, SMALL_BYTES, properties, schema};
use super::sink::Sink;
use super::stats::Stats;
use crate::workers::Workers;

/// Writes rows that come in the order of [`Entry::time_key`]. It holds one band of them.
pub(crate) struct Writer<W: Write + Send> {
    /// What the segment is written to, until its first band says how.
    to: Option<W>,
    file: Option<SerializedFileWriter<Sink<W>>>,
    band: Band,
    last: Option<(Timestamp, String)>,
    filters: Filters,
    stats: Stats,
}

/// Rows that are not written yet, by asset: those of each come by time and id, so nothing is left to sort.
#[derive(Default)]
struct Band {
    assets: HashMap<String, Vec<Entry>>,
    rows: usize,
    weight: usize,
}

impl Band {
    fn is_full(&self) -> bool {
        self.rows >= BAND || self.weight >= BAND_BYTES
    }

    fn is_small(&self) -> bool {
        self.rows < SMALL && self.weight < SMALL_BYTES
    }

    fn push(&mut self, entry: Entry) {
        self.rows += 1;
        self.weight += entry.weight();
        match self.assets.get_mut(entry.data_asset()) {
            Some(rows) => rows.push(entry),
            None => drop(self.assets.insert(entry.data_asset().to_owned(), vec![entry])),
        }
    }

    /// Gives the rows in their order, page by page, and says which assets they are of.
    fn into_pages(self, mut told: impl FnMut(&str)) -> Vec<Vec<Entry>> {
        let mut pages = Vec::with_capacity(self.rows.div_ceil(PAGE));
        let mut assets: Vec<(String, Vec<Entry>)> = self.assets.into_iter().collect();
        assets.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (asset, _) in &assets {
            told(asset);
        }
        let mut rows = assets.into_iter().flat_map(|(_, rows)| rows);
        loop {
            let mut page = Vec::with_capacity(PAGE.min(self.rows));
            page.extend(rows.by_ref().take(PAGE));
            if page.is_empty() {
                return pages;
            }
            pages.push(page);
        }
    }
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
            band: Band::default(),
            last: None,
            filters: Filters::default(),
            stats: Stats::default(),
        }
    }

    /// Adds a row. A band that is full is written first: by the caller, unless [`make_room`](Self::make_room) came before.
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
        if self.band.is_full() {
            self.end_band_here()?;
        }
        match &mut self.last {
            Some((last, last_id)) => {
                *last = time;
                id.clone_into(last_id);
            }
            last => *last = Some((time, id.to_owned())),
        }
        self.stats.add(&entry);
        self.band.push(entry);
        Ok(())
    }

    /// Writes a band that is full.
    ///
    /// # Errors
    /// Those of the writer and of the workers. Nothing can be written after one.
    pub(crate) async fn make_room(&mut self, workers: &Workers) -> Result<()> {
        if self.band.is_full() { Box::pin(self.end_band(workers)).await } else { Ok(()) }
    }

    /// Writes the last band.
    ///
    /// # Errors
    /// As for [`make_room`](Self::make_room).
    pub(crate) async fn flush(&mut self, workers: &Workers) -> Result<()> {
        if self.band.rows == 0 {
            return Ok(());
        }
        // A hand-over takes longer than a small band.
        if self.band.is_small() { self.end_band_here() } else { Box::pin(self.end_band(workers)).await }
    }

    /// Ends the segment. A last band is written by the caller, unless [`flush`](Self::flush) came before.
    ///
    /// # Errors
    /// Those of the writer.
    pub(crate) fn finish(mut self) -> Result<(W, Stats)> {
        if self.band.rows > 0 {
            self.end_band_here()?;
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
        let compresses = !self.band.is_small();
        let begin = || SerializedFileWriter::new(Sink::new(to), schema()?, properties(compresses)?);
        begin().map_err(failed)
    }

    /// Nobody else is waited for.
    fn end_band_here(&mut self) -> Result<()> {
        self.end_band(&Workers::default())
            .now_or_never()
            .unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "a band was not written at once")))
    }

    async fn end_band(&mut self, workers: &Workers) -> Result<()> {
        let mut file = self.open()?;
        let band = std::mem::take(&mut self.band);
        let pages = band.into_pages(|asset| self.stats.add_asset(asset));
        let schema = Arc::new(SchemaDescriptor::new(schema().map_err(failed)?));
        let form = Form { schema, properties: Arc::clone(file.properties()) };
        let encoded = encode(pages, &form, workers).await?;
        append(&mut file, &encoded).map_err(failed)?;
        self.filters.extend(encoded.filter);
        self.file = Some(file);
        Ok(())
    }
}

fn append<W: Write + Send>(
    file: &mut SerializedFileWriter<Sink<W>>,
    encoded: &Encoded,
) -> parquet::errors::Result<()> {
    let mut band = file.next_row_group()?;
    for chunk in &encoded.chunks {
        band.append_column(&chunk.bytes, chunk.close.clone())?;
    }
    band.close()?;
    Ok(())
}

pub(super) fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Internal, "a segment could not be written").caused_by(cause)
}
