//! Reading rows in order, with the pages they lie in and no others.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use truthound_stores_core::Result;

use super::bounds::{Bounds, Edge, Hit};
use super::entry::Entry;
use super::kills::Kills;
use super::lent::{Lent, Slip};
use super::maps::Maps;
use super::opened::{Opened, strange};
use super::ranges::Ranges;
use super::schema::{BAND, Column, PAGE};
use super::sheet::Sheet;
use crate::mix::Mixed;
pub(crate) use decoding::Decodes;
use decoding::Decoding;

mod decoding;

/// So many bands are asked for together at the most. A scan asks for one, then two, then four.
const AHEAD: usize = 8;
/// Orders other than by time may scatter rows: after one band so many are asked for together, then as many as most segments have.
const AHEAD_SCATTERED: usize = 4;
const AHEAD_MOST: usize = 32;
/// So many pages that were looked into are kept: more than two bands have. What is needed again is read again.
const SHEETS: usize = 48;
/// So many are kept once what was found in them lies scattered: to read a page again for each row takes longer than it is worth.
const SHEETS_SCATTERED: usize = 128;
/// What a scan of at most so many rows decodes is kept for others: of the longest page of a listing, too, since the next one begins in the
/// pages that it has looked into.
const KEPT: usize = 12_288;
/// So many of the rows that were found are looked at, to fetch the pages that they lie in once more.
const AGAIN: usize = 4_096;

/// A page that was not looked into yet, and where its first row comes in the order at the earliest.
#[derive(Debug)]
struct Unit {
    place: Place,
    edge: Edge,
}

/// Band and page.
type Place = (usize, usize);

/// A page that was fetched.
#[derive(Debug)]
struct Held {
    sheet: Arc<Sheet>,
    /// What it lends, once a row of it was.
    lent: Option<Arc<Lent>>,
    /// So many of its rows are still to be read.
    hits: usize,
    /// Which of its rows meet the conditions, if that was asked before it is looked into.
    rows: Option<Vec<bool>>,
    /// Whether workers have decoded what will be asked of it.
    is_ready: bool,
}

/// The rows of one segment that lie within bounds, in order.
///
/// Pages are looked into in the order of the first row that each may have, as the page index says, and a row is read once no page that is left
/// may have an earlier one. By time these are the pages of one band, then of the next. Other orders look into few pages, too, if ids begin
/// with a time as those of Truthound do, and else into all.
#[derive(Debug)]
pub(crate) struct Scan<'s, R> {
    opened: &'s Opened,
    from: &'s R,
    kills: &'s Kills,
    bounds: Bounds,
    units: VecDeque<Unit>,
    ahead: usize,
    sheets: HashMap<Place, Held, Mixed>,
    /// Pages that were looked into, in this order.
    looked: VecDeque<Place>,
    /// Rows that were found and put in order, the next of them last.
    hits: Vec<Hit>,
    /// Rows that were found since, and which of them is the first in the order: they are put in order once one is to be read.
    fresh: Vec<Hit>,
    first: usize,
    keeps: bool,
    decoding: Option<Decoding>,
    maps: Maps,
}

impl<'s, R: Ranges> Scan<'s, R> {
    pub(crate) fn new(opened: &'s Opened, from: &'s R, kills: &'s Kills, bounds: Bounds) -> Self {
        Self {
            opened,
            from,
            kills,
            units: units(opened, &bounds),
            ahead: 1,
            sheets: HashMap::default(),
            looked: VecDeque::new(),
            hits: Vec::new(),
            fresh: Vec::new(),
            first: 0,
            keeps: bounds.limit.is_some_and(|limit| limit <= KEPT),
            decoding: None,
            bounds,
            maps: Maps::default(),
        }
    }

    /// Reads the next row, with its position.
    ///
    /// # Errors
    /// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
    pub(crate) async fn next(&mut self) -> Result<Option<(u32, Entry)>> {
        let Some(hit) = self.reach().await? else { return Ok(None) };
        let held = self.sheets.get(&hit.place()).ok_or_else(strange)?;
        let entry = held.sheet.entry(hit.row, &mut self.maps)?;
        self.let_go(hit.place(), 1);
        let band = self.opened.bands().get(hit.band).ok_or_else(strange)?;
        Ok(Some((band.position(hit.row), entry)))
    }

    /// Reads the next row by what its page lends.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub(crate) async fn next_slip(&mut self) -> Result<Option<Slip>> {
        let Some(hit) = self.reach().await? else { return Ok(None) };
        let held = self.sheets.get_mut(&hit.place()).ok_or_else(strange)?;
        let lent = match &held.lent {
            Some(lent) => lent,
            None => held.lent.insert(held.sheet.lent()?),
        };
        let at = hit.row.checked_sub(held.sheet.rows.start).ok_or_else(strange)?;
        let slip = Slip::new(&held.sheet, lent, at, self.opened)
            .map_err(|error| error.with("object", self.opened.name()))?;
        self.let_go(hit.place(), 1);
        Ok(Some(slip))
    }

    /// Looks for the next row, whose page is at hand then.
    async fn reach(&mut self) -> Result<Option<Hit>> {
        if self.bounds.limit == Some(0) {
            return Ok(None);
        }
        loop {
            match (self.first(), self.units.front()) {
                (None, None) => return Ok(None),
                (Some(_), None) => break,
                (Some(hit), Some(unit)) if self.bounds.precedes(hit, &unit.edge) => break,
                (_, Some(_)) => self.advance().await?,
            }
        }
        self.put_in_order();
        let Some(place) = self.hits.last().map(Hit::place) else { return Ok(None) };
        if !self.sheets.contains_key(&place) {
            self.fetch_again().await?;
        }
        self.bounds.limit = self.bounds.limit.map(|limit| limit.saturating_sub(1));
        Ok(self.hits.pop())
    }

    /// The first in the order of the rows that were found.
    fn first(&self) -> Option<&Hit> {
        match (self.hits.last(), self.fresh.get(self.first)) {
            (Some(hit), Some(fresh)) if self.bounds.cmp(fresh, hit) == Ordering::Less => Some(fresh),
            (None, fresh) => fresh,
            (hit, _) => hit,
        }
    }

    /// Puts rows in order that were found since, and lets go of those that are more than will be read.
    fn put_in_order(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        self.hits.append(&mut self.fresh);
        // Runs that are in order each: the rows of each asset in each page.
        self.hits.sort_by(|one, other| self.bounds.cmp(other, one));
        let more = self.hits.len().saturating_sub(self.bounds.limit.unwrap_or(usize::MAX));
        for hit in self.hits.drain(..more).collect::<Vec<_>>() {
            self.let_go(hit.place(), 1);
        }
    }

    /// Looks into the next page.
    async fn advance(&mut self) -> Result<()> {
        let Some(place) = self.units.front().map(|unit| unit.place) else { return Ok(()) };
        if !self.sheets.contains_key(&place) {
            self.fetch_units().await?;
        }
        self.decode_next().await?;
        self.units.pop_front();
        let held = self.sheets.get_mut(&place).ok_or_else(strange)?;
        let limit = self.bounds.limit.unwrap_or(usize::MAX);
        let worst = self.hits.first().filter(|_| self.hits.len() >= limit);
        let (opened, sheet) = (self.opened, &*held.sheet);
        let rows = held.rows.take().map_or_else(|| self.bounds.rows(opened, self.kills, sheet), Ok);
        let found = rows
            .and_then(|rows| self.bounds.hits(opened, sheet, &rows, worst))
            .map_err(|error| error.with("object", opened.name()))?;
        if found.is_empty() {
            self.sheets.remove(&place);
            return Ok(());
        }
        held.hits = found.len();
        self.looked.push_back(place);
        for hit in found {
            if self.fresh.get(self.first).is_none_or(|first| self.bounds.cmp(&hit, first) == Ordering::Less) {
                self.first = self.fresh.len();
            }
            self.fresh.push(hit);
        }
        if self.fresh.len() >= limit.min(PAGE.max(limit / 2)) {
            self.put_in_order();
        }
        if self.looked.len() > SHEETS
            && let Some(place) = self.looked.pop_front()
        {
            self.sheets.remove(&place);
        }
        Ok(())
    }

    /// Counts rows of a page as read. A page without others is let go of.
    fn let_go(&mut self, place: Place, hits: usize) {
        if let Some(held) = self.sheets.get_mut(&place) {
            held.hits = held.hits.saturating_sub(hits);
            if held.hits == 0 {
                self.sheets.remove(&place);
                self.looked.retain(|looked| *looked != place);
            }
        }
    }

    /// Fetches the pages of the next bands.
    async fn fetch_units(&mut self) -> Result<()> {
        let (mut places, mut bands): (Vec<Place>, Vec<usize>) = (Vec::new(), Vec::new());
        // Of a band that is fetched, only what comes about next.
        for unit in self.units.iter().take(self.ahead.saturating_mul(BAND / PAGE)) {
            if !bands.contains(&unit.place.0) {
                if bands.len() == self.ahead {
                    continue;
                }
                bands.push(unit.place.0);
            }
            places.push(unit.place);
        }
        self.ahead = if self.bounds.by_time() {
            (self.ahead * 2).min(AHEAD)
        } else if self.ahead == 1 {
            AHEAD_SCATTERED
        } else {
            AHEAD_MOST
        };
        self.fetch(places).await
    }

    /// Fetches the pages of the next rows, which were fetched before.
    async fn fetch_again(&mut self) -> Result<()> {
        // The pages that are needed next, by the order in which they are.
        let mut soon: Vec<Place> = Vec::new();
        for hit in self.hits.iter().rev().take(AGAIN) {
            if soon.len() == SHEETS_SCATTERED {
                break;
            }
            if !soon.contains(&hit.place()) {
                soon.push(hit.place());
            }
        }
        let missing = soon.iter().copied().filter(|place| !self.sheets.contains_key(place));
        let places: Vec<Place> = missing.take(SHEETS / 2).collect();
        while self.looked.len() + places.len() > SHEETS_SCATTERED {
            let latest = self.looked.iter().position(|place| !soon.contains(place)).unwrap_or(0);
            let Some(place) = self.looked.remove(latest) else { break };
            self.sheets.remove(&place);
        }
        self.looked.extend(places.iter().copied());
        self.fetch(places.clone()).await?;
        if let Some(decoding) = &self.decoding {
            self.decode(decoding, &places).await?;
        }
        for hit in &self.hits {
            if places.contains(&hit.place())
                && let Some(held) = self.sheets.get_mut(&hit.place())
            {
                held.hits += 1;
            }
        }
        Ok(())
    }

    /// Fetches what is not at hand of pages.
    async fn fetch(&mut self, mut places: Vec<Place>) -> Result<()> {
        places.sort_unstable();
        let sheets = places.iter().map(|(band, page)| Sheet::of_page(self.opened, *band, *page, self.keeps));
        let sheets = sheets.collect::<Result<Vec<_>>>()?;
        let wanted = sheets.iter().flat_map(|sheet| sheet.wanted(&Column::ALL)).collect();
        let parts = Arc::new(self.opened.fetch(self.from, wanted).await?);
        let sheets: Vec<_> = sheets
            .into_iter()
            .map(|sheet| {
                sheet.give(&parts);
                sheet.keep(self.opened)
            })
            .collect();
        let held =
            sheets.into_iter().map(|sheet| Held { sheet, lent: None, hits: 0, rows: None, is_ready: false });
        for (place, held) in places.into_iter().zip(held) {
            // One that is at hand keeps what was made of it.
            self.sheets.entry(place).or_insert(held);
        }
        Ok(())
    }
}

/// The pages that may have rows, in the order in which they are looked into.
fn units(opened: &Opened, bounds: &Bounds) -> VecDeque<Unit> {
    let mut units = Vec::new();
    for (number, band) in opened.bands().iter().enumerate().filter(|(_, band)| bounds.may_have(band)) {
        let pages = band.pages.iter().enumerate().filter(|(_, page)| bounds.may_have_in(page));
        units.extend(pages.map(|(at, page)| Unit { place: (number, at), edge: bounds.edge(page, true) }));
    }
    units.sort_by(|one, other| bounds.cmp_edges(&one.edge, &other.edge));
    units.into()
}
