//! What to look for in segments, and which of their rows that is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use parquet::data_type::ByteArray;
use truthound_stores_core::{OrderBy, Pattern, Query, Result, Status, Timestamp};

use super::decode::Decoded;
use super::kills::Kills;
use super::maps::from_json;
use super::opened::{Band, Opened, Page, strange};
use super::schema::{Column, PAGE};
use super::sheet::{Sheet, utf8};
use super::shred::PUT;

/// Says which rows to read, and in which order: a query's conditions and order, by which rows are found before they are put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) data_asset: Option<Pattern>,
    /// The earliest and the latest time, inclusive.
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    /// The statuses that count; empty means any.
    pub(crate) status: Vec<Status>,
    /// Tags that must be there, all of them.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) order: OrderBy,
    pub(crate) ascending: bool,
    /// The last row that the reader has: only those that follow it in the order count.
    pub(crate) after: Option<After>,
    /// The most rows to read. With it, orders other than by time hold less in memory.
    pub(crate) limit: Option<usize>,
    /// Deletions count, too: status, tags and statistics of theirs are empty.
    pub(crate) deletes: bool,
    /// Only rows that a later generation than this took up count, and they come by generation, whatever order is asked for.
    pub(crate) above: Option<u64>,
}

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) value: Value,
    pub(crate) id: String,
}

/// What rows are ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Time(Timestamp),
    Text(String),
}

impl From<&Query> for Bounds {
    /// Takes conditions and order, and `offset + limit` for the number of rows that are needed.
    fn from(query: &Query) -> Self {
        let limit = query
            .limit
            .map(|limit| usize::try_from(limit.saturating_add(query.offset)).unwrap_or(usize::MAX));
        Self {
            data_asset: query.data_asset.clone(),
            from: query.start_time,
            to: query.end_time,
            status: query.status.clone(),
            tags: query.tags.clone(),
            order: query.order_by,
            ascending: query.ascending,
            after: None,
            limit,
            deletes: false,
            above: None,
        }
    }
}

/// A row that was found: its place in the order, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    key: Key,
    pub(super) id: ByteArray,
    pub(super) band: usize,
    pub(super) row: usize,
}

impl Hit {
    /// Band and page.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.band, self.row / PAGE)
    }
}

/// A place in the order that no row of a page comes before, or none after.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    key: Key,
    id: ByteArray,
}

#[derive(Clone, Debug)]
enum Key {
    Time(i64),
    Text(ByteArray),
}

impl Key {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Time(one), Self::Time(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.data().cmp(other.data()),
            (Self::Time(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Time(_)) => Ordering::Greater,
        }
    }
}

impl Bounds {
    /// Tells whether rows come in about the order in which they lie.
    pub(super) fn by_time(&self) -> bool {
        self.order == OrderBy::RunTime && self.above.is_none()
    }

    /// The column that rows are ordered by.
    fn ordering(&self) -> Column {
        match self.order {
            _ if self.above.is_some() => Column::Gen,
            OrderBy::RunTime => Column::RunTime,
            OrderBy::DataAsset => Column::DataAsset,
            OrderBy::Status => Column::Status,
        }
    }

    /// Compares two rows in the order asked for.
    pub(super) fn cmp(&self, one: &Hit, other: &Hit) -> Ordering {
        self.order_of((&one.key, one.id.data()), (&other.key, other.id.data()))
    }

    pub(super) fn cmp_edges(&self, one: &Edge, other: &Edge) -> Ordering {
        self.order_of((&one.key, one.id.data()), (&other.key, other.id.data()))
    }

    /// Tells whether a row comes before all rows of a page, by the page's first edge.
    pub(super) fn precedes(&self, hit: &Hit, edge: &Edge) -> bool {
        self.order_of((&hit.key, hit.id.data()), (&edge.key, edge.id.data())) == Ordering::Less
    }

    fn order_of(&self, one: (&Key, &[u8]), other: (&Key, &[u8])) -> Ordering {
        let ascending = one.0.order(other.0).then_with(|| one.1.cmp(other.1));
        if self.ascending { ascending } else { ascending.reverse() }
    }

    /// The place that no row of a page comes before in the order, or after, as the page index says.
    pub(super) fn edge(&self, page: &Page, first: bool) -> Edge {
        let least = first == self.ascending;
        let time = |(low, high): (i64, i64)| Key::Time(if least { low } else { high });
        let text = |(low, high): &(Vec<u8>, Vec<u8>)| ByteArray::from(if least { low } else { high }.clone());
        let key = match self.ordering() {
            Column::DataAsset => Key::Text(text(&page.assets)),
            Column::Status => Key::Text(text(&page.statuses)),
            Column::Gen => time(page.generations),
            _ => time(page.times),
        };
        Edge { key, id: text(&page.ids) }
    }

    /// Tells whether a band may have such rows.
    pub(super) fn may_have(&self, band: &Band) -> bool {
        self.in_time(band.times)
    }

    /// Tells whether a page may have such rows.
    pub(super) fn may_have_in(&self, page: &Page) -> bool {
        let (first, last) = (page.assets.0.as_slice(), page.assets.1.as_slice());
        let asset = self.data_asset.as_ref().is_none_or(|pattern| {
            if let Some(asset) = pattern.as_literal() {
                first <= asset.as_bytes() && asset.as_bytes() <= last
            } else {
                let prefix = pattern.prefix();
                let start = first.get(..prefix.len()).unwrap_or(first);
                last >= prefix.as_bytes() && start <= prefix.as_bytes()
            }
        });
        let (first, last) = (page.statuses.0.as_slice(), page.statuses.1.as_slice());
        let has = |status: &Status| first <= status.as_str().as_bytes() && status.as_str().as_bytes() <= last;
        asset
            && self.in_time(page.times)
            && (self.status.is_empty() || self.status.iter().any(has))
            && self.above.is_none_or(|above| page.generations.1.cast_unsigned() > above)
            && self.after.as_ref().is_none_or(|after| {
                let edge = self.edge(page, false);
                self.comes_after(&edge.key, edge.id.data(), after)
            })
    }

    fn in_time(&self, (first, last): (i64, i64)) -> bool {
        let (mut from, mut to) = (self.from, self.to);
        // What lies before the place of the last page is not read again.
        if let (OrderBy::RunTime, Some(After { value: Value::Time(time), .. })) = (self.order, &self.after) {
            if self.ascending {
                from = from.max(Some(*time));
            } else {
                to = Some(to.map_or(*time, |to| to.min(*time)));
            }
        }
        from.is_none_or(|from| last >= from.as_micros()) && to.is_none_or(|to| first <= to.as_micros())
    }

    /// Tells whether there are conditions that pages may not meet at all though their times do.
    pub(super) fn is_selective(&self) -> bool {
        self.data_asset.is_some() || !self.status.is_empty() || !self.tags.is_empty()
    }

    /// The columns that conditions look at.
    pub(super) fn filters(&self) -> Vec<Column> {
        let ask = |yes: bool, column| yes.then_some(column);
        [
            ask(!self.deletes, Column::Op),
            ask(self.data_asset.is_some(), Column::DataAsset),
            ask(self.from.is_some() || self.to.is_some(), Column::RunTime),
            ask(!self.status.is_empty(), Column::Status),
            ask(!self.tags.is_empty(), Column::Tags),
            ask(self.above.is_some(), Column::Gen),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The columns that it takes to find rows.
    pub(super) fn columns(&self) -> Vec<Column> {
        [self.filters(), vec![self.ordering(), Column::Id]].concat()
    }

    /// Finds the rows of a page that meet the conditions and that no kill list ends, counted from the page's first.
    pub(super) fn rows(&self, opened: &Opened, kills: &Kills, sheet: &Sheet) -> Result<Vec<bool>> {
        let place = opened.bands().get(sheet.band).ok_or_else(strange)?;
        let range = sheet.rows.clone();
        let mut keep = vec![true; range.len()];
        if kills.count_within(place.position(range.start), place.position(range.end)) > 0 {
            for (keep, row) in keep.iter_mut().zip(range) {
                *keep = !kills.contains(place.position(row));
            }
        }
        for column in self.filters() {
            let values = sheet.column(opened, column)?;
            match column {
                Column::RunTime => {
                    let (from, to) = (
                        self.from.map_or(i64::MIN, Timestamp::as_micros),
                        self.to.map_or(i64::MAX, Timestamp::as_micros),
                    );
                    keep.iter_mut().enumerate().for_each(|(at, keep)| {
                        *keep &= values.int(at).is_some_and(|time| from <= time && time <= to);
                    });
                }
                Column::Gen => keep.iter_mut().enumerate().for_each(|(at, keep)| {
                    *keep &= values.int(at).is_some_and(|taken| Some(taken.cast_unsigned()) > self.above);
                }),
                Column::Op => each_text(&mut keep, &values, |op| Ok(op == PUT.as_bytes()))?,
                Column::DataAsset => each_text(&mut keep, &values, |asset| {
                    let asset = utf8(asset)?;
                    Ok(self.data_asset.as_ref().is_none_or(|pattern| pattern.matches(asset)))
                })?,
                Column::Status => each_text(&mut keep, &values, |status| {
                    Ok(self.status.iter().any(|wanted| wanted.as_str().as_bytes() == status))
                })?,
                _ => each_text(&mut keep, &values, |tags| {
                    let tags = from_json(tags)?;
                    Ok(self.tags.iter().all(|(name, value)| tags.get(name) == Some(value)))
                })?,
            }
        }
        Ok(keep)
    }

    /// Finds the rows of a page that count: no more than are asked for, and none after the worst that others
    /// have filled the limit with. `keep` are those that meet the conditions, of [`rows`](Self::rows).
    pub(super) fn hits(
        &self,
        opened: &Opened,
        sheet: &Sheet,
        keep: &[bool],
        worst: Option<&Hit>,
    ) -> Result<Vec<Hit>> {
        if !keep.contains(&true) {
            return Ok(Vec::new());
        }
        let values = sheet.column(opened, self.ordering())?;
        let mut found: Vec<(Key, usize)> = Vec::new();
        for (at, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
            let key = values.int(at).map(Key::Time).or_else(|| values.text(at).cloned().map(Key::Text));
            let key = key.ok_or_else(strange)?;
            let is_late = |worst: &Hit| {
                key.order(&worst.key) == if self.ascending { Ordering::Greater } else { Ordering::Less }
            };
            if !worst.is_some_and(is_late) {
                found.push((key, at));
            }
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ids = sheet.column(opened, Column::Id)?;
        let (band, start) = (sheet.band, sheet.rows.start);
        let mut hits = Vec::with_capacity(found.len());
        for (key, at) in found {
            let id = ids.text(at).ok_or_else(strange)?;
            if self.after.as_ref().is_none_or(|after| self.comes_after(&key, id.data(), after)) {
                hits.push(Hit { key, id: id.clone(), band, row: start + at });
            }
        }
        if let Some(limit) = self.limit
            && limit < hits.len()
        {
            hits.select_nth_unstable_by(limit, |one, other| self.cmp(one, other));
            hits.truncate(limit);
        }
        Ok(hits)
    }

    /// Tells whether a row comes after the last that the reader has.
    fn comes_after(&self, key: &Key, id: &[u8], after: &After) -> bool {
        let value = match (key, &after.value) {
            (Key::Time(time), Value::Time(value)) => time.cmp(&value.as_micros()),
            (Key::Text(text), Value::Text(value)) => text.data().cmp(value.as_bytes()),
            (Key::Time(_), Value::Text(_)) => Ordering::Less,
            (Key::Text(_), Value::Time(_)) => Ordering::Greater,
        };
        let order = value.then_with(|| id.cmp(after.id.as_bytes()));
        order == if self.ascending { Ordering::Greater } else { Ordering::Less }
    }
}

/// Asks of each text that is still kept. Neighbours often have the same: it is asked of once.
fn each_text(keep: &mut [bool], values: &Decoded, mut ask: impl FnMut(&[u8]) -> Result<bool>) -> Result<()> {
    let mut last: Option<(&[u8], bool)> = None;
    for (at, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
        let text = values.bytes(at).ok_or_else(strange)?;
        let answer = match last {
            Some((known, answer)) if known == text => answer,
            _ => ask(text)?,
        };
        last = Some((text, answer));
        *keep = answer;
    }
    Ok(())
}
