//! What is read of a segment once: its footer, its page index, and the hashes of its blocks.

use std::ops::{Deref, Range};
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::ByteArray;
use parquet::file::metadata::{
    ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use truthound_stores_core::{Error, Labels, Result, Timestamp};

use super::cache::Cache;
use super::decode::Decoded;
use super::filters;
use super::ranges::{Parts, Ranges, fetch};
use super::schema::{Column, PAGE};
use super::sheet::Sheet;
use super::sink::{BLOCK, CHECK};
use super::stats::Stats;

/// The page index has so many bytes of a text at the most.
const INDEXED: usize = 64;

/// An opened segment: small beside the segment, and worth keeping, as segments never change.
#[derive(Debug)]
pub(crate) struct Opened {
    file: Arc<File>,
    cache: Arc<Cache>,
    /// The segment's number in the cache.
    number: u64,
}

/// What was read of it. Pages hold on to it, for they are decoded long after.
#[derive(Debug)]
pub(crate) struct File {
    name: String,
    footer: ParquetMetaData,
    checks: Bytes,
    bands: Vec<Band>,
    /// Where the blocks end.
    end: u64,
    #[cfg_attr(not(test), allow(dead_code, reason = "only tests ask"))]
    rows: u32,
}

/// Rows that were written together: later than those of the bands before, and by asset, time and id among themselves.
#[derive(Debug)]
pub(super) struct Band {
    /// The position of its first row.
    pub(super) first: u32,
    pub(super) rows: usize,
    pub(super) pages: Vec<Page>,
    /// Where its filter of ids is; empty if the segment has none.
    pub(super) filter: Range<u64>,
    /// Its first and last time.
    pub(super) times: (i64, i64),
}

/// What a page's rows lie between. Bounds of texts may be wider than the texts: long ones are cut.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) times: (i64, i64),
    pub(super) assets: (Vec<u8>, Vec<u8>),
    pub(super) ids: (Vec<u8>, Vec<u8>),
    pub(super) statuses: (Vec<u8>, Vec<u8>),
    pub(super) generations: (i64, i64),
}

impl Opened {
    /// Reads the tail of the segment that the root describes so, with one request.
    ///
    /// # Errors
    /// Those of the reader; `Corrupt`, naming the object, if the tail is not what was written.
    pub(crate) async fn open(
        name: &str,
        stats: &Stats,
        from: &impl Ranges,
        cache: &Arc<Cache>,
    ) -> Result<Self> {
        let read = async {
            let mut read = from.ranges(std::slice::from_ref(&(stats.tail..stats.length))).await?;
            let tail = read.pop().ok_or_else(strange)?;
            if blake3::hash(&tail).as_bytes() != &stats.tail_hash {
                return Err(strange());
            }
            Self::parse(name, stats, &tail, cache)
        };
        read.await.map_err(|error| error.with("object", name))
    }

    fn parse(name: &str, stats: &Stats, tail: &Bytes, cache: &Arc<Cache>) -> Result<Self> {
        let checks =
            usize::try_from(stats.tail.div_ceil(BLOCK as u64)).unwrap_or(usize::MAX).saturating_mul(CHECK);
        if checks > tail.len() {
            return Err(strange());
        }
        let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
        reader.try_parse_sized(tail, stats.length).map_err(|cause| strange().caused_by(cause))?;
        let footer = reader.finish().map_err(|cause| strange().caused_by(cause))?;
        let columns = footer.file_metadata().schema_descr();
        if columns.num_columns() != Column::ALL.len()
            || Column::ALL.iter().zip(columns.columns()).any(|(ours, column)| ours.name() != column.name())
        {
            return Err(Error::unsupported(
                "a segment of the catalog has other columns than this program knows: use a later one",
            ));
        }
        let (mut bands, mut first, mut bloom) =
            (Vec::with_capacity(footer.num_row_groups()), 0_u32, stats.blooms);
        for number in 0..footer.num_row_groups() {
            let mut band = Band::read(&footer, number, first).ok_or_else(strange)?;
            let filter = if stats.blooms < stats.tail { filters::length(band.rows) as u64 } else { 0 };
            band.filter = bloom..bloom.saturating_add(filter);
            first = first
                .checked_add(u32::try_from(band.rows).map_err(|cause| strange().caused_by(cause))?)
                .ok_or_else(strange)?;
            bloom = band.filter.end;
            bands.push(band);
        }
        if first != stats.rows() || bloom != stats.tail {
            return Err(strange());
        }
        let (name, checks) = (name.to_owned(), tail.slice(..checks));
        let file = Arc::new(File { name, footer, checks, bands, end: stats.tail, rows: first });
        Ok(Self { file, cache: Arc::clone(cache), number: cache.number() })
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The values of a column of a page, if they are at hand: kept from before, or said by the page index.
    pub(super) fn kept(&self, band: usize, page: usize, column: Column) -> Option<Arc<Decoded>> {
        match self.same(band, page, column) {
            Some(same) => Some(Arc::new(same)),
            None => self.cache.get(self.number, band, page, column),
        }
    }

    /// Keeps the values of a column of a page.
    pub(super) fn keep(&self, band: usize, page: usize, column: Column, values: &Arc<Decoded>) {
        self.cache.put(self.number, band, page, column, values);
    }

    /// A page of which all columns are at hand.
    pub(super) fn kept_page(&self, band: usize, page: usize) -> Option<Arc<Sheet>> {
        self.cache.page(self.number, band, page)
    }

    /// Reads the labels of a row. Rows of one catalog that have the same share them, whatever segment and page they lie in: who
    /// looks at each set once looks at few.
    pub(super) fn labels(&self, text: &[u8]) -> Result<Labels> {
        self.cache.labels(text)
    }

    /// Hears that pages were decoded, some of which may be kept.
    pub(super) fn settle(&self) {
        self.cache.settle();
    }

    /// Keeps a page of which all columns are at hand; answers with the one that was kept before, if there is one.
    pub(super) fn keep_page(&self, band: usize, page: usize, sheet: Arc<Sheet>) -> Arc<Sheet> {
        self.cache.put_page(self.number, band, page, sheet)
    }
}

impl Deref for Opened {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl File {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    #[cfg(test)]
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// About what it takes in memory.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        let pages: usize = self.bands.iter().map(|band| band.pages.len()).sum();
        self.footer.memory_size() + self.checks.len() + pages * (size_of::<Page>() + 128)
    }

    pub(super) fn bands(&self) -> &[Band] {
        &self.bands
    }

    pub(super) fn column(
        &self,
        band: usize,
        column: Column,
    ) -> Option<(&RowGroupMetaData, &ColumnChunkMetaData, &[PageLocation])> {
        let group = self.footer.row_groups().get(band)?;
        let chunk = group.columns().get(column.index())?;
        let pages = self.footer.page_index()?.offset_index(band, column.index())?.page_locations();
        Some((group, chunk, pages))
    }

    /// The value that all rows of a page have, if the page index says so.
    fn same(&self, band: usize, page: usize, column: Column) -> Option<Decoded> {
        if !column.is_indexed() {
            return None;
        }
        let count = self.bands.get(band)?.rows_of(page).len();
        let index = self.footer.page_index()?.column_index(band, column.index())?;
        if page as u64 >= index.num_pages() {
            return None;
        }
        if column.kind().is_optional() {
            return index.is_null_page(page).then_some(Decoded::Nothing(count));
        }
        match index {
            ColumnIndexMetaData::INT64(ints) => {
                let value = ints.min_value(page).filter(|least| ints.max_value(page) == Some(least))?;
                Some(Decoded::SameInt(*value, count))
            }
            // Of longer texts the index says no more than the start.
            ColumnIndexMetaData::BYTE_ARRAY(texts) => {
                let value = texts.min_value(page).filter(|least| least.len() < INDEXED)?;
                (texts.max_value(page) == Some(value))
                    .then(|| Decoded::SameText(ByteArray::from(value.to_vec()), count))
            }
            _ => None,
        }
    }

    /// Where the pages of a column lie, with the dictionary that they need.
    pub(super) fn place(
        &self,
        band: usize,
        column: Column,
        pages: impl Iterator<Item = usize>,
    ) -> Vec<Range<u64>> {
        let Some((_, chunk, locations)) = self.column(band, column) else { return Vec::new() };
        let (start, _) = chunk.byte_range();
        let place = |page: &PageLocation| {
            let offset = page.offset.cast_unsigned();
            offset..offset.saturating_add(u64::from(page.compressed_page_size.cast_unsigned()))
        };
        let dictionary = locations.first().map(|first| start..first.offset.cast_unsigned());
        let pages = pages.filter_map(|page| locations.get(page)).map(place);
        dictionary.into_iter().chain(pages).collect()
    }

    pub(super) async fn fetch(&self, from: &impl Ranges, wanted: Vec<Range<u64>>) -> Result<Parts> {
        if wanted.is_empty() {
            return Ok(Parts::default());
        }
        fetch(from, &self.checks, self.end, wanted)
            .await
            .map_err(|error| error.with("object", self.name.as_str()))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.cache.forget(self.number);
    }
}

impl Band {
    fn read(footer: &ParquetMetaData, number: usize, first: u32) -> Option<Self> {
        let rows = usize::try_from(footer.row_groups().get(number)?.num_rows()).ok()?;
        let count = rows.div_ceil(PAGE);
        let index = footer.page_index()?;
        // All columns have their pages at the same rows: what is found in one is read of the others.
        for column in Column::ALL {
            let locations = index.offset_index(number, column.index())?.page_locations();
            let in_step = locations
                .iter()
                .enumerate()
                .all(|(at, page)| usize::try_from(page.first_row_index) == Ok(at * PAGE));
            if locations.len() != count || !in_step {
                return None;
            }
        }
        let ints = |column: Column| match index.column_index(number, column.index())? {
            ColumnIndexMetaData::INT64(ints) => Some(ints),
            _ => None,
        };
        let (ints, generations) = (ints(Column::RunTime)?, ints(Column::Gen)?);
        let texts = |column: Column| match index.column_index(number, column.index())? {
            ColumnIndexMetaData::BYTE_ARRAY(texts) => Some(texts),
            _ => None,
        };
        let (assets, ids) = (texts(Column::DataAsset)?, texts(Column::Id)?);
        let statuses = texts(Column::Status)?;
        let counts = [
            ints.num_pages(),
            generations.num_pages(),
            assets.num_pages(),
            ids.num_pages(),
            statuses.num_pages(),
        ];
        if counts != [count as u64; 5] {
            return None;
        }
        let pages = (0..count).map(|at| {
            Some(Page {
                times: (*ints.min_value(at)?, *ints.max_value(at)?),
                assets: (assets.min_value(at)?.to_vec(), assets.max_value(at)?.to_vec()),
                ids: (ids.min_value(at)?.to_vec(), ids.max_value(at)?.to_vec()),
                statuses: (statuses.min_value(at)?.to_vec(), statuses.max_value(at)?.to_vec()),
                generations: (*generations.min_value(at)?, *generations.max_value(at)?),
            })
        });
        let pages = pages.collect::<Option<Vec<_>>>()?;
        let times =
            (pages.iter().map(|page| page.times.0).min()?, pages.iter().map(|page| page.times.1).max()?);
        Some(Self { first, rows, pages, filter: 0..0, times })
    }

    /// The position of a row that is counted from the band's first.
    pub(super) fn position(&self, row: usize) -> u32 {
        self.first.saturating_add(u32::try_from(row).unwrap_or(u32::MAX))
    }

    /// The rows of a page, counted from the band's first.
    pub(super) fn rows_of(&self, page: usize) -> Range<usize> {
        (page * PAGE).min(self.rows)..((page + 1) * PAGE).min(self.rows)
    }
}

impl Page {
    pub(super) fn may_have(&self, time: Option<Timestamp>, asset: Option<&str>, id: Option<&str>) -> bool {
        let between = |bounds: &(Vec<u8>, Vec<u8>), text: &str| {
            bounds.0.as_slice() <= text.as_bytes() && text.as_bytes() <= bounds.1.as_slice()
        };
        time.is_none_or(|time| self.times.0 <= time.as_micros() && time.as_micros() <= self.times.1)
            && asset.is_none_or(|asset| between(&self.assets, asset))
            && id.is_none_or(|id| between(&self.ids, id))
    }
}

pub(super) fn strange() -> Error {
    Error::corrupt("a segment of the catalog is not what was written")
}
