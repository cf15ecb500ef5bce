//! What to look for in segments, and which of their rows that is.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use parquet::data_type::ByteArray;
use truthound_stores_core::{OrderBy, Pattern, Query, Result, Status, Timestamp};

use super::decode::{Decoded, decode};
use super::kills::Kills;
use super::maps::from_json;
use super::opened::{Band, Opened, Page, strange};
use super::ranges::Parts;
use super::schema::Column;
use super::sheet::utf8;
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
        let ascending = one.key.order(&other.key).then_with(|| one.id.data().cmp(other.id.data()));
        if self.ascending { ascending } else { ascending.reverse() }
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
        asset && self.in_time(page.times)
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

    /// The columns by which rows are found.
    pub(super) fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::Id];
        columns.extend(self.filters());
        columns.push(self.ordering());
        columns
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

    /// Finds the rows of a page that meet the conditions and that no kill list ends, counted from the page's first.
    pub(super) fn rows(
        &self,
        opened: &Opened,
        parts: &Arc<Parts>,
        kills: &Kills,
        band: usize,
        page: usize,
    ) -> Result<Vec<bool>> {
        let place = opened.bands().get(band).ok_or_else(strange)?;
        let range = place.rows_of(page);
        let mut keep = vec![true; range.len()];
        if kills.count_within(place.position(range.start), place.position(range.end)) > 0 {
            for (keep, row) in keep.iter_mut().zip(range.clone()) {
                *keep = !kills.contains(place.position(row));
            }
        }
        for column in self.filters() {
            let values = decode(opened, parts, band, column, range.clone())?;
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

    /// Finds the rows of a page that count, with their places in the order.
    pub(super) fn hits(
        &self,
        opened: &Opened,
        parts: &Arc<Parts>,
        kills: &Kills,
        band: usize,
        page: usize,
        into: &mut Vec<Hit>,
    ) -> Result<()> {
        let keep = self.rows(opened, parts, kills, band, page)?;
        let (Some(first), Some(last)) =
            (keep.iter().position(|keep| *keep), keep.iter().rposition(|keep| *keep))
        else {
            return Ok(());
        };
        let start = opened.bands().get(band).ok_or_else(strange)?.rows_of(page).start + first;
        let rows = start..start + last + 1 - first;
        let ids = decode(opened, parts, band, Column::Id, rows.clone())?;
        let values = decode(opened, parts, band, self.ordering(), rows.clone())?;
        for (at, keep) in keep.iter().skip(first).take(rows.len()).enumerate() {
            if !*keep {
                continue;
            }
            let key = values
                .int(at)
                .map(Key::Time)
                .or_else(|| values.text(at).cloned().map(Key::Text))
                .ok_or_else(strange)?;
            let hit = Hit { key, id: ids.text(at).ok_or_else(strange)?.clone(), band, row: rows.start + at };
            if self.follows(&hit) {
                into.push(hit);
            }
        }
        Ok(())
    }

    fn follows(&self, hit: &Hit) -> bool {
        let Some(after) = &self.after else { return true };
        let value = match (&hit.key, &after.value) {
            (Key::Time(time), Value::Time(value)) => time.cmp(&value.as_micros()),
            (Key::Text(text), Value::Text(value)) => text.data().cmp(value.as_bytes()),
            (Key::Time(_), Value::Text(_)) => Ordering::Less,
            (Key::Text(_), Value::Time(_)) => Ordering::Greater,
        };
        let order = value.then_with(|| hit.id.data().cmp(after.id.as_bytes()));
        order == if self.ascending { Ordering::Greater } else { Ordering::Less }
    }

    /// Drops what lies beyond the limit, once it is much.
    pub(super) fn trim(&self, hits: &mut Vec<Hit>, at_the_end: bool) {
        let limit = self.limit.unwrap_or(usize::MAX);
        if hits.len() > limit.saturating_mul(2).max(8_192) {
            hits.select_nth_unstable_by(limit, |one, other| self.cmp(one, other));
            hits.truncate(limit);
        }
        if at_the_end {
            hits.sort_unstable_by(|one, other| self.cmp(one, other));
            hits.truncate(limit);
        }
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
