//! Rows of the feed that are damaged: finding them, and getting readers past them.

use std::collections::BTreeMap;

use truthound_stores_core::{Clock, Error, Result};

use super::{LINE, Line, Reach, line, locked, reach};
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::sql::{Sql, Value, blocks};

/// How many rows are looked at, at once.
const AT_ONCE: i64 = 2_000;

/// A row that is damaged.
#[derive(Debug)]
pub(crate) struct Damage {
    /// Its place, where that is one that a reader may come by.
    place: Option<i64>,
    /// What is wrong with it, naming place and document as far as they are known.
    pub(crate) error: Error,
}

/// How far a look at the feed has come.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// The last row with a place that was looked at: its place and its number.
    after: Option<(i64, i64)>,
    /// The number of the last row without a place, once it is the turn of those.
    unplaced: Option<i64>,
    /// Those that are damaged, by their numbers.
    pub(crate) damaged: BTreeMap<i64, Damage>,
}

/// Looks at some more rows, first those that have places; answers whether there may be others.
pub(crate) async fn look(lease: &mut Lease, place: &Place, seen: &mut Look) -> Result<bool, Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT seq, {LINE} FROM {} WHERE space = ", place.tables.changes)).name(&place.space);
    if let Some(seq) = seen.unplaced {
        sql.push(" AND place IS NULL AND seq > ").int(seq).push(" ORDER BY seq LIMIT ");
    } else {
        sql.push(" AND place IS NOT NULL");
        if let Some((place, seq)) = seen.after {
            sql.push(" AND place >= ").int(place).push(" AND (place > ").int(place);
            sql.push(" OR seq > ").int(seq).push(")");
        }
        sql.push(" ORDER BY place, seq LIMIT ");
    }
    sql.int(AT_ONCE);
    let rows = lease.fetch(sql).await?;
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == AT_ONCE;
    // After the rows: none of them has been given a place since.
    let reach = reach(lease, place, "").await?;
    let before = (seen.after, seen.unplaced);
    for mut row in rows {
        let seq = row.int()?;
        seen.take(seq, line(&mut row), reach);
    }
    // Where nothing says where it is, there is no going on.
    if is_full && before != (seen.after, seen.unplaced) {
        return Ok(true);
    }
    let is_over = seen.unplaced.is_some();
    seen.unplaced = seen.unplaced.or(Some(i64::MIN));
    Ok(!is_over)
}

impl Look {
    fn take(&mut self, seq: i64, Line { place, change }: Line, reach: Option<Reach>) {
        let before = self.after.map(|(place, _)| place);
        if self.unplaced.is_some() {
            self.unplaced = Some(seq);
        } else if let Some(place) = place {
            self.after = Some((place, seq));
        }
        let last = reach.map_or(0, |reach| reach.last);
        let is_placed = place.is_some_and(|place| (1..=last).contains(&place));
        let wrong = |what: &str| Error::corrupt(format!("a change {what}"));
        let error = match (place, change) {
            (_, Err(error)) => error,
            (Some(place), Ok(change)) if !is_placed => {
                wrong("has a place that nobody gave it").at(&change.key).with("place", place.to_string())
            }
            (Some(place), Ok(change)) if before == Some(place) => {
                wrong("has the place of another").at(&change.key).with("place", place.to_string())
            }
            _ => return,
        };
        self.damaged.insert(seq, Damage { place: place.filter(|_| is_placed), error });
    }
}

/// Removes damaged rows, and lets the feed begin behind them: a reader that has not come so far is told to compare listings.
///
/// # Cancel safety
/// All of it is done, or nothing.
pub(crate) async fn mend(
    lease: &mut Lease,
    place: &Place,
    clock: &dyn Clock,
    look: &Look,
) -> Result<(), Failed> {
    lease.begin().await?;
    let done = mend_within(lease, place, clock, look).await;
    lease.end(done).await
}

async fn mend_within(lease: &mut Lease, place: &Place, clock: &dyn Clock, look: &Look) -> Result<(), Failed> {
    let reach = locked(lease, place, clock).await?;
    let reach = behind(reach, look.damaged.values().map(|damage| damage.place));
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("UPDATE {} SET first_place = ", place.tables.feeds)).int(reach.first);
    sql.push(", last_place = ").int(reach.last).push(" WHERE space = ").name(&place.space);
    lease.execute(sql).await?;
    let seqs: Vec<i64> = look.damaged.keys().copied().collect();
    for seqs in blocks(&seqs, 250) {
        let mut sql = Sql::new(lease.dialect());
        sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.changes)).name(&place.space);
        sql.push(" AND seq IN (").list(seqs.iter().map(|seq| Value::Int(*seq))).push(")");
        lease.execute(sql).await?;
    }
    // Nobody reads what comes before the beginning.
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.changes)).name(&place.space);
    sql.push(" AND place <= ").int(reach.first);
    lease.execute(sql).await.map(drop)
}

/// Where a feed begins once rows at these places are gone. One at no place may have been meant for any: then it begins behind the end, by a place that
/// is left empty, so that whoever has read all of it compares listings, too.
fn behind(reach: Reach, places: impl Iterator<Item = Option<i64>>) -> Reach {
    let end = reach.last.saturating_add(1);
    let first = places.map(|place| place.unwrap_or(end)).fold(reach.first, i64::max);
    Reach { first, last: reach.last.max(first), ..reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mended_feed_begins_behind_the_damage() {
        let reach = |first, last| Reach { epoch: 7, first, last };
        let of = |places: &[Option<i64>]| behind(reach(3, 20), places.iter().copied());
        assert_eq!(of(&[]), reach(3, 20));
        assert_eq!(of(&[Some(5), Some(12), Some(7)]), reach(12, 20));
        assert_eq!(of(&[Some(2)]), reach(3, 20));
        assert_eq!(of(&[Some(5), None]), reach(21, 21), "whoever is at the end is told, too");
    }
}
