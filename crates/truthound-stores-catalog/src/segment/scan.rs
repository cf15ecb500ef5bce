//! Reading rows in order, with the pages they lie in and no others.

use std::collections::VecDeque;
use std::sync::Arc;

use truthound_stores_core::Result;

use super::bounds::{Bounds, Hit};
use super::entry::Entry;
use super::kills::Kills;
use super::maps::Maps;
use super::opened::{Opened, strange};
use super::ranges::{Parts, Ranges};
use super::schema::{Column, PAGE};
use super::sheet::Sheet;

/// So many bands are asked for together at the most. A scan asks for one, then two, then four.
const AHEAD: usize = 8;
/// So many rows are asked for together where an order scatters them.
const SCATTERED: usize = 4_096;
/// So many decoded pages are kept: more than a band has.
const SHEETS: usize = 24;

/// So many rows are put together before whole pages are decoded: whoever wants the latest few wants no more.
const FEW: usize = 128;

/// The pages of which rows are put in order together: `(band, page)`.
type Unit = Vec<(usize, usize)>;

/// The rows of one segment that lie within bounds, in order.
///
/// By time, a band follows the other, and within a band the pages of one asset follow each other: rows are yielded after one request for the
/// first band that has any. Other orders read the columns they need of all pages first, then the rows.
#[derive(Debug)]
pub(crate) struct Scan<'s, R> {
    opened: &'s Opened,
    from: &'s R,
    kills: &'s Kills,
    bounds: Bounds,
    units: VecDeque<Unit>,
    /// So many units at the front have been fetched.
    fetched: usize,
    ahead: usize,
    parts: Arc<Parts>,
    hits: VecDeque<Hit>,
    /// So many hits at the front have their pages fetched; all of them, where units are fetched whole.
    at_hand: usize,
    sheets: VecDeque<(usize, Sheet)>,
    yielded: usize,
    maps: Maps,
}

impl<'s, R: Ranges> Scan<'s, R> {
    pub(crate) fn new(opened: &'s Opened, from: &'s R, kills: &'s Kills, bounds: Bounds) -> Self {
        let units = units(opened, &bounds);
        Self {
            opened,
            from,
            kills,
            bounds,
            units,
            fetched: 0,
            ahead: 1,
            parts: Arc::default(),
            hits: VecDeque::new(),
            at_hand: 0,
            sheets: VecDeque::new(),
            yielded: 0,
            maps: Maps::default(),
        }
    }

    /// Reads the next row, with its position.
    ///
    /// # Errors
    /// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
    pub(crate) async fn next(&mut self) -> Result<Option<(u32, Entry)>> {
        while self.hits.is_empty() {
            if self.bounds.limit == Some(0) || !self.advance().await? {
                return Ok(None);
            }
        }
        if self.at_hand == 0 {
            self.fetch_rows().await?;
        }
        let Some(hit) = self.hits.pop_front() else { return Ok(None) };
        self.at_hand -= 1;
        self.bounds.limit = self.bounds.limit.map(|limit| limit.saturating_sub(1));
        self.row(&hit).map(Some)
    }

    fn by_time(&self) -> bool {
        self.bounds.by_time()
    }

    /// Finds the rows of the next unit.
    async fn advance(&mut self) -> Result<bool> {
        if self.units.is_empty() {
            return Ok(false);
        }
        if self.fetched == 0 {
            self.fetch_units().await?;
        }
        self.fetched -= 1;
        let mut hits = Vec::new();
        for (band, page) in self.units.pop_front().unwrap_or_default() {
            self.bounds.hits(self.opened, &self.parts, self.kills, band, page, &mut hits)?;
            self.bounds.trim(&mut hits, false);
        }
        self.bounds.trim(&mut hits, true);
        self.hits = hits.into();
        self.at_hand = if self.by_time() { self.hits.len() } else { 0 };
        Ok(true)
    }

    /// Fetches the units of the next bands: whole rows where they come in the order they lie in, else what rows are found by.
    async fn fetch_units(&mut self) -> Result<()> {
        let (mut wanted, mut bands) = (Vec::new(), 0);
        let mut last = None;
        let columns = if self.by_time() { Column::ALL.to_vec() } else { self.bounds.columns() };
        for unit in &self.units {
            let band = unit.first().map(|(band, _)| *band);
            if band != last {
                bands += 1;
                last = band;
            }
            if bands > self.ahead {
                break;
            }
            wanted.extend(places(self.opened, unit, &columns));
            self.fetched += 1;
        }
        self.ahead = (self.ahead * 2).min(AHEAD);
        self.parts = Arc::new(self.opened.fetch(self.from, wanted).await?);
        Ok(())
    }

    /// Fetches the pages of the next rows.
    async fn fetch_rows(&mut self) -> Result<()> {
        self.at_hand = self.hits.len().min(SCATTERED);
        let mut pages: Unit =
            self.hits.iter().take(self.at_hand).map(|hit| (hit.band, hit.row / PAGE)).collect();
        pages.sort_unstable();
        pages.dedup();
        let wanted = places(self.opened, &pages, &Column::ALL);
        self.parts = Arc::new(self.opened.fetch(self.from, wanted).await?);
        Ok(())
    }

    fn row(&mut self, hit: &Hit) -> Result<(u32, Entry)> {
        let band = self.opened.bands().get(hit.band).ok_or_else(strange)?;
        let kept = self.sheets.iter().position(|(number, sheet)| *number == hit.band && sheet.has(hit.row));
        let sheet = if let Some((_, sheet)) = kept.and_then(|at| self.sheets.get(at)) {
            sheet
        } else {
            let mut rows = band.rows_of(hit.row / PAGE);
            if self.yielded < FEW {
                let near = self
                    .hits
                    .iter()
                    .take(FEW - self.yielded)
                    .filter(|other| other.band == hit.band && rows.contains(&other.row));
                let (first, last) = near.fold((hit.row, hit.row), |(first, last), other| {
                    (first.min(other.row), last.max(other.row))
                });
                rows = first..last + 1;
            }
            let sheet = Sheet::read(self.opened, &self.parts, hit.band, rows)?;
            if self.sheets.len() == SHEETS {
                self.sheets.pop_back();
            }
            self.sheets.push_front((hit.band, sheet));
            &self.sheets.front().ok_or_else(strange)?.1
        };
        self.yielded += 1;
        let entry = sheet
            .entry(hit.row, hit.id.data(), &mut self.maps)
            .map_err(|error| error.with("object", self.opened.name()))?;
        Ok((band.position(hit.row), entry))
    }
}

/// Where the pages of these columns lie, band by band.
pub(super) fn places(
    opened: &Opened,
    pages: &[(usize, usize)],
    columns: &[Column],
) -> Vec<std::ops::Range<u64>> {
    let bands = pages.chunk_by(|one, other| one.0 == other.0);
    let places = bands.flat_map(|pages| {
        let band = pages.first().map_or(0, |(band, _)| *band);
        columns
            .iter()
            .flat_map(move |column| opened.place(band, *column, pages.iter().map(|(_, page)| *page)))
    });
    places.collect()
}

/// The pages that may have rows, in the order that they are to be read.
fn units(opened: &Opened, bounds: &Bounds) -> VecDeque<Unit> {
    let mut units = VecDeque::new();
    let literal = bounds.data_asset.as_ref().is_some_and(|pattern| pattern.as_literal().is_some());
    for (number, band) in opened.bands().iter().enumerate().filter(|(_, band)| bounds.may_have(band)) {
        let pages = band.pages.iter().enumerate().filter(|(_, page)| bounds.may_have_in(page));
        let pages: Unit = pages.map(|(page, _)| (number, page)).collect();
        if pages.is_empty() {
            continue;
        }
        // The rows of one asset lie in order already.
        if literal && bounds.by_time() {
            units.extend(pages.into_iter().map(|page| vec![page]));
        } else {
            units.push_back(pages);
        }
    }
    if bounds.by_time() {
        if !bounds.ascending {
            units.make_contiguous().reverse();
        }
        units
    } else {
        let all: Unit = units.into_iter().flatten().collect();
        if all.is_empty() { VecDeque::new() } else { VecDeque::from([all]) }
    }
}
