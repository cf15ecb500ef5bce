//! The documents of a view in a query's order: news and segments as one sequence, of which no more is read than is taken.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::OnceLock;

use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::{
    Error, ErrorKind, Facts as _, OrderBy, OrderValue, Position, Query, Result, Timestamp,
};

use super::{Index, Shown, Snapshot};
use crate::flaw::Flaw;
use crate::library::{Reader, Volume, is_gone};
use crate::segment::{After, Bounds, Decodes, Scan, Value};

/// So many segments are opened at once at the most, where an order needs all of them.
const TOGETHER: usize = 8;

/// Where the segments of a sequence are kept open: the sequence borrows them.
#[derive(Debug, Default)]
pub(super) struct Cells(Vec<OnceLock<Volume>>);

impl Cells {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        Self(snapshot.segments().iter().map(|_| OnceLock::new()).collect())
    }
}

/// The documents that a query asks for, in its order, from a place on.
#[derive(Debug)]
pub(super) struct Ordered<'s> {
    index: &'s Index,
    snapshot: &'s Snapshot,
    cells: &'s Cells,
    query: &'s Query,
    bounds: Bounds,
    describes: bool,
    news: VecDeque<Shown>,
    closed: Vec<Closed>,
    open: Vec<Source<'s>>,
}

/// A segment that was not needed yet.
#[derive(Clone, Copy, Debug)]
struct Closed {
    at: usize,
    /// No row of it comes earlier than this time, where the order is by time.
    first: Option<Timestamp>,
}

/// A segment that is read.
#[derive(Debug)]
struct Source<'s> {
    scan: Scan<'s, Reader>,
    head: Option<Shown>,
}

impl<'s> Ordered<'s> {
    /// Begins a sequence. `wanted` is how many documents will be taken at the most, if that is known; `describes` that all of each will be
    /// asked for, and not what is lent alone.
    ///
    /// # Errors
    /// `Corrupt` for rows of the tail that no document can have.
    pub(super) fn new(
        index: &'s Index,
        snapshot: &'s Snapshot,
        cells: &'s Cells,
        query: &'s Query,
        after: Option<&Position>,
        wanted: Option<usize>,
        describes: bool,
    ) -> Result<Self> {
        let mut bounds = Bounds::from(query);
        bounds.after = after.map(place);
        // Rows that news have ended are read and passed over.
        bounds.limit = wanted.map(|wanted| wanted.saturating_add(snapshot.news.len()));
        let mut news = Vec::new();
        for (row, facts) in snapshot.news.documents() {
            let shown = Shown::news(&index.collection, row, facts)?;
            let Shown::News(meta, _) = &shown else { continue };
            let is_left = after.is_none_or(|after| after.cmp_to(query, meta) == Ordering::Less);
            if is_left && query.matches(meta) {
                news.push(shown);
            }
        }
        news.sort_by(|one, other| query.cmp(one, other));
        let mut ordered = Self {
            index,
            snapshot,
            cells,
            query,
            bounds,
            describes,
            news: news.into(),
            closed: Vec::new(),
            open: Vec::new(),
        };
        ordered.closed = ordered.closed();
        Ok(ordered)
    }

    /// Lists the segments that may have documents that are asked for.
    fn closed(&self) -> Vec<Closed> {
        let (mut from, mut to) = (self.bounds.from, self.bounds.to);
        if let Some(After { value: Value::Time(time), .. }) = self.bounds.after {
            if self.bounds.ascending {
                from = from.max(Some(time));
            } else {
                to = Some(to.map_or(time, |to| to.min(time)));
            }
        }
        let asset = self.bounds.data_asset.as_ref();
        let segments = self.snapshot.segments().iter().enumerate();
        segments
            .filter(|(_, segment)| segment.stats.puts > 0 && segment.stats.may_match(asset, from, to))
            .map(|(at, segment)| {
                let (first, last) = segment.stats.run_times;
                let first = if self.bounds.ascending {
                    from.map_or(first, |from| from.max(first))
                } else {
                    to.map_or(last, |to| to.min(last))
                };
                Closed { at, first: (self.bounds.order == OrderBy::RunTime).then_some(first) }
            })
            .collect()
    }

    /// Gives the next document.
    ///
    /// # Errors
    /// Those of the requests and [`is_gone`](crate::library::is_gone); `Corrupt`, naming the object, for what is not what was written.
    pub(super) async fn next(&mut self) -> Result<Option<Shown>> {
        self.open_what_is_needed().await?;
        let mut best: Option<(Option<usize>, &Shown)> = self.news.front().map(|found| (None, found));
        for (at, source) in self.open.iter().enumerate() {
            if let Some(found) = &source.head
                && best.is_none_or(|(_, best)| self.query.cmp(found, best) == Ordering::Less)
            {
                best = Some((Some(at), found));
            }
        }
        match best.map(|(at, _)| at) {
            None => Ok(None),
            Some(None) => Ok(self.news.pop_front()),
            Some(Some(at)) => {
                let Some(source) = self.open.get_mut(at) else { return Ok(None) };
                let next = source.next(self.index, self.snapshot).await?;
                Ok(std::mem::replace(&mut source.head, next))
            }
        }
    }

    /// Opens the segments that may have the next document. By time that is one after the other, newest first, as long as what they
    /// may have comes before what is at hand; other orders need a look into all.
    async fn open_what_is_needed(&mut self) -> Result<()> {
        if self.bounds.order != OrderBy::RunTime {
            let (index, snapshot, cells) = (self.index, self.snapshot, self.cells);
            let (bounds, describes) = (&self.bounds, self.describes);
            let opening: Vec<_> = std::mem::take(&mut self.closed)
                .into_iter()
                .map(|closed| async move {
                    match Source::open(index, snapshot, cells, closed.at, bounds.clone(), describes).await {
                        Err(error) if is_gone(&error) && index.flaws().has(Flaw::GoneTakenForEmpty) => {
                            Ok(None)
                        }
                        opened => opened.map(Some),
                    }
                })
                .collect();
            let opened: Vec<Option<Source<'s>>> =
                stream::iter(opening).buffered(TOGETHER).try_collect().await?;
            self.open.extend(opened.into_iter().flatten());
            return Ok(());
        }
        loop {
            let earlier = |one: Option<Timestamp>, other: Option<Timestamp>| {
                if self.bounds.ascending { one.cmp(&other) } else { other.cmp(&one) }
            };
            let next = self.closed.iter().enumerate();
            let Some((place, closed)) = next
                .min_by(|(_, one), (_, other)| earlier(one.first, other.first))
                .map(|(at, closed)| (at, *closed))
            else {
                return Ok(());
            };
            let heads = self.open.iter().filter_map(|source| source.head.as_ref());
            let found = heads.chain(self.news.front()).any(|found| {
                // Of one time the id decides, and the segment may have a smaller one.
                earlier(Some(found.run_time()), closed.first) == Ordering::Less
            });
            if found {
                return Ok(());
            }
            self.closed.remove(place);
            let bounds = self.bounds.clone();
            let (at, describes) = (closed.at, self.describes);
            match Source::open(self.index, self.snapshot, self.cells, at, bounds, describes).await {
                Ok(source) => self.open.push(source),
                Err(error) if is_gone(&error) && self.index.flaws().has(Flaw::GoneTakenForEmpty) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<'s> Source<'s> {
    async fn open(
        index: &'s Index,
        snapshot: &'s Snapshot,
        cells: &'s Cells,
        at: usize,
        bounds: Bounds,
        describes: bool,
    ) -> Result<Self> {
        let missing = || Error::new(ErrorKind::Internal, "a segment has no place");
        let segment = snapshot.segments().get(at).ok_or_else(missing)?;
        let cell = cells.0.get(at).ok_or_else(missing)?;
        let volume = index.library.volume(segment).await?;
        let volume = cell.get_or_init(|| volume);
        let scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, bounds)
            .decoded_by(index.library.workers(), if describes { Decodes::Described } else { Decodes::Lent });
        let mut source = Self { scan, head: None };
        source.head = source.next(index, snapshot).await?;
        Ok(source)
    }

    /// Reads the next row that counts.
    async fn next(&mut self, index: &Index, snapshot: &Snapshot) -> Result<Option<Shown>> {
        while let Some(slip) = self.scan.next_slip().await? {
            if !snapshot.news.covers(slip.id(), slip.state()) {
                return Ok(Some(Shown::Kept(index.collection.clone(), slip)));
            }
        }
        Ok(None)
    }
}

/// Says where a listing goes on.
fn place(position: &Position) -> After {
    let value = match &position.order {
        OrderValue::Time(micros) => Value::Time(Timestamp::from_micros(*micros)),
        OrderValue::Text(text) => Value::Text(text.clone()),
    };
    After { value, id: position.id.clone() }
}
