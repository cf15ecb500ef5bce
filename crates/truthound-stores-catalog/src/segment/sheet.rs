//! Columns to rows.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use truthound_stores_core::{Attributes, Checksum, Error, Labels, Result, Statistics, Status, Timestamp};

use super::decode::{Decoded, decode};
use super::entry::Entry;
use super::lent::Lent;
use super::maps::{Maps, from_json};
use super::opened::{File, Opened, strange};
use super::ranges::Parts;
use super::schema::{Column, PAGE};
use super::shred::{DELETE, PUT, of_thousandths};
use super::stats::counts_mut;
use crate::pack::Unpack;
use crate::row::{Before, Change, Facts, Row, take_before};
use crate::state::State;

/// How much of a page's memory each row is counted with before it is decoded: about what all columns of it take.
const EXPECTED: usize = 300;

/// Rows of one page, of which columns are decoded as they are asked for: once for all who hold it.
#[derive(Debug)]
pub(crate) struct Sheet {
    file: Arc<File>,
    pub(super) band: usize,
    /// Counted from the band's first.
    pub(super) rows: Range<usize>,
    content: Mutex<Content>,
    lent: Mutex<Option<Arc<Lent>>>,
    /// About what it takes in memory.
    bytes: AtomicUsize,
    /// Where what it grows by is counted, if it is kept for others.
    grown: OnceLock<Arc<AtomicUsize>>,
    /// Whether columns that are decoded are worth keeping for others.
    keeps: bool,
}

#[derive(Debug, Default)]
struct Content {
    parts: Arc<Parts>,
    /// Whether there is all it takes to decode each column.
    is_complete: bool,
    columns: Columns,
    /// Whether all columns are decoded.
    is_decoded: bool,
}

/// Columns of a page that are decoded.
#[derive(Debug, Default)]
pub(super) struct Columns([Option<Arc<Decoded>>; Column::ALL.len()]);

impl Columns {
    pub(super) fn get(&self, column: Column) -> Option<&Arc<Decoded>> {
        self.0.get(column.index()).and_then(Option::as_ref)
    }
}

impl Sheet {
    /// Takes a page, with the columns of it that are at hand. `keeps` says that others will ask for it as well.
    pub(super) fn of_page(opened: &Opened, band: usize, page: usize, keeps: bool) -> Result<Arc<Self>> {
        if let Some(sheet) = opened.kept_page(band, page) {
            return Ok(sheet);
        }
        let rows = opened.bands().get(band).ok_or_else(strange)?.rows_of(page);
        let columns = Columns(Column::ALL.map(|column| opened.kept(band, page, column)));
        let content = Content { columns, ..Content::default() };
        Ok(Arc::new(Self::new(opened, band, rows, content, keeps)))
    }

    /// Takes one row of a page.
    pub(super) fn of_row(opened: &Opened, parts: &Arc<Parts>, band: usize, row: usize) -> Self {
        let content = Content { parts: Arc::clone(parts), ..Content::default() };
        Self::new(opened, band, row..row + 1, content, false)
    }

    fn new(opened: &Opened, band: usize, rows: Range<usize>, content: Content, keeps: bool) -> Self {
        let (file, content, lent) = (Arc::clone(opened.file()), Mutex::new(content), Mutex::default());
        let (bytes, grown) = (AtomicUsize::new(0), OnceLock::new());
        Self { file, band, rows, content, lent, bytes, grown, keeps }
    }

    pub(super) fn page(&self) -> usize {
        self.rows.start / PAGE
    }

    /// Where the columns lie that are not at hand.
    pub(super) fn wanted(&self, columns: &[Column]) -> Vec<Range<u64>> {
        let content = locked(&self.content);
        if content.is_complete { Vec::new() } else { self.places(&content, columns) }
    }

    fn places(&self, content: &Content, columns: &[Column]) -> Vec<Range<u64>> {
        let missing = columns.iter().filter(|column| content.columns.get(**column).is_none());
        missing.flat_map(|column| self.file.place(self.band, *column, std::iter::once(self.page()))).collect()
    }

    /// Takes what was fetched.
    pub(super) fn give(&self, parts: &Arc<Parts>) {
        let mut content = locked(&self.content);
        if !content.is_complete {
            content.parts = Arc::clone(parts);
        }
    }

    /// Keeps the page for others, if it is to be kept, now that all of it was fetched; answers with the one that is kept.
    pub(super) fn keep(self: Arc<Self>, opened: &Opened) -> Arc<Self> {
        if !self.keeps {
            return self;
        }
        {
            let mut content = locked(&self.content);
            if content.is_complete {
                return Arc::clone(&self);
            }
            let Some(parts) = content.parts.only(self.places(&content, &Column::ALL)) else {
                return Arc::clone(&self);
            };
            self.grow(parts.memory());
            content.parts = Arc::new(parts);
            content.is_complete = true;
        }
        opened.keep_page(self.band, self.page(), self)
    }

    /// About what it takes in memory, or will.
    pub(super) fn memory(&self) -> usize {
        self.bytes.load(Ordering::Relaxed).max(self.rows.len() * EXPECTED)
    }

    /// Has what it grows by counted there from now on.
    pub(super) fn count_by(&self, grown: &Arc<AtomicUsize>) {
        // It is kept by one cache.
        drop(self.grown.set(Arc::clone(grown)));
    }

    /// Counts what it takes more in memory.
    pub(super) fn grow(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(grown) = self.grown.get() {
            grown.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The values of a column.
    pub(super) fn column(&self, opened: &Opened, column: Column) -> Result<Arc<Decoded>> {
        let (values, keeps) = {
            let mut content = locked(&self.content);
            if let Some(values) = content.columns.get(column) {
                return Ok(Arc::clone(values));
            }
            (self.decode(&mut content, column)?, self.keeps && !content.is_complete)
        };
        if keeps {
            opened.keep(self.band, self.page(), column, &values);
        }
        Ok(values)
    }

    fn decode(&self, content: &mut Content, column: Column) -> Result<Arc<Decoded>> {
        let values = Arc::new(decode(&self.file, &content.parts, self.band, column, self.rows.clone())?);
        self.grow(values.memory());
        if let Some(place) = content.columns.0.get_mut(column.index()) {
            *place = Some(Arc::clone(&values));
        }
        Ok(values)
    }

    fn decode_missing(&self, content: &mut Content, columns: &[Column]) -> Result<()> {
        if content.is_decoded {
            return Ok(());
        }
        for column in columns {
            if content.columns.get(*column).is_none() {
                self.decode(content, *column)?;
            }
        }
        content.is_decoded = columns.len() == Column::ALL.len();
        Ok(())
    }

    /// Decodes columns that will be asked for.
    pub(super) fn prepare(&self, columns: &[Column]) -> Result<()> {
        self.decode_missing(&mut locked(&self.content), columns)
    }

    /// Tells whether there is all it takes to decode each column.
    pub(super) fn is_complete(&self) -> bool {
        locked(&self.content).is_complete
    }

    /// Tells whether all columns are decoded.
    pub(super) fn is_decoded(&self) -> bool {
        locked(&self.content).is_decoded
    }

    /// Tells whether what it lends is made, and all columns are decoded if they are asked for.
    pub(super) fn is_prepared(&self, all: bool) -> bool {
        locked(&self.lent).is_some() && (!all || self.is_decoded())
    }

    /// What it lends of its rows.
    pub(super) fn lent(&self) -> Result<Arc<Lent>> {
        let mut lent = locked(&self.lent);
        if let Some(lent) = &*lent {
            return Ok(Arc::clone(lent));
        }
        let mut content = locked(&self.content);
        self.decode_missing(&mut content, &Lent::COLUMNS)?;
        let made = Lent::of(&content.columns, self.rows.len()).map_err(|error| self.named(error))?;
        self.grow(made.memory());
        Ok(Arc::clone(lent.insert(Arc::new(made))))
    }

    /// Puts a row together, counted from the band's first.
    pub(super) fn entry(&self, row: usize, maps: &mut Maps) -> Result<Entry> {
        let at = row.checked_sub(self.rows.start).ok_or_else(strange)?;
        self.row(at, |row| row.entry(maps))
    }

    /// Makes the facts of a row, counted from the page's first, whose labels are known.
    pub(super) fn facts(&self, at: usize, tags: &Labels) -> Result<Facts> {
        self.row(at, |row| row.facts(tags.clone()))
    }

    fn row<T>(&self, at: usize, make: impl FnOnce(&RowOf<'_>) -> Result<T>) -> Result<T> {
        let mut content = locked(&self.content);
        self.decode_missing(&mut content, &Column::ALL)?;
        make(&RowOf { columns: &content.columns, at }).map_err(|error| self.named(error))
    }

    fn named(&self, error: Error) -> Error {
        error.with("object", self.file.name())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct RowOf<'c> {
    columns: &'c Columns,
    at: usize,
}

impl<'c> RowOf<'c> {
    fn entry(&self, maps: &mut Maps) -> Result<Entry> {
        let generation = self.number(Column::Gen)?;
        let state = self.state()?;
        let before = self.optional(Column::Before)?.map(|packed| unpack_before(packed, state)).transpose()?;
        let change = match self.text(Column::Op)? {
            PUT => Change::Put(Box::new(self.facts(maps.read(self.bytes(Column::Tags)?)?)?)),
            DELETE => Change::Delete,
            _ => return Err(strange()),
        };
        let arrived = self.number(Column::Arrived)?.cast_signed() / 1_000;
        let id = self.text(Column::Id)?.to_owned();
        Ok(Entry { generation, arrived, row: Row { id, state, before, change } })
    }

    fn column(&self, column: Column) -> Result<&'c Decoded> {
        self.columns.get(column).map(|values| &**values).ok_or_else(strange)
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
        let (ages, chances) = (self.column(Column::Age)?, self.column(Column::Chance)?);
        state(ages, chances, self.column(Column::SavedAt)?, self.at)
    }

    fn facts(&self, tags: Labels) -> Result<Facts> {
        let run_time = time(self.number(Column::RunTime)?.cast_signed())?;
        let mut attributes = Attributes::new(
            self.text(Column::DataAsset)?,
            run_time,
            Status::from(self.text(Column::Status)?),
        );
        attributes.tags = tags;
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

/// Reads the state of a row.
pub(super) fn state(ages: &Decoded, chances: &Decoded, saved: &Decoded, at: usize) -> Result<State> {
    let chance = chances.bytes(at).and_then(|bytes| bytes.first_chunk()).ok_or_else(strange)?;
    let (hlc, age) = (saved.int(at).ok_or_else(strange)?, ages.int(at).ok_or_else(strange)?);
    Ok(State::of_parts(hlc.cast_unsigned(), age, u16::from_be_bytes(*chance)))
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
